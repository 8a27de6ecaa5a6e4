"""Weeks that share nobody are planned apart and give the same week together."""

from scheduler.planning.independent_weeks import independent_parts, least_cost, merged, solve_in_parts
from solver.model.check import measure, violations
from solver.model.solution import Solution, Status
from solver.solve import Limits, solve
from tests.builders import a_problem, a_slot, a_volunteer

LIMITS = Limits(seconds=20, workers=1)


def two_days(*more):
    return a_problem(
        a_slot("today"), a_slot("tomorrow", 1500), a_volunteer("ann"), a_volunteer("bob", (1440, 2000)), *more
    )


def names(problem):
    return [([v.id for v in part.volunteers], [s.id for s in part.slots]) for part in independent_parts(problem)]


def test_days_without_a_common_person_are_apart():
    assert names(two_days()) == [(["ann"], ["today"]), (["bob"], ["tomorrow"])]


def test_a_person_free_on_both_days_ties_them():
    cy = a_volunteer("cy", [{"start": 0, "end": 60}, {"start": 1440, "end": 1500}])
    assert len(independent_parts(two_days(cy))) == 1


def test_a_visit_over_midnight_and_a_pin_on_another_day_tie_them():
    assert len(independent_parts(two_days(a_slot("night", 1430, 60)))) == 1
    pinned = a_slot("pinned", 1600, pinned=[{"volunteer": "ann", "start": 1600}])
    assert len(independent_parts(two_days(pinned))) == 1


def test_who_is_never_free_still_counts_once():
    idle = a_volunteer("idle", [], willing=True)
    parts = independent_parts(two_days(idle))
    assert sum(v.id == "idle" for part in parts for v in part.volunteers) == 1


def test_the_parts_together_are_as_good_as_the_whole():
    eager = a_volunteer("eager", [], willing=True)
    problem = two_days(eager, a_slot("far", 200, at=3), a_slot("away", 1600, at=2, affinity={"bob": 50}))
    whole, reports = solve(problem, LIMITS), []
    apart = solve_in_parts(problem, LIMITS, on_progress=reports.append)
    assert violations(problem, apart.assignments) == []
    assert (apart.coverage, apart.cost, apart.terms) == measure(problem, apart.assignments)
    assert (apart.status, apart.coverage, apart.cost) == (Status.OPTIMAL, whole.coverage, whole.cost)
    assert (apart.coverage_bound, apart.cost_bound) == (whole.coverage_bound, whole.cost_bound)
    assert reports[-1].coverage == apart.coverage


def test_cost_bounds_add_up_only_where_the_coverage_is_proven_best():
    problem = two_days(a_slot("away", 1600, at=2, affinity={"bob": 50}))
    parts = [solve(part, LIMITS) for part in independent_parts(problem)]
    empty = Solution("small", Status.FEASIBLE, (), 0, 1000, 0, 0, parts[0].terms)
    doubtful = merged(problem, [empty, parts[1]], 1.0)
    assert doubtful.cost_bound == min(doubtful.cost, least_cost(problem)) == -50 + min(0, doubtful.cost + 50)
    assert (doubtful.status, doubtful.coverage_bound) == (Status.FEASIBLE, 1000 + parts[1].coverage_bound)
