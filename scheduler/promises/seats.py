"""Moves of an assignment that every kind of reply shares: record it, tell people, fill the freed seat."""

from datetime import datetime, timedelta
from typing import Any

from scheduler.config import Config
from scheduler.model.plan import Assignment, State
from scheduler.model.services import Slot, SlotState
from scheduler.promises import outbox, standby, starts
from scheduler.store import Store, audit, promised
from scheduler.store.plans import assignments
from scheduler.store.repository import utc_text
from scheduler.store.services import slots

REPLIES = frozenset({State.ACCEPTED, State.DECLINED, State.WITHDRAWN, State.EXPIRED})
SOON = timedelta(hours=12)  # what begins so soon is told in quiet hours too


def move(store: Store, assignment: Assignment, state: State, *, by: str, reason: str = "", now: datetime) -> Assignment:
    """The assignment in its new state, stored, audited; plans read before become stale. Raises IllegalMove."""
    replied_at = now if state in REPLIES else assignment.replied_at
    moved = assignments.save(
        store, assignment.move_to(state, replied_at=replied_at, reason=reason or assignment.reason)
    )
    record(store, moved, by=by, reason=reason, now=now)
    store.touch()
    return moved


def record(store: Store, assignment: Assignment, *, by: str, reason: str, now: datetime) -> None:
    """The line of the audit log that says what an assignment has become."""
    audit.record(
        store,
        at=now,
        actor=by,
        action=f"assignment.{assignment.state.value}",
        object_kind="assignment",
        object_id=assignment.id,
        reason=reason,
    )


def visit_payload(assignment: Assignment, slot: Slot, **more: Any) -> dict[str, Any]:
    """What a message may know of a visit: never a name or an address."""
    return {
        "assignment_id": assignment.id,
        "slot_id": slot.id,
        "service": slot.service_type,
        "starts_at": utc_text(assignment.starts_at),
        **({"expires_at": utc_text(assignment.expires_at)} if assignment.expires_at else {}),
        **more,
    }


def tell_once(store: Store, assignment: Assignment, template: str, *, now: datetime) -> bool:
    """A message that a visit has only once, whatever else changes about it; False if it was filed before."""
    return outbox.enqueue(
        store,
        key=f"{template}:{assignment.id}",
        addressee=outbox.to_volunteer(assignment.volunteer_id),
        template=template,
        payload=visit_payload(assignment, slots.get(store, assignment.slot_id)),
        now=now,
    )


def tell(store: Store, assignment: Assignment, template: str, *, now: datetime, **more: Any) -> None:
    """One message to the volunteer about their visit; a repetition of the same step files none."""
    slot = slots.get(store, assignment.slot_id)
    outbox.enqueue(
        store,
        key=f"{template}:{assignment.id}:{assignment.revision}",
        addressee=outbox.to_volunteer(assignment.volunteer_id),
        template=template,
        payload=visit_payload(assignment, slot, **more),
        now=now,
        urgent=assignment.starts_at - now < SOON,
    )


def refill(store: Store, config: Config, freed: Assignment, *, cause: str, now: datetime) -> Assignment | None:
    """Asks the next standby for a freed seat, or else for a repair of the plan; the new offer, if any.

    Staff of the grid are told when the visit begins within `standby.tell_staff_hours`.
    """
    slot = slots.get(store, freed.slot_id)
    if slot.state is not SlotState.OPEN or freed.starts_at <= now:
        return None
    hours = int((freed.starts_at - now).total_seconds() // 3600)
    if hours < config.standby.tell_staff_hours:
        tell_staff(store, slot, freed, "seat_open_again", now=now, reason=cause, hours=hours)
    start = starts.common_start(store, slot) or freed.starts_at
    offer = standby.ask_next(store, config, slot, starts_at=start, now=now)
    if offer is not None:
        tell(store, offer, "standby_offer", now=now)
        return offer
    if standby.free_seats(store, slot):
        promised.request_repair(store, slot.id, reason=f"{cause}: {freed.id}", now=now)
        if not promised.live_on_slot(store, slot.id) and hours < config.standby.tell_staff_hours:
            tell_staff(store, slot, freed, "nobody_to_ask", now=now)
    return None


def void_other_offers(store: Store, accepted: Assignment, *, now: datetime) -> None:
    """The first yes fills the seat: other standbys' offers for a full slot end, and the ladder with them."""
    slot = slots.get(store, accepted.slot_id)
    live = promised.live_on_slot(store, slot.id)
    held = [a for a in live if a.state is not State.PROPOSED]
    if len(held) < slot.heads:
        return
    for offer in live:
        if offer.state is State.PROPOSED and offer.source == "standby":
            voided = move(store, offer, State.SUPERSEDED, by="scheduler", reason="the seat is taken", now=now)
            tell(store, voided, "standby_void", now=now)


def tell_staff(store: Store, slot: Slot, freed: Assignment, template: str, *, now: datetime, **more: Any) -> None:
    """One message to the staff of the visit's grid about a seat that somebody lost."""
    outbox.enqueue(
        store,
        key=f"{template}:{freed.id}:{freed.revision}",
        addressee=outbox.to_staff(slot.grid_id),
        template=template,
        payload=visit_payload(freed, slot, **more),
        now=now,
        urgent=freed.starts_at - now < SOON,
    )
