from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken

PROBLEM = a_problem(a_volunteer("ann"), a_slot("tea"))


def test_a_slot_and_a_volunteer_of_the_problem_are_known():
    assert rules_broken(PROBLEM, on("tea", "ann", 60)) == []


def test_a_volunteer_whom_nobody_knows_is_refused():
    assert rules_broken(PROBLEM, on("tea", "stranger", 60)) == ["known_ids"]


def test_a_slot_that_nobody_knows_is_refused():
    assert rules_broken(PROBLEM, on("nowhere", "ann", 60)) == ["known_ids"]
