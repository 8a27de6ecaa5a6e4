"""A plan as it stands, and what one person more or less on one slot would mean: the ground of every explanation.

Plain Python on the checker's own rules and terms, so an explanation never says anything that the checker would not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from solver.model.check import PERSONAL, Violation
from solver.model.objective import affinity, overload, travel
from solver.model.plan_index import Index, Placed, Plan
from solver.model.problem import Problem, Slot, Volunteer
from solver.model.solution import Assignment

ORDER = (
    "eligible",
    "inside_window",
    "within_reach",
    "reached_in_time",
    "back_in_time",
    "day_caps",
    "horizon_caps",
    "one_place_at_a_time",
)
ALWAYS, AS_THINGS_STAND = "always", "as_things_stand"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a person is not on a slot. `rule` is a rule of solver/model/check.py; `excess` by how much (minutes, visits).

    `since`: "always" if it holds even on an otherwise empty plan, "as_things_stand" if other visits are the cause.
    For `eligible`, `detail` is "lacks", "none_of", "forbidden" or "excluded" with the tags that it is about; else "".
    """

    rule: str
    since: str = ALWAYS
    detail: str = ""
    tags: tuple[str, ...] = ()
    excess: int = 0


@dataclass(frozen=True, slots=True)
class Opening:
    """A person could be on a slot from this start, and each cost term would change so (weighted)."""

    volunteer: str
    start: int
    terms: dict[str, int]

    @property
    def cost(self) -> int:
        return sum(self.terms.values())


def team_stands(slot: Slot, people: Iterable[Volunteer]) -> bool:
    """Whether these people together keep every team rule of the slot."""
    here = list(people)
    return all(sum(rule.tag in person.tags for person in here) >= rule.at_least for rule in slot.team)


class Moves:
    """A plan in which single persons can be tried on single slots, all else fixed."""

    def __init__(self, problem: Problem, assignments: Iterable[Placed], index: Index | None = None) -> None:
        self.problem = problem
        self.plan = Plan(problem, assignments, index)
        self.index = self.plan.index
        self.standing = {
            who: [Assignment(v.slot.id, who, v.start_min) for v in visits]
            for who, visits in self.plan.visits_of.items()
        }
        self.pins: dict[str, list[Assignment]] = {}
        for (slot_id, who), start in self.plan.pinned_start_min.items():
            self.pins.setdefault(who, []).append(Assignment(slot_id, who, start))

    def with_slot(self, slot: Slot) -> Moves:
        """The same plan where one slot is written differently."""
        changed = Moves.__new__(Moves)
        changed.problem, changed.plan, changed.index = self.problem, self.plan, self.index.with_slot(slot)
        changed.standing, changed.pins = self.standing, self.pins
        return changed

    def starts(self, slot: Slot, *, but: str | None = None) -> Sequence[int]:
        """The starts that are left: the team's own when anybody (other than `but`) is on the slot or pinned there."""
        team = [visit.start_min for visit in self.plan.team_of.get(slot.id, ()) if visit.volunteer.id != but]
        return team[:1] or [pin.start for pin in slot.pinned][:1] or slot.starts

    def why_not(self, volunteer: Volunteer, slot: Slot, starts: Sequence[int]) -> Reason | list[int]:
        """The starts at which the person could come as things stand, or the first rule that stops them at all."""
        if reason := eligibility_reason(volunteer, slot):
            return reason
        inside = _inside_windows(volunteer, slot, starts)
        if not inside:
            return Reason("inside_window")
        alone = self._tried(volunteer, slot, inside, self.pins.get(volunteer.id, []))
        allowed = [start for start, broken in alone if not broken]
        if not allowed:
            return _first_reason([broken for _, broken in alone], ALWAYS)
        standing = [a for a in self.standing.get(volunteer.id, []) if a.slot != slot.id]
        now = self._tried(volunteer, slot, allowed, standing) if standing else [(start, []) for start in allowed]
        free = [start for start, broken in now if not broken]
        return free or _first_reason([broken for _, broken in now], AS_THINGS_STAND)

    def free_starts(self, volunteer: Volunteer, slot: Slot, starts: Sequence[int]) -> list[int]:
        """The starts at which the person could come as things stand."""
        found = self.why_not(volunteer, slot, starts)
        return [] if isinstance(found, Reason) else found

    def _tried(
        self, volunteer: Volunteer, slot: Slot, starts: Sequence[int], others: list[Assignment]
    ) -> list[tuple[int, list[Violation]]]:
        plans = ((start, [*others, Assignment(slot.id, volunteer.id, start)]) for start in starts)
        return [(start, self._broken(Plan(self.problem, visits, self.index))) for start, visits in plans]

    def _broken(self, plan: Plan) -> list[Violation]:
        return [violation for rule in PERSONAL for violation in rule(plan)]

    def opening(self, volunteer: Volunteer, slot: Slot, start: int) -> Opening:
        """How each cost term would change (weighted) with the person on the slot from that start."""
        before = [a for a in self.standing.get(volunteer.id, []) if a.slot != slot.id]
        terms = self._terms_between(volunteer, before, [*before, Assignment(slot.id, volunteer.id, start)])
        return Opening(volunteer.id, start, terms)

    def without(self, volunteer: Volunteer, slot: Slot) -> dict[str, int]:
        """How each cost term would change (weighted) with the person off the slot."""
        before = self.standing.get(volunteer.id, [])
        return self._terms_between(volunteer, before, [a for a in before if a.slot != slot.id])

    def _terms_between(self, volunteer: Volunteer, before: list[Assignment], after: list[Assignment]) -> dict[str, int]:
        weights, old, new = self.problem.weights, *(Plan(self.problem, v, self.index) for v in (before, after))
        changed = {a.slot for a in before} ^ {a.slot for a in after}
        tax = {
            slot_id: prior.tax
            for slot_id in changed
            for prior in self.index.slots[slot_id].previous
            if prior.volunteer == volunteer.id
        }
        kept = {a.slot for a in after}
        broken = sum(-tax[slot_id] if slot_id in kept else tax[slot_id] for slot_id in tax)
        return {
            "travel": weights.travel * (travel(new) - travel(old)),
            "affinity": weights.affinity * (affinity(new) - affinity(old)),
            "disruption": weights.disruption * broken,
            "overload": weights.overload * (overload(new) - overload(old)),
            "unused": weights.unused * volunteer.willing * ((not after) - (not before)),
        }


def eligibility_reason(volunteer: Volunteer, slot: Slot) -> Reason | None:
    """The tag or the name that keeps the person from the slot whatever the plan, if any."""
    if missing := slot.requires_all - volunteer.tags:
        return Reason("eligible", detail="lacks", tags=tuple(sorted(missing)))
    if slot.requires_any and not slot.requires_any & volunteer.tags:
        return Reason("eligible", detail="none_of", tags=tuple(sorted(slot.requires_any)))
    if banned := slot.forbids & volunteer.tags:
        return Reason("eligible", detail="forbidden", tags=tuple(sorted(banned)))
    if volunteer.id in slot.excluded:
        return Reason("eligible", detail="excluded")
    return None


def _inside_windows(volunteer: Volunteer, slot: Slot, starts: Sequence[int]) -> list[int]:
    """The starts at which a free window holds the whole visit."""
    if not starts:
        return []
    first, last = starts[0], starts[-1] + slot.duration
    windows = [w for w in volunteer.windows if w.start <= last and first <= w.end]
    return [start for start in starts if any(w.start <= start <= w.end - slot.duration for w in windows)]


def _first_reason(tries: list[list[Violation]], since: str) -> Reason:
    """The reason at the start where least is wrong: its rule that comes first in ORDER."""
    least = min(tries, key=lambda broken: (len({v.rule for v in broken}), sum(v.excess for v in broken)))
    first = min(least, key=lambda violation: ORDER.index(violation.rule) if violation.rule in ORDER else len(ORDER))
    return Reason(first.rule, since, excess=first.excess)
