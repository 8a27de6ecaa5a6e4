"""When an elder's companions usually have time: the visits of companions fall there if they can."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.config import Config
from scheduler.model.people import Pair, Recipient, Volunteer
from scheduler.model.services import Continuity, Place, ServiceType
from scheduler.rules.availability import Calendar, calendars_of, usual_spans
from scheduler.rules.caps import caps_of
from scheduler.rules.eligibility import may_be_asked
from scheduler.rules.facts import STANDING, Facts
from scheduler.rules.intervals import Span, Spans, common, joined
from scheduler.rules.travel import leg_min, starting_point
from scheduler.store import Store
from scheduler.store.pairing import open_pairs, pairs_of_recipient
from scheduler.store.people import organisations, recipients, rules_by_volunteer, volunteers
from scheduler.store.planning import organisation_bases
from scheduler.store.repository import among

FIRST, SECOND = 2, 1  # points of a time at which the first or the second companion could come
BY_THEIR_FACES = frozenset({Continuity.PAIRED, Continuity.KNOWN})


@dataclass(frozen=True, slots=True)
class Companion:
    """One companion of an elder. `spans`: weekday (1 = Monday) → when they could be there, the travel taken off."""

    points: int
    spans: dict[int, Spans]


def welcome(
    companions: tuple[Companion, ...], service_type: ServiceType, weekday: int, room: Span, minutes: int
) -> int:
    """Points of the companions who usually have time for so long a visit within the room; 0 where it is not theirs."""
    if service_type.place is not Place.AT_RECIPIENT or service_type.continuity not in BY_THEIR_FACES:
        return 0
    return sum(
        companion.points
        for companion in companions
        if any(end - start >= minutes for start, end in common((room,), companion.spans.get(weekday, ())))
    )


def companions_of_elders(
    store: Store, config: Config, *, from_date: date, recipient_id: str = ""
) -> dict[str, tuple[Companion, ...]]:
    """Recipient id → the companions whose pair stands and who may be asked from that day, of all elders or one."""
    current_pairs = pairs_of_recipient(store, recipient_id) if recipient_id else open_pairs(store)
    current_pairs = [pair for pair in current_pairs if pair.state in STANDING]
    elders = {r.id: r for r in recipients.where(store, *among("id", {p.recipient_id for p in current_pairs}))}
    people = {v.id: v for v in volunteers.where(store, *among("id", {p.volunteer_id for p in current_pairs}))}
    calendars = calendars_of(rules_by_volunteer(store, people), {})
    facts = Facts(
        config=config,
        bases=organisation_bases(store),
        base_kinds={o.id: o.kind for o in organisations.where(store)},
    )
    found: dict[str, tuple[Companion, ...]] = defaultdict(tuple)
    for pair in current_pairs:
        volunteer = people[pair.volunteer_id]
        companion = _companion(
            pair, volunteer, elders[pair.recipient_id], calendars.get(volunteer.id, Calendar()), facts, from_date
        )
        found[pair.recipient_id] += (companion,)
    return dict(found)


def _companion(
    pair: Pair, volunteer: Volunteer, elder: Recipient, calendar: Calendar, facts: Facts, from_date: date
) -> Companion:
    spans = {}
    for day in (from_date + timedelta(days=n) for n in range(7)):
        if not may_be_asked(volunteer, day, facts):
            usual = usual_spans(volunteer, calendar, day.isoweekday(), facts.config)
            spans[day.isoweekday()] = joined(_there(volunteer, elder, day, span, facts) for span in usual)
    return Companion(FIRST if pair.rank == 1 else SECOND, spans)


def _there(volunteer: Volunteer, elder: Recipient, day: date, free: Span, facts: Facts) -> Span:
    """What a free time leaves at the elder's door; nothing if that is too far."""
    origin, back = starting_point(volunteer, day, free[0], facts)
    leg = leg_min(volunteer, origin, (elder.lat, elder.lon), facts.config)
    longest = caps_of(volunteer, facts.config).travel_min
    if longest is not None and leg > longest:
        return (free[0], free[0])
    return (free[0] + leg, free[1] - (leg if back else 0))
