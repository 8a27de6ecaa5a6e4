"""Who came: check-in and check-out, missed and excused, visits at risk, and how reliable a person tends to be.

The estimate of reliability is never shown and ranks nobody: it only decides how many standbys a critical visit has.
"""

from datetime import datetime, timedelta

from scheduler.errors import IllegalMove, InputError
from scheduler.localized import LocalizedText
from scheduler.localtime import at_local, local_date
from scheduler.messages import outbox
from scheduler.model.people import Kind, Volunteer
from scheduler.model.plan import Assignment, State
from scheduler.model.services import Slot
from scheduler.promises import seats
from scheduler.records import hours
from scheduler.store import Store, promised, records
from scheduler.store.plans import assignments
from scheduler.store.records import Attendance, attendance
from scheduler.store.repository import utc_text
from scheduler.store.services import slots

EARLY = timedelta(minutes=60)  # check-in opens so long before the start
GRACE = timedelta(minutes=10)  # later than this without check-in: at risk
PATIENCE = timedelta(days=2)  # after that staff are reminded of a visit of which nobody said how it was
STILL_ASKED = timedelta(days=31)  # how long they are asked
FORGOTTEN = timedelta(hours=4)  # a visit still open so long after its end was forgotten
STAFF_MARKS = frozenset({State.DONE, State.MISSED, State.EXCUSED})

PRIOR_VISITS = 10  # how many visits the habit of a kind weighs against a person's own record
SHOWS_MEMBER, SHOWS_COURIER = 0.95, 0.88  # estimates of domain practice, see docs
STANDBY_COMES = 0.5  # that a standby who is asked says yes
SAFE = 0.95  # wanted chance that a critical visit has everybody it needs


def check_in(store: Store, assignment_id: str, *, by: str = "volunteer", now: datetime) -> Assignment:
    """The volunteer has arrived; pressing twice changes nothing.

    Raises NotFound, IllegalMove if the visit is not accepted, or more than an hour away, or over.
    """
    with store.transaction():
        assignment = assignments.get(store, assignment_id)
        if assignment.state is State.CHECKED_IN:
            return assignment
        slot = slots.get(store, assignment.slot_id)
        if now < assignment.starts_at - EARLY:
            raise IllegalMove(LocalizedText("check-in opens 60 minutes before the start"))
        if now >= _ends_at(assignment, slot) + FORGOTTEN:
            raise IllegalMove(LocalizedText("this visit is long over: the coordinator can still enter it"))
        attendance.put(store, Attendance(assignment.id, now, None, by))
        return seats.move(store, assignment, State.CHECKED_IN, by=by, now=now)


def check_out(store: Store, assignment_id: str, *, by: str = "volunteer", note: str = "", now: datetime) -> Assignment:
    """The visit is done; its hours are entered. Pressing twice changes nothing. Raises NotFound, IllegalMove."""
    with store.transaction():
        assignment = assignments.get(store, assignment_id)
        if assignment.state is State.DONE:
            return assignment
        return _finish(
            store, assignment, _came_at(store, assignment), now, by=by, note=note, back_filled=False, now=now
        )


def mark(
    store: Store,
    assignment_id: str,
    state: State,
    *,
    by: str,
    reason: str = "",
    began_at: datetime | None = None,
    ended_at: datetime | None = None,
    now: datetime,
) -> Assignment:
    """Staff say what happened: done, missed or excused. What they say last holds, whatever was pressed; hours follow.

    Done without times means as planned; with both, exactly from `began_at` to `ended_at`. Who is
    excused before the start leaves a seat that is asked for again. Raises NotFound, InputError
    for another state or senseless times, IllegalMove if the visit was never accepted or has not begun.
    """
    if state not in STAFF_MARKS:
        raise InputError(
            LocalizedText("attendance cannot be '%(state)s': expected done, missed or excused", state=state)
        )
    with store.transaction():
        assignment = assignments.get(store, assignment_id)
        if now < assignment.starts_at and state is not State.EXCUSED:
            raise IllegalMove(LocalizedText("this visit has not begun"))
        if state is State.DONE:
            began_at, ended_at = _times_said(store, assignment, began_at, ended_at, now)
            return _finish(store, assignment, began_at, ended_at, by=by, note=reason, back_filled=True, now=now)
        if assignment.state is state:
            return assignment
        if entry := hours.standing(store, assignment.id):
            hours.reverse(store, entry, reason=reason or state.value, by=by, now=now)
        if now < assignment.starts_at:
            promised.request_repair(store, assignment.slot_id, reason=f"{state.value}: {assignment.id}", now=now)
        return seats.move(store, assignment, state, by=by, reason=reason, now=now)


def close_forgotten(store: Store, *, now: datetime) -> int:
    """Visits without check-out end at their planned end, marked as back-filled; their number.

    Who came too late to be credited is left to staff: see `records.unconfirmed`.
    """
    count = 0
    for assignment in records.left_open(store, now - FORGOTTEN):
        with store.transaction():
            began_at = _came_at(store, assignment)
            ended_at = max(began_at, _ends_at(assignment, slots.get(store, assignment.slot_id)))
            _finish(
                store, assignment, began_at, ended_at, by=records.SCHEDULER, note="no check-out", back_filled=True,
                now=now,
            )  # fmt: skip
            count += 1
    return count


def needs_confirming(store: Store, assignment_id: str) -> bool:
    """Whether a finished visit has earned nothing so far by what was pressed, so that staff have to say how it was."""
    entry = hours.standing(store, assignment_id)
    return entry is not None and records.is_unconfirmed(entry)


def at_risk(store: Store, *, now: datetime, grids: set[str] | None = None) -> list[dict[str, str]]:
    """Today's accepted visits that should have begun ten minutes ago and nobody checked in, most urgent first."""
    midnight = at_local(local_date(now), "00:00")
    return list(records.not_checked_in(store, midnight, now - GRACE, grids=grids))


def report_at_risk(store: Store, *, now: datetime) -> int:
    """One message a day to each grid's staff with the number of visits at risk; the number of visits."""
    found = at_risk(store, now=now)
    with store.transaction():
        for grid_id in sorted({row["grid_id"] for row in found}):
            mine = [row for row in found if row["grid_id"] == grid_id]
            outbox.enqueue(
                store,
                key=f"at_risk:{grid_id}:{local_date(now)}",
                addressee=outbox.to_staff(grid_id),
                template="at_risk",
                payload={"service": mine[0]["service_type"], "starts_at": mine[0]["starts_at"], "count": len(mine)},
                now=now,
            )
    return len(found)


def report_unsettled(store: Store, *, now: datetime) -> int:
    """One message a day to each grid's staff that visits of two days ago or longer wait for a word; their number."""
    found = records.unconfirmed(store, now - STILL_ASKED, now - PATIENCE)
    with store.transaction():
        grid_of = {assignment.id: slots.get(store, assignment.slot_id).grid_id for assignment in found}
        for grid_id in sorted(set(grid_of.values())):
            mine = [assignment for assignment in found if grid_of[assignment.id] == grid_id]
            outbox.enqueue(
                store,
                key=f"unsettled:{grid_id}:{local_date(now)}",
                addressee=outbox.to_staff(grid_id),
                template="unsettled",
                payload={"starts_at": utc_text(mine[0].starts_at), "count": len(mine)},
                now=now,
            )
    return len(found)


def show_rate(volunteer: Volunteer, shown: int, missed: int) -> float:
    """The chance that the person comes: their own record, pulled towards the habit of their kind (Beta-binomial)."""
    habit = SHOWS_COURIER if Kind.COURIER in volunteer.kinds else SHOWS_MEMBER
    return (habit * PRIOR_VISITS + shown) / (PRIOR_VISITS + shown + missed)


def wanted_standbys(rates: list[float], heads: int, *, at_least: int, most: int) -> int:
    """How many standbys give a critical visit a 95 % chance of `heads` people, within bounds.

    `rates` are the show rates of those on the visit; a standby counts as coming with one half of the usual rate.
    """
    for count in range(at_least, most + 1):
        if chance_of_at_least(heads, [*rates, *[STANDBY_COMES * SHOWS_MEMBER] * count]) >= SAFE:
            return count
    return most


def chance_of_at_least(heads: int, rates: list[float]) -> float:
    """The chance that at least so many of independent people come (Poisson binomial)."""
    chances = [1.0]  # chances[k]: exactly k people so far
    for rate in rates:
        stay = [chance * (1 - rate) for chance in chances] + [0.0]
        come = [0.0] + [chance * rate for chance in chances]
        chances = [a + b for a, b in zip(stay, come, strict=True)]
    return sum(chances[heads:])


def _finish(
    store: Store, assignment: Assignment, began_at: datetime, ended_at: datetime, *, by: str, note: str,
    back_filled: bool, now: datetime,
) -> Assignment:  # fmt: skip
    """The visit took place between these moments; an earlier line of hours is taken back first."""
    slot = slots.get(store, assignment.slot_id)
    actual_min = max(0, int((ended_at - began_at).total_seconds() // 60))
    entry, known = hours.standing(store, assignment.id), attendance.find(store, assignment.id)
    times = known and (known.checked_in_at, known.checked_out_at)
    if entry and entry.entered_by == by and times == (began_at, ended_at):
        return assignment  # said before
    if entry:
        hours.reverse(store, entry, reason=note or State.DONE.value, by=by, now=now)
    if assignment.state is State.ACCEPTED:
        assignment = seats.move(store, assignment, State.CHECKED_IN, by=by, reason=note, now=now)
    if assignment.state is State.DONE:
        seats.record(store, assignment, by=by, reason=note, now=now)
    else:
        assignment = seats.move(store, assignment, State.DONE, by=by, reason=note, now=now)
    attendance.put(store, Attendance(assignment.id, began_at, ended_at, by, back_filled, note))
    hours.add_entry(store, assignment, slot, actual_min=actual_min, back_filled=back_filled, by=by, now=now)
    return assignment


def _came_at(store: Store, assignment: Assignment) -> datetime:
    """When the person checked in."""
    found = attendance.find(store, assignment.id)
    return (found and found.checked_in_at) or assignment.starts_at


def _times_said(
    store: Store, assignment: Assignment, began_at: datetime | None, ended_at: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    """The times that staff give, the planned ones where they give none. Raises InputError."""
    if began_at is None and ended_at is None:
        return assignment.starts_at, _ends_at(assignment, slots.get(store, assignment.slot_id))
    if began_at is None or ended_at is None or not began_at < ended_at <= now:
        raise InputError(
            LocalizedText(
                "the actual times: give both, the end after the beginning and not after now; leave both "
                "empty if the visit took place as planned"
            )
        )
    return began_at, ended_at


def _ends_at(assignment: Assignment, slot: Slot) -> datetime:
    return assignment.starts_at + timedelta(minutes=slot.minutes)
