"""What is dear to work out is worked out beside the pages: meanwhile everybody else's pages are quick."""

import contextlib
import os
import signal
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client

import pytest
from werkzeug.test import EnvironBuilder

from tests.outside.street import PASSWORD, Browser, Street
from tests.outside.test_slow_connections import Site
from web import aside
from web.app import create_app
from web.aside import NICENESS, THREADS, Aside

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


def test_a_stranger_at_its_door_and_an_answer_that_fails_cost_the_process_beside_no_thread(
    street: Street, monkeypatch: pytest.MonkeyPatch
) -> None:
    beside = Aside(create_app(street.config))
    monkeypatch.setattr(aside.os, "nice", lambda _: 0)  # this process has other work to do
    monkeypatch.setattr(aside, "THREADS", 1)
    over = threading.Event()
    at_work = threading.Thread(target=beside.work, args=(over.is_set,))
    at_work.start()
    statuses: list[str] = []

    def ask() -> None:
        environ = EnvironBuilder(DEAR).get_environ()
        beside.hand_over(environ, lambda status, _headers: statuses.append(status))

    with pytest.raises((AuthenticationError, OSError, EOFError)):
        Client(beside._listener.address, authkey=b"a guess")
    with monkeypatch.context() as broken:
        broken.setattr(aside, "_wsgi", lambda _body: 1 // 0)
        ask()
    ask()
    over.set()
    at_work.join()
    assert [status[:3] for status in statuses] == ["503", "303"]
