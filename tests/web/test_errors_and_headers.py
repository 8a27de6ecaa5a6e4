"""What every answer carries, and what a failure looks like."""

import hashlib
import json
from pathlib import Path

import pytest
from flask import Flask

from scheduler.errors import (
    ConfigError,
    IllegalMove,
    InputError,
    NotFound,
    StalePlan,
    StoreBusy,
    StoreDamaged,
    StoreUnwritable,
)
from scheduler.localized import Bilingual
from tests.web.site import Site
from web import security
from web.app import create_app
from web.security import action


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(tmp_path_factory.mktemp("errors"))


@pytest.mark.parametrize("address", ["/login", "/nowhere", "/board", "/static/yidu.css", "/readyz", "/api/nowhere"])
def test_every_answer_carries_the_security_headers(site: Site, address: str):
    with site.client().get(address) as answer:
        headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "object-src 'none'; base-uri 'none'; frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"


def test_pages_are_not_kept_by_shared_caches(site: Site):
    assert site.client("staff").get("/board").headers["Cache-Control"] == "private, no-store"


FAILURES = [
    (NotFound(Bilingual("no such thing", "no such thing")), 404),
    (InputError(Bilingual("the number 7 is too large", "the number 7 is too large")), 422),
    (IllegalMove(Bilingual("already done", "already done")), 409),
    (StalePlan(Bilingual("the week changed", "the week changed")), 409),
    (StoreBusy(Bilingual("try again", "try again")), 503),
    (StoreUnwritable(Bilingual("the disk is full", "the disk is full")), 507),
    (StoreDamaged(Bilingual("restore a backup", "restore a backup")), 500),
    (ZeroDivisionError("secret detail"), 500),
]


@pytest.fixture
def failing(site: Site, monkeypatch: pytest.MonkeyPatch):
    """Makes the page of today fail as a test wishes."""

    def fail(error: Exception):
        @action("today.read")
        def view():
            raise error

        monkeypatch.setitem(site.app.view_functions, "today.page", view)
        monkeypatch.setattr(site.app, "testing", False)
        monkeypatch.setitem(site.app.config, "PROPAGATE_EXCEPTIONS", False)
        return site.client("staff").get("/today")

    return fail


@pytest.mark.parametrize(("error", "status"), FAILURES, ids=lambda value: str(type(value).__name__))
def test_a_failure_becomes_a_page_without_a_traceback(failing, error: Exception, status: int):
    answer = failing(error)
    assert answer.status_code == status
    assert "Traceback" not in answer.text
    assert "secret detail" not in answer.text
    assert "<h1>" in answer.text


def test_an_unexpected_failure_shows_a_number_that_the_log_knows(failing, caplog: pytest.LogCaptureFixture):
    answer = failing(ZeroDivisionError("secret detail"))
    (record,) = [r for r in caplog.records if r.name == "yidu.web"]
    assert str(record.args[0]) in answer.text


def test_a_busy_database_asks_to_come_back(failing):
    assert failing(StoreBusy(Bilingual("busy", "busy"))).headers["Retry-After"] == "5"


def test_a_route_without_a_policy_does_not_start(site: Site, monkeypatch: pytest.MonkeyPatch):
    def with_hole(app: Flask) -> None:
        app.add_url_rule("/hole", "hole", lambda: "open")
        real(app)

    real = security.check_policies
    monkeypatch.setattr(security, "check_policies", with_hole)
    with pytest.raises(ConfigError, match="/hole .* declares no action"):
        create_app(site.config)


@pytest.mark.parametrize(
    ("address", "name", "expected"),
    [("/hole", "no.such.action", "does not list"), ("/hole/<thing_id>", "today.read", "no scope check")],
)
def test_a_route_with_an_unknown_action_or_id_does_not_start(address: str, name: str, expected: str):
    app = Flask("holes")
    app.add_url_rule(address, "hole", action(name)(lambda **_: "open"))
    app.view_functions["static"] = lambda filename: filename
    with pytest.raises(ConfigError, match=expected):
        security.check_policies(app)


def test_vendored_files_are_those_of_the_manifest():
    folder = Path("web/static/vendor")
    listed = {entry["file"]: entry for entry in json.loads((folder / "manifest.json").read_text())}
    present = {path.name: path for path in folder.iterdir() if path.name != "manifest.json"}
    assert set(listed) == set(present)
    for name, path in present.items():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == listed[name]["sha256"]
        assert {"name", "version", "licence"} <= set(listed[name])
