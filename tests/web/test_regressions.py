"""Holes that were published for systems of this kind, each kept shut by a test named after it."""

import re
from datetime import timedelta

import pytest

from scheduler.exchange import calendar_feed
from scheduler.localized import Bilingual
from scheduler.messages import texts
from scheduler.model.ids import new_id
from scheduler.model.plan import State
from scheduler.people.own_data import visits_csv
from scheduler.promises import links
from scheduler.store import Store
from scheduler.store.repository import utc_text
from tests.web.site import Site
from tests.world import CANARY_ADDRESS, CANARY_PHONE, NOW, add_visit
from web.policy import ACTIONS, Scope
from web.security import action_of

SECRETS = (CANARY_PHONE, CANARY_ADDRESS, "602室")
NAMES = ("李秀英", "赵桂芳", "王建国", "陈志强")
BOOKKEEPING = ("rate_limits", "logins", "sqlite_", "_sqlite")


def contents(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that holds what people did."""
    tables = [r["name"] for r in store.rows("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return {
        name: [tuple(row.values()) for row in store.rows(f"SELECT * FROM {name}")]
        for name in tables
        if not name.startswith(BOOKKEEPING)
    }


def addresses(site: Site, method: str, **ids: str) -> list[tuple[str, str]]:
    """(endpoint, address) of every route with this method whose ids are given."""
    values = {"token": "A" * 43, "kind": "dark", "locale": "zh", "filename": "yidu.css", **ids}
    found = []
    with site.app.test_request_context():
        adapter = site.app.url_map.bind("localhost")
        for rule in site.app.url_map.iter_rules():
            if method in (rule.methods or ()) and rule.arguments <= set(values):
                chosen = {name: values[name] for name in rule.arguments}
                found.append((rule.endpoint, adapter.build(rule.endpoint, chosen, method=method)))
    return found


def scope_of(site: Site, endpoint: str) -> Scope:
    return ACTIONS[action_of(site.app, endpoint) or ""].scope


def all_ids(store: Store) -> dict[str, str]:
    visit = add_visit(store, NOW + timedelta(days=3), state=State.PROPOSED)
    need = store.value("SELECT need_id FROM slots WHERE id = :id", {"id": visit.slot_id})
    return {
        "assignment_id": visit.id, "slot_id": visit.slot_id, "need_id": need, "recipient_id": "li",
        "volunteer_id": "ann", "grid_id": "c1", "account_id": "acc-street",
    }  # fmt: skip


def test_anonymous_reads_nothing(site: Site, store: Store):  # Easy!Appointments CVE-2022-0482, CVE-2026-108758
    stranger = site.client()
    for endpoint, address in addresses(site, "GET", **all_ids(store)):
        if scope_of(site, endpoint) is Scope.PUBLIC:
            continue
        answer = stranger.get(address)
        assert answer.status_code in (303, 401), address
        assert not [secret for secret in (*SECRETS, *NAMES) if secret in answer.text], address


def test_write_scope_equals_read_scope(site: Site, store: Store):  # Easy!Appointments CVE-2026-52839
    elsewhere = all_ids(store) | {"recipient_id": "far", "volunteer_id": "bob", "grid_id": "c2"}
    visit = add_visit(store, NOW + timedelta(days=4), recipient_id="far", volunteer_id="bob", state=State.PROPOSED)
    need = store.value("SELECT need_id FROM slots WHERE id = :id", {"id": visit.slot_id})
    elsewhere |= {"assignment_id": visit.id, "slot_id": visit.slot_id, "need_id": need}
    before = contents(store)
    for login in ("street", "ann"):
        client = site.client(login)
        for endpoint, address in addresses(site, "POST", **elsewhere):
            rule = next(r for r in site.app.url_map.iter_rules(endpoint))
            if {"assignment_id", "slot_id", "need_id", "recipient_id", "volunteer_id"} & rule.arguments:
                assert client.send(address, reason="a good reason").status_code in (401, 403, 404), address
    assert contents(store) == before


def test_failed_write_leaves_no_row(site: Site, store: Store):  # Easy!Appointments CVE-2026-52839
    visit = add_visit(store, NOW + timedelta(days=3), state=State.DECLINED)
    before = contents(store)
    client = site.client("ann")
    for step in ("accept", "check-in", "check-out", "open"):
        assert client.send(f"/my/visits/{visit.id}/{step}").status_code == 409
    wrong_days = {"kind": "away", "from_date": "2026-12-02", "until_date": "2026-12-01"}
    assert client.send("/my/free/exceptions", **wrong_days).status_code == 422
    assert contents(store) == before


def test_public_ids_are_random_128_bit(store: Store):  # LatePoint CVE-2026-105198
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch("[0-9a-f]{32}", one) for one in ids)
    visit = add_visit(store, NOW)
    assert len(bytes.fromhex(visit.id)) * 8 == 128


def test_feed_token_has_256_bit(store: Store):  # jobflow#30: uniqid() as token
    tokens = {calendar_feed.open_feed(store, "ann", now=NOW) for _ in range(50)}
    assert len(tokens) == 50
    assert all(re.fullmatch("[A-Za-z0-9_-]{43}", token) for token in tokens)  # 43 * 6 bits hold 256


def test_feed_token_never_listed(site: Site, store: Store):  # Nextcloud CVE-2017-0894
    client = site.client("ann")
    shown = client.send("/my/calendar")
    token = re.search(r"/calendar/zh/([A-Za-z0-9_-]{43})\.ics", shown.text)
    assert token
    ids = all_ids(store)
    assert token[1] not in "".join(str(rows) for rows in contents(store).values())
    for login in ("ann", "admin", "auditor"):
        browser = site.client(login)
        for endpoint, address in addresses(site, "GET", **ids):
            with browser.get(address) as answer:
                assert token[1].encode() not in answer.data, (endpoint, address)


def test_feed_token_is_not_api_key(site: Site, store: Store):  # Engelsystem: the feed's key is the API key
    feed = calendar_feed.open_feed(store, "ann", now=NOW)
    api = site.api_token("admin")
    assert site.client().get(f"/calendar/zh/{feed}.ics").status_code == 200
    assert site.client().get("/api/v1/needs", headers={"Authorization": f"Bearer {feed}"}).status_code == 401
    assert site.client().get(f"/calendar/zh/{api}.ics").status_code == 404


def test_a_feed_of_somebody_else_cannot_be_named(site: Site, store: Store):  # Nextcloud CVE-2026-45281
    calendar_feed.open_feed(store, "bob", now=NOW)
    for guess in ("bob", "acc-bob", "A" * 43):
        assert site.client("ann").get(f"/calendar/zh/{guess}.ics").status_code == 404


def test_feed_guesses_trip_the_limiter(site: Site):
    answers = {site.client().get(f"/calendar/zh/{number:043d}.ics").status_code for number in range(302)}
    assert answers == {404, 429}


def test_autocomplete_is_scoped(site: Site):  # Nextcloud CVE-2026-45286
    assert "赵桂芳" in site.client("staff").get("/recipients?text=赵").text
    inside = site.client("street").get("/recipients?text=赵").text
    assert "赵桂芳" not in inside
    for address in ("/recipients?text=赵", "/volunteers?text=陈"):
        assert site.client("ann").get(address).status_code == 403


def test_template_names_are_fixed(site: Site, store: Store):  # pretix CVE-2026-2415: {event.__init__...} in a mail
    visit = add_visit(store, NOW + timedelta(days=3))
    evil = "{0.__class__} {store.__init__.__globals__} %(key)s {{ config }}"
    known = {"assignment_id": visit.id, "slot_id": visit.slot_id, "service": "E01", "starts_at": utc_text(NOW)}
    payload = known | {"reason": evil}
    lines = texts.lines_of("cancelled", payload, locale="zh", services={"E01": Bilingual("聊天", "Chat")})
    said = "".join(line.text for line in lines)
    assert "class 'str'" not in said
    assert "__globals__': " not in said
    with pytest.raises(Exception, match="evil"):
        texts.lines_of("evil{0.__class__}", payload, locale="zh", services={})


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "localhost:80@evil.example"])
def test_evil_host_gets_400(site: Site, host: str):  # Indico GHSA-wgpj-7c2j-vfjm
    assert site.client().get("/login", headers={"Host": host}).status_code == 400


def test_exports_are_private_no_store(site: Site, store: Store):  # Indico GHSA-p9vj-86c7-h7q3
    visit = add_visit(store, NOW + timedelta(days=3))
    feed = calendar_feed.open_feed(store, "ann", now=NOW)
    client = site.client("ann")
    exports = ("/my/data.json", "/my/data.csv", f"/my/visits/{visit.id}/calendar.ics", f"/calendar/zh/{feed}.ics")
    for address in (*exports, "/my/", "/my/data"):
        answer = client.get(address)
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store"), address


def test_own_data_holds_nobody_elses(site: Site, store: Store):  # pretix CVE-2026-9712
    add_visit(store, NOW + timedelta(days=3))
    add_visit(store, NOW + timedelta(days=3), recipient_id="far", volunteer_id="bob")
    client = site.client("ann")
    for address in ("/my/data.json", "/my/data.csv"):
        text = client.get(address).text
        assert "李女士" in text or "李女士".encode("unicode_escape").decode() in text
        assert not [secret for secret in (*SECRETS, "李秀英", "赵", "陈志强") if secret in text]


def test_an_export_holds_no_formula(site: Site, store: Store):  # LinkAce 2.6.1: formulas in CSV
    for start in ("=", "+", "-", "@", "\t=", " =", "＝", "'="):
        visit = add_visit(store, NOW + timedelta(days=3, minutes=len(contents(store)["assignments"])))
        store.execute("UPDATE assignments SET reason = :r WHERE id = :id", {"r": f"{start}1+1", "id": visit.id})
    rows = visits_csv(store, "ann", now=NOW).decode("utf-8-sig").splitlines()[1:]
    cells = [cell.strip('"') for row in rows for cell in row.split(",")]
    assert not [cell for cell in cells if cell.lstrip().startswith(("=", "+", "-", "@", "＝"))]


def test_a_link_answers_once_and_looking_changes_nothing(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(days=3), state=State.PROPOSED)
    token = links.make(store, visit.id, now=NOW)
    before = contents(store)
    stranger = site.client()
    assert stranger.get(f"/r/{token}").status_code == 200
    assert contents(store) == before
    assert stranger.send(f"/r/{token}", answer="accept").status_code == 200
    assert store.value("SELECT state FROM assignments WHERE id = :id", {"id": visit.id}) == "accepted"
    assert stranger.send(f"/r/{token}", answer="decline").status_code == 409
    assert store.value("SELECT state FROM assignments WHERE id = :id", {"id": visit.id}) == "accepted"


def test_a_link_shows_no_name_and_no_door(site: Site, store: Store):
    visit = add_visit(store, NOW + timedelta(hours=3), state=State.PROPOSED)
    text = site.client().get(f"/r/{links.make(store, visit.id, now=NOW)}").text
    assert "李女士" in text
    assert not [secret for secret in (*SECRETS, "李秀英") if secret in text]


def test_get_never_writes(site: Site, store: Store):
    ids = all_ids(store)
    before = contents(store)
    for login in ("admin", "street", "auditor", "ann"):
        client = site.client(login)
        for _, address in addresses(site, "GET", **ids):
            with client.get(address) as answer:
                assert answer.status_code < 500, address
    assert contents(store) == before


def test_every_change_needs_a_token_of_its_own_login(site: Site, store: Store):  # Engelsystem CVE-2018-19182
    ids = all_ids(store)
    before = contents(store)
    admin, ann = site.client("admin"), site.client("ann")
    foreign = admin.csrf
    for endpoint, address in addresses(site, "POST", **ids):
        if endpoint.startswith("api."):
            continue
        for client, token in ((admin, ""), (admin, "x"), (ann, foreign)):
            assert client.post(address, data={"_csrf": token}).status_code == 403, address
    assert contents(store) == before


@pytest.mark.parametrize(
    "headers", [{"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}]
)
def test_every_change_refuses_a_foreign_origin(site: Site, store: Store, headers: dict[str, str]):
    ids = all_ids(store)
    before = contents(store)
    client = site.client("admin")
    for endpoint, address in addresses(site, "POST", **ids):
        if not endpoint.startswith("api."):
            sent = {"_csrf": client.csrf}
            assert client.post(address, data=sent, headers=headers).status_code == 403, address
    assert contents(store) == before


def test_the_api_lets_no_cookie_in(site: Site, store: Store):
    client = site.client("admin")
    body = {"service_type": "E01", "recipient_code": "li", "kind": "once", "from_date": "2026-11-25"}
    before = contents(store)
    assert client.get("/api/v1/needs").status_code == 401
    csrf = {"X-CSRF-Token": client.csrf}
    assert client.post("/api/v1/needs", json=body, headers=csrf).status_code == 401
    assert contents(store) == before


def test_an_old_session_is_worth_nothing_after_logout(site: Site):
    client = site.client("ann")
    copied = client.get_cookie("sid")
    assert copied
    assert client.send("/logout").status_code == 303
    thief = site.app.test_client()
    thief.set_cookie("sid", copied.value)
    assert thief.get("/my/").status_code == 303
