"""A volunteer hands a visit to a named person, who must accept; until then it stays with the one who promised it."""

import base64
from dataclasses import replace
from datetime import datetime

from scheduler.config import Config
from scheduler.errors import IllegalMove
from scheduler.localized import LocalizedText
from scheduler.messages import outbox
from scheduler.model.ids import new_id
from scheduler.model.plan import Assignment, State
from scheduler.promises import feasibility, ineligible, seats, standby
from scheduler.store import Store, audit
from scheduler.store.directory import active_ids
from scheduler.store.people import volunteers
from scheduler.store.plans import assignments
from scheduler.store.repository import utc_text
from scheduler.store.services import slots
from scheduler.store.swaps import Swap, is_overdue, open_swap_of, overdue_swaps, swaps
from scheduler.words import plain

CODE_LETTERS = 8
CANNOT = LocalizedText("this person cannot take the visit: ask somebody else, or call the coordinator")


def code_of(store: Store, volunteer_id: str) -> str:
    """The code by which colleagues ask this person: shown to nobody else, and no code tells another one."""
    return base64.b32encode(bytes.fromhex(store.seal.blind(f"hand-over:{volunteer_id}")))[:CODE_LETTERS].decode()


def person_with(store: Store, code: str) -> str | None:
    """The id of the active volunteer with this code, None if nobody has it."""
    wanted = "".join(filter(str.isalnum, plain(code))).upper()
    return next((id for id in active_ids(store) if code_of(store, id) == wanted), None)


def ask(store: Store, config: Config, assignment_id: str, to_volunteer_id: str, *, now: datetime) -> Swap:
    """Asks a person to take over an accepted visit; a second request while one is open is refused.

    Raises NotFound, IllegalMove if the visit is not accepted, has begun, or the person cannot take it. Why they cannot
    is not for the colleague who asks: staff read it on the page of the visit.
    """
    with store.transaction():
        assignment = assignments.get(store, assignment_id)
        slot = slots.get(store, assignment.slot_id)
        if assignment.state is not State.ACCEPTED or assignment.starts_at <= now:
            raise IllegalMove(LocalizedText("only a visit that is accepted and has not begun can be handed over"))
        if open_swap_of(store, assignment_id):
            raise IllegalMove(LocalizedText("somebody has been asked already: take that request back first"))
        if _hindrances(store, config, assignment, to_volunteer_id):
            raise IllegalMove(CANNOT)
        ends = standby.expires_at(config, assignment.starts_at, now=now)
        swap = swaps.add(store, Swap(new_id(), assignment_id, to_volunteer_id, "asked", now, ends))
        _tell(store, to_volunteer_id, "swap_asked", swap, assignment, from_id=assignment.volunteer_id, now=now)
        audit.record(store, at=now, actor="volunteer", action="swap.asked", object_kind="slot", object_id=slot.id)
        return swap


def accept(store: Store, config: Config, swap_id: str, *, now: datetime) -> Assignment:
    """The asked person takes the visit over: theirs is accepted at once, the other's ends as withdrawn.

    Raises NotFound, IllegalMove if the request was settled, its time is over, or the person has become busy: they hear
    why, as far as it is about themselves.
    """
    with store.transaction():
        swap = _open(store, swap_id, now)
        given = assignments.get(store, swap.assignment_id)
        if given.state is not State.ACCEPTED or given.starts_at <= now:
            raise IllegalMove(LocalizedText("this visit has changed or begun: it cannot be taken over any more"))
        if found := _hindrances(store, config, given, swap.to_volunteer_id):
            raise ineligible.to_the_person(found)
        swaps.save(store, replace(swap, state="accepted", answered_at=now))
        seats.move(store, given, State.WITHDRAWN, by="swap", reason="handed over", now=now)
        taken = Assignment(
            id=new_id(),
            slot_id=given.slot_id,
            volunteer_id=swap.to_volunteer_id,
            starts_at=given.starts_at,
            state=State.ACCEPTED,
            source="swap",
            proposed_at=swap.asked_at,
            replied_at=now,
        )
        assignments.add(store, taken)
        audit.record(
            store, at=now, actor="swap", action="assignment.accepted", object_kind="assignment", object_id=taken.id
        )
        _tell(store, given.volunteer_id, "swap_accepted", swap, given, to_id=swap.to_volunteer_id, now=now)
        return taken


def decline(store: Store, swap_id: str, *, now: datetime) -> Swap:
    """The asked person says no: the visit stays where it was. Raises NotFound, IllegalMove if it was settled."""
    return _settle(store, swap_id, "declined", now)


def take_back(store: Store, swap_id: str, *, now: datetime) -> Swap:
    """The asker keeps the visit after all. Raises NotFound, IllegalMove if it was settled."""
    with store.transaction():
        swap = _open(store, swap_id, now)
        return swaps.save(store, replace(swap, state="taken_back", answered_at=now))


def end_requests_to(store: Store, volunteer_id: str, *, now: datetime) -> None:
    """Requests to a person who has left end; the askers hear that the visit is still theirs."""
    with store.transaction():
        for swap in swaps.by(store, to_volunteer_id=volunteer_id, state="asked"):
            _end(store, swap, "declined", now)


def expire(store: Store, *, now: datetime) -> int:
    """Requests without an answer in time end; the askers are told; their number."""
    count = 0
    for overdue in overdue_swaps(store, now=now):
        with store.transaction():
            swap = swaps.get(store, overdue.id)
            if swap.state == "asked":
                _end(store, swap, "expired", now)
                count += 1
    return count


def _settle(store: Store, swap_id: str, state: str, now: datetime) -> Swap:
    with store.transaction():
        return _end(store, _open(store, swap_id, now), state, now)


def _end(store: Store, swap: Swap, state: str, now: datetime) -> Swap:
    given = assignments.get(store, swap.assignment_id)
    ended = swaps.save(store, replace(swap, state=state, answered_at=now))
    _tell(store, given.volunteer_id, "swap_declined", ended, given, to_id=swap.to_volunteer_id, now=now)
    return ended


def _open(store: Store, swap_id: str, now: datetime) -> Swap:
    swap = swaps.get(store, swap_id)
    if swap.state != "asked" or is_overdue(store, swap, now=now):
        raise IllegalMove(LocalizedText("this request was settled already or its time is over"))
    return swap


def _hindrances(store: Store, config: Config, given: Assignment, to_volunteer_id: str) -> tuple[str, ...]:
    """Everything that keeps the asked person from the visit. Raises IllegalMove for the person who has it."""
    if to_volunteer_id == given.volunteer_id:
        raise IllegalMove(LocalizedText("a visit cannot be handed over to the person who has it"))
    slot = slots.get(store, given.slot_id)
    found: tuple[str, ...] = feasibility.reasons_unasked(store, config, to_volunteer_id, slot, given.starts_at)
    return found if feasibility.team_holds(store, slot, to_volunteer_id, leaving=given.id) else (*found, "team")


def _tell(
    store: Store,
    volunteer_id: str,
    template: str,
    swap: Swap,
    given: Assignment,
    *,
    from_id: str = "",
    to_id: str = "",
    now: datetime,
) -> None:
    names = {
        name: volunteers.get(store, person).name
        for name, person in (("from_name", from_id), ("to_name", to_id))
        if person
    }
    outbox.enqueue(
        store,
        key=f"{template}:{swap.id}",
        addressee=outbox.to_volunteer(volunteer_id),
        template=template,
        payload=seats.visit_payload(
            given, slots.get(store, given.slot_id), swap_id=swap.id, expires_at=utc_text(swap.expires_at), **names
        ),
        now=now,
        begins_at=given.starts_at,
    )
