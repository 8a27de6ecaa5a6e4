"""Phones that answer over HTTP until the server dies, and remember what the server has confirmed."""

import http.client
import os
import random
import signal
import subprocess
import threading
import time
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlencode

from scheduler.promises import links

PHONES = 4
CSRF = "the-same-word-in-cookie-and-form"
GONE = (OSError, http.client.HTTPException)  # the server was killed: what it has not confirmed may or may not be there
STATE_AFTER = {"accept": "accepted", "decline": "declined"}


class Process(subprocess.Popen[bytes]):
    """A child process, and the words it said when it was ready."""

    said: list[str]


def answered_until_killed(server: Process, home: Path, rng: random.Random, *, seconds: float) -> list[list[str]]:
    """("answered", assignment, state) for every reply that the server confirmed before it was killed."""
    waiting = [line.split() for line in (home / "tokens.txt").read_text().splitlines()]
    rng.shuffle(waiting)
    found: list[list[str]] = []
    shares = [(waiting[n::PHONES], random.Random(rng.random())) for n in range(PHONES)]
    phones = [threading.Thread(target=_answer, args=(int(server.said[0]), share, own, found)) for share, own in shares]
    for phone in phones:
        phone.start()
    time.sleep(seconds)
    os.kill(server.pid, signal.SIGKILL)
    for phone in phones:
        phone.join()
    return found


def _answer(port: int, waiting: list[list[str]], rng: random.Random, found: list[list[str]]) -> None:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection, suppress(*GONE):
        for token, assignment_id in waiting:
            answer = rng.choice(links.ANSWERS)
            headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": f"csrf={CSRF}"}
            connection.request("POST", f"/r/{token}", urlencode({"_csrf": CSRF, "answer": answer}), headers)
            response = connection.getresponse()
            response.read()
            if response.status == http.HTTPStatus.OK:
                found.append(["answered", assignment_id, STATE_AFTER[answer]])


def wait_until_ready(port: int) -> None:
    """Returns once /readyz says yes. Raises OSError if it does not answer."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=10)) as connection:
        connection.request("GET", "/readyz")
        response = connection.getresponse()
        response.read()
    if response.status != http.HTTPStatus.OK:
        raise OSError(f"/readyz answers {response.status}")
