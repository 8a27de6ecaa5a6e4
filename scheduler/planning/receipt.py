"""The receipt of a run: what changed, for whom, why, and what it gained. Plain JSON, kept with the run."""

from typing import Any

from scheduler.model.plan import Plan
from scheduler.planning.difference import Change, Difference
from scheduler.store.repository import utc_text

GAINS = ("coverage", "coverage_bound", "cost", "cost_bound", "terms", "slots", "heads", "filled", "status", "seconds")


def of(plan: Plan, changes: Difference, made: dict[Change, str]) -> dict[str, Any]:
    """The receipt of a published plan; rollback reads it too."""
    return {
        "plan": plan.id,
        "changes": [_line(change, made.get(change, "")) for change in changes.changes],
        "people": len(changes.people),
        "kept": changes.kept,
        "published_before": changes.published_before,
        "taken_back": changes.taken_back,
        "changed_share": round(changes.changed_share, 4),
        "without_cause": plan.figures.get("changes_without_cause", 0),
        "allowed_without_cause": plan.figures.get("changes_allowed", 0),
        "figures": {name: plan.figures[name] for name in GAINS if name in plan.figures},
    }


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
