from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken


def test_a_visit_may_start_a_whole_number_of_steps_after_the_earliest_start():
    problem = a_problem(a_volunteer("ann"), a_slot("tea", 63, latest=120, step=20))
    assert rules_broken(problem, on("tea", "ann", 103)) == []


def test_a_visit_may_not_start_a_minute_off_the_grid():
    problem = a_problem(a_volunteer("ann"), a_slot("tea", 63, latest=120, step=20))
    assert rules_broken(problem, on("tea", "ann", 102)) == ["on_grid"]
    assert rules_broken(problem, on("tea", "ann", 104)) == ["on_grid"]


def test_the_step_is_five_minutes_unless_told_otherwise():
    problem = a_problem(a_volunteer("ann"), a_slot("tea", 60, latest=120))
    assert rules_broken(problem, on("tea", "ann", 65)) == []
    assert rules_broken(problem, on("tea", "ann", 66)) == ["on_grid"]
