"""A careful coordinator with a list: most valuable and hardest slots first, the nearest free person; again and again.

Sees the whole week, knows every rule and chooses the start of a crew freely; starts again in another order until the
time is up and keeps the best plan.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from random import Random

from benchmarks.peers.who_could import WhoCould
from solver.model.plan_index import Plan
from solver.model.problem import Problem, Slot, Volunteer, Window
from solver.model.solution import Assignment

Visit = tuple[int, Slot]  # start, slot
Offer = tuple[float, Volunteer, Window, int]  # strain, who, when, start
HANDLING_MIN = 15  # what a visit takes beside its service, roughly
CHOOSY = 0.5  # minutes of way that one more possibility of a person is worth


class Coordinator:
    def __init__(self, problem: Problem) -> None:
        self.problem, self.leg_min = problem, lru_cache(maxsize=None)(Plan(problem, ()).leg_min)
        who_could = WhoCould(problem)
        self.able = {slot.id: [who_could.windows[n] for n, _ in who_could.serve(slot)] for slot in problem.slots}
        chances = zip(who_could.windows, who_could.chances(), strict=True)
        self.choices = {(v.id, w.start): count for (v, w), count in chances}

    def plan(self, random: Random, noise: float, standing: Sequence[Assignment] = ()) -> list[Assignment]:
        """One pass over all slots that nobody of the standing plan is on; the standing plan with what was added."""
        self.routes: dict[tuple[str, int], list[Visit]] = defaultdict(list)
        self.minutes: dict[str, int] = defaultdict(int)
        self.visits: dict[str, int] = defaultdict(int)
        known = {v.id: v for v in self.problem.volunteers}
        slots = {slot.id: slot for slot in self.problem.slots}
        for a in standing:
            windows = (w for w in known[a.volunteer].windows if w.start <= a.start < w.end)
            self._put(slots[a.slot], known[a.volunteer], next(windows), a.start)
        done = {a.slot for a in standing}

        def urgency(slot: Slot) -> tuple[float, float]:
            crew = 1.5 if slot.headcount > 1 else 1.0
            return crew * slot.value / (slot.duration + HANDLING_MIN) * (1 + noise * random.random()), slot.value

        plan = list(standing)
        for slot in sorted(self.problem.slots, key=urgency, reverse=True):
            for _, v, w, start in self._team(slot) if slot.id not in done else ():
                self._put(slot, v, w, start)
                plan.append(Assignment(slot.id, v.id, start))
        return plan

    def _put(self, slot: Slot, v: Volunteer, w: Window, start: int) -> None:
        route = self.routes[v.id, w.start]
        route.append((start, slot))
        route.sort(key=lambda visit: visit[0])
        self.minutes[v.id] += slot.duration
        self.visits[v.id] += 1

    def _team(self, slot: Slot) -> list[Offer]:
        """The best people at the best start: as many as possible, near, and with little else that they could do."""
        best: tuple[int, float] = (0, 0.0)
        team: list[Offer] = []
        for start in slot.starts:
            found = self._team_at(slot, start)
            worth = len(found), -sum(strain for strain, *_ in found)
            if found and worth > best:
                best, team = worth, found
        return team

    def _team_at(self, slot: Slot, start: int) -> list[Offer]:
        ways = ((self._extra(v, w, slot, start), v, w) for v, w in self.able[slot.id])
        offers = [(way + CHOOSY * self.choices[v.id, w.start], v, w, start) for way, v, w in ways if way is not None]
        offers.sort(key=lambda offer: (offer[0], offer[1].id))
        chosen: list[Offer] = []
        for rule in slot.team:
            need = rule.at_least - sum(rule.tag in v.tags for _, v, *_ in chosen)
            tagged = [offer for offer in offers if rule.tag in offer[1].tags and offer not in chosen]
            chosen += tagged[: max(0, need)]
        chosen += [offer for offer in offers if offer not in chosen][: max(0, slot.headcount - len(chosen))]
        right = all(sum(r.tag in v.tags for _, v, *_ in chosen) >= r.at_least for r in slot.team)
        return chosen if right and max(1, slot.min_headcount) <= len(chosen) <= slot.headcount else []

    def _extra(self, v: Volunteer, w: Window, slot: Slot, start: int) -> int | None:
        """Minutes of way more with the slot in the window at that start; None if it does not fit."""
        if not w.start <= start <= w.end - slot.duration:
            return None
        route = self.routes[v.id, w.start]
        today = sum(s.duration for _, s in route)
        if (
            (v.max_minutes is not None and self.minutes[v.id] + slot.duration > v.max_minutes)
            or (v.max_visits is not None and self.visits[v.id] >= v.max_visits)
            or (v.max_minutes_per_day is not None and today + slot.duration > v.max_minutes_per_day)
            or (v.max_visits_per_day is not None and len(route) >= v.max_visits_per_day)
        ):
            return None
        before = self._way(v, w, route)
        after = self._way(v, w, sorted([*route, (start, slot)], key=lambda visit: visit[0]))
        return None if after is None else after - (before or 0)

    def _way(self, v: Volunteer, w: Window, route: list[Visit]) -> int | None:
        clock, place, way = w.start, w.origin, 0
        for start, slot in route:
            leg = self.leg_min(v.mode, place, slot.location)
            if clock + leg > start:
                return None
            way, clock = way + leg, start + slot.duration
            place = place if slot.location is None else slot.location
        back = self.leg_min(v.mode, place, w.destination)
        return None if route and clock + back > w.end else way + back


def solve(problem: Problem, seconds: float, seed: int) -> list[Assignment]:
    """The best of as many passes as fit; the first without noise."""
    deadline, random = time.monotonic() + seconds, Random(seed)
    coordinator = Coordinator(problem)
    value = {slot.id: slot.value for slot in problem.slots}
    best, most, noise = [], -1, 0.0
    while True:
        begin = time.monotonic()
        plan = coordinator.plan(random, noise)
        worth = sum(value[a.slot] for a in plan)
        if worth > most:
            best, most = plan, worth
        noise = 0.15
        if time.monotonic() + (time.monotonic() - begin) > deadline:
            return best
