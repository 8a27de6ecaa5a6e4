"""What the pages of the desk do beyond showing: moving a bar, the roster, the switch of language and colours."""

import io
from datetime import timedelta

import pytest
from openpyxl import load_workbook

from scheduler.localtime import LOCAL
from scheduler.model.people import AvailabilityRule
from scheduler.model.plan import State
from scheduler.store import audit
from scheduler.store.people import availability_rules
from scheduler.store.plans import assignments
from tests.web.site import Site
from tests.world import CANARY_ADDRESS, CANARY_PHONE, NOW, add_slot, add_visit

TOMORROW = NOW + timedelta(days=1, hours=4)


@pytest.fixture
def site(site: Site) -> Site:
    with site.store() as store:
        store.execute("UPDATE volunteers SET lat = 31.2502, lon = 121.3902")
        for who in ("ann", "bob"):
            availability_rules.add(store, AvailabilityRule(f"rule-{who}", who, (1, 2, 3, 4, 5, 6, 7), "08:00", "20:00"))
    return site


def moved(site: Site, visit, **changes: str):
    start = visit.starts_at.astimezone(LOCAL).strftime("%Y-%m-%dT%H:%M")
    data = {"volunteer": "bob", "old": visit.id, "start": start, **changes}
    return site.send("staff", f"/slots/{visit.slot_id}/move", data)


def visit_of_ann(site: Site):
    with site.store() as store:
        return add_visit(store, TOMORROW, state=State.PROPOSED)


def states(site: Site) -> dict[str, str]:
    with site.store() as store:
        return {a.volunteer_id: a.state.value for a in assignments.where(store)}


def test_dragging_asks_first_and_changes_nothing(site: Site):
    answer = moved(site, visit_of_ann(site), dry="1")
    assert answer.json == {"done": False, "gates": [], "warnings": []}
    assert states(site) == {"ann": "proposed"}


def test_dropping_gives_the_visit_to_another_person(site: Site):
    assert moved(site, visit_of_ann(site)).json["done"] is True
    assert states(site) == {"ann": "cancelled", "bob": "proposed"}


def test_what_forbids_a_drop_is_named_in_the_readers_language(site: Site):
    visit = visit_of_ann(site)
    with site.store() as store:
        store.execute("UPDATE volunteers SET consents = '{}' WHERE id = 'bob'")
    assert moved(site, visit, dry="1").json["gates"] == ["尚未签署同意"]
    refused = moved(site, visit)
    assert refused.status_code == 409
    assert states(site) == {"ann": "proposed"}


@pytest.mark.parametrize("start", ["", "later", "2026-13-45T99:00"])
def test_a_senseless_start_is_told(site: Site, start: str):
    assert moved(site, visit_of_ann(site), start=start).status_code == 422


def test_the_timeline_names_people_and_empty_places(site: Site):
    visit_of_ann(site)
    with site.store() as store:
        add_slot(store, TOMORROW + timedelta(hours=1))
    found = site.client("staff").get("/board/timeline.json?from=2026-11-24").json
    assert [resource["title"] for resource in found["resources"]] == ["无人", "王建国"]
    assert [event["start"][11:16] for event in found["events"]] == ["14:00", "15:00"]


def test_a_roster_leaves_only_with_a_reason_and_without_doors(site: Site):
    visit_of_ann(site)
    client = site.client("staff")
    data = {"from": "2026-11-23", "until": "2026-11-29"}
    assert client.send("/exchange/roster", data).status_code == 422
    answer = client.send("/exchange/roster", data, reason="周例会使用")
    cells = [
        str(cell) for sheet in load_workbook(io.BytesIO(answer.data)) for row in sheet.values for cell in row if cell
    ]
    assert any("王建国" in cell for cell in cells)
    assert not any(CANARY_PHONE in cell or CANARY_ADDRESS in cell for cell in cells)
    with site.store() as store:
        assert [row.reason for row in audit.newest(store, text="export")] == ["周例会使用"]


def test_language_and_colours_are_remembered(site: Site):
    client = site.client("staff")
    client.send("/language/en", next="/board")
    client.send("/theme/dark")
    page = client.get("/board").text
    assert '<html lang="en" data-theme="dark">' in page
    client.send("/language/xx")
    assert '<html lang="zh-Hans"' in client.get("/board").text


def test_an_auditor_reads_masked_names_and_changes_nothing(site: Site):
    client = site.client("auditor")
    page = client.get("/recipients").text
    assert "李女士" in page
    assert "李秀英" not in page
    assert client.send("/needs").status_code == 403
