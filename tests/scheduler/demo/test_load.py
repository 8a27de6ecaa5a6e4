"""The demo district: its sizes, rhythms, ratios, and that it is the same on every machine."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.access.accounts import verify
from scheduler.config import load_config
from scheduler.demo import load_demo
from scheduler.errors import InputError
from scheduler.localtime import local_date, monday_of
from scheduler.model.accounts import Role
from scheduler.model.people import Kind, RecipientKind
from scheduler.model.plan import State
from scheduler.needs.catalogue import inside_ring
from scheduler.needs.expand import expand
from scheduler.store import open_store
from scheduler.store.people import availability_rules, pairs, recipients, volunteers
from scheduler.store.plans import assignments
from scheduler.store.services import needs, service_types, slots

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
CONFIG = load_config()


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    with open_store(tmp_path_factory.mktemp("street") / "yidu.db") as store:
        yield store, load_demo(store, CONFIG, size="street", now=NOW)


def a_week_of(store):
    monday = monday_of(local_date(NOW)) + timedelta(weeks=1)
    types = {kind.code: kind for kind in service_types.where(store)}
    people = {recipient.id: recipient for recipient in recipients.where(store)}
    return [
        slot
        for need in needs.where(store)
        for slot in expand(
            need, types[need.service_type], people[need.recipient_id], monday, monday + timedelta(days=6), CONFIG
        )
    ]


def test_a_street_has_fifty_couriers_150_members_and_300_elders(street):
    store, summary = street
    assert {name: summary.counts[name] for name in ("couriers", "members", "elders")} == {
        "couriers": 50,
        "members": 150,
        "elders": 300,
    }
    assert len(volunteers.where(store)) == 200
    assert len(recipients.by(store, kind=RecipientKind.ELDER)) == 300
    assert {r.kind for r in recipients.where(store)} == set(RecipientKind)


def test_a_week_of_a_street_has_about_700_slots(street):
    week = Counter(slot.service_type for slot in a_week_of(street[0]))
    assert 660 <= week.total() <= 750
    assert 290 <= week["E01"] <= 310
    assert 290 <= week["E03"] <= 310
    assert 60 <= week.total() - week["E01"] - week["E03"] <= 130
    assert week["C08"] == 1


def test_supply_is_short_on_purpose(street):
    store, _ = street
    wanted = sum(slot.heads for slot in a_week_of(store))
    couriers = sum(Kind.COURIER in person.kinds for person in volunteers.where(store))
    members = 200 - couriers
    at_most = couriers * 7 * CONFIG.couriers.max_visits_per_day + members * CONFIG.members.max_visits_per_week
    assert at_most < wanted


def test_couriers_are_free_only_outside_their_blackouts(street):
    store, _ = street
    couriers = {v.id for v in volunteers.where(store) if Kind.COURIER in v.kinds}
    rules = [rule for rule in availability_rules.where(store) if rule.volunteer_id in couriers]
    assert {rule.volunteer_id for rule in rules} == couriers
    assert all(rule.end <= "11:00" or (rule.start >= "14:00" and rule.end <= "16:30") for rule in rules)


def test_pairs_keep_the_ratios_and_the_wishes(street):
    store, _ = street
    people = {v.id: v for v in volunteers.where(store)}
    elders = {r.id: r for r in recipients.where(store)}
    made_pairs = pairs.where(store)
    for volunteer_id, count in Counter(pair.volunteer_id for pair in made_pairs).items():
        assert count <= (2 if Kind.COURIER in people[volunteer_id].kinds else 5)
    for pair in made_pairs:
        assert elders[pair.recipient_id].gender_wish in ("", people[pair.volunteer_id].gender)
    assert {pair.rank for pair in made_pairs} == {1, 2}
    assert sum(pair.rank == 1 for pair in made_pairs) >= 200


def test_past_visits_are_done_and_mostly_by_the_pair(street):
    store, summary = street
    past = assignments.where(store)
    assert len(past) == summary.counts["past_visits"] > 500
    assert all(visit.state is State.DONE and visit.starts_at < NOW for visit in past)
    made_pairs = {(pair.volunteer_id, pair.recipient_id) for pair in pairs.where(store)}
    recipient_of = {slot.id: slot.recipient_id for slot in slots.where(store)}
    by_pair = sum((visit.volunteer_id, recipient_of[visit.slot_id]) in made_pairs for visit in past)
    assert by_pair / len(past) > 0.8
    days = Counter((visit.volunteer_id, local_date(visit.starts_at)) for visit in past)
    assert max(days.values()) == 1


def test_everybody_lives_inside_the_district(street):
    store, _ = street
    assert all(inside_ring(person.lat, person.lon) for person in (*volunteers.where(store), *recipients.where(store)))


def test_names_are_chinese_and_phones_are_made_up(street):
    store, _ = street
    for person in volunteers.where(store):
        assert all("\u4e00" <= letter <= "\u9fff" for letter in person.name)
        assert person.phone.startswith("199000")
    phones = [p.phone for p in (*volunteers.where(store), *recipients.where(store)) if p.phone]
    assert len(set(phones)) == len(phones)


def test_the_demo_accounts_open_the_door(street):
    store, summary = street
    assert [account.role for account in summary.accounts].count(Role.VOLUNTEER) == 2
    for account in summary.accounts:
        found = verify(store, account.login, account.password)
        assert found is not None
        assert found.role is account.role


def test_two_loads_bring_the_same_district(tmp_path):
    loaded = []
    for name in ("a", "b"):
        with open_store(tmp_path / f"{name}.db") as store:
            load_demo(store, CONFIG, size="small", now=NOW)
            loaded.append([repository.where(store) for repository in (volunteers, recipients, needs, pairs, slots)])
    assert loaded[0] == loaded[1]


def test_a_small_demo_is_one_building_and_one_committee(tmp_path):
    seen = []
    with open_store(tmp_path / "yidu.db") as store:
        summary = load_demo(
            store, CONFIG, size="small", now=NOW, on_progress=lambda stage, share: seen.append((stage, share))
        )
        assert (summary.counts["elders"], summary.counts["couriers"] + summary.counts["members"]) == (78, 65)
        assert 150 <= len(a_week_of(store)) <= 185
    assert seen[0] == ("长征镇", 0.0)
    assert seen[-1][1] == 1.0


def test_a_store_with_people_is_left_alone(tmp_path):
    with open_store(tmp_path / "yidu.db") as store:
        load_demo(store, CONFIG, size="small", now=NOW)
        with pytest.raises(InputError, match="another database"):
            load_demo(store, CONFIG, size="small", now=NOW)


def test_an_unknown_size_is_refused(tmp_path):
    with open_store(tmp_path / "yidu.db") as store, pytest.raises(InputError, match="small, street, district"):
        load_demo(store, CONFIG, size="huge", now=NOW)
