"""Work that a second thread may help with, piece by piece, while it has nothing better to do."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import Future
from typing import Any


class SharedWork:
    """Pieces of work in a row. Whoever waits for them works through them; helpers take some off their hands."""

    def __init__(self) -> None:
        self._pieces: deque[tuple[Future[Any], Callable[[], Any]]] = deque()

    def results(self, pieces: Iterable[Callable[[], Any]]) -> list[Any]:
        """What the pieces return, in their order; raises what any of them raises."""
        waiting = [(Future[Any](), piece) for piece in pieces]
        self._pieces.extend(waiting)
        while self.help():
            pass
        return [future.result() for future, _ in waiting]

    def help(self) -> bool:
        """Do the next piece; whether there was one."""
        try:
            future, piece = self._pieces.popleft()
        except IndexError:
            return False
        try:
            future.set_result(piece())
        except Exception as error:
            future.set_exception(error)
        return True
