"""Placing by hand: what forbids it, what only advises against it."""

from datetime import timedelta

import pytest

from scheduler.config import load_config
from scheduler.errors import IllegalMove
from scheduler.model.people import AvailabilityRule
from scheduler.model.plan import State
from scheduler.planning import placing
from scheduler.promises import starts
from scheduler.store import Store, audit
from scheduler.store.people import availability_rules
from scheduler.store.plans import assignments
from tests.world import NOW, add_slot, add_volunteer, add_world

CONFIG = load_config()
START = NOW + timedelta(days=1, hours=4)


@pytest.fixture
def town(store: Store) -> Store:
    add_world(store)
    availability_rules.add(store, AvailabilityRule("free", "ann", (1, 2, 3, 4, 5, 6, 7), "08:00", "20:00"))
    return store


def put(store: Store, slot_id: str, who: str = "ann"):
    return placing.place(store, CONFIG, slot_id, who, START, by="staff", now=NOW)


def test_somebody_suitable_is_proposed_the_visit_and_it_is_recorded(town: Store):
    slot = add_slot(town, START)
    verdict = placing.judge(town, CONFIG, slot.id, "ann", START)
    assert (verdict.gates, verdict.warnings, verdict.outside_window, verdict.free_seats) == ((), (), False, 1)
    made = put(town, slot.id)
    assert (made.state, made.source) == (State.PROPOSED, "staff")
    assert audit.history(town, "assignment", made.id)[0].actor == "staff"


def test_no_free_time_is_a_warning_that_staff_may_overrule(town: Store):
    slot = add_slot(town, START)
    add_volunteer(town, "eve")
    verdict = placing.judge(town, CONFIG, slot.id, "eve", START)
    assert (verdict.gates, verdict.warnings) == ((), ("not_available",))
    assert put(town, slot.id, "eve").state is State.PROPOSED


@pytest.mark.parametrize(
    ("changes", "gate", "words"),
    [
        ({"active": False}, "inactive", "no longer active"),
        ({"consents": {}}, "consent", "consent"),
        ({"birth_month": "2009-01"}, "age", "age"),
    ],
)
def test_what_the_law_asks_for_forbids_it(town: Store, changes: dict[str, object], gate: str, words: str):
    slot = add_slot(town, START)
    add_volunteer(town, "eve", **changes)
    assert gate in placing.judge(town, CONFIG, slot.id, "eve", START).gates
    with pytest.raises(IllegalMove, match=words):
        put(town, slot.id, "eve")
    assert assignments.where(town) == []


def test_nobody_is_put_in_two_places(town: Store):
    put(town, add_slot(town, START).id)
    with pytest.raises(IllegalMove, match="already busy"):
        put(town, add_slot(town, START).id)


def test_a_full_visit_takes_nobody_else(town: Store):
    slot = add_slot(town, START)
    put(town, slot.id)
    add_volunteer(town, "eve")
    with pytest.raises(IllegalMove, match="places of this visit are taken"):
        put(town, slot.id, "eve")


def test_a_visit_that_is_over_takes_nobody(town: Store):
    slot = add_slot(town, NOW - timedelta(hours=1))
    with pytest.raises(IllegalMove, match="over"):
        placing.place(town, CONFIG, slot.id, "ann", slot.earliest_at, by="staff", now=NOW)


def test_another_person_comes_instead_and_the_first_is_told(town: Store):
    slot = add_slot(town, START)
    first = put(town, slot.id)
    add_volunteer(town, "eve")
    second = placing.replace_person(town, CONFIG, first.id, "eve", reason="ill", by="staff", now=NOW)
    assert assignments.get(town, first.id).state is State.CANCELLED
    assert (second.volunteer_id, second.starts_at) == ("eve", START)
    assert town.value("SELECT count(*) FROM outbox WHERE addressee LIKE '%ann%'") == 2


def test_a_refused_replacement_changes_nothing(town: Store):
    first = put(town, add_slot(town, START).id)
    add_volunteer(town, "eve", active=False)
    with pytest.raises(IllegalMove):
        placing.replace_person(town, CONFIG, first.id, "eve", reason="ill", by="staff", now=NOW)
    assert assignments.get(town, first.id).state is State.PROPOSED


def test_a_pin_is_kept_and_released(town: Store):
    made = put(town, add_slot(town, START).id)
    assert placing.pin(town, made.id, pinned=True, by="staff", now=NOW).pinned
    assert not placing.pin(town, made.id, pinned=False, by="staff", now=NOW).pinned
    assert [row.action for row in audit.history(town, "assignment", made.id)][:2] == ["unpin", "pin"]


@pytest.mark.parametrize(("minute", "expected"), [(0, 0), (4, 0), (5, 5), (59, 55)])
def test_starts_lie_on_the_five_minute_grid(minute: int, expected: int):
    assert starts.on_grid(NOW.replace(minute=minute, second=30)).minute == expected
