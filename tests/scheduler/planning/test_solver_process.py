"""Whatever the solving process does, a plan is used only if its status allows it and the check agrees."""

import sys
import time

import pytest

from scheduler.errors import PlanRefused, SolverFailed
from scheduler.planning.solver_process import checked, solve_apart
from solver.model.check import measure
from solver.model.solution import Solution, Status
from tests.builders import a_problem, a_slot, a_volunteer
from tests.scheduler.planning.builders import CONFIG
from tests.scheduler.planning.week import FIRST_FIT

LIMITS = CONFIG.solver.model_copy(update={"seconds": 20.0, "grace_seconds": 1.0})
TEA = a_problem(a_slot("tea"), a_volunteer("ann"), a_volunteer("bob"))


def test_a_plan_comes_back_checked_with_its_progress():
    reports = []
    solution = solve_apart(TEA, LIMITS, on_progress=reports.append, **FIRST_FIT)
    assert [(a.slot, a.volunteer) for a in solution.assignments] == [("tea", "ann")]
    assert [r["stage"] for r in reports] == ["first fit"]


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ("crash", SolverFailed, "the search lost its way"),
        ("die", SolverFailed, "killed by signal 11"),
        ("cut short", SolverFailed, "no readable solution"),
        ("wrong ids", PlanRefused, "unknown person or visit"),
        ("overlap", PlanRefused, "more people than wanted"),
        ("boast", PlanRefused, "the check counts"),
    ],
)
def test_a_fault_of_the_solving_process_is_named_and_the_old_plan_stands(monkeypatch, fault, error, said):
    monkeypatch.setenv("MISBEHAVE", fault)
    with pytest.raises(error, match=said) as caught:
        solve_apart(TEA, LIMITS, **FIRST_FIT)
    assert "the old plan stands" in str(caught.value)
    assert "原计划继续有效" in caught.value.said.zh


@pytest.mark.parametrize("status", ["TIMED_OUT", "INVALID"])
def test_only_a_feasible_or_optimal_plan_is_read(monkeypatch, status):
    monkeypatch.setenv("STATUS", status)
    with pytest.raises(SolverFailed, match=status):
        solve_apart(TEA, LIMITS, **FIRST_FIT)


def test_a_child_that_prints_without_end_does_not_fill_the_memory(monkeypatch):
    monkeypatch.setenv("MISBEHAVE", "chatter")
    assert len(solve_apart(TEA, LIMITS, **FIRST_FIT).assignments) == 1


def test_asked_to_stop_the_child_gives_its_best_plan(monkeypatch):
    monkeypatch.setenv("MISBEHAVE", "until told")
    assert len(solve_apart(TEA, LIMITS, should_stop=lambda: True, **FIRST_FIT).assignments) == 1


def test_a_child_that_does_not_listen_is_killed(monkeypatch):
    monkeypatch.setenv("MISBEHAVE", "hang")
    began = time.monotonic()
    with pytest.raises(SolverFailed, match="killed"):
        solve_apart(TEA, LIMITS, should_stop=lambda: True, **FIRST_FIT)
    assert time.monotonic() - began < LIMITS.seconds


def test_a_command_that_does_not_exist_is_a_failure_of_the_search():
    with pytest.raises(SolverFailed, match="exit status"):
        solve_apart(TEA, LIMITS, command=(sys.executable, "-c", "raise SystemExit(3)"))


def test_the_check_reads_nothing_from_an_unusable_status():
    coverage, cost, terms = measure(TEA, [])
    empty = Solution("small", Status.TIMED_OUT, (), coverage, 1000, cost, cost, terms)
    with pytest.raises(SolverFailed):
        checked(TEA, empty)
