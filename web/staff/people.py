"""Volunteers, recipients and pairs: lists, one page each, revealing what is masked."""

from datetime import timedelta

from flask import Blueprint, render_template, request

from scheduler.people import privacy
from scheduler.store import audit, invitations
from scheduler.store import people as stored
from scheduler.store.accounts import accounts
from scheduler.store.queries.board_lists import slots_page
from scheduler.store.queries.paging import PAGE, Page
from scheduler.store.queries.staff_lists import (
    VolunteerRow,
    needs_page,
    pairs_page,
    recipients_page,
    visits_of_volunteer,
    volunteers_page,
)
from scheduler.store.refusals import refusals_of
from scheduler.store.services import service_types
from web import asked
from web.contact_points import chosen
from web.context import actor, get_store, now, settings
from web.security import action, area_limit, reader

bp = Blueprint("people", __name__)

KINDS = ("courier", "party_member", "resident")
RECIPIENT_KINDS = ("elder", "enterprise", "building", "park", "station")
RISKS = ("high", "key", "general")
ACTIVE = ("1", "0", "")
LOGINS = ("none", "invited", "has")
TWO_WEEKS = timedelta(days=13)


@bp.get("/volunteers")
@action("volunteer.read")
def volunteers() -> str:
    return render_template("staff/volunteers.html", page=list_of_volunteers(), kinds=KINDS, logins=LOGINS)


def list_of_volunteers(login: str = "", size: int = PAGE) -> Page[VolunteerRow]:
    """The list that the request's filters ask for."""
    return volunteers_page(
        get_store(), reader=asked.reader(), text=asked.text("text"), kind=asked.one_of("kind", KINDS),
        active=asked.one_of("active", ACTIVE, "1"), login=login or asked.one_of("login", LOGINS), today=asked.today(),
        now=now(), offset=asked.whole("offset"), size=size,
    )  # fmt: skip


@bp.get("/volunteers/<volunteer_id>")
@action("volunteer.read")
def volunteer(volunteer_id: str, shown: privacy.Details | None = None) -> str:
    store = get_store()
    person = stored.volunteers.get(store, volunteer_id)
    return render_template(
        "staff/volunteer.html", person=person, shown=shown, accounts=accounts.by(store, volunteer_id=volunteer_id),
        invitation=invitations.of(store, volunteer_id, now=now()), grid=stored.grids.get(store, person.grid_id),
        organisation=stored.organisations.find(store, person.organisation_id or ""),
        rules=stored.availability_rules.by(store, volunteer_id=volunteer_id),
        exceptions=stored.availability_exceptions.by(store, volunteer_id=volunteer_id),
        visits=visits_of_volunteer(store, volunteer_id, reader=reader()),
        pairs=pairs_page(store, reader=reader(), volunteer_id=volunteer_id).rows,
        services={s.code: s for s in service_types.where(store)}, channels=chosen(volunteer_id),
        refusals=refusals_of(store, volunteer_id, area=area_limit()),
        history_rows=audit.history(store, "volunteer", volunteer_id),
    )  # fmt: skip


@bp.get("/recipients")
@action("recipient.read")
def recipients() -> str:
    page = recipients_page(
        get_store(), reader=asked.reader(), text=asked.text("text"), kind=asked.one_of("kind", RECIPIENT_KINDS),
        risk=asked.one_of("risk", RISKS), active=asked.one_of("active", ACTIVE, "1"), today=asked.today(),
        offset=asked.whole("offset"),
    )  # fmt: skip
    return render_template("staff/recipients.html", page=page, kinds=RECIPIENT_KINDS, risks=RISKS)


@bp.get("/recipients/<recipient_id>")
@action("recipient.read")
def recipient(recipient_id: str, shown: privacy.Details | None = None) -> str:
    store, monday = get_store(), asked.week()
    person = stored.recipients.get(store, recipient_id)
    return render_template(
        "staff/recipient.html", person=person, shown=shown, grid=stored.grids.get(store, person.grid_id),
        organisation=stored.organisations.find(store, person.organisation_id or ""),
        visits=slots_page(store, monday, monday + TWO_WEEKS, area=None, recipient_id=recipient_id),
        pairs=pairs_page(store, reader=reader(), recipient_id=recipient_id).rows,
        needs=needs_page(store, reader=reader(), recipient_id=recipient_id, state=""),
        history_rows=audit.history(store, "recipient", recipient_id), settings=settings(),
    )  # fmt: skip


@bp.post("/recipients/<recipient_id>/reveal")
@action("reveal")
def reveal_recipient(recipient_id: str) -> str:
    return recipient(recipient_id, opened("recipient", recipient_id))


@bp.post("/volunteers/<volunteer_id>/reveal")
@action("reveal")
def reveal_volunteer(volunteer_id: str) -> str:
    return volunteer(volunteer_id, opened("volunteer", volunteer_id))


def opened(kind: str, object_id: str) -> privacy.Details:
    """Full phone, address and notes for the reason given; the reading is recorded first."""
    return privacy.reveal(get_store(), kind, object_id, by=actor(), reason=request.form.get("reason", ""), now=now())


@bp.get("/pairs")
@action("pair.read")
def pairs() -> str:
    states = ("proposed", "trial", "active", "paused", "ended")
    page = pairs_page(
        get_store(), reader=asked.reader(), text=asked.text("text"), state=asked.one_of("state", states),
        offset=asked.whole("offset"),
    )  # fmt: skip
    return render_template("staff/pairs.html", page=page, states=states)
