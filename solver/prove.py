"""A second opinion on the coverage bound: derived again from the stored prices, by simple code that is no solver's.

The method (Lagrangian duality, as in any text on integer programming): put a price, never negative, on every rule that
people share. Then each free window can be planned alone, at the prices, and

    coverage of any plan <= what pinned visits earn + what the seats are worth at their prices
                            + what the caps are worth at theirs + the best route of each window at these prices.

Any prices give a valid bound; good prices give a tight one. They are kept in Solution.prices, in units of coverage:

    {"slots": [{"slot": id, "start": minute or null, "seat": a, "minimum": b, "team": [c, ...]}],
     "volunteers": [{"volunteer": id, "day": day or null, "visit": d, "minute": e}]}

A row of "slots" prices the team that starts at "start" (null: at any start that has no row of its own): a for each seat
(headcount), b for the minimum, c for each team rule in the slot's order. A visit there earns value - a + b + (c of the
rules whose tag the person has); a team there is worth headcount x a - minimum x b - sum of at_least x c, and a slot the
most of its teams, or 0. A row of "volunteers" prices a cap of one day (null: the horizon): a visit pays d, a minute e.
What has no row has price 0.

Prices are rounded to thousandths and the rest is whole numbers, so nothing is lost to rounding.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from solver.plan import Plan
from solver.problem import Problem, Slot, Volunteer, Window
from solver.prove_route import Errand, Trip, best_trip
from solver.solution import Solution
from solver.terms import measure

UNIT = 1000  # prices and values are counted in thousandths


class ProofError(ValueError):
    """The solution carries no usable prices: one line naming the row, the value and what was expected."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What could be proven. `gap` is the share by which the coverage may be below the best: 0.01 is one per cent.

    `relaxed_windows` counts the windows whose exact search was too long; their bound is valid but may be loose.
    """

    coverage: int
    coverage_bound: int
    claimed_bound: int
    windows: int
    relaxed_windows: int

    @property
    def gap(self) -> float:
        return (self.coverage_bound - self.coverage) / max(1, self.coverage_bound)

    @property
    def confirms_the_claim(self) -> bool:
        """Whether the bound that the solution claims is proven here too."""
        return self.coverage_bound <= self.claimed_bound


@dataclass(frozen=True, slots=True)
class TeamPrice:
    """The prices of one slot when its team starts at one start, in thousandths."""

    seat: int = 0
    minimum: int = 0
    team: tuple[int, ...] = ()


def prove(problem: Problem, solution: Solution) -> Proof:
    """The coverage bound that the solution's prices prove. Raises ProofError if there are none or they do not fit."""
    prices = _Prices(problem, solution.prices)
    total = sum(UNIT * slot.value * len(slot.pinned) for slot in problem.slots)
    total += sum(_team_worth(problem, slot, prices) for slot in problem.slots)
    total += sum(_cap_worth(problem, volunteer, prices) for volunteer in problem.volunteers)
    windows = relaxed = 0
    for trip in _trips(problem, prices):
        best, exact = best_trip(trip)
        total += best
        windows, relaxed = windows + 1, relaxed + (not exact)
    step = UNIT * math.gcd(*(slot.value for slot in problem.slots)) or UNIT
    bound = total // step * step // UNIT
    coverage, _, _ = measure(problem, solution.assignments)
    return Proof(coverage, bound, solution.coverage_bound, windows, relaxed)


class _Prices:
    """The stored prices by slot, start, volunteer and day, in thousandths."""

    def __init__(self, problem: Problem, stored: object) -> None:
        if not isinstance(stored, Mapping):
            raise ProofError("solution: prices are missing; solve again and keep the prices in the solution")
        slots = {slot.id: slot for slot in problem.slots}
        volunteers = {volunteer.id for volunteer in problem.volunteers}
        self.of_team: dict[str, dict[int | None, TeamPrice]] = defaultdict(dict)
        self.of_visit: dict[tuple[str, int | None], tuple[int, int]] = {}
        for row in _rows(stored, "slots", ("slot", "start", "seat", "minimum", "team")):
            slot = slots.get(row["slot"])
            if slot is None or len(row["team"]) not in (0, len(slot.team)):
                raise ProofError(f"solution: price {row} does not fit a slot of the problem")
            team = tuple(_thousandths(row, price) for price in row["team"])
            price = TeamPrice(_thousandths(row, row["seat"]), _thousandths(row, row["minimum"]), team)
            self.of_team[slot.id][row["start"]] = price
        for row in _rows(stored, "volunteers", ("volunteer", "day", "visit", "minute")):
            if row["volunteer"] not in volunteers:
                raise ProofError(f"solution: price {row} does not fit a volunteer of the problem")
            key = row["volunteer"], row["day"]
            self.of_visit[key] = _thousandths(row, row["visit"]), _thousandths(row, row["minute"])

    def team(self, slot: Slot, start_min: int) -> TeamPrice:
        rows = self.of_team.get(slot.id, {})
        return rows.get(start_min) or rows.get(None) or TeamPrice()

    def visit(self, volunteer: Volunteer, day: int, minutes: int) -> int:
        """What a visit of that many minutes pays for the caps of its day and of the horizon."""
        rows = (self.of_visit.get((volunteer.id, key), (0, 0)) for key in (day, None))
        return sum(visit + minute * minutes for visit, minute in rows)


def _rows(stored: Mapping[str, Any], name: str, fields: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    for row in stored.get(name, ()):
        if not isinstance(row, Mapping) or not set(fields) <= set(row):
            raise ProofError(f"solution: price {row} of {name} is not an object of {', '.join(fields)}")
        yield row


def _thousandths(row: object, price: Any) -> int:
    if not isinstance(price, int | float) or not math.isfinite(price) or price < 0:
        raise ProofError(f"solution: price {row} holds {price!r}, expected numbers of at least 0")
    return round(price * UNIT)


def _starts(slot: Slot) -> Iterable[int]:
    """The starts at which someone who is not pinned may be on the slot."""
    if not slot.pinned:
        return slot.starts
    return [slot.pinned[0].start] if slot.pinned[0].start in slot.starts else []


def _team_worth(problem: Problem, slot: Slot, prices: _Prices) -> int:
    """What the slot's free seats are worth at their prices: that of its best team, or of nobody."""
    if slot.id not in prices.of_team:
        return 0
    tags = {v.id: v.tags for v in problem.volunteers} if slot.pinned and slot.team else {}
    missing = [rule.at_least - sum(rule.tag in tags[pin.volunteer] for pin in slot.pinned) for rule in slot.team]
    seats, least = slot.headcount - len(slot.pinned), max(0, slot.min_headcount - len(slot.pinned))

    def worth(price: TeamPrice) -> int:
        team = sum(max(0, need) * each for need, each in zip(missing, price.team, strict=False))
        return seats * price.seat - least * price.minimum - team

    return max(0, *(worth(price) for price in {prices.team(slot, start) for start in _starts(slot)}), 0)


def _left(cap: int | None, used: int) -> int | None:
    return None if cap is None else max(0, cap - used)


def _pins_of(problem: Problem, volunteer: Volunteer) -> list[tuple[int, Slot]]:
    pins = ((pin.start, slot) for slot in problem.slots for pin in slot.pinned if pin.volunteer == volunteer.id)
    return sorted(pins, key=lambda pin: pin[0])


def _day_of(volunteer: Volunteer, start_min: int, duration_min: int) -> int:
    inside = (w.start for w in volunteer.windows if w.start <= start_min and start_min + duration_min <= w.end)
    return next(inside, start_min) // 1440


def _caps_left(
    problem: Problem, volunteer: Volunteer, day: int | None, pins: list[tuple[int, Slot]]
) -> tuple[int | None, int | None]:
    """Visits and minutes that pinned visits leave of the caps of a day (None: of the horizon)."""
    counted = [slot.duration for start, slot in pins if day in (None, _day_of(volunteer, start, slot.duration))]
    if day is None:
        return _left(volunteer.max_visits, len(counted)), _left(volunteer.max_minutes, sum(counted))
    return _left(volunteer.max_visits_per_day, len(counted)), _left(volunteer.max_minutes_per_day, sum(counted))


def _cap_worth(problem: Problem, volunteer: Volunteer, prices: _Prices) -> int:
    worth = 0
    for day in {None, *(window.start // 1440 for window in volunteer.windows)}:
        visit, minute = prices.of_visit.get((volunteer.id, day), (0, 0))
        if visit or minute:
            visits, minutes = _caps_left(problem, volunteer, day, _pins_of(problem, volunteer))
            if (visit and visits is None) or (minute and minutes is None):
                raise ProofError(f"solution: volunteer {volunteer.id} has a price on a cap that does not exist")
            worth += visit * (visits or 0) + minute * (minutes or 0)
    return worth


def _trips(problem: Problem, prices: _Prices) -> Iterator[Trip]:
    """Every free stretch of every volunteer's windows, with the errands that it may hold and what each earns."""
    plan = Plan(problem, ())
    pinned_people = {pin.volunteer for slot in problem.slots for pin in slot.pinned}
    by_day: dict[int, list[Slot]] = defaultdict(list)
    for slot in problem.slots:
        for day in range(slot.earliest // 1440, slot.latest // 1440 + 1):
            by_day[day].append(slot)
    for volunteer in problem.volunteers:
        pins = _pins_of(problem, volunteer) if volunteer.id in pinned_people else []
        suited: dict[str, bool] = {}
        for window in volunteer.windows:
            days = range(window.start // 1440, window.end // 1440 + 1)
            slots = {slot.id: slot for day in days for slot in by_day[day]}.values()
            errands = [e for slot in slots for e in _errands(plan, volunteer, window, slot, prices, suited)]
            if errands:
                yield from _stretches(plan, volunteer, window, errands, pins)


def _errands(
    plan: Plan, volunteer: Volunteer, window: Window, slot: Slot, prices: _Prices, suited: dict[str, bool]
) -> Iterator[Errand]:
    """The slot as this window sees it: one errand for each price at which its starts go."""
    if slot.latest < window.start or slot.earliest + slot.duration > window.end:
        return
    if slot.id not in suited:
        suited[slot.id] = _suits(volunteer, slot)
    if not suited[slot.id]:
        return
    reach_min = plan.leg_min(volunteer.mode, window.origin, slot.location)
    if volunteer.max_reach is not None and reach_min > volunteer.max_reach:
        return
    starts_at: dict[TeamPrice, list[int]] = defaultdict(list)
    for start in _starts(slot):
        if window.start <= start <= window.end - slot.duration:
            starts_at[prices.team(slot, start)].append(start)
    paid = prices.visit(volunteer, window.start // 1440, slot.duration)
    for price, starts in starts_at.items():
        bonus = sum(each for rule, each in zip(slot.team, price.team, strict=False) if rule.tag in volunteer.tags)
        reward = UNIT * slot.value - price.seat + price.minimum + bonus - paid
        # A way over a third place may be the shorter one in a matrix: there even worthless errands count.
        if reward > 0 or (plan.problem.travel.matrix is not None and slot.location is not None):
            yield Errand(slot.id, slot.location, slot.duration, tuple(starts), reward)


def _suits(volunteer: Volunteer, slot: Slot) -> bool:
    full = len(slot.pinned) >= slot.headcount
    already = volunteer.id in slot.excluded or any(pin.volunteer == volunteer.id for pin in slot.pinned)
    any_of = not slot.requires_any or bool(slot.requires_any & volunteer.tags)
    tags = slot.requires_all <= volunteer.tags and any_of and not slot.forbids & volunteer.tags
    return tags and not full and not already


def _stretches(
    plan: Plan, volunteer: Volunteer, window: Window, errands: list[Errand], pins: list[tuple[int, Slot]]
) -> Iterator[Trip]:
    """The window, cut at pinned visits; each piece is bounded alone, and the way to a pinned visit is not asked for."""
    day_left = _caps_left(plan.problem, volunteer, window.start // 1440, pins)
    all_left = _caps_left(plan.problem, volunteer, None, pins)
    visits, minutes = (
        min((cap for cap in caps if cap is not None), default=None) for caps in zip(day_left, all_left, strict=True)
    )
    begin, here, lost = window.start, window.origin, False
    for start, slot in pins:
        end = start + slot.duration
        if end <= window.start or start >= window.end:
            continue
        yield Trip(plan, volunteer.mode, begin, start, here, lost, None, visits, minutes, errands)
        begin, here = max(begin, end), slot.location
        lost = slot.location is None or start < window.start or end > window.end
    yield Trip(plan, volunteer.mode, begin, window.end, here, lost, window.destination, visits, minutes, errands)
