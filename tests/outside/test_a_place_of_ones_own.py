"""A town that no delivery knows: its areas come in by page, by workbook and by command, and can be put right."""

import subprocess
import sys
from pathlib import Path

import pytest

from scheduler.access.accounts import create_account
from scheduler.model.accounts import Role
from scheduler.store.people import grids, organisations, recipients, volunteers
from scheduler.store.planning import linked_areas
from tests.outside.street import PASSWORD, Browser, Street

SHESHAN = {"名称": "佘山镇", "类别": "镇", "纬度": "31.1002", "经度": "121.2003"}


def area(street: Street, name: str) -> str:
    (found,) = grids.by(street.store, name=name)
    return found.id


def added(staff: Browser, **fields: str) -> str:
    """The page after the form of a new area."""
    staff.get("/areas/new")
    return staff.post("/areas/new", fields)[1]


@pytest.fixture
def town(street: Street) -> Street:
    street.bring({"区域": [
        {"名称": "近铁城市广场", "类别": "楼宇", "上级区域": "江秋居委会"},
        {"名称": "江秋居委会", "类别": "居委会", "上级区域": "佘山镇", "纬度": "31.105", "经度": "121.21"},
        {"名称": "北干山村", "类别": "村", "上级区域": "佘山镇"},
        SHESHAN,
    ]})  # fmt: skip
    return street


def test_staff_add_a_town_and_what_lies_in_it(street):
    staff = street.browser()
    page = added(staff, name="佘山镇", kind="town", lat="31.1002", lon="121.2003")
    assert "佘山镇" in page
    added(staff, name="江秋居委会", kind="committee", parent_id=area(street, "佘山镇"))
    added(staff, name="近铁城市广场", kind="building", parent_id=area(street, "江秋居委会"))
    assert "近铁城市广场" in staff.get("/areas")[1]
    assert "近铁城市广场" in staff.get("/recipients/new")[1]


def test_what_was_typed_stays_when_it_is_refused(street):
    staff = street.browser()
    page = added(staff, name="江秋居委会", kind="committee", lat="131.1")
    assert 'value="江秋居委会"' in page
    assert 'value="131.1"' in page
    assert "31.1 " not in page
    assert not grids.by(street.store, name="江秋居委会")


def test_a_workbook_brings_areas_in_any_order_and_again_changes_nothing(town):
    assert grids.get(town.store, area(town, "近铁城市广场")).lat == 31.105
    again = town.preview(town.book({"区域": [SHESHAN, {"名称": "北干山村", "类别": "村", "上级区域": "佘山镇"}]}))
    assert again.counts["grids"] == {"new": 0, "changed": 0, "unchanged": 2, "refused": 0}


def test_one_workbook_brings_areas_and_the_people_in_them(street):
    street.bring({
        "区域": [SHESHAN, {"名称": "江秋居委会", "类别": "居委会", "上级区域": "佘山镇"}],
        "服务对象": [{"编号": "E9", "姓名": "沈阿婆", "类别": "老人", "所在居委或楼宇": "江秋居委会"}],
    })  # fmt: skip
    (elder,) = recipients.by(street.store, code="E9")
    assert (elder.grid_id, elder.lat) == (area(street, "江秋居委会"), 31.1002)


def test_a_corrected_place_in_a_workbook_takes_people_along(town):
    town.bring({"服务对象": [{"编号": "E9", "姓名": "沈阿婆", "类别": "老人", "所在居委或楼宇": "北干山村"}]})
    found = town.bring({"区域": [
        {"名称": "北干山村", "类别": "村", "上级区域": "佘山镇", "纬度": "31.12", "经度": "121.25"}
    ]})  # fmt: skip
    assert found.counts["recipients"]["changed"] == 1
    (elder,) = recipients.by(town.store, code="E9")
    assert (elder.lat, elder.lon) == (31.12, 121.25)


def test_a_mistake_in_the_sheet_names_its_cell(street):
    found = street.preview(street.book({"区域": [{"名称": "某楼", "类别": "楼宇", "上级区域": "佘山镇"}]}))
    assert any("上级区域" in sentence and "佘山镇" in sentence for sentence in found.shown_errors("zh"))


def test_two_committees_become_one(town):
    town.bring({"区域": [{"名称": "新江秋居委会", "类别": "居委会", "上级区域": "佘山镇"}]} | {
        "志愿者": [{"编号": "V9", "姓名": "周强", "类别": "居民", "所在居委或楼宇": "江秋居委会"}]
    })  # fmt: skip
    keep, gone = area(town, "新江秋居委会"), area(town, "江秋居委会")
    staff = town.browser()
    assert "新江秋居委会" in staff.get(f"/areas/{keep}")[1]
    assert staff.post(f"/areas/{keep}/merge", {"other": gone})[0] == 200
    assert not grids.by(town.store, name="江秋居委会")
    assert volunteers.by(town.store, code="V9")[0].grid_id == keep
    assert grids.get(town.store, area(town, "近铁城市广场")).parent_id == keep


def test_only_an_unused_area_can_be_removed(town):
    staff = town.browser()
    used, unused = area(town, "江秋居委会"), area(town, "北干山村")
    assert f"/areas/{used}/remove" not in staff.get(f"/areas/{used}")[1]
    assert staff.post(f"/areas/{used}/remove", {})[0] == 409
    assert staff.get(f"/areas/{unused}")[0] == 200
    staff.post(f"/areas/{unused}/remove", {})
    assert not grids.by(town.store, name="北干山村")


def test_staff_of_a_committee_add_buildings_there_and_nowhere_else(town):
    create_account(
        town.store, login="jiang", password=PASSWORD, role=Role.STAFF, grid_id=area(town, "江秋居委会"), by="test",
        now=town.clock(),
    )  # fmt: skip
    staff = town.browser("jiang")
    assert "北干山村" not in staff.get("/areas")[1]
    assert staff.get(f"/areas/{area(town, '佘山镇')}")[0] == 404
    added(staff, name="二号楼", kind="building", parent_id=area(town, "江秋居委会"))
    assert grids.by(town.store, name="二号楼")
    added(staff, name="三号楼", kind="building", parent_id=area(town, "北干山村"))
    assert not grids.by(town.store, name="三号楼")


def yidu(folder: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "web.cli", "--database", str(folder / "district.db"), "areas", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_the_command_does_the_same(street):
    folder = street.folder
    assert yidu(folder, "add", "佘山镇", "--kind", "town", "--lat", "31.1002", "--lon", "121.2003").returncode == 0
    assert yidu(folder, "add", "江秋居委会", "--kind", "居委会", "--in", "佘山镇").returncode == 0
    assert yidu(folder, "change", "江秋居委会", "--name", "江秋第一居委会").returncode == 0
    refused = yidu(folder, "add", "某楼", "--kind", "building")
    assert refused.returncode == 1
    assert "lies" in refused.stderr.casefold()
    assert yidu(folder, "remove", "江秋第一居委会").returncode == 0
    assert "佘山镇" in yidu(folder, "list").stdout


# Organisations -------------------------------------------------------------------------------------------------------


def organisation(street: Street, name: str) -> str:
    (found,) = organisations.by(street.store, name=name)
    return found.id


def test_organisations_are_entered_corrected_and_linked(town):
    staff = town.browser()
    assert "还没有组织" in staff.get("/organisations")[1]
    for name, kind, place in (("近铁楼委会", "building", "近铁城市广场"), ("江秋党支部", "community", "江秋居委会")):
        staff.get("/organisations/new")
        staff.post("/organisations/new", {"name": name, "kind": kind, "grid_id": area(town, place)})
    one, other = organisation(town, "近铁楼委会"), organisation(town, "江秋党支部")
    staff.post(f"/organisations/{one}/links", {"other": other, "kind": "building_community"})
    assert "楼居" in staff.get(f"/organisations/{other}")[1]
    assert staff.post(f"/organisations/{other}/links", {"other": one, "kind": "building_community"})[0] == 409
    staff.post(f"/organisations/{one}/edit", {"name": "近铁城市广场楼委会", "kind": "building", "revision": "0",
        "grid_id": area(town, "近铁城市广场")})  # fmt: skip
    page = staff.get("/organisations")[1]
    assert "近铁城市广场楼委会" in page
    status, page = staff.post("/organisations/new", {"name": "江秋党支部", "kind": "branch", "grid_id": ""})
    assert status == 422
    assert 'value="江秋党支部"' in page


def test_a_workbook_brings_organisations_and_finds_them_again_by_name(town):
    sheets = {"组织": [{"名称": "近铁楼委会", "类别": "楼宇", "所在区域或楼宇": "近铁城市广场"}]}
    town.bring(sheets | {"志愿者": [
        {"编号": "V9", "姓名": "周强", "类别": "党员", "所在居委或楼宇": "江秋居委会", "单位": "近铁楼委会"}
    ]})  # fmt: skip
    assert volunteers.by(town.store, code="V9")[0].organisation_id == organisation(town, "近铁楼委会")
    again = town.preview(town.book(sheets))
    assert again.counts["organisations"]["unchanged"] == 1


def test_people_of_a_linked_organisation_are_preferred_where_the_other_one_is(town):
    town.bring({"组织": [
        {"名称": "近铁楼委会", "类别": "楼宇", "所在区域或楼宇": "近铁城市广场"},
        {"名称": "北干山村支部", "类别": "社区组织", "所在区域或楼宇": "北干山村"},
    ]})  # fmt: skip
    one, other = organisation(town, "近铁楼委会"), organisation(town, "北干山村支部")
    assert linked_areas(town.store) == {}
    staff = town.browser()
    staff.get(f"/organisations/{one}")
    staff.post(f"/organisations/{one}/links", {"other": other, "kind": "building_community"})
    assert linked_areas(town.store) == {
        one: frozenset({area(town, "北干山村")}),
        other: frozenset({area(town, "近铁城市广场")}),
    }
