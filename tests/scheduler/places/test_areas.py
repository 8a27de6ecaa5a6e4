"""The tree of areas: what may lie in what, who moves along, and what a merge takes with it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.errors import IllegalMove, InputError, StaleWrite
from scheduler.forms.form import InvalidFields
from scheduler.messages.outbox import to_staff
from scheduler.model.accounts import Account, Role
from scheduler.model.people import Organisation
from scheduler.model.plan import State
from scheduler.places.areas import merge_areas, remove_area, save_area
from scheduler.places.tree import tree
from scheduler.promises import seats
from scheduler.store import Store, audit, open_store
from scheduler.store.accounts import accounts
from scheduler.store.people import grids, organisations, recipients, volunteers
from scheduler.store.plans import assignments
from scheduler.store.services import slots
from scheduler.store.settle import conflicts_of
from tests.world import NOW, add_elder, add_visit, add_world


@pytest.fixture
def store(tmp_path):
    with open_store(tmp_path / "d.db") as opened:
        add_world(opened)
        yield opened


def made(store: Store, **texts: str) -> str:
    return save_area(store, texts, by="boss", now=NOW).id


def wrong(store: Store, **texts: str) -> dict[str, str]:
    with pytest.raises(InvalidFields) as refused:
        save_area(store, texts, by="boss", now=NOW)
    return refused.value.by_field("zh")


def test_a_town_stands_on_its_own_and_needs_a_place(store):
    assert set(wrong(store, name="佘山镇", kind="镇")) == {"lat"}
    town = grids.get(store, made(store, name="佘山镇", kind="镇", lat="31.1002", lon="121.2003"))
    assert (town.parent_id, town.lat, town.lon) == (None, 31.1002, 121.2003)
    assert audit.history(store, "area", town.id)[0].action == "area.create"


def test_a_committee_without_a_place_stands_where_its_town_stands(store):
    made(store, name="佘山镇", kind="镇", lat="31.1002", lon="121.2003")
    area = grids.get(store, made(store, name="江秋居委会", kind="居委会", parent_id="佘山镇"))
    assert (area.lat, area.lon) == (31.1002, 121.2003)


@pytest.mark.parametrize(
    ("texts", "field"),
    [
        ({"name": "某楼", "kind": "楼宇"}, "parent_id"),
        ({"name": "某楼", "kind": "楼宇", "parent_id": "普陀区"}, "parent_id"),
        ({"name": "某区", "kind": "区", "parent_id": "普陀区"}, "parent_id"),
        ({"name": "真光居委会", "kind": "居委会", "parent_id": "真如镇街道"}, "name"),
        ({"name": "某居委会", "kind": "居委会", "parent_id": "真如镇街道", "lat": "31.2"}, "lon"),
        ({"name": "某居委会", "kind": "居委会", "parent_id": "没有的镇"}, "parent_id"),
        ({"name": "某居委会", "kind": "小区", "parent_id": "真如镇街道"}, "kind"),
        ({"name": "", "kind": "居委会", "parent_id": "真如镇街道"}, "name"),
    ],
)
def test_what_cannot_be_is_told_beside_the_field(store, texts, field):
    before = len(grids.where(store))
    assert field in wrong(store, **texts)
    assert len(grids.where(store)) == before


def test_a_street_with_committees_becomes_no_building(store):
    with pytest.raises(InvalidFields) as refused:
        save_area(store, {"kind": "楼宇"}, area_id="s1", by="boss", now=NOW)
    assert "kind" in refused.value.by_field("en")


def test_who_read_an_older_version_is_told(store):
    save_area(store, {"name": "真光新村居委会"}, area_id="c1", revision=0, by="boss", now=NOW)
    with pytest.raises(StaleWrite):
        save_area(store, {"name": "别的"}, area_id="c1", revision=0, by="boss", now=NOW)


def test_a_writer_puts_areas_into_their_own_part_only(store):
    with pytest.raises(InvalidFields):
        save_area(store, {"name": "新楼", "kind": "楼宇", "parent_id": "c2"}, by="ann", now=NOW, within={"s1", "c1"})
    save_area(store, {"name": "真如"}, area_id="s1", by="ann", now=NOW, within={"s1", "c1"})


def test_people_without_a_place_of_their_own_move_with_their_area(store):
    here = grids.get(store, "c1")
    volunteers.save(store, replace(volunteers.get(store, "ann"), lat=here.lat, lon=here.lon))
    save_area(store, {"lat": "31.26", "lon": "121.4"}, area_id="c1", by="boss", now=NOW)
    ann, li = volunteers.get(store, "ann"), recipients.get(store, "li")
    assert (ann.lat, ann.lon) == (31.26, 121.4)
    assert (li.lat, li.lon) == (31.2505, 121.3905)


def test_a_promise_to_somebody_who_moved_along_is_put_before_staff(store):
    here = grids.get(store, "c1")
    recipients.save(store, replace(recipients.get(store, "li"), lat=here.lat, lon=here.lon))
    visit = add_visit(store, NOW + timedelta(days=2))
    save_area(store, {"lat": "31.3", "lon": "121.45"}, area_id="c1", by="boss", now=NOW)
    assert assignments.get(store, visit.id).state is State.ACCEPTED
    assert conflicts_of(store, visit.id)


def test_a_merge_takes_everything_along_and_touches_no_promise(store):
    visit = add_visit(store, NOW + timedelta(days=2))
    organisations.add(store, Organisation("o", "o", "楼委会", "building", "c1"))
    accounts.add(store, Account("acc", "cun", Role.STAFF, "-", grid_id="c1"))
    house = made(store, name="近铁城市广场", kind="楼宇", parent_id="c1")
    seats.tell_staff(store, slots.get(store, visit.slot_id), visit, "seat_open_again", now=NOW, reason="x", hours=2)
    merge_areas(store, "c2", "c1", by="boss", now=NOW)
    assert grids.find(store, "c1") is None
    assert {p.grid_id for p in volunteers.where(store)} == {"c2"}
    assert recipients.get(store, "li").grid_id == "c2"
    assert slots.get(store, visit.slot_id).grid_id == "c2"
    assert organisations.get(store, "o").grid_id == "c2"
    assert accounts.get(store, "acc").grid_id == "c2"
    assert grids.get(store, house).parent_id == "c2"
    assert store.value("SELECT count(*) FROM outbox WHERE addressee = :to", {"to": to_staff("c2")}) == 1
    assert assignments.get(store, visit.id) == visit
    assert {row.action for id in ("c1", "c2") for row in audit.history(store, "area", id)} == {
        "area.merge",
        "area.merged_away",
    }


def test_areas_of_two_kinds_or_with_parts_of_one_name_do_not_merge(store):
    with pytest.raises(InputError):
        merge_areas(store, "c1", "c1", by="boss", now=NOW)
    with pytest.raises(IllegalMove, match="same kind"):
        merge_areas(store, "s1", "c2", by="boss", now=NOW)
    for above in ("c1", "c2"):
        made(store, name="一号楼", kind="楼宇", parent_id=above)
    with pytest.raises(IllegalMove, match="一号楼"):
        merge_areas(store, "c1", "c2", by="boss", now=NOW)
    assert grids.find(store, "c2")


def test_an_area_in_use_stays_and_an_unused_one_goes(store):
    with pytest.raises(IllegalMove) as refused:
        remove_area(store, "c1", by="boss", now=NOW)
    assert "志愿者1条" in refused.value.said.zh
    park = made(store, name="空园区", kind="园区", parent_id="c1")
    remove_area(store, park, by="boss", now=NOW)
    assert grids.find(store, park) is None
    assert audit.history(store, "area", park)[0].action == "area.remove"


def test_the_tree_counts_what_lies_below(store):
    add_elder(store, "wu", grid_id="c1", phone="")
    (district,) = tree(store)
    assert (district.volunteers, district.recipients) == (2, 2)
    assert [part.area.id for part in district.parts] == ["s1", "s2"]
    assert tree(store, "s1")[0].volunteers == 1
