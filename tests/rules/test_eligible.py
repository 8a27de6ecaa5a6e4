from solver.model.check import violations
from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken


def broken_by(tags, **slot):
    return rules_broken(a_problem(a_volunteer("ann", tags=tags), a_slot("tea", **slot)), on("tea", "ann", 60))


def test_all_required_tags_are_needed():
    assert broken_by(["insured", "female"], requires_all=["insured", "female"]) == []
    assert broken_by(["insured"], requires_all=["insured", "female"]) == ["eligible"]


def test_one_of_the_alternative_tags_is_enough_and_needed():
    assert broken_by(["nurse"], requires_any=["nurse", "doctor"]) == []
    assert broken_by(["insured"], requires_any=["nurse", "doctor"]) == ["eligible"]


def test_a_forbidden_tag_keeps_away():
    assert broken_by(["insured"], forbids=["minor"]) == []
    assert broken_by(["insured", "minor"], forbids=["minor"]) == ["eligible"]


def test_who_is_excluded_by_name_is_kept_away():
    assert broken_by([], excluded=["bob"]) == []
    assert broken_by([], excluded=["ann"]) == ["eligible"]


def test_the_message_names_what_is_missing():
    problem = a_problem(a_volunteer("ann"), a_slot("tea", requires_all=["insured"]))
    (found,) = violations(problem, [on("tea", "ann", 60)])
    assert found.message == "ann is not eligible for tea: lacks insured"
