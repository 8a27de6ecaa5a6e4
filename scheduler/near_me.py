""" "I am free now until 16:00": the best open visits nearby, and taking one of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.free_time import FreeSpan, add_exception, free_until
from scheduler.localtime import LOCAL, local_date
from scheduler.model.people import AvailabilityException, Volunteer
from scheduler.model.plan import Assignment
from scheduler.model.services import Place, Slot
from scheduler.planning.caps import caps_of
from scheduler.planning.eligibility import Reason
from scheduler.planning.idle import Calendar, idle_spans
from scheduler.planning.ways import leg_min
from scheduler.promises import claims, fits
from scheduler.store import Store
from scheduler.store.lists_volunteer import OpenSlotRow, known_recipients, open_slots
from scheduler.store.people import volunteers
from scheduler.store.services import service_types, slots

MOST = 5
GRID_S = 300  # starts lie on five minutes
JUST_SAID = frozenset({Reason.NOT_AVAILABLE})  # the person has just said when they are free


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An open visit this person could reach, do and be back from in time; `known` is True for a familiar face."""

    slot: Slot
    starts_at: datetime
    way_min: int
    known: bool


def best_near(
    store: Store, config: Config, volunteer_id: str, until: str, *, now: datetime, most: int = MOST
) -> tuple[Suggestion, ...]:
    """The best open visits between now and a wall-clock time today.

    Urgent ones first, then familiar faces, then the shortest way. Raises InputError for a time that has passed.
    """
    free = free_until(until, now=now)
    volunteer = volunteers.get(store, volunteer_id)
    found = sorted(
        _within_reach(store, config, volunteer, free),
        key=lambda s: (-s.slot.priority, not s.known, s.way_min, s.starts_at, s.slot.id),
    )
    chosen: list[Suggestion] = []
    for suggestion in found:
        if len(chosen) == most:
            break
        against = fits.reasons_unasked(store, config, volunteer_id, suggestion.slot, suggestion.starts_at)
        if JUST_SAID.issuperset(against):
            chosen.append(suggestion)
    return tuple(chosen)


def take(
    store: Store, config: Config, volunteer_id: str, slot_id: str, *, starts_at: datetime, until: str, now: datetime
) -> Assignment:
    """The volunteer takes an open visit; the time said to be free is kept as an extra free time of today.

    Raises what claims.claim raises, InputError for a time that has passed.
    """
    free = free_until(until, now=now)
    with store.transaction():
        slot, volunteer = slots.get(store, slot_id), volunteers.get(store, volunteer_id)
        leaves_at = starts_at - _way(config, volunteer, slot)  # reading the list took a while: still in time
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


def _within_reach(store: Store, config: Config, volunteer: Volunteer, free: FreeSpan) -> Iterator[Suggestion]:
    """Open slots with the earliest start at which the person can be there, and be back when the free time ends."""
    known = known_recipients(store, volunteer.id)
    furthest_min = caps_of(volunteer, config).travel_min
    in_peak = {t.code: t.in_blackout for t in service_types.where(store)}
    for row in open_slots(store, free.starts_at, free.ends_at):
        way = _way(config, volunteer, row)
        way_min = int(way.total_seconds() // 60)
        if furthest_min is not None and way_min > furthest_min:
            continue
        slot = slots.get(store, row.slot_id)
        earliest_at = max(_on_grid(free.starts_at + way), row.earliest_at)
        start_at = claims.common_start(store, slot) or earliest_at
        if not earliest_at <= start_at <= row.latest_at:
            continue
        span = FreeSpan(start_at - way, start_at + timedelta(minutes=row.minutes) + way)
        if span.ends_at <= free.ends_at and _is_idle(config, volunteer, span, in_peak=in_peak[slot.service_type]):
            yield Suggestion(slot, start_at, way_min, row.recipient_id in known)


def _way(config: Config, volunteer: Volunteer, place: Slot | OpenSlotRow) -> timedelta:
    if place.place is Place.REMOTE:
        return timedelta()
    home = (volunteer.lat, volunteer.lon)
    return timedelta(minutes=leg_min(volunteer, home, (place.lat, place.lon), config))


def _is_idle(config: Config, volunteer: Volunteer, span: FreeSpan, *, in_peak: bool) -> bool:
    """Whether a courier's meal peak leaves the span alone; everybody else is free when they say so."""
    day = local_date(span.starts_at)
    said = AvailabilityException("", volunteer.id, "extra", day, day)
    start, end = (_minute_of_day(moment_at) for moment_at in (span.starts_at, span.ends_at))
    idle = idle_spans(volunteer, Calendar((), (said,)), day, config, in_peak=in_peak)
    return any(a <= start and end <= b for a, b in idle)


def _minute_of_day(moment_at: datetime) -> int:
    local = moment_at.astimezone(LOCAL)
    return local.hour * 60 + local.minute


def _on_grid(moment_at: datetime) -> datetime:
    return datetime.fromtimestamp(-(-moment_at.timestamp() // GRID_S) * GRID_S, tz=moment_at.tzinfo)
