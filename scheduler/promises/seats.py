"""Moves of an assignment that every kind of reply shares: record it, tell people, fill the freed seat."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from scheduler.config import Config
from scheduler.messages import outbox
from scheduler.model.plan import Assignment, State
from scheduler.model.services import Slot, SlotState
from scheduler.promises import standby, starts
from scheduler.rules.windows import offer_expires_at
from scheduler.store import Store, audit, promised
from scheduler.store.people import volunteers
from scheduler.store.plans import assignments
from scheduler.store.repository import among, utc_text
from scheduler.store.services import slots
from scheduler.store.swaps import Swap, open_swap_of, swaps

REPLIES = frozenset({State.ACCEPTED, State.DECLINED, State.WITHDRAWN, State.EXPIRED})


def move(store: Store, assignment: Assignment, state: State, *, by: str, reason: str = "", now: datetime) -> Assignment:
    """The assignment in its new state, stored, audited; plans read before become stale. Raises IllegalMove.

    A request to hand the visit over ends with the promise, and both people are told; so is who is left alone.
    """
    replied_at = now if state in REPLIES else assignment.replied_at
    moved = assignments.save(
        store, assignment.move_to(state, replied_at=replied_at, reason=reason or assignment.reason)
    )
    record(store, moved, by=by, reason=reason, now=now)
    store.touch()
    if request := open_swap_of(store, assignment.id):
        _end_request(store, request, moved, now=now)
    if assignment.state is State.ACCEPTED and state in (State.WITHDRAWN, State.CANCELLED):
        _tell_partner(store, moved, now=now)
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


def _end_request(store: Store, request: Swap, moved: Assignment, *, now: datetime) -> None:
    swaps.save(store, replace(request, state="taken_back", answered_at=now))
    names = {v.id: v.name for v in volunteers.where(store, *among("id", (moved.volunteer_id, request.to_volunteer_id)))}
    asked = {"from_name": names[moved.volunteer_id], "to_name": names[request.to_volunteer_id]}
    ends = [(request.to_volunteer_id, "swap_off")]
    if moved.state is not State.CHECKED_IN:
        ends.append((moved.volunteer_id, "swap_ended"))
    for volunteer_id, template in ends:
        outbox.enqueue(
            store,
            key=f"{template}:{request.id}",
            addressee=outbox.to_volunteer(volunteer_id),
            template=template,
            payload=visit_payload(moved, slots.get(store, moved.slot_id), swap_id=request.id, **asked),
            now=now,
            begins_at=moved.starts_at,
        )


def answer_by(config: Config, offer: Assignment, *, now: datetime) -> datetime:
    """Until when the offer may be answered if the person is asked now."""
    if offer.source == "standby":
        return standby.expires_at(config, offer.starts_at, now=now)
    return offer_expires_at(offer.starts_at, config, now=now)


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
    """One message to the volunteer about their visit; a repetition of the same step files none.

    In the quiet hours it rings if the visit begins too soon after them.
    """
    slot = slots.get(store, assignment.slot_id)
    outbox.enqueue(
        store,
        key=f"{template}:{assignment.id}:{assignment.revision}",
        addressee=outbox.to_volunteer(assignment.volunteer_id),
        template=template,
        payload=visit_payload(assignment, slot, **more),
        now=now,
        begins_at=assignment.starts_at,
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
    """The first yes fills the seat: other standbys' offers for a full slot end, and the list with them."""
    slot = slots.get(store, accepted.slot_id)
    live = promised.live_on_slot(store, slot.id)
    held = [a for a in live if a.state is not State.PROPOSED]
    if len(held) < slot.heads:
        return
    for offer in live:
        if offer.state is State.PROPOSED and offer.source == "standby":
            voided = move(store, offer, State.SUPERSEDED, by="scheduler", reason="the seat is taken", now=now)
            tell(store, voided, "standby_void", now=now)


def _tell_partner(store: Store, gone: Assignment, *, now: datetime) -> None:
    """Who is left alone on a visit for more hears that the other one, who had promised to come too, does not."""
    slot = slots.get(store, gone.slot_id)
    left = [a for a in promised.live_on_slot(store, slot.id) if a.state is not State.PROPOSED]
    if len(left) == 1 and gone.starts_at > now:
        outbox.enqueue(
            store,
            key=f"partner_left:{left[0].id}:{gone.id}",
            addressee=outbox.to_volunteer(left[0].volunteer_id),
            template="partner_left",
            payload=visit_payload(left[0], slot),
            now=now,
            begins_at=left[0].starts_at,
        )


def tell_staff(store: Store, slot: Slot, freed: Assignment, template: str, *, now: datetime, **more: Any) -> None:
    """One message to the staff of the visit's grid about a seat that somebody lost."""
    outbox.enqueue(
        store,
        key=f"{template}:{freed.id}:{freed.revision}",
        addressee=outbox.to_staff(slot.grid_id),
        template=template,
        payload=visit_payload(freed, slot, **more),
        now=now,
        begins_at=freed.starts_at,
    )
