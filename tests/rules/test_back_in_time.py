from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken


def a_window(end, **fields):
    return [{"start": 0, "end": end, **fields}]


def test_the_way_back_may_end_with_the_window():
    problem = a_problem(a_volunteer("ann", a_window(140, to=0)), a_slot("tea", 60, 60, at=2))
    assert rules_broken(problem, on("tea", "ann", 60)) == []


def test_the_way_back_may_not_end_a_minute_after_the_window():
    problem = a_problem(a_volunteer("ann", a_window(139, to=0)), a_slot("tea", 60, 60, at=2))
    assert rules_broken(problem, on("tea", "ann", 60)) == ["back_in_time"]


def test_without_a_place_to_be_there_is_no_way_back():
    problem = a_problem(a_volunteer("ann", a_window(120)), a_slot("tea", 60, 60, at=2))
    assert rules_broken(problem, on("tea", "ann", 60)) == []


def test_after_a_call_the_way_back_is_from_the_visit_before_it():
    stops = a_slot("tea", 60, 60, at=2), a_slot("call", 120, 10, at=None)
    plan = on("tea", "ann", 60), on("call", "ann", 120)
    assert rules_broken(a_problem(a_volunteer("ann", a_window(150, to=0)), *stops), *plan) == []
    assert rules_broken(a_problem(a_volunteer("ann", a_window(149, to=0)), *stops), *plan) == ["back_in_time"]


def test_a_pinned_last_visit_waives_the_way_back():
    slot = a_slot("tea", 60, 60, at=2, pinned=[{"volunteer": "ann", "start": 60}])
    problem = a_problem(a_volunteer("ann", a_window(125, to=0)), slot)
    assert rules_broken(problem, on("tea", "ann", 60)) == []
