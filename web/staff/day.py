"""The day sheet: tick who came, when and how long; on paper first, if people like."""

from datetime import date, datetime, timedelta

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduler.errors import InputError
from scheduler.model.plan import State
from scheduler.records.day_sheet import DayRefused, Mark, close_day, is_open
from scheduler.store.queries.day_lists import DayRow, day_rows
from web import asked
from web.context import actor, get_store, now
from web.errors import sentence
from web.security import action

bp = Blueprint("day", __name__)

AS_PLANNED, OTHER_TIMES = "planned", "times"
MARKS = (AS_PLANNED, OTHER_TIMES, "missed", "excused")


@bp.get("/days/<day>")
@action("board.read")
def sheet(day: str) -> str:
    return page(day_of(day), {})


@bp.post("/days/<day>")
@action("assignment.write")
def close(day: str) -> Response | tuple[str, int]:
    """Records the whole sheet, or nothing where a line cannot be so."""
    on, errors = day_of(day), dict[str, str]()
    marks = []
    for row in rows_of(on):
        try:
            if line := line_of(row, on):
                marks.append(line)
        except InputError as wrong:
            errors[row.assignment_id] = sentence(wrong)
    if errors:
        return page(on, errors), 422
    try:
        count = close_day(get_store(), on, marks, area=asked.grid(), by=actor(), now=now())
    except DayRefused as refused:
        return page(on, {line: sentence(wrong) for line, wrong in refused.by_line.items()}), 422
    return redirect(url_for("day.sheet", day=on.isoformat(), grid=request.values.get("grid"), recorded=count), 303)


def line_of(row: DayRow, on: date) -> Mark | None:
    """What the form says of a line; None where it says nothing. Raises InputError."""
    mark = asked.one_of(f"mark-{row.assignment_id}", MARKS)
    if not mark and request.form.get("rest") == AS_PLANNED and is_open(row, now=now()):
        mark = AS_PLANNED
    if mark in ("missed", "excused"):
        return Mark(row.assignment_id, State(mark))
    if mark == OTHER_TIMES:
        began_at = asked.moment(f"began-{row.assignment_id}", on=on)
        ended_at = asked.moment(f"ended-{row.assignment_id}", on=on)
        return Mark(row.assignment_id, State.DONE, began_at or row.starts_at, ended_at or row.ends_at)
    return Mark(row.assignment_id, State.DONE) if mark else None


def day_of(text: str) -> date:
    """The day in the address; 404 for what is none, or is far away."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        abort(404)
    if abs(found - asked.today()) > asked.NEAR:
        abort(404)
    return found


def rows_of(on: date) -> list[DayRow]:
    return day_rows(get_store(), on, area=asked.grid())


def page(on: date, errors: dict[str, str]) -> str:
    """The sheet by committee, with what was typed where a line was refused."""
    rows, moment = rows_of(on), now()
    return render_template(
        "staff/day.html", day=on, rows=rows, errors=errors, typed=request.form, unsettled=unsettled(rows, moment),
        before=on - timedelta(days=1), after=on + timedelta(days=1), moment=moment,
    )  # fmt: skip


def unsettled(rows: list[DayRow], moment: datetime) -> set[str]:
    """The lines that wait for a word."""
    return {row.assignment_id for row in rows if is_open(row, now=moment)}
