from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken

PEOPLE = [a_volunteer(name) for name in ("ann", "bob", "cy")]
PROBLEM = a_problem(*PEOPLE, a_slot("tea", people=2))


def test_a_slot_may_be_full():
    assert rules_broken(PROBLEM, on("tea", "ann", 60), on("tea", "bob", 60)) == []


def test_a_slot_may_not_have_one_more_than_it_wants():
    assert rules_broken(PROBLEM, *(on("tea", name, 60) for name in ("ann", "bob", "cy"))) == ["at_most_headcount"]
