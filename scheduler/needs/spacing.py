"""Visits to one person on one day get times of their own: the visited are in one place too.

The windows of visits that are promised to nobody yet are cut so that no two visits can meet, as long as the day has
room for them one after the other. What is promised stays where it is, and the others keep clear of it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import pairwise, permutations

from scheduler.model.people import ONE_PLACE, RecipientKind
from scheduler.model.services import Slot
from scheduler.rules.intervals import GRID_MIN
from scheduler.store.planning import PromisedVisit

MOST_ORDERED = 6  # visits of a day of which every order is tried; of more, the one that must be over first comes first


@dataclass(frozen=True, slots=True)
class _Visit:
    """When a visit may begin at the earliest and must be over at the latest; without a slot it is promised."""

    begins_at: datetime
    over_at: datetime
    length: timedelta
    slot: Slot | None = None

    def may_meet(self, other: "_Visit") -> bool:
        return self.begins_at < other.over_at and other.begins_at < self.over_at


def kept_apart(
    slots: Iterable[Slot], promised: Iterable[PromisedVisit], kinds: Mapping[str, RecipientKind]
) -> list[Slot]:
    """The slots, their windows cut so that visits to one person do not meet.

    `promised` holds every visit on which somebody stands or was asked; its slot is left alone. `kinds`: recipient id →
    what it is. Where a day has no room for all, the least urgent visit keeps its whole window.
    """
    slots, held, bound = list(slots), defaultdict(list), set()
    for visit in promised:
        bound.add(visit.slot_id)
        held[visit.recipient_id, visit.service_date].append((visit.starts_at, visit.ends_at))
    days: dict[tuple[str, date], list[Slot]] = defaultdict(list)
    for slot in slots:
        if kinds.get(slot.recipient_id) in ONE_PLACE and slot.id not in bound:
            days[slot.recipient_id, slot.service_date].append(slot)
    cut = {slot.id: slot for key, free in days.items() for slot in _apart(free, _blocks(held[key]))}
    return [cut.get(slot.id, slot) for slot in slots]


def _blocks(spans: list[tuple[datetime, datetime]]) -> list[_Visit]:
    """Promised times; those that overlap already are one."""
    found: list[tuple[datetime, datetime]] = []
    for start, end in sorted(spans):
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return [_Visit(start, end, end - start) for start, end in found]


def _apart(free: list[Slot], held: list[_Visit]) -> list[Slot]:
    """The free slots of one person's day with their windows cut."""
    visits = [_Visit(s.earliest_at, s.latest_at + _length(s), _length(s), s) for s in free]
    visits.sort(key=lambda v: (-v.slot.priority, v.over_at, v.slot.id) if v.slot else ())
    if not any(a.may_meet(b) for n, a in enumerate(visits) for b in [*visits[n + 1 :], *held]):
        return []
    for kept in range(len(visits), 0, -1):
        in_order = sorted([*visits[:kept], *held], key=lambda v: (v.over_at, v.begins_at))
        orders = permutations(in_order) if len(in_order) <= MOST_ORDERED else [tuple(in_order)]
        for order in orders:
            if cuts := _cuts(order):
                return [
                    _within(visit.slot, *span)
                    for visit, span in zip(order, pairwise(cuts), strict=True)
                    if visit.slot is not None
                ]
    return []


def _cuts(order: tuple[_Visit, ...]) -> list[datetime] | None:
    """The moments that part visits in this order, the slack between two shared out; None if there is no room."""
    over: list[datetime] = []  # when each is over, if all up to it begin as soon as they can
    for visit in order:
        soonest = max([visit.begins_at, *over[-1:]])
        over.append((_up(soonest) if visit.slot else soonest) + visit.length)
    latest: list[datetime] = []  # when each begins, if it and all after it begin as late as they can
    for visit in reversed(order):
        last = min([visit.over_at, *latest[-1:]]) - visit.length
        latest.append(_down(last) if visit.slot else last)
    latest.reverse()
    if any(end - visit.length > start for visit, end, start in zip(order, over, latest, strict=True)):
        return None
    cuts = [order[0].begins_at]
    for n, (before, after) in enumerate(pairwise(order)):
        soonest, last = max(over[n], cuts[-1] + before.length), latest[n + 1]
        if before.slot is None:
            cuts.append(soonest)
        elif after.slot is None:
            cuts.append(last)
        else:
            cuts.append(max(_down(soonest + (last - soonest) / 2), _up(soonest)))
    return [*cuts, order[-1].over_at]


def _within(slot: Slot, from_at: datetime, until_at: datetime) -> Slot:
    """The slot, the whole visit between two moments."""
    return replace(
        slot,
        earliest_at=max(slot.earliest_at, _up(from_at)),
        latest_at=min(slot.latest_at, _down(until_at - _length(slot))),
    )


def _length(slot: Slot) -> timedelta:
    return timedelta(minutes=slot.minutes)


def _down(moment_at: datetime) -> datetime:
    """The last moment on the grid of starts up to this one."""
    return moment_at.replace(minute=moment_at.minute - moment_at.minute % GRID_MIN, second=0, microsecond=0)


def _up(moment_at: datetime) -> datetime:
    """The first moment on the grid of starts from this one."""
    before = _down(moment_at)
    return before if before == moment_at else before + timedelta(minutes=GRID_MIN)
