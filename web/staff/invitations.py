"""Slips that let volunteers in: for one, for the chosen ones, or for everybody of a list who has no login."""

import segno
from flask import Blueprint, redirect, render_template, url_for
from werkzeug.wrappers import Response

from scheduler.errors import InputError
from scheduler.localized import LocalizedText
from scheduler.people import invitations as use
from scheduler.store import invitations, people
from web import asked
from web.context import actor, get_store, now, site_address
from web.security import action, visible_volunteer
from web.staff.bulk import chosen
from web.staff.people import list_of_volunteers

bp = Blueprint("invitations", __name__)

MOST = 400  # slips of one print


@bp.post("/invitations")
@action("volunteer.write")
def make() -> str:
    """Prints slips for the chosen volunteers, or for all of the list behind the form who have no login."""
    ids = [visible_volunteer(volunteer_id) for volunteer_id in chosen()]
    if asked.text("all") == "1":
        ids = [row.id for row in list_of_volunteers(login="none", size=MOST).rows]
    if not ids:
        raise InputError(LocalizedText("nobody is chosen, or all have a login or a slip already: tick a row first"))
    return slips_page(ids)


@bp.post("/volunteers/<volunteer_id>/invitation")
@action("volunteer.write")
def make_one(volunteer_id: str) -> str:
    return slips_page([volunteer_id])


@bp.post("/volunteers/<volunteer_id>/invitation/end")
@action("volunteer.write")
def end(volunteer_id: str) -> Response:
    with get_store().transaction():
        invitations.end(get_store(), volunteer_id)
    return redirect(url_for("people.volunteer", volunteer_id=volunteer_id), 303)


def slips_page(ids: list[str]) -> str:
    """One slip a person, by organisation: the addresses are shown only now."""
    slips = use.invite(get_store(), ids, by=actor(), now=now())
    named = {organisation.id: organisation.name for organisation in people.organisations.where(get_store())}
    shown = [
        (slip, named.get(slip.volunteer.organisation_id or "", ""), address, picture(address))
        for slip in slips
        for address in [site_address() + url_for("join.look", token=slip.token)]
    ]
    shown.sort(key=lambda row: (row[1], row[0].volunteer.code))
    return render_template("staff/slips.html", slips=shown)


def picture(address: str) -> str:
    """The QR code of an address as an image's address."""
    return segno.make(address, error="m").svg_data_uri(scale=4, border=2, light="#fff")
