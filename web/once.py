"""Sent twice is once: a form carries a key of its own, a request to the API may name one.

The key and the answer are written in the transaction of the change itself. A second send waits for the first at the
database's one write lock, finds the answer, and is answered the same. Where the key is missing, the same said again by
the same account within half a minute counts as the same, unless its sender insists.
"""

import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, current_app, g, render_template, request
from werkzeug.wrappers import Response

from scheduler.errors import InputError
from scheduler.localized import LocalizedText
from scheduler.store.once import KEPT, KeptAnswer, keep_answer, kept_answer
from web.context import account, get_store, now
from web.csrf import FIELD as CSRF

View = TypeVar("View", bound=Callable[..., Any])

FIELD, HEADER = "_once", "Idempotency-Key"
A_MOMENT = timedelta(seconds=30)  # a second click or a network's second try; later somebody means it
LONGEST_KEY = 200


def once(*, alike: bool = False) -> Callable[[View], View]:
    """Marks a view whose requests count once, however often they are sent.

    `alike`: also those without a key that say the same within half a minute. Put it directly above the function.
    """

    def declare(view: View) -> View:
        view.once, view.alike = True, alike  # type: ignore[attr-defined]
        return view

    return declare


@dataclass(frozen=True, slots=True)
class Sent:
    """A request as it is known again: under which key, what it says, and whether its sender chose the key."""

    key: str
    said: str
    keyed: bool


def sent(alike: bool) -> Sent | None:
    """The request's key; None where it has none and needs none. Raises InputError for a key that is none."""
    by_api = "bearer" in g
    fields = sorted((k, v) for k, v in request.form.items(multi=True) if k not in (CSRF, FIELD))
    said = _hash(request.path, request.get_data() if by_api else fields)
    chosen = request.headers.get(HEADER, "") if by_api else request.form.get(FIELD, "")
    if by_api and HEADER in request.headers and not (chosen.isascii() and 0 < len(chosen) <= LONGEST_KEY):
        raise InputError(
            LocalizedText(
                "%(header)s: expected 1 to %(longest_key)s ASCII characters", header=HEADER, longest_key=LONGEST_KEY
            )
        )
    if not chosen and (by_api or not alike):
        return None
    return Sent(_hash(account().id, by_api, chosen, "" if by_api else said), said, bool(chosen))


def _hash(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()


def counted_once(view: Callable[..., Any], alike: bool) -> Callable[..., Response]:
    """The view, asked only where its request was not answered before."""

    @wraps(view)
    def answer(**arguments: Any) -> Response:
        mine, store = sent(alike), get_store()
        if mine is None:
            return current_app.make_response(view(**arguments))
        with store.transaction():
            known = kept_answer(store, mine.key, now=now(), within=KEPT if mine.keyed else A_MOMENT)
            if known is not None:
                return again(known, mine)
            response = current_app.make_response(view(**arguments))
            if response.status_code < 400:
                text, where = response.get_data(as_text=True), response.headers.get("Location", "")
                keep_answer(
                    store,
                    KeptAnswer(
                        mine.key,
                        account().id,
                        mine.said,
                        response.status_code,
                        where,
                        response.mimetype or "",
                        now(),
                        text,
                    ),
                )
        return response

    return answer


def again(known: KeptAnswer, mine: Sent) -> Response:
    """The first answer once more, or, where the sender may well mean it, a page that asks.

    Raises InputError where a client uses one key for two different requests.
    """
    by_api = "bearer" in g
    if by_api and known.request_hash != mine.said:
        raise InputError(
            LocalizedText(
                "%(header)s: this key belongs to another request; give a new request a new key", header=HEADER
            )
        )
    if by_api or (mine.keyed and abs(now() - known.kept_at) < A_MOMENT):
        response = Response(known.body, status=known.status, mimetype=known.mimetype)
        if known.location:
            response.headers["Location"] = known.location
        return response
    fields = [(k, v) for k, v in request.form.items(multi=True) if k not in (CSRF, FIELD)]
    insist = not any("password" in name for name, _value in fields)
    return current_app.make_response(render_template("again.html", known=known, fields=fields, insist=insist))


def install(app: Flask) -> None:
    """Call when every route is there."""
    for endpoint, view in list(app.view_functions.items()):
        if getattr(view, "once", False):
            app.view_functions[endpoint] = counted_once(view, getattr(view, "alike", False))
    app.jinja_env.globals["once_key"] = lambda: secrets.token_urlsafe(16)
