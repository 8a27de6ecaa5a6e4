"""Volunteers as the solver sees them: one for each calendar week, with free windows, limits and recent load."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from scheduler.localtime import local_date, monday_of
from scheduler.model.people import Volunteer
from scheduler.model.plan import HELD
from scheduler.model.services import Slot
from scheduler.planning.commitments import Binding
from scheduler.rules.availability import Calendar, blackouts, free_spans
from scheduler.rules.caps import Caps, caps_of
from scheduler.rules.eligibility import may_be_asked, minutes_of_day, needs_somebody_known, requirements, tags_of
from scheduler.rules.facts import Facts
from scheduler.rules.horizon import Horizon
from scheduler.rules.intervals import Span, Spans, common, joined, without
from scheduler.rules.travel import starting_point
from solver.model import problem as solver

RESTED = timedelta(days=21)  # who had no visit for so long wishes one
RECENT_WEEKS = 4


@dataclass(slots=True)
class People:
    """The solver's volunteers, and the minutes of a day in which a courier serves only what may run into a blackout."""

    volunteers: list[solver.Volunteer] = field(default_factory=list)
    in_blackout: dict[date, dict[str, Spans]] = field(default_factory=lambda: defaultdict(dict))


def solver_volunteers(
    facts: Facts, slots: Iterable[Slot], horizon: Horizon, bound: Binding, *, now: datetime
) -> People:
    """Everybody with a free window or a duty in the horizon, sorted by id and week."""
    slots = list(slots)
    duties: dict[str, set[date]] = defaultdict(set)
    for people in bound.fixed.values():
        for f in people:
            duties[f.volunteer_id].add(local_date(f.starts_at))
    runs = _blackout_runs(facts, slots)
    load = _recent_load(facts, now)
    known = _known_recipients(facts, slots)
    kinds = {kinds_tag(t.kinds): set(t.kinds) for t in facts.types.values() if len(t.kinds) > 1}
    found = People()
    for volunteer in sorted(facts.volunteers.values(), key=lambda v: v.id):
        mine = {k.value for k in volunteer.kinds}
        extra = frozenset(tag for tag, any_of in kinds.items() if mine & any_of)
        extra |= {f"knows:{recipient}" for recipient in known.get(volunteer.id, ())}
        wishes_one = load.last_day.get(volunteer.id, date.min) < horizon.first_day - RESTED
        for monday in horizon.mondays:
            person = _in_week(volunteer, monday, facts, horizon, duties[volunteer.id], runs, load, bound, found)
            if person is None:
                continue
            willing = wishes_one and bool(person.windows) and not duties[volunteer.id]
            wishes_one = wishes_one and not willing
            found.volunteers.append(replace(person, tags=person.tags | extra, willing=willing))
    return found


def kinds_tag(kinds: tuple[str, ...]) -> str:
    """One tag for "any of these kinds", because a slot has only one list of alternatives."""
    return "+".join(sorted(kinds))


@dataclass(frozen=True, slots=True)
class _Load:
    minutes: dict[str, int]  # of the last four weeks
    last_day: dict[str, date]


def _recent_load(facts: Facts, now: datetime) -> _Load:
    minutes: dict[str, int] = defaultdict(int)
    last_day: dict[str, date] = {}
    since = local_date(now) - timedelta(weeks=RECENT_WEEKS)
    for visit in facts.visits:
        last_day[visit.volunteer_id] = max(visit.day, last_day.get(visit.volunteer_id, visit.day))
        if visit.day >= since:
            minutes[visit.volunteer_id] += visit.minutes
    return _Load(minutes, last_day)


def _in_week(
    volunteer: Volunteer,
    monday: date,
    facts: Facts,
    horizon: Horizon,
    duties: set[date],
    runs: dict[date, list[tuple[frozenset[str], Span]]],
    load: _Load,
    bound: Binding,
    found: People,
) -> solver.Volunteer | None:
    days = horizon.days_of(monday)
    spans = {day: _spans_on(volunteer, day, facts, runs.get(day, []), bound, found, horizon) for day in days}
    elsewhen = _on_other_days(volunteer, monday, days, facts)
    caps = caps_of(volunteer, facts.config)
    for day in _days_off(spans, {s.service_date for s in elsewhen} | {d for d in duties if d in days}, caps):
        spans[day] = ()
    windows = tuple(w for day in days for w in _windows(volunteer, day, spans[day], facts, horizon))
    if not windows and not any(day in duties for day in days):
        return None
    minutes = sum(s.minutes for s in elsewhen)
    return solver.Volunteer(
        id=horizon.person(volunteer.id, monday),
        tags=tags_of(volunteer, days[0]),
        location=(volunteer.lat, volunteer.lon),
        mode=volunteer.transport.value,
        windows=windows,
        max_visits_per_day=caps.visits_per_day,
        max_minutes_per_day=caps.minutes_per_day,
        max_visits=_left(caps.visits_per_week, len(elsewhen)),
        max_minutes=_left(caps.minutes_per_week, minutes),
        max_reach=caps.travel_min,
        served=minutes + _carried(volunteer, load),
        target=volunteer.wished_minutes,
    )


def _spans_on(
    volunteer: Volunteer,
    day: date,
    facts: Facts,
    runs: list[tuple[frozenset[str], Span]],
    bound: Binding,
    found: People,
    horizon: Horizon,
) -> Spans:
    """Idle times of a day; where the courier can make a run into a blackout, the minutes of that run too."""
    if may_be_asked(volunteer, day, facts):
        return ()
    last_night = bound.after_midnight.get((volunteer.id, day), (0, 0))
    free = without(free_spans(facts.calendars.get(volunteer.id, Calendar()), day), [last_night])
    taken = blackouts(volunteer, facts.config)
    idle = without(free, taken)
    if not runs or not taken or not free:
        return idle
    tags = tags_of(volunteer, day)
    wanted = [run for needed, run in runs if needed <= tags]
    added = without(common(free, wanted), idle)
    if added:
        found.in_blackout[day][horizon.person(volunteer.id, day)] = added
    return joined((*idle, *added))


def _blackout_runs(facts: Facts, slots: list[Slot]) -> dict[date, list[tuple[frozenset[str], Span]]]:
    """By day: what a service that may run into a blackout needs, and its minutes with the trip back."""
    found: dict[date, set[tuple[frozenset[str], Span]]] = defaultdict(set)
    for slot in slots:
        if facts.types[slot.service_type].in_blackout:
            end = minutes_of_day(slot.latest_at) + slot.minutes + facts.config.couriers.max_travel_min
            found[slot.service_date].add((requirements(slot, facts), (minutes_of_day(slot.earliest_at), end)))
    return {day: sorted(runs, key=lambda run: (run[1], sorted(run[0]))) for day, runs in found.items()}


def _days_off(spans: dict[date, Spans], busy: set[date], caps: Caps) -> list[date]:
    """Days to keep free so that the week has its free days: those with the least time to offer and no duty."""
    if caps.visits_per_week is not None and caps.visits_per_week <= caps.days_per_week:
        return []
    possible = {day for day, free in spans.items() if free} | busy
    spare = sorted(possible - busy, key=lambda day: (sum(end - start for start, end in spans[day]), -day.toordinal()))
    return spare[: max(0, len(possible) - caps.days_per_week)]


def _windows(volunteer: Volunteer, day: date, spans: Spans, facts: Facts, horizon: Horizon) -> list[solver.Window]:
    found = []
    for start, end in spans:
        origin, back = starting_point(volunteer, day, start, facts)
        zero = horizon.day_start(day)
        found.append(solver.Window(zero + start, zero + end, origin, origin if back else None))
    return found


def _on_other_days(volunteer: Volunteer, monday: date, days: list[date], facts: Facts) -> list[Slot]:
    """What the volunteer has served or promised on days of the same week that the horizon leaves out."""
    mine = (facts.slots[a.slot_id] for a in facts.live.get(volunteer.id, ()) if a.state in HELD)
    return [s for s in mine if monday_of(s.service_date) == monday and s.service_date not in days]


def _known_recipients(facts: Facts, slots: list[Slot]) -> dict[str, list[str]]:
    wanted = {s.recipient_id for s in slots if needs_somebody_known(s, facts)}
    found: dict[str, list[str]] = defaultdict(list)
    for volunteer_id, recipient_id in facts.knows:
        if recipient_id in wanted:
            found[volunteer_id].append(recipient_id)
    return found


def _carried(volunteer: Volunteer, load: _Load) -> int:
    """A weekly share of what the last four weeks took above the wish, so that the tired are spared."""
    if volunteer.wished_minutes is None:
        return 0
    return max(0, load.minutes.get(volunteer.id, 0) - RECENT_WEEKS * volunteer.wished_minutes) // RECENT_WEEKS


def _left(limit: int | None, used: int) -> int | None:
    return None if limit is None else max(0, limit - used)
