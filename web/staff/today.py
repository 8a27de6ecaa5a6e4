"""The page of today: what needs staff now."""

from flask import Blueprint, render_template

from scheduler.boards.today import today
from scheduler.records.measures import cadence
from web import asked
from web.context import get_store, now, settings
from web.recent import recent
from web.security import action, area

bp = Blueprint("today", __name__)


@bp.get("/today")
@action("today.read")
def page() -> str:
    rhythm = recent("cadence", lambda: cadence(get_store(), settings(), now=now()))
    found = today(get_store(), rhythm=rhythm, area=asked.grid(), grids=area(), now=now(), offset=asked.whole("offset"))
    return render_template("staff/today.html", today=found, date=asked.today())
