"""What others ask of me: to take a visit over, to become an elder's familiar face; and what I was told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduler.errors import InputError, NotFound
from scheduler.localized import LocalizedText
from scheduler.messages import outbox, texts
from scheduler.model.people import PairState
from scheduler.pairs import lifecycle
from scheduler.promises import swaps
from scheduler.store import outbox as rows
from scheduler.store.logins import take
from scheduler.store.pairing import pairs_of_volunteer, steps_of
from scheduler.store.people import recipients
from scheduler.store.plans import assignments
from scheduler.store.queries.volunteer_lists import visit
from scheduler.store.services import service_types
from scheduler.store.swaps import open_swaps_for
from scheduler.store.swaps import swaps as swap_rows
from web import asked, words
from web.context import actor, get_store, now, settings
from web.once import once
from web.security import action
from web.volunteer.me import my_id

bp = Blueprint("asks", __name__, url_prefix="/my")

YES_NO = ("yes", "no")
TOLD = 20  # newest messages shown
A_DAY, ASKS_PER_DAY = timedelta(days=1), 10  # hand-overs that one person may ask for


@bp.get("/asks")
@action("my.read")
def index() -> str:
    store, me = get_store(), my_id()
    found = [(swap, visit(store, swap.assignment_id)) for swap in open_swaps_for(store, me, now=now())]
    fresh = any(row.acknowledged_at is None and not needs_a_nod(row) for row in newest())
    return render_template("volunteer/asks.html", swaps=found, pairs=proposed_pairs(), messages=messages(), fresh=fresh)


@bp.post("/asks/swap")
@action("my.write")
def answer_swap() -> Response:
    swap = swap_rows.find(get_store(), request.form.get("swap", ""))
    if swap is None or swap.to_volunteer_id != my_id():
        raise NotFound(LocalizedText("nobody asks you for this any more"))
    if asked.choice("answer", YES_NO) == "yes":
        taken = swaps.accept(get_store(), settings(), swap.id, now=now())
        return redirect(url_for("visits.show", assignment_id=taken.id, saved="accepted"), 303)
    swaps.decline(get_store(), swap.id, now=now())
    return redirect(url_for("asks.index"), 303)


@bp.post("/asks/pair")
@action("my.write")
def answer_pair() -> Response:
    pair = next((p for p in pairs_of_volunteer(get_store(), my_id()) if p.id == request.form.get("pair")), None)
    if pair is None:
        raise NotFound(LocalizedText("this pair is not proposed to you any more"))
    yes = asked.choice("answer", YES_NO) == "yes"
    lifecycle.answer(get_store(), pair.id, side="volunteer", yes=yes, by=actor(), now=now())
    return redirect(url_for("asks.index"), 303)


@bp.post("/asks/seen")
@action("my.write")
def seen() -> Response:
    rows.acknowledge(get_store(), request.form.get("message", ""), outbox.to_volunteer(my_id()), now=now())
    return redirect(url_for("asks.index"), 303)


@bp.post("/visits/<assignment_id>/hand-over")
@action("my.write")
@once()
def hand_over(assignment_id: str) -> Response:
    """Asks the person with this code to take the visit over; the visit stays mine until they say yes."""
    if take(get_store(), f"hand-over:{my_id()}", limit=ASKS_PER_DAY, per=A_DAY, now=now()):
        abort(429)
    other_id = swaps.person_with(get_store(), request.form.get("code", "")[:40])
    if other_id is None:
        raise InputError(LocalizedText("nobody has this code: ask the person for the code on their page"))
    swaps.ask(get_store(), settings(), assignment_id, other_id, now=now())
    return redirect(url_for("visits.show", assignment_id=assignment_id, saved="asked"), 303)


@bp.post("/asks/all-seen")
@action("my.write")
def all_seen() -> Response:
    """I have read what is new; a cancellation is confirmed by itself."""
    with get_store().transaction():
        for row in newest():
            if not needs_a_nod(row):
                rows.acknowledge(get_store(), row.id, row.addressee, now=now())
    return redirect(url_for("asks.index"), 303)


def newest() -> list[rows.OutboxRow]:
    """My newest messages, those that still wait for a channel too."""
    return rows.rows_for(get_store(), outbox.to_volunteer(my_id()), limit=TOLD)


def unread() -> int:
    """How many of the newest messages I have not said to have read."""
    return sum(row.acknowledged_at is None for row in newest())


def proposed_pairs() -> list[dict[str, object]]:
    """Pairs that wait for my answer: whom, as far as I may know before I agree, and why the two of us."""
    store, found = get_store(), []
    for pair in pairs_of_volunteer(store, my_id()):
        steps = steps_of(store, pair.id)
        if pair.state is PairState.PROPOSED and not any(step.step == "yes:volunteer" for step in steps):
            found.append(
                {
                    "pair": pair,
                    "elder": recipients.get(store, pair.recipient_id),
                    "why": steps[0].reason if steps else "",
                }
            )
    return found


def messages() -> list[tuple[rows.OutboxRow, list[str]]]:
    """The newest messages in my language; cancellations stay on top until I have confirmed them."""
    names = {t.code: t.name for t in service_types.where(get_store())}
    found = []
    for row in newest():
        lines = texts.lines_of(row.template, row.payload, locale=words.language(), services=names)
        found.append((row, [line.text for line in texts.in_telling_order(lines)]))
    return sorted(found, key=lambda item: not needs_a_nod(item[0]))


def needs_a_nod(row: rows.OutboxRow) -> bool:
    """Whether the message cancels something and was not confirmed."""
    told = {row.template, *(item["template"] for item in row.payload.get("items", ()))}
    return row.acknowledged_at is None and bool(told & set(texts.CANCELLATIONS))


def open_asks() -> int:
    """How many things wait for the volunteer: requests, pairs, cancellations to confirm."""
    nods = sum(needs_a_nod(row) for row in newest())
    return len(open_swaps_for(get_store(), my_id(), now=now())) + len(proposed_pairs()) + nods


def my_code() -> str:
    code = swaps.code_of(get_store(), my_id())
    return f"{code[:4]}-{code[4:]}"


def swap_open(assignment_id: str) -> bool:
    """Whether somebody was asked to take this visit over and has not answered."""
    assignment = assignments.find(get_store(), assignment_id)
    return assignment is not None and bool(swap_rows.by(get_store(), assignment_id=assignment_id, state="asked"))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "open_asks": open_asks,
    "unread": unread,
    "needs_a_nod": needs_a_nod,
    "my_code": my_code,
    "swap_open": swap_open,
}
