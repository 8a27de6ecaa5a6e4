"""Holes of other systems that came in through what people type, upload or configure, or through old grants."""

import io
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.errors import ConfigError
from scheduler.exchange import calendar_feed
from scheduler.messages.groups import checked_address
from scheduler.model.plan import State
from scheduler.store.plans import assignments
from tests.scheduler.exchange.files import VOLUNTEERS, a_workbook
from tests.web.site import Site
from tests.web.test_regressions import addresses, all_ids, contents, scope_of
from tests.world import CANARY_ADDRESS, CANARY_PHONE, NOW, add_visit
from web.policy import Scope

SCRIPT = "<script>alert(1)</script>"
BREAKOUT = "\"'><img src=x onerror=alert(1)>"


def upload(site: Site, name: str, content: bytes):
    client = site.client("admin")
    data = {"_csrf": client.csrf, "file": (io.BytesIO(content), name)}
    return client.post("/exchange/upload", data=data, content_type="multipart/form-data", follow_redirects=True)


def test_a_foreign_id_in_an_address_reads_nothing(site: Site):  # Easy!Appointments CVE-2023-38054: /customers/{id}
    with site.store() as store:
        visit = add_visit(store, NOW + timedelta(days=1), recipient_id="far", volunteer_id="bob")
    for login, paths in {
        "street": ("recipients/far", "volunteers/bob", f"slots/{visit.slot_id}"),
        "ann": (f"my/visits/{visit.id}", f"my/visits/{visit.id}/calendar.ics", f"my/visits/{visit.id}/why"),
    }.items():
        for path in paths:
            answer = site.client(login).get(f"/{path}")
            assert answer.status_code == 404, path
            assert "赵桂芳" not in answer.text
            assert CANARY_PHONE not in answer.text


def test_a_stranger_changes_nothing(site: Site):  # Easy!Appointments CVE-2026-108758
    with site.store() as store:
        ids = all_ids(store)
        before = contents(store)
        stranger = site.client()
        for endpoint, address in addresses(site, "POST", **ids):
            if scope_of(site, endpoint) is not Scope.PUBLIC:
                assert stranger.send(address, reason="a good reason").status_code in (401, 403), address
        assert contents(store) == before


def test_what_people_type_is_never_markup(site: Site):  # pretix CVE-2024-8113: stored XSS
    with site.store() as store:
        visit = add_visit(store, NOW + timedelta(days=1), state=State.PROPOSED)
        for table in ("recipients", "volunteers", "organisations", "grids"):
            store.execute(f"UPDATE {table} SET name = :name", {"name": SCRIPT + BREAKOUT})
        store.execute("UPDATE needs SET title = :text", {"text": SCRIPT + BREAKOUT})
        store.execute("UPDATE accounts SET name = :text", {"text": SCRIPT + BREAKOUT})
        store.execute("UPDATE assignments SET reason = :text", {"text": SCRIPT + BREAKOUT})
    pages = {
        "admin": (
            "/today", "/board", "/board/visits?from=2026-11-24", "/board/map", "/board/timeline.json?from=2026-11-24",
            "/needs", "/recipients", "/recipients/li", "/volunteers", "/volunteers/ann", "/pairs", "/organisations",
            "/accounts", "/audit", f"/slots/{visit.slot_id}", "/exchange/roster?from=2026-11-24", "/tokens",
        ),
        "ann": ("/my/", f"/my/visits/{visit.id}", "/my/data", "/my/decisions", "/my/history", "/my/asks"),
    }  # fmt: skip
    for login, paths in pages.items():
        client = site.client(login)
        for path in paths:
            answer = client.get(path)
            assert answer.status_code == 200, path
            assert "<img src=x" not in answer.text or answer.mimetype == "application/json", path
            assert "<script>alert" not in answer.text or answer.mimetype == "application/json", path
            policy = answer.headers["Content-Security-Policy"]
            assert "script-src 'self';" in policy
            assert "unsafe" not in policy


@pytest.mark.parametrize("content", [b"MZ\x90\x00 not a workbook", b"%PDF-1.7", b"PK\x03\x04 broken", b""])
def test_a_file_is_judged_by_its_content(site: Site, content: bytes):  # pretix CVE-2024-27447
    with site.store() as store:
        before = contents(store)
        answer = upload(site, "week.xlsx", content)
        assert answer.status_code in (200, 422)  # what reads as text is shown as a table that fits no sheet
        assert "/confirm" not in answer.text
        assert "Traceback" not in answer.text
        kept = {"uploads", "dry_runs"}
        after = {name: rows for name, rows in contents(store).items() if name not in kept}
        assert after == {name: rows for name, rows in before.items() if name not in kept}


def test_an_uploaded_page_is_never_shown_as_one(site: Site, tmp_path: Path):  # Indico CVE-2026-25739: XSS by upload
    assert upload(site, "page.html", SCRIPT.encode()).status_code == 422
    rows = [list(row) for row in VOLUNTEERS]
    rows[1][1] = SCRIPT
    answer = upload(site, "week.xlsx", a_workbook(tmp_path / "week.xlsx", {"志愿者": rows}).read_bytes())
    assert answer.mimetype == "text/html"
    assert SCRIPT not in answer.text


@pytest.mark.parametrize("name", ["../../evil.xlsx", "/etc/passwd.xlsx", "..\\..\\evil.xlsx", "a\x00b.xlsx"])
def test_a_file_name_never_leaves_its_folder(site: Site, tmp_path: Path, name: str):  # Indico CVE-2026-107398
    before = {path for path in tmp_path.rglob("*") if "district.db" not in path.name}
    upload(site, name, a_workbook(tmp_path / "week.xlsx", {"志愿者": VOLUNTEERS}).read_bytes())
    after = {path for path in tmp_path.rglob("*") if "district.db" not in path.name}
    assert after - before == {tmp_path / "week.xlsx"}


@pytest.mark.parametrize("path", ["/static/../policy.py", "/static/%2e%2e/policy.py", "/static/..%2fpolicy.py"])
def test_static_addresses_stay_in_their_folder(site: Site, path: str):  # Indico CVE-2026-107398
    assert site.client().get(path).status_code == 404


def test_no_grant_outlives_its_account(site: Site):  # pretix CVE-2023-27891: a grant after logout
    browser, token = site.client("staff"), site.api_token("staff")
    bearer = {"Authorization": f"Bearer {token}"}
    assert browser.get("/today").status_code == 200
    assert site.client().get("/api/v1/plans", headers=bearer).status_code == 200
    with site.store() as store:
        store.execute("UPDATE accounts SET active = 0 WHERE login = 'staff'")
    assert browser.get("/today").status_code == 303
    assert site.client().get("/api/v1/plans", headers=bearer).status_code == 401


def test_a_calendar_feed_dies_with_its_volunteer(site: Site):  # pretix CVE-2023-27891
    with site.store() as store:
        feed = calendar_feed.open_feed(store, "ann", now=NOW)
    assert site.client().get(f"/calendar/zh/{feed}.ics").status_code == 200
    with site.store() as store:
        store.execute("UPDATE volunteers SET active = 0 WHERE id = 'ann'")
    assert site.client().get(f"/calendar/zh/{feed}.ics").status_code == 404


@pytest.mark.parametrize("scheme", ["json", "jsons", "xml", "form", "http", "https", "file", "unix", "mailtos"])
@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "127.1", "2130706433", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "localhost"],
)
def test_no_address_reaches_inside_the_network(scheme: str, host: str):  # Indico CVE-2026-107394, LinkAce 2.6.1
    with pytest.raises(ConfigError):
        checked_address(f"{scheme}://{host}:8080/hook?to=http://{host}/", ())


def test_a_door_that_was_opened_is_not_left_in_history(site: Site):  # LinkAce 2.6.1: private data in an export
    with site.store() as store:
        visit = add_visit(store, NOW + timedelta(hours=3))
    client = site.client("ann")
    client.send(f"/my/visits/{visit.id}/open")
    for path in ("/my/data.json", "/my/data.csv", "/my/history", "/my/decisions"):
        answer = client.get(path).text
        assert CANARY_PHONE not in answer
        assert CANARY_ADDRESS not in answer
    with site.store() as store:
        assert assignments.get(store, visit.id).state is State.ACCEPTED
