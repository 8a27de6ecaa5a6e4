"""The JSON API: what other systems send and get, and what generated requests of every role bring about."""

from pathlib import Path

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import load_all_checks

from scheduler.access import api_tokens
from scheduler.access.api_tokens import SCOPES
from scheduler.errors import InputError, NotFound
from scheduler.store import Store
from scheduler.store.services import needs
from tests.web.site import Site
from tests.world import CANARY_ADDRESS, CANARY_PHONE, NOW, add_visit, timedelta

NEED = {"service_type": "E01", "recipient_code": "li", "kind": "once", "from_date": "2026-11-25"}
ROOT = Path(__file__).parents[2]
ROLES = ("admin", "staff", "street", "auditor", "ann", "")


def call(site: Site, login: str, address: str, method: str = "GET", scopes: frozenset[str] = frozenset(SCOPES), **more):
    headers = {"Authorization": f"Bearer {site.api_token(login, scopes)}"}
    return site.client().open(f"/api/v1{address}", method=method, headers=headers, **more)


def test_a_street_publishes_a_need_for_its_own_recipient(site: Site):
    answer = call(site, "street", "/needs", "POST", json=NEED)
    assert answer.status_code == 201
    assert call(site, "street", answer.headers["Location"].removeprefix("/api/v1")).json == answer.json
    with site.store() as store:
        assert needs.get(store, answer.json["id"]).created_by == "street"


def test_a_street_cannot_publish_for_another_street(site: Site):
    answer = call(site, "street", "/needs", "POST", json=NEED | {"recipient_code": "far"})
    assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "recipient_code")
    assert call(site, "staff", "/needs", "POST", json=NEED | {"recipient_code": "far"}).status_code == 201


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"service_typ": "E01"}, "service_typ"),
        ({"service_type": "e1"}, "service_type"),
        ({"service_type": "Z99"}, "service_type"),
        ({"from_date": "soon"}, "from_date"),
        ({"heads": 0}, "heads"),
        ({"heads": "two"}, "heads"),
        ({"start": "25:00"}, "start"),
        ({"kind": "recurring"}, "weekdays"),
        ({"until_date": "2026-11-24"}, "until_date"),
        ({"title": "x" * 81}, "title"),
        ({"title": "a\x00b"}, "title"),
    ],
)
def test_a_wrong_field_is_named(site: Site, wrong: dict[str, object], field: str):
    answer = call(site, "admin", "/needs", "POST", json=NEED | wrong)
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert answer.json["errors"][0]["field"].split(".")[0] == field
    with site.store() as store:
        assert needs.where(store) == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe"])
def test_a_body_that_is_no_object_is_refused(site: Site, body: bytes):
    answer = call(site, "admin", "/needs", "POST", data=body, content_type="application/json")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")


def test_a_form_is_no_json(site: Site):
    assert call(site, "admin", "/needs", "POST", data=NEED).status_code == 415


def test_unknown_query_fields_are_refused(site: Site):
    assert call(site, "admin", "/needs?stat=published").status_code == 422


def test_a_cancelled_need_stays_readable(site: Site):
    made = call(site, "admin", "/needs", "POST", json=NEED).json
    assert call(site, "admin", f"/needs/{made['id']}/cancel", "POST").json["state"] == "cancelled"
    assert call(site, "admin", "/needs?state=cancelled").json["total"] == 1


def test_lists_are_bounded_by_the_area(site: Site):
    for code in ("li", "far"):
        call(site, "admin", "/needs", "POST", json=NEED | {"recipient_code": code})
    codes = {
        login: [n["recipient_code"] for n in call(site, login, "/needs").json["items"]] for login in ("admin", "street")
    }
    assert (sorted(codes["admin"]), codes["street"]) == (["far", "li"], ["li"])


def test_slots_name_people_at_home_by_surname_only(site: Site):
    with site.store() as store:
        visit = add_visit(store, NOW + timedelta(days=1))
    days = "from_date=2026-11-23&days=8"
    for address in (f"/slots?{days}", f"/slots/{visit.slot_id}", f"/slots/{visit.slot_id}/assignments"):
        answer = call(site, "admin", address)
        assert answer.status_code == 200
        assert not [s for s in (CANARY_PHONE, CANARY_ADDRESS, "李秀英", "王建国") if s in answer.text]


@pytest.mark.parametrize(
    "span", ["from_date=2026-11-23&days=0", "from_date=2026-11-23&days=63", "days=1", "from_date=x"]
)
def test_a_senseless_span_of_days_is_refused(site: Site, span: str):
    assert call(site, "admin", f"/slots?{span}").status_code == 422


@pytest.mark.parametrize("scope", SCOPES)
def test_a_token_does_only_what_its_scopes_say(site: Site, scope: str):
    with site.store() as store:
        slot = add_visit(store, NOW + timedelta(days=1)).slot_id
    days = "from_date=2026-11-23&days=8"
    wanted = {
        "need.read": ("GET", "/needs"),
        "need.write": ("POST", "/needs"),
        "slot.read": ("GET", f"/slots?{days}"),
        "assignment.read": ("GET", f"/slots/{slot}/assignments"),
        "plan.read": ("GET", "/plans"),
        "recommendation.read": ("GET", f"/slots/{slot}/recommendations"),
    }
    only = frozenset({scope})
    allowed = {
        name for name, (method, address) in wanted.items()
        if call(site, "admin", address, method, only, json=NEED if method == "POST" else None).status_code < 300
    }  # fmt: skip
    assert allowed == only


def test_a_token_ends_by_time_by_hand_and_with_its_account(site: Site):
    with site.store() as store:
        _, token = api_tokens.give(
            store, "acc-admin", name="street", scopes=frozenset(SCOPES), days=1, by="test", now=site.clock.now
        )
        given, second = api_tokens.give(
            store, "acc-staff", name="street", scopes=frozenset(SCOPES), days=30, by="test", now=site.clock.now
        )

        def status(token: str) -> int:
            headers = {"Authorization": f"Bearer {token}"}
            return site.client().get("/api/v1/needs", headers=headers).status_code

        assert (status(token), status(second)) == (200, 200)
        site.clock.now = NOW + timedelta(days=1)
        assert (status(token), status(second)) == (401, 200)
        store.execute("UPDATE accounts SET active = 0 WHERE id = 'acc-staff'")
        assert status(second) == 401
        store.execute("UPDATE accounts SET active = 1 WHERE id = 'acc-staff'")
        api_tokens.revoke(store, given.id, by="test", now=site.clock.now)
        assert status(second) == 401
        with pytest.raises(NotFound):
            api_tokens.revoke(store, given.id, by="test", now=site.clock.now)


def test_only_the_hash_of_a_token_is_stored(site: Site):
    token = site.api_token("admin")
    with site.store() as store:
        assert token not in str(store.rows("SELECT * FROM api_tokens"))


@pytest.mark.parametrize(
    "wrong", [{"name": " "}, {"scopes": frozenset()}, {"scopes": frozenset({"all"})}, {"days": 0}, {"days": 367}]
)
def test_a_senseless_token_is_refused(store: Store, wrong: dict[str, object]):
    values = {"name": "x", "scopes": frozenset(SCOPES), "days": 30} | wrong
    with pytest.raises(InputError):
        api_tokens.give(store, "acc", by="test", now=NOW, **values)


def test_too_many_calls_are_slowed(site: Site):
    site.app.config["API_PER_MINUTE"] = 3
    headers = {"Authorization": f"Bearer {site.api_token('admin')}"}
    answers = [site.client().get("/api/v1/plans", headers=headers) for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert (answers[-1].mimetype, "Retry-After" in answers[-1].headers) == ("application/problem+json", True)


load_all_checks()


@pytest.mark.parametrize("login", ROLES, ids=lambda login: login or "anonymous")
@pytest.mark.parametrize("examples", [6, pytest.param(300, marks=[pytest.mark.long, pytest.mark.timeout(3600)])])
def test_generated_requests_of_every_role_get_documented_answers(site: Site, login: str, examples: int):
    site.app.config["API_PER_MINUTE"] = 10**6
    with site.store() as store:
        for days in range(1, 4):
            add_visit(store, NOW + timedelta(days=days))
    headers = {"Authorization": f"Bearer {site.api_token(login)}"} if login else {}
    config = schemathesis.Config.from_path(ROOT / "schemathesis.toml")
    document = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", site.app, config=config)
    calm = settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    for found in document.get_all_operations():

        @calm
        @given(case=found.ok().as_strategy())
        def send(case: schemathesis.Case) -> None:
            case.call_and_validate(headers=headers)

        send()
