"""Work that takes a core for a second: little of it at once, so that everybody else's pages stay quick.

Views that weigh, read a file or write a workbook are answered in a process of their own (web/aside.py). It does AT_ONCE
of them, a person's one after another; WAITING more requests may wait for their turn, one of a person, and any further
one is told to come back.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import Any, TypeVar

from flask import abort, render_template, request

from web.context import account, is_partial

View = TypeVar("View", bound=Callable[..., Any])

AT_ONCE, WAITING = 3, 8
PATIENCE_S = 15.0


class Places:
    """The places for dear work."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._working: Counter[str] = Counter()
        self._waiting: Counter[str] = Counter()

    @contextmanager
    def one_for(self, who: str) -> Iterator[bool]:
        """Holds a place for the block, True, once there is one; False at once if too many wait, or after PATIENCE_S."""
        had = self._take(who)
        try:
            yield had
        finally:
            if had:
                with self._changed:
                    self._working -= Counter((who,))
                    self._changed.notify_all()

    def _take(self, who: str) -> bool:
        with self._changed:
            if not self._is_free(who):
                if self._waiting[who] or self._waiting.total() >= WAITING:
                    return False
                self._waiting[who] += 1
                free = self._changed.wait_for(lambda: self._is_free(who), timeout=PATIENCE_S)
                self._waiting -= Counter((who,))
                if not free:
                    return False
            self._working[who] += 1
            return True

    def _is_free(self, who: str) -> bool:
        return not self._working[who] and self._working.total() < AT_ONCE


_places = Places()


def dear(view: View) -> View:
    """Marks a view as dear; put it directly above the function. Without a place the answer is 503, or asks again."""

    @wraps(view)
    def bounded(*args: Any, **kwargs: Any) -> Any:
        with _places.one_for(account().id) as had:
            return view(*args, **kwargs) if had else come_back()

    bounded.dear = True  # type: ignore[attr-defined]
    return bounded  # type: ignore[return-value]


def come_back() -> str:
    """A fragment that asks again by itself; a page, a file or a form is told to (503 with Retry-After)."""
    if request.method != "GET" or not is_partial():
        abort(503)
    return render_template("weighing.html", target=request.headers.get("HX-Target", "").rpartition("#")[2])
