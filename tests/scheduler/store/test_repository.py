"""Objects come back from the store as they went in, and nobody overwrites a change they have not seen."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from scheduler.errors import NotFound, StaleWrite
from scheduler.model.people import Grid, GridKind, Kind, Recipient, RecipientKind, Transport, Volunteer
from scheduler.store import Store
from scheduler.store.people import grids, grids_within, recipients, volunteers

GRID = Grid("g", "310107102", "长征镇", GridKind.STREET, None, 31.24, 121.37)
WANG = Volunteer(
    "v", "V001", "王芳", frozenset({Kind.COURIER, Kind.PARTY_MEMBER}), "female", 31.2, 121.4, Transport.EBIKE, "g",
    phone="13800138000", address="真北路818号", languages=frozenset({"沪语"}),
    trainings={"first_aid": date(2027, 1, 31), "companion": None},
    consents={"contact": datetime(2026, 1, 1, tzinfo=UTC)}, preferred_services=("E01", "E05"), insured=True,
)  # fmt: skip


@pytest.fixture
def store(store: Store) -> Store:
    grids.add(store, GRID)
    return store


def test_a_volunteer_comes_back_as_it_went_in(store: Store):
    volunteers.add(store, WANG)
    assert volunteers.get(store, "v") == WANG


def test_phone_and_address_lie_sealed_in_the_file(store: Store):
    volunteers.add(store, WANG)
    row = json.dumps(store.rows("SELECT * FROM volunteers"), ensure_ascii=False)
    assert "13800138000" not in row
    assert "真北路" not in row


def test_a_sealed_phone_is_found_by_its_blind_index(store: Store):
    volunteers.add(store, WANG)
    assert volunteers.where(store, "phone_index = :i", {"i": store.seal.blind("13800138000")}) == [WANG]


def test_nested_tuples_come_back(store: Store):
    elder = Recipient("r", "R1", "陈奶奶", RecipientKind.ELDER, "g", 31.2, 121.4, quiet_hours=(("11:30", "13:30"),))
    recipients.add(store, elder)
    assert recipients.get(store, "r") == elder


def test_saving_raises_the_revision(store: Store):
    volunteers.add(store, WANG)
    saved = volunteers.save(store, replace(WANG, name="王芬"))
    assert (saved.revision, volunteers.get(store, "v").name) == (1, "王芬")


def test_a_change_that_was_not_seen_is_never_overwritten(store: Store):
    volunteers.add(store, WANG)
    volunteers.save(store, replace(WANG, name="王芬"))
    with pytest.raises(StaleWrite, match="load it again"):
        volunteers.save(store, replace(WANG, name="王方"))
    assert volunteers.get(store, "v").name == "王芬"


def test_what_does_not_exist_is_named(store: Store):
    with pytest.raises(NotFound, match="there is no volunteer 'x'"):
        volunteers.get(store, "x")


def test_a_grid_holds_everything_below_it(store: Store):
    grids.add(store, Grid("c", "310107102001", "新长征", GridKind.COMMITTEE, "g", 31.24, 121.37))
    grids.add(store, Grid("other", "310107005", "曹杨", GridKind.STREET, None, 31.24, 121.4))
    assert grids_within(store, "g") == {"g", "c"}
    assert grids_within(store, None) == {"g", "c", "other"}
