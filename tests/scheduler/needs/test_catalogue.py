"""The delivered catalogue and map as typed data."""

import csv
import math
from importlib.resources import files

import pytest

from scheduler.errors import ConfigError
from scheduler.localtime import minutes_of
from scheduler.model.people import GridKind, RecipientKind
from scheduler.model.services import Continuity, Place, TeamRule
from scheduler.needs.catalogue import (
    delivered_grids,
    delivered_service_types,
    inside_ring,
    load_catalogue,
    read_service_types,
    read_window,
)
from scheduler.store import Store, open_store
from scheduler.store.people import grids
from scheduler.store.services import service_types

BY_CODE = {kind.code: kind for kind in delivered_service_types()}
ROW = {"code": "Z01", "name_zh": "试", "name_en": "Trial", "minutes": "30", "priority": "2"}
ENTRY = {
    "heads": 1,
    "continuity": "none",
    "recipients": ["elder"],
    "windows": ["1-5 09:00-10:00"],
    "risk": ["无", "none"],
}


def test_there_are_thirty_service_types_with_names_windows_and_risks():
    assert len(BY_CODE) == 30
    for kind in BY_CODE.values():
        assert kind.name_zh
        assert kind.name_en
        assert kind.risk_zh
        assert kind.risk_en
        assert kind.windows
        assert set(kind.recipient_kinds) <= set(RecipientKind)
        assert 1 <= kind.min_heads <= kind.heads


def test_every_service_fits_into_each_of_its_windows():
    for kind in BY_CODE.values():
        for window in kind.windows:
            assert minutes_of(window.end) - minutes_of(window.start) >= kind.minutes, f"{kind.code} {window}"


def test_prose_and_mapping_agree_on_skills():
    with files("scheduler.data").joinpath("service_types.csv").open(encoding="utf-8") as file:
        prose = {row["code"]: row["skills"] for row in csv.DictReader(file)}
    for kind in BY_CODE.values():
        tags = {rule.tag for rule in kind.team} - {"party_member", "courier", "instructor", "handyman"}
        for skill in {*kind.requires_all, *kind.requires_any, *tags}:
            assert skill in prose[kind.code], f"{kind.code} asks for {skill}, its row says {prose[kind.code]!r}"


def test_settings_that_clash_are_decided():
    assert BY_CODE["E05"].in_blackout  # the meal run ends inside the lunch peak
    assert BY_CODE["E07"].in_quiet_hours  # booked by the elder
    assert BY_CODE["E10"].in_quiet_hours  # urgent
    assert not any(BY_CODE[code].in_quiet_hours for code in ("E03", "E04", "E13", "E14"))
    assert not any(kind.in_blackout for kind in BY_CODE.values() if kind.code != "E05")


def test_rows_read_as_meant():
    assert BY_CODE["E01"].continuity is Continuity.PAIRED
    assert BY_CODE["E02"].continuity is Continuity.KNOWN
    assert BY_CODE["E03"].place is Place.REMOTE
    assert BY_CODE["E08"].team == (TeamRule("party_member", 1), TeamRule("smart_install", 1), TeamRule("companion", 1))
    assert (BY_CODE["C14"].min_heads, BY_CODE["C14"].heads) == (4, 8)
    assert BY_CODE["C08"].windows == (read_window("5 14:00-16:00"),)
    assert BY_CODE["E05"].minutes == 45


def test_a_new_service_type_is_a_row_of_data():
    (kind,) = read_service_types([ROW], {"Z01": ENTRY})
    assert (kind.code, kind.minutes, kind.heads) == ("Z01", 30, 1)


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({**ENTRY, "colour": "red"}, "colour"),
        ({**ENTRY, "windows": ["1-5 10:00-09:00"]}, "10:00-09:00"),
        ({**ENTRY, "continuity": "often"}, "often"),
        ({key: ENTRY[key] for key in ENTRY if key != "heads"}, "heads"),
    ],
)
def test_a_wrong_entry_is_named(entry, named):
    with pytest.raises(ConfigError, match="Z01") as caught:
        read_service_types([ROW], {"Z01": entry})
    assert named in str(caught.value)


def test_a_row_without_entry_is_named():
    with pytest.raises(ConfigError, match="Z01"):
        read_service_types([ROW], {})


def test_district_holds_ten_streets_and_285_committees_inside_its_outline():
    found = delivered_grids()
    kinds = [grid.kind for grid in found]
    assert (kinds.count(GridKind.STREET), kinds.count(GridKind.COMMITTEE)) == (10, 285)
    assert all(inside_ring(grid.lat, grid.lon) for grid in found if grid.kind is GridKind.COMMITTEE)
    assert not inside_ring(31.10, 121.19)


def test_committees_lie_apart_and_near_their_street():
    by_id = {grid.id: grid for grid in delivered_grids()}
    for street in (g for g in by_id.values() if g.kind is GridKind.STREET):
        points = [(g.lat, g.lon) for g in by_id.values() if g.parent_id == street.id]
        assert len(set(points)) == len(points)
        assert all(math.dist(point, (street.lat, street.lon)) < 0.035 for point in points)


def test_loading_twice_keeps_what_staff_changed(tmp_path):
    with open_store(tmp_path / "yidu.db") as store:
        load_catalogue(store)
        store.execute("UPDATE service_types SET minutes = 50 WHERE code = 'E01'")
        load_catalogue(store)
        assert _count(store) == (30, 296)
        assert service_types.get(store, "E01").minutes == 50
        assert service_types.get(store, "C08") == BY_CODE["C08"]
        assert grids.by(store, code="310107102")[0].name == "长征镇"


def _count(store: Store) -> tuple[int, int]:
    return store.value("SELECT COUNT(*) FROM service_types"), store.value("SELECT COUNT(*) FROM grids")
