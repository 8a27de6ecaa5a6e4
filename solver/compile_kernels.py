"""Compile every kernel once, on a tiny problem, so that nobody waits for it: run at install or when a worker starts."""

from __future__ import annotations

import itertools
import shutil
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np

from solver import KERNELS
from solver.column_generation.dual_ascent import DualAscent
from solver.column_generation.dual_rounding import DualRounding
from solver.column_generation.incumbent import Incumbent
from solver.column_generation.lagrangian import Lagrangian
from solver.column_generation.prover import Prover
from solver.instance.arrays import compile_network
from solver.lns.annealing import Search
from solver.lns.construction import first_plan
from solver.model.problem import Pin, PriorAssignment, Problem, Slot, TeamRule, Travel, Volunteer, Weights, Window
from solver.repair.incumbent_state import IncumbentState
from solver.repair.recommend import people_for, slots_for
from solver.repair.repair import repair
from solver.repair.standbys import standbys

PROOF_ROUNDS = 800  # questions whether to stop: enough for both stages of a proof from nothing
SEARCH_ROUNDS = 50


def compile_kernels() -> None:
    """All kernels compiled and cached on disk beside the package (numba's cache), by a process for each half."""
    with ProcessPoolExecutor(2, get_context("spawn")) as halves:
        for half in [halves.submit(_compile_prover), halves.submit(_compile_search)]:
            half.result()


def _compile_prover() -> None:
    problem = _tiny_problem()
    asked = itertools.count()
    net = compile_network(problem)
    Prover(problem, net, Incumbent(problem), 0, lambda: next(asked) > PROOF_ROUNDS, lambda: 1.0).run()
    lagrangian = Lagrangian(problem, net)
    DualRounding(problem, DualAscent(lagrangian, lagrangian.zero_duals(), 0.0)).plan(0, lambda: False)


def _compile_search() -> None:
    problem = _tiny_problem()
    net = compile_network(problem)
    plan = first_plan(problem, net, seconds=1.0)
    search = Search(problem, net, plan)
    search.run(0.5, rounds=SEARCH_ROUNDS)
    search.adopt(search.assignments())
    incumbent = IncumbentState(problem, plan)
    people_for(incumbent, "visit")
    slots_for(incumbent, "v0", 0, problem.horizon)
    repair(incumbent, ["visit"])
    standbys(problem, plan, limit=2)


def _tiny_problem() -> Problem:
    """Two people, two days, a team, a pin and a matrix: enough to call every kernel."""
    place = Travel(matrix=np.array([[0, 9, 14], [9, 0, 11], [14, 11, 0]]))
    day = Window(540, 720, 0, 0)
    people = tuple(
        Volunteer(f"v{n}", frozenset({"guide"}), 0, None, (day, Window(1980, 2100, 0)), target=30, max_minutes=120)
        for n in range(3)
    )
    slots = (
        Slot("pair", location=1, earliest=540, latest=600, step=30, headcount=2, min_headcount=2, value=2,
             team=(TeamRule("guide", 1),)),
        Slot("call", location=None, duration=10, earliest=540, latest=660, previous=(PriorAssignment("v0", 5),)),
        Slot("visit", location=2, duration=45, earliest=1980, latest=2040, affinity={"v1": 3}),
        Slot("other", location=1, duration=45, earliest=1980, latest=2040),
        Slot("fixed", location=2, duration=30, earliest=660, latest=660, pinned=(Pin("v2", 665),)),
    )  # fmt: skip
    return Problem("warm-up", 2880, place, Weights(), people, slots)


def remove_others() -> None:
    """Remove the compiled code of earlier states of the sources."""
    for old in KERNELS.parent.glob("kernels-*"):
        if old != KERNELS:
            shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    remove_others()
    compile_kernels()
