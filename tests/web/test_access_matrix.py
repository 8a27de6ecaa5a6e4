"""Every role at every address, with own, neighbouring, foreign and missing objects: who gets in and who does not.

The expectation is computed here from the policy table and from where the objects were put, not by the code under test.
"""

import io
import shutil
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from werkzeug.routing import Rule

from scheduler.model.accounts import Account, Role
from scheduler.model.ids import new_id
from scheduler.store.accounts import accounts
from tests.web.objects import OWNERS, PLACES, add_objects
from tests.web.site import ACCOUNTS, Site
from tests.world import (
    CANARY_ADDRESS,
    CANARY_NOTES,
    CANARY_PHONE,
)
from web.policy import ACTIONS, URL_IDS, Scope
from web.security import action_of

BELOW = {"d": {"d", "s1", "c1", "s2", "c2"}, "s1": {"s1", "c1"}, "x": {"x", "xs", "xc"}}
EVERYWHERE = BELOW["d"] | BELOW["x"]
EXTRA = (
    Account("acc-district", "district", Role.STAFF, "-", "普陀工作人员", grid_id="d"),
    Account("acc-foreign", "foreign", Role.STAFF, "-", "外区工作人员", grid_id="x"),
    Account("acc-reader", "reader", Role.AUDITOR, "-", "真如审计", grid_id="s1"),
)
ACTORS = ("", "gone", *(a.login for a in (*ACCOUNTS, *EXTRA) if a.active))
OPEN_VALUES = {"token": "A" * 43, "day": "2026-11-23", "kind": "dark", "locale": "zh", "filename": "yidu.css"}
CANARIES = (CANARY_PHONE, CANARY_ADDRESS, CANARY_NOTES, "602室")
REFUSED = {401, 403, 404}


@dataclass(frozen=True)
class World:
    """The site, a copy of its untouched database, and the ids of what lies where: kind → variant → id."""

    site: Site
    clean: Path
    ids: dict[str, dict[str, str]]

    def restore(self) -> None:
        shutil.copy(self.clean, self.site.config.database)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    folder = tmp_path_factory.mktemp("matrix")
    site = Site(folder)
    with site.store() as store:
        ids = add_objects(store)
        accounts.add_all(store, EXTRA)
        store.db.conn.execute("PRAGMA journal_mode=DELETE")  # one file, so that a copy is whole
    clean = folder / "clean.db"
    shutil.copy(site.config.database, clean)
    return World(site, clean, ids)


ACCOUNT_PLACES = {"own": "s1", "other": "x"}


def rules(site: Site) -> list[tuple[Rule, str]]:
    found = [
        (r, m) for r in site.app.url_map.iter_rules() for m in sorted(r.methods or ()) if m not in ("HEAD", "OPTIONS")
    ]
    return sorted(found, key=lambda pair: (pair[0].rule, pair[1]))


def variants_of(world: World, rule: Rule) -> Iterator[tuple[str, dict[str, str]]]:
    """What may stand in an address: each variant names where its objects lie."""
    kinds = {argument: URL_IDS[argument] for argument in rule.arguments}
    if not any(kinds.values()):
        yield "none", {argument: OPEN_VALUES.get(argument, "x") for argument in kinds}
        return
    for variant in ("own", "same", "other", "missing"):
        values = {}
        for argument, kind in kinds.items():
            known = world.ids.get(kind or "", {})
            values[argument] = (
                OPEN_VALUES.get(argument, "x")
                if kind is None
                else new_id()
                if variant == "missing"
                else known.get(variant, "")
            )
        if all(values.values()):
            yield variant, values


def expected(login: str, action: str, rule: Rule, variant: str) -> str:
    """open, login, forbidden or hidden: what this actor must meet."""
    policy = ACTIONS[action]
    account = next((a for a in (*ACCOUNTS, *EXTRA) if a.login == login and a.active), None)
    if policy.scope is Scope.PUBLIC:
        return "open"
    if account is None:
        return "login"
    if account.role not in policy.roles:
        return "forbidden"
    if policy.scope is Scope.WHOLE and account.grid_id is not None:
        return "forbidden"
    kinds = {URL_IDS[argument] for argument in rule.arguments} - {None}
    if not kinds:
        return "open"
    if variant == "missing":
        return "hidden"
    if policy.scope is Scope.OWN:
        return "open" if account.volunteer_id == OWNERS.get(variant) else "hidden"
    if kinds <= {"plan", "run", "import", "service_type"}:
        return "open"
    area = BELOW.get(account.grid_id or "", EVERYWHERE)
    place = ACCOUNT_PLACES[variant] if kinds == {"account"} else PLACES[variant]
    return "open" if place in area else "hidden"


def answer_fits(expectation: str, method: str, status: int) -> bool:
    if expectation == "login":
        return status == 401 or (method == "GET" and status == 303) or (method != "GET" and status == 403)
    if expectation == "forbidden":
        return status == 403
    if expectation == "hidden":
        return status == 404
    return status not in {401, 403} and status < 500


@pytest.mark.parametrize("login", ACTORS, ids=lambda login: login or "anonymous")
def test_everybody_gets_exactly_what_the_policy_table_says(world: World, login: str):
    wrong, leaks, cases = [], [], 0
    world.restore()
    for rule, method in rules(world.site):
        action = action_of(world.site.app, rule.endpoint) or ""
        for variant, values in variants_of(world, rule):
            status, text, address = ask(world, login, method, rule, values)
            if method != "GET":
                world.restore()
            cases += 1
            expectation = expected(login, action, rule, variant)
            public_body = rule.endpoint == "login.log_in" and status == 403  # a login without a password is refused
            may_be_gone = expectation == "open" and status == 404 and (variant == "none" or "kind" in rule.arguments)
            if not (answer_fits(expectation, method, status) or public_body or may_be_gone):
                wrong.append(f"{method} {address} [{variant}] → {status}, expected {expectation}")
            leaks += [f"{method} {address}: {c}" for c in CANARIES if c in text and rule.endpoint not in REVEALS]
    assert wrong == []
    assert leaks == []
    assert cases > 100


REVEALS = {"people.reveal_recipient", "people.reveal_volunteer"}  # shown after a reason, which the form must carry


def ask(world: World, login: str, method: str, rule: Rule, values: dict[str, str]) -> tuple[int, str, str]:
    """Status, body and address of one request by a fresh browser or API client."""
    site = world.site
    with site.app.test_request_context():
        adapter = site.app.url_map.bind("localhost")
        address = adapter.build(rule.endpoint, values, method=method)
    if rule.rule.startswith("/api/"):
        client = site.client()
        headers = {"Authorization": f"Bearer {site.api_token(login)}"} if login not in ("", "gone") else {}
        query = {"from_date": "2026-11-20"} if rule.rule.endswith("/slots") else {}
        response = client.open(
            address, method=method, headers=headers, json={} if method == "POST" else None, query_string=query
        )
    else:
        client = site.client(login)
        data = {"_csrf": client.csrf, "reason": ""} if method == "POST" else None
        response = client.open(address, method=method, data=data)
    with response:
        return response.status_code, text_of(response.get_data()), address


def text_of(body: bytes) -> str:
    """A page as text; a workbook as the text of all its parts."""
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            return "".join(book.read(name).decode(errors="replace") for name in book.namelist())
    return body.decode(errors="replace")


def test_the_matrix_has_thousands_of_cases(world: World):
    per_actor = sum(1 for rule, _ in rules(world.site) for _ in variants_of(world, rule))
    assert per_actor * len(ACTORS) > 1000


def test_every_route_has_a_policy(world: World):
    undeclared = [
        r.rule for r in world.site.app.url_map.iter_rules() if action_of(world.site.app, r.endpoint) not in ACTIONS
    ]
    assert undeclared == []
