"""Every route of the site, the fields that each one reads, and what a request to it does to the database.

The fields are not listed anywhere: the application is asked with requests that write down every name which a view looks
for, so a new field is tried from the day it is read. What a request writes is rolled back, so each one meets the same
district.
"""

import logging
import re
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from json import dumps as to_json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from flask import Flask, Request, g, request
from werkzeug.datastructures import ImmutableMultiDict
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from scheduler.access.api_tokens import SCOPES, give
from scheduler.promises import links
from scheduler.store import uploads
from scheduler.store.accounts import accounts
from tests.web.objects import add_objects
from tests.web.site import Site
from tests.world import NOW
from web.context import get_store

ROLES = ("", "admin", "staff", "street", "auditor", "ann", "bob")
READING_NOW = ("GET", "POST")
UNCOUNTED = frozenset({"audit", "rate_limits", "logins", "sqlite_sequence", "used_codes"})
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")

Fields = Sequence[tuple[str, str | bytes]]


def encoded(fields: Fields) -> bytes:
    """As a form sends it; bytes go as they are, so that what is no text can be sent too."""
    return urlencode(list(fields)).encode()


_asked_for: set[str] | None = None


class Listening(ImmutableMultiDict[str, str]):
    """Fields of a request that write down which of them a view looks for."""

    def __contains__(self, key: object) -> bool:
        _note(key)
        return super().__contains__(key)

    def get(self, key: Any, default: Any = None, type: Any = None) -> Any:
        _note(key)
        return super().get(key, default, type) if type else super().get(key, default)

    def getlist(self, key: Any, type: Any = None) -> Any:
        _note(key)
        return super().getlist(key, type) if type else super().getlist(key)


def _note(key: object) -> None:
    if _asked_for is not None and isinstance(key, str):
        _asked_for.add(key)


class ListeningRequest(Request):
    parameter_storage_class = Listening


@dataclass
class Answer:
    """What came back, how long it took, and what it left in the database."""

    response: TestResponse
    seconds: float
    changed: dict[str, tuple[int, int]]  # table → rows before and after
    traceback: str

    @property
    def status(self) -> int:
        return self.response.status_code


@dataclass
class Pages:
    """The site of a filled district, asked without leaving a trace."""

    site: Site
    ids: dict[str, dict[str, str]]
    sessions: dict[str, tuple[str, str]]  # login → cookie and csrf token
    bearer: str
    fields: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))  # endpoint → names

    @property
    def app(self) -> Flask:
        return self.site.app

    def rules(self) -> list[tuple[Rule, str]]:
        """Every route with each of its methods."""
        return [
            (rule, method)
            for rule in self.app.url_map.iter_rules()
            if rule.endpoint != "static" and not rule.endpoint.endswith(".static")
            for method in sorted((rule.methods or set()) & set(READING_NOW))
        ]

    def values_of(self, argument: str) -> list[str]:
        """What may stand for an argument of an address: ids of every place, words that views know."""
        kind = argument.removeprefix("other_").removesuffix("_id")
        if kind in self.ids:
            return list(self.ids[kind].values())
        return {
            "locale": ["zh", "en"], "kind": ["dark"], "token": list(self.ids["token"].values()), "filename": ["x"],
            "step": ["pin", "remove", "done", "close", "activate", "hand-over", "elder-yes"],
        }.get(argument, ["1"])  # fmt: skip

    def send(
        self, login: str, method: str, address: str, *, query: Fields = (), form: Fields = (), json: Any = None,
        headers: dict[str, str] | None = None, data: bytes | None = None, language: str = "zh",
    ) -> Answer:  # fmt: skip
        """One request of a login; what it wrote is rolled back when it is over."""
        token, csrf = self.sessions[login]
        heads = {"Cookie": f"sid={token}; csrf={csrf}; lang={language}", **(headers or {})}
        sent: dict[str, Any] = {}
        if address.startswith("/api/"):
            heads.setdefault("Authorization", f"Bearer {self.bearer}")
            if json is not None or data is not None:
                sent["data"] = to_json(json).encode() if data is None else data
                heads.setdefault("Content-Type", "application/json")
        elif method == "POST":
            sent["data"] = encoded([("_csrf", csrf), *form])
            heads.setdefault("Content-Type", "application/x-www-form-urlencoded")
        self.app.extensions["fuzz"] = {}
        _log.tracebacks.clear()
        begun = time.monotonic()
        response = self.app.test_client(use_cookies=False).open(
            address, method=method, query_string=encoded(query).decode(), headers=heads, **sent
        )
        seconds = time.monotonic() - begun
        return Answer(response, seconds, self.app.extensions["fuzz"].get("changed", {}), "\n".join(_log.tracebacks))

    def plausible(self, name: str) -> list[str]:
        """Values that a field of this name may well have."""
        ids = self.ids
        known = {
            "volunteer": list(ids["volunteer"].values()), "slot": list(ids["slot"].values()), "text": ["王", ""],
            "start": ["2026-11-26T10:00", "14:00", ""], "end": ["15:00", ""], "until": ["2026-12-01", "16:00"],
            "from": ["2026-11-23"], "from_date": ["2026-12-01"], "until_date": ["2026-12-02", ""], "grid": ["c1", ""],
            "service_type": ["E01"], "kind": ["once", "away", "recurring", "heat"], "recipient_id": ["li", "xan"],
            "starts_at": ["2026-11-23T11:00:00+08:00"], "password": ["four plain words"], "reason": ["because of it"],
            "old": list(ids["assignment"].values()), "instead_of": list(ids["assignment"].values()),
            "grid_id": ["c1", "xc"], "name": ["王小明"], "lat": ["31.25"], "lon": ["121.39"], "keep": ["li", "ann"],
            "drop": ["far", "bob"], "need": list(ids["need"].values()), "dry": ["", "1"],
        }  # fmt: skip
        return known.get(name, ["", "1"])

    def learn(self) -> None:
        """Which fields each view reads: asked empty, then with what is known, until nothing new appears."""
        global _asked_for
        for rule, method in self.rules():
            known: set[str] = set()
            for _round in range(5):
                for login in ("admin", "ann", ""):
                    _asked_for = set()
                    values = [(name, self.plausible(name)[0]) for name in sorted(known)]
                    self.send(login, method, self.address_of(rule), query=values, form=values)
                    self.fields[rule.endpoint] |= _asked_for - {"_csrf", "_once"}
                if self.fields[rule.endpoint] <= known:
                    break
                known |= self.fields[rule.endpoint]
        _asked_for = None

    def address_of(self, rule: Rule, number: int = 0) -> str:
        """An address of the route; the number chooses among the ids."""

        def value(match: re.Match[str]) -> str:
            choices = self.values_of(match[1])
            return choices[number % len(choices)]

        return ARGUMENT.sub(value, rule.rule)


class _Tracebacks(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.tracebacks: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.tracebacks.append(self.format(record))


_log = _Tracebacks()


def open_pages(folder: Path) -> Iterator[Pages]:
    """A site with one object of each kind in each place, every request rolled back after its answer."""
    site = Site(folder)
    with site.store() as store:
        ids = add_objects(store)
        (admin,) = accounts.by(store, login="admin")
        bearer = give(store, admin.id, name="fuzz", scopes=frozenset(SCOPES), days=30, by="test", now=NOW)[1]
        upload = uploads.keep(store, admin.id, "book.csv", b"a,b\n", now=NOW)
        link = links.make(store, ids["assignment"]["own"], now=NOW)
    ids["token"] = {"upload": upload, "link": link}
    app = site.app
    app.request_class = ListeningRequest
    app.config["KEEP_CONNECTIONS"] = True  # one connection for all, rolled back by settle()
    app.config["API_PER_MINUTE"] = 10**9

    def counts() -> dict[str, int]:
        store = get_store()
        if "fuzz_tables" not in app.extensions:
            names = store.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")
            app.extensions["fuzz_tables"] = [row["name"] for row in names if row["name"] not in UNCOUNTED]
        found = " UNION ALL ".join(f"SELECT '{n}' AS n, count(*) AS c FROM {n}" for n in app.extensions["fuzz_tables"])
        return {row["n"]: row["c"] for row in store.rows(found)}

    def begin() -> None:
        store = get_store()
        store.db.conn.execute("BEGIN IMMEDIATE")
        if "fuzz_before" not in app.extensions:
            app.extensions["fuzz_before"] = counts()
        g.fuzz_changes = store.db.conn.total_changes

    def compare(response: Any) -> Any:
        if "fuzz_changes" in g and get_store().db.conn.total_changes != g.fuzz_changes and request.method == "POST":
            before, after = app.extensions["fuzz_before"], counts()
            changed = {n: (before[n], after[n]) for n in after if before[n] != after[n]}
            app.extensions["fuzz"]["changed"] = changed
        return response

    app.before_request_funcs.setdefault(None, []).insert(0, begin)
    app.after_request_funcs.setdefault(None, []).append(compare)
    logger = logging.getLogger("yidu.web")
    logger.addHandler(_log)
    sessions = {login: site.token_of(login) if login else ("", "c" * 32) for login in ROLES}
    pages = Pages(site, ids, sessions, bearer)
    pages.learn()
    yield pages
    logger.removeHandler(_log)
