"""The page of today: what needs staff now."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduler.boards.beginning import beginning
from scheduler.boards.today import today
from scheduler.promises.message_validity import still_ahead
from scheduler.records.measures import cadence
from scheduler.store import outbox
from web import asked
from web.context import get_store, now, settings
from web.recent import recent
from web.security import action, area
from web.staff.messages import shown

bp = Blueprint("today", __name__)

LATELY = timedelta(days=7)  # alerts older than that are history


@bp.get("/today")
@action("today.read")
def page() -> str:
    rhythm = recent("cadence", lambda: cadence(get_store(), settings(), now=now()))
    found = today(get_store(), rhythm=rhythm, area=asked.grid(), grids=area(), now=now(), offset=asked.whole("offset"))
    return render_template(
        "staff/today.html", today=found, date=asked.today(), alerts=shown(alerts()), begun=beginning(get_store())
    )


@bp.post("/today/seen")
@action("assignment.write")
def seen() -> Response:
    """Somebody has taken note of an alert: it is off everybody's list."""
    for row in alerts():
        if asked.text("message") in ("all", row.id):
            outbox.acknowledge(get_store(), row.id, row.addressee, now=now())
    return redirect(url_for("today.page"), 303)


def alerts() -> list[outbox.OutboxRow]:
    """What staff of my area were told lately, of what is still ahead."""
    found = outbox.alerts(get_store(), area(), since=now() - LATELY)
    return [row for row in found if any(still_ahead(item, now=now()) for item in row.items)]
