"""By what I am told something, in my own order."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduler.forms.form import InvalidFields
from scheduler.messages.configured import offered
from scheduler.people.contact_points import choose
from web import contact_points
from web.context import actor, get_store, now, settings
from web.security import action
from web.volunteer.me import my_id
from web.words import language

bp = Blueprint("contact", __name__, url_prefix="/my")


@bp.get("/contact")
@action("my.read")
def mine() -> str:
    return render_template("volunteer/contact.html", rows=contact_points.rows(my_id()))


@bp.post("/contact")
@action("my.write")
def change() -> Response | tuple[str, int]:
    typed = contact_points.sent()
    try:
        choose(get_store(), my_id(), typed, offered(settings().messages), by=actor(), now=now())
    except InvalidFields as wrong:
        rows = contact_points.rows(my_id(), typed=typed, errors=wrong.by_field(language()))
        return render_template("volunteer/contact.html", rows=rows), 422
    return redirect(url_for("contact.mine", saved=1), 303)
