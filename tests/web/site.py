"""A running site on the tiny district: one account for each role, logged in without waiting for password hashes."""

import secrets
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from scheduler.access.api_tokens import SCOPES, give
from scheduler.config import Config, MailSettings, SmsSettings, load_config
from scheduler.model.accounts import Account, Role
from scheduler.store import Store, open_store
from scheduler.store.accounts import accounts
from scheduler.store.logins import Login, logins
from tests.world import NOW, add_elder, add_world
from web.app import create_app
from web.sessions import token_hash

ACCOUNTS = (
    Account("acc-admin", "admin", Role.ADMIN, "-", "管理员"),
    Account("acc-staff", "staff", Role.STAFF, "-", "区工作人员"),
    Account("acc-street", "street", Role.STAFF, "-", "真如工作人员", grid_id="s1"),
    Account("acc-auditor", "auditor", Role.AUDITOR, "-", "审计员"),
    Account("acc-ann", "ann", Role.VOLUNTEER, "-", "王建国", volunteer_id="ann"),
    Account("acc-bob", "bob", Role.VOLUNTEER, "-", "陈志强", volunteer_id="bob"),
    Account("acc-gone", "gone", Role.ADMIN, "-", "离职", active=False),
)


class Clock:
    """The moment at which the site believes to be; tests move it."""

    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


Form = Mapping[str, object]


class Browser(FlaskClient):
    """A browser whose csrf token rides along in the forms that it sends."""

    csrf = ""

    def send(self, address: str, form: Form | None = None, /, **fields: object) -> TestResponse:
        """The answer to a form with these fields."""
        return self.post(address, data={"_csrf": self.csrf, **(form or {}), **fields})


class Site:
    """The application, its store and its clock."""

    def __init__(self, folder: Path) -> None:
        path = folder / "district.db"
        plain = load_config()
        mail = MailSettings(host="127.0.0.1", port=9, security="none", sender="yidu@example.cn")
        sms = SmsSettings(access_key_id="id", access_key_secret="-", sign_name="真如", template_code="SMS_1")
        messages = plain.messages.model_copy(update={"mail": mail, "sms": sms})  # for the forms: nothing is sent
        self.config: Config = plain.model_copy(update={"database": path, "messages": messages})
        self.clock = Clock()
        with open_store(path) as store:
            add_world(store)
            add_elder(store, "far", grid_id="c2", name="赵桂芳", lat=31.2302, lon=121.4002)
            accounts.add_all(store, [replace(account, created_at=NOW) for account in ACCOUNTS])
        self.app: Flask = create_app(self.config, clock=self.clock)
        self.app.testing = True
        self.app.test_client_class = Browser

    def store(self) -> Store:
        """A connection of the test's own; close it."""
        return Store(self.config.database)

    def token_of(self, login: str) -> tuple[str, str]:
        """A fresh session: the cookie's value and the csrf token."""
        token, csrf = secrets.token_urlsafe(32), secrets.token_urlsafe(24)
        with self.store() as store:
            (account,) = accounts.by(store, login=login)
            now = self.clock.now
            logins.add(store, Login(token_hash(token), account.id, now, now, now + timedelta(hours=12), csrf))
        return token, csrf

    def api_token(self, login: str, scopes: frozenset[str] = frozenset(SCOPES)) -> str:
        """A token that acts for an account."""
        with self.store() as store:
            (account,) = accounts.by(store, login=login)
            return give(store, account.id, name="test", scopes=scopes, days=30, by="test", now=self.clock.now)[1]

    def client(self, login: str = "") -> Browser:
        """A browser; logged in unless no login is named."""
        browser: Browser = self.app.test_client()
        if login:
            token, browser.csrf = self.token_of(login)
            browser.set_cookie("sid", token)
        else:
            browser.csrf = secrets.token_urlsafe(24)
        browser.set_cookie("csrf", browser.csrf)
        return browser

    def get(self, login: str, address: str) -> TestResponse:
        """The page that this login sees in a browser of its own."""
        return self.client(login).get(address)

    def send(self, login: str, address: str, form: Form | None = None, /, **fields: object) -> TestResponse:
        """The answer to a form that this login sends from a browser of its own."""
        return self.client(login).send(address, form, **fields)
