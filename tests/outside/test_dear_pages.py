"""What is dear to work out is worked out beside the pages: meanwhile everybody else's pages are quick."""

import contextlib
import os
import signal
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.outside.street import PASSWORD, Browser, Street
from tests.outside.test_slow_connections import Site
from web.aside import NICENESS, THREADS

DEAR = "/exchange/template"


@pytest.fixture
def site(street: Street) -> Iterator[Site]:
    with contextlib.closing(Site(street)) as opened:
        yield opened


def boss(site: Site) -> Browser:
    browser = Browser(f"http://127.0.0.1:{site.port}")
    browser.get("/login")
    browser.post("/login", {"login": "boss", "password": PASSWORD})
    assert "/login" not in browser.url
    return browser


def beside(site: Site) -> int:
    """The process for what is dear: the one that yields to the others."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if found := [pid for pid in site.workers() if os.getpriority(os.PRIO_PROCESS, pid) == NICENESS]:
            return found[0]
        time.sleep(0.05)
    raise AssertionError("no process stands beside the pages")


def test_what_is_dear_keeps_no_page_waiting_however_often_it_is_asked_for(site: Site) -> None:
    browsers, other = [boss(site)] * (THREADS + 4), beside(site)
    os.kill(other, signal.SIGSTOP)
    with ThreadPoolExecutor(len(browsers)) as tabs:
        answers = [tabs.submit(browser.get, DEAR) for browser in browsers]
        time.sleep(0.5)
        for _ in range(5):
            asked_at = time.monotonic()
            assert site.answers("/login")
            assert time.monotonic() - asked_at < 2.0
        assert not any(answer.done() for answer in answers)
        os.kill(other, signal.SIGCONT)
        statuses = {answer.result()[0] for answer in answers}
    assert 200 in statuses <= {200, 503}  # one after another; who asks too often is told to come back


def test_dying_over_what_is_dear_is_told_and_another_takes_its_place(site: Site) -> None:
    browser, other = boss(site), beside(site)
    os.kill(other, signal.SIGSTOP)
    with ThreadPoolExecutor(1) as tab:
        answer = tab.submit(browser.get, DEAR)
        time.sleep(0.5)
        os.kill(other, signal.SIGKILL)
        assert answer.result()[0] in (200, 503)
    assert beside(site) != other
    assert browser.get(DEAR)[0] == 200


def test_a_form_with_a_file_arrives_whole_in_the_process_beside(site: Site) -> None:
    browser = boss(site)
    browser.get("/exchange")
    sheet = "编号,姓名,类别,所在居委或楼宇\nL1,来客一,居民,?\n".encode()
    part = '--part\r\nContent-Disposition: form-data; name="{}"{}\r\n\r\n'
    body = (
        part.format("_csrf", "").encode()
        + browser.csrf.encode()
        + b"\r\n"
        + part.format("file", '; filename="week.csv"').encode()
        + sheet
        + b"\r\n--part--\r\n"
    )
    kind = {"Content-Type": "multipart/form-data; boundary=part"}
    status, page = browser.send(urllib.request.Request(f"{browser.address}/exchange/upload", data=body, headers=kind))
    assert status == 200
    assert "week.csv" in page, page
