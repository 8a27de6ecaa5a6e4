"""When companions have time, and the days of a rhythm that follow them."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.model.people import AvailabilityRule, Kind, Pair, PairState
from scheduler.model.services import Continuity, NeedKind, Place, ServiceWindow
from scheduler.needs.companions import FIRST, SECOND, Companion, companions_of_elders, welcome
from scheduler.needs.expand import cadence_weekdays, expand
from scheduler.needs.renew import expand_all
from scheduler.store.people import availability_rules, pairs, volunteers
from scheduler.store.plans import assignments
from scheduler.store.services import needs, service_types, slots
from tests import world
from tests.scheduler.planning.builders import CONFIG, MONDAY, WEEK, a_need, a_service, an_elder, days_after
from tests.scheduler.planning.week import NOW, a_week, add_helper, published

PAIRED = a_service(continuity=Continuity.PAIRED)
AFTERNOON = (840, 960)


def a_companion(points, *weekdays, span=AFTERNOON):
    return Companion(points, {day: (span,) for day in weekdays})


def days(*companions, per_week=1, taken=(), service=PAIRED, **need):
    return cadence_weekdays(
        a_need(NeedKind.CADENCE, per_week=per_week, **need), service, an_elder(), CONFIG, frozenset(taken), companions
    )


@pytest.mark.parametrize("weekday", WEEK)
def test_a_rhythm_falls_on_the_day_on_which_the_companion_has_time(weekday):
    assert days(a_companion(FIRST, weekday)) == (weekday,)


def test_the_first_companion_comes_before_the_second_and_both_before_one():
    assert days(a_companion(FIRST, 2), a_companion(SECOND, 5)) == (2,)
    assert days(a_companion(FIRST, 2, 4), a_companion(SECOND, 4, 5)) == (4,)


def test_a_day_on_which_the_elder_is_seen_anyway_is_left_to_that_visit():
    assert days(a_companion(FIRST, 3, 6), taken=(3,)) == (6,)
    assert days(a_companion(FIRST, 3), taken=(3,)) != (3,)


def test_the_longest_gap_matters_more_than_the_companion():
    found = days(a_companion(FIRST, 1, 2, 3), per_week=2, max_gap_days=4)
    assert len(found) == 2
    assert max(found[1] - found[0], 7 - found[1] + found[0]) <= 4


def test_a_service_that_anybody_may_do_does_not_wait_for_the_companion():
    companions = (a_companion(FIRST, 1),)
    assert {welcome(companions, replace(PAIRED, continuity=c), 1, AFTERNOON, 45) for c in ("none", "same")} == {0}
    assert welcome(companions, replace(PAIRED, place=Place.REMOTE), 1, AFTERNOON, 45) == 0
    assert welcome(companions, replace(PAIRED, continuity=Continuity.KNOWN), 1, AFTERNOON, 45) == FIRST


def test_the_whole_visit_must_fit_into_the_time_of_the_companion():
    just, short = a_companion(FIRST, 1, span=(840, 885)), a_companion(FIRST, 1, span=(840, 884))
    assert welcome((just,), PAIRED, 1, (600, 1200), 45) == FIRST
    assert welcome((short,), PAIRED, 1, (600, 1200), 45) == 0


def test_of_two_times_of_a_day_the_one_of_the_companion_is_taken_else_the_longer_one():
    service = replace(PAIRED, windows=(ServiceWindow(WEEK, "14:00", "16:30"), ServiceWindow(WEEK, "09:00", "10:15")))
    need, morning = a_need(NeedKind.CADENCE, per_week=1), a_companion(FIRST, 3, span=(540, 660))

    def clock(*companions):
        (slot,) = expand(need, service, an_elder(), MONDAY, days_after(MONDAY, 6), CONFIG, companions=companions)
        return slot.service_date.isoweekday(), slot.earliest_at.strftime("%H:%M")

    assert clock(morning) == (3, "01:00")  # UTC: 09:00 in Shanghai
    assert clock()[1] == "06:00"


def paired_week(store):
    """An elder with a weekly rhythm whose companion, next door, is free on Fridays only."""
    config = a_week(store, helpers=1, elders=1)
    service_types.put(store, replace(service_types.get(store, "E01"), continuity=Continuity.PAIRED))
    needs.save(store, replace(needs.get(store, "n0"), kind=NeedKind.CADENCE, weekdays=(), per_week=1, max_gap_days=10))
    only_on(store, "h0", 5)
    pairs.add(store, Pair("p", "e0", "h0", 1))
    return config


def only_on(store, who, weekday, start="13:00", end="17:00"):
    for rule in availability_rules.by(store, volunteer_id=who):
        availability_rules.remove(store, rule.id)
    availability_rules.add(store, AvailabilityRule(f"{who} {weekday}", who, (weekday,), start, end))


def open_days(store):
    return [s.service_date.isoweekday() for s in slots.where(store, "state = 'open' ORDER BY service_date")]


def test_slots_appear_on_the_day_of_the_companion_and_move_with_their_free_time(store):
    config = paired_week(store)
    expand_all(store, config, now=NOW)
    assert open_days(store) == [5]
    only_on(store, "h0", 6)
    expand_all(store, config, now=NOW)
    assert open_days(store) == [6]


def test_a_promised_day_stays_and_its_week_gets_no_second_visit(store):
    config = paired_week(store)
    only_on(store, "h0", 3)
    published(store, config)
    (asked,) = assignments.where(store)
    only_on(store, "h0", 4)
    expand_all(store, config, now=NOW)
    assert open_days(store) == [3]
    expand_all(store, config, now=NOW + timedelta(days=5))
    assert open_days(store) == [3, 4]  # the week after follows the new rhythm
    assert slots.get(store, asked.slot_id).service_date.isoweekday() == 3


def test_only_standing_pairs_of_people_who_may_be_asked_count(store):
    config = paired_week(store)
    assert set(companions_of_elders(store, config, from_date=MONDAY)) == {"e0"}
    pairs.save(store, replace(pairs.get(store, "p"), state=PairState.PAUSED))
    assert companions_of_elders(store, config, from_date=MONDAY) == {}
    pairs.save(store, replace(pairs.get(store, "p"), state=PairState.ACTIVE))
    volunteers.save(store, replace(volunteers.get(store, "h0"), auto_plan=False))
    (companion,) = companions_of_elders(store, config, from_date=MONDAY, recipient_id="e0")["e0"]
    assert companion.spans == {}


def test_a_young_companion_counts_as_soon_as_they_are_of_age(store):
    config = paired_week(store)
    volunteers.save(store, replace(volunteers.get(store, "h0"), birth_month="2008-10"))
    (of_age,) = companions_of_elders(store, config, from_date=MONDAY)["e0"]
    (too_young,) = companions_of_elders(store, config, from_date=MONDAY.replace(month=9))["e0"]
    assert list(of_age.spans) == [1, 2, 3, 4, 5, 6, 7]
    assert too_young.spans == {}


def test_a_courier_is_there_between_the_blackouts_with_the_way_there_and_back(store):
    config = paired_week(store)
    world.add_volunteer(store, "cai", kinds=frozenset({Kind.COURIER}), lat=31.24)
    only_on(store, "cai", 2, "13:00", "17:00")
    pairs.add(store, Pair("q", "e0", "cai", 2))
    first, second = companions_of_elders(store, config, from_date=MONDAY)["e0"]
    assert (first.points, second.points) == (FIRST, SECOND)
    (there,) = second.spans[2]
    rest = config.couriers.rest_before_peak
    assert there[0] > 13 * 60 + 45
    assert there[1] < 16 * 60 + 45 - rest
    assert there[0] - (13 * 60 + 45) == (16 * 60 + 45 - rest) - there[1]  # the same way twice


def test_a_companion_who_lives_too_far_away_welcomes_on_no_day(store):
    config = paired_week(store)
    volunteers.save(store, replace(volunteers.get(store, "h0"), lat=31.9))
    add_helper(store, "near")
    (companion,) = companions_of_elders(store, config, from_date=MONDAY)["e0"]
    assert not any(companion.spans.values())
