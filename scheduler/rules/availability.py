"""When a volunteer may serve: declared free times, minus absences, minus a courier's blackouts with their rest."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from scheduler.config import Config
from scheduler.model.people import AvailabilityException, AvailabilityRule, Kind, Volunteer
from scheduler.rules.intervals import Spans, joined, span, without
from scheduler.rules.workdays import falls_on, usual_weekdays


@dataclass(frozen=True, slots=True)
class Calendar:
    """The weekly rules and exceptions of one volunteer."""

    rules: tuple[AvailabilityRule, ...] = ()
    exceptions: tuple[AvailabilityException, ...] = ()


def calendars_of(
    rules: dict[str, list[AvailabilityRule]], exceptions: dict[str, list[AvailabilityException]]
) -> dict[str, Calendar]:
    """Both, by volunteer id."""
    return {who: Calendar(tuple(rules.get(who, ())), tuple(exceptions.get(who, ()))) for who in {*rules, *exceptions}}


def free_spans(calendar: Calendar, day: date) -> Spans:
    """What the volunteer declared for a local day: weekly rules and extra times, without the times away."""
    declared = [span(r.start, r.end) for r in calendar.rules if _applies(r, day)]
    return without(declared + _on(calendar.exceptions, "extra", day), _on(calendar.exceptions, "away", day))


def idle_spans(
    volunteer: Volunteer, calendar: Calendar, day: date, config: Config, *, in_blackout: bool = False
) -> Spans:
    """The free times in which the volunteer may serve; a courier only in idle time, and back before a blackout.

    `in_blackout` is for services that may run into a blackout: then the declared times stand as they are.
    """
    free = free_spans(calendar, day)
    return free if in_blackout else without(free, blackouts(volunteer, config))


def usual_spans(volunteer: Volunteer, calendar: Calendar, weekday: int, config: Config) -> Spans:
    """The same for a weekday (1 = Monday) of any week: what the rules without an end leave outside the blackouts."""
    standing = (
        span(r.start, r.end) for r in calendar.rules if r.until_date is None and weekday in usual_weekdays(r.weekdays)
    )
    return without(standing, blackouts(volunteer, config))


def blackouts(volunteer: Volunteer, config: Config) -> Spans:
    """The blackouts in which a volunteer cannot serve, with the rest before each; none for who is no courier.

    A courier who is a party member too keeps both rules: the stricter one wins.
    """
    if Kind.COURIER not in volunteer.kinds:
        return ()
    rest = config.couriers.rest_before_peak
    return joined((max(0, start - rest), end) for start, end in (span(*b) for b in config.couriers.blackouts))


def _applies(rule: AvailabilityRule, day: date) -> bool:
    return (
        falls_on(day, rule.weekdays)
        and (rule.from_date is None or rule.from_date <= day)
        and (rule.until_date is None or day <= rule.until_date)
    )


def _on(exceptions: Iterable[AvailabilityException], kind: str, day: date) -> list[tuple[int, int]]:
    return [span(e.start, e.end) for e in exceptions if e.kind == kind and e.from_date <= day <= e.until_date]
