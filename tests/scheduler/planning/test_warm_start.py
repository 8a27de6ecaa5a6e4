"""Where a search sets out: hoped-for seats first, then people whom the elders know."""

from scheduler.model.people import Pair, PairState
from scheduler.planning.build import LEAD, Opening, translate
from scheduler.planning.warm_start import with_familiar_people
from scheduler.rules.facts import Visit
from solver.model.check import violations
from solver.model.solution import Assignment as Placed
from tests.scheduler.planning.builders import (
    MONDAY,
    NOW,
    a_config,
    a_service,
    a_slot,
    a_volunteer,
    days_after,
    facts,
    free,
    held,
)

TUESDAY = days_after(MONDAY, 1)
ANYTIME = Opening(NOW + LEAD, NOW + LEAD, frozenset())
FIRST_PAIR = Pair("p", "li", "bea", 1)


def seats(*, people=("ann", "bea", "cleo"), slots=None, hoped=(), **around):
    """Who sits where at the start of the search: (slot, volunteer, minute of the day)."""
    known = facts(*map(a_volunteer, people), slots=tuple(slots or (visit(),)), **around)
    problem = translate(known, now=NOW, opens=ANYTIME).problem
    found = with_familiar_people(problem, known, hoped)
    pins = [Placed(slot.id, pin.volunteer, pin.start) for slot in problem.slots for pin in slot.pinned]
    assert violations(problem, [*pins, *found]) == []
    return [(a.slot, a.volunteer.split("@")[0], a.start % 1440) for a in found]


def visit(start="14:00", latest="16:00", **changes):
    return a_slot(start, latest, day=changes.pop("day", TUESDAY), **changes)


def test_a_visit_begins_with_the_elders_companion():
    assert seats(pairs=(FIRST_PAIR,)) == [("s1", "bea", 840)]


def test_without_anybody_familiar_the_visit_is_left_to_the_search():
    assert seats() == []
    assert seats(pairs=(Pair("p", "li", "bea", 1, PairState.PAUSED),)) == []


def test_the_first_companion_comes_before_the_second_and_a_companion_before_a_recent_visitor():
    second = Pair("q", "li", "ann", 2)
    assert seats(pairs=(second, FIRST_PAIR)) == [("s1", "bea", 840)]
    assert seats(pairs=(second,), visits=(Visit("cleo", "li", days_after(MONDAY, -7), 45),)) == [("s1", "ann", 840)]
    assert seats(visits=(Visit("cleo", "li", days_after(MONDAY, -7), 45),)) == [("s1", "cleo", 840)]


def test_whoever_the_last_plan_hoped_for_keeps_the_seat():
    hoped = Placed("s1", f"ann@{MONDAY}", 1440 + 900)
    assert seats(pairs=(FIRST_PAIR,), hoped=(hoped,)) == [("s1", "ann", 900)]


def test_a_companion_comes_as_early_as_their_free_time_and_the_way_allow():
    calendars = {"bea": free("14:30", "16:00")}
    (seat,) = seats(pairs=(FIRST_PAIR,), calendars=calendars)
    assert 870 < seat[2] <= 880
    assert (
        seats(pairs=(FIRST_PAIR,), calendars={"bea": free("14:30", "15:15")}) == []
    )  # 45 minutes and a way do not fit


def test_two_visits_on_one_day_leave_time_for_the_way():
    two = [visit("14:00", "14:00"), visit("14:00", "16:00", id="s2", lat=31.2545)]
    found = seats(slots=two, pairs=(FIRST_PAIR,))
    assert [seat[:2] for seat in found] == [("s1", "bea"), ("s2", "bea")]
    assert found[1][2] > 840 + 45


def test_a_companion_at_their_limit_leaves_the_visit_to_the_next_one():
    standing = [visit(day=days_after(MONDAY, n), id=f"d{n}") for n in (2, 3)]
    live = tuple(held(slot, "bea") for slot in standing)
    second = Pair("q", "li", "ann", 2)
    assert ("s1", "ann", 840) in seats(slots=[visit(), *standing], live=live, pairs=(FIRST_PAIR, second))
    roomy = a_config(members={"max_visits_per_week": 3})
    assert ("s1", "bea", 840) in seats(slots=[visit(), *standing], live=live, pairs=(FIRST_PAIR, second), config=roomy)


def test_who_said_no_and_who_lacks_a_skill_do_not_begin():
    assert seats(pairs=(FIRST_PAIR,), refused=frozenset({("n1", "bea")})) == []
    assert seats(pairs=(FIRST_PAIR,), slots=[visit(requires_all=("escort",))]) == []


def test_calls_and_visits_by_several_are_left_to_the_search():
    assert seats(slots=[visit(heads=2, min_heads=2)], pairs=(FIRST_PAIR,)) == []
    assert seats(slots=[visit(place=a_service().place.REMOTE)], pairs=(FIRST_PAIR,)) == []
