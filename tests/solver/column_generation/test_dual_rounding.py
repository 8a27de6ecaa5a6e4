"""Plans made from prices, and a second thread's help with looks at them."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.column_generation import coverage_stage
from solver.column_generation.dual_ascent import DualAscent
from solver.column_generation.dual_rounding import DualRounding, assignments_of
from solver.column_generation.incumbent import Incumbent
from solver.column_generation.lagrangian import Lagrangian
from solver.column_generation.prover import Prover
from solver.column_generation.prover_context import ProverContext
from solver.column_generation.sequential_pricing import close_incomplete, free_seats, price_in_sequence
from solver.column_generation.subgradient import (
    pool_relaxation,
    state_from,
    subgradient_phase,
    subgradient_phase_in_pieces,
)
from solver.column_generation.thread_pool import ThreadPool
from solver.instance.arrays import compile_network
from solver.lns.annealing import Search
from solver.model.check import measure, violations
from solver.params import Params, ThreadPoolParams
from solver.pricing.path import END
from tests.brute import optimum
from tests.builders import a_problem, a_slot, a_volunteer
from tests.properties.strategies import problems

EVERY_DAY_IS_MANY = Params(thread_pool=ThreadPoolParams(many_days=0))


def an_ascent(problem, price=0.0):
    lagrangian = Lagrangian(problem, compile_network(problem))
    duals = lagrangian.zero_duals()
    duals.row[:] = price
    return DualAscent(lagrangian, duals, 0.0)


def everybody_in_turn(ascent, order, seats=None, eager=0.0):
    lagrangian = ascent.lagrangian
    if seats is None:
        seats = free_seats(lagrangian, np.ones(len(lagrangian.rows.slot)))
    visits = np.full((len(lagrangian.days.max_visits), 1), END)
    return price_in_sequence(
        lagrangian.instance(0.0), lagrangian.rows, lagrangian.pool, lagrangian.values(ascent.best, 0.0), eager, seats,
        visits, np.array(order), lagrangian.limits(300, 64), lagrangian.halted,
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(problems(), st.sampled_from([0.0, 500.0, 3000.0]), st.integers(0, 3))
def test_a_plan_made_from_any_duals_breaks_no_rule_and_is_no_better_than_the_best(problem, price, seed):
    plan = DualRounding(problem, an_ascent(problem, price)).plan(seed, lambda: False)
    assert violations(problem, plan) == []
    coverage, cost, _ = measure(problem, plan)
    best = optimum(problem)
    assert (-coverage, cost) >= (-best.coverage, best.cost)


def test_whoever_helps_waits_for_pieces_that_are_to_come():
    work, two_threads = ThreadPool(), threading.Event()

    def pieces(of):
        return [lambda n=n: of + n for n in range(4)]

    assert not work.work_once()

    def help_out():
        while work.work_once():
            two_threads.set()

    with work.more_to_come():
        helper = threading.Thread(target=help_out, daemon=True)
        helper.start()
        assert two_threads.wait(10)  # nothing to do yet, and still at it
        assert [work.results(pieces(10 * n)) for n in range(3)] == [[10 * n + m for m in range(4)] for n in range(3)]
    helper.join(5)
    assert not helper.is_alive()


def test_a_subgradient_phase_in_pieces_comes_to_the_same_duals_as_one_alone():
    days = [{"start": 1440 * day, "end": 1440 * day + 180} for day in range(2)]
    people = [a_volunteer(f"v{n}", days, tags={"courier"}, max_minutes=150) for n in range(9)]
    slots = [a_slot(f"s{n}", 1440 * (n % 2) + 10 * n, 45, value=1000 + 200 * n) for n in range(8)]
    team = [{"tag": "courier", "at_least": 1}]
    problem = a_problem(*people, *slots, a_slot("pair", 60, 60, latest=120, step=30, people=2, value=4000, team=team))
    found = []
    for advance in (subgradient_phase, lambda *about: subgradient_phase_in_pieces(*about, ThreadPool(), 4)):
        ascent = an_ascent(problem)
        ascent.pricing_iteration(1000)
        lagrangian, state = ascent.lagrangian, state_from(ascent.lagrangian, ascent.best)
        best = state.iterate.copy()
        relaxation = pool_relaxation(lagrangian, 0.0, 0.0)
        dual_value = advance(relaxation, state, best, np.inf, np.full(40, 50.0), ascent.attendance)
        found.append((dual_value, *best, *ascent.attendance))
    assert found[0] == pytest.approx(found[1])
    assert len(set(found[0])) > 3


def test_routes_a_little_behind_the_best_are_kept_if_asked():
    slots = [a_slot(f"s{n}", 0, 60, latest=60, value=2000 - 100 * n) for n in range(4)]
    problem = a_problem(a_volunteer("ann", (0, 60)), *slots)
    met = []
    for tolerance in (0.0, 150.0, 10_000.0):
        lagrangian = Lagrangian(problem, compile_network(problem))
        lagrangian.evaluate(lagrangian.zero_duals(), 0.0, 1000, tolerance=tolerance)
        met.append(len(lagrangian.pool.travel))
    assert met == [1, 2, 4]


def test_whoever_comes_later_takes_what_is_left():
    ann, bob = a_volunteer("ann", (0, 60)), a_volunteer("bob", (0, 60))
    problem = a_problem(ann, bob, a_slot("tea", 0, 60, value=3000), a_slot("soup", 0, 60, value=1000))
    ascent = an_ascent(problem)
    seats = free_seats(ascent.lagrangian, np.zeros(2))
    visits = everybody_in_turn(ascent, [1, 0], seats)
    goers = {a.slot: a.volunteer for a in assignments_of(problem, ascent.lagrangian, visits)}
    assert goers == {"tea": "bob", "soup": "ann"}
    assert seats.left.tolist() == [0, 0]


def test_a_dual_keeps_a_seat_for_the_one_who_can_come_to_nothing_else():
    ann = a_volunteer("ann", (0, 60))
    ascent = an_ascent(a_problem(ann, a_slot("tea", 0, 60, value=3000), a_slot("soup", 0, 60, value=2000)))
    ascent.best.row[:] = [2500, 0]
    visits = everybody_in_turn(ascent, [0])
    assert ascent.lagrangian.tasks.slot[visits[visits >= 0]].tolist() == [1]


@pytest.mark.parametrize(("expected", "seats"), [(0.9, 0), (1.0, 2)])
def test_a_slot_for_several_is_offered_at_the_start_where_most_are_expected_if_that_is_half_of_the_least(
    expected, seats
):
    people = [a_volunteer(name, (0, 120)) for name in ("ann", "bob")]
    lagrangian = an_ascent(
        a_problem(*people, a_slot("move", 0, 30, latest=60, step=30, people=2, min_headcount=2))
    ).lagrangian
    assert lagrangian.rows.start.tolist() == [0, 30, 60]
    assert free_seats(lagrangian, np.array([0.1, expected - 0.2, 0.1])).left.tolist() == [0, seats, 0]


def a_team_of_two(*others):
    """A problem and its descent: a tour for two, one of them a guide; of the three people only eve is one."""
    ann, bob, eve = (
        a_volunteer(name, (0, 60), tags=tags) for name, tags in (("ann", ()), ("bob", ()), ("eve", {"guide"}))
    )
    tour = a_slot("tour", 0, 60, people=2, min_headcount=2, value=2000, team=[{"tag": "guide", "at_least": 1}])
    problem = a_problem(ann, bob, eve, tour, *others)
    return problem, an_ascent(problem)


def goers_in_turn(problem, ascent, order, **how):
    visits = everybody_in_turn(ascent, order, **how)
    return {(a.slot, a.volunteer) for a in assignments_of(problem, ascent.lagrangian, visits)}


def test_the_last_seat_of_a_team_is_kept_for_someone_with_the_tag_that_it_lacks():
    assert goers_in_turn(*a_team_of_two(), [0, 1, 2]) == {("tour", "ann"), ("tour", "eve")}


@pytest.mark.parametrize(("eager", "chosen"), [(0.0, "soup"), (1.0, "tour")])
def test_who_completes_a_team_counts_what_the_others_do_there_as_far_as_they_are_eager(eager, chosen):
    problem, ascent = a_team_of_two(a_slot("soup", 0, 60, value=3000, requires_all=["guide"]))
    assert (chosen, "eve") in goers_in_turn(problem, ascent, [0, 2], eager=eager)


def test_a_team_that_did_not_become_complete_offers_no_more_seats():
    _, ascent = a_team_of_two()
    seats = free_seats(ascent.lagrangian, np.ones(1))
    everybody_in_turn(ascent, [0], seats)
    close_incomplete(ascent.lagrangian.rows, seats)
    assert seats.left[0] < 0
    everybody_in_turn(ascent, [2], seats)
    assert seats.people.tolist() == [1]


def test_a_plan_from_duals_that_is_broken_off_is_none():
    problem = a_problem(a_volunteer("ann", (0, 60)), a_slot("tea", 0, 60))
    assert DualRounding(problem, an_ascent(problem)).plan(0, lambda: True) == ()


@pytest.mark.parametrize("two_threads", [True, False])
def test_who_helps_makes_the_plan_of_converged_duals_once_and_the_prover_alone_makes_it_itself(
    monkeypatch, two_threads
):
    problem, over = a_problem(a_volunteer("ann", (0, 60)), a_slot("tea", 0, 60)), []

    def converge_twice(ascent, stop, seconds_left, converged):
        converged()
        converged()
        over.append(True)

    monkeypatch.setattr(coverage_stage, "solve_dual", converge_twice)
    best = Incumbent(problem)
    clock = lambda: bool(over), lambda: 10.0
    prover = Prover(ProverContext(problem, compile_network(problem), best, 0, *clock, two_threads, EVERY_DAY_IS_MANY))
    prover.run()
    covered = [best.coverage]
    for _ in range(2):
        covered.append(best.coverage if prover.work_once(lambda: False) else None)
    assert covered == ([0, 1000, None] if two_threads else [1000, None, None])


def test_late_one_more_plan_is_made_of_better_duals_and_then_nobody_helps(monkeypatch):
    problem, left = a_problem(a_volunteer("ann", (0, 60)), a_slot("tea", 0, 60)), [10.0]
    monkeypatch.setattr(coverage_stage, "solve_dual", lambda ascent, stop, seconds_left, converged: converged())
    best, made, over = Incumbent(problem), [], []
    clock = lambda: bool(over), lambda: left[0]
    prover = Prover(ProverContext(problem, compile_network(problem), best, 0, *clock, True, EVERY_DAY_IS_MANY))
    monkeypatch.setattr(coverage_stage, "enumerate_routes", lambda *_: over.append(True))
    monkeypatch.setattr(best, "offer", made.append)
    prover.run()
    assert prover.work_once(lambda: False)
    ascent = prover._coverage.ascent
    ascent.best = ascent.best.copy()
    left[0] = 3.0
    assert not prover.work_once(lambda: False)  # not late yet: no plan, and no work to share
    left[0] = 2.9
    assert prover.work_once(lambda: False)
    assert not prover.work_once(lambda: False)
    assert len(made) == 2


def test_visits_around_a_pinned_one_keep_their_turn():
    ann = a_volunteer("ann", (0, 180))
    pinned = a_slot("pin", 60, 60, pinned=[{"volunteer": "ann", "start": 60}])
    problem = a_problem(ann, pinned, a_slot("tea", 0, 60, latest=120), a_slot("soup", 0, 60, latest=120))
    plan = DualRounding(problem, an_ascent(problem)).plan(0, lambda: False)
    assert sorted(a.start for a in plan) == [0, 60, 120]


@settings(max_examples=50, deadline=None)
@given(problems(), st.floats(0, 5000))
def test_a_search_that_weighs_duals_breaks_no_rule(problem, price):
    search = Search(problem, compile_network(problem))
    search.weigh_duals(np.full(len(problem.slots), price))
    search.run(0.5, rounds=60)
    assert violations(problem, search.assignments()) == []


def test_pieces_of_work_come_back_in_order_whoever_does_them():
    work, begun, done = ThreadPool(), threading.Event(), threading.Event()

    def wait_for_the_helper():
        begun.set()
        assert done.wait(10)
        return "mine"

    def help_once():
        assert begun.wait(10)
        assert work.work_once()
        done.set()

    helper = threading.Thread(target=help_once)
    helper.start()
    assert work.results([wait_for_the_helper, threading.get_ident, lambda: "last"]) == ["mine", helper.ident, "last"]
    helper.join()
    assert not work.work_once()


def test_what_goes_wrong_in_a_piece_of_work_reaches_whoever_waits_for_it():
    with pytest.raises(ZeroDivisionError):
        ThreadPool().results([lambda: 1, lambda: 1 // 0])
