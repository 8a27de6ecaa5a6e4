"""A person, an elder, a need and a slot with sane defaults, and the facts around them, without a database."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from scheduler.config import Config, load_config
from scheduler.localtime import at_local
from scheduler.model.ids import new_id
from scheduler.model.people import (
    AvailabilityException,
    AvailabilityRule,
    Kind,
    Recipient,
    RecipientKind,
    Transport,
    Volunteer,
)
from scheduler.model.plan import Assignment, State
from scheduler.model.services import Continuity, Need, NeedKind, Place, ServiceType, ServiceWindow, Slot
from scheduler.rules.availability import Calendar
from scheduler.rules.facts import Facts

MONDAY = date(2026, 11, 23)
NOW = at_local(MONDAY, "01:30")
WEEK = (1, 2, 3, 4, 5, 6, 7)
CONFIG = load_config(environ={})


def on(day: date, clock: str) -> datetime:
    """A wall-clock time on a local day."""
    return at_local(day, clock)


def a_config(**changes: Any) -> Config:
    """The delivered settings with some sections changed: a_config(couriers={"rest_before_peak": 0})."""
    sections = {name: getattr(CONFIG, name).model_copy(update=fields) for name, fields in changes.items()}
    return CONFIG.model_copy(update=sections)


def a_volunteer(id: str = "ann", **changes: Any) -> Volunteer:
    """A party member on foot, insured, willing to be asked."""
    person = Volunteer(
        id, id, id, frozenset({Kind.PARTY_MEMBER}), "female", 31.25, 121.39, Transport.WALK, "c1",
        birth_month="1980-05", skills=frozenset({"companion"}), consents={"contact": NOW}, insured=True,
    )  # fmt: skip
    return replace(person, **changes)


def a_courier(id: str = "cai", **changes: Any) -> Volunteer:
    return a_volunteer(id, **{"kinds": frozenset({Kind.COURIER}), "transport": Transport.EBIKE, **changes})


def an_elder(id: str = "li", **changes: Any) -> Recipient:
    """Lives 100 m from the volunteer."""
    return replace(Recipient(id, id, id, RecipientKind.ELDER, "c1", 31.2509, 121.39), **changes)


def a_service(code: str = "E01", **changes: Any) -> ServiceType:
    """45 minutes, any time of the day that is not quiet."""
    service = ServiceType(
        code, "陪伴", "Visit", 45, 1, 1, 4, Continuity.NONE, Place.AT_RECIPIENT, ("elder",),
        (ServiceWindow(WEEK, "00:00", "24:00"),),
    )  # fmt: skip
    return replace(service, **changes)


def a_need(kind: NeedKind = NeedKind.ONCE, **changes: Any) -> Need:
    return replace(Need("n1", "N1", "E01", "li", kind, MONDAY), **changes)


def a_slot(start: str = "14:00", latest: str | None = None, *, day: date = MONDAY, **changes: Any) -> Slot:
    """One visit to the elder, at one start unless told otherwise."""
    slot = Slot(
        "s1", "n1", "E01", "li", "c1", day, on(day, start), on(day, latest or start), 45, 1, 1, 4,
        Place.AT_RECIPIENT, 31.2509, 121.39,
    )  # fmt: skip
    return replace(slot, **changes)


def free(start: str = "09:00", end: str = "18:00", weekdays: tuple[int, ...] = WEEK) -> Calendar:
    """Free at these times every week."""
    return Calendar((AvailabilityRule("r", "", weekdays, start, end),))


def away(calendar: Calendar, from_date: date, until_date: date, start: str = "00:00", end: str = "24:00") -> Calendar:
    absence = AvailabilityException("x", "", "away", from_date, until_date, start, end)
    return replace(calendar, exceptions=(*calendar.exceptions, absence))


def facts(
    *people: Volunteer,
    slots: tuple[Slot, ...] = (),
    elders: tuple[Recipient, ...] = (),
    services: tuple[ServiceType, ...] = (),
    needs: tuple[Need, ...] = (),
    calendars: dict[str, Calendar] | None = None,
    live: tuple[Assignment, ...] = (),
    config: Config = CONFIG,
    **more: Any,
) -> Facts:
    """The district as these people and visits make it; everybody is free from 09:00 to 18:00 unless told otherwise."""
    held: dict[str, list[Assignment]] = {}
    for assignment in live:
        held.setdefault(assignment.volunteer_id, []).append(assignment)
    return Facts(
        config=config,
        volunteers={v.id: v for v in people},
        calendars={v.id: free() for v in people} | (calendars or {}),
        recipients={r.id: r for r in elders or (an_elder(),)},
        types={t.code: t for t in services or (a_service(),)},
        needs={n.id: n for n in needs or (a_need(),)},
        slots={s.id: s for s in slots},
        live=held,
        **more,
    )


def held(slot: Slot, volunteer_id: str, state: State = State.ACCEPTED, **changes: Any) -> Assignment:
    """Somebody on a slot at its first start."""
    return replace(Assignment(new_id(), slot.id, volunteer_id, slot.earliest_at, state), **changes)


def days_after(day: date, count: int) -> date:
    return day + timedelta(days=count)
