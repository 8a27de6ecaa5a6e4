"""New and changed volunteers and recipients, their free times, and people who are in the list twice."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduler.availability.free_time_form import free_times_of, set_free_times
from scheduler.forms.form import Form, InvalidFields, Mistake
from scheduler.forms.references import Directory
from scheduler.forms.sheets import sheets
from scheduler.forms.time_fields import weekdays_said
from scheduler.localized import LocalizedText
from scheduler.model.people import AvailabilityRule
from scheduler.people.duplicates import KINDS, Suspicion, merge, suspicions
from scheduler.people.person_form import recipient_form, save_recipient, save_volunteer, volunteer_form
from scheduler.promises import refusals
from scheduler.store.people import recipients, volunteers
from web import asked
from web.context import actor, get_store, now
from web.once import once
from web.security import action, area, in_area
from web.staff.form_fields import shown_fields, texts_of, texts_sent
from web.words import language

bp = Blueprint("people_edit", __name__)

FORMS: dict[str, Callable[..., Form[Any]]] = {"volunteers": volunteer_form, "recipients": recipient_form}
FREE_TIME_FIELDS = ("kind", "weekdays", "start", "end", "from_date", "until_date")
BLANK_ROWS = 3
MOST_ROWS = 60


def form_page(name: str, item: Any, texts: dict[str, str] | None, errors: dict[str, str]) -> str:
    """The form of a new or stored person, with what was typed if it was refused."""
    directory = Directory.of(get_store(), within=area())
    form, sheet = FORMS[name](directory, now()), sheets()[name]
    known = texts if texts is not None else texts_of(form, sheet, item) if item else {"active": "是", "auto_plan": "是"}
    fields = shown_fields(form, sheet, directory, known, errors)
    leave = page_of(name, item.id) if item else url_for(f"people.{name}")
    return render_template("staff/person_form.html", fields=fields, item=item, name=name, errors=errors, leave=leave)


def page_of(name: str, person_id: str) -> str:
    """The address of one of the `name` ("volunteers" or "recipients")."""
    if name == "volunteers":
        return url_for("people.volunteer", volunteer_id=person_id)
    return url_for("people.recipient", recipient_id=person_id)


def saved(name: str, item: Any = None) -> Response | tuple[str, int]:
    """Stores what the form sent, inside the account's area only; shows it again with the mistakes if there are any."""
    store = get_store()
    texts = texts_sent(FORMS[name](Directory(), now()), sheets()[name])
    revision = asked.revision()
    more: dict[str, Any] = {"revision": revision} if item and revision is not None else {}
    try:
        with store.transaction():
            if name == "volunteers":
                made: Any = save_volunteer(
                    store, texts, volunteer_id=item.id if item else None, by=actor(), now=now(), grids=area(), **more
                )
            else:
                made = save_recipient(
                    store, texts, recipient_id=item.id if item else None, by=actor(), now=now(), grids=area(), **more
                )
            if not in_area(made.grid_id):
                mine = LocalizedText("a place in your own area")
                raise InvalidFields([Mistake("grid_id", texts.get("grid_id", ""), mine)])
    except InvalidFields as wrong:
        return form_page(name, item, texts, wrong.by_field(language())), 422
    return redirect(page_of(name, made.id), 303)


@bp.get("/volunteers/new")
@action("volunteer.write")
def new_volunteer() -> str:
    return form_page("volunteers", None, None, {})


@bp.post("/volunteers/new")
@action("volunteer.write")
@once(alike=True)
def add_volunteer() -> Response | tuple[str, int]:
    return saved("volunteers")


@bp.get("/volunteers/<volunteer_id>/edit")
@action("volunteer.write")
def edit_volunteer(volunteer_id: str) -> str:
    return form_page("volunteers", volunteers.get(get_store(), volunteer_id), None, {})


@bp.post("/volunteers/<volunteer_id>/edit")
@action("volunteer.write")
def change_volunteer(volunteer_id: str) -> Response | tuple[str, int]:
    return saved("volunteers", volunteers.get(get_store(), volunteer_id))


@bp.post("/volunteers/<volunteer_id>/ask-again")
@action("volunteer.write")
def ask_again(volunteer_id: str) -> Response:
    """The volunteer has told staff that a no holds no longer."""
    refusals.take_back(get_store(), request.form.get("need", ""), volunteer_id, by=actor(), now=now())
    return redirect(url_for("people.volunteer", volunteer_id=volunteer_id), 303)


@bp.get("/recipients/new")
@action("recipient.write")
def new_recipient() -> str:
    return form_page("recipients", None, None, {})


@bp.post("/recipients/new")
@action("recipient.write")
@once(alike=True)
def add_recipient() -> Response | tuple[str, int]:
    return saved("recipients")


@bp.get("/recipients/<recipient_id>/edit")
@action("recipient.write")
def edit_recipient(recipient_id: str) -> str:
    return form_page("recipients", recipients.get(get_store(), recipient_id), None, {})


@bp.post("/recipients/<recipient_id>/edit")
@action("recipient.write")
def change_recipient(recipient_id: str) -> Response | tuple[str, int]:
    return saved("recipients", recipients.get(get_store(), recipient_id))


# --- free times ---


def free_page(volunteer_id: str, rows: list[dict[str, str]], errors: dict[str, str]) -> str:
    person = volunteers.get(get_store(), volunteer_id)
    rows = rows + [dict.fromkeys(FREE_TIME_FIELDS, "") for _ in range(BLANK_ROWS)]
    titles = {c.field: c.title.to(language()) for c in sheets()["free_times"].columns}
    return render_template("staff/free_times.html", person=person, rows=rows, errors=errors, titles=titles)


@bp.get("/volunteers/<volunteer_id>/free-times")
@action("volunteer.write")
def free_times(volunteer_id: str) -> str:
    rows = []
    for item in free_times_of(get_store(), volunteer_id):
        weekly = isinstance(item, AvailabilityRule)
        days = weekdays_said(item.weekdays).to(language()) if isinstance(item, AvailabilityRule) else ""
        kind = "weekly" if weekly else getattr(item, "kind", "")
        dates = {name: str(getattr(item, name) or "") for name in ("from_date", "until_date")}
        rows.append({"kind": kind, "weekdays": days, "start": item.start, "end": item.end, **dates})
    return free_page(volunteer_id, rows, {})


@bp.post("/volunteers/<volunteer_id>/free-times")
@action("volunteer.write")
def change_free_times(volunteer_id: str) -> Response | tuple[str, int]:
    columns = [request.form.getlist(name)[:MOST_ROWS] for name in FREE_TIME_FIELDS]
    rows = [dict(zip(FREE_TIME_FIELDS, texts, strict=True)) for texts in zip(*columns, strict=False)]
    rows = [row for row in rows if any(text.strip() for name, text in row.items() if name != "kind")]
    try:
        set_free_times(get_store(), volunteer_id, rows, by=actor(), now=now())
    except InvalidFields as wrong:
        return free_page(volunteer_id, rows, wrong.by_field(language())), 422
    return redirect(url_for("people.volunteer", volunteer_id=volunteer_id), 303)


# --- people who are in the list twice ---


def in_own_area(found: list[Suspicion]) -> list[Suspicion]:
    return [s for s in found if in_area(s.first.grid_id) and in_area(s.second.grid_id)]


def duplicates_page(kind: str) -> str:
    return render_template("staff/duplicates.html", kind=kind, found=in_own_area(suspicions(get_store(), kind)))


def merged(kind: str) -> Response:
    """Makes one of the two people whom the form names; both must lie in the account's area."""
    ids = [request.form.get("keep", ""), request.form.get("drop", "")]
    people = [KINDS[kind].get(get_store(), id) for id in ids]
    if not all(in_area(person.grid_id) for person in people):
        abort(404)
    merge(get_store(), kind, ids[0], ids[1], by=actor(), now=now())
    return redirect(page_of(f"{kind}s", ids[0]), 303)


@bp.get("/volunteers/duplicates")
@action("volunteer.write")
def duplicate_volunteers() -> str:
    return duplicates_page("volunteer")


@bp.post("/volunteers/duplicates")
@action("volunteer.write")
def merge_volunteers() -> Response:
    return merged("volunteer")


@bp.get("/recipients/duplicates")
@action("recipient.write")
def duplicate_recipients() -> str:
    return duplicates_page("recipient")


@bp.post("/recipients/duplicates")
@action("recipient.write")
def merge_recipients() -> Response:
    return merged("recipient")
