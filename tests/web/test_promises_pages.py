"""Taking over, becoming a familiar face, confirming a cancellation; pairs and messages at the desk."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.messages import outbox
from scheduler.model.people import AvailabilityRule, PairState
from scheduler.model.plan import State
from scheduler.pairs import lifecycle
from scheduler.promises import swaps
from scheduler.store import Store
from scheduler.store.people import availability_rules, pairs, volunteers
from scheduler.store.plans import assignments
from scheduler.store.settle import put_conflicts
from tests.web.site import Site
from tests.world import NOW, add_elder, add_visit, message_by_key

VISIT_AT = NOW + timedelta(days=2, hours=5)  # 15:00 on the local clock, between the meal peaks


@pytest.fixture
def store(store: Store) -> Store:
    for who in ("ann", "bob"):
        week = (1, 2, 3, 4, 5, 6, 7)
        availability_rules.add(store, AvailabilityRule(f"{who}-week", who, week, "06:00", "22:00"))
    return store


def page(site: Site, address: str, login: str) -> str:
    answer = site.get(login, address)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


def code_of(store: Store, volunteer_id: str) -> str:
    return swaps.code_of(store, volunteer_id)


@pytest.fixture
def visit(store: Store):
    """A visit of ann's in a street where bob lives too."""
    ann = volunteers.get(store, "ann")
    volunteers.save(store, replace(volunteers.get(store, "bob"), lat=ann.lat, lon=ann.lon))
    return add_visit(store, VISIT_AT)


def test_a_visit_is_handed_over_once_the_other_says_yes(site, store, visit):
    assert site.send("ann", f"/my/visits/{visit.id}/hand-over", {"code": code_of(store, "bob")}).status_code == 303
    assert assignments.get(store, visit.id).state is State.ACCEPTED
    swap_id = store.value("SELECT id FROM swaps")
    assert swap_id in page(site, "/my/asks", "bob")
    assert swap_id not in page(site, "/my/asks", "ann")
    assert site.send("bob", "/my/asks/swap", {"swap": swap_id, "answer": "yes"}).status_code == 303
    assert assignments.get(store, visit.id).state is State.WITHDRAWN
    assert [a.source for a in assignments.by(store, volunteer_id="bob", state=State.ACCEPTED)] == ["swap"]


def test_nobody_answers_a_request_for_somebody_else(site, store, visit):
    site.send("ann", f"/my/visits/{visit.id}/hand-over", {"code": code_of(store, "bob")})
    swap_id = store.value("SELECT id FROM swaps")
    assert site.send("ann", "/my/asks/swap", {"swap": swap_id, "answer": "yes"}).status_code == 404
    assert store.value("SELECT state FROM swaps") == "asked"


def test_an_unknown_number_is_told_and_a_foreign_visit_is_not_there(site, store, visit):
    assert site.send("ann", f"/my/visits/{visit.id}/hand-over", {"code": "nobody"}).status_code == 422
    assert site.send("bob", f"/my/visits/{visit.id}/hand-over", {"code": code_of(store, "ann")}).status_code == 404


def test_a_cancellation_waits_until_it_is_confirmed(site, store):
    outbox.enqueue(
        store, key="k", addressee=outbox.to_volunteer("ann"), template="cancelled",
        payload={"service": "E01", "starts_at": "2026-11-25T02:00:00Z", "reason": "雨"}, now=NOW,
    )  # fmt: skip
    row = message_by_key(store, "k")
    assert row.id in page(site, "/my/asks", "ann")
    assert "/my/asks" in page(site, "/my/", "ann")
    assert site.send("bob", "/my/asks/seen", {"message": row.id}).status_code == 303
    assert message_by_key(store, "k").acknowledged_at is None
    assert site.send("ann", "/my/asks/seen", {"message": row.id}).status_code == 303
    assert message_by_key(store, "k").acknowledged_at == NOW
    assert row.id not in page(site, "/my/asks", "ann")


@pytest.fixture
def proposed(site, store):
    elder = add_elder(store, "lonely", grid_id="c1")
    return lifecycle.propose(store, site.config, elder.id, "ann", rank=1, by="staff", now=NOW)


def test_a_pair_begins_when_volunteer_and_elder_agree(site, store, proposed):
    assert proposed.id in page(site, "/my/asks", "ann")
    assert site.send("ann", "/my/asks/pair", {"pair": proposed.id, "answer": "yes"}).status_code == 303
    assert proposed.id not in page(site, "/my/asks", "ann")
    assert site.send("staff", f"/pairs/{proposed.id}/elder-yes").status_code == 303
    assert pairs.get(store, proposed.id).state is PairState.TRIAL


def test_nobody_answers_for_another_volunteer(site, store, proposed):
    assert site.send("bob", "/my/asks/pair", {"pair": proposed.id, "answer": "yes"}).status_code == 404


def test_staff_pin_pause_and_end_a_pair(site, store, proposed):
    for side in lifecycle.SIDES:
        lifecycle.answer(store, proposed.id, side=side, yes=True, by="them", now=NOW)
    for step, state in (
        ("activate", "active"),
        ("pause", "paused"),
        ("pin", "paused"),
        ("unpin", "paused"),
        ("end", "ended"),
    ):
        assert site.send("staff", f"/pairs/{proposed.id}/{step}", {"reason": "illness"}).status_code == 303
        assert pairs.get(store, proposed.id).state.value == state
    assert "illness" in page(site, f"/pairs/{proposed.id}", "staff")


def test_an_unknown_step_of_a_pair_is_not_there_and_an_impossible_one_is_told(site, store, proposed):
    assert site.send("staff", f"/pairs/{proposed.id}/marry").status_code == 404
    assert site.send("staff", f"/pairs/{proposed.id}/pause").status_code == 409


def test_staff_of_another_street_see_no_pair_of_this_one(site, store):
    elder = add_elder(store, "away", grid_id="c2")
    pair = lifecycle.propose(store, site.config, elder.id, "bob", rank=1, by="staff", now=NOW)
    assert site.client("street").get(f"/pairs/{pair.id}").status_code == 404


def test_the_optimiser_proposes_pairs_at_the_press_of_a_button(site, store):
    assert site.send("staff", "/pairs/propose").status_code == 303
    assert site.send("auditor", "/pairs/propose").status_code == 403


def test_a_dead_letter_is_seen_and_tried_again(site, store):
    outbox.enqueue(store, key="k", addressee="staff", template="night_done", payload={}, now=NOW)
    store.execute("UPDATE outbox SET state = 'failed', error = 'no connection'")
    assert "no connection" in page(site, "/messages", "staff")
    assert site.send("staff", "/messages/try-again", {"message": message_by_key(store, "k").id}).status_code == 303
    assert message_by_key(store, "k").state == "waiting"


def test_however_many_promises_something_speaks_against_today_shows_them_by_the_page(site, store):
    for number in range(27):
        visit = add_visit(store, NOW + timedelta(days=1 + number, hours=4), state=State.ACCEPTED)
        put_conflicts(store, visit.id, ["not_available"], now=NOW)
    first, last = (site.get("staff", f"/today{more}").text for more in ("", "?offset=25"))
    assert (first.count("/keep"), last.count("/keep")) == (25, 2)
    assert "offset=25" in first


def test_a_row_that_cannot_be_read_is_shown_by_its_name_and_stops_no_page(site, store):
    for to in ("staff", "volunteer:ann"):
        payload = {"service": "E01", "starts_at": "yesterday"}
        outbox.enqueue(store, key=to, addressee=to, template="seat_open_again", payload=payload, now=NOW)
    store.execute("UPDATE outbox SET state = 'failed', error = 'ValueError'")
    assert "seat_open_again" in page(site, "/messages", "staff")
    for address in ("/today", "/calls"):
        assert site.get("staff", address).status_code == 200
