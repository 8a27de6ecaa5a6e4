from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken

PEOPLE = [a_volunteer("ann", tags=["party_member"]), a_volunteer("bob"), a_volunteer("cy")]
TEAM = [{"tag": "party_member", "at_least": 1}]
PROBLEM = a_problem(*PEOPLE, a_slot("tea", people=2, team=TEAM))


def test_a_team_with_just_enough_party_members_is_right():
    assert rules_broken(PROBLEM, on("tea", "ann", 60), on("tea", "bob", 60)) == []


def test_a_team_with_one_party_member_too_few_is_wrong():
    assert rules_broken(PROBLEM, on("tea", "bob", 60), on("tea", "cy", 60)) == ["team_rules"]


def test_an_empty_slot_needs_no_party_member():
    assert rules_broken(PROBLEM) == []


def test_pinned_people_alone_need_not_make_a_team():
    pinned = [{"volunteer": "bob", "start": 60}]
    problem = a_problem(*PEOPLE, a_slot("tea", people=2, min_headcount=1, team=TEAM, pinned=pinned))
    assert rules_broken(problem, on("tea", "bob", 60)) == []
    assert rules_broken(problem, on("tea", "bob", 60), on("tea", "cy", 60)) == ["team_rules"]
    assert rules_broken(problem, on("tea", "bob", 60), on("tea", "ann", 60)) == []
