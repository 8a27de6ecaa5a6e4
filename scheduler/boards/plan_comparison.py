"""Two plans side by side: their figures, and who would be where in one but not in the other."""

from dataclasses import dataclass

from scheduler.model.plan import Plan
from scheduler.planning.difference import GONE, MOVED, NEW, Change
from scheduler.store import Store
from scheduler.store.plans import plans, seats_of

COMPARED = ("slots", "heads", "filled", "coverage", "coverage_bound", "cost", "cost_bound", "seconds")


@dataclass(frozen=True, slots=True)
class Comparison:
    """`changes` lead from the first plan to the second; `figures` are (name, first, second), cost terms included."""

    first: Plan
    second: Plan
    figures: tuple[tuple[str, float | None, float | None], ...]
    changes: tuple[Change, ...]
    same: int

    def count(self, kind: str) -> int:
        return sum(change.kind == kind for change in self.changes)


def compare(store: Store, first_id: str, second_id: str) -> Comparison:
    """Raises NotFound."""
    first, second = plans.get(store, first_id), plans.get(store, second_id)
    before = {(s.slot_id, s.volunteer_id): s.starts_at for s in seats_of(store, first_id)}
    after = {(s.slot_id, s.volunteer_id): s.starts_at for s in seats_of(store, second_id)}
    changes = [Change(NEW, *key, starts_at, "") for key, starts_at in after.items() if key not in before]
    changes += [Change(GONE, *key, starts_at, "") for key, starts_at in before.items() if key not in after]
    changes += [
        Change(MOVED, *key, after[key], "", starts_at)
        for key, starts_at in before.items()
        if key in after and after[key] != starts_at
    ]
    same = sum(after.get(key) == starts_at for key, starts_at in before.items())
    ordered = sorted(changes, key=lambda change: (change.starts_at, change.slot_id, change.volunteer_id))
    return Comparison(first, second, tuple(_figures(first, second)), tuple(ordered), same)


def _figures(first: Plan, second: Plan) -> list[tuple[str, float | None, float | None]]:
    found = [(name, first.figures.get(name), second.figures.get(name)) for name in COMPARED]
    terms = [plan.figures.get("terms") or {} for plan in (first, second)]
    return found + [(name, terms[0].get(name), terms[1].get(name)) for name in dict.fromkeys((*terms[0], *terms[1]))]
