"""Staff of a street read nothing of another street's people, and auditors no full name of an elder, on any page."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from werkzeug.routing import BuildError

from scheduler.model.accounts import Account, Role
from scheduler.model.people import AvailabilityRule, Kind
from scheduler.store.accounts import accounts
from scheduler.store.people import availability_rules, recipients, volunteers
from scheduler.store.plans import assignments
from scheduler.store.standbys import Standby, replace_standbys
from tests.web.objects import add_objects
from tests.web.site import Site
from tests.world import NOW, add_slot
from web.policy import URL_IDS

FOREIGN = ("陈志强", "夏雨", "赵桂芳", "许安")  # bob and others: volunteers and elders outside the street
ELDERS = ("李秀英", "赵桂芳", "许安")
THEN = NOW + timedelta(days=2, hours=5)  # 15:00
OPEN_VALUES = {"day": "2026-11-23", "kind": "dark", "locale": "zh", "filename": "yidu.css", "token": "A" * 43}
SEARCHES = ("", "?text=chen", "?text=7777", "?text=bob", "?sort=name", "?active=", "?state=", "?grid=c1")


@pytest.fixture
def ids(site: Site) -> dict[str, dict[str, str]]:
    """One object of each kind in each place; bob of the other street is near and free, and once said no to li."""
    with site.store() as store:
        found = add_objects(store)
        accounts.add(
            store, Account("acc-reader", "reader", Role.AUDITOR, "-", "真如审计", grid_id="s1", created_at=NOW)
        )
        near, resident = volunteers.get(store, "ann"), frozenset({Kind.RESIDENT})
        for who in ("ann", "bob"):
            person = replace(volunteers.get(store, who), lat=near.lat, lon=near.lon, kinds=resident)
            volunteers.save(store, person)
        for who in ("ann", "bob"):
            availability_rules.add(store, AvailabilityRule(f"free-{who}", who, (1, 2, 3, 4, 5, 6, 7), "06:00", "22:00"))
    return found


@pytest.fixture
def slot_id(site: Site, ids: dict[str, dict[str, str]]) -> str:
    """A visit of li with nobody on it, on a day on which both ann and bob could come."""
    with site.store() as store:
        return add_slot(store, THEN).id


def pages(site: Site, login: str, ids: dict[str, dict[str, str]]) -> Iterator[tuple[str, str]]:
    """Every page and answer of the API that this login can read about its own area, searched in several ways."""
    client = site.client(login)
    headers = {"Authorization": f"Bearer {site.api_token(login)}"}
    adapter = site.app.url_map.bind("localhost")
    for rule in site.app.url_map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.rule.endswith((".xlsx", ".csv", ".zip")):
            continue
        values = {a: ids.get(URL_IDS[a] or "", {}).get("own") or OPEN_VALUES.get(a, "x") for a in rule.arguments}
        try:
            address = adapter.build(rule.endpoint, values)
        except BuildError:
            continue
        for search in ("",) if rule.arguments else SEARCHES:
            if rule.rule.startswith("/api/"):
                query = "?from_date=2026-11-20&days=14" if rule.rule.endswith("/slots") else ""
                answer = site.client().get(address + query, headers=headers)
                text = json.dumps(answer.json, ensure_ascii=False) if answer.is_json else answer.text
            else:
                answer = client.get(address + search)
                text = answer.get_data().decode("utf-8", "replace")  # files come packed
            if answer.status_code == 200:
                yield address + search, text
            answer.close()


@pytest.mark.parametrize("login", ["street", "reader"])
def test_no_page_of_a_street_names_people_of_another_one(site: Site, ids, slot_id: str, login: str):
    del slot_id
    read = list(pages(site, login, ids))
    assert len(read) > 60
    assert [(address, name) for address, text in read for name in FOREIGN if name in text] == []


@pytest.mark.parametrize("login", ["auditor", "reader"])
def test_no_page_of_an_auditor_holds_the_full_name_of_an_elder(site: Site, ids, login: str):
    read = list(pages(site, login, ids))
    assert [(address, name) for address, text in read for name in ELDERS if name in text] == []
    assert any("李女士" in text for _, text in read)


def test_why_a_place_is_free_names_only_people_of_the_street_and_every_button_leads_somewhere(site: Site, slot_id: str):
    everything = site.get("admin", f"/slots/{slot_id}/why").text
    assert "王建国" in everything
    assert "陈志强" in everything
    own = site.get("street", f"/slots/{slot_id}/why").text
    assert "王建国" in own
    assert "陈志强" not in own
    assert "其他片区也有人能来" in own
    staff = site.client("street")
    links = [part.partition('"')[0] for part in own.split('href="')[1:]]
    assert links
    assert [link for link in links if staff.get(link).status_code != 200] == []


def test_who_of_another_street_comes_is_named_without_a_word_about_the_way(site: Site, ids, slot_id: str):
    with site.store() as store:
        visit = assignments.get(store, ids["assignment"]["own"])
        assignments.save(store, replace(visit, volunteer_id="bob", slot_id=slot_id, starts_at=THEN))
    own = site.get("street", f"/slots/{slot_id}/why").text
    assert "也比较了其他片区的人" in own
    assert "路上" not in own.partition("为什么")[2]


def test_standbys_of_another_street_are_counted_but_not_named(site: Site, slot_id: str):
    with site.store() as store:
        at = THEN
        standbys = [Standby(slot_id, who, rank, at, 0, 0, NOW, at) for rank, who in enumerate(("bob", "ann"), 1)]
        replace_standbys(store, [slot_id], standbys)
    page = site.get("street", f"/slots/{slot_id}").text
    assert "其他片区的人、王建国" in page
    headers = {"Authorization": f"Bearer {site.api_token('street')}"}
    answer = site.client().get(f"/api/v1/slots/{slot_id}/recommendations", headers=headers)
    assert [item["volunteer_id"] for item in answer.json["items"]] == ["ann"]


def test_a_name_of_another_street_is_not_turned_into_a_code_and_a_code_stays_a_code(site: Site, ids):
    del ids
    staff = site.client("street")
    form = {"name": "李秀英", "kind": "elder", "grid_id": "c1"}
    answer = staff.send("/recipients/li/edit", form | {"blocked": "陈志强"})
    assert answer.status_code == 422
    assert "bob" not in answer.text
    for text, blocked in (("王建国", {"ann"}), ("bob", {"bob"})):
        assert staff.send("/recipients/li/edit", form | {"blocked": text}).status_code == 303
        with site.store() as store:
            assert recipients.get(store, "li").blocked == blocked
    page = staff.get("/recipients/li/edit").text
    assert 'value="bob"' in page
    assert "陈志强" not in page


def test_today_counts_the_elders_of_the_street_only(site: Site, ids):
    del ids

    def waiting(login: str) -> str:
        page = site.get(login, "/today").text
        return re.sub(r"<[^>]*>", "", page.partition("探访逾期的老人")[2].partition("</h2>")[0]).strip()

    everybody, street = waiting("admin"), waiting("street")
    assert (everybody, street) == ("3", "1")
