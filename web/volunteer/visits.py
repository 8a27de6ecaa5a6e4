"""My visits: what comes next, what waits for an answer, yes or no, coming and going."""

from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduler.exchange.calendar_feed import one_visit
from scheduler.model.plan import State
from scheduler.people.privacy import contact_of, open_for_visit
from scheduler.promises import replies
from scheduler.records import attendance
from scheduler.store import area_phones
from scheduler.store.queries.volunteer_lists import VisitRow, visit, visits
from scheduler.store.services import slots
from web import words
from web.context import actor, get_store, now, settings
from web.security import action
from web.volunteer.me import how_far, my_assignment, my_id

bp = Blueprint("visits", __name__, url_prefix="/my")

BACK, AHEAD = timedelta(hours=12), timedelta(days=60)
PROMISED = (State.ACCEPTED, State.CHECKED_IN)


@bp.get("/")
@action("my.read")
def index() -> str:
    rows = visits(get_store(), my_id(), now() - BACK, now() + AHEAD)
    waiting = [row for row in rows if row.state is State.PROPOSED and not is_over(row)]
    promised = [row for row in rows if row.state in PROMISED and not row.ended_by(now())]
    first = promised[0] if promised else None
    contact = contact_of(get_store(), my_assignment(first.id), now=now(), locale=words.language()) if first else None
    return render_template(
        "volunteer/visits.html",
        waiting=waiting,
        first=first,
        contact=contact,
        later=promised[1:],
        can_check_in=may_begin,
    )


def is_over(row: VisitRow) -> bool:
    """Whether an offer can no longer be answered."""
    return replies.is_over(get_store(), my_assignment(row.id), now=now())


def may_begin(row: VisitRow) -> bool:
    """Whether "I am here" is shown: an accepted visit from an hour before its start until it would have ended."""
    return row.state is State.ACCEPTED and row.starts_at - timedelta(hours=1) <= now() and not row.ended_by(now())


@bp.get("/visits/<assignment_id>")
@action("my.read")
def show(assignment_id: str) -> str:
    row = visit(get_store(), assignment_id)
    contact = contact_of(get_store(), my_assignment(assignment_id), now=now(), locale=words.language())
    return render_template(
        "volunteer/visit.html",
        row=row,
        contact=contact,
        over=is_over(row),
        can_check_in=may_begin,
        saved=request.args.get("saved"),
        staff_phone=area_phones.nearest(get_store(), slots.get(get_store(), row.slot_id).grid_id),
    )


@bp.post("/visits/<assignment_id>/accept")
@action("my.write")
def accept(assignment_id: str) -> Response:
    replies.accept(get_store(), settings(), assignment_id, by=actor(), now=now())
    return shown_again(assignment_id, "accepted")


@bp.get("/visits/<assignment_id>/decline")
@action("my.read")
def ask_why(assignment_id: str) -> str:
    mine = my_assignment(assignment_id)
    again = {"comes": False} if mine.state in PROMISED else how_far(mine)
    row = visit(get_store(), assignment_id)
    return render_template("volunteer/decline.html", row=row, reasons=replies.REASONS, again=again)


@bp.post("/visits/<assignment_id>/decline")
@action("my.write")
def decline(assignment_id: str) -> Response:
    reason = request.form.get("reason", "")
    reason = reason if reason in replies.REASONS else ""
    if my_assignment(assignment_id).state in PROMISED:
        replies.withdraw(get_store(), settings(), assignment_id, reason, by=actor(), now=now())
    else:
        only_this_time = request.form.get("again") == "yes"
        replies.decline(
            get_store(), settings(), assignment_id, reason, only_this_time=only_this_time, by=actor(), now=now()
        )
    return shown_again(assignment_id, "declined")


@bp.post("/visits/<assignment_id>/open")
@action("my.write")
def open_contact(assignment_id: str) -> Response:
    open_for_visit(get_store(), assignment_id, my_id(), by=actor(), now=now())
    return shown_again(assignment_id)


@bp.post("/visits/<assignment_id>/check-in")
@action("my.write")
def check_in(assignment_id: str) -> Response:
    attendance.check_in(get_store(), assignment_id, by=actor(), now=now())
    over = visit(get_store(), assignment_id).ends_at <= now()
    return shown_again(assignment_id, "late" if over else "here")


@bp.post("/visits/<assignment_id>/check-out")
@action("my.write")
def check_out(assignment_id: str) -> Response:
    attendance.check_out(get_store(), assignment_id, by=actor(), now=now())
    unclear = attendance.needs_confirming(get_store(), assignment_id)
    return shown_again(assignment_id, "unclear" if unclear else "done")


@bp.get("/visits/<assignment_id>/calendar.ics")
@action("my.read")
def calendar(assignment_id: str) -> Response:
    body = one_visit(visit(get_store(), assignment_id), locale=words.language())
    headers = {"Content-Disposition": 'attachment; filename="yidu.ics"'}
    return Response(body, mimetype="text/calendar", headers=headers)


def shown_again(assignment_id: str, saved: str = "") -> Response:
    return redirect(url_for("visits.show", assignment_id=assignment_id, saved=saved or None), 303)
