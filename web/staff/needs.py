"""Needs: the list, one need with its visits, publishing a new one, cancelling."""

from flask import Blueprint, render_template

from scheduler.store import audit
from scheduler.store.lists_board import slots_page
from scheduler.store.lists_staff import needs_page
from scheduler.store.people import recipients
from scheduler.store.services import needs, service_types
from web import asked
from web.context import get_store
from web.security import action

bp = Blueprint("needs", __name__)

STATES = ("published", "draft", "closed", "cancelled", "")


@bp.get("/needs")
@action("need.read")
def index() -> str:
    page = needs_page(
        get_store(), area=asked.grid(), text=asked.text("text"), service=asked.text("service"),
        state=asked.one_of("state", STATES, "published"), offset=asked.whole("offset"),
    )  # fmt: skip
    services = service_types.where(get_store(), "1 ORDER BY code")
    return render_template("staff/needs.html", page=page, services=services, states=STATES)


@bp.get("/needs/<need_id>")
@action("need.read")
def show(need_id: str) -> str:
    store, first = get_store(), asked.week()
    need = needs.get(store, need_id)
    visits = slots_page(store, first, first.replace(year=first.year + 1), area=None, need_id=need_id, size=40)
    return render_template(
        "staff/need.html", need=need, visits=visits, service=service_types.get(store, need.service_type),
        recipient=recipients.get(store, need.recipient_id), history_rows=audit.history(store, "need", need_id),
    )  # fmt: skip
