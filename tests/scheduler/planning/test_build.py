"""The week as the solver sees it: minutes, tags, caps of the week, promises, and back again."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.model.people import Kind, Pair, PairState
from scheduler.model.plan import State
from scheduler.model.services import Continuity, Place, SlotState
from scheduler.planning.build import LEAD, Opening, assignments_from, seats_from, translate
from scheduler.rules.facts import Visit
from solver.model.problem import Pin, PriorAssignment
from solver.model.solution import Assignment as Placed
from tests.scheduler.planning.builders import (
    CONFIG,
    MONDAY,
    NOW,
    a_config,
    a_courier,
    a_need,
    a_service,
    a_slot,
    a_volunteer,
    an_elder,
    days_after,
    facts,
    free,
    held,
)

THURSDAY = days_after(MONDAY, 3)
THURSDAY_MIN = 3 * 1440
ANYTIME = Opening(NOW + LEAD, NOW + LEAD, frozenset())


def snapshot(*people, slots=(), now=NOW, opens=ANYTIME, keep=frozenset(), **around):
    return translate(facts(*people, slots=tuple(slots), **around), now=now, opens=opens, pinned_proposals=keep)


def the_slot(*people, slots=None, **around):
    return snapshot(*people, slots=slots or (a_slot(day=THURSDAY),), **around).problem.slots[0]


def test_minute_zero_is_the_first_local_midnight_and_seats_come_back_as_they_went():
    made = snapshot(a_volunteer(), slots=[a_slot("14:00", "15:00", day=THURSDAY)])
    slot = made.problem.slots[0]
    assert (slot.earliest, slot.latest) == (THURSDAY_MIN + 840, THURSDAY_MIN + 900)
    placed = [Placed("s1", f"ann@{MONDAY}", slot.earliest + 5)]
    seats = seats_from(placed, made)
    assert seats[0].starts_at == a_slot("14:05", day=THURSDAY).earliest_at
    assert assignments_from(seats, made.horizon) == placed


def test_a_person_is_one_volunteer_for_each_calendar_week():
    people = snapshot(a_volunteer()).problem.volunteers
    assert [p.id for p in people] == [f"ann@{days_after(MONDAY, 7 * n)}" for n in range(3)]
    assert [len(p.windows) for p in people] == [7, 7, 1]


def test_caps_of_the_week_lose_what_was_done_earlier_in_it():
    done = a_slot(day=MONDAY, id="s0")
    wednesday = NOW + timedelta(days=2)
    person = snapshot(
        a_volunteer(), slots=[done], live=(held(done, "ann", State.DONE),), now=wednesday
    ).problem.volunteers
    assert (person[0].max_visits, person[0].max_minutes, person[0].served) == (1, 195, 45)
    assert (person[1].max_visits, person[1].max_minutes, person[1].served) == (2, 240, 0)


def test_who_carried_more_than_wished_for_four_weeks_starts_with_a_load():
    visits = tuple(Visit("ann", "li", days_after(MONDAY, -n), 60) for n in (3, 10, 17, 24))
    tired = snapshot(a_volunteer(wished_minutes=30), visits=visits).problem.volunteers[0]
    assert (tired.served, tired.target) == (30, 30)


@pytest.mark.parametrize(("days_ago", "willing"), [(22, True), (21, False)])
def test_after_three_weeks_without_a_visit_a_person_wishes_one(days_ago, willing):
    people = snapshot(a_volunteer(), visits=(Visit("ann", "li", days_after(MONDAY, -days_ago), 45),)).problem.volunteers
    assert [p.willing for p in people] == [willing, False, False]


def test_who_may_not_be_asked_has_no_windows_and_is_left_out():
    assert snapshot(a_volunteer(auto_plan=False)).problem.volunteers == ()


def test_a_courier_has_windows_between_the_blackouts_and_must_be_back():
    windows = snapshot(a_courier()).problem.volunteers[0].windows[:2]
    assert [(w.start, w.end) for w in windows] == [(540, 615), (825, 990)]
    assert all(w.destination == w.origin for w in windows)


def test_a_meal_run_opens_the_blackout_for_who_can_make_it_and_for_nothing_else():
    run = a_slot("09:45", "10:05", day=THURSDAY, id="run", service_type="E05", requires_all=("food",))
    chat = a_slot("09:00", "10:30", day=THURSDAY, id="chat")
    early = a_slot("09:00", "09:15", day=THURSDAY, id="early")
    trained = a_courier(skills=frozenset({"food"}))
    made = snapshot(
        trained, a_courier("bo"), slots=[run, chat, early], services=(a_service("E05", in_blackout=True), a_service())
    )
    windows = {
        p.id: [(w.start - THURSDAY_MIN, w.end - THURSDAY_MIN) for w in p.windows] for p in made.problem.volunteers
    }
    assert (540, 665) in windows[f"cai@{MONDAY}"]  # until 10:05 + 45 min + 15 min back
    assert (540, 615) in windows[f"bo@{MONDAY}"]
    shut_out = {s.id: s.excluded for s in made.problem.slots}
    assert shut_out == {"run": frozenset(), "chat": {f"cai@{MONDAY}"}, "early": frozenset()}


def test_a_week_keeps_a_free_day_the_one_with_the_least_to_offer():
    generous = a_config(couriers={"max_minutes_per_week": 9999})
    short_sunday = {"cai": replace(free(weekdays=(1, 2, 3, 4, 5, 6)), rules=(*free(weekdays=(1, 2, 3, 4, 5, 6)).rules,
                    *free("14:00", "15:00", weekdays=(7,)).rules))}  # fmt: skip
    person = snapshot(a_courier(), calendars=short_sunday, config=generous).problem.volunteers[0]
    assert {w.start // 1440 for w in person.windows} == {0, 1, 2, 3, 4, 5}


def test_what_a_slot_asks_for_becomes_tags():
    knows = facts(a_volunteer()).knows | {("ann", "li")}
    check = a_service(continuity=Continuity.KNOWN, kinds=("party_member", "resident"))
    elder = an_elder(gender_wish="female", language_wish="shanghainese")
    made = snapshot(
        a_volunteer(languages=frozenset({"shanghainese"})), a_courier(),
        slots=[a_slot(day=THURSDAY, requires_all=("companion",))], services=(check,), elders=(elder,), knows=knows,
    )  # fmt: skip
    asked = made.problem.slots[0].requires_all
    assert asked == {"companion", "insured", "female", "speaks:shanghainese", "knows:li", "party_member+resident"}
    tags = {p.id.partition("@")[0]: p.tags for p in made.problem.volunteers}
    assert asked <= tags["ann"]
    assert asked - tags["cai"] == {"speaks:shanghainese", "knows:li", "party_member+resident"}


def test_people_shut_out_by_name():
    slot = the_slot(
        a_volunteer("a"), a_volunteer("b"), a_volunteer("c"), a_volunteer("d"),
        elders=(an_elder(blocked=frozenset({"a"})),), refused=frozenset({("n1", "b")}), let_go=frozenset({("s1", "c")}),
    )  # fmt: skip
    assert slot.excluded == {f"{who}@{MONDAY}" for who in "abc"}


def test_a_training_that_ends_within_the_week_shuts_out_only_after_it():
    person = a_volunteer(trainings={"escort": THURSDAY})
    on_time = a_slot(day=THURSDAY, id="s1", requires_all=("escort",))
    too_late = a_slot(day=days_after(THURSDAY, 1), id="s2", requires_all=("escort",))
    made = snapshot(person, slots=[on_time, too_late])
    assert [len(s.excluded) for s in made.problem.slots] == [0, 1]


def test_companions_earn_points():
    pairs = (Pair("p1", "li", "ann", 1), Pair("p2", "li", "bea", 2), Pair("p3", "li", "eve", 1, PairState.ENDED))
    slot = the_slot(
        a_volunteer("ann"), a_volunteer("bea"), a_volunteer("eve"), a_volunteer("cy", preferred_services=("E01",)),
        a_volunteer("dot"), pairs=pairs, visits=(Visit("eve", "li", days_after(MONDAY, -20), 45),),
    )  # fmt: skip
    points = CONFIG.affinity
    assert slot.affinity == {
        f"ann@{MONDAY}": points.pair_first,
        f"bea@{MONDAY}": points.pair_second,
        f"eve@{MONDAY}": points.known,
        f"cy@{MONDAY}": points.preferred_service,
    }


def test_a_bonded_organisation_earns_points():
    slot = the_slot(a_volunteer(organisation_id="o1"), bases={"o1": ("c1", 31.25, 121.39)})
    assert slot.affinity == {f"ann@{MONDAY}": CONFIG.affinity.linked_organisation}


def test_a_call_has_no_place_and_an_urgent_visit_more_value():
    slot = the_slot(a_volunteer(), slots=(a_slot(day=THURSDAY, place=Place.REMOTE, priority=5),))
    assert (slot.location, slot.value) == (None, 5000)


def test_an_accepted_visit_is_pinned_at_its_time():
    visit = a_slot("14:00", "16:00", day=THURSDAY)
    slot = the_slot(a_volunteer(), slots=(visit,), live=(held(visit, "ann"),))
    assert slot.pinned == (Pin(f"ann@{MONDAY}", THURSDAY_MIN + 840),)
    assert (slot.headcount, slot.min_headcount, slot.team) == (1, 1, ())


def test_a_half_filled_team_keeps_its_promised_time_and_its_open_seats():
    visit = a_slot("14:00", "16:00", day=THURSDAY, heads=2, min_heads=2)
    slot = the_slot(a_volunteer(), slots=(visit,), live=(held(visit, "ann"),))
    assert (slot.earliest, slot.latest) == (THURSDAY_MIN + 840, THURSDAY_MIN + 840)
    assert (slot.headcount, slot.min_headcount, len(slot.pinned)) == (2, 2, 1)


@pytest.mark.parametrize(("days_ahead", "tax"), [(3, CONFIG.taxes.within_72h), (4, CONFIG.taxes.beyond_72h)])
def test_a_proposal_is_taxed_by_its_lead_time_and_keeps_its_time(days_ahead, tax):
    visit = a_slot("01:30", "16:00", day=days_after(MONDAY, days_ahead))
    proposal = held(
        visit, "ann", State.PROPOSED, starts_at=visit.earliest_at - timedelta(minutes=5 * (days_ahead == 3))
    )
    visit = replace(visit, earliest_at=proposal.starts_at)
    slot = the_slot(a_volunteer(), slots=(visit,), live=(proposal,))
    assert slot.previous == (PriorAssignment(f"ann@{MONDAY}", tax),)
    assert slot.earliest == slot.latest


def test_frozen_proposals_and_offers_by_hand_stay():
    tonight = a_slot("14:00", day=MONDAY, id="tonight")
    later = a_slot("14:00", day=THURSDAY, id="later")
    made = snapshot(
        a_volunteer(), a_volunteer("bea"), slots=[tonight, later],
        live=(held(tonight, "ann", State.PROPOSED), held(later, "bea", State.PROPOSED, source="standby")),
    )  # fmt: skip
    assert [len(s.pinned) for s in made.problem.slots] == [1, 1]
    assert [s.previous for s in made.problem.slots] == [(), ()]


def test_a_proposal_may_be_held_fast_for_a_night():
    visit = a_slot(day=THURSDAY)
    proposal = held(visit, "ann", State.PROPOSED)
    slot = the_slot(a_volunteer(), slots=(visit,), live=(proposal,), keep=frozenset({proposal.id}))
    assert len(slot.pinned) == 1


def test_empty_seats_inside_the_frozen_time_are_for_staff_once_people_know_the_slot():
    afternoon = a_slot("14:00", day=MONDAY)
    told = Opening(NOW + LEAD, NOW + timedelta(hours=24), frozenset({"s1"}))
    assert snapshot(a_volunteer(), slots=[afternoon], opens=told).problem.slots == ()
    unknown = Opening(NOW + LEAD, NOW + timedelta(hours=24), frozenset())
    assert len(snapshot(a_volunteer(), slots=[afternoon], opens=unknown).problem.slots) == 1


def test_the_start_of_what_is_near_is_moved_behind_the_lead_on_the_grid():
    opens = Opening(NOW + timedelta(minutes=2) + LEAD, NOW, frozenset())
    made = snapshot(a_volunteer(), slots=[a_slot("00:00", "23:00", day=MONDAY)], opens=opens)
    assert made.problem.slots[0].earliest == 155  # 01:32 and an hour, up to the next five minutes


def test_cancelled_and_past_slots_are_left_out():
    gone = a_slot(day=THURSDAY, id="gone", state=SlotState.CANCELLED)
    past = a_slot("01:00", day=MONDAY, id="past")
    assert snapshot(a_volunteer(), slots=[gone, past]).problem.slots == ()


def test_of_two_yeses_at_once_both_stand_and_no_minute_is_held_twice():
    one, two = a_slot("14:00", day=THURSDAY, id="one"), a_slot("14:30", day=THURSDAY, id="two")
    made = snapshot(a_volunteer(), slots=[one, two], live=(held(one, "ann"), held(two, "ann")))
    assert [(s.id, s.duration, s.headcount, len(s.pinned)) for s in made.problem.slots] == [
        ("one~ann", 30, 1, 1),
        ("two", 45, 1, 1),
    ]
    assert [(c.kind, c.assignment.slot_id) for c in made.contradictions] == [("at_once", "one")]


def test_members_set_out_from_work_on_weekdays_and_from_home_otherwise():
    around = {"bases": {"o1": ("c9", 31.2, 121.4)}, "base_kinds": {"o1": "building"}}
    person = snapshot(
        a_volunteer(organisation_id="o1"), calendars={"ann": free("12:00", "13:00")}, **around
    ).problem.volunteers[0]
    assert [w.origin for w in person.windows] == [(31.2, 121.4)] * 5 + [(31.25, 121.39)] * 2
    courier = snapshot(a_courier(organisation_id="o1"), **around).problem.volunteers[0]
    assert {w.origin for w in courier.windows} == {(31.25, 121.39)}


def test_kinds_of_a_pioneer_are_both_tags():
    both = a_courier(kinds=frozenset({Kind.COURIER, Kind.PARTY_MEMBER}))
    assert {"courier", "party_member"} <= snapshot(both).problem.volunteers[0].tags


def test_needs_of_the_slot_may_be_gone_without_harm():
    assert the_slot(a_volunteer(), needs=(a_need(id="other"),)).id == "s1"
