from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from solver.explain.moves import Moves
from solver.explain.relaxations import best_team
from solver.explain.why import ALWAYS, AS_THINGS_STAND, Reason, reasons_against, why_nobody, why_this
from solver.model.check import measure, violations
from solver.model.problem import TIME_LIMIT_MIN, TeamRule
from tests.brute import optimum
from tests.builders import a_problem, a_slot, a_volunteer, on
from tests.properties.strategies import problems


def reasons(volunteer, slot, *others):
    problem = a_problem(volunteer, slot, *others)
    return reasons_against(problem, problem.volunteers[0], problem.slots[0])


@pytest.mark.parametrize(
    ("volunteer", "slot", "reason"),
    [
        (
            a_volunteer(),
            a_slot(requires_all=["insured", "nurse"]),
            Reason("eligible", detail="lacks", tags=("insured", "nurse")),
        ),
        (a_volunteer(), a_slot(requires_any=["nurse"]), Reason("eligible", detail="none_of", tags=("nurse",))),
        (
            a_volunteer(tags=["minor"]),
            a_slot(forbids=["minor"]),
            Reason("eligible", detail="forbidden", tags=("minor",)),
        ),
        (a_volunteer(), a_slot(excluded=["ann"]), Reason("eligible", detail="excluded")),
        (a_volunteer(free=(61, 600)), a_slot(), Reason("inside_window")),
        (a_volunteer(max_reach=15), a_slot(at=2), Reason("within_reach", excess=5)),
        (a_volunteer(free=(45, 600)), a_slot(at=2), Reason("reached_in_time", excess=5)),
        (a_volunteer(free=[{"start": 0, "end": 130, "to": 0}]), a_slot(at=2), Reason("back_in_time", excess=10)),
        (a_volunteer(max_minutes_per_day=50), a_slot(), Reason("day_caps", excess=10)),
        (a_volunteer(max_visits=0), a_slot(), Reason("horizon_caps", excess=1)),
    ],
)
def test_what_keeps_a_person_away_whatever_the_plan_is_named(volunteer, slot, reason):
    assert reasons(volunteer, slot) == (reason,)


def test_who_could_come_on_an_empty_plan_has_no_reason_against():
    assert reasons(a_volunteer(), a_slot()) == ()


def test_one_free_start_of_several_is_enough():
    assert reasons(a_volunteer(free=(85, 600)), a_slot(start=60, latest=90)) == ()
    assert reasons(a_volunteer(free=(91, 600)), a_slot(start=60, latest=90)) == (Reason("inside_window"),)


def test_a_pinned_visit_elsewhere_is_a_reason_that_always_holds():
    pinned = a_slot("walk", 60, pinned=[{"volunteer": "ann", "start": 60}])
    (reason,) = reasons(a_volunteer(), a_slot("tea", 60), pinned)
    assert (reason.rule, reason.since) == ("reached_in_time", ALWAYS)


def test_why_this_person_is_told_by_the_difference_to_the_next_best():
    problem = a_problem(
        a_volunteer("ann", at=1),
        a_volunteer("bob", at=3),
        a_volunteer("cy", tags=["nurse"]),
        a_slot(at=1, forbids=["nurse"]),
    )
    why = why_this(problem, [on("tea", "ann", 60)], "tea", "ann")
    assert (why.rivals, why.next_best, why.next_best_start) == (1, "bob", 60)
    assert why.terms == {"travel": 20, "affinity": 0, "disruption": 0, "overload": 0, "unused": 0}
    assert why.saved == 20


def test_why_this_person_when_nobody_else_could_come():
    problem = a_problem(a_volunteer("ann"), a_volunteer("bob", (500, 600)), a_slot())
    why = why_this(problem, [on("tea", "ann", 60)], "tea", "ann")
    assert (why.rivals, why.next_best, why.terms, why.saved) == (0, None, {}, 0)


def test_a_rival_must_leave_the_team_complete():
    people = (
        a_volunteer("ann", tags=["nurse"]),
        a_volunteer("bob"),
        a_volunteer("cy"),
        a_volunteer("di", tags=["nurse"]),
    )
    slot = a_slot(people=2, team=[{"tag": "nurse", "at_least": 1}])
    plan = [on("tea", "ann", 60), on("tea", "bob", 60)]
    assert why_this(a_problem(*people, slot), plan, "tea", "ann").next_best == "di"
    assert why_this(a_problem(*people, slot), plan, "tea", "bob").rivals == 2


def test_asking_for_a_person_who_is_not_there_is_an_error():
    with pytest.raises(KeyError):
        why_this(a_problem(a_volunteer(), a_slot()), [], "tea", "ann")


def test_why_nobody_counts_everyone_once_under_the_first_rule_that_stops_them():
    problem = a_problem(
        a_volunteer("lacks", (500, 600)),
        a_volunteer("late", (61, 600), tags=["nurse"]),
        a_volunteer("far", at=5, tags=["nurse"], max_reach=40),
        a_volunteer("busy", tags=["nurse"]),
        a_slot("tea", requires_all=["nurse"]),
        a_slot("walk", 60, value=2000),
    )
    why = why_nobody(problem, [on("walk", "busy", 60)], "tea")
    assert why.stopped == {
        ("eligible", ALWAYS): 1,
        ("inside_window", ALWAYS): 1,
        ("within_reach", ALWAYS): 1,
        ("reached_in_time", AS_THINGS_STAND): 1,
    }
    assert (why.volunteers, why.on_it, why.free, why.missing) == (4, 0, 0, 1)
    assert why.supply == "elsewhere"


def test_nobody_could_ever_come_is_told_from_everybody_is_elsewhere():
    assert why_nobody(a_problem(a_volunteer(free=(61, 600)), a_slot()), [], "tea").supply == "absent"
    assert why_nobody(a_problem(a_volunteer(), a_slot()), [], "tea").supply == "free"


def test_people_who_are_free_but_make_no_team_are_told_apart():
    people = a_volunteer("ann"), a_volunteer("bob")
    problem = a_problem(*people, a_slot(people=2, team=[{"tag": "nurse", "at_least": 1}]))
    why = why_nobody(problem, [], "tea")
    assert (why.supply, why.free, why.together, why.needed) == ("team", 2, 2, 2)
    (change,) = why.relaxations
    assert (change.kind, change.tag, change.amount, change.people) == ("team_rule", "nurse", 1, ("ann", "bob"))
    assert change.coverage == 2000


TAGS = ["nurse", "driver", "member"]


@given(
    st.lists(st.tuples(st.sets(st.sampled_from(TAGS)), st.integers(0, 3)), max_size=6),
    st.lists(st.integers(0, 2), min_size=3, max_size=3),
    st.integers(2, 4),
)
@settings(max_examples=200, deadline=None)
def test_the_team_that_could_come_is_as_large_as_can_be_and_the_cheapest_of_that_size(people, at_least, headcount):
    volunteers = [a_volunteer(f"v{k}", tags=sorted(tags), at=at) for k, (tags, at) in enumerate(people)]
    team = [{"tag": tag, "at_least": number} for tag, number in zip(TAGS, at_least, strict=True)]
    problem = a_problem(*volunteers, a_slot(people=headcount, team=team))
    members = best_team(Moves(problem, []), problem.slots[0], (60,))
    size = min(headcount, len(people))
    teams = [[on("tea", v.id, 60) for v in some] for some in combinations(problem.volunteers, size) if some]
    costs = [measure(problem, some)[1] for some in teams if not violations(problem, some)]
    found = [on("tea", opening.volunteer, 60) for opening in members]
    assert bool(found) == bool(costs)
    if found:
        assert violations(problem, found) == []
        assert (len(found), measure(problem, found)[1]) == (size, min(costs))


def test_a_later_start_that_would_help_is_found_with_its_gain():
    problem = a_problem(a_volunteer("ann", (80, 600), at=1), a_slot(start=60, minutes=60, value=3000))
    why = why_nobody(problem, [], "tea")
    change = why.relaxations[0]
    assert (change.kind, change.amount, change.start, change.people) == ("later", 30, 90, ("ann",))
    assert (change.coverage, change.terms["travel"], change.cost) == (3000, 10, 10)


def test_no_start_is_tried_beyond_the_end_of_time():
    problem = a_problem(a_volunteer(free=(0, 59)), a_slot(start=TIME_LIMIT_MIN, minutes=1), horizon=TIME_LIMIT_MIN)
    assert why_nobody(problem, [], "tea").relaxations == ()


def test_a_tag_less_and_a_smaller_team_are_found():
    tagged = a_problem(a_volunteer("ann"), a_slot(requires_all=["nurse"]))
    assert [(c.kind, c.tag) for c in why_nobody(tagged, [], "tea").relaxations] == [("tag_fewer", "nurse")]
    members = a_problem(a_volunteer("ann"), a_volunteer("bob"), a_slot(people=4, min_headcount=4))
    assert [(c.kind, c.amount) for c in why_nobody(members, [], "tea").relaxations] == [("smaller_minimum", 2)]


def granted(slot, change):
    """The slot with the change that an answer proposes."""
    tag = {change.tag}
    team = tuple(TeamRule(r.tag, r.at_least - change.amount * (r.tag == change.tag)) for r in slot.team)
    return {
        "later": lambda: replace(slot, latest=change.start),
        "earlier": lambda: replace(slot, earliest=change.start),
        "tag_fewer": lambda: replace(slot, requires_all=slot.requires_all - tag),
        "tag_allowed": lambda: replace(slot, forbids=slot.forbids - tag),
        "any_tag": lambda: replace(slot, requires_any=frozenset()),
        "smaller_minimum": lambda: replace(slot, min_headcount=slot.min_headcount - change.amount),
        "team_rule": lambda: replace(slot, team=team),
    }[change.kind]()


def test_whoever_is_free_but_makes_no_team_with_the_one_who_is_pinned_is_no_supply():
    problem = a_problem(
        a_volunteer("ann", tags={"party_member"}),
        a_volunteer("bob", tags={"courier"}),
        a_slot(
            "duty", people=2, team=[{"tag": "party_member", "at_least": 2}], pinned=[{"volunteer": "ann", "start": 60}]
        ),
    )
    why = why_nobody(problem, [on("duty", "ann", 60)], "duty")
    assert (why.missing, why.free, why.supply) == (1, 1, "team")


@given(st.data())
@settings(max_examples=100, deadline=None)
def test_every_answer_about_an_optimal_plan_adds_up_and_can_be_checked(data):
    problem = data.draw(problems(max_people=4, max_slots=5))
    best = optimum(problem)
    plan = list(best.assignments)
    for slot in problem.slots:
        why = why_nobody(problem, plan, slot.id)
        assert why.on_it + why.free + sum(why.stopped.values()) == len(problem.volunteers)
        assert why.missing == 0 or why.supply != "free", "the optimum leaves no seat that someone could take"
        for change in why.relaxations:
            joined = [*plan, *(on(slot.id, who, change.start) for who in change.people)]
            eased = replace(problem, slots=tuple(granted(slot, change) if s is slot else s for s in problem.slots))
            assert violations(eased, joined) == []
            coverage, cost, _ = measure(eased, joined)
            assert (coverage - best.coverage, cost - best.cost) == (change.coverage, change.cost)
            assert change.coverage > 0
    for a in plan:
        why = why_this(problem, plan, a.slot, a.volunteer)
        assert why.saved >= 0, "the optimum has nobody whom another could replace more cheaply"
        if why.next_best:
            others = [b for b in plan if (b.slot, b.volunteer) != (a.slot, a.volunteer)]
            start = why.next_best_start
            swapped = [*others, on(a.slot, why.next_best, start)]
            assert violations(problem, swapped) == []
            _, cost, terms = measure(problem, swapped)
            assert cost - best.cost == why.saved
            assert {name: terms[name] - measure(problem, plan)[2][name] for name in terms} == why.terms
