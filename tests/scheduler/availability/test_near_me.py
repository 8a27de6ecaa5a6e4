"""Free for an hour: what is near, and taking it."""

from datetime import timedelta

import pytest

from scheduler.availability import near_me
from scheduler.config import load_config
from scheduler.errors import IllegalMove, InputError
from scheduler.model.people import Pair
from scheduler.model.plan import State
from scheduler.model.services import Place
from scheduler.store import Store
from scheduler.store.people import availability_exceptions, pairs
from scheduler.store.plans import assignments
from tests.world import NOW, add_elder, add_service, add_slot, add_visit, add_volunteer, add_world

CONFIG = load_config()
AFTERNOON = NOW + timedelta(hours=4)  # 14:00 in Shanghai, between a courier's meal peaks
MINUTE = timedelta(minutes=1)


@pytest.fixture
def world(store: Store) -> Store:
    add_world(store)
    return store


def near(store: Store, until: str = "16:00", who: str = "ann") -> list[tuple[str, int]]:
    found = near_me.best_near(store, CONFIG, who, until, now=AFTERNOON)
    return [(s.slot.recipient_id, int((s.starts_at - AFTERNOON) / MINUTE)) for s in found]


def open_slot(store: Store, minutes: int = 0, **changes):
    start_at = AFTERNOON + timedelta(minutes=minutes)
    return add_slot(store, start_at, latest_at=AFTERNOON + timedelta(hours=2), **changes)


def test_an_open_visit_nearby_starts_when_one_can_be_there(world: Store):
    open_slot(world)
    assert near(world) == [("li", 5)]  # 4 minutes by e-bike, on the next five


def test_a_visit_that_ends_too_late_is_not_offered(world: Store):
    open_slot(world, 60)
    assert near(world, "15:49") == [("li", 60)]  # 45 minutes there, 4 back
    assert near(world, "15:48") == []


def test_a_full_visit_is_not_offered(world: Store):
    add_visit(world, AFTERNOON + 30 * MINUTE, volunteer_id="bob", state=State.PROPOSED)
    assert near(world) == []
    add_visit(world, AFTERNOON + 90 * MINUTE, volunteer_id="bob", state=State.DECLINED)
    assert near(world, "17:00") == [("li", 90)]


def test_a_visit_too_far_away_is_not_offered(world: Store):
    add_elder(world, "far", grid_id="c2", lat=31.35, lon=121.50)
    open_slot(world, recipient_id="far")
    assert near(world) == []


def test_a_call_needs_no_way(world: Store):
    add_elder(world, "far", grid_id="c2", lat=31.35, lon=121.50)
    open_slot(world, recipient_id="far", place=Place.REMOTE)
    assert near(world) == [("far", 0)]


def test_urgent_comes_first_then_a_companion_then_the_shortest_way(world: Store):
    add_elder(world, "friend", lat=31.2530)
    add_elder(world, "urgent", lat=31.2540)
    add_elder(world, "next", lat=31.2520)
    pairs.add(world, Pair("p", "friend", "ann"))
    for who in ("friend", "next", "li"):
        open_slot(world, recipient_id=who)
    open_slot(world, recipient_id="urgent", priority=5)
    assert [who for who, _ in near(world)] == ["urgent", "friend", "li", "next"]


def test_at_most_five_are_offered(world: Store):
    for number in range(7):
        add_elder(world, f"e{number}")
        open_slot(world, recipient_id=f"e{number}")
    assert len(near(world)) == 5


def test_a_visit_beyond_the_rules_is_not_offered(world: Store):
    add_service(world, "E08", requires_all=("smart_install",))
    open_slot(world, service="E08", requires_all=("smart_install",))
    add_elder(world, "blocks", blocked=frozenset({"ann"}))
    open_slot(world, recipient_id="blocks")
    assert near(world) == []


def test_a_courier_is_not_sent_into_the_blackout(world: Store):
    open_slot(world, 110)  # ends 16:35; the peak and the rest before it begin at 16:30
    assert near(world, "18:00") == []
    add_volunteer(world, "eve", kinds=frozenset(), gender="female")
    assert near(world, "18:00", "eve") == [("li", 110)]


def test_who_is_busy_then_is_offered_nothing(world: Store):
    add_volunteer(world, "eve")
    add_elder(world, "other")
    assert near(world, who="eve") == []
    add_visit(world, AFTERNOON + 30 * MINUTE, volunteer_id="eve")
    add_slot(world, AFTERNOON + 40 * MINUTE, recipient_id="other")
    assert near(world, who="eve") == []


def test_taking_a_visit_keeps_it_and_the_time_said(world: Store):
    slot = open_slot(world)
    (found,) = near_me.best_near(world, CONFIG, "ann", "16:00", now=AFTERNOON)
    taken = near_me.take_visit(
        world, CONFIG, "ann", slot.id, starts_at=found.starts_at, until="16:00", now=AFTERNOON + 2 * MINUTE
    )
    assert (taken.state, taken.source, taken.pinned) == (State.ACCEPTED, "claim", True)
    assert assignments.get(world, taken.id).starts_at == found.starts_at
    (extra,) = availability_exceptions.by(world, volunteer_id="ann")
    assert (extra.kind, extra.end) == ("extra", "16:00")


def test_a_visit_taken_by_somebody_else_meanwhile_is_refused_and_nothing_is_kept(world: Store):
    slot = open_slot(world)
    add_volunteer(world, "eve")
    near_me.take_visit(world, CONFIG, "eve", slot.id, starts_at=AFTERNOON + 5 * MINUTE, until="16:00", now=AFTERNOON)
    with pytest.raises(IllegalMove):
        near_me.take_visit(
            world, CONFIG, "ann", slot.id, starts_at=AFTERNOON + 5 * MINUTE, until="16:00", now=AFTERNOON
        )
    assert availability_exceptions.by(world, volunteer_id="ann") == []


def test_a_time_that_has_passed_is_refused(world: Store):
    with pytest.raises(InputError):
        near_me.best_near(world, CONFIG, "ann", "13:00", now=AFTERNOON)
