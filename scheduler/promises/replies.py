"""What people say to a proposal: yes, no, nothing in time; and, after a yes, that they cannot come after all.

Each reply is one transaction: the assignment moves, the seat is offered to the next standby, staff are told if it is
late, and every message is a row. Saying the same thing twice changes nothing, so a reply may be sent again.
"""

from dataclasses import replace
from datetime import datetime

from scheduler.config import Config
from scheduler.errors import IllegalMove
from scheduler.localized import LocalizedText
from scheduler.localtime import LOCAL
from scheduler.messages import outbox
from scheduler.model.plan import Assignment, State
from scheduler.model.services import SlotState
from scheduler.promises import refusals, seats
from scheduler.store import Store, promised
from scheduler.store.plans import assignments
from scheduler.store.services import slots

NEVER_TOLD = "never told"  # why an offer was taken back whose question was not sent before the visit began
REASONS = ("time", "distance", "illness", "not_this_service", "not_this_person", "too_often", "other")


def accept(store: Store, config: Config, assignment_id: str, *, by: str = "volunteer", now: datetime) -> Assignment:
    """The volunteer says yes: from now on every plan keeps this visit.

    Raises NotFound, IllegalMove if it was settled otherwise, its time to answer is over, or it contradicts a promise.
    """
    with store.transaction():
        assignment = assignments.get(store, assignment_id)
        if assignment.state is State.ACCEPTED:
            return assignment
        if assignment.state is State.PROPOSED and is_over(store, assignment, now=now):
            raise IllegalMove(
                LocalizedText("the time to answer this proposal is over: look for open visits, or ask the coordinator")
            )
        if slots.get(store, assignment.slot_id).state is not SlotState.OPEN:
            raise IllegalMove(LocalizedText("this visit is cancelled"))
        _refuse_contradiction(store, assignment)
        accepted = seats.move(store, assignment, State.ACCEPTED, by=by, now=now)
        seats.void_other_offers(store, accepted, now=now)
        return accepted


def decline(
    store: Store,
    config: Config,
    assignment_id: str,
    reason: str = "",
    *,
    only_this_time: bool = False,
    by: str = "volunteer",
    now: datetime,
) -> Assignment:
    """The volunteer says no: the seat goes to the next standby and the need never comes back to this person.

    `only_this_time`: later occasions of the need may be proposed, unless the reason says otherwise (see refusals.py).
    Raises NotFound, IllegalMove if the proposal was settled otherwise (an accepted one is withdrawn, not declined).
    """
    with store.transaction():
        assignment = assignments.get(store, assignment_id)
        if assignment.state is State.DECLINED:
            return assignment
        declined = seats.move(store, assignment, State.DECLINED, by=by, reason=reason, now=now)
        if only_this_time and reason not in refusals.FOR_GOOD:
            refusals.only_this_time(store, declined, now=now)
        seats.refill(store, config, declined, cause="declined", now=now)
        return declined


def withdraw(
    store: Store, config: Config, assignment_id: str, reason: str = "", *, by: str = "volunteer", now: datetime
) -> Assignment:
    """The volunteer takes a yes back before the start; the notice given is the time from `replied_at` to the start.

    Raises NotFound, IllegalMove if it was not accepted or has begun.
    """
    with store.transaction():
        assignment = assignments.get(store, assignment_id)
        if assignment.state is State.WITHDRAWN:
            return assignment
        if assignment.state is State.ACCEPTED and assignment.starts_at <= now:
            raise IllegalMove(LocalizedText("this visit has begun: call the coordinator"))
        withdrawn = seats.move(store, assignment, State.WITHDRAWN, by=by, reason=reason, now=now)
        seats.refill(store, config, withdrawn, cause="withdrawn", now=now)
        return withdrawn


def take_off(store: Store, config: Config, assignment_id: str, reason: str, *, by: str, now: datetime) -> Assignment:
    """Staff take a person off a visit; the person is told first of all, and not asked for this visit again.

    Raises NotFound, IllegalMove if the visit is not open.
    """
    with store.transaction():
        assignment = assignments.get(store, assignment_id)
        cancelled = seats.move(
            store, replace(assignment, taken_off=True), State.CANCELLED, by=by, reason=reason, now=now
        )
        seats.tell(store, cancelled, "cancelled", reason=reason, now=now)
        seats.refill(store, config, cancelled, cause="taken off", now=now)
        return cancelled


def expire_offers(store: Store, config: Config, *, now: datetime) -> int:
    """Proposals without an answer in time become expired and their seats are offered on; their number.

    Time runs from when a question was told: one that still waits stands, and is taken back when its visit begins. One
    transaction each, so a stop half way leaves nothing undone that was done.
    """
    expired = 0
    for assignment_id in promised.overdue_offers(store, now=now):
        with store.transaction():
            assignment = assignments.get(store, assignment_id)
            if assignment.state is not State.PROPOSED or not is_over(store, assignment, now=now):
                continue
            if _is_held_back(store, assignment):
                seats.move(store, assignment, State.SUPERSEDED, by="scheduler", reason=NEVER_TOLD, now=now)
                continue
            settled = seats.move(store, assignment, State.EXPIRED, by="scheduler", now=now)
            seats.refill(store, config, settled, cause="no answer", now=now)
            expired += 1
    return expired


def renew_after_outage(store: Store, config: Config, *, since: datetime, now: datetime) -> int:
    """Offers whose time ran out between two moments, while nothing ran here, get it once more; their number."""
    renewed = 0
    with store.transaction():
        for assignment_id in promised.overdue_offers(store, now=now):
            offer = assignments.get(store, assignment_id)
            if offer.expires_at is not None and since < offer.expires_at <= now < offer.starts_at:
                ends_at = seats.answer_by(config, offer, now=now)
                assignments.save(store, replace(offer, expires_at=ends_at))
                renewed += 1
    return renewed


def is_over(store: Store, offer: Assignment, *, now: datetime) -> bool:
    """Whether a proposal can no longer be answered: the visit has begun, or the time has run out since it was told."""
    if offer.starts_at <= now:
        return True
    if offer.expires_at is None or now < offer.expires_at:
        return False
    return not _is_held_back(store, offer)


def _is_held_back(store: Store, offer: Assignment) -> bool:
    return offer.id in outbox.unsent_questions(store, outbox.to_volunteer(offer.volunteer_id))


def _refuse_contradiction(store: Store, proposal: Assignment) -> None:
    """Nobody promises to be in two places, nor to begin without those who promised to be there."""
    meanwhile = promised.at_the_time_of(store, proposal, proposal.volunteer_id)
    if mine := [a for a in meanwhile if a.state is not State.PROPOSED]:
        clock = f"{mine[0].starts_at.astimezone(LOCAL):%H:%M}"
        raise IllegalMove(
            LocalizedText(
                "another visit of yours, at %(clock)s, overlaps this one: give one of them back or ask the coordinator",
                clock=clock,
            )
        )
    others = [a for a in promised.live_on_slot(store, proposal.slot_id) if a.state is not State.PROPOSED]
    if others and others[0].starts_at != proposal.starts_at:
        clock = f"{others[0].starts_at.astimezone(LOCAL):%H:%M}"
        raise IllegalMove(
            LocalizedText("the others on this visit begin at %(clock)s, not with you: ask the coordinator", clock=clock)
        )
