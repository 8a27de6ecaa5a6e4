"""The pages as `yidu serve` serves them: a stranger who is slow keeps nobody waiting, and nothing said is lost."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from scheduler.errors import ConfigError
from tests.outside.street import Street
from web.serve import listening

READY_S, PATIENCE_S = 60.0, 4.0
SLOW = 40
LOGIN_HEAD = b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"


class Site:
    """`yidu serve` on a free port."""

    def __init__(self, street: Street, **settings: str) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        command = [sys.executable, "-m", "web.cli", "--database", str(street.config.database), "serve"]
        self.process = subprocess.Popen(
            [*command, "--port", str(self.port)], stdout=subprocess.DEVNULL, env=os.environ | settings
        )
        deadline = time.monotonic() + READY_S
        while not self.answers():
            assert time.monotonic() < deadline, "the pages did not start"
            time.sleep(0.1)

    def answers(self, path: str = "/readyz") -> bool:
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", timeout=PATIENCE_S) as found,
        ):
            return bool(found.status == 200)
        return False

    def workers(self) -> list[int]:
        return [
            int(pid) for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]

    def connection(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE_S)

    def close(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(40)
        finally:
            self.process.kill()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    street = Street(tmp_path_factory.mktemp("served"))
    with contextlib.closing(street), contextlib.closing(Site(street)) as opened:
        yield opened


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that ended and that nobody has asked after does not."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    return False


@pytest.mark.parametrize(
    "beginning",
    [
        pytest.param(LOGIN_HEAD + b"Content-Length: 100000\r\n\r\nlogin=", id="a body that comes byte by byte"),
        pytest.param(b"GET /login HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ", id="headers that never end"),
        pytest.param(b"", id="connections that say nothing"),
    ],
)
def test_many_slow_strangers_keep_nobody_waiting(site: Site, beginning: bytes) -> None:
    with contextlib.ExitStack() as held:
        slow = [held.enter_context(site.connection()) for _ in range(SLOW)]
        for connection in slow:
            connection.sendall(beginning)
        for _ in range(5):
            for connection in slow:
                if beginning:
                    connection.sendall(b"a")
            asked_at = time.monotonic()
            assert site.answers("/login")
            assert time.monotonic() - asked_at < 2.0


def test_a_request_larger_than_any_upload_is_refused_before_it_is_read(site: Site) -> None:
    with site.connection() as connection:
        connection.sendall(LOGIN_HEAD + b"Content-Length: 900000000\r\n\r\n")
        assert b" 413 " in connection.recv(200)


def test_a_process_that_dies_is_replaced_and_the_others_go_on(site: Site) -> None:
    before = site.workers()
    os.kill(before[0], signal.SIGKILL)
    assert site.answers()
    deadline = time.monotonic() + 15
    while len(set(site.workers()) - set(before)) < 1:
        assert time.monotonic() < deadline, "nobody took the place of the dead process"
        time.sleep(0.1)
    assert all(site.answers() for _ in range(10))


def test_pages_end_with_the_process_that_began_them(street: Street) -> None:
    site = Site(street)
    workers = site.workers()
    site.process.kill()
    site.process.wait()
    deadline = time.monotonic() + 15
    while any(is_alive(pid) for pid in workers):
        assert time.monotonic() < deadline, "the pages outlived their watcher"
        time.sleep(0.1)


def test_stopping_ends_at_once_with_status_0_although_somebody_stays_connected(street: Street) -> None:
    site = Site(street)
    with site.connection() as connection:
        connection.sendall(b"GET /readyz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        assert b" 200 " in connection.recv(4000)
        site.process.terminate()
        assert site.process.wait(10) == 0


def test_an_address_in_use_is_told_in_one_sentence(street: Street) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ConfigError, match="cannot be listened on"):
        web = street.config.web.model_copy(update={"port": taken.getsockname()[1]})
        listening(street.config.model_copy(update={"web": web}))
