"""Needs: the list, one need with its visits, publishing a new one, cancelling."""

from datetime import timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduler.forms.form import InvalidFields
from scheduler.forms.month_days import month_days_said
from scheduler.model.services import Need
from scheduler.needs.forecast import forecast
from scheduler.needs.need_form import must_take_place, never_takes_place, save_need
from scheduler.needs.renew import renew_one
from scheduler.store import audit
from scheduler.store.people import recipients
from scheduler.store.queries.board_lists import slots_page
from scheduler.store.queries.staff_lists import needs_page, recipients_page
from scheduler.store.services import needs, service_types
from scheduler.words import vocabulary
from web import asked
from web.context import actor, get_store, now, settings
from web.dear import dear
from web.once import once
from web.security import action, in_area, visible_need
from web.words import language

bp = Blueprint("needs", __name__)

FIELDS = (
    "service_type", "recipient_id", "kind", "from_date", "until_date", "every_weeks", "month_days", "on_holidays",
    "per_week", "max_gap_days",
    "start", "end", "minutes", "heads", "min_heads", "priority", "gender_wish", "language_wish", "title", "notes",
)  # fmt: skip
KINDS = ("once", "recurring", "cadence")
FOUND = 8
A_YEAR = timedelta(days=365)
STATES = ("published", "draft", "closed", "cancelled", "")


@bp.get("/needs")
@action("need.read")
def index() -> str:
    page = needs_page(
        get_store(), reader=asked.reader(), text=asked.text("text"), service=asked.text("service"),
        state=asked.one_of("state", STATES, "published"), offset=asked.whole("offset"),
    )  # fmt: skip
    services = service_types.where(get_store(), "1 ORDER BY code")
    return render_template("staff/needs.html", page=page, services=services, states=STATES)


@bp.get("/needs/<need_id>")
@action("need.read")
def show(need_id: str) -> str:
    store, first = get_store(), asked.week()
    need = needs.get(store, need_id)
    visits = slots_page(store, first, first + A_YEAR, area=None, need_id=need_id, size=40)
    service, recipient = service_types.get(store, need.service_type), recipients.get(store, need.recipient_id)
    return render_template(
        "staff/need.html", need=need, visits=visits, service=service, recipient=recipient,
        history_rows=audit.history(store, "need", need_id),
        never=never_takes_place(need, service, recipient, settings(), now=now()),
    )  # fmt: skip


def texts_sent() -> dict[str, str]:
    """The fields of the form as text; several weekdays become one text."""
    texts = {name: request.form.get(name, "").strip() for name in FIELDS}
    texts["weekdays"] = ",".join(day for day in request.form.getlist("weekdays") if day in "12345678")
    texts["requires_all"] = "、".join(request.form.getlist("requires_all"))
    if texts["kind"] != "cadence":
        texts |= {"per_week": "", "max_gap_days": ""}
    return texts if texts["kind"] == "recurring" else {**texts, "month_days": ""}


def texts_of(need: Need) -> dict[str, str]:
    """What the form shows of a need; its notes stay closed."""
    texts = {name: getattr(need, name) for name in FIELDS if name != "notes"}
    shown = {name: "" if value is None else str(value) for name, value in texts.items()}
    return shown | {
        "weekdays": ",".join(map(str, need.weekdays)), "requires_all": "、".join(need.requires_all),
        "month_days": month_days_said(need.month_days).to(language()),
    }  # fmt: skip


def form_page(texts: dict[str, str], errors: dict[str, str], need: Need | None = None, error: str = "") -> str:
    """The form of a new need, or of one that is there, with what was typed and what is wrong."""
    chosen = recipients.find(get_store(), texts.get("recipient_id", ""))
    services = service_types.where(get_store(), "active = 1 ORDER BY code")
    return render_template(
        "staff/need_form.html", texts=texts, errors=errors, services=services, kinds=KINDS, today=asked.today(),
        chosen=chosen if chosen and in_area(chosen.grid_id) else None,
        service=next((s for s in services if s.code == texts.get("service_type")), None), need=need, error=error,
        skills=vocabulary("skills").words,
    )  # fmt: skip


@bp.get("/needs/new")
@action("need.write")
def new() -> str:
    wished = {"recipient_id": asked.text("recipient"), "service_type": asked.text("service"), "kind": "once"}
    if like := needs.find(get_store(), visible_need(asked.text("copy")) if asked.text("copy") else ""):
        wished = texts_of(like) | {"until_date": ""}
    return form_page({**wished, "from_date": asked.today().isoformat()}, {})


@bp.get("/needs/recipients")
@action("need.write")
def find_recipient() -> str:
    """People and places found by name, for the form."""
    text = asked.text("recipient_text")
    found = recipients_page(
        get_store(), reader=asked.reader("recipient_text"), text=text, today=asked.today(), size=FOUND
    )
    return render_template("staff/found_recipients.html", found=found if text else None)


@bp.post("/needs/forecast")
@action("need.write")
@dear
def live_forecast() -> str:
    """The live line: how many people could serve the need as it stands in the form."""
    texts = texts_sent()
    if not (texts["service_type"] and recipient_in_area(texts)):
        return render_template("staff/forecast.html", found=None, errors={})
    try:
        found = forecast(get_store(), settings(), texts, by=actor(), now=now())
    except InvalidFields as wrong:
        return render_template("staff/forecast.html", found=None, errors=wrong.by_field(language()))
    return render_template("staff/forecast.html", found=found, errors={})


def recipient_in_area(texts: dict[str, str]) -> bool:
    """Whether the recipient lies in the account's area."""
    person = recipients.find(get_store(), texts["recipient_id"])
    return person is not None and in_area(person.grid_id)


@bp.post("/needs")
@action("need.write")
@once(alike=True)
def publish() -> Response | tuple[str, int]:
    texts = texts_sent()
    texts = texts if recipient_in_area(texts) else {**texts, "recipient_id": ""}
    try:
        with get_store().transaction():
            need = save_need(get_store(), texts, by=actor(), now=now())
            must_take_place(get_store(), settings(), need, now=now())
            renew_one(get_store(), settings(), need, now=now())
    except InvalidFields as wrong:
        return form_page(texts, wrong.by_field(language())), 422
    return redirect(url_for("needs.show", need_id=need.id, done="publish"), 303)


@bp.post("/needs/<need_id>/<step>")
@action("need.write")
def change_state(need_id: str, step: str) -> Response:
    """Closes a need (its visits ahead fall away) or opens it again."""
    state = {"close": "closed", "cancel": "cancelled", "open": "published"}.get(step)
    if state is None:
        abort(404)
    with get_store().transaction():
        need = save_need(get_store(), {"state": state}, need_id=need_id, by=actor(), now=now())
        renew_one(get_store(), settings(), need, now=now())
    return redirect(url_for("needs.show", need_id=need_id), 303)
