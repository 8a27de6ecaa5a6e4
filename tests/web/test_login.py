"""Logging in, staying logged in, logging out: server-side sessions, limits, second factor."""

import re
from datetime import timedelta

import pyotp
import pytest
from flask.testing import FlaskClient

from scheduler.access import accounts as use
from scheduler.model.accounts import Role
from scheduler.store.accounts import accounts
from scheduler.store.logins import logins
from tests.web.site import Site
from tests.world import NOW
from web.sessions import token_hash

PASSWORD = "four quiet words here"


@pytest.fixture
def site(site: Site) -> Site:
    with site.store() as store:
        for login in ("staff", "ann"):
            (account,) = accounts.by(store, login=login)
            use.change_password(store, account.id, PASSWORD, by="test", now=NOW)
    return site


def enter(client: FlaskClient, login: str = "staff", password: str = PASSWORD, **more: str):
    form = client.get("/login").text
    token = re.search(r'name="_csrf" value="([^"]+)"', form)
    assert token is not None
    return client.post("/login", data={"login": login, "password": password, "_csrf": token.group(1), **more})


def cookie(client: FlaskClient) -> str:
    found = client.get_cookie("sid")
    return found.value if found else ""


def test_the_right_password_opens_the_desk(site: Site):
    client = site.client()
    assert enter(client).headers["Location"] == "/today"
    assert client.get("/board").status_code == 200


def test_a_volunteer_lands_on_their_own_page(site: Site):
    assert enter(site.client(), "ann").headers["Location"] == "/my/"


def test_a_wrong_password_and_an_unknown_login_read_the_same(site: Site):
    wrong, unknown = enter(site.client(), password="not the password"), enter(site.client(), "nobody")
    assert wrong.status_code == unknown.status_code == 403
    strip = re.compile(r'value="[^"]*"|"X-CSRF-Token": "[^"]*"')
    assert strip.sub("", wrong.text) == strip.sub("", unknown.text)


def test_only_the_hash_of_the_token_is_stored(site: Site):
    client = site.client()
    enter(client)
    with site.store() as store:
        assert logins.find(store, token_hash(cookie(client))) is not None
        assert cookie(client) not in str(store.rows("SELECT * FROM logins"))


def test_a_planted_token_is_replaced_at_login(site: Site):
    client = site.client("ann")
    planted = cookie(client)
    client.set_cookie("sid", planted)
    form = client.get("/login").text
    token = re.search(r'name="_csrf" value="([^"]+)"', form)
    client.post("/login", data={"login": "staff", "password": PASSWORD, "_csrf": token.group(1) if token else ""})
    assert cookie(client) != planted
    with site.store() as store:
        assert logins.find(store, token_hash(planted)) is None


def test_the_cookie_is_out_of_reach_of_scripts(site: Site):
    sent = enter(site.client()).headers.getlist("Set-Cookie")
    (session,) = [line for line in sent if line.startswith("sid=")]
    assert "HttpOnly" in session
    assert "SameSite=Lax" in session


def test_behind_https_cookies_are_bound_to_the_host(site: Site):
    web = site.config.web.model_copy(update={"secure_cookies": True})
    site.app.extensions["yidu_config"] = site.config.model_copy(update={"web": web})
    client = site.app.test_client()
    answer = client.get("/login", base_url="https://localhost")
    (csrf,) = [line for line in answer.headers.getlist("Set-Cookie") if "csrf" in line]
    assert csrf.startswith("__Host-csrf=")
    assert "Secure" in csrf
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")


def test_staff_are_logged_out_after_thirty_idle_minutes(site: Site):
    client = site.client("staff")
    site.clock.now += timedelta(minutes=30)
    assert client.get("/board").status_code == 200
    site.clock.now += timedelta(minutes=30, seconds=1)
    assert client.get("/board").status_code == 303


def test_staff_are_logged_out_after_twelve_hours_however_busy(site: Site):
    client = site.client("staff")
    for _ in range(24):
        site.clock.now += timedelta(minutes=29, seconds=50)
        assert client.get("/board").status_code == 200
    site.clock.now += timedelta(minutes=10)
    assert client.get("/board").status_code == 303


def test_a_new_password_ends_other_logins_but_not_this_one(site: Site):
    here, elsewhere = site.client("staff"), site.client("staff")
    assert here.send("/account/password", old=PASSWORD, new="another four good words").status_code == 200
    assert here.get("/board").status_code == 200
    assert elsewhere.get("/board").status_code == 303


@pytest.mark.parametrize("change", ["closed", "role"])
def test_a_changed_account_is_out_from_the_next_request(site: Site, change: str):
    client = site.client("staff")
    with site.store() as store:
        (account,) = accounts.by(store, login="staff")
        role = Role.AUDITOR if change == "role" else account.role
        use.change_account(
            store, account.id, role=role, grid_id=None, active=change != "closed", by="admin", now=site.clock.now
        )
    assert client.get("/board").status_code == 303


def test_ten_tries_an_hour_then_the_account_waits(site: Site):
    client = site.client()
    answers = [enter(client, password="wrong password").status_code for _ in range(11)]
    assert answers == [403] * 10 + [429]
    assert enter(client).status_code == 429, "the right password has to wait as well"
    site.clock.now += timedelta(minutes=7)
    assert enter(client).status_code == 303


def test_a_stranger_cannot_lock_out_somebody_who_is_logged_in(site: Site):
    victim, stranger = site.client("staff"), site.client()
    for _ in range(15):
        enter(stranger, password="wrong password")
    assert victim.get("/board").status_code == 200


def test_after_login_only_pages_of_this_site_follow(site: Site):
    for evil in ("//evil.example/x", "https://evil.example", "/\\evil.example", "javascript:alert(1)"):
        assert enter(site.client(), next=evil).headers["Location"] == "/today"
    assert enter(site.client(), next="/needs?text=a").headers["Location"] == "/needs?text=a"


def with_codes(site: Site) -> pyotp.TOTP:
    secret = use.new_code_secret()
    with site.store() as store:
        (account,) = accounts.by(store, login="staff")
        before = site.clock.now - timedelta(hours=1)
        code = pyotp.TOTP(secret).at(before)
        use.switch_codes_on(store, account.id, secret, code, now=before)
    return pyotp.TOTP(secret)


def test_with_codes_switched_on_the_password_alone_is_not_enough(site: Site):
    app = with_codes(site)
    assert enter(site.client()).status_code == 403
    assert enter(site.client(), code=app.at(site.clock.now)).status_code == 303


def test_a_code_works_once(site: Site):
    app = with_codes(site)
    code = app.at(site.clock.now)
    assert enter(site.client(), code=code).status_code == 303
    assert enter(site.client(), code=code).status_code == 403


@pytest.mark.parametrize(("drift_s", "status"), [(-60, 403), (-30, 303), (30, 303), (60, 403)])
def test_a_code_may_be_one_step_off(site: Site, drift_s: int, status: int):
    app = with_codes(site)
    code = app.at(site.clock.now + timedelta(seconds=drift_s))
    assert enter(site.client(), code=code).status_code == status


def test_where_codes_are_required_staff_switch_them_on_first(site: Site):
    web = site.config.web.model_copy(update={"staff_codes": "required"})
    site.app.extensions["yidu_config"] = site.config.model_copy(update={"web": web})
    client = site.client("staff")
    assert client.get("/board").headers["Location"].startswith("/account")
    assert client.get("/account").status_code == 200
    with_codes(site)
    assert client.get("/board").status_code == 200
