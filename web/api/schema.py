"""What goes in and out of the API, as strict models; the blueprint that all its routes share."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from flask import Response, jsonify
from flask_babel import gettext as _
from flask_openapi import APIBlueprint
from pydantic import BaseModel, ConfigDict, Field, ValidationError

Id = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")]
Clock = Annotated[str, Field(pattern="^([01][0-9]|2[0-3]):[0-5][0-9]$", examples=["14:30"])]
Text = Annotated[str, Field(max_length=80, pattern=r"^[^\x00-\x1f\x7f]*$")]
Weekday = Annotated[int, Field(ge=1, le=8, description="1 = Monday; 8 = every working day of the official calendar")]

MonthDay = Annotated[
    str,
    Field(
        pattern=r"^(-1|[1-9]|[12][0-9]|3[01]|(-1|[1-5])\.[1-7])$",
        description='"15" the 15th, "-1" the last day, "1.6" the first Saturday, "-1.5" the last Friday',
        examples=["1.6"],
    ),
]


class In(BaseModel):
    """What a client sends: an unknown field is an error, so a misspelt one is found."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """What a client gets: nothing besides the documented fields."""

    model_config = ConfigDict(extra="forbid", from_attributes=True)


class FieldError(Out):
    field: str
    message: str


class Problem(Out):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    request_id: str = ""
    errors: list[FieldError] = []


def failure(description: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": description, "content": {"application/problem+json": {"schema": schema}}}


ALWAYS: Any = {
    "400": failure("The request cannot be read"),
    "401": failure("No valid token"),
    "403": failure("The token or its account may not do this"),
    "404": failure("There is no such object, or it lies outside the account's area"),
    "413": failure("The request is too large"),
    "415": failure("The body is not application/json"),
    "422": failure("A field is wrong"),
    "429": failure("Too many requests; see Retry-After"),
    "503": failure("Busy; try again in a few seconds"),
}
API = APIBlueprint("api", __name__, url_prefix="/api/v1", abp_responses=ALWAYS, abp_security=[{"token": []}])


def problem_of(error: ValidationError) -> Response:
    """The fields that do not fit, each with what was expected."""
    found = [
        {"field": ".".join(map(str, e["loc"])) or "body", "message": e["msg"]}
        for e in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    return problem(422, _("Please check the entries"), found[0]["field"] + ": " + found[0]["message"], found)


def problem(status: int, title: str, detail: str, errors: list[dict[str, str]]) -> Response:
    body = jsonify(type="about:blank", title=title, status=status, detail=detail, request_id="", errors=errors)
    body.mimetype, body.status_code = "application/problem+json", status
    return body


class Paging(In):
    offset: int = Field(0, ge=0, le=1_000_000)
    limit: int = Field(50, ge=1, le=200)


class Days(Paging):
    """A first local day and how many days from there."""

    from_date: date
    days: int = Field(7, ge=1, le=62)


class NeedId(In):
    need_id: Id


class SlotId(In):
    slot_id: Id


class PlanId(In):
    plan_id: Id


class SentOnce(BaseModel):
    """Under one key a request counts once for a day: sent again it is answered the same, another one is refused."""

    key: str | None = Field(None, alias="Idempotency-Key", min_length=1, max_length=200)


class NewNeed(In):
    """A wish for help. What is left out follows the service type."""

    service_type: Annotated[str, Field(pattern="^[A-Z][0-9]{2}$", examples=["E01"])]
    recipient_code: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00-\x1f\x7f]*$")]
    kind: Literal["once", "recurring", "cadence"]
    from_date: date
    until_date: date | None = None
    weekdays: list[Weekday] = Field([], max_length=8)
    every_weeks: int | None = Field(None, ge=1, le=26)
    month_days: list[MonthDay] = Field([], max_length=31)
    on_holidays: Literal["as_usual", "skip", "next_workday"] | None = None
    per_week: int | None = Field(None, ge=1, le=7)
    max_gap_days: int | None = Field(None, ge=1, le=31)
    start: Clock | None = None
    end: Clock | None = None
    minutes: int | None = Field(None, ge=5, le=720)
    heads: int | None = Field(None, ge=1, le=50)
    min_heads: int | None = Field(None, ge=1, le=50)
    priority: int | None = Field(None, ge=1, le=5)
    title: Text = ""


class NeedOut(Out):
    id: str
    code: str
    service_type: str
    recipient_code: str
    recipient_name: str
    kind: str
    state: str
    from_date: date
    until_date: date | None
    weekdays: list[int]
    month_days: list[str]
    on_holidays: str
    per_week: int | None
    start: str | None
    end: str | None
    title: str
    revision: int


class NeedList(Out):
    total: int
    offset: int
    items: list[NeedOut]


class AssignmentOut(Out):
    id: str
    volunteer_id: str
    volunteer_name: str
    starts_at: datetime
    state: str
    pinned: bool


class SlotOut(Out):
    """`state`: filled, partly, empty or cancelled; `starts_at` is the planned start, the earliest while it is empty."""

    id: str
    need_id: str
    service_type: str
    recipient_name: str
    grid: str
    service_date: date
    earliest_at: datetime
    latest_at: datetime
    starts_at: datetime
    minutes: int
    heads: int
    taken: int
    priority: int
    state: str
    people: list[AssignmentOut]


class SlotList(Out):
    total: int
    offset: int
    items: list[SlotOut]


class SlotAssignments(Out):
    items: list[AssignmentOut]


class PlanOut(Out):
    id: str
    run_id: str
    state: str
    from_date: date
    until_date: date
    created_at: datetime
    published_at: datetime | None
    figures: dict[str, Any]


class PlanList(Out):
    items: list[PlanOut]


class Suggested(Out):
    """Somebody who could take the slot; lower ranks come first."""

    rank: int
    volunteer_id: str
    volunteer_name: str
    starts_at: datetime
    coverage_change: int
    cost_change: int


class Recommendations(Out):
    items: list[Suggested]
