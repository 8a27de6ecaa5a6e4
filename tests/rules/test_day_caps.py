from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken

SLOTS = [a_slot("tea", 60, 30), a_slot("walk", 120, 30), a_slot("chess", 180, 30)]
TWO = on("tea", "ann", 60), on("walk", "ann", 120)
THREE = *TWO, on("chess", "ann", 180)


def test_the_visits_of_a_day_may_reach_the_limit_and_not_pass_it():
    problem = a_problem(a_volunteer("ann", max_visits_per_day=2), *SLOTS)
    assert rules_broken(problem, *TWO) == []
    assert rules_broken(problem, *THREE) == ["day_caps"]


def test_the_minutes_of_a_day_may_reach_the_limit_and_not_pass_it():
    assert rules_broken(a_problem(a_volunteer("ann", max_minutes_per_day=60), *SLOTS), *TWO) == []
    assert rules_broken(a_problem(a_volunteer("ann", max_minutes_per_day=59), *SLOTS), *TWO) == ["day_caps"]


def test_every_day_has_its_own_limit():
    two_days = [{"start": 0, "end": 600}, {"start": 1440, "end": 2000}]
    problem = a_problem(a_volunteer("ann", two_days, max_visits_per_day=1), a_slot("tea", 60), a_slot("walk", 1500))
    assert rules_broken(problem, on("tea", "ann", 60), on("walk", "ann", 1500)) == []


def test_a_night_window_is_one_day():
    night = a_volunteer("ann", (1380, 1560), max_visits_per_day=1)
    problem = a_problem(night, a_slot("late", 1390, 30), a_slot("later", 1450, 30))
    assert rules_broken(problem, on("late", "ann", 1390), on("later", "ann", 1450)) == ["day_caps"]


def test_a_pinned_visit_counts_but_is_not_itself_refused():
    pinned = a_slot("tea", 60, 30, pinned=[{"volunteer": "ann", "start": 60}])
    problem = a_problem(a_volunteer("ann", max_minutes_per_day=20), pinned, a_slot("walk", 120, 30))
    assert rules_broken(problem, on("tea", "ann", 60)) == []
    assert rules_broken(problem, *TWO) == ["day_caps"]


def test_a_pin_outside_every_window_counts_on_the_day_of_its_own_start():
    pinned = a_slot("lunch", 720, 30, pinned=[{"volunteer": "ann", "start": 725}])
    problem = a_problem(a_volunteer("ann", (840, 990), max_minutes_per_day=60), pinned, a_slot("tea", 840, 45))
    assert rules_broken(problem, on("lunch", "ann", 725), on("tea", "ann", 840)) == ["day_caps"]
