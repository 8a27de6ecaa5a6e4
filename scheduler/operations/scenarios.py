"""What if: the weeks ahead with people ill, places closed or other weights, solved apart; nobody is told anything."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from scheduler.config import Config
from scheduler.errors import IllegalMove, YiduError, told
from scheduler.localized import LocalizedText
from scheduler.model.ids import new_id
from scheduler.model.people import Kind
from scheduler.planning.build import Snapshot, build_problem
from scheduler.planning.solver_process import solve_apart
from scheduler.rules.horizon import slot_of, volunteer_of
from scheduler.store import Store
from scheduler.store.ledger import NOTHING_TO_SAY
from scheduler.store.scenarios import Scenario, add_scenario, end_scenario, open_scenarios, take_scenario
from solver.model.problem import Problem, Weights

SECONDS = 30.0
MOST_OPEN = 3  # of one person at once: each takes as long as a plan
# Named ways to weigh: how many times the usual weight each cost counts.
WAYS: dict[str, dict[str, int]] = {
    "usual": {},
    "familiar": {"affinity": 4},
    "near": {"travel": 4},
    "calm": {"disruption": 6},
    "fair": {"overload": 4, "unused": 4},
}


def ask(store: Store, *, ill: int, closed: str, closed_on: str, way: str, by: str, now: datetime) -> str:
    """Files a scenario; the scheduler process solves it within a minute. Returns its id.

    `ill`: so many couriers are away all the time, those with the most promised visits; `closed`: a service code that
    is not offered, on the local day `closed_on` or always; `way`: a key of WAYS. The same question is not filed twice.
    Raises IllegalMove if MOST_OPEN of this person's questions are still open.
    """
    wish = Scenario(new_id(), {"ill": ill, "closed": closed, "closed_on": closed_on, "way": way}, by, now)
    with store.transaction():
        waiting = open_scenarios(store)
        if same := next((other for other in waiting if other.changes == wish.changes), None):
            return same.id
        if sum(other.requested_by == by for other in waiting) >= MOST_OPEN:
            raise IllegalMove(
                LocalizedText(
                    "%(most_open)s of your what-ifs are still being worked on: wait until one of them is done",
                    most_open=MOST_OPEN,
                )
            )
        add_scenario(store, wish)
    return wish.id


def serve(store: Store, config: Config, *, clock: Callable[[], datetime], **solving: Any) -> bool:
    """Solves the oldest waiting scenario, if there is one; a failure is recorded, not raised."""
    wish = take_scenario(store)
    if wish is None:
        return False
    try:
        snapshot = build_problem(store, config, now=clock(), open_frozen=True)
        problem = imagined(snapshot, wish.changes)
        people, slots = {v.id for v in problem.volunteers}, {s.id for s in problem.slots}
        start = [a for a in snapshot.incumbent if a.volunteer in people and a.slot in slots]
        solution = solve_apart(problem, config.solver, incumbent=start, **{"seconds": SECONDS, **solving})
    except YiduError as error:
        end_scenario(store, wish.id, state="failed", figures={}, message=told(error))
        return True
    figures = {
        "slots": len(problem.slots), "heads": sum(s.headcount for s in problem.slots),
        "filled": len(solution.assignments), "coverage": solution.coverage, "coverage_bound": solution.coverage_bound,
        "people": len({volunteer_of(a.volunteer) for a in solution.assignments}),
        "terms": _unweighted(dict(solution.terms), problem.weights, snapshot.problem.weights),
    }  # fmt: skip
    end_scenario(store, wish.id, state="done", figures=figures, message=NOTHING_TO_SAY)
    return True


def imagined(snapshot: Snapshot, changes: dict[str, Any]) -> Problem:
    """The problem as it would be; promises of people who are away no longer bind."""
    problem, facts = snapshot.problem, snapshot.facts
    away = _away(snapshot, int(changes.get("ill", 0)))
    gone = {s.id for s in facts.slots.values() if s.service_type == changes.get("closed") and (
        not changes.get("closed_on") or s.service_date.isoformat() == changes["closed_on"])}  # fmt: skip
    volunteers = tuple(v for v in problem.volunteers if volunteer_of(v.id) not in away)
    slots = tuple(
        replace(
            slot,
            pinned=tuple(pin for pin in slot.pinned if volunteer_of(pin.volunteer) not in away),
            previous=tuple(p for p in slot.previous if volunteer_of(p.volunteer) not in away),
        )
        for slot in problem.slots
        if slot_of(slot.id) not in gone
    )
    usual = problem.weights
    factors = WAYS.get(str(changes.get("way")), {})
    weights = replace(usual, **{name: getattr(usual, name) * factor for name, factor in factors.items()})
    return replace(problem, name="what if", volunteers=volunteers, slots=slots, weights=weights)


def _away(snapshot: Snapshot, number: int) -> set[str]:
    """The couriers with the most visits ahead: a plan that survives without them survives a bad week."""
    facts = snapshot.facts
    planned: dict[str, int] = {}
    for seat in snapshot.incumbent:
        who = volunteer_of(seat.volunteer)
        planned[who] = planned.get(who, 0) + 1
    couriers = [v.id for v in facts.volunteers.values() if Kind.COURIER in v.kinds and v.active]
    return set(sorted(couriers, key=lambda who: (-planned.get(who, 0), who))[:number])


def _unweighted(terms: dict[str, int], used: Weights, usual: Weights) -> dict[str, float]:
    """Cost terms as the usual weights would count them, so that scenarios can be compared."""
    return {
        name: points * getattr(usual, name) / getattr(used, name) if getattr(used, name) else 0
        for name, points in terms.items()
    }
