"""What staff do to several rows of a list at once: end or open needs, take volunteers off the list or back on it."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from scheduler.model.services import NeedState
from scheduler.needs import bulk_changes
from web import asked
from web.context import actor, get_store, now, settings
from web.security import action, visible_need, visible_volunteer

bp = Blueprint("bulk", __name__)

MOST = 200
NEED_STEPS = {"close": NeedState.CLOSED, "open": NeedState.PUBLISHED}
VOLUNTEER_STEPS = {"inactive": False, "active": True}


def chosen() -> list[str]:
    return request.form.getlist("chosen")[:MOST]


@bp.post("/needs/chosen")
@action("need.write")
def needs() -> Response:
    state = NEED_STEPS[asked.choice("step", NEED_STEPS)]
    ids = [visible_need(need_id) for need_id in chosen()]
    changed = bulk_changes.set_needs_state(get_store(), settings(), ids, state, by=actor(), now=now())
    return redirect(url_for("needs.index", changed=changed), 303)


@bp.post("/volunteers/chosen")
@action("volunteer.write")
def volunteers() -> Response:
    active = VOLUNTEER_STEPS[asked.choice("step", VOLUNTEER_STEPS)]
    ids = [visible_volunteer(volunteer_id) for volunteer_id in chosen()]
    changed = bulk_changes.set_volunteers_active(get_store(), ids, active, by=actor(), now=now())
    return redirect(url_for("people.volunteers", changed=changed), 303)
