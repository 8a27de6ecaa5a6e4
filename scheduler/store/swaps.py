"""Requests to take over a visit."""

from dataclasses import dataclass
from datetime import datetime

from scheduler.store.database import Store
from scheduler.store.repository import Repository, utc_text


@dataclass(frozen=True, slots=True)
class Swap:
    """A asks B to take over an accepted visit. States: asked → accepted | declined | taken_back | expired.

    Taken back by A, or because A's promise has ended otherwise.
    """

    id: str
    assignment_id: str
    to_volunteer_id: str
    state: str
    asked_at: datetime
    expires_at: datetime
    answered_at: datetime | None = None
    revision: int = 0


swaps = Repository("swaps", Swap)

OVERDUE = """(EXISTS (SELECT 1 FROM assignments a WHERE a.id = swaps.assignment_id AND a.starts_at <= :now)
    OR (expires_at <= :now AND NOT EXISTS
        (SELECT 1 FROM outbox o WHERE o.key = 'swap_asked:' || swaps.id AND o.state = 'waiting')))"""


def open_swaps_for(store: Store, volunteer_id: str, *, now: datetime) -> list[Swap]:
    """Requests that wait for a person's answer, oldest first."""
    condition = f"to_volunteer_id = :volunteer AND state = 'asked' AND NOT ({OVERDUE}) ORDER BY asked_at, id"
    return swaps.where(store, condition, {"volunteer": volunteer_id, "now": utc_text(now)})


def is_overdue(store: Store, swap: Swap, *, now: datetime) -> bool:
    """Whether a request can no longer be answered."""
    return bool(swaps.where(store, f"id = :id AND {OVERDUE}", {"id": swap.id, "now": utc_text(now)}))


def open_swap_of(store: Store, assignment_id: str) -> Swap | None:
    """The request about an assignment that nobody has answered, if any."""
    return next(iter(swaps.by(store, assignment_id=assignment_id, state="asked")), None)


def overdue_swaps(store: Store, *, now: datetime) -> list[Swap]:
    """Requests whose visit has begun, or whose time to answer is over since they were told."""
    return swaps.where(store, f"state = 'asked' AND {OVERDUE} ORDER BY expires_at, id", {"now": utc_text(now)})
