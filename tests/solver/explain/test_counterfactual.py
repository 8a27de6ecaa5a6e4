from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from solver.explain import counterfactual
from solver.explain.counterfactual import Change, why_not
from solver.model.check import measure, violations
from solver.solve import Limits, solve
from tests.brute import optimum
from tests.builders import a_problem, a_slot, a_volunteer, on
from tests.properties.strategies import problems


def test_a_rule_that_always_forbids_is_named_and_nothing_is_forced():
    problem = a_problem(a_volunteer("ann"), a_volunteer("bob", (61, 600)), a_slot())
    answer = why_not(problem, [on("tea", "ann", 60)], "bob", "tea")
    assert [reason.rule for reason in answer.reasons] == ["inside_window"]
    assert answer.counterfactual is None


def test_a_dearer_person_is_told_by_the_cost_of_the_exchange():
    problem = a_problem(a_volunteer("ann", at=1), a_volunteer("bob", at=3), a_slot(at=1))
    answer = why_not(problem, [on("tea", "ann", 60)], "bob", "tea", seconds=120)
    assert (answer.reasons, answer.counterfactual.coverage, answer.counterfactual.cost) == ((), 0, 20)
    assert answer.counterfactual.terms == {"travel": 20, "affinity": 0, "disruption": 0, "overload": 0, "unused": 0}
    assert answer.counterfactual.changes == (Change("ann", "tea", 60, None), Change("bob", "tea", None, 60))
    assert answer.counterfactual.proven


def test_what_the_person_does_now_passes_to_someone_else_or_is_lost():
    people = a_volunteer("ann"), a_volunteer("bob", tags=["nurse"])
    slots = a_slot("tea", 60, value=1000), a_slot("walk", 60, value=3000, requires_all=["nurse"])
    plan = [on("tea", "ann", 60), on("walk", "bob", 60)]
    answer = why_not(a_problem(*people, *slots), plan, "bob", "tea")
    assert answer.counterfactual.coverage == -3000
    helped = a_problem(*people, a_volunteer("cy", tags=["nurse"]), *slots)
    assert why_not(helped, plan, "bob", "tea").counterfactual.coverage == 0


def test_where_the_whole_week_has_to_be_planned_again_it_begins_from_the_plan(monkeypatch):
    ann, bob = a_volunteer("ann", (0, 60)), a_volunteer("bob", (1440, 1500))
    problem = a_problem(ann, bob, a_slot("tea", 0, 60), a_slot("soup", 1440, 60))
    plan, begun_from = [on("soup", "bob", 1440)], []

    def nothing_at_first(asked, limits, incumbent):
        begun_from.append(list(incumbent))
        return solve(asked, Limits(0 if len(begun_from) == 1 else 1, 1), incumbent)

    monkeypatch.setattr(counterfactual, "solve", nothing_at_first)
    assert why_not(problem, plan, "ann", "tea").counterfactual.coverage == 1000
    assert begun_from == [[], plan]


def test_slots_worth_as_much_as_can_be_are_forced_too():
    people = a_volunteer("ann"), a_volunteer("bob")
    problem = a_problem(*people, a_slot("tea", 60, value=10**9), a_slot("soup", 200, value=10**9))
    answer = why_not(problem, [on("tea", "ann", 60), on("soup", "ann", 200)], "bob", "tea")
    assert answer.counterfactual.coverage == 0


def test_a_team_keeps_its_size_with_the_person_in_it():
    people = [a_volunteer(name) for name in ("ann", "bob", "cy")]
    problem = a_problem(*people, a_slot(people=2))
    answer = why_not(problem, [on("tea", "ann", 60), on("tea", "bob", 60)], "cy", "tea")
    assert (answer.counterfactual.coverage, answer.counterfactual.cost) == (0, 0)
    assert len(answer.counterfactual.changes) == 2


@given(st.data())
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
def test_a_forced_plan_keeps_every_rule_and_is_no_better_than_the_best_one_with_the_person(data):
    problem = data.draw(problems(max_people=4, max_slots=5))
    best = optimum(problem)
    volunteer, slot = data.draw(st.sampled_from(problem.volunteers)), data.draw(st.sampled_from(problem.slots))
    assume((slot.id, volunteer.id) not in {(a.slot, a.volunteer) for a in best.assignments})
    answer = why_not(problem, best.assignments, volunteer.id, slot.id, seconds=8)
    with_person = optimum(problem, frozenset({(volunteer.id, slot.id)}))
    if answer.reasons:
        assert with_person is None
        return
    if answer.counterfactual is None:
        assert with_person is None
        return
    counterfactual = answer.counterfactual
    assert violations(problem, counterfactual.assignments) == []
    coverage, cost, _ = measure(problem, counterfactual.assignments)
    assert (coverage - best.coverage, cost - best.cost) == (counterfactual.coverage, counterfactual.cost)
    assert (-coverage, cost) >= (-with_person.coverage, with_person.cost)
    # No law, but so on these examples: at worst somebody else would have had to change places for more.
    assert coverage == with_person.coverage
