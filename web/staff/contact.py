"""By what a volunteer is told something, entered by staff: addresses that are stored are changed, not shown."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduler.forms.form import InvalidFields
from scheduler.messages.configured import offered
from scheduler.people.contact_points import choose
from scheduler.store.people import volunteers
from web import contact_points
from web.context import actor, get_store, now, settings
from web.security import action
from web.words import language

bp = Blueprint("staff_contact", __name__)


@bp.get("/volunteers/<volunteer_id>/contact")
@action("volunteer.write")
def show(volunteer_id: str) -> str:
    person = volunteers.get(get_store(), volunteer_id)
    rows = contact_points.rows(volunteer_id, hidden=True)
    return render_template("staff/contact.html", person=person, rows=rows)


@bp.post("/volunteers/<volunteer_id>/contact")
@action("volunteer.write")
def change(volunteer_id: str) -> Response | tuple[str, int]:
    person, typed = volunteers.get(get_store(), volunteer_id), contact_points.sent()
    usable = offered(settings().messages)
    try:
        choose(get_store(), volunteer_id, typed, usable, keep_unseen=True, by=actor(), now=now())
    except InvalidFields as wrong:
        rows = contact_points.rows(volunteer_id, hidden=True, typed=typed, errors=wrong.by_field(language()))
        return render_template("staff/contact.html", person=person, rows=rows), 422
    return redirect(url_for("people.volunteer", volunteer_id=volunteer_id), 303)
