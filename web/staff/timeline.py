"""The timeline of a day, by person or by recipient, with moving by hand; and the map of the area."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, jsonify, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduler.boards.district_map import picture
from scheduler.boards.week import week_board
from scheduler.errors import IllegalMove
from scheduler.localtime import LOCAL
from scheduler.planning import placing
from scheduler.store.plans import assignments
from scheduler.store.queries.board_lists import SlotRow, slots_page
from scheduler.store.queries.runs_lists import shown_plans
from web import asked
from web.context import actor, get_store, now, settings
from web.errors import sentence
from web.security import action, visible_volunteer
from web.staff.board import plan_asked
from web.templating import place_name
from web.words import language, service_name, word

bp = Blueprint("timeline", __name__)

BY = ("volunteer", "recipient")
MOST = 2000
NOBODY = "nobody"
SHOWN_EMPTY = 12  # the most urgent ones; the list shows all


@bp.get("/board/timeline")
@action("board.read")
def page() -> str:
    first = asked.day("from", asked.day("week"))
    return render_template(
        "staff/timeline.html", first=first, last=first, grid=asked.grid(), plan=plan_asked(),
        plans=shown_plans(get_store()), by=asked.one_of("by", BY, "volunteer"), one_day=timedelta(days=1),
    )  # fmt: skip


@bp.get("/board/timeline.json")
@action("board.read")
def events() -> Response:
    """The day's visits as EventCalendar reads them."""
    day, plan, by = asked.day("from"), plan_asked(), asked.one_of("by", BY, "volunteer")
    rows = slots_page(get_store(), day, day, area=asked.grid(), plan_id=plan, size=MOST).rows
    empty = sorted((r for r in rows if r.state == "empty"), key=lambda r: (-r.priority, r.earliest_at))
    hidden = {row.id for row in empty[SHOWN_EMPTY:]} if by == "volunteer" else set()
    found = [event for row in rows if row.id not in hidden for event in events_of(row, by, plan)]
    resources = {event["resourceId"]: event.pop("resource") for event in found}
    ordered = sorted(resources.items(), key=lambda item: (item[0] != NOBODY, item[1]))
    return jsonify(resources=[{"id": key, "title": title} for key, title in ordered], events=found)


def events_of(row: SlotRow, by: str, plan: str) -> list[dict[str, Any]]:
    """One bar for each person on a visit, and one for its empty places."""
    link = url_for("slots.slot", slot_id=row.id, plan=plan or None)
    whom, what = place_name(row), service_name(row)
    bars = []
    for person in row.people:
        start = person.starts_at.astimezone(LOCAL)
        bars.append({
            "id": person.assignment_id or f"{row.id}:{person.volunteer_id}",
            "resourceId": person.volunteer_id if by == "volunteer" else row.recipient_id,
            "resource": person.name if by == "volunteer" else whom,
            **span(start, row.minutes),
            "title": f"{what} · {whom if by == 'volunteer' else person.name}",
            "classNames": [f"is-{person.state}"] + (["is-pinned"] if person.pinned else []),
            "extendedProps": {"slot": row.id, "link": link, "state": word(person.state, "assignment")},
            "editable": bool(person.assignment_id) and person.state in ("proposed", "accepted"),
        })  # fmt: skip
    if row.state in ("empty", "partly"):
        start = row.starts_at.astimezone(LOCAL)
        bars.append({
            "id": f"{row.id}:{NOBODY}",
            "resourceId": NOBODY if by == "volunteer" else row.recipient_id,
            "resource": word("empty", "filled") if by == "volunteer" else whom,
            **span(start, row.minutes),
            "title": f"{what} · {whom}",
            "classNames": ["is-empty"],
            "extendedProps": {"slot": row.id, "link": link, "state": word(row.state, "filled")},
            "editable": by == "volunteer" and not plan,
        })  # fmt: skip
    return bars


def span(start: datetime, minutes: int) -> dict[str, str]:
    """Start and end as local wall-clock text, which is how the timeline draws them."""
    return {
        "start": start.strftime("%Y-%m-%dT%H:%M:%S"),
        "end": (start + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S"),
    }


@bp.post("/slots/<slot_id>/move")
@action("assignment.write")
def move(slot_id: str) -> tuple[Response, int] | Response:
    """Moves a bar: tells what speaks against it (`dry`), or does it. Answers with words for the page."""
    start = asked.moment_needed("start")
    volunteer_id, old = visible_volunteer(asked.text("volunteer")), assignments.find(get_store(), asked.text("old"))
    old = old if old and old.slot_id == slot_id else None
    verdict = placing.judge(get_store(), settings(), slot_id, volunteer_id, start, leaving=old.id if old else "")
    if not request.form.get("dry"):
        try:
            put_on_visit(slot_id, volunteer_id, start, old.id if old else "")
        except IllegalMove as error:
            return jsonify(done=False, gates=[sentence(error)], warnings=[]), 409
    return jsonify(
        done=not request.form.get("dry"),
        gates=[verdict.objection.to(language())]
        if verdict.objection
        else [word(code, "reason") for code in verdict.gates],
        warnings=[word(code, "reason") for code in verdict.warnings]
        + ([word("outside_window", "reason")] if verdict.outside_window else []),
    )


def put_on_visit(slot_id: str, volunteer_id: str, start: datetime, old_id: str) -> None:
    if old_id:
        placing.replace_person(
            get_store(), settings(), old_id, volunteer_id, start, reason=word("moved", "change"), by=actor(), now=now()
        )
    else:
        placing.place(get_store(), settings(), slot_id, volunteer_id, start, by=actor(), now=now())


@bp.get("/board/map")
@action("board.read")
def map() -> str:
    monday, grid, plan = asked.week(), asked.grid(), plan_asked()
    board = week_board(get_store(), monday, area=grid, plan_id=plan)
    return render_template(
        "staff/map.html", board=board, monday=monday, grid=grid, plan=plan, plans=shown_plans(get_store()),
        picture=picture(get_store(), board), one_week=timedelta(days=7),
    )  # fmt: skip
