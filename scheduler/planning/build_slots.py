"""Slots as the solver sees them: who may not come, who is familiar, who stands already, who was promised."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta

from scheduler.localtime import local_date
from scheduler.model.people import PairState, Volunteer
from scheduler.model.plan import Assignment
from scheduler.model.services import Place, Slot
from scheduler.planning.build_volunteers import People, kinds_tag
from scheduler.planning.commitments import Binding, Fixed
from scheduler.planning.nearest_people import Crowd
from scheduler.planning.overdue import raised_priorities
from scheduler.rules.eligibility import minutes_of_day, needs_somebody_known, requirements, tags_of
from scheduler.rules.facts import STANDING, Facts
from scheduler.rules.horizon import Horizon, visit_apart
from scheduler.rules.intervals import GRID_MIN
from solver.model import problem as solver

NEAREST = 20  # of the many who like a service, only the nearest get points for it: the others would not be sent
VALUE_OF_PRIORITY = 1000
LATE = timedelta(hours=72)


def solver_slots(
    facts: Facts,
    slots: Iterable[Slot],
    horizon: Horizon,
    bound: Binding,
    people: People,
    opens_at: Callable[[Slot], datetime],
    *,
    now: datetime,
) -> list[solver.Slot]:
    """Slots with room that may still be planned, and those on which somebody stands; sorted by time and id.

    Whoever stands apart has a visit of their own, and the slot so much less room.
    """
    shut_out = _ShutOut(facts, people, horizon)
    known = {v.id for v in people.volunteers}
    familiar = _Familiar(facts)
    slots = list(slots)
    raised = raised_priorities(facts, slots)
    planned = {slot.id for slot in slots}
    elsewhere = [facts.slots[slot_id] for slot_id in bound.fixed if slot_id not in planned]
    found = []
    for slot in sorted((*slots, *elsewhere), key=lambda s: (s.earliest_at, s.id)):
        there = bound.fixed.get(slot.id, [])
        alone = [f for f in there if f.apart]
        value = VALUE_OF_PRIORITY * raised.get(slot.id, slot.priority)
        in_time = [f for f in alone if f.minutes and 0 <= f.start_min < horizon.minutes]
        found += [_visit_apart(slot, f, value, horizon) for f in in_time]
        if slot.id not in planned or slot.heads <= len(alone) == len(there):
            continue
        standing = [f for f in there if not f.apart]
        heads, min_heads = slot.heads - len(alone), max(1, slot.min_heads - len(alone))
        promised = [a for a in bound.proposed.get(slot.id, []) if slot.earliest_at <= a.starts_at <= slot.latest_at]
        starts = _starts(slot, there, promised, opens_at(slot), horizon)
        if starts is None and not standing:
            continue
        pins = tuple(solver.Pin(horizon.person(f.volunteer_id, slot.service_date), f.start_min) for f in standing)
        only_pins = starts is None or len(pins) >= heads
        earliest, latest = starts or (pins[0].start, pins[0].start)
        service = facts.types[slot.service_type]
        needed = requirements(slot, facts)
        if needs_somebody_known(slot, facts):
            needed |= {f"knows:{slot.recipient_id}"}
        if service.kinds:
            needed |= {kinds_tag(service.kinds)}
        found.append(solver.Slot(
            id=slot.id,
            type=slot.service_type,
            location=_location(slot),
            duration=slot.minutes,
            earliest=earliest,
            latest=latest,
            step=GRID_MIN,
            headcount=len(pins) if only_pins else heads,
            min_headcount=len(pins) if only_pins else min_heads,
            team=() if only_pins else _team(slot, alone, facts),
            value=value,
            requires_all=needed,
            requires_any=frozenset(slot.requires_any),
            excluded=frozenset() if only_pins else frozenset(shut_out.of(slot, alone) & known),
            affinity={} if only_pins else _by_person(familiar.points(slot), slot, horizon, known),
            pinned=pins,
            previous=() if only_pins else _promises(slot, promised, horizon, known, facts, now),
        ))  # fmt: skip
    return found


def _visit_apart(slot: Slot, one: Fixed, value: int, horizon: Horizon) -> solver.Slot:
    """What one person holds, and nobody else can join."""
    who, start = horizon.person(one.volunteer_id, local_date(one.starts_at)), one.start_min
    return solver.Slot(
        id=visit_apart(slot.id, one.volunteer_id),
        type=slot.service_type,
        location=_location(slot),
        duration=one.minutes,
        earliest=start,
        latest=start,
        value=value,
        pinned=(solver.Pin(who, start),),
    )


def _location(slot: Slot) -> tuple[float, float] | None:
    return None if slot.place is Place.REMOTE else (slot.lat, slot.lon)


def _team(slot: Slot, alone: list[Fixed], facts: Facts) -> tuple[solver.TeamRule, ...]:
    """What the rest of the team must bring along beside those who stand apart."""
    tags = [tags_of(facts.volunteers[f.volunteer_id], slot.service_date) for f in alone]
    return tuple(solver.TeamRule(r.tag, max(0, r.at_least - sum(r.tag in t for t in tags))) for r in slot.team)


def _starts(
    slot: Slot, there: list[Fixed], promised: list[Assignment], opens_at: datetime, horizon: Horizon
) -> tuple[int, int] | None:
    """The first and last start; a promised time is kept by leaving no other. None if it is too late to plan."""
    today = [f.starts_at for f in there if local_date(f.starts_at) == slot.service_date]
    told = today + [a.starts_at for a in promised]
    if told:
        minute = horizon.minute(told[0])
        return (minute, minute) if told[0] >= opens_at else None
    earliest, latest = horizon.minute(slot.earliest_at), horizon.minute(slot.latest_at)
    late_min = horizon.minute(opens_at) - earliest
    if late_min > 0:
        earliest += -(-late_min // GRID_MIN) * GRID_MIN
    return (earliest, latest) if earliest <= latest else None


def _promises(
    slot: Slot, promised: list[Assignment], horizon: Horizon, known: set[str], facts: Facts, now: datetime
) -> tuple[solver.PriorAssignment, ...]:
    taxes = facts.config.taxes
    found = {}
    for a in promised:
        person = horizon.person(a.volunteer_id, slot.service_date)
        if person in known:
            found[person] = taxes.within_72h if a.starts_at - now < LATE else taxes.beyond_72h
    return tuple(solver.PriorAssignment(person, tax) for person, tax in sorted(found.items()))


def _by_person(points: dict[str, int], slot: Slot, horizon: Horizon, known: set[str]) -> dict[str, int]:
    named = ((horizon.person(volunteer_id, slot.service_date), p) for volunteer_id, p in sorted(points.items()))
    return {person: p for person, p in named if person in known}


class _ShutOut:
    """Who may not come to a slot although the tags of their week would allow it: a training may end before it."""

    def __init__(self, facts: Facts, people: People, horizon: Horizon) -> None:
        self.facts, self.people, self.horizon = facts, people, horizon
        self.refused: dict[str, set[str]] = defaultdict(set)
        for need_id, who in facts.refused:
            self.refused[need_id].add(who)
        self.let_go: dict[str, set[str]] = defaultdict(set)
        for slot_id, who in facts.let_go | facts.taken_off:
            self.let_go[slot_id].add(who)
        self.ending: dict[str, list[tuple[date, str]]] = defaultdict(list)
        for v in facts.volunteers.values():
            for name, until in v.trainings.items():
                if until is not None and until <= horizon.last_day:
                    self.ending[name].append((until, v.id))

    def of(self, slot: Slot, alone: list[Fixed]) -> set[str]:
        away = {f.volunteer_id for f in alone}
        away |= self.facts.recipients[slot.recipient_id].blocked | self.refused[slot.need_id] | self.let_go[slot.id]
        asked = {*slot.requires_all, *slot.requires_any, *(rule.tag for rule in slot.team)}
        away |= {who for name in asked for until, who in self.ending.get(name, ()) if until < slot.service_date}
        people = {self.horizon.person(who, slot.service_date) for who in away}
        if not self.facts.types[slot.service_type].in_blackout:
            start, end = minutes_of_day(slot.earliest_at), minutes_of_day(slot.latest_at) + slot.minutes
            for person, spans in self.people.in_blackout.get(slot.service_date, {}).items():
                if any(start < b and a < end for a, b in spans):
                    people.add(person)
        return people


class _Familiar:
    """Points of familiarity by volunteer: the pair, somebody known, a liked service, a linked organisation."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.weights = facts.config.affinity
        self.familiarity: dict[str, dict[str, int]] = defaultdict(dict)
        for visit in facts.visits:
            self.familiarity[visit.recipient_id][visit.volunteer_id] = self.weights.known
        for pair in facts.pairs:
            if pair.state in STANDING:
                points = self.weights.pair_first if pair.rank == 1 else self.weights.pair_second
                self.familiarity[pair.recipient_id][pair.volunteer_id] = points
            elif pair.state is PairState.PAUSED:
                self.familiarity[pair.recipient_id].setdefault(pair.volunteer_id, self.weights.known)
        self.liking = {
            code: Crowd(v for v in facts.volunteers.values() if _likes(v, code, facts)) for code in facts.types
        }
        linked: dict[str, list[Volunteer]] = defaultdict(list)
        for volunteer in facts.volunteers.values():
            if base := facts.bases.get(volunteer.organisation_id or ""):
                for grid_id in {base[0], *facts.linked_areas.get(volunteer.organisation_id or "", ())}:
                    linked[grid_id].append(volunteer)
        self.linked = {grid_id: Crowd(mine) for grid_id, mine in linked.items()}
        self.cache: dict[tuple[str, str], dict[str, int]] = {}

    def points(self, slot: Slot) -> dict[str, int]:
        key = (slot.recipient_id, slot.service_type)
        if key not in self.cache:
            found: dict[str, int] = defaultdict(int, self.familiarity.get(slot.recipient_id, {}))
            for who in self.liking[slot.service_type].nearest(slot.lat, slot.lon, NEAREST):
                found[who] += self.weights.preferred_service
            if slot.grid_id in self.linked:
                for who in self.linked[slot.grid_id].nearest(slot.lat, slot.lon, NEAREST):
                    found[who] += self.weights.linked_organisation
            self.cache[key] = {who: points for who, points in found.items() if points}
        return self.cache[key]


def _likes(volunteer: Volunteer, code: str, facts: Facts) -> bool:
    return code in volunteer.preferred_services or bool(volunteer.skills & set(facts.types[code].prefers))
