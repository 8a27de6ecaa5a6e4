"""Lasting pairs: proposals by the optimiser, the elder's answer, pauses, pins, hand-overs, and how it came so far."""

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduler.model.people import PairState
from scheduler.pairs import lifecycle
from scheduler.pairs.proposals import propose_pairs
from scheduler.pairs.shortage import overloaded_companions, without_companion
from scheduler.store.pairing import steps_of
from scheduler.store.people import pairs, recipients, volunteers
from web import asked
from web.context import actor, get_store, now, settings
from web.once import once
from web.security import action, area, volunteer_numbered

bp = Blueprint("pairs", __name__)

MOST_AT_ONCE = 50  # proposals of one press, so that staff can talk to the elders
STEPS = {  # state → steps that staff may take
    PairState.PROPOSED: ("elder-yes", "elder-no", "volunteer-yes", "volunteer-no"),
    PairState.TRIAL: ("activate", "pause", "end"),
    PairState.ACTIVE: ("pause", "end"),
    PairState.PAUSED: ("activate", "end"),
    PairState.ENDED: (),
}


@bp.get("/pairs/<pair_id>")
@action("pair.read")
def show(pair_id: str) -> str:
    store, pair = get_store(), pairs.get(get_store(), pair_id)
    return render_template(
        "staff/pair.html",
        pair=pair,
        recipient=recipients.get(store, pair.recipient_id),
        volunteer=volunteers.get(store, pair.volunteer_id),
        steps=steps_of(store, pair_id),
        possible=STEPS[pair.state],
    )


@bp.post("/pairs/propose")
@action("pair.write")
def propose() -> Response:
    made = propose_pairs(get_store(), settings(), by=actor(), now=now(), at_most=MOST_AT_ONCE, grids=area())
    return redirect(url_for("people.pairs", state="proposed", proposed=len(made)), 303)


@bp.post("/recipients/<recipient_id>/pairs")
@action("pair.write")
@once()
def pair_by_hand(recipient_id: str) -> Response:
    """A companion chosen by staff, proposed to both sides."""
    volunteer = volunteer_numbered(asked.text("volunteer"))
    rank = asked.whole("rank", 1, most=2)
    pair = lifecycle.propose(
        get_store(), settings(), recipient_id, volunteer, rank=rank, by=actor(), reason=asked.text("reason")[:200],
        now=now(),
    )  # fmt: skip
    return redirect(url_for("pairs.show", pair_id=pair.id), 303)


@bp.get("/pairs/wanted")
@action("pair.read")
def wanted() -> str:
    """Elders who miss a companion, and companions with more than they can hold."""
    store, here = get_store(), asked.grid()
    return render_template(
        "staff/pairs_wanted.html", elders=without_companion(store, area=here),
        overloaded=overloaded_companions(store, settings(), area=here),
    )  # fmt: skip


@bp.post("/pairs/<pair_id>/<step>")
@action("pair.write")
@once()
def step(pair_id: str, step: str) -> Response:
    """An answer given to staff, or a step of a standing pair."""
    store, reason = get_store(), asked.text("reason")[:200]
    side, _, word = step.partition("-")
    if step == "hand-over":
        to = volunteer_numbered(asked.text("volunteer"))
        pair = lifecycle.hand_over(store, settings(), pair_id, to, by=actor(), reason=reason, now=now())
        return redirect(url_for("pairs.show", pair_id=pair.id), 303)
    if word in ("yes", "no") and side in ("elder", "volunteer"):
        side = "recipient" if side == "elder" else side
        lifecycle.answer(store, pair_id, side=side, yes=word == "yes", by=actor(), reason=reason, now=now())
    elif step == "activate":
        lifecycle.activate(store, pair_id, by=actor(), now=now())
    elif step in ("pause", "end"):
        {"pause": lifecycle.pause, "end": lifecycle.end}[step](store, pair_id, by=actor(), reason=reason, now=now())
    elif step in ("pin", "unpin"):
        lifecycle.pin(store, pair_id, step == "pin", by=actor(), now=now())
    else:
        abort(404)
    return redirect(url_for("pairs.show", pair_id=pair_id, saved=request.args.get("saved")), 303)
