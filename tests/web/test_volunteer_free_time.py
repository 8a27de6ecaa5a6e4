"""The free times of a volunteer on the phone: painting a week, days away, and "I am free now"."""

import re
from datetime import timedelta

import pytest

from scheduler.model.people import AvailabilityRule
from scheduler.model.plan import State
from scheduler.store import Store
from scheduler.store.people import availability_exceptions, availability_rules
from scheduler.store.plans import assignments
from tests.web.site import Site
from tests.world import NOW, add_slot

AFTERNOON = NOW + timedelta(hours=4)


def test_painting_a_week_is_said_back(site: Site, store: Store):
    cells = [f"{day}-{cell}" for day in range(1, 6) for cell in range(28, 33)]
    assert site.send("ann", "/my/free", {"cell": cells}).status_code == 303
    assert "每周一至周五14:00–16:30有空。" in site.get("ann", "/my/free?saved=1").text


def test_the_painted_week_says_the_same_in_english(site: Site):
    site.send("ann", "/my/free", {"cell": [f"{day}-18" for day in (6, 7)]})
    client = site.client("ann")
    client.set_cookie("lang", "en")
    assert "Every weekend 09:00–09:30." in client.get("/my/free").text


def test_a_preset_adds_to_what_was_painted(site: Site, store: Store):
    site.send("ann", "/my/free", {"cell": ["7-20"], "preset": "afternoons"})
    spans = {(r.weekdays, r.start, r.end) for r in availability_rules.by(store, volunteer_id="ann")}
    assert spans == {((1, 2, 3, 4, 5), "14:00", "16:30"), ((7,), "10:00", "10:30")}


def test_free_times_outside_the_shown_hours_are_kept(site: Site, store: Store):
    availability_rules.add(store, AvailabilityRule("r", "ann", (1,), "05:00", "06:00"))
    site.send("ann", "/my/free", {"cell": ["2-28"]})
    spans = {(r.weekdays, r.start, r.end) for r in availability_rules.by(store, volunteer_id="ann")}
    assert spans == {((1,), "05:00", "06:00"), ((2,), "14:00", "14:30")}


@pytest.mark.parametrize("cell", ["8-20", "1-48", "1", "x-y", "-"])
def test_a_senseless_half_hour_is_refused(site: Site, store: Store, cell: str):
    assert site.send("ann", "/my/free", {"cell": [cell]}).status_code == 422
    assert availability_rules.by(store, volunteer_id="ann") == []


def test_days_away_are_added_said_and_removed(site: Site, store: Store):
    days = {"kind": "away", "from_date": "2027-10-01", "until_date": "2027-10-07"}
    assert site.send("ann", "/my/free/exceptions", days).status_code == 303
    assert "10月1日至7日没空" in site.get("ann", "/my/free").text
    (exception,) = availability_exceptions.by(store, volunteer_id="ann")
    assert site.send("bob", "/my/free/exceptions/remove", {"exception": exception.id}).status_code == 404
    assert site.send("ann", "/my/free/exceptions/remove", {"exception": exception.id}).status_code == 303
    assert availability_exceptions.by(store, volunteer_id="ann") == []


def test_one_day_needs_only_one_date(site: Site, store: Store):
    site.send(
        "ann", "/my/free/exceptions", {"kind": "extra", "from_date": "2026-12-05", "start": "09:00", "end": "11:00"}
    )
    (exception,) = availability_exceptions.by(store, volunteer_id="ann")
    assert exception.from_date == exception.until_date


def test_free_now_offers_and_takes_a_visit(site: Site, store: Store):
    site.clock.now = AFTERNOON
    slot = add_slot(store, AFTERNOON, latest_at=AFTERNOON + timedelta(hours=2))
    page = site.get("ann", "/my/now?until=16:00").text
    starts_at = re.search(r'name="starts_at" value="([^"]+)"', page)
    assert starts_at
    answer = site.send("ann", "/my/now/take", {"slot": slot.id, "starts_at": starts_at[1], "until": "16:00"})
    assert answer.status_code == 303
    (taken,) = assignments.by(store, volunteer_id="ann")
    assert (taken.state, taken.source) == (State.ACCEPTED, "claim")


@pytest.mark.parametrize("form", [{"starts_at": "soon"}, {"starts_at": "2026-11-23T14:00"}, {"slot": "nothing"}])
def test_a_claim_that_makes_no_sense_is_refused(site: Site, store: Store, form: dict[str, str]):
    site.clock.now = AFTERNOON
    known = {"slot": add_slot(store, AFTERNOON).id, "starts_at": "2026-11-23T06:10:00+00:00", "until": "16:00"}
    assert site.send("ann", "/my/now/take", known | form).status_code in (404, 422)
    assert assignments.by(store, volunteer_id="ann") == []


def test_a_time_that_has_passed_is_explained(site: Site):
    answer = site.get("ann", "/my/now?until=08:00")
    assert (answer.status_code, "这个时间已过" in answer.text) == (422, True)
