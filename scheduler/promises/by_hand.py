"""Staff put a person on a visit, in place of somebody or on a free seat, and pin what no plan may move.

Nothing is forbidden to staff but the legal gates and being in two places at once; what else speaks against the person
is told (`concerns`) and left to them. The person is asked all the same: a proposal, not an order (条例 art. 25).
"""

from dataclasses import replace
from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.errors import IllegalMove
from scheduler.localtime import LOCAL
from scheduler.model.ids import new_id
from scheduler.model.plan import LIVE, Assignment, State
from scheduler.model.services import Slot, SlotState
from scheduler.planning.eligibility import Reason
from scheduler.planning.windows import offer_expires_at
from scheduler.promises import fits, seats, standby
from scheduler.promises.claims import common_start
from scheduler.store import Store, audit
from scheduler.store.plans import assignments
from scheduler.store.services import slots

GATES = frozenset({Reason.INACTIVE, Reason.CONSENT, Reason.AGE, Reason.INSURANCE, Reason.BLOCKED, Reason.BUSY})
STEP = timedelta(minutes=5)


def concerns(
    store: Store, config: Config, slot_id: str, volunteer_id: str, starts_at: datetime, *, instead_of: str = ""
) -> tuple[Reason, ...]:
    """Everything that speaks against the person at that start; those in GATES forbid it. Raises NotFound."""
    return fits.reasons(store, config, volunteer_id, slots.get(store, slot_id), starts_at, leaving=instead_of)


def place(
    store: Store,
    config: Config,
    slot_id: str,
    volunteer_id: str,
    starts_at: datetime,
    *,
    instead_of: str = "",
    by: str,
    now: datetime,
) -> Assignment:
    """A pinned proposal to the person; the assignment `instead_of` is cancelled and its person told first.

    Raises NotFound, IllegalMove if the visit is cancelled, has begun, is full or does not begin at that time, or if a
    legal gate forbids it (saying which).
    """
    with store.transaction():
        slot = slots.get(store, slot_id)
        if instead_of:
            leaving = assignments.get(store, instead_of)
            _refuse_unless_open(slot, leaving.starts_at, now)
            gone = seats.move(store, leaving, State.CANCELLED, by=by, reason="replaced", now=now)
            seats.tell(store, gone, "cancelled", reason="", now=now)
        _refuse_unless_open(slot, starts_at, now)
        _refuse_wrong_start(store, slot, starts_at)
        if not standby.free_seats(store, slot):
            raise IllegalMove("every seat of this visit is taken: take somebody off first")
        if stopped := GATES & set(fits.reasons(store, config, volunteer_id, slot, starts_at)):
            raise IllegalMove(f"this person cannot be sent: {', '.join(sorted(stopped))}")
        placed = Assignment(
            id=new_id(),
            slot_id=slot_id,
            volunteer_id=volunteer_id,
            starts_at=starts_at,
            state=State.PROPOSED,
            source="staff",
            proposed_at=now,
            expires_at=offer_expires_at(starts_at, config, now=now),
            pinned=True,
        )
        assignments.add(store, placed)
        audit.record(store, at=now, actor=by, action="assignment.placed", object_kind="assignment", object_id=placed.id)
        store.touch()
        seats.tell(store, placed, "proposed", now=now)
        return placed


def pin(store: Store, assignment_id: str, pinned: bool, *, by: str, now: datetime) -> Assignment:
    """Pins an open assignment, or lets plans move it again. Raises NotFound, IllegalMove if it is settled."""
    with store.transaction():
        assignment = assignments.get(store, assignment_id)
        if assignment.state not in LIVE:
            raise IllegalMove(f"this visit is {assignment.state}: only an open one is pinned")
        saved = assignments.save(store, replace(assignment, pinned=pinned))
        action = "assignment.pin" if pinned else "assignment.unpin"
        audit.record(store, at=now, actor=by, action=action, object_kind="assignment", object_id=assignment_id)
        store.touch()
        return saved


def _refuse_unless_open(slot: Slot, starts_at: datetime, now: datetime) -> None:
    if slot.state is not SlotState.OPEN or starts_at <= now:
        raise IllegalMove("this visit was cancelled or has begun: nobody can be put on it any more")


def _refuse_wrong_start(store: Store, slot: Slot, starts_at: datetime) -> None:
    together = common_start(store, slot)
    if together is not None and together != starts_at:
        raise IllegalMove(
            f"the others on this visit begin at {together.astimezone(LOCAL):%H:%M}: everyone starts together"
        )
    if not slot.earliest_at <= starts_at <= slot.latest_at or (starts_at - slot.earliest_at) % STEP:
        raise IllegalMove("this start is outside the visit's window, or not on its 5-minute grid")
