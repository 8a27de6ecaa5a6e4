"""The most that one free stretch of time can earn when every errand has a price: exact, short, numpy only.

First the relaxed answer for every place, minute and minutes of service left, from the end backwards (Bellman), where an
errand may be run twice. Then a depth-first search in which it may not, cut off by that answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from solver.model.problem import Place
from solver.proof.duals import ProofError

Ints = npt.NDArray[np.int64]
NEVER = -(1 << 60)
SEARCH_NODES = 20_000


@dataclass(frozen=True, slots=True)
class Errand:
    """A slot at the starts that have one price; `reward` is what running it earns there."""

    slot: str
    place: Place | None
    duration: int
    starts: tuple[int, ...]
    reward: int


@dataclass(frozen=True, slots=True)
class Trip:
    """A stretch of time of one volunteer, on a day of theirs. `lost`: the place at `begin` is not known, any leg is 0.

    `max_minutes` of service is a limit that is never None when the volunteer has any cap on minutes.
    """

    leg_min: Callable[[str | None, Place | None, Place | None], int]
    mode: str | None
    begin: int
    end: int
    origin: Place | None
    lost: bool
    destination: Place | None
    max_visits: int | None
    max_minutes: int | None
    errands: list[Errand]
    day: int


Profile = list[tuple[int, int]]  # (minutes of service, the most that can be earned with so many)


def earnings(trip: Trip) -> tuple[Profile, bool]:
    """(what the stretch can earn by minutes of service, whether that is exact and not only an upper bound)."""
    length = trip.end - trip.begin
    errands = [e for e in trip.errands if trip.begin <= e.starts[-1] and e.starts[0] + e.duration <= trip.end]
    if length <= 0 or not errands or trip.max_visits == 0:
        return [(0, 0)], True
    return _Table(trip, errands, length).profile()


class _Table:
    """The relaxed answer for every (place, minute since begin, units of service left); -1 as a place is by phone."""

    def __init__(self, trip: Trip, errands: list[Errand], length: int) -> None:
        self.trip, self.errands, self.length = trip, errands, length
        places = list(dict.fromkeys(e.place for e in errands if e.place is not None))
        number = {place: n + 1 for n, place in enumerate(places)}
        standing: list[Place | None] = [None if trip.lost else trip.origin, *places]
        leg = trip.leg_min
        self.leg = np.array([[leg(trip.mode, here, e.place) for e in errands] for here in standing], np.int64)
        self.back = np.array([leg(trip.mode, here, trip.destination) for here in standing], np.int64)
        stays = np.arange(len(standing), dtype=np.int64)[:, None]
        there = np.array([-1 if e.place is None else number[e.place] for e in errands], np.int64)
        self.then = np.where(there < 0, stays, there)
        steps = length // min(e.duration for e in errands) + 1
        if steps * max(abs(e.reward) for e in errands) > -NEVER // 2:
            raise ProofError(f"solution: the prices of slot {errands[0].slot} or one beside it are too high to add up")
        self.reward = np.array([e.reward for e in errands], np.int64)
        self.duration = np.array([e.duration for e in errands], np.int64)
        self.finish = self._finish_times()
        self.unit = math.gcd(*(e.duration for e in errands))
        counted = trip.max_minutes is not None
        self.units = min(trip.max_minutes or 0, length) // self.unit
        self.cost = self.duration // self.unit if counted else np.zeros(len(errands), np.int64)
        self.value = self._relaxed()

    def _finish_times(self) -> Ints:
        """[errand, minute]: when it is done if one is there at that minute; length + 1 when it is too late."""
        finish = np.full((len(self.errands), 2 * self.length + 2), self.length + 1, np.int64)
        for row, errand in enumerate(self.errands):
            before = 0
            for start in errand.starts:
                at = start - self.trip.begin
                if at >= before and at + errand.duration <= self.length:
                    finish[row, before : at + 1] = at + errand.duration
                    before = at + 1
        return finish

    def _done(self, here: Ints, minute: int) -> Ints:
        """[place, errand]: when each errand is done by someone who is free at each place at that minute."""
        arrive = np.minimum(minute + self.leg[here], 2 * self.length + 1)
        return self.finish[np.arange(len(self.errands)), arrive]

    def _relaxed(self) -> Ints:
        """[place, minute, units left]: the most that can still be earned; NEVER where it is too late to be back."""
        everywhere = np.arange(len(self.leg))
        value = np.full((len(self.leg), self.length + 2, self.units + 2), NEVER, np.int64)
        left = np.arange(self.units + 1) - self.cost[:, None]
        left = np.where(left < 0, self.units + 1, left)
        for minute in range(self.length, -1, -1):
            done = self._done(everywhere, minute)
            after = value[self.then[:, :, None], done[:, :, None], left[None]]
            best = (self.reward[None, :, None] + after).max(axis=1)
            home = np.where(minute + self.back <= self.length, 0, NEVER)
            value[:, minute, : self.units + 1] = np.maximum(best, home[:, None])
        return value

    def profile(self) -> tuple[Profile, bool]:
        """The best trip for every amount of service; the relaxed answers from where the search takes too long."""
        found, units = [(0, 0)], self.units
        while units >= 0:
            self.best, self.least_left, self.nodes = 0, units, 0
            self._extend(0, 0, units, self.trip.max_visits or len(self.errands), 0, frozenset())
            if self.nodes > SEARCH_NODES:
                relaxed = self.value[0, 0, : units + 1]
                return found + [(n * self.unit, max(0, int(most))) for n, most in enumerate(relaxed)], False
            used = units - self.least_left
            found.append((used * self.unit, self.best))
            units = used - 1
        return found, True

    def _extend(self, here: int, minute: int, units: int, visits: int, earned: int, done: frozenset[str]) -> None:
        """Look for a trip better than the best so far among those that go on from here."""
        finish, left = self._done(np.array([here]), minute)[0], units - self.cost
        hope = self.reward + self.value[self.then[here], finish, np.where(left < 0, self.units + 1, left)]
        for row in np.argsort(-hope, kind="stable"):
            if earned + hope[row] <= self.best or self.nodes > SEARCH_NODES:
                return
            errand = self.errands[row]
            if errand.slot in done:
                continue
            self.nodes += 1
            there, total = int(self.then[here, row]), earned + errand.reward
            if total > self.best and finish[row] + self.back[there] <= self.length:
                self.best, self.least_left = total, int(left[row])
            if visits > 1:
                self._extend(there, int(finish[row]), int(left[row]), visits - 1, total, done | {errand.slot})
