"""Heat and cold: care visits for the elders at risk, declared for some days and ended when the weather turns."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduler.needs.surges import KINDS, declare_surge, end_surge
from scheduler.store.queries.board_lists import areas
from scheduler.store.surges import surges
from web import asked
from web.context import actor, get_store, now, settings
from web.once import once
from web.security import action

bp = Blueprint("surges", __name__)

USUAL_LENGTH = timedelta(days=4)  # a warning seldom lasts longer than five days
PLACES = ("district", "street")


@bp.get("/surges")
@action("surge.write")
def index() -> str:
    places = [area for area in areas(get_store()).values() if area.kind in PLACES]
    return render_template(
        "staff/surges.html", surges=surges(get_store()), places=places, kinds=KINDS, today=asked.today(),
        last=asked.today() + USUAL_LENGTH, often=settings().elders.surge,
    )  # fmt: skip


@bp.post("/surges")
@action("surge.write")
@once(alike=True)
def declare() -> Response:
    first = asked.day("from")
    elders = declare_surge(
        get_store(), settings(), kind=asked.one_of("kind", KINDS, KINDS[0]), from_date=first,
        until_date=asked.day("until", first), grid_id=asked.grid(), by=actor(), now=now(),
    )  # fmt: skip
    return redirect(url_for("surges.index", asked_for=elders), 303)


@bp.post("/surges/end")
@action("surge.write")
def end() -> Response:
    kind = asked.one_of("kind", KINDS, KINDS[0])
    ended = end_surge(get_store(), kind=kind, last_day=asked.today(), by=actor(), now=now())
    return redirect(url_for("surges.index", ended=ended), 303)
