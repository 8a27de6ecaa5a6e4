"""Organisations: the list, one page each, the links between them."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduler.forms.form import InvalidFields
from scheduler.forms.references import Directory
from scheduler.forms.sheets import sheets
from scheduler.model.people import Organisation
from scheduler.places.organisation_form import organisation_form
from scheduler.places.organisations import LINK_KINDS, link, linked_with, save_organisation, unlink
from scheduler.store import audit
from scheduler.store.people import grids, organisations
from scheduler.store.queries.staff_lists import organisations_page
from web import asked
from web.context import account, actor, get_store, now
from web.once import once
from web.security import action, area, in_area
from web.staff.form_fields import shown_fields, texts_of, texts_sent
from web.words import language

bp = Blueprint("organisations", __name__)


@bp.get("/organisations")
@action("organisation.read")
def index() -> str:
    page = organisations_page(get_store(), reader=asked.reader(), text=asked.text("text"), offset=asked.whole("offset"))
    return render_template("staff/organisations.html", page=page)


@bp.get("/organisations/new")
@action("organisation.write")
def new() -> str:
    return form_page(None, {}, {})


@bp.post("/organisations/new")
@action("organisation.write")
@once(alike=True)
def add() -> Response | tuple[str, int]:
    return saved(None)


@bp.get("/organisations/<organisation_id>")
@action("organisation.read")
def one(organisation_id: str) -> str:
    store = get_store()
    here = organisations.get(store, organisation_id)
    return render_template(
        "staff/organisation.html", here=here, grid=grids.get(store, here.grid_id), kinds=LINK_KINDS,
        links=[known for known in linked_with(store, organisation_id) if in_area(known.other.grid_id)],
        others=others(here), history_rows=audit.history(store, "organisation", organisation_id),
    )  # fmt: skip


def others(here: Organisation) -> list[Organisation]:
    """The other organisations that the account may see."""
    return [o for o in organisations.where(get_store(), "1 ORDER BY name") if o.id != here.id and in_area(o.grid_id)]


@bp.get("/organisations/<organisation_id>/edit")
@action("organisation.write")
def edit(organisation_id: str) -> str:
    here = organisations.get(get_store(), organisation_id)
    return form_page(here, texts_of(organisation_form(Directory.of(get_store())), sheets()["organisations"], here), {})


@bp.post("/organisations/<organisation_id>/edit")
@action("organisation.write")
def change(organisation_id: str) -> Response | tuple[str, int]:
    return saved(organisations.get(get_store(), organisation_id))


@bp.post("/organisations/<organisation_id>/links")
@action("organisation.write")
def add_link(organisation_id: str) -> Response:
    other = asked.choice("other", (o.id for o in others(organisations.get(get_store(), organisation_id))))
    link(get_store(), organisation_id, other, asked.choice("kind", LINK_KINDS), by=actor(), now=now())
    return redirect(url_for("organisations.one", organisation_id=organisation_id), 303)


@bp.post("/organisations/<organisation_id>/links/end")
@action("organisation.write")
def end_link(organisation_id: str) -> Response:
    unlink(get_store(), organisation_id, asked.text("link"), by=actor(), now=now())
    return redirect(url_for("organisations.one", organisation_id=organisation_id), 303)


def form_page(here: Organisation | None, texts: dict[str, str], errors: dict[str, str]) -> str:
    """The form of a new or stored organisation, with what was typed if it was refused."""
    directory = Directory.of(get_store())
    fields = shown_fields(organisation_form(directory), sheets()["organisations"], directory, texts, errors)
    return render_template("staff/organisation_form.html", fields=fields, here=here, errors=errors)


def saved(here: Organisation | None) -> Response | tuple[str, int]:
    texts = texts_sent(organisation_form(Directory()), sheets()["organisations"])
    within = None if account().grid_id is None else area()
    try:
        made = save_organisation(
            get_store(), texts, organisation_id=here.id if here else None, revision=asked.revision() if here else None,
            by=actor(), now=now(), within=within,
        )  # fmt: skip
    except InvalidFields as wrong:
        return form_page(here, texts, wrong.by_field(language())), 422
    return redirect(url_for("organisations.one", organisation_id=made.id), 303)
