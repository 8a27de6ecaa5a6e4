"""Volunteers and recipients as people write them: in a web form or in a row of a workbook.

`save_…` reads a dict of texts by field name (a missing field keeps its value, an empty one is cleared), raises
InvalidFields with a sentence for every wrong field, and writes the object, its audit row and the planning revision.
Promises that rested on what was changed are settled at once.
Fields accept the stored value ("female") as well as its Chinese and English word.
"""

from collections.abc import Iterator, Mapping
from dataclasses import MISSING, replace
from dataclasses import fields as model_fields
from datetime import datetime
from typing import Any, TypeVar

from scheduler.errors import StaleWrite
from scheduler.forms.fields import (
    LATITUDE,
    LONGITUDE,
    MINUTES,
    PEOPLE,
    ManyOf,
    Name,
    OneOf,
    Phone,
    Text,
    Trainings,
    Whole,
    YesNo,
)
from scheduler.forms.form import Form, unique_code
from scheduler.forms.references import Directory, References
from scheduler.forms.time_fields import Month, Spans, Year
from scheduler.localized import Localized, LocalizedText
from scheduler.localtime import local_date
from scheduler.model.ids import stable_id
from scheduler.model.people import Kind, Recipient, RecipientKind, RiskTier, Transport, Volunteer
from scheduler.model.phone_numbers import first_number
from scheduler.promises.settle import settled
from scheduler.store import Store, audit
from scheduler.store.directory import codes_in, next_code
from scheduler.store.people import organisations, recipients, volunteers
from scheduler.store.repository import Repository
from scheduler.words import vocabulary

CONSENTS = ("contact", "health_data", "auto_plan")  # what the signed agreement covers
MINUTES_OF_WEEK = 7 * 24 * 60
P = TypeVar("P", Volunteer, Recipient)


def volunteer_form(directory: Directory, now: datetime) -> Form[Volunteer]:
    """The fields of a volunteer. `consented` is the signed agreement and stands for the consents that it covers."""

    def make(values: dict[str, Any], existing: Volunteer | None) -> Volunteer:
        values = _placed(values, existing, directory)
        consented = values.pop("consented", None)
        if consented is not None:
            given = existing.consents if existing else {}
            values["consents"] = (given or dict.fromkeys(CONSENTS, now.replace(microsecond=0))) if consented else {}
        if values.get("transport", existing and existing.transport) is None:
            values["transport"] = Transport.EBIKE if Kind.COURIER in values["kinds"] else Transport.WALK
        if existing:
            return replace(existing, **values)
        return Volunteer(**{"gender": "", "id": stable_id("volunteer", values["code"]), **values})

    def problems(volunteer: Volunteer) -> Iterator[tuple[str, Localized]]:
        if volunteer.birth_month > local_date(now).isoformat()[:7]:
            yield "birth_month", LocalizedText("a month that has begun")

    services = References(directory.service_field(), tuple)
    return Form(
        fields={
            "code": Text(20),
            "name": Name(40),
            "kinds": ManyOf(vocabulary("kinds"), Kind),
            "gender": OneOf(vocabulary("genders")),
            "birth_month": Month(),
            "phone": Phone(),
            "grid_id": directory.grid_field(),
            "address": Text(120),
            "lat": LATITUDE,
            "lon": LONGITUDE,
            "transport": OneOf(vocabulary("transports"), Transport),
            "organisation_id": directory.organisation_field(),
            "languages": ManyOf(vocabulary("languages")),
            "skills": ManyOf(directory.skills),
            "trainings": Trainings(directory.skills),
            "consented": YesNo(),
            "insured": YesNo(),
            "auto_plan": YesNo(),
            "preferred_services": services,
            "max_visits_per_day": Whole(0, 20, "次"),
            "max_minutes_per_day": Whole(0, 24 * 60, MINUTES),
            "max_visits_per_week": Whole(0, 100, "次"),
            "max_minutes_per_week": Whole(0, MINUTES_OF_WEEK, MINUTES),
            "max_travel_min": Whole(0, 240, MINUTES),
            "max_pairs": Whole(0, 20, PEOPLE),
            "wished_minutes": Whole(0, MINUTES_OF_WEEK, MINUTES),
            "notes": Text(1000, lines=True),
            "active": YesNo(),
        },
        required=frozenset({"name", "kinds", "grid_id"}),
        empty=_defaults(Volunteer) | {"gender": "", "consented": False},
        make=make,
        problems=problems,
        prepare=_phone_and_more,
    )


def recipient_form(directory: Directory, now: datetime) -> Form[Recipient]:
    """The fields of a recipient; `blocked` names volunteers who must never be sent."""

    def make(values: dict[str, Any], existing: Recipient | None) -> Recipient:
        values = _placed(values, existing, directory)
        if existing:
            return replace(existing, **values)
        return Recipient(**{"id": stable_id("recipient", values["code"]), **values})

    def problems(recipient: Recipient) -> Iterator[tuple[str, Localized]]:
        this_year = local_date(now).year
        if recipient.birth_year is not None and recipient.birth_year > this_year:
            yield "birth_year", LocalizedText("a year up to %(this_year)s", this_year=this_year)

    return Form(
        fields={
            "code": Text(20),
            "name": Name(60),
            "kind": OneOf(vocabulary("recipient_kinds"), RecipientKind),
            "grid_id": directory.grid_field(),
            "address": Text(120),
            "lat": LATITUDE,
            "lon": LONGITUDE,
            "organisation_id": directory.organisation_field(),
            "gender": OneOf(vocabulary("genders")),
            "birth_year": Year(),
            "phone": Phone(),
            "lives_alone": YesNo(),
            "risk_tier": OneOf(vocabulary("risk_tiers"), RiskTier),
            "quiet_hours": Spans(),
            "gender_wish": OneOf(vocabulary("genders")),
            "language_wish": OneOf(vocabulary("languages")),
            "blocked": References(directory.volunteer_field()),
            "notes": Text(1000, lines=True),
            "active": YesNo(),
        },
        required=frozenset({"name", "kind", "grid_id"}),
        empty=_defaults(Recipient),
        make=make,
        problems=problems,
        prepare=_phone_and_more,
    )


def save_volunteer(
    store: Store,
    texts: Mapping[str, str],
    *,
    volunteer_id: str | None = None,
    revision: int | None = None,
    by: str,
    now: datetime,
    grids: set[str] | None = None,
) -> Volunteer:
    """A new volunteer (no id) or a changed one, from texts by field name: see volunteer_form.

    `grids` bounds whom a name may mean. Raises InvalidFields, NotFound, and StaleWrite if the object is not at
    `revision` any more.
    """
    directory = Directory.of(store, within=grids)
    form = volunteer_form(directory, now)
    return _save(store, volunteers, "volunteer", form, directory, texts, volunteer_id, revision, by, now)


def save_recipient(
    store: Store,
    texts: Mapping[str, str],
    *,
    recipient_id: str | None = None,
    revision: int | None = None,
    by: str,
    now: datetime,
    grids: set[str] | None = None,
) -> Recipient:
    """A new recipient (no id) or a changed one, from texts by field name: see recipient_form.

    Raises as save_volunteer does.
    """
    directory = Directory.of(store, within=grids)
    form = recipient_form(directory, now)
    return _save(store, recipients, "recipient", form, directory, texts, recipient_id, revision, by, now)


def _save(
    store: Store,
    repository: Repository[P],
    kind: str,
    form: Form[P],
    directory: Directory,
    texts: Mapping[str, str],
    id: str | None,
    revision: int | None,
    by: str,
    now: datetime,
) -> P:
    touched: dict[str, Any] = {repository.table: {id} if id else ()}
    with settled(store, **touched, by=by, now=now):
        existing = repository.get(store, id) if id else None
        if existing and revision is not None and existing.revision != revision:
            raise StaleWrite(
                LocalizedText("%(name)s was changed by somebody else meanwhile: load it again", name=existing.name)
            )
        texts = dict(texts)
        if existing is None:
            texts["code"] = texts.get("code") or next_code(store, repository.table)
        taken = codes_in(store, repository.table) - {existing.code if existing else ""}
        made = unique_code(form, taken).read(texts, existing)
        organisations.add_all(store, directory.new_organisations.values())
        made = repository.save(store, made) if existing else repository.add(store, made)
        store.touch()
        action = f"{kind}.change" if existing else f"{kind}.create"
        audit.record(store, at=now, actor=by, action=action, object_kind=kind, object_id=made.id)
    return made


def _phone_and_more(texts: Mapping[str, str], existing: Volunteer | Recipient | None) -> Mapping[str, str]:
    """A phone that is written with an extension or a further number stays whole in the notes."""
    number, whole = first_number(texts.get("phone", ""))
    if not number or not whole:
        return texts
    notes = texts.get("notes", existing.notes if existing else "")
    kept = notes if whole in notes else "\n".join(filter(None, (notes, f"☎ {whole}")))
    return {**texts, "phone": number, "notes": kept}


def _placed(values: dict[str, Any], existing: Volunteer | Recipient | None, directory: Directory) -> dict[str, Any]:
    """Coordinates that were left out are those of the grid, unless the object stays in its grid.

    A newly named organisation is placed there too.
    """
    grid_id = values.get("grid_id") or (existing.grid_id if existing else "")
    directory.place_organisation(values.get("organisation_id"), grid_id)
    if values.get("lat") is None or values.get("lon") is None:
        values = {name: value for name, value in values.items() if name not in ("lat", "lon")}
        if existing is None or existing.grid_id != grid_id:
            values |= {"lat": directory.grids[grid_id].lat, "lon": directory.grids[grid_id].lon}
    return values


def _defaults(model: type) -> dict[str, Any]:
    """What an empty field means: the model's own default."""
    return {
        item.name: item.default_factory() if item.default_factory is not MISSING else item.default
        for item in model_fields(model)
        if item.default is not MISSING or item.default_factory is not MISSING
    }
