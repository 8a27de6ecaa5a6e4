from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken

PROBLEM = a_problem(a_volunteer("ann"), a_volunteer("bob"), a_slot("tea", people=2))


def test_two_people_on_one_slot_are_no_duplicates():
    assert rules_broken(PROBLEM, on("tea", "ann", 60), on("tea", "bob", 60)) == []


def test_one_person_cannot_fill_two_seats_of_a_slot():
    assert "no_duplicates" in rules_broken(PROBLEM, on("tea", "ann", 60), on("tea", "ann", 60))
