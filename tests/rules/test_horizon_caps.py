from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken

TWO_DAYS = [{"start": 0, "end": 600}, {"start": 1440, "end": 2000}]
SLOTS = [a_slot("tea", 60, 30), a_slot("walk", 1500, 30)]
PLAN = on("tea", "ann", 60), on("walk", "ann", 1500)


def test_the_visits_of_the_horizon_may_reach_the_limit_and_not_pass_it():
    assert rules_broken(a_problem(a_volunteer("ann", TWO_DAYS, max_visits=2), *SLOTS), *PLAN) == []
    assert rules_broken(a_problem(a_volunteer("ann", TWO_DAYS, max_visits=1), *SLOTS), *PLAN) == ["horizon_caps"]


def test_the_minutes_of_the_horizon_may_reach_the_limit_and_not_pass_it():
    assert rules_broken(a_problem(a_volunteer("ann", TWO_DAYS, max_minutes=60), *SLOTS), *PLAN) == []
    assert rules_broken(a_problem(a_volunteer("ann", TWO_DAYS, max_minutes=59), *SLOTS), *PLAN) == ["horizon_caps"]


def test_pinned_visits_alone_may_pass_the_limit():
    slots = [{**slot, "pinned": [{"volunteer": "ann", "start": slot["earliest"]}]} for slot in SLOTS]
    assert rules_broken(a_problem(a_volunteer("ann", TWO_DAYS, max_visits=1), *slots), *PLAN) == []
    assert rules_broken(a_problem(a_volunteer("ann", TWO_DAYS, max_visits=1), slots[0], SLOTS[1]), *PLAN) == [
        "horizon_caps"
    ]
