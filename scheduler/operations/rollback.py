"""Takes a published plan back, in one transaction: people are told, promises made since then stand."""

from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from typing import Any

from scheduler.config import Config
from scheduler.errors import IllegalMove
from scheduler.localized import LocalizedText
from scheduler.messages import outbox
from scheduler.model.ids import new_id
from scheduler.model.plan import Assignment, Plan, PlanState, State
from scheduler.model.services import SlotState
from scheduler.planning.difference import GONE, MOVED, NEW
from scheduler.promises import feasibility, seats, standby
from scheduler.rules.windows import offer_expires_at
from scheduler.store import Store, audit, ledger, promised
from scheduler.store.plans import assignments, plans, runs
from scheduler.store.repository import utc_text
from scheduler.store.services import slots

CAUSE = "rollback"


def roll_back(store: Store, config: Config, run_id: str, *, by: str, now: datetime) -> dict[str, Any]:
    """Undoes what the run's published plan changed and puts the plan before it back in force.

    Proposals that it made and nobody has accepted are taken back; those that it took back are made again if the
    person can still come. What was accepted meanwhile stays. Returns counts: taken_back, restored, kept, lost.
    Raises IllegalMove if the run's plan is not the one in force.
    """
    with store.transaction():
        run = runs.get(store, run_id)
        plan = next((p for p in plans.by(store, run_id=run_id) if p.state is PlanState.PUBLISHED), None)
        if plan is None or "changes" not in run.receipt:
            raise IllegalMove(LocalizedText("only the plan in force can be rolled back: this run's plan is not"))
        changes = run.receipt["changes"]
        told: dict[str, list[dict[str, Any]]] = defaultdict(list)
        counts = dict.fromkeys(("taken_back", "restored", "kept", "lost"), 0)
        for line in changes:
            if line["kind"] in (NEW, MOVED):
                counts[_take_back(store, line, told, now=now)] += 1
        for line in changes:
            if line["kind"] in (GONE, MOVED):
                counts[_restore(store, config, line, told, now=now)] += 1
        _tell(store, run_id, told, now=now)
        _put_back_in_force(store, plan)
        done = {**counts, "at": utc_text(now), "by": by}
        ledger.keep_receipt(store, run_id, {**run.receipt, "rolled_back": done})
        audit.record(store, at=now, actor=by, action="rollback", object_kind="run", object_id=run_id)
        store.touch()
    return counts


def _take_back(store: Store, line: dict[str, Any], told: dict[str, list[dict[str, Any]]], *, now: datetime) -> str:
    mine = assignments.get(store, line["assignment"])
    if mine.state is not State.PROPOSED or mine.starts_at <= now:
        return "kept"
    gone = assignments.save(store, mine.move_to(State.SUPERSEDED, reason=CAUSE, replied_at=now))
    told[gone.volunteer_id].append(_item(store, gone, "superseded"))
    return "taken_back"


def _restore(
    store: Store, config: Config, line: dict[str, Any], told: dict[str, list[dict[str, Any]]], *, now: datetime
) -> str:
    old = assignments.get(store, line["old_assignment"])
    slot = slots.get(store, old.slot_id)
    others = promised.live_on_slot(store, slot.id)
    possible = (
        slot.state is SlotState.OPEN
        and now < old.starts_at
        and standby.free_seats(store, slot) > 0
        and all(other.starts_at == old.starts_at for other in others)
        and feasibility.team_holds(store, slot, old.volunteer_id)
        and not feasibility.reasons(store, config, old.volunteer_id, slot, old.starts_at)
    )
    if not possible:
        return "lost"
    expires_at = offer_expires_at(old.starts_at, config, now=now)
    again = Assignment(
        new_id(), slot.id, old.volunteer_id, old.starts_at, State.PROPOSED, plan_id=old.plan_id, proposed_at=now,
        expires_at=expires_at,
    )  # fmt: skip
    assignments.add(store, again)
    told[again.volunteer_id].append(_item(store, again, "proposed"))
    return "restored"


def _item(store: Store, assignment: Assignment, template: str) -> dict[str, Any]:
    return {"template": template, **seats.visit_payload(assignment, slots.get(store, assignment.slot_id))}


def _tell(store: Store, run_id: str, told: dict[str, list[dict[str, Any]]], *, now: datetime) -> None:
    for volunteer_id, items in sorted(told.items()):
        outbox.enqueue(
            store,
            key=f"rollback:{run_id}:{volunteer_id}",
            addressee=outbox.to_volunteer(volunteer_id),
            template=items[0]["template"],
            payload={"items": items},
            now=now,
            begins_at=datetime.fromisoformat(min(item["starts_at"] for item in items)),
        )


def _put_back_in_force(store: Store, plan: Plan) -> None:
    """The plan is discarded; the one published before it is in force again."""
    plans.save(store, replace(plan, state=PlanState.DISCARDED))
    before = [p for p in plans.by(store, state=PlanState.SUPERSEDED) if p.published_at]
    if before:
        newest = max(before, key=lambda p: (p.published_at, p.created_at))
        plans.save(store, replace(newest, state=PlanState.PUBLISHED))
