"""Server-side logins: a random token in a cookie, its sha256 in the database, ended by deleting the row."""

import hashlib
import secrets
from datetime import datetime, timedelta

from flask import Flask, g, request
from werkzeug.wrappers import Response

from scheduler.access.entry import may_come_in
from scheduler.model.accounts import Account, Role
from scheduler.store import Store
from scheduler.store.accounts import accounts
from scheduler.store.logins import Login, forget_expired, live_login, logins, seen
from web.context import get_store, is_practice_copy, now, settings

STAFF_IDLE = timedelta(minutes=30)
STAFF_LONGEST = timedelta(hours=12)
VOLUNTEER_LONGEST = timedelta(days=30)
SEEN_EVERY = timedelta(seconds=60)  # fewer writes: the last use is known to the minute


def cookie_name(base: str = "sid") -> str:
    """The `__Host-` prefix binds a cookie to this host and https; without https browsers refuse the prefix.

    Ports share cookies, so those of a practice copy have names of their own.
    """
    base = f"practice-{base}" if is_practice_copy() else base
    return f"__Host-{base}" if settings().web.cookies_are_secure else base


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def load_account() -> None:
    """Runs before every request: puts the account and login behind the cookie into g, or None."""
    g.account, g.login = None, None
    token = request.cookies.get(cookie_name())
    if not token or request.endpoint == "static":
        return
    store, moment = get_store(), now()
    login = live_login(store, token_hash(token), now=moment)
    if login is None:
        return
    person = accounts.find(store, login.account_id)
    if person is None or not may_come_in(store, person) or _idle_too_long(person, login, moment):
        return
    if abs(moment - login.seen_at) > SEEN_EVERY:
        seen(store, login.token_hash, now=moment)
    g.account, g.login = person, login


def _idle_too_long(person: Account, login: Login, moment: datetime) -> bool:
    return person.role is not Role.VOLUNTEER and abs(moment - login.seen_at) > STAFF_IDLE


def start(store: Store, person: Account, *, agent: str) -> str:
    """A new login; returns the token for the cookie. A token from before is ended, so it cannot be planted."""
    moment = now()
    lasts = VOLUNTEER_LONGEST if person.role is Role.VOLUNTEER else STAFF_LONGEST
    token = secrets.token_urlsafe(32)
    old = request.cookies.get(cookie_name())
    with store.transaction():
        forget_expired(store, now=moment)
        if old:
            logins.remove(store, token_hash(old))
        g.login = logins.add(
            store,
            Login(token_hash(token), person.id, moment, moment, moment + lasts, secrets.token_urlsafe(24), agent[:120]),
        )
    return token


def give_cookie(response: Response, token: str, person: Account) -> Response:
    lasts = VOLUNTEER_LONGEST if person.role is Role.VOLUNTEER else STAFF_LONGEST
    response.set_cookie(
        cookie_name(),
        token,
        max_age=int(lasts.total_seconds()),
        secure=settings().web.cookies_are_secure,
        httponly=True,
        samesite="Lax",
        path="/",
    )
    return response


def end(response: Response) -> Response:
    """Ends this browser's login: the row goes, so a copied cookie is worthless at once."""
    if g.login is not None:
        logins.remove(get_store(), g.login.token_hash)
    response.delete_cookie(
        cookie_name(), path="/", secure=settings().web.cookies_are_secure, httponly=True, samesite="Lax"
    )
    return response


def install(app: Flask) -> None:
    app.before_request(load_account)
