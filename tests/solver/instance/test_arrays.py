import math
import random

import numpy as np

from solver.instance.arrays import compile_network
from solver.instance.candidates import eligible
from solver.instance.travel import EARTH_M, leg_min
from solver.model.problem import Mode, Problem, Slot, Travel, Volunteer, Weights, Window
from tests.builders import a_problem, a_slot, a_volunteer

MODES = {"walk": Mode(67, 2), "bike": Mode(170, 3)}


def a_city(seed: int, people: int = 12, slots: int = 40) -> Problem:
    chance = random.Random(seed)

    def somewhere() -> tuple[float, float]:
        return (round(chance.uniform(31.22, 31.26), 5), round(chance.uniform(121.36, 121.42), 5))

    tags = [frozenset(chance.sample(["courier", "female", "insured"], chance.randint(0, 3))) for _ in range(people)]
    places = [somewhere() for _ in range(slots)]
    return Problem(
        "city",
        1440,
        Travel(1.3, MODES),
        Weights(),
        tuple(
            Volunteer(f"v{n}", tags[n], places[n], chance.choice(["walk", "bike"]), (Window(480, 600, places[n]),),
                      max_reach=chance.choice([None, 15, 30]))
            for n in range(people)
        ),
        tuple(
            Slot(f"s{n}", location=None if n % 7 == 0 else places[n], duration=30, earliest=450 + 10 * (n % 13),
                 latest=450 + 10 * (n % 13) + 20 * (n % 4), requires_all=frozenset(["courier"] if n % 5 == 0 else []),
                 forbids=frozenset(["female"] if n % 6 == 0 else []), excluded=frozenset([f"v{n % 12}"]))
            for n in range(slots)
        ),
    )  # fmt: skip


def plain_leg(problem: Problem, mode: str, a, b) -> int:
    if a is None or b is None or a == b:
        return 0
    (lat1, lon1), (lat2, lon2) = ((math.radians(p[0]), math.radians(p[1])) for p in (a, b))
    h = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    metres = problem.travel.detour * (2 * EARTH_M * math.asin(math.sqrt(h)))
    return math.ceil(metres / MODES[mode].metres_per_minute + MODES[mode].overhead - 1e-9)


def test_legs_equal_the_formula_of_the_format():
    problem = a_city(1)
    net = compile_network(problem)
    for v, volunteer in enumerate(problem.volunteers):
        for s, slot in enumerate(problem.slots):
            here = net.window_origin[net.volunteer_window_at[v]]
            pace = net.metres_per_minute[v], net.mode_overhead[v]
            assert leg_min(net.travel, *pace, here, net.place[s]) == plain_leg(
                problem, volunteer.mode, volunteer.location, slot.location
            )


def test_candidates_are_exactly_the_slots_that_fit_a_window_alone():
    for seed in range(5):
        problem = a_city(seed)
        net = compile_network(problem)
        found = {
            (v, int(s))
            for v in range(len(problem.volunteers))
            for w in range(net.volunteer_window_at[v], net.volunteer_window_at[v + 1])
            for s in net.window_candidates[net.window_candidate_at[w] : net.window_candidate_at[w + 1]]
        }
        expected = set()
        for v, volunteer in enumerate(problem.volunteers):
            (window,) = volunteer.windows
            for s, slot in enumerate(problem.slots):
                leg = plain_leg(problem, volunteer.mode, volunteer.location, slot.location)
                starts = [t for t in slot.starts if window.start + leg <= t and t + slot.duration <= window.end]
                near = volunteer.max_reach is None or leg <= volunteer.max_reach
                if starts and near and eligible(volunteer, slot):
                    expected.add((v, s))
        assert found == expected
        assert expected


def test_each_candidate_is_listed_for_its_window_and_for_its_slot():
    net = compile_network(a_city(3))
    windows = np.repeat(np.arange(len(net.window_start)), np.diff(net.window_candidate_at))
    slots = np.repeat(np.arange(len(net.place)), np.diff(net.slot_candidate_at))
    one = sorted(zip(windows.tolist(), net.window_candidates.tolist(), strict=True))
    other = sorted(zip(net.slot_candidates.tolist(), slots.tolist(), strict=True))
    assert one == other


def test_a_pinned_visit_belongs_to_the_window_that_holds_it_and_else_only_takes_time():
    pins = [{"volunteer": "ann", "start": 60}]
    net = compile_network(a_problem(a_volunteer("ann", (60, 120)), a_slot("tea", pinned=pins)))
    assert net.window_pin_slot.tolist() == [0]
    assert net.busy["start"].tolist() == []
    net = compile_network(a_problem(a_volunteer("ann", (61, 121)), a_slot("tea", pinned=pins)))
    assert net.window_pin_slot.tolist() == []
    assert net.busy["start"].tolist() == [60]
    assert net.day_pin_minutes.tolist() == [60]


def test_a_matrix_with_a_short_cut_is_noticed():
    straight = a_problem(a_volunteer(), a_slot())
    assert compile_network(straight).triangle
    rows = [[0, 9, 1], [9, 0, 1], [1, 1, 0]]
    assert not compile_network(a_problem(a_volunteer(), a_slot(), travel={"matrix": rows})).triangle


def test_a_team_rule_for_one_person_is_a_wish_about_that_person():
    rule = [{"tag": "courier", "at_least": 1}]
    problem = a_problem(a_volunteer("ann", tags={"courier"}), a_volunteer("bob"), a_slot("tea", team=rule))
    net = compile_network(problem)
    assert net.window_volunteer[net.slot_candidates].tolist() == [0]
