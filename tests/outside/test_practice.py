"""Practising on a copy: the same street and logins, nobody is told, nothing of the real one changes, no trace stays."""

import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from scheduler.operations import delivery
from scheduler.store import open_store
from scheduler.store.practice import make_practice_copy, practice_path
from tests.outside.street import PASSWORD, Browser, Street


@pytest.fixture
def asked(street: Street) -> Street:
    """A street where a question to V1 waits to be sent."""
    slot = street.a_visit("2026-12-03")
    street.place(slot, "V1", accept=False)
    return street


@pytest.fixture
def practice(asked: Street) -> Iterator[str]:
    """The address of `yidu practice` for the street."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "web.cli", "--database", str(asked.config.database), "practice", f"--port={port}"]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(300):
            with suppress(OSError):
                urllib.request.urlopen(f"{address}/login", timeout=5).close()
                break
            time.sleep(0.1)
        yield address
    finally:
        running.send_signal(signal.SIGINT)
        running.wait(30)


def test_the_pages_say_that_it_is_practice_leave_the_real_street_alone_and_are_gone_at_the_end(asked, practice):
    assert practice_path(asked.config.database).exists()
    before = asked.held()
    browser = Browser(practice)
    browser.get("/login")
    _, page = browser.post("/login", {"login": "boss", "password": PASSWORD})
    assert "练习：" in page
    slot = asked.slots()[0]
    browser.get(f"/slots/{slot.id}")
    status, _ = browser.post(f"/needs/{slot.need_id}/close", {})
    assert status == 200
    assert asked.slots()[0].state.value == "open"
    assert asked.held() == before
    assert "练习：" not in asked.browser().get("/today")[1]


def test_what_it_would_tell_reaches_nobody_whatever_channels_there_are(asked):
    path = make_practice_copy(asked.config.database, now=asked.clock())
    with open_store(path) as copy:
        delivery.deliver_all(copy, asked.config, [asked.phone], by="test", clock=asked.clock)
        assert asked.phone.sent == []
        assert copy.value("SELECT count(*) FROM outbox WHERE state = 'waiting'") == 0
        assert copy.value("SELECT count(*) FROM reply_links") == 0


@pytest.fixture(autouse=True)
def _gone_at_the_end(street: Street, request: pytest.FixtureRequest) -> Iterator[None]:
    yield
    if "practice" in request.fixturenames:
        assert leftovers(street.config.database) == []


def leftovers(database: Path) -> list[str]:
    return [path.name for path in database.parent.glob(f"{practice_path(database).stem}.*") if path.suffix != ".lock"]
