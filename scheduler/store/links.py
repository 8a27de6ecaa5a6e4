"""One-time reply links: only the hash of a token is stored, so the database cannot be used to answer for anybody."""

from datetime import datetime
from typing import Any

from scheduler.store.database import Store
from scheduler.store.repository import utc_text


def add(store: Store, *, token_hash: str, assignment_id: str, now: datetime, expires_at: datetime) -> None:
    """Stores a link, once."""
    store.execute(
        """INSERT INTO reply_links (token_hash, assignment_id, created_at, expires_at)
           VALUES (:hash, :assignment, :now, :until) ON CONFLICT (token_hash) DO NOTHING""",
        {"hash": token_hash, "assignment": assignment_id, "now": utc_text(now), "until": utc_text(expires_at)},
    )


def find(store: Store, token_hash: str) -> dict[str, Any] | None:
    """assignment_id, expires_at, used_at (ISO text) of a link."""
    found = store.rows("SELECT * FROM reply_links WHERE token_hash = :hash", {"hash": token_hash})
    return found[0] if found else None


def spend(store: Store, token_hash: str, *, now: datetime) -> bool:
    """Marks a link used; False if it is spent or past its time: one conditional write, so it works once."""
    sql = "UPDATE reply_links SET used_at = :now WHERE token_hash = :hash AND used_at IS NULL AND expires_at > :now"
    return bool(store.execute(sql, {"hash": token_hash, "now": utc_text(now)}))


def forget_before(store: Store, moment_at: datetime) -> int:
    """Removes links that ended before a moment; their number."""
    return store.execute("DELETE FROM reply_links WHERE expires_at < :moment", {"moment": utc_text(moment_at)})
