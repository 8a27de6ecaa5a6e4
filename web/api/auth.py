"""Who calls the API: a bearer token, its account, its scopes, its pace."""

from datetime import timedelta

from flask import Flask, abort, g, request
from werkzeug.wrappers import Response

from scheduler.access.entry import may_come_in
from scheduler.store.accounts import accounts
from scheduler.store.logins import take
from scheduler.store.tokens import find_api_token
from web.context import get_store, now, wants_json
from web.policy import ACTIONS, Scope
from web.security import action_of

A_MINUTE_LIMIT, A_MINUTE = 120, timedelta(minutes=1)


def read_token(app: Flask) -> None:
    """Runs before every request: below /api/ only the token says who is asking."""
    if not wants_json() or request.endpoint is None:
        return
    g.account, g.login, g.bearer = None, None, None
    action = action_of(app, request.endpoint) or ""
    if ACTIONS[action].scope is Scope.PUBLIC:
        return
    scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
    token = find_api_token(get_store(), sent.strip(), now=now()) if scheme.lower() == "bearer" else None
    person = accounts.find(get_store(), token.account_id) if token else None
    if token is None or person is None or not may_come_in(get_store(), person):
        abort(401)
    wait_s = take(get_store(), f"api:{token.id}", limit=app.config["API_PER_MINUTE"], per=A_MINUTE, now=now())
    if wait_s:
        abort(429)
    if action not in token.scopes:
        abort(403)
    if request.content_length and request.mimetype != "application/json":
        abort(415)
    g.account, g.bearer = person, token


def say_how(response: Response) -> Response:
    """Tells a client without a valid token what kind is expected, and a fast one when to come again."""
    if wants_json() and response.status_code == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="yidu"'
    if wants_json() and response.status_code == 429:
        response.headers["Retry-After"] = "60"
    return response


def install(app: Flask) -> None:
    app.config.setdefault("API_PER_MINUTE", A_MINUTE_LIMIT)
    app.before_request(lambda: read_token(app))
    app.after_request(say_how)
