"""When I am free: the painted week, days that differ, and "I am free now"."""

import re
from datetime import datetime, timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from scheduler.availability import free_time, near_me
from scheduler.availability.free_time import CELL_MIN, Cell
from scheduler.availability.free_time_text import exception_said, said_back
from scheduler.errors import InputError
from scheduler.localized import LocalizedText
from scheduler.localtime import LOCAL, clock_of, local_date
from scheduler.store.people import availability_exceptions, availability_rules, grids
from scheduler.store.queries.volunteer_lists import visit
from scheduler.store.services import service_types
from scheduler.store.settle import promised_while_away
from web import asked, words
from web.context import get_store, now, settings
from web.errors import sentence
from web.once import once
from web.security import action
from web.volunteer.me import my_id

bp = Blueprint("free", __name__, url_prefix="/my")

A_HALF_HOUR = LocalizedText("a weekday and a half hour of the day such as 3-28")
KINDS = ("away", "extra")
CELL = re.compile(r"([1-7])-([0-9]|[1-3][0-9]|4[0-7])", re.ASCII)
SHOWN = range(13, 43)  # half hours on the page: 06:30 to 21:30
PRESETS: dict[str, tuple[tuple[int, ...], range]] = {
    "afternoons": ((1, 2, 3, 4, 5), range(28, 33)),  # 14:00-16:30 on working days
    "evenings": ((1, 2, 3, 4, 5), range(37, 41)),  # 18:30-20:30
    "weekends": ((6, 7), range(18, 22)),  # 09:00-11:00
}
SOON = (60, 120, 180)  # minutes from now offered as "until"


@bp.get("/free")
@action("my.read")
def week() -> str:
    return week_page()


def week_page(error: str = "") -> str:
    rules = availability_rules.by(get_store(), volunteer_id=my_id())
    exceptions = availability_exceptions.by(get_store(), volunteer_id=my_id())
    today = local_date(now())
    return render_template(
        "volunteer/free.html",
        painted=free_time.painted(rules),
        cells=SHOWN,
        clock_of=lambda cell: clock_of(cell * CELL_MIN),
        sentence=said_back(rules, exceptions, locale=words.language(), today=today),
        exceptions=sorted((e for e in exceptions if e.until_date >= today), key=lambda e: e.from_date),
        said=lambda e: exception_said(e, locale=words.language()),
        today=today,
        presets=PRESETS,
        saved="saved" in request.args,
        typed=request.form,
        error=error,
        at_odds=[visit(get_store(), id) for id in promised_while_away(get_store(), my_id(), now=now())],
    )


@bp.post("/free")
@action("my.write")
def save() -> Response:
    rules = availability_rules.by(get_store(), volunteer_id=my_id())
    unseen = {cell for cell in free_time.painted(rules) if cell[1] not in SHOWN}
    days, half_hours = PRESETS.get(request.form.get("preset", ""), ((), range(0)))
    wished = {cell_of(text) for text in request.form.getlist("cell")} | {(d, c) for d in days for c in half_hours}
    free_time.save_paint(get_store(), my_id(), unseen | wished, now=now())
    return redirect(url_for("free.week", saved=1), 303)


def cell_of(text: str) -> Cell:
    """ "3-28" as weekday and half hour. Raises InputError."""
    found = CELL.fullmatch(text)
    if not found:
        raise asked.refusal("cell", text, A_HALF_HOUR)
    return int(found[1]), int(found[2])


@bp.post("/free/exceptions")
@action("my.write")
@once()
def add_exception() -> Response | tuple[str, int]:
    try:
        first = asked.day_needed("from_date")
        free_time.add_exception(
            get_store(),
            my_id(),
            kind=asked.one_of("kind", KINDS, KINDS[0]),
            from_date=first,
            until_date=asked.day("until_date", first),
            start=asked.clock("start", "00:00"),
            end=asked.clock("end", "24:00"),
            now=now(),
        )
    except InputError as error:
        return week_page(sentence(error)), 422
    return redirect(url_for("free.week", saved=1), 303)


@bp.post("/free/exceptions/remove")
@action("my.write")
def remove_exception() -> Response:
    free_time.remove_exception(get_store(), my_id(), request.form.get("exception", ""), now=now())
    return redirect(url_for("free.week", saved=1), 303)


@bp.get("/now")
@action("my.read")
def near() -> str | tuple[str, int]:
    until = asked.text("until")
    found: tuple[near_me.Suggestion, ...] = ()
    error = ""
    if until:
        try:
            found = near_me.best_near(get_store(), settings(), my_id(), asked.clock("until"), now=now())
        except InputError:
            error = _("This time has passed or is none. Choose a later time today.")
    page = render_template(
        "volunteer/now.html",
        until=until,
        found=[
            (s, service_types.get(get_store(), s.slot.service_type), grids.get(get_store(), s.slot.grid_id))
            for s in found
        ],
        soon=until_choices(now()),
        error=error,
    )
    return (page, 422) if error else page


def until_choices(moment_at: datetime) -> list[str]:
    """One, two and three hours from now on the next half hour, as long as it is today."""
    local = moment_at.astimezone(LOCAL)
    ends = [local + timedelta(minutes=minutes + 29) for minutes in SOON]
    return [f"{end:%H}:{'30' if end.minute >= 30 else '00'}" for end in ends if end.date() == local.date()]


@bp.post("/now/take")
@action("my.write")
@once()
def take_visit() -> Response:
    taken = near_me.take_visit(
        get_store(),
        settings(),
        my_id(),
        request.form.get("slot", ""),
        starts_at=asked.moment_needed("starts_at", zone=None),
        until=asked.clock("until"),
        now=now(),
    )
    return redirect(url_for("visits.show", assignment_id=taken.id, saved="accepted"), 303)
