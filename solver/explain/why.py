"""Three answers on every slot: why this person, why not that one, why nobody.

Answers are codes and numbers, never sentences: pages say them in two languages. Reasons carry the rule names of
solver/model/check.py, differences come per cost term, and everything is tried on the plan as it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from solver.explain.moves import ALWAYS, AS_THINGS_STAND, Moves, Opening, Reason, team_stands
from solver.explain.relaxations import Relaxation, best_team, relaxations
from solver.model.problem import Problem, Slot, Volunteer
from solver.model.solution import Assignment, pinned_assignments

__all__ = [
    "ALWAYS",
    "AS_THINGS_STAND",
    "Reason",
    "Relaxation",
    "WhyNobody",
    "WhyThis",
    "reasons_against",
    "why_nobody",
    "why_this",
]


@dataclass(frozen=True, slots=True)
class WhyThis:
    """Why a person is on a slot. `rivals` others could take the seat as things stand; the best of them is `next_best`.

    `terms` is what the plan would cost more, term by term (weighted), with `next_best` in the seat at
    `next_best_start`; both are None and the terms empty when nobody else could come.
    """

    slot: str
    volunteer: str
    start: int
    pinned: bool
    rivals: int
    next_best: str | None
    next_best_start: int | None
    terms: dict[str, int]

    @property
    def saved(self) -> int:
        """How much dearer the plan would be with the next best."""
        return sum(self.terms.values())


@dataclass(frozen=True, slots=True)
class WhyNobody:
    """Why seats of a slot stay empty. Everybody is counted once: on the slot, free for it, or under the first rule
    that stops them, so on_it + free + sum(stopped) is the number of volunteers.

    `supply`: "absent" if too few could come even on an empty plan, "elsewhere" if they are used by other visits,
    "team" if people are free but make no team (too few at one start, or a team rule fails), "free" if a team could
    come now. `together` is the most people who are free at one start.
    """

    slot: str
    missing: int
    volunteers: int
    on_it: int
    free: int
    stopped: dict[tuple[str, str], int]  # (rule, since): people
    supply: str
    together: int
    needed: int
    relaxations: tuple[Relaxation, ...]


def reasons_against(problem: Problem, volunteer: Volunteer, slot: Slot) -> tuple[Reason, ...]:
    """The rules that keep a person from a slot on any plan; empty if they could come on an otherwise empty one.

    Every tag or name that is wrong is listed; of the rules about time and travel only the first that stops them.
    These are asked of the visit alone: where a matrix breaks the triangle inequality, one in between could help.
    """
    moves = Moves(problem, pinned_assignments(problem))
    return _reasons(moves, volunteer, slot)


def _reasons(moves: Moves, volunteer: Volunteer, slot: Slot) -> tuple[Reason, ...]:
    found = moves.why_not(volunteer, slot, [pin.start for pin in slot.pinned][:1] or slot.starts)
    return (found,) if isinstance(found, Reason) and found.since == ALWAYS else ()


def _rest_of(slot: Slot, team: list[Volunteer]) -> Slot:
    """What the slot still wants beside a team: other people, and tags for its rules."""
    there = Counter(tag for volunteer in team for tag in volunteer.tags)
    return replace(
        slot,
        headcount=max(1, slot.headcount - len(team)),
        min_headcount=max(1, slot.min_headcount - len(team)),
        team=tuple(replace(rule, at_least=max(0, rule.at_least - there[rule.tag])) for rule in slot.team),
        excluded=slot.excluded | {volunteer.id for volunteer in team},
        pinned=(),
    )


def why_this(problem: Problem, assignments: Sequence[Assignment], slot_id: str, volunteer_id: str) -> WhyThis:
    """Why the person is on the slot, against the next best person with all else as it is.

    Whether the person's other visits stand without this one is not asked: where legs obey the triangle inequality,
    they do.
    Raises KeyError if the person is not on the slot.
    """
    moves = Moves(problem, assignments)
    slot, volunteer = moves.index.slots[slot_id], moves.index.volunteers[volunteer_id]
    team = {visit.volunteer.id: visit for visit in moves.plan.team_of.get(slot_id, ())}
    visit = team[volunteer_id]
    starts = moves.starts(slot, but=volunteer_id)
    rivals: list[Opening] = []
    for other in problem.volunteers:
        if other.id in team or not team_stands(slot, [*(v.volunteer for v in team.values() if v is not visit), other]):
            continue
        rivals.extend(_cheapest(moves, other, slot, moves.free_starts(other, slot, starts)))
    if visit.pinned or not rivals:
        return WhyThis(slot_id, volunteer_id, visit.start_min, visit.pinned, len(rivals), None, None, {})
    best = min(rivals, key=lambda opening: (opening.cost, opening.volunteer))
    leaving = moves.without(volunteer, slot)
    terms = {name: points + leaving[name] for name, points in best.terms.items()}
    return WhyThis(slot_id, volunteer_id, visit.start_min, False, len(rivals), best.volunteer, best.start, terms)


def _cheapest(moves: Moves, volunteer: Volunteer, slot: Slot, starts: Sequence[int]) -> list[Opening]:
    openings = [moves.opening(volunteer, slot, start) for start in starts]
    return [min(openings, key=lambda opening: opening.cost)] if openings else []


def why_nobody(problem: Problem, assignments: Sequence[Assignment], slot_id: str) -> WhyNobody:
    """Why seats of the slot stay empty, and what would fill them. Raises KeyError if there is no such slot."""
    moves = Moves(problem, assignments)
    slot = moves.index.slots[slot_id]
    team = moves.plan.team_of.get(slot_id, [])
    on_it = {visit.volunteer.id for visit in team}
    starts = moves.starts(slot)
    stopped: Counter[tuple[str, str]] = Counter()
    able = 0
    free_at: Counter[int] = Counter()
    for volunteer in problem.volunteers:
        if volunteer.id in on_it:
            continue
        found = moves.why_not(volunteer, slot, starts)
        if isinstance(found, Reason):
            stopped[found.rule, found.since] += 1
            able += found.since == AS_THINGS_STAND
        else:
            able += 1
            free_at.update(found)
    free = len(problem.volunteers) - len(on_it) - stopped.total()
    needed = max(1, slot.min_headcount - len(team))
    if able < needed:
        supply = "absent"
    elif not free:
        supply = "elsewhere"
    else:
        supply = "free" if best_team(moves, _rest_of(slot, [visit.volunteer for visit in team]), starts) else "team"
    return WhyNobody(
        slot=slot_id,
        missing=slot.headcount - len(team),
        volunteers=len(problem.volunteers),
        on_it=len(on_it),
        free=free,
        stopped=dict(stopped.most_common()),
        supply=supply,
        together=max(free_at.values(), default=0),
        needed=needed,
        relaxations=() if team or supply == "free" else relaxations(moves, slot),
    )
