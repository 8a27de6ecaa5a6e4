"""Writing to everybody of a visit, a day, a service or an organisation: who gets it and by what, then one act."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduler.errors import InputError
from scheduler.messages.configured import offered
from scheduler.model.people import Volunteer
from scheduler.operations import letters
from scheduler.rules.answer_time import in_quiet_hours
from scheduler.store.people import organisations
from scheduler.store.services import service_types
from web import asked
from web.context import account, actor, get_store, now, settings
from web.once import once
from web.security import action, area
from web.words import language

bp = Blueprint("letters", __name__)

LONGEST_SENT = 2000


@dataclass(frozen=True, slots=True)
class Typed:
    """What the form holds, and what is wrong with it."""

    words: str = ""
    error: str = ""
    changed: bool = False


@bp.get("/write")
@action("assignment.write")
def index() -> str:
    return page(Typed())


@bp.post("/write")
@action("assignment.write")
@once()
def send() -> Response | tuple[str, int]:
    """Files the words for exactly the people who were shown."""
    words = asked.text("words", LONGEST_SENT)
    people = chosen()
    if letters.seal_of(people) != asked.text("seal"):
        return page(Typed(words, changed=True)), 409
    group, value = asked.one_of("group", letters.GROUPS), asked.text("value")
    try:
        letters.write(
            get_store(), people, words, about=f"{group} {value}", sender=account().name or account().login, by=actor(),
            now=now(),
        )  # fmt: skip
    except InputError as wrong:
        return page(Typed(words, wrong.said.to(language()))), 422
    return redirect(url_for("letters.index", group=group, value=value, sent=len(people)), 303)


def chosen() -> list[Volunteer]:
    group, value = asked.one_of("group", letters.GROUPS), asked.text("value")
    return letters.people_of(get_store(), group, value, area(), now=now()) if group and value else []


def page(typed: Typed) -> str:
    store, group, value = get_store(), asked.one_of("group", letters.GROUPS), asked.text("value")
    people = chosen()
    return render_template(
        "staff/letter.html", group=group, value=value, typed=typed, longest=letters.LONGEST,
        ways=letters.ways(store, people, offered(settings().messages)), seal=letters.seal_of(people),
        quiet=in_quiet_hours(settings(), now()), sent=asked.whole("sent"), today=asked.today(),
        services=service_types.where(store, "active = 1 ORDER BY code"),
        organisations=[one for one in organisations.where(store, "1 ORDER BY name") if one.grid_id in area()],
    )  # fmt: skip
