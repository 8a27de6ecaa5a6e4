from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.model.check import measure
from solver.model.problem import Problem
from solver.model.solution import Solution, Status
from solver.proof.prove import ProofError, prove
from solver.solve import Limits, solve
from tests.brute import optimum
from tests.builders import a_problem, a_slot, a_volunteer, on
from tests.properties.strategies import problems

NO_PRICES = {"slots": [], "volunteers": []}
HOME, NEARBY = [31.24, 121.402], [31.24, 121.400]


def a_solution(problem, prices, *assignments, coverage_bound=0):
    coverage, cost, terms = measure(problem, assignments)
    return Solution(
        problem.name, Status.FEASIBLE, assignments, coverage, coverage_bound, cost, cost, terms, prices=prices
    )


@st.composite
def price_tables(draw, problem: Problem):
    price = st.sampled_from((0, 0, 0.5, 333.333, 1000, 2500.25))
    table = {"slots": [], "volunteers": []}
    for slot in problem.slots:
        for start in draw(st.sampled_from(([], [None], list(slot.starts), [None, slot.earliest]))):
            team = [draw(price) for _ in slot.team]
            table["slots"].append(
                {"slot": slot.id, "start": start, "seat": draw(price), "minimum": draw(price), "team": team}
            )
    for volunteer in problem.volunteers:
        capped = {None: (volunteer.max_visits, volunteer.max_minutes)}
        for window in volunteer.windows:
            capped[window.start // 1440] = volunteer.max_visits_per_day, volunteer.max_minutes_per_day
        for day, (visits, minutes) in capped.items():
            visit, minute = (0 if cap is None else draw(price) for cap in (visits, minutes))
            table["volunteers"].append({"volunteer": volunteer.id, "day": day, "visit": visit, "minute": minute / 100})
    return table


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_whatever_the_prices_no_plan_covers_more_than_the_bound(data):
    problem = data.draw(problems(max_people=3, max_slots=4))
    proof = prove(problem, a_solution(problem, data.draw(price_tables(problem))))
    assert proof.coverage_bound >= optimum(problem).coverage


@given(problems(max_people=1, max_slots=5))
@settings(max_examples=100, deadline=None)
def test_without_prices_the_bound_of_one_person_in_one_window_is_their_best_route(problem):
    person = replace(problem.volunteers[0], windows=problem.volunteers[0].windows[:1])
    slots = tuple(replace(slot, headcount=1, min_headcount=1, team=(), pinned=()) for slot in problem.slots)
    alone = replace(problem, volunteers=(person,), slots=slots)
    proof = prove(alone, a_solution(alone, NO_PRICES))
    assert proof.relaxed_windows == 0
    assert proof.coverage_bound == optimum(alone).coverage


def test_the_right_price_of_a_seat_that_two_people_want_closes_the_gap():
    problem = a_problem(a_volunteer("ann"), a_volunteer("bob"), a_slot("tea"))
    plan = on("tea", "ann", 60)
    loose = prove(problem, a_solution(problem, NO_PRICES, plan))
    assert (loose.coverage, loose.coverage_bound, loose.gap) == (1000, 2000, 0.5)
    prices = {"slots": [{"slot": "tea", "start": None, "seat": 1000, "minimum": 0, "team": []}], "volunteers": []}
    tight = prove(problem, a_solution(problem, prices, plan, coverage_bound=1000))
    assert (tight.coverage, tight.coverage_bound, tight.gap) == (1000, 1000, 0)
    assert tight.confirms_the_claim


def test_a_visit_worth_nothing_may_bring_someone_to_where_a_call_must_end():
    problem = a_problem(
        a_volunteer("ann", [{"start": 0, "end": 120, "to": NEARBY}], at=HOME, mode="walk"),
        a_slot("tea", 60, 30, at=NEARBY),
        a_slot("call", 90, 30, at=None),
        travel={"detour": 1.3, "modes": {"walk": {"metres_per_minute": 70, "overhead": 0}}},
    )
    seat = {"slot": "tea", "start": None, "seat": 1000.0, "minimum": 0, "team": []}
    proof = prove(problem, a_solution(problem, {"slots": [seat], "volunteers": []}))
    assert proof.coverage_bound >= optimum(problem).coverage == 2000


def test_a_claim_that_the_prices_do_not_prove_is_not_confirmed():
    problem = a_problem(a_volunteer("ann"), a_volunteer("bob"), a_slot("tea"))
    assert not prove(problem, a_solution(problem, NO_PRICES, coverage_bound=1000)).confirms_the_claim
    assert prove(problem, a_solution(problem, NO_PRICES, coverage_bound=2000)).confirms_the_claim


@settings(max_examples=100, deadline=None)
@given(problems(max_people=4, max_slots=5))
def test_a_bound_claimed_in_no_time_at_all_is_proven_too(problem):
    proof = prove(problem, solve(problem, Limits(seconds=0)))
    assert proof.coverage_bound <= proof.claimed_bound


def test_a_plan_that_breaks_a_rule_or_covers_less_than_it_says_is_not_confirmed():
    problem = a_problem(a_volunteer("ann"), a_slot("tea", 60))
    right = a_solution(problem, NO_PRICES, on("tea", "ann", 60), coverage_bound=1000)
    assert prove(problem, right).confirms_the_claim
    assert not prove(problem, replace(right, coverage=1001, coverage_bound=1001)).confirms_the_claim
    broken = prove(problem, replace(right, assignments=(on("tea", "ann", 61),)))
    assert not broken.confirms_the_claim
    assert [violation.rule for violation in broken.broken] == ["allowed_start", "on_grid"]


@pytest.mark.parametrize(
    ("prices", "said"),
    [
        ([], "expected an object"),
        ({"slots": [{"slot": "nowhere", "start": None, "seat": 1, "minimum": 0, "team": []}]}, "does not fit a slot"),
        ({"slots": [{"slot": "tea", "start": None, "seat": -1, "minimum": 0, "team": []}]}, "from 0 to"),
        ({"slots": [{"slot": "tea", "start": None, "seat": float("nan"), "minimum": 0, "team": []}]}, "from 0 to"),
        ({"slots": [{"slot": "tea", "start": None, "seat": 10**400, "minimum": 0, "team": []}]}, "expected numbers"),
        ({"slots": [{"slot": "tea", "start": None, "seat": 0, "minimum": 4e15, "team": []}]}, "too high to add up"),
        ({"slots": [{"slot": [], "start": None, "seat": 0, "minimum": 0, "team": []}]}, "does not fit a slot"),
        ({"slots": [{"slot": "tea", "start": {}, "seat": 0, "minimum": 0, "team": []}]}, "does not fit a slot"),
        ({"slots": [{"slot": "tea", "start": None, "seat": 0, "minimum": 0, "team": None}]}, "does not fit a slot"),
        ({"slots": 5}, "expected a list"),
        ({"volunteers": [{"volunteer": "ann", "day": [], "visit": 1, "minute": 0}]}, "does not fit a volunteer"),
        ({"slots": [{"slot": "tea"}]}, "seat"),
        ({"volunteers": [{"volunteer": "ann", "day": 0, "visit": 1, "minute": 0}]}, "a cap that does not exist"),
    ],
)
def test_prices_that_do_not_fit_are_refused_in_one_line(prices, said):
    problem = a_problem(a_volunteer("ann"), a_slot("tea"))
    with pytest.raises(ProofError, match=said):
        prove(problem, a_solution(problem, prices))
