"""A service type as people write it, and what a change of it touches."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import MISSING, dataclass, fields, replace
from datetime import datetime
from typing import Any

from scheduler.errors import StaleWrite, Unfit
from scheduler.forms.fields import MINUTES, PEOPLE, ManyOf, Name, OneOf, Team, Text, Whole, YesNo
from scheduler.forms.form import Form
from scheduler.forms.references import Directory
from scheduler.forms.time_fields import Spans, Weekdays
from scheduler.localized import Localized, LocalizedText
from scheduler.localtime import minutes_of
from scheduler.model.services import Continuity, Need, NeedState, Place, ServiceType, ServiceWindow
from scheduler.promises.settle import settled
from scheduler.store import Store, audit
from scheduler.store.directory import codes_in
from scheduler.store.services import needs, service_types
from scheduler.words import plain_signs, vocabulary

LETTER = "S"  # of types that a street made itself


@dataclass(frozen=True, slots=True)
class Windows:
    """When a service may take place: "周一至周五 09:00-11:30；周六 14:00-16:00"; weekdays are written in `locale`."""

    locale: str = "zh"
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> tuple[ServiceWindow, ...]:
        found = []
        for part in re.split(r"[;\n]+", plain_signs(text)):
            parted = re.fullmatch(r"\s*(\D*?(?:\d-\d)?)[\s,]*(\d{1,2}\s*:.*)", part)
            if parted is None or not parted[1].strip():
                if part.strip():
                    raise Unfit(self._expected())
                continue
            try:
                days, spans = Weekdays().read(parted[1]), Spans().read(parted[2])
            except Unfit as error:
                raise Unfit(self._expected()) from error
            found += [ServiceWindow(days, start, end) for start, end in spans]
        return tuple(found)

    @staticmethod
    def _expected() -> Localized:
        return LocalizedText("days with times, like Mon-Fri 09:00-11:30; Sat 14:00-16:00")

    def write(self, value: tuple[ServiceWindow, ...]) -> str:
        return "; ".join(f"{self._days(window.weekdays)} {window.start}-{window.end}" for window in value)

    def _days(self, days: tuple[int, ...]) -> str:
        word = vocabulary("weekdays").word
        names = [word(str(day), self.locale) for day in days]
        if len(days) > 2 and days == tuple(range(days[0], days[-1] + 1)):
            return f"{names[0]}-{names[-1]}"
        return ", ".join(names)


def service_form(directory: Directory, locale: str = "zh") -> Form[ServiceType]:
    """The fields of a service type."""

    def make(values: dict[str, Any], existing: ServiceType | None) -> ServiceType:
        if values.get("min_heads") is None:
            values["min_heads"] = existing.min_heads if existing and "min_heads" not in values else 1
        return replace(existing, **values) if existing else ServiceType(**values)

    def problems(service: ServiceType) -> Iterator[tuple[str, Localized]]:
        if service.min_heads > service.heads:
            yield "min_heads", LocalizedText("at most as many as come, %(heads)s", heads=service.heads)
        longest = max(minutes_of(window.end) - minutes_of(window.start) for window in service.windows)
        if service.minutes > longest:
            yield "minutes", LocalizedText("no more than the longest window, %(longest)s minutes", longest=longest)
        if any(rule.at_least > service.heads for rule in service.team):
            yield "team", LocalizedText("at most as many as come, %(heads)s", heads=service.heads)

    return Form(
        fields={
            "code": Text(10),
            "name_zh": Name(30),
            "name_en": Text(60),
            "minutes": Whole(5, 480, MINUTES),
            "heads": Whole(1, 50, PEOPLE),
            "min_heads": Whole(1, 50, PEOPLE),
            "priority": OneOf(vocabulary("priority"), int),
            "continuity": OneOf(vocabulary("continuity"), Continuity),
            "place": OneOf(vocabulary("place"), Place),
            "recipient_kinds": ManyOf(vocabulary("recipient_kinds"), collect=tuple),
            "windows": Windows(locale),
            "kinds": ManyOf(vocabulary("kinds"), collect=tuple),
            "requires_all": ManyOf(directory.tags, collect=tuple),
            "requires_any": ManyOf(directory.tags, collect=tuple),
            "prefers": ManyOf(directory.tags, collect=tuple),
            "team": Team(directory.tags, locale),
            "needs_insurance": YesNo(),
            "standbys": Whole(0, 5, PEOPLE),
            "in_blackout": YesNo(),
            "in_quiet_hours": YesNo(),
            "risk_zh": Text(300, lines=True),
            "risk_en": Text(300, lines=True),
            "active": YesNo(),
        },
        required=frozenset(
            {"name_zh", "name_en", "minutes", "heads", "priority", "continuity", "place", "recipient_kinds", "windows"}
        ),
        empty={f.name: f.default for f in fields(ServiceType) if f.default is not MISSING},
        make=make,
        problems=problems,
    )


def touched_by(store: Store, code: str) -> list[Need]:
    """The published needs of a service type: what a change of it reaches, by code."""
    return sorted(needs.by(store, service_type=code, state=NeedState.PUBLISHED), key=lambda need: need.code)


def save_service_type(
    store: Store,
    texts: Mapping[str, str],
    *,
    code: str | None = None,
    revision: int | None = None,
    by: str,
    now: datetime,
) -> ServiceType:
    """A new service type (no code) or a changed one, from texts by field name: see service_form.

    Promises that the change forbids are settled at once; the visits of its needs follow with the next plan. Raises
    InvalidFields, NotFound, and StaleWrite if it is not at `revision` any more.
    """
    touched = [need.id for need in touched_by(store, code)] if code else []
    with settled(store, needs=touched, by=by, now=now):
        existing = service_types.get(store, code) if code else None
        if existing and revision is not None and existing.revision != revision:
            raise StaleWrite(
                LocalizedText("%(name)s was changed by somebody else meanwhile: load it again", name=existing.name)
            )
        texts = dict(texts)
        if existing is None:
            texts["code"] = _next_code(store)
        made = service_form(Directory.of(store)).read(texts, existing)
        made = service_types.save(store, made) if existing else service_types.add(store, made)
        store.touch()
        action = "service.change" if existing else "service.create"
        audit.record(store, at=now, actor=by, action=action, object_kind="service", object_id=made.code)
    return made


def _next_code(store: Store) -> str:
    taken = codes_in(store, "service_types")
    return next(code for number in range(1, 1000) if (code := f"{LETTER}{number:02d}") not in taken)
