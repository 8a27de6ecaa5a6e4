import subprocess
import sys
from itertools import pairwise
from random import Random

import pytest
from ortools.sat.python import cp_model

from solver.model.check import violations
from solver.model.problem import Problem, Travel, Weights
from solver.model.solution import Status, load_solution, save_solution
from solver.solve import Limits, solve
from tests.builders import a_problem, a_slot, a_volunteer, on


def a_day(people: int = 4, visits: int = 12) -> Problem:
    return a_problem(
        *(a_volunteer(f"v{n}", (0, 240), at=n % 5, max_minutes=120) for n in range(people)),
        *(a_slot(f"s{n}", 20 * (n % 8), 30, latest=20 * (n % 8) + 60, at=n % 6, value=1000) for n in range(visits)),
    )


def test_a_given_plan_is_never_lost():
    problem = a_problem(a_volunteer("ann", (0, 600)), a_slot("tea", 60), a_slot("walk", 120, at=5))
    given = [on("tea", "ann", 60)]
    solution = solve(problem, Limits(seconds=0), given)
    assert solution.assignments == tuple(given)
    assert solution.status in (Status.FEASIBLE, Status.TIMED_OUT, Status.OPTIMAL)


def test_a_given_plan_that_breaks_a_rule_is_not_taken():
    problem = a_problem(a_volunteer("ann", (0, 100)), a_slot("tea", 60))
    solution = solve(problem, Limits(seconds=0), [on("tea", "ann", 60), on("nothing", "ann", 3)])
    assert solution.assignments == ()


def test_without_time_the_pins_stand_and_the_answer_says_so():
    problem = a_problem(
        a_volunteer("ann", (0, 300)), a_slot("tea", 60, pinned=[{"volunteer": "ann", "start": 60}]), a_slot("walk", 180)
    )
    solution = solve(problem, Limits(seconds=0))
    assert solution.assignments == (on("tea", "ann", 60),)
    assert solution.status is Status.TIMED_OUT
    assert [u.slot for u in solution.unfilled] == ["walk"]


def test_however_little_the_time_there_is_a_first_plan():
    problem = a_problem(a_volunteer("ann", (0, 300)), a_slot("tea", 60))
    solution = solve(problem, Limits(seconds=1e-9))
    assert solution.assignments == (on("tea", "ann", 60),)
    assert solution.status is not Status.TIMED_OUT


def test_a_request_to_stop_brings_the_best_plan_so_far():
    problem = a_day(8, 40)
    asked = []
    solution = solve(problem, Limits(seconds=600), should_stop=lambda: len(asked) > 3 or asked.append(1) is not None)
    assert violations(problem, solution.assignments) == []
    assert solution.seconds < 60


def test_an_empty_problem_has_an_empty_optimal_plan():
    problem = Problem("nothing", 0, Travel(), Weights(), (), ())
    solution = solve(problem, Limits(seconds=5))
    assert (solution.status, solution.assignments, solution.coverage, solution.cost) == (Status.OPTIMAL, (), 0, 0)


def test_progress_never_gets_worse_and_ends_with_done():
    seen = []
    solve(a_day(), Limits(seconds=5, workers=1), on_progress=seen.append)
    assert seen[0].stage == "first"
    assert seen[-1].stage == "done"
    for before, after in pairwise(seen):
        assert after.coverage >= before.coverage
        assert after.coverage_bound <= before.coverage_bound


@pytest.mark.parametrize("seed", [0, 5])
def test_the_same_seed_gives_the_same_plan(seed):
    limits = Limits(seconds=20, workers=1, seed=seed, deterministic=True)
    one, other = solve(a_day(), limits), solve(a_day(), limits)
    assert one.assignments == other.assignments
    assert (one.coverage_bound, one.cost_bound) == (other.coverage_bound, other.cost_bound)


def test_a_solution_written_to_a_file_and_read_again_is_the_same(tmp_path):
    solution = solve(a_day(3, 5), Limits(seconds=5, workers=1))
    save_solution(solution, tmp_path / "plan.json.gz")
    assert load_solution(tmp_path / "plan.json.gz") == solution


def test_the_solution_says_how_it_was_made():
    solution = solve(a_day(2, 3), Limits(seconds=5, workers=1, seed=7))
    assert solution.seed == 7
    assert solution.limits == {"seconds": 5, "workers": 1, "seed": 7, "deterministic": False}
    assert "ortools" in solution.version


def test_a_window_without_length_changes_nothing_wherever_it_is_listed():
    free = [{"start": 60, "end": 200}, {"start": 60, "end": 60}]
    for windows in (free, free[::-1], free[:1]):
        problem = a_problem(a_volunteer("ann", windows), a_slot("tea", 60, 60), a_slot("walk", 120, 60))
        solution = solve(problem, Limits(seconds=5, workers=1))
        assert (solution.status, solution.coverage) == (Status.OPTIMAL, 2000)


WALKING = {"detour": 1.3, "modes": {"walk": {"metres_per_minute": 70, "overhead": 0}}}


@pytest.mark.parametrize("travel", [{"matrix": []}, WALKING])
def test_a_week_of_calls_needs_no_place(travel):
    problem = a_problem(a_volunteer("ann", at=None, mode="walk"), a_slot("call", at=None), travel=travel)
    assert solve(problem, Limits(seconds=5, workers=1)).coverage == 1000


@pytest.mark.parametrize("first", [-1200, -61, -1, 0])
def test_people_come_together_before_the_first_midnight_too(first):
    people = [a_volunteer(name, (first, first + 180)) for name in ("ann", "bob")]
    problem = a_problem(*people, a_slot("tea", first, 60, latest=first + 60, step=30, people=2))
    solution = solve(problem, Limits(seconds=5, workers=1))
    assert (solution.status, solution.coverage) == (Status.OPTIMAL, 2000)
    assert len({a.start for a in solution.assignments}) == 1


CP_SAT_AT_THE_END = """
import sys
import time
from solver.column_generation.prover import Prover
from solver.solve import Limits, solve
from tests.solver.test_solve import a_hard_choice, a_small_problem

class TakesItsTimeToGo:
    def __del__(self, sleep=time.sleep):
        sleep(1.5)

sys.last_to_go = TakesItsTimeToGo()
solve(a_small_problem())  # compiled code is loaded
Prover.all_proven = False
Prover.run = lambda prover: a_hard_choice(seconds=1.0)
solve(a_small_problem(), Limits(seconds=0.3, workers=2))
"""


def a_hard_choice(seconds: float) -> None:
    """CP-SAT at work for so long, whoever asks it to stop."""
    model, random = cp_model.CpModel(), Random(1)
    take = [model.new_bool_var("") for _ in range(200)]
    for _ in range(40):
        model.add(sum(random.randint(1, 99) * one for one in take) <= 4000)
    model.maximize(sum(random.randint(1, 99) * one for one in take))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds, solver.parameters.num_workers = seconds, 1
    solver.solve(model)


def a_small_problem() -> Problem:
    people = [a_volunteer(name) for name in ("ann", "bob")]
    return a_problem(*people, a_slot("tea"), a_slot("soup", 200))


def test_a_process_that_ends_while_cp_sat_is_still_at_work_ends_well():
    ended = subprocess.run([sys.executable, "-c", CP_SAT_AT_THE_END], capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
