"""Requests to take over a visit."""

from dataclasses import dataclass
from datetime import datetime

from scheduler.store.database import Store
from scheduler.store.repository import Repository, utc_text


@dataclass(frozen=True, slots=True)
class Swap:
    """A asks B to take over an accepted visit. States: asked → accepted | declined | taken_back | expired."""

    id: str
    assignment_id: str
    to_volunteer_id: str
    state: str
    asked_at: datetime
    expires_at: datetime
    answered_at: datetime | None = None
    revision: int = 0


swaps = Repository("swaps", Swap)


def open_swaps_for(store: Store, volunteer_id: str, *, now: datetime) -> list[Swap]:
    """Requests that wait for a person's answer, oldest first."""
    condition = "to_volunteer_id = :volunteer AND state = 'asked' AND expires_at > :now ORDER BY asked_at, id"
    return swaps.where(store, condition, {"volunteer": volunteer_id, "now": utc_text(now)})


def open_swap_of(store: Store, assignment_id: str) -> Swap | None:
    """The request about an assignment that nobody has answered, if any."""
    return next(iter(swaps.by(store, assignment_id=assignment_id, state="asked")), None)


def overdue_swaps(store: Store, *, now: datetime) -> list[Swap]:
    """Requests whose time to answer is over."""
    return swaps.where(store, "state = 'asked' AND expires_at <= :now ORDER BY expires_at, id", {"now": utc_text(now)})
