"""Addresses that are keys themselves: the link in a message, which answers once, and the private calendar."""

from datetime import timedelta

from flask import Blueprint, abort, render_template, request
from werkzeug.wrappers import Response

from scheduler.exchange import calendar_feed
from scheduler.promises import links, replies
from scheduler.store.logins import take
from scheduler.store.queries.volunteer_lists import visit
from scheduler.store.tokens import hash_of
from web import asked
from web.context import get_store, now, sender, settings
from web.security import action
from web.volunteer.me import how_far

bp = Blueprint("link", __name__)

FEED_READS, GUESSES, AN_HOUR = 60, 300, timedelta(hours=1)  # offices share one address


@bp.get("/r/<token>")
@action("link")
def look(token: str) -> str:
    view = links.look(get_store(), token, now=now())
    row = visit(get_store(), view.assignment.id)
    again = how_far(view.assignment)
    return render_template("volunteer/link.html", row=row, view=view, token=token, reasons=replies.REASONS, again=again)


@bp.post("/r/<token>")
@action("link")
def answer(token: str) -> str:
    reason = request.form.get("reason", "")
    links.use(
        get_store(),
        settings(),
        token,
        asked.choice("answer", ("accept", "decline")),
        reason=reason if reason in replies.REASONS else "",
        only_this_time=request.form.get("again") == "yes",
        now=now(),
    )
    return look(token)


@bp.get("/calendar/<locale>/<token>.ics")
@action("link")
def feed(locale: str, token: str) -> Response:
    """The private calendar; an unknown or revoked token reads as if there were no such page."""
    volunteer_id = calendar_feed.holder_of(get_store(), token)
    key = f"feed:{hash_of(token)[:16]}" if volunteer_id else f"feed-guess:{sender()}"
    if take(get_store(), key, limit=FEED_READS if volunteer_id else GUESSES, per=AN_HOUR, now=now()):
        abort(429)
    if volunteer_id is None:
        abort(404)
    body = calendar_feed.calendar_of(get_store(), volunteer_id, now=now(), locale=locale)
    return Response(body, mimetype="text/calendar", headers={"X-Robots-Tag": "noindex"})
