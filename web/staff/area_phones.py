"""The numbers under which volunteers reach staff: what stands on every visit on the phone."""

from flask import Blueprint, abort, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduler.forms.form import InvalidFields
from scheduler.people.area_phones import set_phone
from scheduler.store import area_phones
from scheduler.store.queries.board_lists import areas
from web import asked
from web.context import actor, get_store, now
from web.security import action, area, in_area
from web.words import language

bp = Blueprint("area_phones", __name__)


@bp.get("/area-phones")
@action("volunteer.write")
def index() -> str:
    return page({}, {})


@bp.post("/area-phones")
@action("volunteer.write")
def change() -> Response | tuple[str, int]:
    grid_id, phone = asked.text("grid"), asked.text("phone")
    if not in_area(grid_id):
        abort(404)
    try:
        set_phone(get_store(), grid_id, phone, by=actor(), now=now())
    except InvalidFields as wrong:
        return page({"grid": grid_id, "phone": phone}, wrong.by_field(language())), 422
    return redirect(url_for("area_phones.index"), 303)


def page(typed: dict[str, str], errors: dict[str, str]) -> str:
    mine = [one for one in areas(get_store()).values() if one.id in area()]
    phones = area_phones.all_of(get_store(), area())
    return render_template("staff/area_phones.html", areas=mine, phones=phones, typed=typed, errors=errors)
