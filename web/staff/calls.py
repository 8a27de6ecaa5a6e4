"""Whom to phone today, with the words to say; the answers that people give by phone."""

from dataclasses import dataclass

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduler.localized import Bilingual
from scheduler.messages.configured import offered
from scheduler.messages.texts import lines_of
from scheduler.operations import call_list
from scheduler.people import privacy
from scheduler.promises import replies
from scheduler.store.services import service_types
from web import asked
from web.context import actor, get_store, now, settings
from web.security import action, area
from web.words import language

bp = Blueprint("calls", __name__)

SHOWN = 50
REASON = "call list"  # why a number was looked at


@dataclass(frozen=True, slots=True)
class Line:
    """The words, and the id of the question in them ("" if it is none)."""

    text: str
    question: str


@bp.get("/calls")
@action("volunteer.read")
def index() -> str:
    return page()


@bp.post("/calls/<volunteer_id>/number")
@action("reveal")
def number(volunteer_id: str) -> str:
    """The list with this person's whole number; that it was looked at is recorded."""
    shown = privacy.reveal(get_store(), "volunteer", volunteer_id, by=actor(), reason=REASON, now=now())
    return page({volunteer_id: shown.phone})


@bp.post("/calls/<volunteer_id>/answer")
@action("assignment.write")
def answer(volunteer_id: str) -> Response:
    call_list.answered(
        get_store(), settings(), volunteer_id, asked.text("question"),
        asked.one_of("answer", (call_list.YES, call_list.NO)), reason=asked.one_of("reason", ("", *replies.REASONS)),
        only_this_time=request.form.get("again") == "yes", by=actor(), now=now(),
    )  # fmt: skip
    return redirect(url_for("calls.index"), 303)


@bp.post("/calls/<volunteer_id>/outcome")
@action("assignment.write")
def outcome(volunteer_id: str) -> Response:
    said = asked.one_of("outcome", (call_list.TOLD, call_list.NOT_REACHED))
    call_list.phoned(get_store(), volunteer_id, said, by=actor(), now=now())
    return redirect(url_for("calls.index"), 303)


def page(numbers: dict[str, str] | None = None) -> str:
    usable = offered(settings().messages)
    found = call_list.whom_to_phone(get_store(), usable=usable, grids=area(), now=now())
    services = {t.code: t.name for t in service_types.where(get_store())}
    shown = [(call, [line_of(said, services) for said in call.said]) for call in found[:SHOWN]]
    return render_template(
        "staff/calls.html", calls=shown, total=len(found), numbers=numbers or {}, reasons=replies.REASONS,
        no_channels=not usable,
    )  # fmt: skip


def line_of(said: call_list.Said, services: dict[str, Bilingual]) -> Line:
    [line] = lines_of(said.item["template"], said.item, locale=language(), services=services)
    return Line(line.text, said.assignment_id or said.swap_id)
