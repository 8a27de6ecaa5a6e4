"""Staff give tokens to other systems and end them."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduler.access import api_tokens as use
from scheduler.errors import InputError
from scheduler.store.accounts import accounts
from scheduler.store.tokens import api_tokens
from web import asked
from web.context import actor, get_store, now
from web.errors import sentence
from web.once import once
from web.security import action
from web.words import word

bp = Blueprint("tokens", __name__)


@bp.get("/tokens")
@action("account.write")
def index() -> str:
    return page()


def page(token: str = "", error: str = "") -> str:
    people = {a.id: a for a in accounts.where(get_store(), "active AND role <> 'volunteer' ORDER BY login")}
    choices = [(a.id, f"{a.name or a.login} ({a.login})") for a in people.values()]
    return render_template(
        "api/tokens.html",
        tokens=api_tokens(get_store()),
        people=people,
        choices_of=choices,
        scopes=[(scope, word(scope, "scopes")) for scope in use.SCOPES],
        token=token,
        error=error,
        wished=request.form,
        now_at=now(),
    )


@bp.post("/tokens")
@action("account.write")
@once()
def give() -> str | tuple[str, int]:
    try:
        _, token = use.give(
            get_store(),
            request.form.get("account", ""),
            name=request.form.get("name", ""),
            scopes=frozenset(request.form.getlist("scope")),
            days=asked.whole("days"),
            by=actor(),
            now=now(),
        )
    except InputError as error:
        return page(error=sentence(error)), 422
    return page(token=token)


@bp.post("/tokens/revoke")
@action("account.write")
def revoke() -> Response:
    use.revoke(get_store(), request.form.get("token", ""), by=actor(), now=now())
    return redirect(url_for("tokens.index"), 303)
