"""Needs: list, read, publish, cancel."""

from typing import Any

from flask import jsonify, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from scheduler.forms.form import InvalidFields
from scheduler.model.people import Recipient, RecipientKind
from scheduler.model.reading_rights import masked_name
from scheduler.model.services import Need
from scheduler.needs.need_form import must_take_place, save_need
from scheduler.store.people import recipients
from scheduler.store.queries.api_lists import needs_of_area
from scheduler.store.services import needs
from web import words
from web.api.schema import API, NeedId, NeedList, NeedOut, NewNeed, Paging, SentOnce, failure, problem
from web.context import actor, get_store, now, settings
from web.once import once
from web.security import action, area

THE_APIS_WORD = {"recipient_id": "recipient_code"}  # for a field of the form


class NeedQuery(Paging):
    """Which needs."""

    state: str = ""
    recipient_code: str = ""


@API.get("/needs", responses={"200": NeedList}, summary="Needs of the account's area, newest first")
@action("need.read")
def list_needs(query: NeedQuery) -> Response:
    total, rows = needs_of_area(
        get_store(),
        area(),
        state=query.state,
        recipient_code=query.recipient_code,
        offset=query.offset,
        size=query.limit,
    )
    items = [as_json(need, recipients.get(get_store(), need.recipient_id)) for need in rows]
    return jsonify(total=total, offset=query.offset, items=items)


@API.get("/needs/<need_id>", responses={"200": NeedOut}, summary="One need")
@action("need.read")
def read_need(path: NeedId) -> Response:
    need = needs.get(get_store(), path.need_id)
    return jsonify(as_json(need, recipients.get(get_store(), need.recipient_id)))


@API.post(
    "/needs",
    responses={"201": NeedOut, "409": failure("Somebody changed it meanwhile")},
    summary="Publish a need; the next plan gives it dated slots",
)
@action("need.write")
@once()
def publish_need(header: SentOnce, body: NewNeed) -> Response:
    found = [r for r in recipients.by(get_store(), code=body.recipient_code) if r.grid_id in area() and r.active]
    if not found:
        return wrong("recipient_code", _("There is no such recipient in your area."))
    try:
        with get_store().transaction():
            need = save_need(get_store(), texts_of(body, found[0]), by=actor(), now=now())
            must_take_place(get_store(), settings(), need, now=now())
    except InvalidFields as error:
        (field, message), *_rest = error.by_field(words.language()).items()
        return wrong(THE_APIS_WORD.get(field, field), message)
    response = jsonify(as_json(need, found[0]))
    response.status_code = 201
    response.headers["Location"] = url_for("api.read_need", need_id=need.id)
    return response


@API.post(
    "/needs/<need_id>/cancel",
    responses={"200": NeedOut, "409": failure("Somebody changed it meanwhile")},
    summary="Cancel a need; its visits to come end, and their people are told",
)
@action("need.write")
@once()
def cancel_need(header: SentOnce, path: NeedId) -> Response:
    need = needs.get(get_store(), path.need_id)
    need = save_need(
        get_store(), {"state": "cancelled"}, need_id=need.id, revision=need.revision, by=actor(), now=now()
    )
    return jsonify(as_json(need, recipients.get(get_store(), need.recipient_id)))


def texts_of(body: NewNeed, recipient: Recipient) -> dict[str, str]:
    """The fields as the one form of needs reads them: text, empty where nothing was sent."""
    values = body.model_dump(mode="json", exclude={"recipient_code"}, exclude_none=True)
    values["weekdays"] = "、".join(str(day) for day in sorted(set(body.weekdays)))
    values["month_days"] = "、".join(body.month_days)
    return {name: str(value) for name, value in values.items() if value != ""} | {"recipient_id": recipient.code}


def wrong(field: str, message: str) -> Response:
    detail = f"{field}: {message}"
    return problem(422, _("Please check the entries"), detail, [{"field": field, "message": message}])


def as_json(need: Need, recipient: Recipient) -> dict[str, Any]:
    private = recipient.kind is RecipientKind.ELDER
    name = masked_name(recipient.name, recipient.gender, words.language()) if private else recipient.name
    return NeedOut(
        id=need.id,
        code=need.code,
        service_type=need.service_type,
        recipient_code=recipient.code,
        recipient_name=name,
        kind=need.kind.value,
        state=need.state.value,
        from_date=need.from_date,
        until_date=need.until_date,
        weekdays=list(need.weekdays),
        month_days=list(need.month_days),
        on_holidays=need.on_holidays.value,
        per_week=need.per_week,
        start=need.start,
        end=need.end,
        title=need.title,
        revision=need.revision,
    ).model_dump(mode="json")
