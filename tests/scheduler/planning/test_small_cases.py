"""The small cases with a known optimum, solved through the store: the week that people see is the solution."""

import pytest

from scheduler.planning import replan
from scheduler.planning.publish import publish
from scheduler.planning.solver_process import checked
from scheduler.store import ledger
from scheduler.store.plans import assignments, seats_of
from solver.model.solution import Status, solution_from_json
from solver.solve import Limits, solve
from tests.scheduler.planning.builders import NOW
from tests.scheduler.planning.stored_case import load, names, scale, store_case


@pytest.fixture
def in_this_process(monkeypatch):
    """The real solver without the start of a process for each case."""
    limits = Limits(seconds=20, workers=1)

    def here(problem, _, *, incumbent=(), **__):
        return checked(problem, solve(problem, limits, incumbent))

    monkeypatch.setattr(replan, "solve_apart", here)


def published_week(store, config):
    plan = replan.plan_now(store, config, by="staff", clock=lambda: NOW)
    return publish(store, config, plan.id, by="staff", now=NOW)


def assert_the_week_is_the_optimum(store, plan, case, optimum):
    solution = solution_from_json(ledger.files_of(store, plan.run_id)[1])
    assert solution.status is Status.OPTIMAL
    assert (solution.coverage, solution.cost) == (optimum["coverage"] * scale(case), optimum["cost"])
    told = {
        (a.slot_id, a.volunteer_id, a.starts_at) for a in assignments.where(store, "state IN ('proposed', 'accepted')")
    }
    assert told == {(s.slot_id, s.volunteer_id, s.starts_at) for s in seats_of(store, plan.id)}
    assert len(told) == len(solution.assignments)


@pytest.mark.parametrize("name", names())
@pytest.mark.usefixtures("in_this_process")
def test_a_stored_week_is_planned_to_its_known_optimum(store, name):
    case, optimum = load(name)
    config = store_case(store, case)
    assert_the_week_is_the_optimum(store, published_week(store, config), case, optimum)


def test_the_same_through_the_real_solving_process(store):
    case, optimum = load("team-rule")
    config = store_case(store, case)
    assert_the_week_is_the_optimum(store, published_week(store, config), case, optimum)
