"""The catalogue: every service type, what it asks for, new ones, and which needs a change would touch."""

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from scheduler.forms.form import InvalidFields
from scheduler.forms.references import Directory
from scheduler.forms.sheets import sheets
from scheduler.model.services import ServiceType
from scheduler.needs.service_form import save_service_type, service_form, touched_by
from scheduler.store import audit
from scheduler.store.people import recipients
from scheduler.store.services import service_types
from web import asked
from web.context import actor, get_store, now
from web.once import once
from web.security import action, in_area
from web.staff.form_fields import Shown, shown_fields, texts_of, texts_sent
from web.words import language

bp = Blueprint("services", __name__)

USUAL = {"minutes": "45", "heads": "1", "min_heads": "1", "priority": "2", "continuity": "none",
    "place": "at_recipient", "needs_insurance": "是", "standbys": "0", "active": "是"}  # fmt: skip
SHOWN_NEEDS = 50


@bp.get("/services")
@action("service.read")
def index() -> str:
    found = service_types.where(get_store(), "1 ORDER BY active DESC, code")
    return render_template("staff/services.html", services=found)


@bp.get("/services/new")
@action("service.write")
def new() -> str:
    return form_page(None, USUAL, {})


@bp.post("/services/new")
@action("service.write")
@once(alike=True)
def add() -> Response | tuple[str, int]:
    return saved(None)


@bp.get("/services/<service_code>")
@action("service.read")
def one(service_code: str) -> str:
    here, directory = service_types.get(get_store(), service_code), Directory.of(get_store())
    form, sheet = service_form(directory, language()), sheets()["service_types"]
    fields = shown_fields(form, sheet, directory, texts_of(form, sheet, here), {})
    in_another = {"zh": ("name_en", "risk_en"), "en": ("name_zh", "risk_zh")}[language()]
    return render_template(
        "staff/service.html", here=here, facts=[(one.label, said(one)) for one in fields if one.name not in in_another],
        needs=touched_by(get_store(), service_code), history_rows=audit.history(get_store(), "service", service_code),
    )  # fmt: skip


def said(field: Shown) -> str:
    """What stands in a field, in the reader's words."""
    words = dict(field.options)
    chosen = [words.get(value, value) for value in field.chosen]
    return ("、" if language() == "zh" else ", ").join(chosen) if field.options else field.value


@bp.get("/services/<service_code>/edit")
@action("service.write")
def edit(service_code: str) -> str:
    here = service_types.get(get_store(), service_code)
    form = service_form(Directory.of(get_store()), language())
    return form_page(here, texts_of(form, sheets()["service_types"], here), {})


@bp.post("/services/<service_code>/edit")
@action("service.write")
def change(service_code: str) -> Response | tuple[str, int]:
    return saved(service_types.get(get_store(), service_code))


def form_page(
    here: ServiceType | None, texts: dict[str, str], errors: dict[str, str], *, tell_needs: bool = False
) -> str:
    """The form of a new or stored type, with what was typed; `tell_needs`: and the needs that the change touches."""
    store = get_store()
    directory = Directory.of(store)
    fields = shown_fields(service_form(directory, language()), sheets()["service_types"], directory, texts, errors)
    touched = touched_by(store, here.code) if here and tell_needs else []
    named = [(need, recipients.get(store, need.recipient_id)) for need in touched[:SHOWN_NEEDS]]
    return render_template(
        "staff/service_form.html", fields=fields, here=here, errors=errors, count=len(touched),
        needs=[(need, who) for need, who in named if in_area(who.grid_id)],
    )  # fmt: skip


def saved(here: ServiceType | None) -> Response | tuple[str, int]:
    """Stores what the form sent; a change that touches published needs is shown with them first."""
    store = get_store()
    texts = texts_sent(service_form(Directory.of(store)), sheets()["service_types"])
    try:
        if here and request.form.get("seen") != "1" and touched_by(store, here.code):
            service_form(Directory.of(store)).read(texts, here)
            return form_page(here, texts, {}, tell_needs=True), 200
        made = save_service_type(
            store, texts, code=here.code if here else None, revision=asked.revision() if here else None,
            by=actor(), now=now(),
        )  # fmt: skip
    except InvalidFields as wrong:
        return form_page(here, texts, wrong.by_field(language())), 422
    return redirect(url_for("services.one", service_code=made.code), 303)
