"""People who are in the list twice."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta

import pytest

from scheduler.access.accounts import create_account
from scheduler.availability.free_time_form import free_times_of, set_free_times
from scheduler.errors import IllegalMove, InputError
from scheduler.localtime import at_local, local_date
from scheduler.messages.outbox import enqueue, to_volunteer
from scheduler.model.accounts import Role
from scheduler.model.people import Kind, Pair, PairState, Recipient, Volunteer
from scheduler.model.plan import Assignment, State
from scheduler.model.services import NeedState, Place, Slot
from scheduler.needs.catalogue import load_catalogue
from scheduler.needs.need_form import save_need
from scheduler.people.duplicates import merge, suspicions
from scheduler.people.merging import RULES
from scheduler.people.own_data import set_consent
from scheduler.people.person_form import save_recipient, save_volunteer
from scheduler.store import open_store, refusals
from scheduler.store.accounts import accounts
from scheduler.store.audit import history
from scheduler.store.duplicates import REFERENCES, references
from scheduler.store.pairing import steps_of
from scheduler.store.people import pairs, recipients, volunteers
from scheduler.store.plans import assignments
from scheduler.store.repository import utc_text
from scheduler.store.services import needs, slots

NOW = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "yidu.db") as store:
        load_catalogue(store)
        yield store


def a_volunteer(store, name="王志强", **more):
    return save_volunteer(store, {"name": name, "kinds": "骑手", "grid_id": "长征镇"} | more, by="staff", now=NOW)


def an_elder(store, name="陈桂兰", **more):
    return save_recipient(store, {"name": name, "kind": "老人", "grid_id": "长征镇"} | more, by="staff", now=NOW)


def a_visit(store, elder, volunteer, state=State.ACCEPTED, clock="14:00"):
    texts = {"service_type": "E02", "recipient_id": elder.id, "kind": "once", "from_date": "2026-11-24"}
    need = save_need(store, texts, by="staff", now=NOW)
    start = at_local(need.from_date, clock)
    slot = Slot(
        need.id, need.id, "E02", elder.id, elder.grid_id, local_date(start), start, start, 15, 2, 1, 4,
        Place.AT_RECIPIENT, elder.lat, elder.lon,
    )  # fmt: skip
    slots.add(store, slot)
    return assignments.add(store, Assignment(f"{slot.id}-{volunteer.id[:4]}", slot.id, volunteer.id, start, state))


def merged(store, kind, keep, drop):
    return merge(store, kind, keep.id, drop.id, by="staff", now=NOW)


def test_a_shared_phone_or_name_with_birth_is_suspicious(store):
    a_volunteer(store, phone="13800138000", birth_month="1990-05")
    a_volunteer(store, "王强", phone="138 0013 8000")
    a_volunteer(store, birth_month="1990-05")
    a_volunteer(store, birth_month="1991-05")
    a_volunteer(store, "李敏")
    found = suspicions(store, "volunteer")
    assert [(s.first.code, s.second.code, s.why) for s in found] == [
        ("V00001", "V00002", "phone"),
        ("V00001", "V00003", "birth"),
    ]


def test_elders_are_compared_by_birth_year(store):
    for year in ("1940", "1940", "", ""):
        an_elder(store, birth_year=year)
    assert [(s.first.code, s.second.code) for s in suspicions(store, "recipient")] == [("E00001", "E00002")]


def test_merged_volunteers_are_one_with_everything_of_both(store):
    keep = a_volunteer(store, skills="接待", notes="早上方便")
    drop = a_volunteer(store, phone="13800138000", skills="陪伴聊天", kinds="党员", notes="会上海话")
    elder = an_elder(store, blocked=drop.code)
    friend = an_elder(store, "赵德明")
    visit = a_visit(store, friend, drop)
    pairs.add(store, Pair("bond", friend.id, drop.id))
    set_free_times(
        store, drop.id, [{"kind": "weekly", "weekdays": "1", "start": "14:00", "end": "16:00"}], by="staff", now=NOW
    )
    create_account(
        store,
        login="wang",
        password="four quiet words here",
        role=Role.VOLUNTEER,
        volunteer_id=drop.id,
        by="a",
        now=NOW,
    )
    kept = merged(store, "volunteer", keep, drop)
    assert (kept.phone, kept.skills) == ("13800138000", frozenset({"reception", "companion"}))
    assert kept.kinds == frozenset({Kind.COURIER, Kind.PARTY_MEMBER})
    assert kept.notes == "早上方便\n会上海话"
    assert assignments.get(store, visit.id).volunteer_id == keep.id
    assert pairs.get(store, "bond").volunteer_id == keep.id
    assert len(free_times_of(store, keep.id)) == 1
    assert accounts.by(store, login="wang")[0].volunteer_id == keep.id
    assert recipients.get(store, elder.id).blocked == frozenset({keep.id})
    gone = volunteers.get(store, drop.id)
    assert (gone.active, gone.phone, gone.notes) == (False, "", "")
    assert suspicions(store, "volunteer") == []
    assert history(store, "volunteer", keep.id)[0].action == "volunteer.merge"


def test_merged_elders_keep_one_companion_a_rank_and_one_need_a_service(store):
    keep, drop = an_elder(store), an_elder(store)
    first, second = a_volunteer(store), a_volunteer(store, "李敏")
    pairs.add_all(store, [Pair("a", keep.id, first.id), Pair("b", drop.id, second.id), Pair("c", drop.id, first.id, 2)])
    texts = {"kind": "cadence", "from_date": "2026-11-23"}
    for elder, service in ((keep, "E01"), (drop, "E01"), (drop, "E03")):
        save_need(store, texts | {"service_type": service, "recipient_id": elder.id}, by="staff", now=NOW)
    merged(store, "recipient", keep, drop)
    assert [pair.state for pair in pairs.where(store, "1 ORDER BY id")] == [
        PairState.ACTIVE,
        PairState.ACTIVE,
        PairState.ENDED,
    ]
    assert (pairs.get(store, "b").recipient_id, pairs.get(store, "b").rank) == (keep.id, 2)
    assert {need.recipient_id for need in needs.where(store)} == {keep.id}
    assert [(n.service_type, n.state) for n in needs.where(store, "1 ORDER BY code")] == [
        ("E01", NeedState.PUBLISHED),
        ("E01", NeedState.CLOSED),
        ("E03", NeedState.PUBLISHED),
    ]


def test_two_who_are_on_the_same_visit_are_not_merged(store):
    keep, drop, elder = a_volunteer(store), a_volunteer(store), an_elder(store)
    visit = a_visit(store, elder, keep)
    assignments.add(store, Assignment("other", visit.slot_id, drop.id, visit.starts_at, State.PROPOSED))
    with pytest.raises(IllegalMove, match="same visit"):
        merged(store, "volunteer", keep, drop)
    assert volunteers.get(store, drop.id).active


@pytest.mark.parametrize("model", [Volunteer, Recipient])
def test_every_field_of_a_person_has_a_rule_of_merging(model):
    assert RULES[model].keys() == {field.name for field in fields(model)}


@pytest.mark.parametrize("table", ["volunteers", "recipients"])
def test_everything_that_refers_to_a_person_has_a_rule_of_merging(store, table):
    assert [reference for reference in references(store, table) if reference not in REFERENCES] == []


def test_no_rule_of_merging_speaks_of_what_is_not_there(store):
    there = {reference for table in ("volunteers", "recipients") for reference in references(store, table)}
    assert REFERENCES.keys() == there


def test_overlapping_visits_of_one_person_do_not_come_from_merging(store):
    keep, drop = a_volunteer(store), a_volunteer(store)
    a_visit(store, an_elder(store), keep)
    a_visit(store, an_elder(store, "赵德明"), drop, clock="14:10")
    with pytest.raises(IllegalMove) as caught:
        merged(store, "volunteer", keep, drop)
    assert "11-24 14:00" in caught.value.said.zh
    assert "11-24 14:10" in caught.value.said.en
    assert volunteers.get(store, drop.id).active


def test_visits_that_follow_each_other_are_merged(store):
    keep, drop = a_volunteer(store), a_volunteer(store)
    a_visit(store, an_elder(store), keep)
    visit = a_visit(store, an_elder(store, "赵德明"), drop, clock="14:15")
    merged(store, "volunteer", keep, drop)
    assert assignments.get(store, visit.id).volunteer_id == keep.id


def test_the_stronger_of_two_pairs_with_one_person_stays(store):
    keep, drop, elder = a_volunteer(store), a_volunteer(store), an_elder(store)
    pairs.add(store, Pair("proposed", elder.id, keep.id, 2, PairState.PROPOSED))
    pairs.add(store, Pair("old", elder.id, drop.id, 1, PairState.ACTIVE, pinned=True))
    merged(store, "volunteer", keep, drop)
    assert pairs.get(store, "proposed").state is PairState.ENDED
    old = pairs.get(store, "old")
    assert (old.volunteer_id, old.state, old.pinned) == (keep.id, PairState.ACTIVE, True)
    assert [step.step for step in steps_of(store, "proposed")] == ["ended"]


def test_a_block_of_one_record_ends_the_pair_of_the_other(store):
    friend = a_volunteer(store)
    keep, drop = an_elder(store), an_elder(store, blocked=friend.code)
    pairs.add(store, Pair("bond", keep.id, friend.id))
    merged(store, "recipient", keep, drop)
    assert pairs.get(store, "bond").state is PairState.ENDED
    assert recipients.get(store, keep.id).blocked == {friend.id}


def test_a_consent_taken_back_on_one_record_does_not_come_back_by_merging(store):
    early, late = NOW - timedelta(days=30), NOW - timedelta(days=2)
    keep, drop = a_volunteer(store), a_volunteer(store)
    for person in (keep, drop):
        set_consent(store, person.id, "contact", given=True, by="self", now=early)
        set_consent(store, person.id, "health_data", given=True, by="self", now=early if person is keep else late)
    set_consent(store, drop.id, "contact", given=False, by="self", now=late)
    kept = merged(store, "volunteer", keep, drop)
    assert kept.consents == {"health_data": early}


def test_a_consent_given_again_after_it_was_taken_back_stands(store):
    keep, drop = a_volunteer(store), a_volunteer(store)
    set_consent(store, keep.id, "contact", given=True, by="self", now=NOW - timedelta(days=9))
    set_consent(store, keep.id, "contact", given=False, by="self", now=NOW - timedelta(days=8))
    set_consent(store, drop.id, "contact", given=True, by="self", now=NOW - timedelta(days=1))
    assert merged(store, "volunteer", keep, drop).consents == {"contact": NOW - timedelta(days=1)}


def test_messages_requests_and_lists_follow_the_person(store):
    keep, drop, elder = a_volunteer(store, consented="是", insured="是"), a_volunteer(store), an_elder(store)
    visit = a_visit(store, elder, keep)
    store.db.table("swaps").insert(
        {"id": "ask", "assignment_id": visit.id, "to_volunteer_id": drop.id, "state": "asked", "asked_at": "x",
         "expires_at": "y", "answered_at": None, "revision": 0}
    )  # fmt: skip
    store.db.table("standbys").insert(
        {"slot_id": visit.slot_id, "volunteer_id": drop.id, "rank": 1, "starts_at": "x", "coverage_change": 0,
         "cost_change": 0, "built_at": "x", "valid_until": "y"}
    )  # fmt: skip
    enqueue(store, key="k", addressee=to_volunteer(drop.id), template="pair_ended", payload={}, now=NOW)
    refusals.allow_again(store, visit.slot_id, keep.id, since_at=NOW - timedelta(days=2))
    refusals.allow_again(store, visit.slot_id, drop.id, since_at=NOW)
    rows = [{"kind": "weekly", "weekdays": "1", "start": "14:00", "end": "16:00"}]
    for person in (keep, drop):
        set_free_times(store, person.id, rows, by="staff", now=NOW)
    assert assignments.get(store, visit.id).state is State.ACCEPTED
    merged(store, "volunteer", keep, drop)
    assert store.value("SELECT state FROM swaps") == "taken_back"
    assert store.value("SELECT count(*) FROM standbys") == 0
    assert store.value("SELECT addressee FROM outbox WHERE key = 'k'") == to_volunteer(keep.id)
    assert store.rows("SELECT volunteer_id, since_at FROM asked_again") == [
        {"volunteer_id": keep.id, "since_at": utc_text(NOW)}
    ]
    assert len(free_times_of(store, keep.id)) == 1


def test_nobody_is_merged_with_himself(store):
    keep = a_volunteer(store)
    with pytest.raises(InputError):
        merged(store, "volunteer", keep, keep)
