"""Why not this person? Put them on the slot and see what it costs: an exact counterfactual near the plan as it stands.

The question becomes a small problem of its own: the days of the slot, where everybody else keeps their visits or drops
them, the person's other visits and the slot itself are open to all, and whoever is set free may fill empty slots. It is
solved like any other, so the answer keeps every rule and comes with a proof for this small problem. Where the person
cannot be placed so (who could join them may have used up their week on other days), all days are asked about.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from solver.explain.moves import Moves, team_stands
from solver.explain.why import Reason, reasons_against
from solver.model.check import violations
from solver.model.objective import measure
from solver.model.plan_index import Index
from solver.model.problem import Problem, Slot, TeamRule, Volunteer
from solver.model.solution import Assignment, Status
from solver.solve import Limits, solve

DAY_MIN = 1440
REQUIRED, MOVED = "counterfactual: here", "counterfactual: free to move"


@dataclass(frozen=True, slots=True)
class Change:
    """One visit that differs: None is "not there" before or after."""

    volunteer: str
    slot: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class Counterfactual:
    """The plan with the person on the slot, compared with the plan as it stands: differences in coverage and terms.

    `proven`: no better plan exists within the small problem that the module's first lines describe.
    """

    start: int
    coverage: int
    terms: dict[str, int]
    proven: bool
    changes: tuple[Change, ...]
    assignments: tuple[Assignment, ...]

    @property
    def cost(self) -> int:
        return sum(self.terms.values())


@dataclass(frozen=True, slots=True)
class WhyNot:
    """Why a person is not on a slot: rules that always forbid it, or what it would take (None if nothing was found)."""

    volunteer: str
    slot: str
    reasons: tuple[Reason, ...]
    counterfactual: Counterfactual | None


def why_not(
    problem: Problem, assignments: Sequence[Assignment], volunteer_id: str, slot_id: str, *, seconds: float = 2.0
) -> WhyNot:
    """The rules against the person on the slot, or the difference that forcing it would make to the plan.

    Raises KeyError for unknown ids. `seconds` limits the search; small neighbourhoods are proven much sooner.
    """
    index = Index(problem)
    volunteer, slot = index.volunteers[volunteer_id], index.slots[slot_id]
    if reasons := reasons_against(problem, volunteer, slot):
        return WhyNot(volunteer_id, slot_id, reasons, None)
    moves = Moves(problem, assignments, index)
    for days in (_days(slot), _days(*problem.slots)):
        around = _Around(moves, volunteer, slot, days)
        team_sizes = around.team_sizes()
        tries = [around.solved(size, seconds / 2 / len(team_sizes)) for size in team_sizes]
        if found := [one for one in tries if one is not None]:
            return WhyNot(volunteer_id, slot_id, (), max(found, key=lambda one: (one.coverage, -one.cost)))
    return WhyNot(volunteer_id, slot_id, (), None)


class _Around:
    """The plan around one person and one slot on those days, as a problem of its own."""

    def __init__(self, moves: Moves, volunteer: Volunteer, slot: Slot, days: range) -> None:
        self.moves, self.problem, self.volunteer, self.slot, self.days = moves, moves.problem, volunteer, slot, days
        self.before = [a for visits in moves.standing.values() for a in visits]
        self.team = {visit.volunteer.id for visit in moves.plan.team_of.get(slot.id, ())}
        self.own = {a.slot: a for a in moves.standing.get(volunteer.id, ())}
        self.here = {
            visit.slot.id: visits
            for visits in moves.plan.team_of.values()
            for visit in visits
            if visit.day in self.days
        }

    def team_sizes(self) -> list[int]:
        """How many people the slot may have with the person on it: as many as now, or any number if it is empty."""
        slot, now = self.slot, len(self.team)
        if now:
            return [now] if self.volunteer.id in self.team or now == slot.headcount else [now, now + 1]
        return list(range(max(1, slot.min_headcount), slot.headcount + 1))

    def solved(self, team_size: int, seconds: float) -> Counterfactual | None:
        """The best plan with the person on the slot in a team of that size; None if none was found."""
        here = [a for a in self.before if a.slot in self.here and a.slot != self.slot.id]
        solution = solve(self._problem(team_size), Limits(seconds, workers=1), here)
        after = [a for a in self.before if not self._is_decided(a, solution.assignments)] + list(solution.assignments)
        if not self._is_placed(after) or violations(self.problem, after):
            return None
        coverage, _, terms = measure(self.problem, after)
        old_coverage, _, old_terms = measure(self.problem, self.before)
        return Counterfactual(
            start=next(a.start for a in after if (a.slot, a.volunteer) == (self.slot.id, self.volunteer.id)),
            coverage=coverage - old_coverage,
            terms={name: terms[name] - old_terms[name] for name in terms},
            proven=solution.status is Status.OPTIMAL,
            changes=_changes(self.before, after),
            assignments=tuple(sorted(after)),
        )

    def _is_placed(self, plan: Sequence[Assignment]) -> bool:
        return any((a.slot, a.volunteer) == (self.slot.id, self.volunteer.id) for a in plan)

    def _is_decided(self, a: Assignment, solved: Sequence[Assignment]) -> bool:
        """Whether the small problem decided about this visit, be it that its team cannot do without the person."""
        if a.slot in self.here or a.slot == self.slot.id or a.volunteer == self.volunteer.id:
            return True
        kept = {b.slot for b in solved if b.volunteer == self.volunteer.id}
        return a.slot in self.own and a.slot not in kept and not self._stands_without(a.slot)

    def _problem(self, team_size: int) -> Problem:
        people = tuple(self._volunteer(v) for v in self.problem.volunteers if self._is_about(v))
        known = {v.id for v in people}
        slots = [self._slot(slot, team_size) for slot in self.problem.slots if self._is_here(slot)]
        slots += [self._elsewhere(a) for a in self.own.values() if a.slot not in self.here]
        slots = [replace(s, previous=tuple(p for p in s.previous if p.volunteer in known)) for s in slots]
        return replace(self.problem, volunteers=people, slots=tuple(slots))

    def _is_here(self, slot: Slot) -> bool:
        on_these_days = slot.earliest // DAY_MIN in self.days or slot.latest // DAY_MIN in self.days
        return slot.id in self.here or (on_these_days and slot.id not in self.moves.plan.team_of)

    def _is_about(self, v: Volunteer) -> bool:
        return v is self.volunteer or any(w.start // DAY_MIN in self.days for w in v.windows) or self._visits_here(v)

    def _visits_here(self, v: Volunteer) -> bool:
        return any(a.slot in self.here for a in self.moves.standing.get(v.id, ()))

    def _volunteer(self, v: Volunteer) -> Volunteer:
        """The person on these days: visits on other days stay, so they only take from the caps and add to the load."""
        mine = self.moves.standing.get(v.id, ())
        tags = {_only(a.slot) for a in mine}
        if v is self.volunteer:
            return replace(v, tags=v.tags | tags | {REQUIRED, MOVED})
        if v.id in self.team:
            tags |= {MOVED}
        away = [self.moves.index.slots[a.slot].duration for a in mine if a.slot not in self.here]
        return replace(
            v,
            tags=v.tags | tags,
            windows=tuple(w for w in v.windows if w.start // DAY_MIN in self.days),
            max_visits=None if v.max_visits is None else max(0, v.max_visits - len(away)),
            max_minutes=None if v.max_minutes is None else max(0, v.max_minutes - sum(away)),
            served=v.served + sum(away),
            willing=v.willing and not away,
        )

    def _slot(self, slot: Slot, team_size: int) -> Slot:
        if slot is self.slot:
            here = [s for s in self.problem.slots if self._is_here(s) or s.id in self.own]
            return _required_slot(slot, team_size, here)
        if slot.id in self.own:
            return slot
        if slot.id not in self.here:
            return replace(slot, requires_all=slot.requires_all | {MOVED})
        start = self.here[slot.id][0].start_min
        if slot.pinned:
            return replace(slot, requires_all=slot.requires_all | {_only(slot.id)})
        return replace(slot, earliest=start, latest=start, requires_all=slot.requires_all | {_only(slot.id)})

    def _elsewhere(self, a: Assignment) -> Slot:
        """A visit of the person on another day: kept, or dropped with the whole team if it cannot do without."""
        slot, team = self.moves.index.slots[a.slot], self.moves.plan.team_of[a.slot]
        return replace(
            slot,
            headcount=1,
            min_headcount=1,
            team=(),
            value=slot.value * (1 if self._stands_without(slot.id) else len(team)),
            earliest=min(a.start, slot.earliest) if slot.pinned else a.start,
            latest=max(a.start, slot.latest) if slot.pinned else a.start,
            requires_all=slot.requires_all | {_only(slot.id)},
            pinned=tuple(pin for pin in slot.pinned if pin.volunteer == self.volunteer.id),
            previous=tuple(prior for prior in slot.previous if prior.volunteer == self.volunteer.id),
        )

    def _stands_without(self, slot_id: str) -> bool:
        slot = self.moves.index.slots[slot_id]
        left = [v for v in self.moves.plan.team_of[slot_id] if v.volunteer is not self.volunteer]
        enough = len(left) >= slot.min_headcount and team_stands(slot, (visit.volunteer for visit in left))
        return enough or all(visit.pinned for visit in left)


def counterfactual_problem(problem: Problem, volunteer: Volunteer, slot: Slot, team_size: int) -> Problem:
    """The whole problem with the person on the slot in a team of that size, worth more than everything else.

    Every rule about the visit still holds, unlike with a pin; coverage is to be measured on the problem itself.
    """
    person = replace(volunteer, tags=volunteer.tags | {REQUIRED})
    counterfactual = _required_slot(slot, team_size, problem.slots)
    return replace(
        problem,
        volunteers=tuple(person if v is volunteer else v for v in problem.volunteers),
        slots=tuple(counterfactual if s is slot else s for s in problem.slots),
    )


def _required_slot(slot: Slot, team_size: int, others: Sequence[Slot]) -> Slot:
    everything = sum(other.value * other.headcount for other in others) + 1
    team = (*slot.team, TeamRule(REQUIRED, 1))
    worth = slot.value + -(-everything // team_size)
    return replace(slot, headcount=team_size, min_headcount=team_size, team=team, value=worth)


def _days(*slots: Slot) -> range:
    return range(
        min(slot.earliest for slot in slots) // DAY_MIN,
        max(slot.latest + slot.duration for slot in slots) // DAY_MIN + 1,
    )


def _only(slot_id: str) -> str:
    return f"counterfactual: on {slot_id}"


def _changes(before: Iterable[Assignment], after: Iterable[Assignment]) -> tuple[Change, ...]:
    starts: dict[tuple[str, str], list[int | None]] = defaultdict(lambda: [None, None])
    for which, plan in enumerate((before, after)):
        for a in plan:
            starts[a.volunteer, a.slot][which] = a.start
    return tuple(Change(*pair, *times) for pair, times in sorted(starts.items()) if times[0] != times[1])
