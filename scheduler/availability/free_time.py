"""When a volunteer is free: a painted week, weekly rules and exceptions (said back by free_time_words)."""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.errors import InputError
from scheduler.localized import LocalizedText
from scheduler.localtime import LOCAL, at_local, clock_of, local_date, minutes_of
from scheduler.model.ids import new_id, stable_id
from scheduler.model.people import AvailabilityException, AvailabilityRule
from scheduler.promises.settle import settled
from scheduler.rules.intervals import common
from scheduler.rules.workdays import MONDAY_TO_FRIDAY, WORKDAY, usual_weekdays
from scheduler.store import Store
from scheduler.store.people import availability_exceptions, availability_rules
from scheduler.store.repository import not_found

CELL_MIN = 30
FIRST_CELL, LAST_CELL = 12, 44  # the painted day: 06:00 to 22:00
WEEK = range(1, 8)  # 1 = Monday

Cell = tuple[int, int]  # weekday 1-7, half hour of the day 0-47
Span = tuple[int, int]  # minutes since midnight


def painted(rules: Iterable[AvailabilityRule]) -> frozenset[Cell]:
    """The half hours that lie wholly inside a standing rule; dated rules are not part of the painted week."""
    return frozenset(
        (day, cell)
        for day, spans in _standing_spans(rules).items()
        for start, end in spans
        for cell in _cells_of((start, end))
    )


def rules_from_paint(
    cells: Iterable[Cell], volunteer_id: str, existing: Sequence[AvailabilityRule] = ()
) -> list[AvailabilityRule]:
    """Weekly rules for painted half hours; a stretch left as it was keeps its exact edges (14:10 stays 14:10).

    Raises InputError for a half hour that does not exist.
    """
    by_day: dict[int, set[int]] = defaultdict(set)
    for day, cell in cells:
        if day not in WEEK or not 0 <= cell < 48:
            raise InputError(
                LocalizedText(
                    "free time: weekday %(day)s, half hour %(cell)s does not exist; expected 1-7 and 0-47",
                    day=day,
                    cell=cell,
                )
            )
        by_day[day].add(cell)
    exact = _standing_spans(existing)
    days_of: dict[Span, list[int]] = defaultdict(list)
    for day in WEEK:
        kept = {(inside[0], inside[-1] + 1): span for span in exact[day] if (inside := _cells_of(span))}
        short = [span for span in exact[day] if not _cells_of(span)]  # too short to be painted: never lost by painting
        spans = [kept.get(run, (run[0] * CELL_MIN, run[1] * CELL_MIN)) for run in _runs(by_day[day])]
        for span in sorted(spans + [s for s in short if not any(a <= s[0] and s[1] <= b for a, b in spans)]):
            days_of[span].append(day)
    meant = [(_as_meant(days, span, existing), span) for span, days in days_of.items()]
    return [
        AvailabilityRule(stable_id(volunteer_id, days, span), volunteer_id, days, clock_of(span[0]), clock_of(span[1]))
        for days, span in sorted(meant)
    ]


def _as_meant(days: list[int], span: Span, existing: Iterable[AvailabilityRule]) -> tuple[int, ...]:
    """Monday to Friday painted alike over times of working days are working days still, not holidays too."""
    before = [
        rule.weekdays
        for rule in existing
        if not _is_dated(rule)
        and MONDAY_TO_FRIDAY & usual_weekdays(rule.weekdays)
        and common([span], [(minutes_of(rule.start), minutes_of(rule.end))])
    ]
    if MONDAY_TO_FRIDAY.issubset(days) and before and all(WORKDAY in weekdays for weekdays in before):
        return (*(day for day in days if day not in MONDAY_TO_FRIDAY), WORKDAY)
    return tuple(days)


def save_paint(store: Store, volunteer_id: str, cells: Iterable[Cell], *, now: datetime) -> list[AvailabilityRule]:
    """Replaces the volunteer's standing rules by the painted ones, keeps dated rules, and returns all of them."""
    with settled(store, volunteers=[volunteer_id], by=volunteer_id, now=now):
        existing = availability_rules.by(store, volunteer_id=volunteer_id)
        dated = [rule for rule in existing if _is_dated(rule)]
        fresh = rules_from_paint(cells, volunteer_id, existing)
        for rule in existing:
            if not _is_dated(rule):
                availability_rules.remove(store, rule.id)
        availability_rules.add_all(store, fresh)
        store.touch()
    return fresh + dated


def add_exception(
    store: Store,
    volunteer_id: str,
    *,
    kind: str,
    from_date: date,
    until_date: date,
    start: str = "00:00",
    end: str = "24:00",
    now: datetime,
) -> AvailabilityException:
    """Stores days away ("away") or free in addition ("extra"). Raises InputError where dates or times do not fit.

    Proposals within days away end; visits accepted before stay until the person or staff have decided.
    """
    if kind not in ("away", "extra"):
        raise InputError(LocalizedText("kind: '%(kind)s' is unknown; expected away or extra", kind=kind))
    if until_date < from_date:
        raise InputError(
            LocalizedText(
                "until: %(until_date)s is before the first day %(from_date)s; give a later day",
                until_date=until_date,
                from_date=from_date,
            )
        )
    if until_date < local_date(now):
        raise InputError(
            LocalizedText("until: %(until_date)s has passed; give today or a later day", until_date=until_date)
        )
    if until_date - from_date > timedelta(days=366):
        raise InputError(
            LocalizedText(
                "until: %(until_date)s is more than a year after %(from_date)s; give a shorter time",
                until_date=until_date,
                from_date=from_date,
            )
        )
    for clock in (start, end):
        if not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", clock):
            raise InputError(
                LocalizedText("'%(clock)s' is no time of day; expected HH:MM, for instance 14:30", clock=clock)
            )
    if minutes_of(start) >= minutes_of(end):
        raise InputError(
            LocalizedText("end: %(end)s is not after the start %(start)s; give a later time", end=end, start=start)
        )
    found = AvailabilityException(new_id(), volunteer_id, kind, from_date, until_date, start, end)
    with settled(store, volunteers=[volunteer_id], by=volunteer_id, now=now):
        availability_exceptions.add(store, found)
        store.touch()
    return found


def remove_exception(store: Store, volunteer_id: str, exception_id: str, *, now: datetime) -> None:
    """Takes back one exception. Raises NotFound if it is not the volunteer's own."""
    with settled(store, volunteers=[volunteer_id], by=volunteer_id, now=now):
        if availability_exceptions.get(store, exception_id).volunteer_id != volunteer_id:
            raise not_found("availability_exceptions", exception_id)
        availability_exceptions.remove(store, exception_id)
        store.touch()


@dataclass(frozen=True, slots=True)
class FreeSpan:
    """A stretch of one local day, as aware UTC moments."""

    starts_at: datetime
    ends_at: datetime


def free_until(clock: str, *, now: datetime) -> FreeSpan:
    """From now, on the next 5 minutes, to a wall-clock time today. Raises InputError for a time that has passed."""
    start_at = datetime.fromtimestamp(-(-now.timestamp() // 300) * 300, tz=now.tzinfo)
    try:
        end_at = at_local(local_date(now), clock)
    except ValueError as error:
        raise InputError(
            LocalizedText("until: '%(clock)s' is no time of day; expected HH:MM, for instance 16:00", clock=clock)
        ) from error
    if end_at <= start_at:
        raise InputError(
            LocalizedText(
                "until: %(clock)s has passed, it is %(now)s; give a later time",
                clock=clock,
                now=f"{now.astimezone(LOCAL):%H:%M}",
            )
        )
    return FreeSpan(start_at, end_at)


def _is_dated(rule: AvailabilityRule) -> bool:
    return rule.from_date is not None or rule.until_date is not None


def _standing_spans(rules: Iterable[AvailabilityRule]) -> dict[int, list[Span]]:
    """Merged spans of the undated rules by weekday."""
    spans: dict[int, list[Span]] = {day: [] for day in WEEK}
    standing = [rule for rule in rules if not _is_dated(rule)]
    for rule in sorted(standing, key=lambda r: minutes_of(r.start)):
        start, end = minutes_of(rule.start), minutes_of(rule.end)
        for day in usual_weekdays(rule.weekdays):
            if spans[day] and start <= spans[day][-1][1]:
                spans[day][-1] = (spans[day][-1][0], max(end, spans[day][-1][1]))
            else:
                spans[day].append((start, end))
    return spans


def _cells_of(span: Span) -> range:
    return range(-(-span[0] // CELL_MIN), span[1] // CELL_MIN)


def _runs(cells: set[int]) -> list[Span]:
    runs: list[Span] = []
    for cell in sorted(cells):
        if runs and runs[-1][1] == cell:
            runs[-1] = (runs[-1][0], cell + 1)
        else:
            runs.append((cell, cell + 1))
    return runs
