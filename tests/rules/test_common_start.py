from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken

PROBLEM = a_problem(a_volunteer("ann"), a_volunteer("bob"), a_slot("tea", 60, latest=90, people=2, step=5))


def test_a_team_starts_together():
    assert rules_broken(PROBLEM, on("tea", "ann", 75), on("tea", "bob", 75)) == []


def test_a_team_may_not_start_five_minutes_apart():
    assert rules_broken(PROBLEM, on("tea", "ann", 75), on("tea", "bob", 80)) == ["common_start"]


def test_who_joins_a_pinned_visit_starts_with_it():
    slot = a_slot("tea", 60, latest=90, people=2, pinned=[{"volunteer": "ann", "start": 70}])
    problem = a_problem(a_volunteer("ann"), a_volunteer("bob"), slot)
    assert rules_broken(problem, on("tea", "ann", 70), on("tea", "bob", 70)) == []
    assert rules_broken(problem, on("tea", "ann", 70), on("tea", "bob", 60)) == ["common_start"]
