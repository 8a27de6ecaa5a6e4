"""Slots, who is on them, and who else could take them."""

from datetime import date, timedelta
from typing import Any

from flask import jsonify
from werkzeug.wrappers import Response

from scheduler.model.people import RecipientKind
from scheduler.model.reading_rights import masked_name
from scheduler.store.people import volunteers
from scheduler.store.queries.board_lists import Person, SlotRow, slot_row, slots_page
from scheduler.store.standbys import standbys_of
from web import words
from web.api.schema import (
    API,
    AssignmentOut,
    Days,
    Recommendations,
    SlotAssignments,
    SlotId,
    SlotList,
    SlotOut,
    Suggested,
)
from web.context import get_store, now
from web.security import action, area_limit, in_area

FAR_AHEAD = date(9000, 1, 1)  # no calendar goes on for ever


@API.get("/slots", responses={"200": SlotList}, summary="Slots of some local days, earliest first")
@action("slot.read")
def list_slots(query: Days) -> Response:
    until_date = min(query.from_date, FAR_AHEAD) + timedelta(days=query.days - 1)
    page = slots_page(
        get_store(), query.from_date, until_date, area=area_limit(), offset=query.offset, size=query.limit
    )
    return jsonify(total=page.total, offset=page.offset, items=[as_json(row) for row in page.rows])


@API.get("/slots/<slot_id>", responses={"200": SlotOut}, summary="One slot")
@action("slot.read")
def read_slot(path: SlotId) -> Response:
    return jsonify(as_json(found(path.slot_id)))


@API.get("/slots/<slot_id>/assignments", responses={"200": SlotAssignments}, summary="Who is on a slot")
@action("assignment.read")
def list_assignments(path: SlotId) -> Response:
    return jsonify(items=[on_it(person) for person in found(path.slot_id).people])


@API.get(
    "/slots/<slot_id>/recommendations",
    responses={"200": Recommendations},
    summary="Ranked people who could take a slot",
)
@action("recommendation.read")
def recommend(path: SlotId) -> Response:
    items = []
    for standby in standbys_of(get_store(), path.slot_id, now=now()):
        person = volunteers.get(get_store(), standby.volunteer_id)
        if not in_area(person.grid_id):
            continue
        items.append(
            Suggested(
                rank=standby.rank,
                volunteer_id=person.id,
                volunteer_name=masked_name(person.name, person.gender, words.language()),
                starts_at=standby.starts_at,
                coverage_change=standby.coverage_change,
                cost_change=standby.cost_change,
            ).model_dump(mode="json")
        )
    return jsonify(items=items)


def found(slot_id: str) -> SlotRow:
    row = slot_row(get_store(), slot_id)
    if row is None:
        raise LookupError(f"slot {slot_id} was checked by the policy and is gone")
    return row


def as_json(row: SlotRow) -> dict[str, Any]:
    private = row.recipient_kind == RecipientKind.ELDER
    return SlotOut(
        id=row.id,
        need_id=row.need_id,
        service_type=row.service_type,
        recipient_name=masked_name(row.recipient_name, row.gender, words.language()) if private else row.recipient_name,
        grid=row.grid_name,
        service_date=row.service_date,
        earliest_at=row.earliest_at,
        latest_at=row.latest_at,
        starts_at=row.starts_at,
        minutes=row.minutes,
        heads=row.heads,
        taken=row.taken,
        priority=row.priority,
        state=row.state,
        people=[AssignmentOut(**on_it(person)) for person in row.people],
    ).model_dump(mode="json")


def on_it(person: Person) -> dict[str, Any]:
    return AssignmentOut(
        id=person.assignment_id,
        volunteer_id=person.volunteer_id,
        volunteer_name=masked_name(person.name, person.gender, words.language()),
        starts_at=person.starts_at,
        state=person.state,
        pinned=person.pinned,
    ).model_dump(mode="json")
