"""The private calendar: stable, revocable, and silent about people."""

from dataclasses import replace
from datetime import timedelta

import pytest
from icalendar import Calendar

from scheduler.exchange import calendar_feed
from scheduler.model.accounts import Account, Role
from scheduler.model.plan import State
from scheduler.model.services import Place
from scheduler.store import Store
from scheduler.store.accounts import accounts
from scheduler.store.people import recipients, volunteers
from scheduler.store.plans import assignments
from scheduler.store.queries import volunteer_lists
from scheduler.store.services import slots
from tests.world import CANARY_ADDRESS, CANARY_NOTES, CANARY_PHONE, NOW, add_visit, add_world

TOMORROW = NOW + timedelta(days=1)


@pytest.fixture
def world(store: Store) -> Store:
    add_world(store)
    return store


def feed(store: Store, locale: str = "zh") -> Calendar:
    return Calendar.from_ical(calendar_feed.calendar_of(store, "ann", now=NOW, locale=locale))


def test_a_visit_has_time_road_and_service_and_nothing_else(world: Store):
    visit = add_visit(world, TOMORROW)
    (event,) = feed(world).events
    assert (event["SUMMARY"], event["LOCATION"], event["STATUS"]) == ("结对陪伴聊天", "真光路", "CONFIRMED")
    assert event["UID"] == f"{visit.id}@yidu"
    assert (event.start, event.end) == (TOMORROW, TOMORROW + timedelta(minutes=45))
    assert event["DTSTART"].params["TZID"] == "Asia/Shanghai"
    assert set(event) <= {"UID", "SUMMARY", "LOCATION", "STATUS", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND"}


def test_the_calendar_carries_its_time_zone(world: Store):
    add_visit(world, TOMORROW)
    assert [zone["TZID"] for zone in feed(world).timezones] == ["Asia/Shanghai"]


def test_a_calendar_without_visits_holds_its_time_zone(world: Store):
    assert [component.name for component in feed(world).subcomponents] == ["VTIMEZONE"]


def test_the_same_calendar_is_read_again_as_the_same_bytes(world: Store):
    for hours in (1, 2):
        first, again = (calendar_feed.calendar_of(world, "ann", now=NOW, locale="zh") for _ in range(2))
        assert first == again
        add_visit(world, TOMORROW + timedelta(hours=hours))


def test_a_calendar_keeps_its_uid_while_its_visits_change_and_nobody_else_has_it(world: Store):
    before = feed(world)["UID"]
    add_visit(world, TOMORROW)
    assert feed(world)["UID"] == before
    assert Calendar.from_ical(calendar_feed.calendar_of(world, "bob", now=NOW, locale="zh"))["UID"] != before
    assert "ann" not in before


def test_a_single_visit_added_twice_is_the_same_file(world: Store):
    row = volunteer_lists.visit(world, add_visit(world, TOMORROW).id)
    first, again = (calendar_feed.one_visit(row, locale="zh") for _ in range(2))
    assert first == again
    assert Calendar.from_ical(first)["UID"] != feed(world)["UID"]


def test_no_canary_is_ever_in_the_feed(world: Store):
    for hours in (-20, 0, 1, 30):
        add_visit(world, NOW + timedelta(hours=hours))
    text = calendar_feed.calendar_of(world, "ann", now=NOW, locale="zh").replace(b"\r\n ", b"").decode()
    assert not [canary for canary in (CANARY_PHONE, CANARY_ADDRESS, CANARY_NOTES, "弄", "李") if canary in text]


def test_a_change_raises_the_sequence_and_keeps_the_uid(world: Store):
    visit = add_visit(world, TOMORROW)
    (before,) = feed(world).events
    assignments.save(world, assignments.get(world, visit.id).move_to(State.WITHDRAWN))
    (after,) = feed(world).events
    assert after["UID"] == before["UID"]
    assert after["SEQUENCE"] > before["SEQUENCE"]
    assert after["STATUS"] == "CANCELLED"


def test_a_changed_slot_raises_the_sequence_too(world: Store):
    visit = add_visit(world, TOMORROW)
    (before,) = feed(world).events
    slots.save(world, replace(slots.get(world, visit.slot_id), minutes=60))
    (after,) = feed(world).events
    assert (after["SEQUENCE"] > before["SEQUENCE"], after.end - after.start) == (True, timedelta(minutes=60))


@pytest.mark.parametrize(
    ("state", "status"),
    [(state, "CANCELLED") for state in (State.DECLINED, State.EXPIRED, State.SUPERSEDED, State.CANCELLED, State.MISSED)]
    + [(State.PROPOSED, "TENTATIVE"), (State.CHECKED_IN, "CONFIRMED"), (State.DONE, "CONFIRMED")],
)
def test_every_state_has_its_status(world: Store, state: State, status: str):
    add_visit(world, TOMORROW, state=state)
    assert [event["STATUS"] for event in feed(world).events] == [status]


def test_a_phone_call_has_no_place(world: Store):
    add_visit(world, TOMORROW, place=Place.REMOTE)
    (event,) = feed(world).events
    assert "LOCATION" not in event


def test_somebody_elses_visits_are_not_in_the_feed(world: Store):
    add_visit(world, TOMORROW, volunteer_id="bob")
    assert feed(world).events == []


def test_long_lines_are_folded_at_75_octets(world: Store):
    recipients.save(
        world, replace(recipients.get(world, "li"), address="很长很长很长很长很长很长很长很长很长很长很长很长的路1号")
    )
    add_visit(world, TOMORROW)
    assert max(len(line) for line in calendar_feed.calendar_of(world, "ann", now=NOW, locale="zh").split(b"\r\n")) <= 75


def test_the_feed_speaks_english(world: Store):
    add_visit(world, TOMORROW)
    assert [event["SUMMARY"] for event in feed(world, "en").events] == ["Paired companion visit"]


def test_a_feed_token_has_256_bits_and_only_its_hash_is_stored(world: Store):
    token = calendar_feed.open_feed(world, "ann", now=NOW)
    assert len(token) == 43
    assert token not in str(world.rows("SELECT * FROM calendar_feeds"))
    assert calendar_feed.holder_of(world, token) == "ann"


def test_a_new_feed_ends_the_old_one_and_closing_ends_it_all(world: Store):
    old, new = (calendar_feed.open_feed(world, "ann", now=NOW) for _ in range(2))
    assert (calendar_feed.holder_of(world, old), calendar_feed.holder_of(world, new)) == (None, "ann")
    assert calendar_feed.close_feed(world, "ann")
    assert calendar_feed.holder_of(world, new) is None
    assert not calendar_feed.close_feed(world, "ann")


@pytest.mark.parametrize("guess", ["", "x", "A" * 43])
def test_a_guess_opens_nothing(world: Store, guess: str):
    calendar_feed.open_feed(world, "ann", now=NOW)
    assert calendar_feed.holder_of(world, guess) is None


def test_the_feed_dies_with_the_volunteer_and_with_the_account(world: Store):
    token = calendar_feed.open_feed(world, "ann", now=NOW)
    account = accounts.add(world, Account("a", "ann", Role.VOLUNTEER, "x", volunteer_id="ann", active=False))
    assert calendar_feed.holder_of(world, token) is None
    accounts.save(world, replace(account, active=True))
    assert calendar_feed.holder_of(world, token) == "ann"
    volunteers.save(world, replace(volunteers.get(world, "ann"), active=False))
    assert calendar_feed.holder_of(world, token) is None
