"""The most that one free stretch of time can earn when every task has a worth: exact, short, numpy only.

First the relaxed answer for every place, minute and minutes of service left, from the end backwards (Bellman), where a
task may be run twice. Then a depth-first search in which it may not, cut off by that answer.
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
class Task:
    """A slot at the starts that have the same duals; `profit` is what running it earns there."""

    slot: str
    place: Place | None
    duration: int
    starts: tuple[int, ...]
    profit: int


@dataclass(frozen=True, slots=True)
class Stretch:
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
    tasks: list[Task]
    day: int


Profile = list[tuple[int, int]]  # (minutes of service, the most that can be earned with so many)


def earnings(stretch: Stretch) -> tuple[Profile, bool]:
    """(what the stretch can earn by minutes of service, whether that is exact and not only an upper bound)."""
    length = stretch.end - stretch.begin
    tasks = [e for e in stretch.tasks if stretch.begin <= e.starts[-1] and e.starts[0] + e.duration <= stretch.end]
    if length <= 0 or not tasks or stretch.max_visits == 0:
        return [(0, 0)], True
    return _Table(stretch, tasks, length).profile()


class _Table:
    """The relaxed answer for every (place, minute since begin, units of service left); -1 as a place is by phone."""

    def __init__(self, stretch: Stretch, tasks: list[Task], length: int) -> None:
        self.stretch, self.tasks, self.length = stretch, tasks, length
        places = list(dict.fromkeys(e.place for e in tasks if e.place is not None))
        number = {place: n + 1 for n, place in enumerate(places)}
        standing: list[Place | None] = [None if stretch.lost else stretch.origin, *places]
        leg = stretch.leg_min
        self.leg = np.array([[leg(stretch.mode, here, e.place) for e in tasks] for here in standing], np.int64)
        self.back = np.array([leg(stretch.mode, here, stretch.destination) for here in standing], np.int64)
        stays = np.arange(len(standing), dtype=np.int64)[:, None]
        there = np.array([-1 if e.place is None else number[e.place] for e in tasks], np.int64)
        self.then = np.where(there < 0, stays, there)
        steps = length // min(e.duration for e in tasks) + 1
        if steps * max(abs(e.profit) for e in tasks) > -NEVER // 2:
            raise ProofError(f"solution: the duals of slot {tasks[0].slot} or one beside it are too high to add up")
        self.profit = np.array([e.profit for e in tasks], np.int64)
        self.duration = np.array([e.duration for e in tasks], np.int64)
        self.finish = self._finish_times()
        self.unit = math.gcd(*(e.duration for e in tasks))
        counted = stretch.max_minutes is not None
        self.units = min(stretch.max_minutes or 0, length) // self.unit
        self.cost = self.duration // self.unit if counted else np.zeros(len(tasks), np.int64)
        self.value = self._relaxed()

    def _finish_times(self) -> Ints:
        """[task, minute]: when it is done if one is there at that minute; length + 1 when it is too late."""
        finish = np.full((len(self.tasks), 2 * self.length + 2), self.length + 1, np.int64)
        for row, task in enumerate(self.tasks):
            before = 0
            for start in task.starts:
                at = start - self.stretch.begin
                if at >= before and at + task.duration <= self.length:
                    finish[row, before : at + 1] = at + task.duration
                    before = at + 1
        return finish

    def _done(self, here: Ints, minute: int) -> Ints:
        """[place, task]: when each task is done by someone who is free at each place at that minute."""
        arrive = np.minimum(minute + self.leg[here], 2 * self.length + 1)
        return self.finish[np.arange(len(self.tasks)), arrive]

    def _relaxed(self) -> Ints:
        """[place, minute, units left]: the most that can still be earned; NEVER where it is too late to be back."""
        everywhere = np.arange(len(self.leg))
        value = np.full((len(self.leg), self.length + 2, self.units + 2), NEVER, np.int64)
        left = np.arange(self.units + 1) - self.cost[:, None]
        left = np.where(left < 0, self.units + 1, left)
        for minute in range(self.length, -1, -1):
            done = self._done(everywhere, minute)
            after = value[self.then[:, :, None], done[:, :, None], left[None]]
            best = (self.profit[None, :, None] + after).max(axis=1)
            home = np.where(minute + self.back <= self.length, 0, NEVER)
            value[:, minute, : self.units + 1] = np.maximum(best, home[:, None])
        return value

    def profile(self) -> tuple[Profile, bool]:
        """The best stretch for every amount of service; the relaxed answers from where the search takes too long."""
        found, units = [(0, 0)], self.units
        while units >= 0:
            self.best, self.least_left, self.nodes = 0, units, 0
            self._extend(0, 0, units, self.stretch.max_visits or len(self.tasks), 0, frozenset())
            if self.nodes > SEARCH_NODES:
                relaxed = self.value[0, 0, : units + 1]
                return found + [(n * self.unit, max(0, int(most))) for n, most in enumerate(relaxed)], False
            used = units - self.least_left
            found.append((used * self.unit, self.best))
            units = used - 1
        return found, True

    def _extend(self, here: int, minute: int, units: int, visits: int, earned: int, done: frozenset[str]) -> None:
        """Look for a stretch better than the best so far among those that go on from here."""
        finish, left = self._done(np.array([here]), minute)[0], units - self.cost
        hope = self.profit + self.value[self.then[here], finish, np.where(left < 0, self.units + 1, left)]
        for row in np.argsort(-hope, kind="stable"):
            if earned + hope[row] <= self.best or self.nodes > SEARCH_NODES:
                return
            task = self.tasks[row]
            if task.slot in done:
                continue
            self.nodes += 1
            there, total = int(self.then[here, row]), earned + task.profit
            if total > self.best and finish[row] + self.back[there] <= self.length:
                self.best, self.least_left = total, int(left[row])
            if visits > 1:
                self._extend(there, int(finish[row]), int(left[row]), visits - 1, total, done | {task.slot})
