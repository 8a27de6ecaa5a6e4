"""Placing by hand: staff put a person on a visit, move them, replace or pin them, and hear at once what speaks against.

Only what the law and the person's own safety ask for forbids it; everything else is told and may be overruled.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.errors import IllegalMove
from scheduler.localized import Localized, LocalizedText, words_for
from scheduler.model.ids import new_id
from scheduler.model.plan import LIVE, Assignment, State
from scheduler.model.services import Slot, SlotState
from scheduler.needs.renew import renew_one
from scheduler.promises import feasibility, replies, seats, starts
from scheduler.rules.eligibility import Reason
from scheduler.rules.windows import offer_expires_at
from scheduler.store import Store, audit, promised
from scheduler.store.plans import assignments
from scheduler.store.services import needs, slots

# Age, insurance, consent and certificates are asked for by law; a blocked person stays so; nobody is in two places.
GATES = frozenset({
    Reason.INACTIVE, Reason.CONSENT, Reason.AGE, Reason.INSURANCE, Reason.TRAINING_EXPIRED, Reason.BLOCKED, Reason.BUSY,
})  # fmt: skip
ANOTHER_VISITOR = "another_visitor"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What placing somebody would mean: `gates` forbid it, `warnings` only advise against it.

    `objection`: what speaks against the start, whoever comes.
    """

    gates: tuple[str, ...]
    warnings: tuple[str, ...]
    outside_window: bool  # the start lies outside the times that the need allows
    free_seats: int
    objection: Localized | None = None

    @property
    def allowed(self) -> bool:
        return not self.gates


def judge(
    store: Store, config: Config, slot_id: str, volunteer_id: str, starts_at: datetime, *, leaving: str = ""
) -> Verdict:
    """What speaks against this person on this visit from this start. Raises NotFound.

    `leaving` is an assignment that would be given up for it.
    """
    slot = slots.get(store, slot_id)
    objection = starts.objection(store, slot, starts_at, leaving=leaving)
    found = () if objection else feasibility.reasons(store, config, volunteer_id, slot, starts_at, leaving=leaving)
    live = [a for a in promised.live_on_slot(store, slot_id) if a.id != leaving]
    warnings = tuple(reason.value for reason in found if reason not in GATES)
    if feasibility.meets_another_visitor(store, slot, starts_at):
        warnings += (ANOTHER_VISITOR,)
    return Verdict(
        gates=(objection.code,) if objection else tuple(reason.value for reason in found if reason in GATES),
        warnings=warnings,
        outside_window=not slot.earliest_at <= starts_at <= slot.latest_at,
        free_seats=slot.heads - len(live),
        objection=objection.said if objection else None,
    )


def place(
    store: Store, config: Config, slot_id: str, volunteer_id: str, starts_at: datetime, *, by: str, now: datetime
) -> Assignment:
    """Proposes a visit to a person chosen by staff, who is told and may decline like anybody.

    Raises IllegalMove where the law forbids it, the visit is full, cancelled or over, or cannot start then.
    """
    with store.transaction():
        slot = slots.get(store, slot_id)
        verdict = judge(store, config, slot_id, volunteer_id, starts_at)
        _refuse(slot, verdict, starts_at, now)
        return _propose(store, config, slot, volunteer_id, starts_at, by=by, now=now)


def replace_person(
    store: Store,
    config: Config,
    assignment_id: str,
    volunteer_id: str,
    starts_at: datetime | None = None,
    *,
    reason: str,
    by: str,
    now: datetime,
) -> Assignment:
    """Another person (or another start) instead of this assignment; both people are told. Raises as place does."""
    with store.transaction():
        old = assignments.get(store, assignment_id)
        if old.state not in LIVE:
            raise IllegalMove(LocalizedText("this assignment has changed meanwhile: load the page again"))
        slot = slots.get(store, old.slot_id)
        start = starts_at or old.starts_at
        verdict = judge(store, config, slot.id, volunteer_id, start, leaving=assignment_id)
        _refuse(slot, verdict, start, now)
        taken_off = volunteer_id != old.volunteer_id
        gone = seats.move(store, replace(old, taken_off=taken_off), State.CANCELLED, by=by, reason=reason, now=now)
        seats.tell(store, gone, "cancelled", reason=reason, now=now)
        return _propose(store, config, slot, volunteer_id, start, by=by, now=now)


def remove(store: Store, config: Config, assignment_id: str, *, reason: str, by: str, now: datetime) -> Assignment:
    """Takes a person off a visit; the person is told first, then the next standby is asked."""
    return replies.take_off(store, config, assignment_id, reason, by=by, now=now)


def pin(store: Store, assignment_id: str, *, pinned: bool, by: str, now: datetime) -> Assignment:
    """Holds an assignment fast against every later plan, or lets it go."""
    with store.transaction():
        held = assignments.save(store, replace(assignments.get(store, assignment_id), pinned=pinned))
        audit.record(
            store, at=now, actor=by, action="pin" if pinned else "unpin", object_kind="assignment", object_id=held.id
        )
        store.touch()
    return held


def _refuse(slot: Slot, verdict: Verdict, starts_at: datetime, now: datetime) -> None:
    if slot.state is not SlotState.OPEN:
        raise IllegalMove(LocalizedText("this visit is cancelled: choose another one"))
    if verdict.objection:
        raise IllegalMove(verdict.objection)
    if starts_at <= now - timedelta(minutes=slot.minutes):
        raise IllegalMove(LocalizedText("this visit is over: it cannot be given to anybody any more"))
    if verdict.free_seats < 1:
        raise IllegalMove(
            LocalizedText("all %(heads)s places of this visit are taken: take somebody off first", heads=slot.heads)
        )
    if verdict.gates:
        why = words_for("reasons", verdict.gates)
        raise IllegalMove(LocalizedText("this person may not be sent: %(why)s", why=why))


def _propose(
    store: Store, config: Config, slot: Slot, volunteer_id: str, starts_at: datetime, *, by: str, now: datetime
) -> Assignment:
    made = Assignment(
        id=new_id(),
        slot_id=slot.id,
        volunteer_id=volunteer_id,
        starts_at=starts_at,
        state=State.PROPOSED,
        source="staff",
        proposed_at=now,
        expires_at=offer_expires_at(starts_at, config, now=now),
    )
    assignments.add(store, made)
    audit.record(store, at=now, actor=by, action="assign", object_kind="assignment", object_id=made.id)
    seats.tell(store, made, "proposed", now=now)
    renew_one(store, config, needs.get(store, slot.need_id), now=now)  # other visits at this door give way
    store.touch()
    return made
