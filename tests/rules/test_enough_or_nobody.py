from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken

PEOPLE = [a_volunteer(name) for name in ("ann", "bob", "cy")]
PROBLEM = a_problem(*PEOPLE, a_slot("tea", people=3, min_headcount=2))


def test_a_slot_may_have_nobody():
    assert rules_broken(PROBLEM) == []


def test_a_slot_may_have_just_its_minimum():
    assert rules_broken(PROBLEM, on("tea", "ann", 60), on("tea", "bob", 60)) == []


def test_a_slot_may_not_have_one_below_its_minimum():
    assert rules_broken(PROBLEM, on("tea", "ann", 60)) == ["enough_or_nobody"]


def test_the_minimum_is_the_headcount_unless_told_otherwise():
    problem = a_problem(*PEOPLE, a_slot("tea", people=3))
    assert rules_broken(problem, on("tea", "ann", 60), on("tea", "bob", 60)) == ["enough_or_nobody"]


def test_pinned_people_alone_may_be_too_few():
    problem = a_problem(*PEOPLE, a_slot("tea", people=3, pinned=[{"volunteer": "ann", "start": 60}]))
    assert rules_broken(problem, on("tea", "ann", 60)) == []
    assert rules_broken(problem, on("tea", "ann", 60), on("tea", "bob", 60)) == ["enough_or_nobody"]
