"""Work that a second thread may help with, piece by piece, while it has nothing better to do."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from threading import Condition
from typing import Any

from solver.params import ThreadPoolParams


class ThreadPool:
    """Pieces of work in a row. Whoever waits for them works through them; helpers take some off their hands."""

    def __init__(self, patience_s: float = ThreadPoolParams().patience_s) -> None:
        self._patience_s = patience_s
        self._pieces: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._more_to_come = False
        self._came = Condition()

    @contextmanager
    def more_to_come(self) -> Iterator[None]:
        """While this lasts pieces come one after another, so short that helpers should wait for them."""
        self._more_to_come = True
        try:
            yield
        finally:
            self._more_to_come = False

    def results(self, pieces: Iterable[Callable[[], Any]]) -> list[Any]:
        """What the pieces return, in their order; raises what any of them raises."""
        waiting = [(Future[Any](), piece) for piece in pieces]
        with self._came:
            self._pieces.extend(waiting)
            self._came.notify()
        while self._do_next():
            pass
        return [future.result() for future, _ in waiting]

    def work_once(self) -> bool:
        """Do the next piece, or wait a moment for one that is promised; False if there is nothing to do."""
        if self._do_next():
            return True
        with self._came:
            if self._more_to_come and not self._pieces:
                self._came.wait(self._patience_s)
            return self._more_to_come

    def _do_next(self) -> bool:
        try:
            future, piece = self._pieces.popleft()
        except IndexError:
            return False
        try:
            future.set_result(piece())
        except Exception as error:
            future.set_exception(error)
        return True
