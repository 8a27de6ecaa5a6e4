"""A copy of a street to practise on. The copy itself knows what it is, so nothing that opens it ever tells anybody."""

from datetime import datetime
from pathlib import Path

from scheduler.store import open_store
from scheduler.store.backup import copied, put, remove
from scheduler.store.database import Store
from scheduler.store.repository import utc_text
from scheduler.store.sealed import key_path

DOORS = ("logins", "reply_links", "invitations", "api_tokens", "calendar_feeds")  # keys to the real street


def practice_path(database: Path) -> Path:
    """Where the copy of a database lies."""
    return database.with_name(f"{database.stem}-practice.db")


def make_practice_copy(database: Path, *, now: datetime) -> Path:
    """A fresh copy of a database with its key; an earlier one is gone. Raises InputError while somebody uses that.

    Nothing waits to be told in it, and no login, link or token of the real street opens it; passwords do.
    """
    target = practice_path(database)
    remove(target)
    put(key_path(database), key_path(target))
    copied(database, target)
    with open_store(target) as store, store.transaction():
        store.execute("INSERT OR REPLACE INTO counters VALUES ('practice', 1)")
        dropped = "UPDATE outbox SET state = 'dropped', sent_at = :now WHERE state = 'waiting'"
        store.execute(dropped, {"now": utc_text(now)})
        for table in DOORS:
            store.execute(f"DELETE FROM {table}")
    return target


def is_practice(store: Store) -> bool:
    """Whether a database is such a copy."""
    return bool(store.value("SELECT value FROM counters WHERE name = 'practice'"))
