"""Promises whose ground has changed are settled in the transaction of the change.

Whatever may take the ground from under a promise (a person leaves, a need is moved, a consent is withdrawn) is written
inside `settled`, which compares what speaks against each promise before and after. What forbids a visit ends it, and
the person is told: the seat is asked for again where the visit still stands. What only speaks against it ends a
proposal; a visit that was accepted stays, and stands on the page of today until staff have decided.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from scheduler.access.entry import end_access_of_volunteer
from scheduler.model.plan import Assignment, State
from scheduler.model.services import NeedState, SlotState
from scheduler.promises import seats
from scheduler.promises.ground import (
    FELL_AWAY,
    FROM_NEED,
    Ground,
    against,
    facts_of,
    still_wanted,
    with_writes,
)
from scheduler.promises.swaps import end_requests_to
from scheduler.rules.eligibility import Reason
from scheduler.store import Store, audit, promised
from scheduler.store.people import is_active, recipients
from scheduler.store.plans import assignments
from scheduler.store.repository import among, utc_text
from scheduler.store.services import needs, service_types, slots
from scheduler.store.settle import all_promises, conflicts_of, promises_on, put_conflicts

FORBIDS: dict[str, str] = {  # what ends every promise, and what the person is told: never that somebody died or refuses
    Ground.RECIPIENT_INACTIVE: "not needed",
    Ground.NEED_ENDED: "not needed",
    Ground.NEED_MOVED: "time changed",
    Reason.INACTIVE: "left",
    Reason.CONSENT: "no consent",
    Reason.INSURANCE: "no insurance",
    Reason.TRAINING_EXPIRED: "no training",
    Reason.BLOCKED: "changed",
}
VISIT_IS_OFF = frozenset({Ground.RECIPIENT_INACTIVE, Ground.NEED_ENDED, Ground.NEED_MOVED})


@dataclass(slots=True)
class Settlement:
    """What a change did to promises: those that ended, with what spoke against each, and those left for staff."""

    ended: dict[str, str] = field(default_factory=dict)
    undecided: list[str] = field(default_factory=list)


class Foreseen(NamedTuple):
    """What a change to come would do to a promise: end it for a reason, or put it before staff."""

    promise: Assignment
    why: str
    ends: bool


@contextmanager
def settled(
    store: Store,
    *,
    volunteers: Iterable[str] = (),
    recipients: Iterable[str] = (),
    needs: Iterable[str] = (),
    by: str,
    now: datetime,
) -> Iterator[Settlement]:
    """One transaction with what is written inside; at its end every promise to come of these people is settled.

    Needs and recipients bring their visits: those that are no longer wanted as they stand are cancelled, until the
    next expansion brings them back where they are due. Volunteers who left lose every way in.
    """
    touched: dict[str, Any] = {
        "volunteers": frozenset(volunteers), "recipients": frozenset(recipients), "needs": frozenset(needs),
    }  # fmt: skip
    with store.transaction():
        before = _hindrances(store, promises_on(store, **touched, now=now))
        found = Settlement()
        yield found
        after = _hindrances(store, promises_on(store, **touched, now=now))
        _settle(store, before, after, found, by=by, now=now)
        _cancel_unwanted(store, touched["recipients"], touched["needs"], now=now)
        _refill(store, found, now=now)
        for who in _inactive(store, touched["volunteers"]):
            end_access_of_volunteer(store, who, now=now)
            end_requests_to(store, who, now=now)


def settle_all(store: Store, *, now: datetime) -> Settlement:
    """Ends every promise that something forbids, however it came about: what each expansion does first of all.

    A plan's own proposals are left to the plan that follows, as long as their visit stands.
    """
    with store.transaction():
        promises, found = all_promises(store, now=now), Settlement()
        of_plan = {a.id for a in promises if a.state is State.PROPOSED and a.source == "plan"}
        known = _hindrances(store, promises)
        binding = {id: reasons & VISIT_IS_OFF if id in of_plan else reasons for id, reasons in known.items()}
        _settle(store, binding, binding, found, by="scheduler", now=now)
        _refill(store, found, now=now)
    return found


def foreseen(store: Store, writes: Iterable[tuple[str, Any, Any]], *, now: datetime) -> list[Foreseen]:
    """What writes to come, each (table, object before, object after), would do to promises; nothing is written."""
    writes = list(writes)
    promises = promises_on(store, **touched_by(writes), now=now)
    facts = facts_of(store, promises)
    later = with_writes(facts, writes)
    found = []
    for promise in promises:
        before, after = against(promise, facts), against(promise, later)
        if why := ending(after, after - before, promise.state):
            found.append(Foreseen(promise, why, ends=True))
        elif fresh := after - before:
            found.append(Foreseen(promise, min(fresh), ends=False))
    return found


def touched_by(writes: Iterable[tuple[str, Any, Any]]) -> dict[str, set[str]]:
    """The volunteers, recipients and needs on whose promises the writes (table, before, after) bear.

    Free times and pairs bear on their volunteer's.
    """
    found: dict[str, set[str]] = {"volunteers": set(), "recipients": set(), "needs": set()}
    for table, *items in writes:
        for item in items:
            if item is not None and table in found:
                found[table].add(item.id)
            elif hasattr(item, "volunteer_id"):
                found["volunteers"].add(item.volunteer_id)
    return found


def keep(store: Store, assignment_id: str, *, by: str, now: datetime) -> None:
    """Staff have looked at what speaks against a visit, and it stands. Raises NotFound."""
    with store.transaction():
        kept = assignments.get(store, assignment_id)
        put_conflicts(store, kept.id, (), now=now)
        audit.record(store, at=now, actor=by, action="keep", object_kind="assignment", object_id=kept.id)


def needs_moved(store: Store, found: Settlement) -> set[str]:
    """The needs whose visits have to be planned anew."""
    moved = [assignment_id for assignment_id, why in found.ended.items() if why == Ground.NEED_MOVED]
    wanted = {a.slot_id for a in assignments.where(store, *among("id", moved))}
    return {slot.need_id for slot in slots.where(store, *among("id", wanted))}


Hindrances = dict[str, frozenset[str]]  # assignment id → what speaks against it


def _hindrances(store: Store, promises: list[Assignment]) -> Hindrances:
    facts = facts_of(store, promises)
    return {promise.id: against(promise, facts) for promise in promises}


def ending(reasons: frozenset[str], fresh: frozenset[str], state: State) -> str:
    """Which of the reasons ends a promise: what forbids it, or for a proposal what is new against it; "" if none.

    That a need was moved counts only when it is new: staff may have placed somebody outside its times.
    """
    forbidding = (r for r in FORBIDS if r in reasons and (r != Ground.NEED_MOVED or r in fresh))
    return next(forbidding, "") or (min(fresh, default="") if state is State.PROPOSED else "")


def _settle(store: Store, before: Hindrances, after: Hindrances, found: Settlement, *, by: str, now: datetime) -> None:
    for assignment_id, reasons in after.items():
        promise = assignments.get(store, assignment_id)
        old = before.get(assignment_id, frozenset())
        fresh = reasons - old
        if why := ending(reasons, fresh, promise.state):
            end_promise(store, promise, FORBIDS.get(why, "changed"), by=by, now=now)
            found.ended[promise.id] = why
        elif fresh or old - reasons:
            known = conflicts_of(store, promise.id)
            put_conflicts(store, promise.id, (known - (old - reasons)) | fresh, now=now)
            found.undecided += [promise.id] if fresh else []


def end_promise(store: Store, promise: Assignment, told: str, *, by: str, now: datetime) -> None:
    """A proposal is withdrawn, an accepted visit cancelled; the person is told not to go, and the cause `told`."""
    state, template = (
        (State.SUPERSEDED, "superseded") if promise.state is State.PROPOSED else (State.CANCELLED, "cancelled")
    )
    gone = seats.move(store, promise, state, by=by, reason=told, now=now)
    seats.tell(store, gone, template, reason=told, now=now)
    put_conflicts(store, promise.id, (), now=now)


def _cancel_unwanted(store: Store, recipient_ids: frozenset[str], need_ids: frozenset[str], *, now: datetime) -> None:
    """Visits to come that nobody stands on and that are not wanted as they stand fall away."""
    by_recipient, ids = among("recipient_id", recipient_ids)
    by_need, more = among("need_id", need_ids)
    condition = f"state = 'open' AND latest_at > :now AND ({by_recipient} OR {by_need.replace(':ids', ':need_ids')})"
    values = {**ids, "need_ids": more["ids"], "now": utc_text(now)}
    for slot in slots.where(store, condition, values):
        if promised.live_on_slot(store, slot.id):
            continue
        need, service = needs.get(store, slot.need_id), service_types.get(store, slot.service_type)
        wanted = recipients.get(store, slot.recipient_id).active and (
            slot.cause not in FROM_NEED
            or (
                need.state is NeedState.PUBLISHED
                and all(still_wanted(need, service, slot, start) for start in (slot.earliest_at, slot.latest_at))
            )
        )
        if not wanted:
            slots.save(store, replace(slot, state=SlotState.CANCELLED, cause=FELL_AWAY))
            store.touch()


def _refill(store: Store, found: Settlement, *, now: datetime) -> None:
    """The planner looks for somebody else where the visit still stands; staff are told which were promised."""
    for assignment_id, why in found.ended.items():
        gone = assignments.get(store, assignment_id)
        slot = slots.get(store, gone.slot_id)
        if why in VISIT_IS_OFF or slot.state is not SlotState.OPEN:
            continue
        promised.request_repair(store, slot.id, reason=f"{why}: {gone.id}", now=now)
        if gone.state is State.CANCELLED:
            seats.tell_staff(
                store, slot, gone, "seat_open_again", now=now, reason=why,
                hours=int((gone.starts_at - now) / timedelta(hours=1)),
            )  # fmt: skip


def _inactive(store: Store, volunteer_ids: frozenset[str]) -> list[str]:
    return [who for who in sorted(volunteer_ids) if not is_active(store, who)]
