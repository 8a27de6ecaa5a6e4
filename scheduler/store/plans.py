"""Plans with their seats, runs, assignments."""

from collections.abc import Iterable

from scheduler.model.plan import Assignment, Plan, Run, Seat
from scheduler.store.database import Store
from scheduler.store.repository import Repository, utc_text

plans = Repository("plans", Plan)
runs = Repository("runs", Run)
assignments = Repository("assignments", Assignment)
_seats = Repository("seats", Seat, key="slot_id")


def add_plan(store: Store, plan: Plan, seats: Iterable[Seat]) -> None:
    """Stores a plan and its seats; call inside a transaction."""
    plans.add(store, plan)
    store.db.table("seats").insert_all(
        {"plan_id": plan.id, "slot_id": s.slot_id, "volunteer_id": s.volunteer_id, "starts_at": utc_text(s.starts_at)}
        for s in seats
    )


def seats_of(store: Store, plan_id: str) -> list[Seat]:
    """The seats of a plan."""
    return _seats.where(store, "plan_id = :plan", {"plan": plan_id})


def latest_plan(store: Store, state: str) -> Plan | None:
    """The newest plan in a state ("draft", "published"), None if there is none."""
    found = plans.where(store, "state = :state ORDER BY created_at DESC, rowid DESC LIMIT 1", {"state": state})
    return found[0] if found else None
