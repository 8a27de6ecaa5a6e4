"""A disk that takes nothing more, or a file that nobody may write: made by the kernel, not by a mock."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from scheduler.store import Store

PAGE = 4096


@contextmanager
def failing_after(store: Store, pages: int) -> Iterator[None]:
    """Every write of this process beyond so many pages of the log fails, and goes on failing."""
    store.value("PRAGMA wal_checkpoint(TRUNCATE)")
    usual = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (pages * PAGE, usual[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, usual)


@contextmanager
def full_after(store: Store, pages: int) -> Iterator[None]:
    """The file grows by so many pages and no more."""
    count = store.value("PRAGMA page_count")
    store.value(f"PRAGMA max_page_count = {count + pages}")
    try:
        yield
    finally:
        store.value("PRAGMA max_page_count = 1073741823")


def everything(store: Store) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table."""
    tables = store.rows("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
    return {t["name"]: store.rows(f'SELECT * FROM "{t["name"]}" ORDER BY rowid') for t in tables}
