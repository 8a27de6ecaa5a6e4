"""Whoever compiled the kernels once never waits for one again."""

import subprocess
import sys

A_SOLVE_AND_WHAT_IT_COMPILES = """
import solver  # before numba, which asks then where compiled code is kept
from numba.core import event

compiled = []

class Listener(event.Listener):
    def on_start(self, event):
        compiled.append(event.data["dispatcher"].py_func.__qualname__)

    def on_end(self, event):
        pass

from solver.params import Params, AscentScheduleParams, ThreadPoolParams
from solver.repair.incumbent_state import IncumbentState
from solver.repair.repair import repair
from solver.solve import Limits, solve
from tests.builders import a_problem, a_slot, a_volunteer

event.register("numba:compile", Listener())
people = [a_volunteer(f"v{n}", (0, 240), at=n % 5, max_minutes=120, tags={"guide"}) for n in range(4)]
slots = [a_slot(f"s{n}", 20 * (n % 8), 30, latest=20 * (n % 8) + 60, at=n % 6) for n in range(12)]
tour = a_slot("tour", 60, 30, latest=120, step=30, people=2, team=[{"tag": "guide", "at_least": 1}])
problem = a_problem(*people, *slots, tour)
large = Params(ascent_schedule=AscentScheduleParams(heuristic_days=1), thread_pool=ThreadPoolParams(many_days=0))
for params in (Params(), large):
    solution = solve(problem, Limits(seconds=3), params=params)
repair(IncumbentState(problem, solution.assignments), ["tour"])
print(*compiled)
"""


def test_when_all_kernels_are_compiled_a_solve_compiles_nothing():
    run = subprocess.run([sys.executable, "-c", A_SOLVE_AND_WHAT_IT_COMPILES], capture_output=True, text=True)
    assert (run.stdout.split(), run.returncode) == ([], 0), run.stderr
