from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken


def test_back_to_back_visits_are_allowed():
    problem = a_problem(a_volunteer("ann"), a_slot("tea", 60, 60), a_slot("walk", 120, 30))
    assert rules_broken(problem, on("tea", "ann", 60), on("walk", "ann", 120)) == []


def test_visits_may_not_overlap_by_a_minute():
    problem = a_problem(a_volunteer("ann"), a_slot("tea", 60, 60), a_slot("walk", 119, 30))
    assert "one_place_at_a_time" in rules_broken(problem, on("tea", "ann", 60), on("walk", "ann", 119))


def test_a_pin_outside_every_window_still_takes_its_time():
    pinned = a_slot("tea", 60, 61, pinned=[{"volunteer": "ann", "start": 60}])
    problem = a_problem(a_volunteer("ann", (120, 300)), pinned, a_slot("walk", 120, 30))
    assert rules_broken(problem, on("tea", "ann", 60), on("walk", "ann", 120)) == ["one_place_at_a_time"]


def test_two_people_may_be_busy_at_once():
    problem = a_problem(a_volunteer("ann"), a_volunteer("bob"), a_slot("tea", 60, 60), a_slot("walk", 60, 60))
    assert rules_broken(problem, on("tea", "ann", 60), on("walk", "bob", 60)) == []
