"""Phones, doors and notes are canaries: outside their hours they stand in no page, no log and no address."""

import logging
from datetime import datetime, timedelta

import pytest

from scheduler.exchange import calendar_feed
from scheduler.model.plan import State
from scheduler.promises import links
from tests.web.site import Site
from tests.world import CANARY_ADDRESS, CANARY_NOTES, CANARY_PHONE, NOW, add_visit

CANARIES = (CANARY_PHONE, CANARY_ADDRESS, CANARY_NOTES)
STARTS_AT = NOW + timedelta(days=3)
OPENS_AT, CLOSES_AT = STARTS_AT - timedelta(hours=24), STARTS_AT + timedelta(minutes=45, hours=2)
SECOND = timedelta(seconds=1)


def visit_of(site: Site, state: State = State.ACCEPTED) -> str:
    with site.store() as store:
        return add_visit(store, STARTS_AT, state=state).id


def open_it(site: Site, login: str, visit_id: str, now: datetime) -> int:
    site.clock.now = now
    return site.send(login, f"/my/visits/{visit_id}/open").status_code


def pages_of(site: Site, login: str, visit_id: str) -> str:
    """Everything a volunteer can read, at the site's present moment."""
    with site.store() as store:
        feed = calendar_feed.open_feed(store, "ann", now=site.clock.now)
    client = site.client(login)
    own = [f"/my/visits/{visit_id}", f"/my/visits/{visit_id}/why", f"/my/visits/{visit_id}/calendar.ics"]
    rest = ["/my/", "/my/history", "/my/decisions", "/my/data", "/my/data.json", "/my/data.csv", "/my/now?until=23:55"]
    return "".join(client.get(address).text for address in [*own, *rest, f"/calendar/zh/{feed}.ics"])


def seen(text: str) -> list[str]:
    return [canary for canary in CANARIES if canary in text]


@pytest.mark.parametrize("moment", [NOW, OPENS_AT - SECOND, CLOSES_AT + SECOND, CLOSES_AT + timedelta(days=400)])
def test_outside_its_hours_a_door_cannot_be_opened(site: Site, moment: datetime):
    visit_id = visit_of(site)
    assert open_it(site, "ann", visit_id, moment) == 409
    assert seen(pages_of(site, "ann", visit_id)) == []


@pytest.mark.parametrize("moment", [OPENS_AT, STARTS_AT, CLOSES_AT])
def test_inside_its_hours_the_assigned_person_sees_it_after_one_tap(site: Site, moment: datetime):
    visit_id = visit_of(site)
    site.clock.now = moment
    assert seen(pages_of(site, "ann", visit_id)) == []
    assert open_it(site, "ann", visit_id, moment) == 303
    assert seen(site.client("ann").get(f"/my/visits/{visit_id}").text) == list(CANARIES)


def test_what_was_opened_hides_again_when_the_hours_are_over(site: Site):
    visit_id = visit_of(site)
    assert open_it(site, "ann", visit_id, STARTS_AT) == 303
    site.clock.now = CLOSES_AT + SECOND
    assert seen(pages_of(site, "ann", visit_id)) == []


def test_somebody_else_sees_nothing_even_inside_the_hours(site: Site):
    visit_id = visit_of(site)
    assert open_it(site, "ann", visit_id, STARTS_AT) == 303
    assert open_it(site, "bob", visit_id, STARTS_AT) == 404
    assert seen(pages_of(site, "bob", visit_id)) == []
    for login in ("admin", "street", "auditor"):
        client = site.client(login)
        for address in (
            "/today",
            "/recipients",
            "/recipients/li",
            "/recipients?text=7777",
            "/board",
            "/needs",
            "/audit",
        ):
            assert seen(client.get(address).text) == [], (login, address)


@pytest.mark.parametrize("state", [State.PROPOSED, State.DECLINED, State.WITHDRAWN, State.CANCELLED, State.SUPERSEDED])
def test_who_has_not_promised_to_come_sees_nothing(site: Site, state: State):
    visit_id = visit_of(site, state)
    assert open_it(site, "ann", visit_id, STARTS_AT - SECOND) == 409
    assert seen(pages_of(site, "ann", visit_id)) == []


def test_after_a_withdrawal_the_door_is_closed(site: Site):
    visit_id = visit_of(site)
    assert open_it(site, "ann", visit_id, OPENS_AT) == 303
    site.send("ann", f"/my/visits/{visit_id}/decline", reason="illness")
    assert seen(pages_of(site, "ann", visit_id)) == []


def test_each_opening_leaves_one_line_that_names_no_value(site: Site):
    visit_id = visit_of(site)
    for _ in range(2):
        assert open_it(site, "ann", visit_id, STARTS_AT) == 303
    with site.store() as store:
        lines = store.rows("SELECT * FROM audit WHERE action = 'reveal'")
    assert len(lines) == 1
    assert seen(str(lines)) == []


def test_no_canary_and_no_token_is_ever_logged(site: Site, caplog: pytest.LogCaptureFixture):
    visit_id = visit_of(site)
    proposal = visit_of_another(site)
    with caplog.at_level(logging.DEBUG):
        open_it(site, "ann", visit_id, STARTS_AT)
        pages_of(site, "ann", visit_id)
        with site.store() as store:
            token = links.make(store, proposal, now=site.clock.now)
        site.client().get(f"/r/{token}")
        site.client().get(f"/r/{token}x")
    assert seen(caplog.text) == []
    assert token not in caplog.text


def visit_of_another(site: Site) -> str:
    with site.store() as store:
        return add_visit(store, STARTS_AT + timedelta(days=2), state=State.PROPOSED).id


def test_the_database_file_holds_no_canary(site: Site):
    visit_id = visit_of(site)
    open_it(site, "ann", visit_id, STARTS_AT)
    folder = site.config.database.parent
    for path in folder.glob("district.db*"):
        content = path.read_bytes()
        assert not [canary for canary in CANARIES if canary.encode() in content], path.name
