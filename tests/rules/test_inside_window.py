from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken


def broken_by(free):
    return rules_broken(a_problem(a_volunteer("ann", free), a_slot("tea", 60, 60)), on("tea", "ann", 60))


def test_a_visit_may_fill_a_window_exactly():
    assert broken_by((60, 120)) == []


def test_a_visit_may_not_begin_a_minute_before_the_window():
    assert broken_by((61, 200)) == ["inside_window"]


def test_a_visit_may_not_end_a_minute_after_the_window():
    assert broken_by((0, 119)) == ["inside_window"]


def test_a_visit_may_not_lie_across_two_windows_that_touch():
    assert broken_by([{"start": 0, "end": 90}, {"start": 90, "end": 200}]) == ["inside_window"]
