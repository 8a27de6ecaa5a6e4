from tests.builders import a_problem, a_slot, a_volunteer, on, rules_broken


def test_a_visit_may_be_just_within_the_radius():
    problem = a_problem(a_volunteer("ann", max_reach=20), a_slot("tea", at=2))
    assert rules_broken(problem, on("tea", "ann", 60)) == []


def test_a_visit_may_not_be_a_minute_beyond_the_radius():
    problem = a_problem(a_volunteer("ann", max_reach=19), a_slot("tea", at=2))
    assert rules_broken(problem, on("tea", "ann", 60)) == ["within_reach"]


def test_the_radius_is_measured_from_where_the_window_begins_not_from_the_visit_before():
    stops = a_slot("tea", 60, 30, at=2), a_slot("walk", 110, 30, at=3)
    plan = on("tea", "ann", 60), on("walk", "ann", 110)
    assert rules_broken(a_problem(a_volunteer("ann", max_reach=20), *stops), *plan) == ["within_reach"]
    from_afar = [{"start": 0, "end": 600, "from": 2}]
    assert rules_broken(a_problem(a_volunteer("ann", from_afar, max_reach=10), *stops), *plan) == []


def test_a_service_by_phone_is_within_every_radius():
    problem = a_problem(a_volunteer("ann", max_reach=0), a_slot("call", at=None))
    assert rules_broken(problem, on("call", "ann", 60)) == []
