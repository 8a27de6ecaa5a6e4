"""Figures of the whole district that may be a minute old: worked out once for everybody who looks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

from flask import current_app

from web.context import now

T = TypeVar("T")
LASTS = timedelta(seconds=60)


@dataclass(slots=True)
class _Figure:
    value: Any = None
    found_at: datetime | None = None
    at_work: Lock = field(default_factory=Lock)


def recent(name: str, work: Callable[[], T]) -> T:
    """What work() found within the last LASTS in this process.

    While one request works it out anew the others read the last value, so a dear figure never stops two of them.
    """
    figure: _Figure = current_app.extensions.setdefault("yidu_recent", {}).setdefault(name, _Figure())
    if figure.found_at is not None and now() - figure.found_at < LASTS:
        return figure.value
    if figure.at_work.acquire(blocking=figure.found_at is None):
        try:
            if figure.found_at is None or now() - figure.found_at >= LASTS:
                figure.value, figure.found_at = work(), now()
        finally:
            figure.at_work.release()
    return figure.value
