"""What a plan earns and costs: coverage and one function per cost term; plain Python, knowing nothing of the solver."""

from __future__ import annotations

from typing import TYPE_CHECKING

from solver.model.plan_index import Placed, Plan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from solver.model.problem import Problem


def travel(plan: Plan) -> int:
    """Minutes of all legs, those to the windows' destinations included."""
    return sum(route.back_leg_min + sum(stop.leg_min for stop in route.stops) for route in plan.routes)


def affinity(plan: Plan) -> int:
    """Minus the points of the pairs that meet: paired, known, preferred."""
    return -sum(v.slot.affinity.get(v.volunteer.id, 0) for team in plan.team_of.values() for v in team)


def disruption(plan: Plan) -> int:
    """The taxes of the prior assignments not kept."""
    priors = ((slot.id, prior) for slot in plan.problem.slots for prior in slot.previous)
    return sum(prior.tax for slot_id, prior in priors if (slot_id, prior.volunteer) not in plan.placed)


def overload(plan: Plan) -> int:
    """Load points that the plan adds: convex in the service minutes above each volunteer's wish."""
    points = 0
    for volunteer_id, visits in plan.visits_of.items():
        volunteer = plan.volunteers[volunteer_id]
        if volunteer.target is not None:
            over_min = volunteer.served - volunteer.target
            points += load_points(over_min + sum(v.slot.duration for v in visits)) - load_points(over_min)
    return points


def load_points(over_min: int) -> int:
    """Points for minutes above the wish: 60 q^2 + (2 q + 1) r for q hours and r minutes; 0 below it."""
    hours, rest_min = divmod(max(0, over_min), 60)
    return 60 * hours * hours + (2 * hours + 1) * rest_min


def unused(plan: Plan) -> int:
    """Willing volunteers without a visit."""
    return sum(volunteer.willing and not plan.visits_of.get(volunteer.id) for volunteer in plan.problem.volunteers)


TERMS: tuple[Callable[[Plan], int], ...] = (travel, affinity, disruption, overload, unused)


def measure(problem: Problem, assignments: Iterable[Placed]) -> tuple[int, int, dict[str, int]]:
    """Coverage, cost, and cost by term (each times its weight) of a plan, whether it breaks rules or not."""
    plan = Plan(problem, assignments)
    coverage = sum(plan.slots[slot_id].value * len(team) for slot_id, team in plan.team_of.items())
    terms = {term.__name__: getattr(problem.weights, term.__name__) * term(plan) for term in TERMS}
    return coverage, sum(terms.values()), terms
