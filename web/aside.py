"""The process beside the pages: dear requests are handed over to it as they came, and what it answers is given back.

It has an interpreter of its own and yields to the pages, so a month's roster costs nobody else a core.
"""

import io
import logging
import os
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, Listener
from typing import Any

from flask import Flask
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

THREADS = 16  # few work (web/dear.py); the others wait for their turn, or say that there is none
NICENESS = 5  # after the pages, before a plan
WATCH_S = 0.5
GRACE_S = 30.0

log = logging.getLogger("yidu.web")


class Aside:
    """Where dear requests are handed over; make it before the processes are forked."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self._key = os.urandom(32)
        self._listener = Listener(family="AF_UNIX", backlog=128, authkey=self._key)
        self._urls = app.url_map.bind("")
        self._dear = {endpoint for endpoint, view in app.view_functions.items() if getattr(view, "dear", False)}

    def is_dear(self, method: str, path: str) -> bool:
        """Whether such a request belongs to the process beside."""
        try:
            return self._urls.match(path, method)[0] in self._dear
        except HTTPException:
            return False

    def hand_over(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        """The answer of the process beside, as WSGI; 503 where it died over it (another begins at once)."""
        said = {name: value for name, value in environ.items() if isinstance(value, str)}
        try:
            with Client(self._listener.address, authkey=self._key) as there:
                there.send((said, environ["wsgi.input"].read()))
                status, headers, body = there.recv()
        except (OSError, EOFError):
            log.exception("%s was lost on its way", environ.get("PATH_INFO"))
            status, headers, body = "503 Service Unavailable", [("Retry-After", "5")], b""
        start_response(status, headers)
        return [body]

    def work(self, over: Callable[[], bool]) -> None:
        """The work of the process beside, until it is over; answers that were begun are given."""
        os.nice(NICENESS)
        busy = threading.Semaphore(THREADS)
        for _ in range(THREADS):
            threading.Thread(target=self._serve, args=(busy,), daemon=True).start()
        while not over():
            time.sleep(WATCH_S)
        deadline = time.monotonic() + GRACE_S
        for _ in range(THREADS):
            busy.acquire(timeout=max(0.0, deadline - time.monotonic()))

    def _serve(self, busy: threading.Semaphore) -> None:
        while True:
            try:
                connection = self._listener.accept()
            except (OSError, EOFError, AuthenticationError):
                continue  # who asked has gone, or is none of ours
            with busy, closing(connection):
                self._answer(connection)

    def _answer(self, connection: Connection) -> None:
        try:
            said, body = connection.recv()
            answer = Response.from_app(self.app, {**said, **_wsgi(body)}, buffered=True)
            connection.send((answer.status, list(answer.headers), answer.get_data()))
        except (OSError, EOFError):
            log.warning("nobody waits any more for what was asked of the process beside")
        except Exception:  # the thread goes on to the next request; who asked finds the connection closed: 503
            log.exception("the process beside could not answer")


def _wsgi(body: bytes) -> dict[str, Any]:
    return {
        "wsgi.version": (1, 0),
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
