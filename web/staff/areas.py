"""The tree of areas: one page of all, one page of each with what may be done to it."""

from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduler.forms.form import InvalidFields
from scheduler.forms.references import Directory
from scheduler.forms.sheets import sheets
from scheduler.model.people import Grid
from scheduler.places.area_form import area_form
from scheduler.places.areas import merge_areas, remove_area, save_area
from scheduler.places.tree import tree
from scheduler.store import audit
from scheduler.store.areas import uses_of
from scheduler.store.people import grids
from web import asked
from web.context import account, actor, get_store, now
from web.once import once
from web.security import action, area, area_limit, in_area
from web.staff.form_fields import shown_fields, texts_of, texts_sent
from web.words import language

bp = Blueprint("areas", __name__)


@bp.get("/areas")
@action("area.read")
def index() -> str:
    return render_template("staff/areas.html", tree=tree(get_store(), area_limit()))


@bp.get("/areas/new")
@action("area.write")
def new() -> str:
    above = asked.grid()
    return form_page(None, {"parent_id": Directory.of(get_store()).grid_name(above)} if above else {}, {})


@bp.post("/areas/new")
@action("area.write")
@once(alike=True)
def add() -> Response | tuple[str, int]:
    return saved(None)


@bp.get("/areas/<grid_id>")
@action("area.read")
def one(grid_id: str) -> str:
    store = get_store()
    here = grids.get(store, grid_id)
    (branch,) = tree(store, grid_id)
    above = grids.find(store, here.parent_id or "")
    return render_template(
        "staff/area.html", here=here, above=above if above and in_area(above.id) else None, branch=branch,
        alike=alike(here), uses=uses_of(store, grid_id), history_rows=audit.history(store, "area", grid_id),
    )  # fmt: skip


def alike(here: Grid) -> list[Grid]:
    """The other areas of the same kind that the account may see: with one of them it may be merged."""
    return [other for other in grids.by(get_store(), kind=here.kind) if other.id != here.id and in_area(other.id)]


@bp.get("/areas/<grid_id>/edit")
@action("area.write")
def edit(grid_id: str) -> str:
    here = grids.get(get_store(), grid_id)
    return form_page(here, texts_of(area_form(Directory.of(get_store())), sheets()["grids"], here), {})


@bp.post("/areas/<grid_id>/edit")
@action("area.write")
def change(grid_id: str) -> Response | tuple[str, int]:
    return saved(grids.get(get_store(), grid_id))


@bp.post("/areas/<grid_id>/merge")
@action("area.write")
def merge(grid_id: str) -> Response:
    """The area of the address stays; the one that the form names goes into it."""
    other = asked.choice("other", (area.id for area in alike(grids.get(get_store(), grid_id))))
    merge_areas(get_store(), grid_id, other, by=actor(), now=now())
    return redirect(url_for("areas.one", grid_id=grid_id), 303)


@bp.post("/areas/<grid_id>/remove")
@action("area.write")
def remove(grid_id: str) -> Response:
    remove_area(get_store(), grid_id, by=actor(), now=now())
    return redirect(url_for("areas.index"), 303)


def form_page(here: Grid | None, texts: dict[str, str], errors: dict[str, str]) -> str:
    """The form of a new or stored area, with what was typed if it was refused."""
    directory = Directory.of(get_store())
    fields = shown_fields(area_form(directory), sheets()["grids"], directory, texts, errors)
    return render_template("staff/area_form.html", fields=fields, here=here, errors=errors)


def saved(here: Grid | None) -> Response | tuple[str, int]:
    texts = texts_sent(area_form(Directory()), sheets()["grids"])
    within = None if account().grid_id is None else area()
    try:
        made = save_area(
            get_store(), texts, area_id=here.id if here else None, revision=asked.revision() if here else None,
            by=actor(), now=now(), within=within,
        )  # fmt: skip
    except InvalidFields as wrong:
        return form_page(here, texts, wrong.by_field(language())), 422
    return redirect(url_for("areas.one", grid_id=made.id), 303)
