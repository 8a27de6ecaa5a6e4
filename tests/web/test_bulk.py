"""Several rows at once: inside one's own area, all or nothing, each with its line in the history."""

from datetime import timedelta

import pytest

from scheduler.model.people import RiskTier
from scheduler.model.services import NeedState
from scheduler.store import audit
from scheduler.store.people import recipients, volunteers
from scheduler.store.services import needs, slots
from tests.web.site import Site
from tests.world import NOW, add_service, add_slot


def send(site: Site, login: str, address: str, ids: list[str], step: str) -> int:
    return site.send(login, address, chosen=ids, step=step).status_code


def some_needs(site: Site) -> tuple[str, str, str]:
    """Two needs in the first street, one in the second, each with a visit ahead."""
    with site.store() as store:
        near = [add_slot(store, NOW + timedelta(days=1, hours=n)).need_id for n in (1, 3)]
        return near[0], near[1], add_slot(store, NOW + timedelta(days=1), recipient_id="far").need_id


def states(site: Site) -> dict[str, NeedState]:
    with site.store() as store:
        return {need.id: need.state for need in needs.where(store)}


def test_chosen_needs_end_and_their_visits_fall_away(site: Site):
    one, two, other = some_needs(site)
    assert send(site, "street", "/needs/chosen", [one, two], "close") == 303
    assert states(site) == {one: NeedState.CLOSED, two: NeedState.CLOSED, other: NeedState.PUBLISHED}
    with site.store() as store:
        assert {slot.state for slot in slots.by(store, need_id=one)} == {"cancelled"}
        assert [row.actor for row in audit.history(store, "need", two)] == ["street"]


def test_a_foreign_need_among_the_chosen_changes_nothing(site: Site):
    one, _two, other = some_needs(site)
    assert send(site, "street", "/needs/chosen", [one, other], "close") == 404
    assert set(states(site).values()) == {NeedState.PUBLISHED}


def test_chosen_volunteers_leave_the_list_and_come_back(site: Site):
    assert send(site, "staff", "/volunteers/chosen", ["ann", "bob"], "inactive") == 303
    with site.store() as store:
        assert [person.active for person in volunteers.where(store)] == [False, False]
    assert send(site, "staff", "/volunteers/chosen", ["ann"], "active") == 303
    with site.store() as store:
        assert [person.id for person in volunteers.by(store, active=1)] == ["ann"]


def test_a_foreign_volunteer_among_the_chosen_changes_nobody(site: Site):
    assert send(site, "street", "/volunteers/chosen", ["ann", "bob"], "inactive") == 404
    with site.store() as store:
        assert all(person.active for person in volunteers.where(store))


@pytest.mark.parametrize("login", ["auditor", "ann"])
def test_who_may_not_change_one_may_not_change_many(site: Site, login: str):
    one, *_ = some_needs(site)
    assert send(site, login, "/needs/chosen", [one], "close") == 403
    assert send(site, login, "/volunteers/chosen", ["ann"], "inactive") == 403


def test_a_surge_asks_for_care_visits_and_ends_when_the_weather_turns(site: Site):
    with site.store() as store:
        add_service(store, "E13", name_zh="高温寒潮关爱", name_en="Care in heat and cold", minutes=15)
        store.execute("UPDATE recipients SET risk_tier = 'high'")
        assert {r.risk_tier for r in recipients.where(store)} == {RiskTier.HIGH}
    browser = site.client("staff")
    asked = {"kind": "cold", "from": "2026-11-23", "until": "2026-11-27", "grid": "s1"}
    assert browser.send("/surges", asked).status_code == 303
    with site.store() as store:
        (need,) = needs.where(store)
        assert (need.recipient_id, need.per_week, need.service_type) == ("li", 7, "E13")
    browser.set_cookie("lang", "en")
    assert "Care in the cold" in browser.get("/surges").text
    assert "surge:" not in browser.get("/needs").text
    assert browser.send("/surges/end", kind="cold").status_code == 303
    with site.store() as store:
        (need,) = needs.where(store)
        assert need.until_date == NOW.date()


def test_only_those_who_see_the_whole_district_declare_a_surge(site: Site):
    assert site.send("street", "/surges", kind="heat").status_code == 403


def test_codes_are_offered_as_a_picture_to_scan(site: Site):
    page = site.client("staff").get("/account").text
    assert 'src="data:image/svg+xml' in page
    assert "otpauth://totp/" in page
