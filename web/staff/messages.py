"""The outbox as staff see it: what is known of each message, and which cancellations nobody has seen yet."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from scheduler.errors import InputError
from scheduler.localized import Bilingual
from scheduler.messages.texts import CANCELLATIONS, in_telling_order, lines_of
from scheduler.store import outbox
from scheduler.store.people import grids, volunteers
from scheduler.store.services import service_types
from web import asked
from web.context import get_store, now
from web.security import action
from web.words import language

bp = Blueprint("messages", __name__)

UNSEEN = 50
NEWEST = 20
SHOWN = {"failed": 200, "no_channel": 200} | dict.fromkeys(("waiting", "sent", "delivered", "dropped"), NEWEST)


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as a line: to whom, with the volunteer's id where it is one, and its words."""

    row: outbox.OutboxRow
    to: str
    volunteer_id: str
    lines: tuple[str, ...]


@bp.get("/messages")
@action("health.read")
def index() -> str:
    store = get_store()
    by_state = {state: shown(outbox.rows_in_state(store, state, limit=limit)) for state, limit in SHOWN.items()}
    to_phone = [message for message in by_state["no_channel"] if message.volunteer_id]
    staff = [message for message in by_state["no_channel"] if not message.volunteer_id]
    return render_template(
        "staff/messages.html",
        counts=outbox.counts(store),
        by_state=by_state | {"no_channel": to_phone, "today": staff[:NEWEST]},
        unseen=shown(outbox.unseen(store, CANCELLATIONS, limit=UNSEEN)),
    )


def shown(rows: list[outbox.OutboxRow]) -> list[Shown]:
    services = {t.code: t.name for t in service_types.where(get_store())}
    return [readable(row, services) for row in rows]


def readable(row: outbox.OutboxRow, services: dict[str, Bilingual]) -> Shown:
    """The row with a name and its sentences; a row that cannot be read shows what it is called."""
    kind, _colon, object_id = row.addressee.partition(":")
    volunteer = volunteers.find(get_store(), object_id) if kind == "volunteer" else None
    grid = grids.find(get_store(), object_id) if kind == "staff" and object_id else None
    to = volunteer.name if volunteer else _("Staff") + (f" · {grid.name}" if grid else "")
    try:
        lines = lines_of(row.template, row.payload, locale=language(), services=services)
    except (InputError, KeyError, ValueError):
        return Shown(row, to, volunteer.id if volunteer else "", (row.template,))
    return Shown(row, to, volunteer.id if volunteer else "", tuple(line.text for line in in_telling_order(lines)))


@bp.post("/messages/try-again")
@action("plan.write")
def try_again() -> Response:
    outbox.try_again(get_store(), asked.text("message"), now=now())
    return redirect(url_for("messages.index"), 303)
