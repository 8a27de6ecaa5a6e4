"""A draft becomes what people are told: one transaction, nothing half, one message a person."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any

from scheduler.config import Config
from scheduler.errors import IllegalMove, LostRun, PlanRefused, StalePlan
from scheduler.localized import LocalizedText
from scheduler.messages import outbox
from scheduler.model.ids import new_id
from scheduler.model.plan import Assignment, Plan, PlanState, State
from scheduler.planning import commitments, receipt
from scheduler.planning.broken_rules import broken_rules
from scheduler.planning.build import assignments_from, build_problem
from scheduler.planning.difference import GONE, MOVED, NEW, Change, Difference, difference
from scheduler.rules.horizon import Horizon
from scheduler.rules.windows import offer_expires_at
from scheduler.store import Store, audit, ledger
from scheduler.store.plans import assignments, plans, seats_of
from scheduler.store.repository import among, utc_text
from scheduler.store.services import slots
from solver.model.check import violations
from solver.model.problem import Problem
from solver.model.problem_json import problem_from_json
from solver.model.solution import Assignment as SolverAssignment

TRIES = 3  # to find a quiet moment between check and transaction

__all__ = ["Difference", "difference", "publish"]


def publish(store: Store, config: Config, plan_id: str, *, by: str, now: datetime, fence: int | None = None) -> Plan:
    """Proposes a draft plan to people and returns it as published.

    The independent check runs on the very seats that are stored. If the district changed since the plan was made,
    the plan is checked against the district as it is; it is published if it still fits. Raises StalePlan if it does
    not, PlanRefused if it is not whole or breaks a rule, IllegalMove if it is no draft, LostRun if `fence` says
    that another process took the run over. Accepted visits are never moved.
    """
    plan = plans.get(store, plan_id)
    _check_itself(store, plan)
    for _ in range(TRIES):
        revision = store.revision()
        if revision != plan.revision_read:
            _check_against_today(store, config, plan)
        with store.transaction():
            if store.revision() == revision:
                return _write(store, config, plans.get(store, plan_id), by=by, now=now, fence=fence)
    raise StalePlan(LocalizedText("the district changes too fast just now: publish again in a minute"))


def _check_itself(store: Store, plan: Plan) -> None:
    """The stored seats are all there and break no rule of the problem they were made for."""
    files = ledger.files_of(store, plan.run_id)
    if files is None:
        raise PlanRefused(LocalizedText("the files of this plan's run are gone, so it cannot be checked: plan again"))
    problem = problem_from_json(files[0])
    placed = assignments_from(seats_of(store, plan.id), Horizon(plan.from_date, plan.until_date), problem)
    expected = plan.figures["filled"]
    if len(placed) != expected:
        raise PlanRefused(
            LocalizedText(
                "the plan has %(count)s seats, expected %(expected)s: plan again", count=len(placed), expected=expected
            )
        )
    _refuse_broken(problem, placed, PlanRefused)


def _check_against_today(store: Store, config: Config, plan: Plan) -> None:
    """The seats break no rule of the district as it is now, seen from the moment the plan was made."""
    snapshot = build_problem(store, config, now=plan.created_at, open_frozen=plan.figures["open_frozen"])
    placed = assignments_from(seats_of(store, plan.id), snapshot.horizon, snapshot.problem)
    _refuse_broken(snapshot.problem, placed, StalePlan)


def _refuse_broken(problem: Problem, placed: list[SolverAssignment], error: type[PlanRefused | StalePlan]) -> None:
    found = violations(problem, placed)
    if found:
        raise error(
            LocalizedText(
                "the plan no longer fits (%(count)s violations: %(named)s): plan again",
                count=len(found),
                named=broken_rules(found),
            )
        )


def _write(store: Store, config: Config, plan: Plan, *, by: str, now: datetime, fence: int | None) -> Plan:
    if plan.state is not PlanState.DRAFT:
        raise IllegalMove(LocalizedText("this plan is no draft any more and cannot be published: plan again"))
    if fence is not None and not ledger.still_holds(store, plan.run_id, fence):
        raise LostRun(LocalizedText("another process took this run over: nothing was published here"))
    changes = difference(store, plan.id, now=now)
    made = _move_people(store, config, plan, changes, now=now)
    for old in plans.by(store, state=PlanState.PUBLISHED):
        plans.save(store, replace(old, state=PlanState.SUPERSEDED))
    published = plans.save(store, replace(plan, state=PlanState.PUBLISHED, published_at=now, published_by=by))
    ledger.keep_receipt(store, plan.run_id, receipt.of(published, changes, made))
    if fence is not None:
        message = commitments.told(store, plan.figures.get("contradictions", ()))
        ledger.end_run(store, plan.run_id, fence, state="done", message=message, now=now)
    audit.record(store, at=now, actor=by, action="publish", object_kind="plan", object_id=plan.id)
    store.touch()
    return published


def _move_people(store: Store, config: Config, plan: Plan, changes: Difference, *, now: datetime) -> dict[Change, str]:
    """Moves the assignments as the difference says; returns the new assignments' ids. Old ones first: one seat each."""
    for change in changes.of(GONE) + changes.of(MOVED):
        old = assignments.get(store, change.assignment_id)
        assignments.save(store, old.move_to(State.SUPERSEDED, reason=change.cause, replied_at=now))
    made: dict[Change, str] = {}
    fresh = []
    for change in changes.of(NEW) + changes.of(MOVED):
        made[change] = new_id()
        fresh.append(
            Assignment(
                id=made[change],
                slot_id=change.slot_id,
                volunteer_id=change.volunteer_id,
                starts_at=change.starts_at,
                state=State.PROPOSED,
                plan_id=plan.id,
                proposed_at=now,
                expires_at=offer_expires_at(change.starts_at, config, now=now),
            )
        )
    assignments.add_all(store, fresh)
    _tell(store, plan, changes, {a.id: a for a in fresh}, made, now=now)
    return made


def _tell(
    store: Store,
    plan: Plan,
    changes: Difference,
    fresh: dict[str, Assignment],
    made: dict[Change, str],
    *,
    now: datetime,
) -> None:
    """One message to each person whom the plan affects, what is no longer wanted first."""
    services = {s.id: s.service_type for s in slots.where(store, *among("id", {c.slot_id for c in changes.changes}))}
    items: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for kind, template in ((GONE, "superseded"), (MOVED, "moved"), (NEW, "proposed")):
        for change in changes.of(kind):
            item = {
                "template": template,
                "service": services[change.slot_id],
                "starts_at": utc_text(change.starts_at),
                "assignment_id": made.get(change, change.assignment_id),
            }
            if change.old_starts_at:
                item["old_starts_at"] = utc_text(change.old_starts_at)
                item["old_assignment_id"] = change.assignment_id
            if change in made:
                expires_at = fresh[made[change]].expires_at
                item["expires_at"] = utc_text(expires_at) if expires_at else ""
            items[change.volunteer_id].append(item)
    for volunteer_id, mine in sorted(items.items()):
        outbox.enqueue(
            store,
            key=f"plan:{plan.id}:{volunteer_id}",
            addressee=outbox.to_volunteer(volunteer_id),
            template=mine[0]["template"],
            payload={"items": mine},
            now=now,
            begins_at=datetime.fromisoformat(min(item["starts_at"] for item in mine)),
        )
