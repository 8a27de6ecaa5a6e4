"""Proving who one is: one way for every door, no oracle, limits that hold and that a clock set right releases."""

import re
from datetime import timedelta

import pyotp
import pytest
from werkzeug.test import TestResponse

from scheduler.access import accounts as use
from scheduler.errors import InputError
from scheduler.model.accounts import Account, Role
from scheduler.store import Store, audit
from scheduler.store.accounts import accounts
from scheduler.store.logins import live_login, logins, take
from tests.web.site import Browser, Site
from tests.world import NOW
from web.sessions import token_hash

PASSWORD = "four quiet words here"
AN_HOUR = timedelta(hours=1)


@pytest.fixture
def site(site: Site) -> Site:
    with site.store() as store:
        for login in ("staff", "ann"):
            use.change_password(store, account_of(store, login).id, PASSWORD, by="test", now=NOW)
    return site


def account_of(store: Store, login: str) -> Account:
    return accounts.by(store, login=login)[0]


def enter(site: Site, login: str = "staff", password: str = PASSWORD, address: str = "10.0.0.1", **more: str):
    browser = site.client()
    form = {"login": login, "password": password, "_csrf": browser.csrf, **more}
    return browser.post("/login", data=form, environ_base={"REMOTE_ADDR": address})


@pytest.fixture
def app(site: Site) -> pyotp.TOTP:
    """The authenticator of staff, who have switched codes on an hour ago."""
    secret = use.new_code_secret()
    with site.store() as store:
        before = NOW - AN_HOUR
        use.switch_codes_on(store, account_of(store, "staff").id, secret, pyotp.TOTP(secret).at(before), now=before)
    return pyotp.TOTP(secret)


def wide(digits: str) -> str:
    """As a Chinese keyboard types them."""
    return digits.translate({ord("0") + n: chr(0xFF10 + n) for n in range(10)})


def without_tokens(answer: TestResponse) -> str:
    return re.sub(r'value="[^"]*"|"X-CSRF-Token": "[^"]*"', "", answer.text)


def test_a_code_typed_with_wide_digits_opens_the_desk(site: Site, app: pyotp.TOTP):
    assert enter(site, code=wide(app.at(NOW))).status_code == 303


@pytest.mark.parametrize("code", ["１２３４５６", "²²²²²²", "一二三四五六", "", "12345", "a" * 5000, "\0", "123 456"])
def test_a_wrong_code_never_tells_that_the_password_was_right(site: Site, app: pyotp.TOTP, code: str):
    right, wrong = enter(site, code=code), enter(site, password="not the password", code=code)
    assert right.status_code == wrong.status_code == 403
    assert without_tokens(right) == without_tokens(wrong)


def codes_form(app: pyotp.TOTP | None = None, **changes: str) -> tuple[pyotp.TOTP, dict[str, str]]:
    new = pyotp.TOTP(use.new_code_secret())
    old = {"old_code": app.at(NOW)} if app else {}
    return new, {"secret": new.secret, "code": new.at(NOW), "password": PASSWORD, **old, **changes}


@pytest.mark.parametrize("lacks", ["password", "old_code"])
def test_another_phone_needs_the_password_and_the_phone_so_far(site: Site, app: pyotp.TOTP, lacks: str):
    _, form = codes_form(app)
    assert site.send("staff", "/account/codes", form | {lacks: ""}).status_code == 422
    assert site.send("staff", "/account/codes", {k: v for k, v in form.items() if k != lacks}).status_code == 422
    with site.store() as store:
        assert account_of(store, "staff").totp_secret == app.secret


def test_with_both_another_phone_takes_over(site: Site, app: pyotp.TOTP):
    new, form = codes_form(app)
    assert site.send("staff", "/account/codes", form).status_code == 200
    with site.store() as store:
        assert account_of(store, "staff").totp_secret == new.secret


def test_switching_codes_on_needs_the_password(site: Site):
    new, form = codes_form()
    assert site.send("staff", "/account/codes", form | {"password": "guessed"}).status_code == 422
    assert site.send("staff", "/account/codes", form).status_code == 200
    with site.store() as store:
        assert account_of(store, "staff").totp_secret == new.secret


@pytest.mark.parametrize("secret", ["", "1", "A", "ABCDEFGH", "é" * 32, "０" * 32, "a" * 5000, "A2" * 500])
def test_a_key_that_is_none_is_refused_and_a_new_one_shown(site: Site, secret: str):
    answer = site.send("staff", "/account/codes", secret=secret, code="123456", password=PASSWORD)
    assert answer.status_code == 422
    shown = re.search(r'name="secret" value="([^"]*)"', answer.text)
    assert shown is not None
    assert use.CODE_SECRET.fullmatch(shown[1])


@pytest.mark.parametrize("door", ["/account/password", "/account/codes"])
def test_an_open_session_guesses_the_password_ten_times_an_hour(site: Site, door: str):
    desk = site.client("staff")
    answers = [desk.send(door, old="guess", password="guess", new="another four words").status_code for _ in range(12)]
    assert answers == [422] * 10 + [429] * 2


def test_with_codes_on_a_new_password_needs_one_too(site: Site, app: pyotp.TOTP):
    form = {"old": PASSWORD, "new": "another four good words"}
    assert site.send("staff", "/account/password", form).status_code == 422
    assert site.send("staff", "/account/password", form, code_now=app.at(NOW)).status_code == 200


def test_a_new_password_comes_with_a_new_token(site: Site):
    desk = site.client("staff")
    before = desk.get_cookie("sid").value
    page = desk.send("/account/password", old=PASSWORD, new="another four good words").text
    assert desk.get_cookie("sid").value != before
    assert site_page_status(site, before) == 303, "the old token, wherever it was copied to"
    desk.csrf = re.search(r'name="_csrf" value="([^"]+)"', page)[1]
    assert desk.send("/theme/dark").status_code == 303, "the page that follows can be used"


def site_page_status(site: Site, token: str) -> int:
    stranger: Browser = site.client()
    stranger.set_cookie("sid", token)
    return stranger.get("/board").status_code


def test_one_house_with_many_ipv6_addresses_counts_as_one(site: Site):
    answers = [enter(site, password="guess", address=f"2001:db8::{n:x}").status_code for n in range(1, 13)]
    assert answers == [403] * 10 + [429] * 2
    assert enter(site, address="2001:db8:0:1::1").status_code == 303, "the next house"


def test_an_ipv4_address_written_as_ipv6_is_the_same(site: Site):
    for _ in range(10):
        enter(site, password="guess", address="::ffff:10.0.0.1")
    assert enter(site, address="10.0.0.1").status_code == 429


def test_guessing_one_account_from_many_addresses_ends_too(site: Site, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("scheduler.access.authentication.PER_ACCOUNT", 15)
    answers = [enter(site, password="guess", address=f"10.0.{n}.1").status_code for n in range(17)]
    assert answers == [403] * 15 + [429] * 2


def test_failures_stand_in_the_audit_log(site: Site, store: Store):
    enter(site, password="guess")
    enter(site, login="my password typed into the wrong field")
    site.send("staff", "/account/password", old="guess", new="another four words")
    known, unknown, change = reversed(audit.newest(store, limit=3))
    assert (known.action, known.actor, known.object_id) == ("proof.failed", "staff", "acc-staff")
    assert (unknown.action, unknown.actor, unknown.object_id) == ("proof.failed", "anonymous", "")
    assert (change.action, change.reason) == ("proof.failed", "account.password")
    assert "没能证明本人身份" in site.get("admin", "/audit").text


def test_what_strangers_type_is_kept_nowhere(site: Site, store: Store):
    enter(site, login="geheim" * 1000)
    assert "geheim" not in str(store.rows("SELECT * FROM rate_limits")) + str(store.rows("SELECT * FROM audit"))
    assert store.value("SELECT max(length(key)) FROM rate_limits") == 64


@pytest.mark.parametrize(
    "password", ["aaaaaaaa", "        ", "staff.member", "staff.member12", "ａａａａａａａａ", "12121212",
                 "abcdefgh", "87654321", "rebmem.ffats", "Password123", "P@ssw0rd", "QWERTYUIOP"]
)  # fmt: skip
@pytest.mark.parametrize("by_page", [True, False])
def test_a_password_that_anybody_guesses_is_refused(site: Site, store: Store, password: str, by_page: bool):
    if by_page:
        answer = site.send("admin", "/accounts", login="staff.member", name="张三", password=password, role="auditor")
        assert answer.status_code == 422
        assert 'value="张三"' in answer.text, "what was typed stays"
        assert password not in answer.text.replace('value="staff.member"', "")
    else:
        with pytest.raises(InputError):
            use.create_account(store, login="staff.member", password=password, role=Role.STAFF, by="t", now=NOW)
    assert not accounts.by(store, login="staff.member")


def test_a_common_password_is_told_from_a_wrong_one(site: Site):
    answer = site.send("staff", "/account/password", old=PASSWORD, new="ＷoAiNi520")
    assert answer.status_code == 422
    assert "太常见" in answer.text


def test_a_reset_password_ends_the_tokens_of_other_systems(site: Site):
    token = site.api_token("staff")
    head = {"Authorization": f"Bearer {token}"}
    assert site.app.test_client().get("/api/v1/needs", headers=head).status_code == 200
    site.send("admin", "/accounts/acc-staff/password")
    assert site.app.test_client().get("/api/v1/needs", headers=head).status_code == 401


def test_logging_out_everywhere_ends_the_calendar_too(site: Site):
    phone = site.client("ann")
    address = re.search(r"/calendar/zh/[\w-]+\.ics", phone.send("/my/calendar").text)[0]
    assert site.client().get(address).status_code == 200
    phone.send("/account/logout-everywhere")
    assert site.client().get(address).status_code == 404


# --- a clock that was set back ---


@pytest.mark.parametrize("ahead", [timedelta(hours=12), timedelta(days=400)])
def test_tries_counted_by_a_clock_ahead_lock_nobody_out(site: Site, ahead: timedelta):
    site.clock.now = NOW + ahead
    for _ in range(12):
        enter(site, password="guess")
    site.clock.now = NOW
    assert enter(site).status_code == 303
    assert [enter(site, password="guess").status_code for _ in range(11)] == [403] * 10 + [429], "the limit holds on"


def test_a_limit_never_waits_longer_than_its_period(store: Store):
    for ahead in (timedelta(minutes=50), timedelta(minutes=61), timedelta(days=365)):
        for _ in range(7):
            take(store, f"key {ahead}", limit=5, per=AN_HOUR, now=NOW + ahead)
        assert take(store, f"key {ahead}", limit=5, per=AN_HOUR, now=NOW) <= AN_HOUR.total_seconds()
        assert take(store, f"key {ahead}", limit=5, per=AN_HOUR, now=NOW + AN_HOUR + timedelta(minutes=1)) == 0


def test_a_login_made_by_a_clock_ahead_is_over(site: Site, store: Store):
    site.clock.now = NOW + timedelta(days=30)
    token, _ = site.token_of("ann")
    assert live_login(store, token_hash(token), now=site.clock.now)
    assert live_login(store, token_hash(token), now=NOW) is None
    assert live_login(store, token_hash(token), now=site.clock.now - timedelta(minutes=4)), "a small correction"


def test_last_seen_in_the_future_is_no_sign_of_life(site: Site, store: Store):
    token, _ = site.token_of("staff")
    later = (NOW + timedelta(hours=8)).strftime("%Y-%m-%dT%H:%M:%SZ")
    store.execute("UPDATE logins SET seen_at = :later", {"later": later})
    assert logins.find(store, token_hash(token)).seen_at > NOW
    assert site_page_status(site, token) == 303
