"""Answers to requests that count once, kept for a day under a key; the body is sealed, for it may show a secret."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from scheduler.model.people import SEALED
from scheduler.store.database import Store
from scheduler.store.repository import Repository, utc_text

KEPT = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """What was answered to a request: `key` stands for who sent it where, `request_hash` for what it said."""

    key: str
    account_id: str
    request_hash: str
    status: int
    location: str
    mimetype: str
    kept_at: datetime
    body: str = field(metadata=SEALED)


_kept = Repository("kept_answers", KeptAnswer, key="key")


def kept_answer(store: Store, key: str, *, now: datetime, within: timedelta = KEPT) -> KeptAnswer | None:
    """The answer to a request with this key, if it was given less than a time ago (or ahead: clocks are set back)."""
    found = _kept.find(store, key)
    return found if found is not None and abs(now - found.kept_at) < within else None


def keep_answer(store: Store, answer: KeptAnswer) -> None:
    """Stores the answer in place of an older one; call inside the transaction of the change that it tells of."""
    store.execute("DELETE FROM kept_answers WHERE key = :key", {"key": answer.key})
    _kept.add(store, answer)


def forget_answers(store: Store, *, now: datetime) -> int:
    """Removes answers older than a day; returns how many."""
    values = {"before": utc_text(now - KEPT), "after": utc_text(now + KEPT)}
    return store.execute("DELETE FROM kept_answers WHERE kept_at NOT BETWEEN :before AND :after", values)
