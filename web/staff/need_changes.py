"""A need that is there is changed, from now on or from a day on, or paused; one visit of it is left out."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from scheduler.errors import InputError
from scheduler.forms.form import InvalidFields
from scheduler.needs import changes
from scheduler.store.services import needs
from web import asked
from web.context import actor, get_store, now, settings
from web.errors import sentence
from web.once import once
from web.security import action
from web.staff.needs import form_page, recipient_in_area, texts_of, texts_sent
from web.words import language

bp = Blueprint("need_changes", __name__)

ALL, FROM_DAY = "all", "from"


@bp.get("/needs/<need_id>/edit")
@action("need.write")
def edit(need_id: str) -> str:
    need = needs.get(get_store(), need_id)
    return form_page(texts_of(need), {}, need)


@bp.post("/needs/<need_id>/edit")
@action("need.write")
@once(alike=True)
def save(need_id: str) -> Response | tuple[str, int]:
    """Changes the need as a whole, or lets a new one take over on a day; what was typed stays where it is refused."""
    need, texts = needs.get(get_store(), need_id), texts_sent()
    texts = texts if recipient_in_area(texts) else {**texts, "recipient_id": ""}
    from_day = asked.day_needed("from_day") if asked.one_of("which", (ALL, FROM_DAY), ALL) == FROM_DAY else None
    kept = {name: text for name, text in texts.items() if text or name != "notes"}  # empty: stays as it is
    try:
        changed = changes.change_need(
            get_store(), settings(), need_id, kept, from_day=from_day, revision=asked.revision(), by=actor(), now=now()
        )
    except InvalidFields as wrong:
        return form_page(texts, wrong.by_field(language()), need), 422
    except InputError as wrong:
        return form_page(texts, {}, need, sentence(wrong)), 422
    return redirect(url_for("needs.show", need_id=changed.id, done="change"), 303)


@bp.post("/needs/<need_id>/pause")
@action("need.write")
@once()
def pause(need_id: str) -> Response:
    follower = changes.pause_need(
        get_store(), settings(), need_id, asked.day_needed("from"), asked.day_needed("until"), by=actor(), now=now()
    )
    return redirect(url_for("needs.show", need_id=follower.id if follower else need_id, done="pause"), 303)


@bp.post("/slots/<slot_id>/skip")
@action("need.write")
def skip(slot_id: str) -> Response:
    why = request.form.get("reason", "").strip()[:200]
    changes.skip_visit(get_store(), slot_id, reason=why, by=actor(), now=now())
    return redirect(url_for("slots.slot", slot_id=slot_id), 303)


@bp.post("/slots/<slot_id>/back")
@action("need.write")
def bring_back(slot_id: str) -> Response:
    changes.bring_back_visit(get_store(), settings(), slot_id, by=actor(), now=now())
    return redirect(url_for("slots.slot", slot_id=slot_id), 303)
