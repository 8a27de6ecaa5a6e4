from solver.model.check import violations
from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken

PINNED = [{"volunteer": "ann", "start": 65}]
PROBLEM = a_problem(
    a_volunteer("ann"), a_volunteer("bob"), a_slot("tea", latest=90, people=2, min_headcount=1, pinned=PINNED)
)


def test_a_pinned_visit_stands_with_its_person_and_start():
    assert rules_broken(PROBLEM, on("tea", "ann", 65)) == []


def test_a_pinned_visit_may_not_be_dropped():
    assert rules_broken(PROBLEM) == ["pins_stand"]


def test_a_pinned_visit_may_not_go_to_someone_else():
    assert rules_broken(PROBLEM, on("tea", "bob", 65)) == ["pins_stand"]


def test_a_pinned_visit_may_not_move_by_five_minutes():
    assert rules_broken(PROBLEM, on("tea", "ann", 70)) == ["pins_stand"]


def test_a_pin_waives_every_rule_about_its_own_visit():
    far_away = a_slot(
        "far", 1000, at=5, latest=1100, forbids=["late"], excluded=["ann"], pinned=[{"volunteer": "ann", "start": 1003}]
    )
    problem = a_problem(a_volunteer("ann", tags=["late"], max_reach=5, max_minutes_per_day=30), far_away)
    assert rules_broken(problem, on("far", "ann", 1003)) == []


def test_a_pin_does_not_waive_the_rules_of_the_others_on_the_slot():
    slot = a_slot("tea", 60, people=2, forbids=["late"], pinned=[{"volunteer": "ann", "start": 60}])
    problem = a_problem(a_volunteer("ann", tags=["late"]), a_volunteer("bob", tags=["late"]), slot)
    found = violations(problem, [on("tea", "ann", 60), on("tea", "bob", 60)])
    assert [(v.rule, v.volunteer) for v in found] == [("eligible", "bob")]
