"""One visit: who comes, why this person, why nobody, whom to ask instead, placing by hand."""

from datetime import datetime
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from scheduler.errors import InputError
from scheduler.explanations.visit import explain
from scheduler.localtime import local_date
from scheduler.model.plan import State
from scheduler.planning import placing
from scheduler.planning.replan import request_plan
from scheduler.promises import settle
from scheduler.promises.standby import in_asking_order
from scheduler.promises.starts import common_start
from scheduler.records import attendance
from scheduler.store import audit
from scheduler.store.people import volunteers
from scheduler.store.plans import assignments
from scheduler.store.queries.board_lists import absent_from, slot_row, without_success
from scheduler.store.queries.runs_lists import unfilled_of
from scheduler.store.queries.staff_lists import volunteers_page
from scheduler.store.services import needs, service_types, slots
from web import asked
from web.context import actor, get_store, now, settings
from web.dear import dear
from web.errors import sentence
from web.once import once
from web.security import action, area, area_limit, in_area, visible_volunteer
from web.staff.board import plan_asked

bp = Blueprint("slots", __name__)


@bp.get("/slots/<slot_id>")
@action("slot.read")
def slot(slot_id: str, wrong: dict[str, str] | None = None) -> str:
    """The page of a visit; `wrong` says what was refused about the person of an assignment."""
    store, plan = get_store(), plan_asked()
    row = slot_row(store, slot_id, plan_id=plan)
    if row is None:
        abort(404)
    found = slots.get(store, slot_id)
    return render_template(
        "staff/slot.html", row=row, slot=found, need=needs.get(store, found.need_id), plan=plan,
        service=service_types.get(store, found.service_type), unfilled=unfilled_of(store, plan).get(slot_id),
        history_rows=audit.history_of_slot(store, slot_id), ahead=row.latest_at > now(), standbys=standbys_of(slot_id),
        absent=absent_from(store, slot_id), wrong=wrong or {}, asked_in_vain=without_success(store, slot_id),
    )  # fmt: skip


def standbys_of(slot_id: str) -> list[str]:
    """Names of those who would be asked next, in order; who lives in another area is not named."""
    store = get_store()
    in_order = in_asking_order(store, slots.get(store, slot_id), now=now())
    people = [volunteers.get(store, standby.volunteer_id) for standby in in_order]
    return [person.name if in_area(person.grid_id) else _("somebody of another area") for person in people]


@bp.get("/slots/<slot_id>/why")
@action("slot.read")
@dear
def why(slot_id: str) -> str:
    mine = None if area_limit() is None else area()
    found = explain(get_store(), settings(), slot_id, now=now(), plan_id=plan_asked(), grids=mine)
    row = slot_row(get_store(), slot_id, plan_id=plan_asked())
    return render_template("staff/why.html", why=found, row=row)


@bp.get("/slots/<slot_id>/someone")
@action("assignment.write")
@dear
def find_people(slot_id: str) -> str:
    """People found by name, each with what speaks against them."""
    found = volunteers_page(
        get_store(), reader=asked.reader(), text=asked.text("text"), today=asked.today(), now=now(), size=8
    )
    start = start_asked(slot_id)
    judged = [(row, placing.judge(get_store(), settings(), slot_id, row.id, start)) for row in found.rows]
    return render_template(
        "staff/found_people.html", judged=judged, slot_id=slot_id, start=start, text=asked.text("text")
    )


def start_asked(slot_id: str) -> datetime:
    """The start that is asked for (local "HH:MM" on the visit's day, or ISO), by default when those on it begin."""
    slot = slots.get(get_store(), slot_id)
    wished = asked.moment("start", on=slot.service_date)
    return wished or common_start(get_store(), slot, leaving=asked.text("instead_of")) or slot.earliest_at


@bp.post("/slots/<slot_id>/assign")
@action("assignment.write")
@once()
def assign(slot_id: str) -> Response:
    volunteer_id = visible_volunteer(asked.text("volunteer"))
    instead_of = assignments.find(get_store(), asked.text("instead_of"))
    if instead_of and instead_of.slot_id == slot_id:
        placing.replace_person(
            get_store(), settings(), instead_of.id, volunteer_id, start_asked(slot_id), reason=reason(), by=actor(),
            now=now(),
        )  # fmt: skip
    else:
        placing.place(get_store(), settings(), slot_id, volunteer_id, start_asked(slot_id), by=actor(), now=now())
    return back_to(slot_id)


@bp.post("/assignments/<assignment_id>/<step>")
@action("assignment.write")
def step(assignment_id: str, step: str) -> Response | tuple[str, int]:
    """Pins, releases, keeps, takes off, or corrects what happened."""
    store, known = get_store(), assignments.get(get_store(), assignment_id)
    if step in ("pin", "unpin"):
        placing.pin(store, assignment_id, pinned=step == "pin", by=actor(), now=now())
    elif step == "keep":
        settle.keep(store, assignment_id, by=actor(), now=now())
    elif step == "remove":
        placing.remove(store, settings(), assignment_id, reason=reason(), by=actor(), now=now())
    elif step in ("done", "missed", "excused"):
        try:
            day = local_date(known.starts_at)
            began_at, ended_at = asked.moment("began", on=day), asked.moment("ended", on=day)
            attendance.mark(
                store, assignment_id, State(step), by=actor(), reason=reason(), began_at=began_at, ended_at=ended_at,
                now=now(),
            )  # fmt: skip
        except InputError as error:
            return slot(known.slot_id, {assignment_id: sentence(error)}), 422
    else:
        abort(404)
    return back_to(known.slot_id)


@bp.post("/slots/<slot_id>/repair")
@action("assignment.write")
@once()
def repair(slot_id: str) -> Response:
    request_plan(get_store(), by=actor(), reason=reason(), now=now(), slot_id=slot_id)
    return back_to(slot_id, done="repair")


def reason() -> str:
    return request.form.get("reason", "").strip()[:200]


def back_to(slot_id: str, **more: Any) -> Response:
    return redirect(url_for("slots.slot", slot_id=slot_id, **more), 303)
