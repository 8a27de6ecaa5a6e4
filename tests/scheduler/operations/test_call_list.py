"""Who stands on the list of calls, in which order, and who does not."""

from datetime import timedelta

import pytest

from scheduler.messages import outbox
from scheduler.model.contact_points import ContactPoint
from scheduler.operations.call_list import NOT_REACHED, TOLD, phoned, whom_to_phone
from scheduler.operations.delivery import deliver_all
from scheduler.store import contact_points
from scheduler.store.repository import utc_text
from tests.scheduler.promises.conftest import config, store
from tests.scheduler.promises.world import NOW, a_volunteer

__all__ = ["config", "store"]


def tell(store, who, template="cancelled", *, days=2.0, **more):
    payload = {"service": "E01", "starts_at": utc_text(NOW + timedelta(days=days)), **more}
    key = f"{who}:{template}:{days}"
    outbox.enqueue(store, key=key, addressee=outbox.to_volunteer(who), template=template, payload=payload, now=NOW)


def names(store, *, usable=(), grids=None, now=NOW):
    return [call.volunteer.id for call in whom_to_phone(store, usable=usable, grids=grids, now=now)]


@pytest.fixture
def people(store):
    for who in ("ann", "bob", "eve"):
        a_volunteer(store, who)
    return store


def test_the_most_urgent_stands_on_top_and_everything_for_one_person_in_one_place(people, config):
    tell(people, "ann", days=3)
    tell(people, "bob", days=1)
    tell(people, "ann", "superseded", days=2)
    deliver_all(people, config, [], by="test", clock=lambda: NOW)
    assert names(people) == ["bob", "ann"]
    ann = whom_to_phone(people, usable=(), now=NOW)[1]
    assert (len(ann.said), ann.due_at) == (2, NOW + timedelta(days=2))


def test_who_has_a_channel_is_left_to_it_while_it_may_succeed(people):
    contact_points.contact_points.add(people, ContactPoint("1", "ann", "mail", "ann@example.cn", 1))
    tell(people, "ann")
    tell(people, "bob")
    assert names(people, usable=["mail"]) == ["bob"]
    assert names(people, usable=["sms"]) == ["ann", "bob"]


def test_only_the_people_of_an_area_are_listed(people):
    tell(people, "ann")
    assert names(people, grids={"elsewhere"}) == []


def test_what_is_over_what_was_told_and_what_cannot_be_read_is_on_no_list(people):
    tell(people, "ann", days=1)
    tell(people, "bob")
    tell(people, "eve")
    people.execute("UPDATE outbox SET payload = replace(payload, '2026-', 'next ') WHERE addressee = 'volunteer:eve'")
    assert names(people) == ["ann", "bob"]
    phoned(people, "bob", NOT_REACHED, by="boss", now=NOW)
    assert names(people) == ["ann", "bob"]
    phoned(people, "bob", TOLD, by="boss", now=NOW)
    assert names(people) == ["ann"]
    assert names(people, now=NOW + timedelta(days=1)) == []
