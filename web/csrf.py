"""Refuses changes that did not come from a page of ours (OWASP: token plus origin check)."""

import hmac
import secrets

from flask import Flask, abort, g, request
from werkzeug.wrappers import Response

from web.context import settings
from web.sessions import cookie_name

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
FIELD, HEADER = "_csrf", "X-CSRF-Token"


def token() -> str:
    """The value every form must send back: of the login, or of a cookie for those not logged in yet."""
    if g.get("login") is not None:
        return str(g.login.csrf)
    if "stranger_csrf" not in g:
        g.stranger_csrf = request.cookies.get(cookie_name("csrf")) or secrets.token_urlsafe(24)
    return str(g.stranger_csrf)


def protect() -> None:
    """Runs before every request; aborts with 403 when an unsafe one has a foreign origin or no fitting token."""
    if request.method in SAFE or request.endpoint is None:
        return
    if "bearer" in g:  # an API token in a header: browsers never add one by themselves
        return
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403, "foreign site")
    origin = request.headers.get("Origin")
    if origin is not None and origin.partition("://")[2] != request.host:
        abort(403, "foreign origin")
    sent = request.headers.get(HEADER) or request.form.get(FIELD, "")
    known = g.login.csrf if g.get("login") is not None else request.cookies.get(cookie_name("csrf"), "")
    if not known or not hmac.compare_digest(sent.encode(), known.encode()):
        abort(403, "no csrf token")


def give_stranger_cookie(response: Response) -> Response:
    if "stranger_csrf" in g and request.cookies.get(cookie_name("csrf")) != g.stranger_csrf:
        response.set_cookie(
            cookie_name("csrf"),
            g.stranger_csrf,
            secure=settings().web.cookies_are_secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )
    return response


def install(app: Flask) -> None:
    app.before_request(protect)
    app.after_request(give_stranger_cookie)
    app.jinja_env.globals["csrf_token"] = token
