"""Comparing plans and imagining other weeks."""

from datetime import date, timedelta

import pytest

from scheduler.boards.plan_comparison import compare
from scheduler.config import load_config
from scheduler.model.people import AvailabilityRule
from scheduler.model.plan import Plan, PlanState, Run, RunState, Seat
from scheduler.operations import scenarios
from scheduler.planning.build import build_problem
from scheduler.rules.horizon import volunteer_of
from scheduler.store import Store
from scheduler.store.people import availability_rules
from scheduler.store.plans import add_plan, runs
from tests.world import NOW, add_slot, add_world

CONFIG = load_config()
START = NOW + timedelta(days=1, hours=4)


@pytest.fixture
def town(store: Store) -> Store:
    add_world(store)
    for who in ("ann", "bob"):
        availability_rules.add(store, AvailabilityRule(f"free-{who}", who, (1, 2, 3, 4, 5, 6, 7), "08:00", "20:00"))
    return store


def a_plan(store: Store, name: str, seats: list[Seat], **figures: object) -> None:
    day = date(2026, 11, 23)
    runs.add(store, Run(f"run-{name}", "plan", day, f"run-{name}", RunState.DONE, NOW))
    add_plan(store, Plan(name, f"run-{name}", day, day, PlanState.DISCARDED, 1, NOW, figures=dict(figures)), seats)


def test_two_plans_differ_where_people_or_times_differ(town: Store):
    one, two, three = (add_slot(town, START + timedelta(hours=n)).id for n in range(3))
    later = START + timedelta(minutes=5)
    a_plan(town, "first", [Seat(one, "ann", START), Seat(two, "ann", START)], cost=10, terms={"travel": 4})
    a_plan(town, "second", [Seat(one, "ann", START), Seat(two, "ann", later), Seat(three, "bob", START)], cost=7)
    found = compare(town, "first", "second")
    assert (found.same, found.count("new"), found.count("gone"), found.count("moved")) == (1, 1, 0, 1)
    assert dict((name, pair) for name, *pair in found.figures)["cost"] == [10, 7]
    assert dict((name, pair) for name, *pair in found.figures)["travel"] == [4, None]


def test_an_ill_courier_is_gone_from_the_imagined_week(town: Store):
    add_slot(town, START)
    snapshot = build_problem(town, CONFIG, now=NOW, open_frozen=True)
    imagined = scenarios.imagined(snapshot, {"ill": 1})
    assert len({volunteer_of(v.id) for v in snapshot.problem.volunteers}) == 2
    assert len({volunteer_of(v.id) for v in imagined.volunteers}) == 1


@pytest.mark.parametrize(("day", "left"), [("2026-11-24", 0), ("2026-11-25", 1), ("", 0)])
def test_a_closed_service_is_gone_on_its_day(town: Store, day: str, left: int):
    add_slot(town, START)
    snapshot = build_problem(town, CONFIG, now=NOW, open_frozen=True)
    assert len(snapshot.problem.slots) == 1
    assert len(scenarios.imagined(snapshot, {"closed": "E01", "closed_on": day}).slots) == left


def test_a_named_way_weighs_one_cost_more(town: Store):
    snapshot = build_problem(town, CONFIG, now=NOW)
    usual, familiar = snapshot.problem.weights, scenarios.imagined(snapshot, {"way": "familiar"}).weights
    assert (familiar.affinity, familiar.travel) == (4 * usual.affinity, usual.travel)
