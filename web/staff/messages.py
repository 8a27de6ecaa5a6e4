"""The outbox as staff see it: what waits, what could not be delivered, which cancellations nobody has seen yet."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduler.promises.texts import CANCELLATIONS
from scheduler.store import outbox
from web import asked
from web.context import get_store, now
from web.security import action

bp = Blueprint("messages", __name__)


@bp.get("/messages")
@action("health.read")
def index() -> str:
    store = get_store()
    return render_template(
        "staff/messages.html",
        counts=outbox.counts(store),
        dead=outbox.rows_in_state(store, "dead"),
        unseen=outbox.unseen(store, CANCELLATIONS, limit=50),
    )


@bp.post("/messages/try-again")
@action("plan.write")
def try_again() -> Response:
    outbox.try_again(get_store(), asked.text("message"), now=now())
    return redirect(url_for("messages.index"), 303)
