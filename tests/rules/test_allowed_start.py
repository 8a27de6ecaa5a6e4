import pytest

from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken

PROBLEM = a_problem(a_volunteer("ann"), a_slot("tea", 60, latest=90))


@pytest.mark.parametrize("start", [60, 90])
def test_a_visit_may_start_at_either_end_of_what_is_allowed(start):
    assert rules_broken(PROBLEM, on("tea", "ann", start)) == []


@pytest.mark.parametrize("start", [55, 95])
def test_a_visit_may_not_start_five_minutes_outside(start):
    assert rules_broken(PROBLEM, on("tea", "ann", start)) == ["allowed_start"]
