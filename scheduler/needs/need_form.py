"""Needs as people write them: in a web form or in a row of a workbook."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from scheduler.config import Config
from scheduler.errors import StaleWrite
from scheduler.forms.fields import MINUTES, PEOPLE, ManyOf, OneOf, Team, Text, Whole
from scheduler.forms.form import Form, InvalidFields, unique_code
from scheduler.forms.month_days import MonthDays
from scheduler.forms.references import Directory
from scheduler.forms.sheets import sheets
from scheduler.forms.time_fields import Clock, Day, Weekdays
from scheduler.localized import Listing, Localized, LocalizedText, Word
from scheduler.localtime import minutes_of
from scheduler.model.ids import stable_id
from scheduler.model.people import Recipient
from scheduler.model.services import Need, NeedKind, NeedState, OnHolidays, ServiceType
from scheduler.needs.occurrence import why_never
from scheduler.promises.settle import settled
from scheduler.store import Store, audit
from scheduler.store.directory import codes_in, next_code
from scheduler.store.people import recipients
from scheduler.store.services import needs, service_types
from scheduler.words import vocabulary

EMPTY: dict[str, Any] = {
    "weekdays": (),
    "every_weeks": 1,
    "month_days": (),
    "on_holidays": OnHolidays.AS_USUAL,
    "team": (),
    "requires_all": (),
    "gender_wish": "",
    "language_wish": "",
    "title": "",
    "notes": "",
    "state": NeedState.PUBLISHED,
}


def need_form(directory: Directory, by: str, now: datetime) -> Form[Need]:
    """The fields of a need."""

    def make(values: dict[str, Any], existing: Need | None) -> Need:
        if existing:
            return replace(existing, **values)
        made = {"id": stable_id("need", values["code"]), "created_by": by, "created_at": now.replace(microsecond=0)}
        return Need(**{**made, **values})

    def problems(need: Need) -> Iterator[tuple[str, Localized]]:
        service = directory.services[need.service_type]
        kind = directory.recipient_kinds.get(need.recipient_id)
        if kind is not None and kind not in service.recipient_kinds:
            words = tuple(Word("recipient_kinds", name) for name in service.recipient_kinds)
            yield (
                "recipient_id",
                LocalizedText(
                    "%(kinds)s, whom %(service)s is for", kinds=Listing(words, "、", " or "), service=service.name
                ),
            )
        yield from _rhythm_problems(need)
        minutes = need.minutes or service.minutes
        if need.start and need.end and minutes_of(need.end) - minutes_of(need.start) < minutes:
            yield (
                "end",
                LocalizedText("at least %(minutes)s minutes after %(start)s", minutes=minutes, start=need.start),
            )
        heads = need.heads or service.heads
        if need.min_heads and need.min_heads > heads:
            yield "min_heads", LocalizedText("at most the %(heads)s people wanted", heads=heads)
        if any(rule.at_least > heads for rule in need.team):
            yield "team", LocalizedText("at most %(heads)s people each", heads=heads)

    return Form(
        fields={
            "code": Text(20),
            "service_type": directory.service_field(),
            "recipient_id": directory.recipient_field(),
            "kind": OneOf(vocabulary("need_kinds"), NeedKind),
            "from_date": Day(),
            "until_date": Day(),
            "weekdays": Weekdays(),
            "every_weeks": Whole(1, 26, "周"),
            "month_days": MonthDays(),
            "on_holidays": OneOf(vocabulary("on_holidays"), OnHolidays),
            "per_week": Whole(1, 7, "次"),
            "max_gap_days": Whole(1, 31, "天|日"),
            "start": Clock(),
            "end": Clock(),
            "minutes": Whole(5, 12 * 60, MINUTES),
            "heads": Whole(1, 50, PEOPLE),
            "min_heads": Whole(1, 50, PEOPLE),
            "priority": Whole(1, 5, "级"),
            "team": Team(directory.tags),
            "requires_all": ManyOf(directory.tags, collect=tuple),
            "gender_wish": OneOf(vocabulary("genders")),
            "language_wish": OneOf(vocabulary("languages")),
            "title": Text(80),
            "notes": Text(1000, lines=True),
            "state": OneOf(vocabulary("need_states"), NeedState),
        },
        required=frozenset({"service_type", "recipient_id", "kind", "from_date"}),
        empty=EMPTY,
        make=make,
        problems=problems,
    )


def _rhythm_problems(need: Need) -> Iterator[tuple[str, Localized]]:
    if need.kind is NeedKind.RECURRING and not (need.weekdays or need.month_days):
        yield "weekdays", LocalizedText("weekdays like Tue, Fri for this kind of need, or days of the month")
    if need.month_days and (need.weekdays or need.every_weeks > 1):
        yield "month_days", LocalizedText("either weekdays or days of the month, not both")
    if need.month_days and need.kind is not NeedKind.RECURRING:
        yield "month_days", LocalizedText("nothing here, except for a need on fixed days")
    if need.kind is not NeedKind.CADENCE and need.per_week:
        yield "per_week", LocalizedText("nothing here, except for a need by times a week")
    if need.until_date and need.until_date < need.from_date:
        yield "until_date", LocalizedText("no day before the need begins, %(from_date)s", from_date=need.from_date)


def never_takes_place(
    need: Need, service: ServiceType, recipient: Recipient, config: Config, *, now: datetime
) -> Localized | None:
    """The sentence about a published need of which no visit can come, naming the field; None if one can."""
    mistake = why_never(need, service, recipient, config, now=now)
    if mistake is None:
        return None
    title = sheets()["needs"].title_of(mistake.field)
    return LocalizedText("no visit will come of it: '%(title)s' %(mistake)s", title=title, mistake=mistake.sentence())


def must_take_place(store: Store, config: Config, need: Need, *, now: datetime) -> None:
    """Raises InvalidFields, naming what would help, if no visit can ever come of the need."""
    service, recipient = service_types.get(store, need.service_type), recipients.get(store, need.recipient_id)
    if mistake := why_never(need, service, recipient, config, now=now):
        raise InvalidFields([mistake])


def save_need(
    store: Store,
    texts: Mapping[str, str],
    *,
    need_id: str | None = None,
    revision: int | None = None,
    by: str,
    now: datetime,
) -> Need:
    """A new need (no id) or a changed one, from texts by field name: see need_form.

    Promises that the change forbids end, and their people are told; the visits follow with the next expansion.
    Raises InvalidFields, NotFound, and StaleWrite if the need is not at `revision` any more.
    """
    with settled(store, needs=[need_id] if need_id else (), by=by, now=now):
        existing = needs.get(store, need_id) if need_id else None
        if existing and revision is not None and existing.revision != revision:
            raise StaleWrite(
                LocalizedText("need %(code)s was changed by somebody else meanwhile: load it again", code=existing.code)
            )
        texts = dict(texts)
        if existing is None:
            texts["code"] = texts.get("code") or next_code(store, "needs")
        taken = codes_in(store, "needs") - {existing.code if existing else ""}
        made = unique_code(need_form(Directory.of(store), by, now), taken).read(texts, existing)
        made = needs.save(store, made) if existing else needs.add(store, made)
        store.touch()
        action = "need.change" if existing else "need.create"
        audit.record(store, at=now, actor=by, action=action, object_kind="need", object_id=made.id)
    return made
