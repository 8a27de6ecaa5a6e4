""" "I am free now until 16:00": the best open visits nearby, and taking one of them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.availability.free_time import FreeSpan, add_exception, free_until
from scheduler.config import Config
from scheduler.localtime import LOCAL, at_local, clock_of, local_date
from scheduler.model.people import AvailabilityException, Volunteer
from scheduler.model.plan import Assignment
from scheduler.model.services import Continuity, Place, ServiceType, Slot
from scheduler.promises import claims, feasibility, starts
from scheduler.rules.availability import Calendar, idle_spans
from scheduler.rules.caps import caps_of
from scheduler.rules.eligibility import Reason, tags_of
from scheduler.rules.travel import leg_min
from scheduler.store import Store
from scheduler.store.people import volunteers
from scheduler.store.queries.volunteer_lists import OpenSlotRow, known_recipients, open_slots
from scheduler.store.services import service_types, slots

MOST, EXAMINED = 5, 30
ALMOST_A_STEP = starts.GRID - timedelta.resolution
KM_PER_DEGREE, DAY_MIN = 111.0, 24 * 60
JUST_SAID = frozenset({Reason.NOT_AVAILABLE})  # the person has just said when they are free


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An open visit this person could reach, do and be back from in time; `known` is True for a companion."""

    slot: Slot
    starts_at: datetime
    travel_min: int
    known: bool


@dataclass(frozen=True, slots=True)
class _Chance:
    row: OpenSlotRow
    starts_at: datetime
    travel_min: int
    known: bool


def best_near(
    store: Store, config: Config, volunteer_id: str, until: str, *, now: datetime, most: int = MOST
) -> tuple[Suggestion, ...]:
    """The best open visits between now and a wall-clock time today.

    Urgent ones first, then companions, then the shortest trip; the EXAMINED most promising are held against every
    rule of planning. Raises InputError for a time that has passed.
    """
    free = free_until(until, now=now)
    volunteer = volunteers.get(store, volunteer_id)
    promising = sorted(
        _within_reach(store, config, volunteer, free),
        key=lambda c: (-c.row.priority, not c.known, c.travel_min, c.starts_at, c.row.slot_id),
    )
    chosen: list[Suggestion] = []
    too_long_min = DAY_MIN  # a visit of this length would break one of the person's own limits
    for chance in promising[:EXAMINED]:
        if chance.row.minutes >= too_long_min:
            continue
        slot = slots.get(store, chance.row.slot_id)
        against = feasibility.reasons_unasked(store, config, volunteer_id, slot, chance.starts_at)
        if Reason.CAPS in against:
            too_long_min = slot.minutes
        if JUST_SAID.issuperset(against) and not feasibility.meets_another_visitor(store, slot, chance.starts_at):
            chosen.append(Suggestion(slot, chance.starts_at, chance.travel_min, chance.known))
        if len(chosen) == most:
            break
    return tuple(chosen)


def take_visit(
    store: Store, config: Config, volunteer_id: str, slot_id: str, *, starts_at: datetime, until: str, now: datetime
) -> Assignment:
    """The volunteer takes an open visit; the time said to be free is kept as an extra free time of today.

    Raises what claims.claim raises, InputError for a time that has passed.
    """
    free = free_until(until, now=now)
    with store.transaction():
        slot, volunteer = slots.get(store, slot_id), volunteers.get(store, volunteer_id)
        starts.refuse_time(slot, starts_at)
        leaves_at = starts_at - _leg(config, volunteer, slot)  # reading the list took a while: still in time
        since, today = min(free.starts_at, leaves_at).astimezone(LOCAL), local_date(now)
        add_exception(
            store,
            volunteer_id,
            kind="extra",
            from_date=today,
            until_date=today,
            start=f"{since:%H:%M}",
            end=until,
            now=now,
        )
        return claims.claim(store, config, slot_id, volunteer_id, starts_at=starts_at, now=now)


def _within_reach(store: Store, config: Config, volunteer: Volunteer, free: FreeSpan) -> Iterator[_Chance]:
    """Open slots this person may serve, with the earliest start at which they can be there and back in time."""
    known = known_recipients(store, volunteer.id)
    types = {t.code: t for t in service_types.where(store) if _may_do(volunteer, t)}
    tags = tags_of(volunteer, local_date(free.starts_at))
    idle = {in_blackout: _idle(config, volunteer, free, in_blackout=in_blackout) for in_blackout in (False, True)}
    furthest_min = caps_of(volunteer, config).travel_min
    home = (volunteer.lat, volunteer.lon)
    degrees = _reach_degrees(config, volunteer, furthest_min)
    for row in open_slots(store, free.starts_at, free.ends_at, services=types, around=home, degrees=degrees):
        service, is_known = types[row.service_type], row.recipient_id in known
        if not row.requires_all <= tags or (row.requires_any and not row.requires_any & tags):
            continue
        if service.continuity is Continuity.KNOWN and not is_known:
            continue
        leg = _leg(config, volunteer, row)
        travel_min = int(leg.total_seconds() // 60)
        earliest_at = max(starts.on_grid(free.starts_at + leg + ALMOST_A_STEP), row.earliest_at)
        start_at = row.common_start_at or earliest_at
        if (furthest_min is not None and travel_min > furthest_min) or not earliest_at <= start_at <= row.latest_at:
            continue
        back_at = start_at + timedelta(minutes=row.minutes) + leg
        if any(span.starts_at <= start_at - leg and back_at <= span.ends_at for span in idle[service.in_blackout]):
            yield _Chance(row, start_at, travel_min, is_known)


def _may_do(volunteer: Volunteer, service: ServiceType) -> bool:
    """The cheap part of eligibility, so that few slots need the whole of it."""
    of_kind = not service.kinds or bool({kind.value for kind in volunteer.kinds} & set(service.kinds))
    return of_kind and (volunteer.insured or not service.needs_insurance)


def _idle(config: Config, volunteer: Volunteer, free: FreeSpan, *, in_blackout: bool) -> list[FreeSpan]:
    """What a courier's blackouts leave of the free time; everybody else is free when they say so."""
    day = local_date(free.starts_at)
    said = Calendar((), (AvailabilityException("", volunteer.id, "extra", day, day),))
    spans = [
        (max(at_local(day, clock_of(start)), free.starts_at), min(at_local(day, clock_of(end)), free.ends_at))
        for start, end in idle_spans(volunteer, said, day, config, in_blackout=in_blackout)
    ]
    return [FreeSpan(start_at, end_at) for start_at, end_at in spans if start_at < end_at]


def _reach_degrees(config: Config, volunteer: Volunteer, furthest_min: int | None) -> float:
    """Degrees of longitude that the furthest way can span; those of latitude are longer, so the box is generous."""
    speed = config.travel.modes[volunteer.transport.value]
    km = speed.km_per_hour * (DAY_MIN if furthest_min is None else furthest_min) / 60
    return km / (KM_PER_DEGREE * math.cos(math.radians(volunteer.lat)))


def _leg(config: Config, volunteer: Volunteer, place: Slot | OpenSlotRow) -> timedelta:
    if place.place is Place.REMOTE:
        return timedelta()
    home = (volunteer.lat, volunteer.lon)
    return timedelta(minutes=leg_min(volunteer, home, (place.lat, place.lon), config))
