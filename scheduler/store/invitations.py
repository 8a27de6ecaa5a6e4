"""Invitations: at most one a volunteer, stored as the hash of its token; used or ended ones are gone."""

from datetime import datetime
from typing import Any, NamedTuple

from scheduler.store.database import Store
from scheduler.store.repository import utc_text
from scheduler.store.tokens import hash_of


class Invitation(NamedTuple):
    volunteer_id: str
    expires_at: datetime
    tries: int  # wrong digits so far


def put(store: Store, volunteer_id: str, token: str, *, by: str, now: datetime, expires_at: datetime) -> None:
    """Makes this the volunteer's only invitation: an older slip stops working at once."""
    end(store, volunteer_id)
    store.execute(
        "INSERT INTO invitations VALUES (:hash, :volunteer, :by, :now, :until, 0)",
        {
            "hash": hash_of(token),
            "volunteer": volunteer_id,
            "by": by,
            "now": utc_text(now),
            "until": utc_text(expires_at),
        },
    )


def find(store: Store, token: str, *, now: datetime) -> Invitation | None:
    """The invitation behind a token, None if there is none or its time is over."""
    found = store.rows(
        "SELECT volunteer_id, expires_at, tries FROM invitations WHERE token_hash = :hash AND expires_at > :now",
        {"hash": hash_of(token), "now": utc_text(now)},
    )
    return _invitation(found[0]) if found else None


def of(store: Store, volunteer_id: str, *, now: datetime) -> Invitation | None:
    """The invitation that waits for a volunteer."""
    found = store.rows(
        "SELECT volunteer_id, expires_at, tries FROM invitations WHERE volunteer_id = :id AND expires_at > :now",
        {"id": volunteer_id, "now": utc_text(now)},
    )
    return _invitation(found[0]) if found else None


def count_try(store: Store, volunteer_id: str) -> None:
    """One more wrong answer."""
    store.execute("UPDATE invitations SET tries = tries + 1 WHERE volunteer_id = :id", {"id": volunteer_id})


def end(store: Store, volunteer_id: str) -> bool:
    """Ends the volunteer's invitation; True if there was one."""
    return bool(store.execute("DELETE FROM invitations WHERE volunteer_id = :id", {"id": volunteer_id}))


def forget_ended(store: Store, *, now: datetime) -> int:
    """Removes invitations whose time is over; their number."""
    return store.execute("DELETE FROM invitations WHERE expires_at <= :now", {"now": utc_text(now)})


def _invitation(row: dict[str, Any]) -> Invitation:
    return Invitation(row["volunteer_id"], datetime.fromisoformat(row["expires_at"]), row["tries"])
