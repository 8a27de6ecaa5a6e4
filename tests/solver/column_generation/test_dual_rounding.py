"""Plans made from prices, and a second thread's help with looks at them."""

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.column_generation import prover as prover_module
from solver.column_generation.dual_ascent import Descent
from solver.column_generation.dual_rounding import Rounding, assignments_of
from solver.column_generation.incumbent import BestKnown
from solver.column_generation.lagrangian import Master
from solver.column_generation.prover import Prover
from solver.column_generation.sequential_pricing import close_incomplete, free_seats, in_turn
from solver.column_generation.subgradient import rehearse, rehearse_together, walk_from
from solver.column_generation.thread_pool import SharedWork
from solver.instance.arrays import compile_network
from solver.lns.annealing import Search
from solver.model.check import measure, violations
from solver.pricing.path import END
from tests.brute import optimum
from tests.builders import a_problem, a_slot, a_volunteer
from tests.properties.strategies import problems


def a_descent(problem, price=0.0):
    master = Master(problem, compile_network(problem))
    prices = master.no_prices()
    prices.row[:] = price
    return Descent(master, prices, 0.0)


def everybody_in_turn(descent, order, seats=None, eager=0.0):
    master = descent.master
    if seats is None:
        seats = free_seats(master, np.ones(len(master.rows.slot)))
    visits = np.full((len(master.days.max_visits), 1), END)
    return in_turn(
        master.net, master.options, master.rows, master.days, master.levels(0.0), master.memory,
        master.values(descent.best, 0.0), eager, seats, visits, np.array(order), master.halted,
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(problems(), st.sampled_from([0.0, 500.0, 3000.0]), st.integers(0, 3))
def test_a_plan_made_from_any_prices_breaks_no_rule_and_is_no_better_than_the_best(problem, price, seed):
    plan = Rounding(problem, a_descent(problem, price)).plan(seed, lambda: False)
    assert violations(problem, plan) == []
    coverage, cost, _ = measure(problem, plan)
    best = optimum(problem)
    assert (-coverage, cost) >= (-best.coverage, best.cost)


def test_whoever_helps_waits_for_pieces_that_are_promised():
    work, helped = SharedWork(), threading.Event()

    def pieces(of):
        return [lambda n=n: of + n for n in range(4)]

    assert not work.help()

    def help_out():
        while work.help():
            helped.set()

    with work.promised():
        helper = threading.Thread(target=help_out, daemon=True)
        helper.start()
        assert helped.wait(10)  # nothing to do yet, and still at it
        assert [work.results(pieces(10 * n)) for n in range(3)] == [[10 * n + m for m in range(4)] for n in range(3)]
    helper.join(5)
    assert not helper.is_alive()


def test_a_rehearsal_in_pieces_comes_to_the_same_prices_as_one_alone():
    days = [{"start": 1440 * day, "end": 1440 * day + 180} for day in range(2)]
    people = [a_volunteer(f"v{n}", days, tags={"courier"}, max_minutes=150) for n in range(9)]
    slots = [a_slot(f"s{n}", 1440 * (n % 2) + 10 * n, 45, value=1000 + 200 * n) for n in range(8)]
    team = [{"tag": "courier", "at_least": 1}]
    problem = a_problem(*people, *slots, a_slot("pair", 60, 60, latest=120, step=30, people=2, value=4000, team=team))
    found = []
    for walk_on in (rehearse, lambda *about: rehearse_together(*about, SharedWork())):
        descent = a_descent(problem)
        descent.look(1000)
        master, walk = descent.master, walk_from(descent.master, descent.best)
        best = walk.price.copy()
        height = walk_on(
            master.net, master.days, master.levels(0.0), master.rows, master.memory, master.idle_travel, 0.0, 0.0,
            master.mean_value, walk, best, np.inf, np.full(40, 50.0), descent.attendance,
        )  # fmt: skip
        found.append((height, *best, *descent.attendance))
    assert found[0] == pytest.approx(found[1])
    assert len(set(found[0])) > 3


def test_routes_a_little_behind_the_best_are_remembered_if_asked():
    slots = [a_slot(f"s{n}", 0, 60, latest=60, value=2000 - 100 * n) for n in range(4)]
    problem = a_problem(a_volunteer("ann", (0, 60)), *slots)
    met = []
    for behind in (0.0, 150.0, 10_000.0):
        master = Master(problem, compile_network(problem))
        master.evaluate(master.no_prices(), 0.0, 1000, behind=behind)
        met.append(len(master.memory.travel))
    assert met == [1, 2, 4]


def test_whoever_comes_later_takes_what_is_left():
    ann, bob = a_volunteer("ann", (0, 60)), a_volunteer("bob", (0, 60))
    problem = a_problem(ann, bob, a_slot("tea", 0, 60, value=3000), a_slot("soup", 0, 60, value=1000))
    descent = a_descent(problem)
    seats = free_seats(descent.master, np.zeros(2))
    visits = everybody_in_turn(descent, [1, 0], seats)
    goers = {a.slot: a.volunteer for a in assignments_of(problem, descent.master, visits)}
    assert goers == {"tea": "bob", "soup": "ann"}
    assert seats.left.tolist() == [0, 0]


def test_a_price_keeps_a_seat_for_the_one_who_can_come_to_nothing_else():
    ann = a_volunteer("ann", (0, 60))
    descent = a_descent(a_problem(ann, a_slot("tea", 0, 60, value=3000), a_slot("soup", 0, 60, value=2000)))
    descent.best.row[:] = [2500, 0]
    visits = everybody_in_turn(descent, [0])
    assert descent.master.options.slot[visits[visits >= 0]].tolist() == [1]


@pytest.mark.parametrize(("expected", "seats"), [(0.9, 0), (1.0, 2)])
def test_a_slot_for_several_is_offered_at_the_start_where_most_are_expected_if_that_is_half_of_the_least(
    expected, seats
):
    people = [a_volunteer(name, (0, 120)) for name in ("ann", "bob")]
    master = a_descent(a_problem(*people, a_slot("move", 0, 30, latest=60, step=30, people=2, min_headcount=2))).master
    assert master.rows.start.tolist() == [0, 30, 60]
    assert free_seats(master, np.array([0.1, expected - 0.2, 0.1])).left.tolist() == [0, seats, 0]


def a_team_of_two(*others):
    """A problem and its descent: a tour for two, one of them a guide; of the three people only eve is one."""
    ann, bob, eve = (
        a_volunteer(name, (0, 60), tags=tags) for name, tags in (("ann", ()), ("bob", ()), ("eve", {"guide"}))
    )
    tour = a_slot("tour", 0, 60, people=2, min_headcount=2, value=2000, team=[{"tag": "guide", "at_least": 1}])
    problem = a_problem(ann, bob, eve, tour, *others)
    return problem, a_descent(problem)


def goers_in_turn(problem, descent, order, **how):
    visits = everybody_in_turn(descent, order, **how)
    return {(a.slot, a.volunteer) for a in assignments_of(problem, descent.master, visits)}


def test_the_last_seat_of_a_crew_is_kept_for_someone_with_the_tag_that_it_lacks():
    assert goers_in_turn(*a_team_of_two(), [0, 1, 2]) == {("tour", "ann"), ("tour", "eve")}


@pytest.mark.parametrize(("eager", "chosen"), [(0.0, "soup"), (1.0, "tour")])
def test_who_completes_a_crew_counts_what_the_others_do_there_as_far_as_they_are_eager(eager, chosen):
    problem, descent = a_team_of_two(a_slot("soup", 0, 60, value=3000, requires_all=["guide"]))
    assert (chosen, "eve") in goers_in_turn(problem, descent, [0, 2], eager=eager)


def test_a_crew_that_did_not_become_complete_offers_no_more_seats():
    _, descent = a_team_of_two()
    seats = free_seats(descent.master, np.ones(1))
    everybody_in_turn(descent, [0], seats)
    close_incomplete(descent.master.rows, seats)
    assert seats.left[0] < 0
    everybody_in_turn(descent, [2], seats)
    assert seats.people.tolist() == [1]


def test_a_plan_from_prices_that_is_broken_off_is_none():
    problem = a_problem(a_volunteer("ann", (0, 60)), a_slot("tea", 0, 60))
    assert Rounding(problem, a_descent(problem)).plan(0, lambda: True) == ()


@pytest.mark.parametrize("helped", [True, False])
def test_who_helps_makes_the_plan_of_settled_prices_once_and_the_prover_alone_makes_it_itself(monkeypatch, helped):
    problem, over = a_problem(a_volunteer("ann", (0, 60)), a_slot("tea", 0, 60)), []

    def settle_twice(descent, stop, seconds_left, settled):
        settled()
        settled()
        over.append(True)

    monkeypatch.setattr(prover_module, "MANY_DAYS", 0)
    monkeypatch.setattr(prover_module, "lower", settle_twice)
    best = BestKnown(problem)
    prover = Prover(problem, compile_network(problem), best, 0, lambda: bool(over), lambda: 10.0, helped=helped)
    prover.run()
    covered = [best.coverage]
    for _ in range(2):
        covered.append(best.coverage if prover.help(lambda: False) else None)
    assert covered == ([0, 1000, None] if helped else [1000, None, None])


def test_late_one_more_plan_is_made_of_better_prices_and_then_nobody_helps(monkeypatch):
    problem, left = a_problem(a_volunteer("ann", (0, 60)), a_slot("tea", 0, 60)), [10.0]
    monkeypatch.setattr(prover_module, "MANY_DAYS", 0)
    monkeypatch.setattr(prover_module, "lower", lambda descent, stop, seconds_left, settled: settled())
    best, made, over = BestKnown(problem), [], []
    prover = Prover(problem, compile_network(problem), best, 0, lambda: bool(over), lambda: left[0], helped=True)
    monkeypatch.setattr(prover, "_decide_coverage", lambda *_: over.append(True))
    monkeypatch.setattr(best, "offer", made.append)
    prover.run()
    assert prover.help(lambda: False)
    prover._coverage_stage.best = prover._coverage_stage.best.copy()
    left[0] = 3.0
    assert not prover.help(lambda: False)  # not late yet: no plan, and no work to share
    left[0] = 2.9
    assert prover.help(lambda: False)
    assert not prover.help(lambda: False)
    assert len(made) == 2


def test_visits_around_a_pinned_one_keep_their_turn():
    ann = a_volunteer("ann", (0, 180))
    pinned = a_slot("pin", 60, 60, pinned=[{"volunteer": "ann", "start": 60}])
    problem = a_problem(ann, pinned, a_slot("tea", 0, 60, latest=120), a_slot("soup", 0, 60, latest=120))
    plan = Rounding(problem, a_descent(problem)).plan(0, lambda: False)
    assert sorted(a.start for a in plan) == [0, 60, 120]


@settings(max_examples=50, deadline=None)
@given(problems(), st.floats(0, 5000))
def test_a_search_that_heeds_prices_breaks_no_rule(problem, price):
    search = Search(problem, compile_network(problem))
    search.heed(np.full(len(problem.slots), price))
    search.run(0.5, rounds=60)
    assert violations(problem, search.assignments()) == []


def test_pieces_of_work_come_back_in_order_whoever_does_them():
    work, begun, done = SharedWork(), threading.Event(), threading.Event()

    def wait_for_the_helper():
        begun.set()
        assert done.wait(10)
        return "mine"

    def help_once():
        assert begun.wait(10)
        assert work.help()
        done.set()

    helper = threading.Thread(target=help_once)
    helper.start()
    assert work.results([wait_for_the_helper, threading.get_ident, lambda: "last"]) == ["mine", helper.ident, "last"]
    helper.join()
    assert not work.help()


def test_what_goes_wrong_in_a_piece_of_work_reaches_whoever_waits_for_it():
    with pytest.raises(ZeroDivisionError):
        SharedWork().results([lambda: 1, lambda: 1 // 0])
