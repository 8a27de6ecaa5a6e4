"""Needs become dated slots. Pure: the same need gives the same slots with the same ids, whenever it is expanded."""

from datetime import date, timedelta
from functools import cache, partial

from scheduler.config import Config
from scheduler.localtime import at_local, clock_of, local_date
from scheduler.model.ids import stable_id
from scheduler.model.people import Recipient, RecipientKind
from scheduler.model.services import Need, NeedKind, ServiceType, Slot, last_day
from scheduler.needs.companions import Companion, welcome
from scheduler.rules.intervals import GRID_MIN, WHOLE_DAY, Span, Spans, common, span, without
from scheduler.rules.recurrence import WEEK, in_its_weeks, recurs_on
from scheduler.rules.workdays import MONDAY_TO_FRIDAY, WORKDAY, falls_on, is_workday, usual_weekdays

ALL_WEEK = (1, 2, 3, 4, 5, 6, 7)


def expand(
    need: Need,
    service_type: ServiceType,
    recipient: Recipient,
    from_date: date,
    until_date: date,
    config: Config,
    *,
    taken_weekdays: frozenset[int] = frozenset(),
    companions: tuple[Companion, ...] = (),
) -> tuple[Slot, ...]:
    """Every slot of a need from one local day to another (both included), earliest first.

    `taken_weekdays` (1 = Monday) are days on which the recipient is seen anyway: a cadence keeps away from them.
    `companions` of the recipient: a cadence and a need without times of its own follow when they have time.
    A day on which the service, the wish and the quiet hours leave no room for the whole visit has no slot.
    """
    until_date = min(until_date, last_day(need) or until_date)
    weekdays = _weekdays(need, service_type, recipient, config, taken_weekdays, companions)
    room_on = cache(partial(_room, need, service_type, recipient, config, companions))
    slots: list[Slot] = []
    # A one-off is met on its first possible day, even if that has passed: it does not come again on the next.
    start = _asked_from(need) if need.kind is NeedKind.ONCE else max(need.from_date, from_date)
    for offset in range((until_date - start).days + 1):
        day = start + timedelta(days=offset)
        if not _is_due(need, day, weekdays):
            continue
        room = room_on(day.isoweekday(), is_workday(day))
        if room is None:
            continue
        if day >= from_date:
            slots.append(_slot_on(need, service_type, recipient, day, room))
        if need.kind is NeedKind.ONCE:
            break
    return tuple(slots)


def _asked_from(need: Need) -> date:
    """The first day that was still ahead when somebody asked."""
    return max(need.from_date, local_date(need.created_at)) if need.created_at else need.from_date


def _is_due(need: Need, day: date, weekdays: tuple[int, ...]) -> bool:
    """Whether the need's rhythm asks for a day; a cadence that names working days has its own weekdays, no holidays."""
    if need.kind is NeedKind.RECURRING:
        return recurs_on(need, day)
    is_meant = need.kind is not NeedKind.CADENCE or not need.weekdays or falls_on(day, need.weekdays)
    return is_meant and falls_on(day, weekdays) and in_its_weeks(need, day)


def _weekdays(
    need: Need,
    service_type: ServiceType,
    recipient: Recipient,
    config: Config,
    taken: frozenset[int],
    companions: tuple[Companion, ...],
) -> tuple[int, ...]:
    """The weekdays (1 = Monday) on which the need's own rhythm may bring somebody."""
    if need.kind is NeedKind.CADENCE:
        return cadence_weekdays(need, service_type, recipient, config, taken, companions)
    return ALL_WEEK


def cadence_weekdays(
    need: Need,
    service_type: ServiceType,
    recipient: Recipient,
    config: Config,
    taken: frozenset[int] = frozenset(),
    companions: tuple[Companion, ...] = (),
) -> tuple[int, ...]:
    """The weekdays of a cadence, the same every week: spread evenly over days on which the companions have time.

    There are `per_week` of them, and more where the need's `max_gap_days` would be broken otherwise; a need that
    names neither follows the recipient's risk tier. Never on a taken day if there is another; among days that suit
    the companions equally, as far from the taken ones as can be. Beyond that they differ from recipient to recipient,
    so that a district's visits do not all fall on Monday.
    """
    usual = config.elders.contacts[recipient.risk_tier.value]
    wanted = need.per_week or usual.per_week
    longest_gap = need.max_gap_days or (WEEK if need.per_week else usual.max_gap_days)
    minutes = need.minutes or service_type.minutes
    days = sorted(usual_weekdays(need.weekdays or ALL_WEEK))
    rooms = {d: _room(need, service_type, recipient, config, companions, d, d in MONDAY_TO_FRIDAY) for d in days}
    ahead = _only_days(need, {d: room[1] - minutes for d, room in rooms.items() if room})
    if ahead is not None:  # less than a week: its share of the week's visits, and no gap to keep
        rooms = {d: room for d, room in rooms.items() if d in ahead}
        wanted, longest_gap = -(-wanted * _length(need) // WEEK), WEEK
    liked = {d: welcome(companions, service_type, d, room, minutes) for d, room in rooms.items() if room}
    allowed = list(liked)
    if not allowed:
        return ()
    count = min(wanted, len(allowed))
    turn = int(stable_id(recipient.id)[:8], 16)
    while True:
        choices = [_spread(allowed, count, turn + shift) for shift in range(len(allowed))]
        best = min(
            choices,
            key=lambda days: (
                _widest_gap(set(days)) > longest_gap,
                len(taken.intersection(days)),
                -sum(liked[d] for d in days),
                _widest_gap({*days, *taken}),
                _crowding(days, taken),
                choices.index(days),
            ),
        )
        if _widest_gap(set(best)) <= longest_gap or need.every_weeks > 1 or count == len(allowed):
            return best
        count += 1


def _length(need: Need) -> int:
    assert need.until_date is not None
    return (need.until_date - need.from_date).days + 1


def _only_days(need: Need, latest_starts: dict[int, int]) -> frozenset[int] | None:
    """The weekdays that a need of less than a week still had ahead when it was asked; None for a longer one.

    `latest_starts`: weekday → the last minute at which a visit may begin.
    """
    if need.until_date is None or _length(need) >= WEEK:
        return None
    first = _asked_from(need)
    days = (first + timedelta(days=n) for n in range((need.until_date - first).days + 1))
    asked_at = need.created_at or at_local(need.from_date, "00:00")
    return frozenset(
        day.isoweekday()
        for day in days
        if (start := latest_starts.get(day.isoweekday())) is not None
        and in_its_weeks(need, day)
        and at_local(day, clock_of(start)) > asked_at
    )


def _spread(allowed: list[int], count: int, turn: int) -> tuple[int, ...]:
    size = len(allowed)
    return tuple(sorted({allowed[(turn + k * size // count) % size] for k in range(count)}))


def _widest_gap(days: set[int]) -> int:
    ordered = sorted(days)
    return max(b - a for a, b in zip(ordered, [*ordered[1:], ordered[0] + WEEK], strict=True))


def _crowding(days: tuple[int, ...], taken: frozenset[int]) -> int:
    return -min((min((a - b) % WEEK, (b - a) % WEEK) for a in days for b in taken), default=0)


def _slot_on(need: Need, service_type: ServiceType, recipient: Recipient, day: date, room: Span) -> Slot:
    minutes = need.minutes or service_type.minutes
    heads = need.heads or service_type.heads
    return Slot(
        id=stable_id(need.id, day.isoformat(), 0),
        need_id=need.id,
        service_type=service_type.code,
        recipient_id=recipient.id,
        grid_id=recipient.grid_id,
        service_date=day,
        earliest_at=at_local(day, clock_of(room[0])),
        latest_at=at_local(day, clock_of(room[1] - minutes)),
        minutes=minutes,
        heads=heads,
        min_heads=min(need.min_heads or service_type.min_heads, heads),
        priority=need.priority or service_type.priority,
        place=service_type.place,
        lat=recipient.lat,
        lon=recipient.lon,
        team=need.team or service_type.team,
        requires_all=tuple(dict.fromkeys(service_type.requires_all + need.requires_all)),
        requires_any=service_type.requires_any,
        cause="cadence" if need.kind is NeedKind.CADENCE else "need",
    )


def _room(
    need: Need,
    service_type: ServiceType,
    recipient: Recipient,
    config: Config,
    companions: tuple[Companion, ...],
    weekday: int,
    workday: bool,
) -> Span | None:
    """The span on such a day, on the grid, that suits the companions best, then the longest; None if none has room."""
    minutes = need.minutes or service_type.minutes
    return max(
        open_spans(need, service_type, recipient, weekday, config, workday=workday),
        key=lambda s: (welcome(companions, service_type, weekday, s, minutes), s[1] - s[0], -s[0]),
        default=None,
    )


def open_spans(
    need: Need, service_type: ServiceType, recipient: Recipient, weekday: int, config: Config, *, workday: bool
) -> Spans:
    """When a visit of the need may lie on a day: the service's hours within the wish, outside the quiet hours.

    `weekday` (1 = Monday) and `workday`, whether it is a working day of the official calendar, say which day it is.
    """
    minutes = need.minutes or service_type.minutes
    wished = (span(need.start or "00:00", need.end or "24:00"),)
    spans = _usable(
        common(service_spans(service_type, weekday, workday), wished), service_type, recipient, minutes, config
    )
    holiday = weekday in MONDAY_TO_FRIDAY and not workday and any(WORKDAY in w.weekdays for w in service_type.windows)
    if not spans and need.start and need.end and not (holiday and need.kind is not NeedKind.ONCE):
        # Both ends were written by a person, who may book outside the catalogue's usual hours.
        spans = _usable(wished, service_type, recipient, minutes, config)
    return spans


def service_spans(service_type: ServiceType, weekday: int, workday: bool) -> Spans:
    """The hours in which the catalogue offers the service on such a day; the whole day if it names none."""
    if not service_type.windows:
        return WHOLE_DAY
    today = {weekday, WORKDAY} if workday else {weekday}
    return tuple(span(w.start, w.end) for w in service_type.windows if today.intersection(w.weekdays))


def _usable(spans: Spans, service_type: ServiceType, recipient: Recipient, minutes: int, config: Config) -> Spans:
    if not service_type.in_quiet_hours:
        spans = without(spans, quiet_spans(recipient, config))
    on_grid = ((-(-start // GRID_MIN) * GRID_MIN, end) for start, end in spans)
    return tuple((start, end) for start, end in on_grid if end - start >= minutes)


def quiet_spans(recipient: Recipient, config: Config) -> Spans:
    """When nobody calls or visits: the recipient's own hours, else the usual ones of elders, else none."""
    hours = recipient.quiet_hours or (config.elders.quiet_hours if recipient.kind is RecipientKind.ELDER else ())
    return tuple(span(start, end) for start, end in hours)
