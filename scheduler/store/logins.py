"""Login rows, used one-time codes and rate limits: what must survive a restart and be shared by all processes."""

import hashlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.errors import StoreBusy, StoreUnwritable
from scheduler.store.database import Store
from scheduler.store.repository import Repository, utc_text

CLOCK_DRIFT = timedelta(minutes=5)  # a clock that is set right by less than this ends nothing


@dataclass(frozen=True, slots=True)
class Login:
    """One logged-in browser. Only the sha256 of its token is kept; `csrf` must come back with every change."""

    token_hash: str
    account_id: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime
    csrf: str
    agent: str = ""


logins = Repository("logins", Login, key="token_hash")


def live_login(store: Store, token_hash: str, *, now: datetime) -> Login | None:
    """The login with this token hash if it has not expired.

    One that begins in the future was made by a clock that was set back since: nobody knows its age, so it is over.
    """
    found = logins.find(store, token_hash)
    return found if found is not None and found.created_at - CLOCK_DRIFT <= now < found.expires_at else None


def seen(store: Store, token_hash: str, *, now: datetime) -> None:
    """Notes that a login was used, if that can be done at once: nobody's page waits or fails for it."""
    with suppress(StoreBusy, StoreUnwritable), store.without_waiting():
        store.execute(
            "UPDATE logins SET seen_at = :now WHERE token_hash = :key", {"now": utc_text(now), "key": token_hash}
        )


def end_logins(store: Store, account_id: str) -> int:
    """Ends every login of an account; returns how many ended."""
    return store.execute("DELETE FROM logins WHERE account_id = :id", {"id": account_id})


def forget_expired(store: Store, *, now: datetime) -> None:
    store.execute("DELETE FROM logins WHERE expires_at <= :now", {"now": utc_text(now)})


def use_code(store: Store, account_id: str, step: int) -> bool:
    """Marks a one-time code as used; False if it was used before."""
    return bool(
        store.execute(
            "INSERT OR IGNORE INTO used_codes VALUES (:account, :step)", {"account": account_id, "step": step}
        )
    )


def forget_codes(store: Store, account_id: str) -> None:
    """Codes used so far count no longer: the account gets another secret."""
    store.execute("DELETE FROM used_codes WHERE account_id = :id", {"id": account_id})


def take(store: Store, key: str, *, limit: int, per: timedelta, now: datetime) -> float:
    """0.0 if one more event of this key is allowed, else the seconds to wait.

    A leaky bucket (generic cell rate algorithm): `limit` events at once, then one each per/limit.
    """
    period_s, moment, key = per.total_seconds(), now.timestamp(), _bounded(key)
    with store.transaction():
        stored = float(store.value("SELECT full_at FROM rate_limits WHERE key = :key", {"key": key}) or 0)
        full_at = stored if moment < stored <= moment + period_s else moment  # later: by a clock set back since
        next_full_at = full_at + period_s / limit
        if next_full_at - moment > period_s:
            return next_full_at - moment - period_s
        store.execute("DELETE FROM rate_limits WHERE full_at < :moment", {"moment": moment})
        store.execute(
            "INSERT INTO rate_limits VALUES (:key, :at) ON CONFLICT (key) DO UPDATE SET full_at = :at",
            {"key": key, "at": next_full_at},
        )
    return 0.0


def forgive(store: Store, key: str) -> None:
    """Empties a bucket: the events counted so far were harmless."""
    store.execute("DELETE FROM rate_limits WHERE key = :key", {"key": _bounded(key)})


def _bounded(key: str) -> str:
    """A key holds what strangers typed: its hash is short and shows nobody a password typed as a login."""
    return hashlib.sha256(key.encode()).hexdigest()
