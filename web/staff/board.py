"""The week board: how full each part of the city is, and the visits behind each number."""

from datetime import timedelta

from flask import Blueprint, render_template

from scheduler.boards.week import week_board
from scheduler.store.queries.board_lists import slots_page
from scheduler.store.queries.runs_lists import shown_plans, unfilled_of
from scheduler.store.services import service_types
from web import asked
from web.context import get_store
from web.security import action

bp = Blueprint("board", __name__)

STATES = ("empty", "partly", "filled", "cancelled")


def plan_asked() -> str:
    """The draft plan to look at; empty for what people were told."""
    drafts = shown_plans(get_store())
    return asked.one_of("plan", [plan.id for plan in drafts])


@bp.get("/board")
@action("board.read")
def week() -> str:
    monday, grid, plan = asked.week(), asked.grid(), plan_asked()
    board = week_board(get_store(), monday, area=grid, plan_id=plan)
    return render_template(
        "staff/board.html", board=board, monday=monday, grid=grid, plan=plan, plans=shown_plans(get_store()),
        one_week=timedelta(days=7),
    )  # fmt: skip


@bp.get("/board/visits")
@action("board.read")
def visits() -> str:
    first, grid, plan = asked.day("from"), asked.grid(), plan_asked()
    last = max(first, asked.day("until", first))
    page = slots_page(
        get_store(), first, last, area=grid, plan_id=plan, states=(asked.one_of("state", STATES),),
        service=asked.text("service"), order=asked.one_of("order", ("time", "urgency"), "time"),
        offset=asked.whole("offset"), size=100,
    )  # fmt: skip
    return render_template(
        "staff/visits.html", page=page, first=first, last=last, grid=grid, plan=plan, states=STATES,
        services=service_types.where(get_store(), "active = 1 ORDER BY code"), unfilled=unfilled_of(get_store(), plan),
        one_day=timedelta(days=1),
    )  # fmt: skip
