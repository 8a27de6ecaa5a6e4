"""Compile every kernel once, on a tiny problem, so that nobody waits for it: run at install or when a worker starts."""

from __future__ import annotations

import itertools
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
from numba.core import event

from solver import KERNELS
from solver.column_generation.dual_ascent import DualAscent
from solver.column_generation.dual_rounding import DualRounding
from solver.column_generation.enumeration import RouteSet, enumerate_routes
from solver.column_generation.incumbent import Incumbent
from solver.column_generation.lagrangian import Lagrangian
from solver.column_generation.prover import Prover
from solver.column_generation.prover_context import ProverContext
from solver.column_generation.sequential_pricing import free_seats, price_in_sequence
from solver.column_generation.subgradient import pool_relaxation, state_from, subgradient_phase
from solver.instance.arrays import compile_network
from solver.lns.annealing import Search
from solver.lns.construction import first_plan
from solver.model.problem import Pin, PriorAssignment, Problem, Slot, TeamRule, Travel, Volunteer, Weights, Window
from solver.pricing.column_pool import routes_to_keep
from solver.pricing.path import END
from solver.repair.incumbent_state import IncumbentState
from solver.repair.recommend import people_for, slots_for
from solver.repair.repair import repair
from solver.repair.standbys import standbys

PROOF_ROUNDS = 800  # questions whether to stop: enough for both stages of a proof from nothing
SEARCH_ROUNDS = 50
MAX_NODES = 1000


def compile_kernels() -> None:
    """All kernels compiled and cached on disk beside the package (numba's cache), by a process for each half.

    The halves are in an order in which neither needs what the other has not finished; then everything runs once more,
    and compiles what is left.
    """
    with ProcessPoolExecutor(2, get_context("spawn"), initializer=_tell) as processes:
        for half in [processes.submit(_compile_pricing), processes.submit(_compile_search)]:
            half.result()
        processes.submit(_compile_rest).result()


def _compile_pricing() -> None:
    """The best weeks, which take longest, then sequential pricing, which calls them."""
    lagrangian = _tiny_lagrangian()
    duals = lagrangian.zero_duals()
    lagrangian.evaluate(duals, 0.0, MAX_NODES)
    values, limits = lagrangian.values(duals, 0.0), lagrangian.limits(MAX_NODES)
    seats = free_seats(lagrangian, np.ones(len(lagrangian.rows.slot)))
    visits, everybody = np.full((len(lagrangian.days.at) - 1, 1), END), np.arange(len(lagrangian.net.willing))
    price_in_sequence(
        lagrangian.instance(0.0), lagrangian.rows, lagrangian.pool, values, 0.0, seats, visits, everybody, limits,
        lagrangian.halted,
    )  # fmt: skip


def _compile_search() -> None:
    """The search and what repairs a plan, then what works on the column pool, then enumeration, which prices too."""
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
    lagrangian = _tiny_lagrangian()
    duals, state = lagrangian.zero_duals(), state_from(lagrangian, lagrangian.zero_duals())
    about = state, state.iterate.copy(), 0.0, np.ones(1), np.zeros(len(lagrangian.rows.slot))
    subgradient_phase(pool_relaxation(lagrangian, 0.0, 0.0), *about)
    worth = np.zeros(0)
    routes_to_keep(lagrangian.instance(0.0), lagrangian.pool, worth, 0.0, 1)
    enumerate_routes(RouteSet(lagrangian), duals, 0.0, 0.0, 1, MAX_NODES)


def _compile_rest() -> None:
    """A proof from nothing, in which a plan is made of duals and searched."""
    problem = _tiny_problem()
    asked = itertools.count()
    net = compile_network(problem)
    Prover(ProverContext(problem, net, Incumbent(problem), 0, lambda: next(asked) > PROOF_ROUNDS, lambda: 1.0)).run()
    lagrangian = Lagrangian(problem, net)
    DualRounding(problem, DualAscent(lagrangian, lagrangian.zero_duals(), 0.0)).plan(0, lambda: False)


class _Telling(event.Listener):
    """Says what was compiled and how long it took with everything that it calls, unless that was quick."""

    def __init__(self) -> None:
        self._began: list[float] = []

    def on_start(self, event: event.Event) -> None:
        self._began.append(time.monotonic())

    def on_end(self, event: event.Event) -> None:
        seconds, function = time.monotonic() - self._began.pop(), event.data["dispatcher"].py_func
        if seconds >= 1 and function.__module__.startswith("solver."):
            print(f"{seconds:4.0f} s  {function.__module__}.{function.__name__}", flush=True)


def _tell() -> None:
    event.register("numba:compile", _Telling())  # type: ignore[no-untyped-call]


def _tiny_lagrangian() -> Lagrangian:
    problem = _tiny_problem()
    return Lagrangian(problem, compile_network(problem))


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
