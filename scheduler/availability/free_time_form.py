"""Free times as rows: one row is a weekly rule, an absence, or an additional free time."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from scheduler.forms.fields import OneOf
from scheduler.forms.form import Form, InvalidFields, Mistake
from scheduler.forms.references import Directory
from scheduler.forms.time_fields import Clock, Day, Weekdays
from scheduler.localized import Localized, LocalizedText
from scheduler.model.ids import stable_id
from scheduler.model.people import AvailabilityException, AvailabilityRule
from scheduler.promises.settle import settled
from scheduler.store import Store, audit
from scheduler.store.people import availability_exceptions, availability_rules
from scheduler.words import vocabulary

WEEKLY = "weekly"
FreeTime = AvailabilityRule | AvailabilityException


def free_time_form(directory: Directory) -> Form[FreeTime]:
    """The fields of one row of free time; `kind` is weekly, away or extra. The id follows from the content."""

    def make(values: dict[str, Any], _: FreeTime | None) -> FreeTime:
        found = {name: value for name, value in values.items() if value is not None}
        if found.pop("kind") == WEEKLY:
            made: FreeTime = AvailabilityRule("", **{"weekdays": (), "start": "", "end": "", **found})
        else:
            found.pop("weekdays", None)
            found |= {"kind": values["kind"], "until_date": found.get("until_date", found.get("from_date"))}
            hours = {} if values["kind"] == "away" else {"start": "", "end": ""}  # a day away is a whole day
            made = AvailabilityException("", **{"from_date": None, **hours, **found})
        return replace(made, id=stable_id("free", *content(made)))

    def problems(row: FreeTime) -> Iterator[tuple[str, Localized]]:
        first = "weekdays" if isinstance(row, AvailabilityRule) else "from_date"
        missing = [name for name in (first, "start", "end") if not getattr(row, name)]
        for name in missing:
            yield name, LocalizedText("something: this kind of row needs it")
        if not missing and row.start >= row.end:
            yield "end", LocalizedText("a time after the start, %(start)s", start=row.start)
        if row.from_date and row.until_date and row.until_date < row.from_date:
            yield "until_date", LocalizedText("no day before the first, %(from_date)s", from_date=row.from_date)

    return Form(
        fields={
            "volunteer_id": directory.volunteer_field(),
            "kind": OneOf(vocabulary("free_time_kinds")),
            "weekdays": Weekdays(),
            "start": Clock(),
            "end": Clock(),
            "from_date": Day(),
            "until_date": Day(),
        },
        required=frozenset({"volunteer_id", "kind"}),
        make=make,
        problems=problems,
    )


def content(row: FreeTime) -> tuple[object, ...]:
    """Everything but the id: rows of equal content are the same free time."""
    return tuple(getattr(row, item.name) for item in fields(row) if item.name != "id")


def free_times_of(store: Store, volunteer_id: str) -> list[FreeTime]:
    """Every rule and exception of a volunteer."""
    rules: Sequence[FreeTime] = availability_rules.by(store, volunteer_id=volunteer_id)
    return [*rules, *availability_exceptions.by(store, volunteer_id=volunteer_id)]


def set_free_times(
    store: Store, volunteer_id: str, rows: Sequence[Mapping[str, str]], *, by: str, now: datetime
) -> list[FreeTime]:
    """Replaces all free times of a volunteer by the rows (texts by field name: see free_time_form) and returns them.

    Raises InvalidFields; its field names carry the row's number: "2.end".
    """
    form = free_time_form(Directory.of(store))
    mistakes: list[Mistake] = []
    wanted: dict[tuple[object, ...], FreeTime] = {}
    for number, texts in enumerate(rows, 1):
        try:
            row = form.read({**texts, "volunteer_id": volunteer_id})
            wanted[content(row)] = row
        except InvalidFields as error:
            mistakes += [mistake._replace(field=f"{number}.{mistake.field}") for mistake in error.mistakes]
    if mistakes:
        raise InvalidFields(mistakes)
    with settled(store, volunteers=[volunteer_id], by=by, now=now):
        kept = {content(row): row for row in free_times_of(store, volunteer_id)}
        remove_free_times(store, [row for key, row in kept.items() if key not in wanted])
        add_free_times(store, [row for key, row in wanted.items() if key not in kept])
        store.touch()
        audit.record(
            store, at=now, actor=by, action="volunteer.free_times", object_kind="volunteer", object_id=volunteer_id
        )
    return list(wanted.values())


def add_free_times(store: Store, rows: Sequence[FreeTime]) -> None:
    """Stores new rows; call inside a transaction."""
    availability_rules.add_all(store, (row for row in rows if isinstance(row, AvailabilityRule)))
    availability_exceptions.add_all(store, (row for row in rows if isinstance(row, AvailabilityException)))


def remove_free_times(store: Store, rows: Sequence[FreeTime]) -> None:
    """Deletes stored rows; call inside a transaction."""
    for row in rows:
        repository = availability_rules if isinstance(row, AvailabilityRule) else availability_exceptions
        repository.remove(store, row.id)
