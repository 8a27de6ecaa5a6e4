"""The way in for a volunteer who holds a slip: look at what is stored, agree, choose a password. No login is asked."""

from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduler.errors import InputError, NotFound
from scheduler.model.reading_rights import masked_name
from scheduler.people import invitations as use
from scheduler.people.own_data import PURPOSES
from scheduler.store.logins import take
from scheduler.store.people import grids, organisations
from web import sessions
from web.context import get_store, now, sender
from web.errors import sentence
from web.security import action
from web.words import language, word

bp = Blueprint("join", __name__)

GUESSES, AN_HOUR = 300, timedelta(hours=1)  # offices and stations share one address


@bp.get("/join/<token>")
@action("link")
def look(token: str) -> str | tuple[str, int]:
    try:
        return page(token)
    except NotFound as ended:
        return ended_page(ended)


@bp.post("/join/<token>")
@action("link")
def take_up(token: str) -> Response | tuple[str, int]:
    form = request.form
    try:
        account = use.take_up(
            get_store(), token, digits=form.get("digits", ""), login=form.get("login", ""),
            password=form.get("password", ""), consents=form.getlist("consent"), now=now(),
        )  # fmt: skip
    except NotFound as ended:
        return ended_page(ended)
    except InputError as refused:
        return page(token, sentence(refused)), 422
    session = sessions.start(get_store(), account, agent=request.user_agent.string)
    return sessions.give_cookie(redirect(url_for("own.data", welcome=1), 303), session, account)


def ended_page(ended: NotFound) -> tuple[str, int]:
    """For a slip that is used or over: what to do, where an unknown address would say nothing."""
    return render_template("volunteer/join_ended.html", why=sentence(ended)), 404


def page(token: str, error: str = "") -> str:
    """What the slip is for; what was typed stays, but for the password."""
    if take(get_store(), f"join:{sender()}", limit=GUESSES, per=AN_HOUR, now=now()):
        abort(429)
    store = get_store()
    invited = use.look(store, token, now=now())
    person = invited.volunteer
    return render_template(
        "volunteer/join.html", invited=invited, name=masked_name(person.name, person.gender, language()),
        grid=grids.get(store, person.grid_id), organisation=organisations.find(store, person.organisation_id or ""),
        purposes=[(code, word(code, "purposes")) for code in PURPOSES], token=token, error=error, typed=request.form,
    )  # fmt: skip
