"""Fills the free seats of one slot with everything else fixed: the people around it, through the same check."""

from collections.abc import Callable
from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.errors import PlanRefused, StalePlan, told
from scheduler.localized import LocalizedText
from scheduler.localtime import local_date, monday_of
from scheduler.messages import outbox
from scheduler.model.ids import new_id
from scheduler.model.plan import LIVE, Assignment, Run, State
from scheduler.model.services import Slot, SlotState
from scheduler.planning.broken_rules import broken_rules
from scheduler.planning.build import LEAD, Opening, Snapshot, seats_from, translate
from scheduler.planning.replan import start_run, versions
from scheduler.promises import seats
from scheduler.rules.nearby import facts_nearby
from scheduler.rules.windows import offer_expires_at
from scheduler.store import Store, audit, ledger
from scheduler.store.ledger import NOTHING_TO_SAY
from scheduler.store.plans import assignments
from scheduler.store.repository import utc_text
from scheduler.store.services import slots
from solver.model.check import violations
from solver.model.problem import Mode, Problem, Travel, Volunteer, Weights, Window
from solver.model.problem import Slot as VisitToFill
from solver.model.problem_json import problem_to_json
from solver.model.solution import Assignment as Placed
from solver.repair.incumbent_state import IncumbentState
from solver.repair.repair import repair

SECONDS = 1.0  # for the exact choice among the people around
NOBODY = LocalizedText("nobody can come")
TRIES = 3  # answers may come between reading and writing


def repair_slot(
    store: Store, config: Config, slot_id: str, *, reason: str, clock: Callable[[], datetime], run: Run | None = None
) -> list[Assignment]:
    """New proposals for the free seats of a slot, told to the people; empty if nobody can come or none is needed.

    Whoever is on any visit stays there. The run is recorded with its problem and its receipt. Raises NotFound,
    PlanRefused if the independent check finds a violation, StalePlan if the district changes faster than this.
    """
    now = clock()
    run = run or start_run(store, config, "repair", by="replies", now=now)
    try:
        made = _repair(store, config, run, slots.get(store, slot_id), reason, now)
    except BaseException as error:
        ledger.end_run(store, run.id, run.fence, state="failed", message=told(error), now=clock())
        raise
    ledger.end_run(store, run.id, run.fence, state="done", message=NOTHING_TO_SAY if made else NOBODY, now=clock())
    return made


def load_kernels() -> None:
    """Loads the compiled code of a repair, about a second, so that the first one does not wait for it."""
    window, place = Window(540, 720, (0.0, 0.0)), (0.0, 0.0)
    somebody = Volunteer("somebody", location=place, mode="walk", windows=(window,))
    visit = VisitToFill("visit", location=place, duration=30, earliest=540, latest=600)
    travel = Travel(modes={"walk": Mode(60.0, 0)})
    repair(IncumbentState(Problem("a first repair", 1440, travel, Weights(), (somebody,), (visit,))), ["visit"])


def _repair(store: Store, config: Config, run: Run, slot: Slot, reason: str, now: datetime) -> list[Assignment]:
    for _ in range(TRIES):
        if slot.state is not SlotState.OPEN or slot.latest_at <= now:
            return []
        snapshot = _around(store, config, slot, now=now)
        if slot.id not in {s.id for s in snapshot.problem.slots}:
            return []
        fresh = _filled(snapshot, slot.id)
        _refuse_broken(snapshot, fresh)
        with store.transaction():
            if store.revision() == snapshot.revision:
                ledger.keep_files(
                    store, run.id, problem_to_json(snapshot.problem), seed=config.solver.seed, versions=versions()
                )
                return _propose(store, config, run, slot, snapshot, fresh, reason, now)
        slot = slots.get(store, slot.id)
    raise StalePlan(LocalizedText("the district changes too fast just now: the seat is filled by the next plan"))


def _around(store: Store, config: Config, slot: Slot, *, now: datetime) -> Snapshot:
    """The rest of the slot's calendar week around it: limits of people reach no further."""
    monday = monday_of(slot.service_date)
    days = max(local_date(now), monday), monday + timedelta(days=6)
    facts = facts_nearby(store, config, slot, now=now)
    soon = now + LEAD
    standing = frozenset(a.id for mine in facts.live.values() for a in mine)
    return translate(facts, now=now, opens=Opening(soon, soon, frozenset()), pinned_proposals=standing, days=days)


def _filled(snapshot: Snapshot, slot_id: str) -> list[Placed]:
    """The best people for the free seats of the slot, everybody else staying; empty if it cannot be filled."""
    incumbent = IncumbentState(snapshot.problem)
    found = repair(incumbent, [slot_id], seconds=SECONDS)
    return sorted(set(found.assignments) - set(incumbent.assignments)) if found else []


def _refuse_broken(snapshot: Snapshot, fresh: list[Placed]) -> None:
    """Raises PlanRefused if the new seats break a rule that what stands without them does not break already."""
    pins = [Placed(s.id, pin.volunteer, pin.start) for s in snapshot.problem.slots for pin in s.pinned]
    found = violations(snapshot.problem, pins + fresh)
    if found:
        before = {(v.rule, v.slot, v.volunteer) for v in violations(snapshot.problem, pins)}
        found = [v for v in found if (v.rule, v.slot, v.volunteer) not in before]
    if found:
        raise PlanRefused(
            LocalizedText(
                "the check refuses the repair (%(named)s): the seat stays open", named=broken_rules(found[:1])
            )
        )


def _propose(
    store: Store,
    config: Config,
    run: Run,
    slot: Slot,
    snapshot: Snapshot,
    fresh: list[Placed],
    reason: str,
    now: datetime,
) -> list[Assignment]:
    made = [
        Assignment(
            id=new_id(),
            slot_id=slot.id,
            volunteer_id=seat.volunteer_id,
            starts_at=seat.starts_at,
            state=State.PROPOSED,
            proposed_at=now,
            expires_at=offer_expires_at(seat.starts_at, config, now=now),
        )
        for seat in seats_from(fresh, snapshot)
    ]
    assignments.add_all(store, made)
    for proposal in made:
        seats.tell(store, proposal, "proposed", now=now)
        audit.record(
            store, at=now, actor=run.requested_by, action="assignment.proposed", object_kind="assignment",
            object_id=proposal.id, reason=reason,
        )  # fmt: skip
    if made:
        store.touch()
    elif not any(a.state in LIVE for a in assignments.by(store, slot_id=slot.id)):
        _tell_staff(store, slot, run, now)
    ledger.keep_receipt(store, run.id, _receipt(slot, made, reason))
    return made


def _tell_staff(store: Store, slot: Slot, run: Run, now: datetime) -> None:
    outbox.enqueue(
        store,
        key=f"nobody_to_ask:{slot.id}:{run.id}",
        addressee=outbox.to_staff(slot.grid_id),
        template="nobody_to_ask",
        payload={"slot_id": slot.id, "service": slot.service_type, "starts_at": utc_text(slot.earliest_at)},
        now=now,
        begins_at=slot.earliest_at,
    )


def _receipt(slot: Slot, made: list[Assignment], reason: str) -> dict[str, object]:
    return {
        "slot": slot.id,
        "changes": [
            {
                "kind": "new",
                "slot": slot.id,
                "volunteer": a.volunteer_id,
                "starts_at": utc_text(a.starts_at),
                "cause": reason,
                "assignment": a.id,
            }
            for a in made
        ],
        "people": len({a.volunteer_id for a in made}),
    }
