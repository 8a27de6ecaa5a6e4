"""The receipt of a run: what changed, for whom, why, and what it gained. Plain JSON, kept with the run."""

from datetime import datetime
from typing import Any

from scheduler.model.plan import Plan
from scheduler.planning.difference import GONE, NEW, Change, Difference
from scheduler.store.repository import utc_text

GAINS = ("coverage", "coverage_bound", "cost", "cost_bound", "terms", "slots", "heads", "filled", "status", "seconds")


def of(plan: Plan, changes: Difference, made: dict[Change, str]) -> dict[str, Any]:
    """The receipt of a published plan; rollback reads it too."""
    return {
        "plan": plan.id,
        "changes": [_line(change, made.get(change, "")) for change in changes.changes],
        "people": len(changes.people),
        "gained_seats": len(changes.of(NEW)) - len(changes.of(GONE)),
        "kept": changes.kept,
        "published_before": changes.published_before,
        "taken_back": changes.taken_back,
        "changed_share": round(changes.changed_share, 4),
        "without_cause": plan.figures.get("changes_without_cause", 0),
        "allowed_without_cause": plan.figures.get("changes_allowed", 0),
        "contradictions": plan.figures.get("contradictions", []),
        "figures": {name: plan.figures[name] for name in GAINS if name in plan.figures},
    }


def changes_in(receipt: dict[str, Any]) -> tuple[Change, ...]:
    """The changes that a kept receipt tells of, as they were when the plan was published."""
    return tuple(
        Change(
            kind=line["kind"],
            slot_id=line["slot"],
            volunteer_id=line["volunteer"],
            starts_at=datetime.fromisoformat(line["starts_at"]),
            cause=line["cause"],
            old_starts_at=datetime.fromisoformat(line["old_starts_at"]) if "old_starts_at" in line else None,
            assignment_id=line.get("assignment", line.get("old_assignment", "")),
        )
        for line in receipt.get("changes", ())
    )


def rolled_back_at(receipt: dict[str, Any]) -> datetime | None:
    """When the plan was taken back, None if it was not."""
    done = receipt.get("rolled_back")
    return datetime.fromisoformat(done["at"]) if done else None


def _line(change: Change, new_id: str) -> dict[str, Any]:
    line = {
        "kind": change.kind,
        "slot": change.slot_id,
        "volunteer": change.volunteer_id,
        "starts_at": utc_text(change.starts_at),
        "cause": change.cause,
    }
    if change.old_starts_at:
        line["old_starts_at"] = utc_text(change.old_starts_at)
    if change.assignment_id:
        line["old_assignment"] = change.assignment_id
    if new_id:
        line["assignment"] = new_id
    return line
