"""What would fill an empty slot with the least change to it, everybody else's visits staying as they are."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from solver.explain.moves import Moves, Opening
from solver.model.problem import TIME_LIMIT_MIN, Slot, TeamRule, Volunteer

FURTHEST_MIN = 180  # how far a start may be moved
TRIED_STARTS = 24  # at most so many starts on either side
PERSON_FEWER, TAG_FEWER, RULE_FEWER = 45, 90, 60  # how hard a change is to grant, in minutes of moving the start


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One change to a slot, who would come then, and what that gains.

    `kind`: "earlier" or "later" (`amount` minutes), "smaller_minimum" (`amount` people fewer), "tag_fewer",
    "tag_allowed", "any_tag" (`tag`: what is no longer asked for), "team_rule" (`amount` people with `tag` fewer).
    """

    kind: str
    amount: int
    tag: str
    start: int
    people: tuple[str, ...]
    coverage: int
    terms: dict[str, int]
    difficulty: int

    @property
    def cost(self) -> int:
        return sum(self.terms.values())


def relaxations(moves: Moves, slot: Slot) -> tuple[Relaxation, ...]:
    """The changes that would fill the slot, the easiest to grant first; empty if none of those tried helps."""
    if slot.pinned:
        return ()
    found = [*_other_starts(moves, slot), *_fewer_wishes(moves, slot), *_smaller_teams(moves, slot)]
    return tuple(sorted(found, key=lambda change: (change.difficulty, -change.coverage, change.kind, change.tag)))


def _other_starts(moves: Moves, slot: Slot) -> Iterator[Relaxation]:
    stride = max(slot.step, FURTHEST_MIN // TRIED_STARTS // slot.step * slot.step)
    amounts = range(stride, max(FURTHEST_MIN, stride) + 1, stride)
    for kind, sign, edge in (("later", 1, slot.starts[-1]), ("earlier", -1, slot.earliest)):
        starts = [start for amount in amounts if abs(start := edge + sign * amount) <= TIME_LIMIT_MIN]
        if not starts:
            continue
        moved = replace(slot, earliest=min(*starts, slot.earliest), latest=max(*starts, slot.latest))
        teams = _teams(moves.with_slot(moved), moved, sorted(starts))
        for amount, start in zip(amounts, starts, strict=False):
            if teams[start]:
                yield _relaxation(kind, slot, teams[start], amount, difficulty=amount)
                break


def _fewer_wishes(moves: Moves, slot: Slot) -> Iterator[Relaxation]:
    eased = [("tag_fewer", tag, replace(slot, requires_all=slot.requires_all - {tag})) for tag in slot.requires_all]
    eased += [("tag_allowed", tag, replace(slot, forbids=slot.forbids - {tag})) for tag in slot.forbids]
    if slot.requires_any:
        eased.append(("any_tag", " / ".join(sorted(slot.requires_any)), replace(slot, requires_any=frozenset())))
    for kind, tag, wish in eased:
        if members := best_team(moves.with_slot(wish), wish, wish.starts):
            yield _relaxation(kind, slot, members, 1, tag, difficulty=TAG_FEWER)


def _smaller_teams(moves: Moves, slot: Slot) -> Iterator[Relaxation]:
    for minimum in range(slot.min_headcount - 1, 0, -1):
        eased = replace(slot, min_headcount=minimum)
        if members := best_team(moves, eased, eased.starts):
            fewer = slot.min_headcount - minimum
            yield _relaxation("smaller_minimum", slot, members, fewer, difficulty=PERSON_FEWER * fewer)
            break
    for rule in slot.team:
        for at_least in range(rule.at_least - 1, -1, -1):
            team = tuple(TeamRule(r.tag, at_least) if r is rule else r for r in slot.team)
            if members := best_team(moves, replace(slot, team=team), slot.starts):
                fewer = rule.at_least - at_least
                yield _relaxation("team_rule", slot, members, fewer, rule.tag, difficulty=RULE_FEWER * fewer)
                break


def best_team(moves: Moves, slot: Slot, starts: Sequence[int]) -> list[Opening]:
    """A team that could come at one of the starts as things stand, as large as possible, then as cheap; or nobody."""
    teams = _teams(moves, slot, starts).values()
    return max(teams, key=lambda members: (len(members), -sum(opening.cost for opening in members)), default=[])


def _teams(moves: Moves, slot: Slot, starts: Sequence[int]) -> dict[int, list[Opening]]:
    free: dict[int, list[str]] = {start: [] for start in starts}
    for volunteer in moves.problem.volunteers:
        for start in moves.free_starts(volunteer, slot, starts):
            free[start].append(volunteer.id)
    return {start: _team(moves, slot, start, people) for start, people in free.items()}


def _team(moves: Moves, slot: Slot, start: int, people: list[str]) -> list[Opening]:
    """The cheapest people that make a team, as many as there are seats for; nobody if they make none."""
    size = min(slot.headcount, len(people))
    if size < max(1, slot.min_headcount):
        return []
    known = moves.index.volunteers
    by_cost = sorted((moves.opening(known[who], slot, start) for who in people), key=lambda opening: opening.cost)
    # So many may be there for a rule; anybody else could be exchanged for the cheapest, who therefore come.
    asked = min(size, sum(rule.at_least for rule in slot.team))
    lacking = tuple(rule.at_least for rule in slot.team)
    for opening in by_cost[: size - asked]:
        lacking = _less(lacking, _carried(slot, known[opening.volunteer]))
    teams: dict[tuple[int, ...], tuple[int, list[Opening]]] = {(asked, *lacking): (0, by_cost[: size - asked])}
    alike: Counter[tuple[bool, ...]] = Counter()
    for opening in by_cost[size - asked :]:
        carried = _carried(slot, known[opening.volunteer])
        alike[carried] += 1
        if alike[carried] > asked:
            continue
        for (seats_left, *still), (cost, members) in list(teams.items()):
            state, cost = (seats_left - 1, *_less(still, carried)), cost + opening.cost
            if seats_left and (state not in teams or cost < teams[state][0]):
                teams[state] = cost, [*members, opening]
    return teams.get((0,) * (1 + len(slot.team)), (0, []))[1]


def _carried(slot: Slot, volunteer: Volunteer) -> tuple[bool, ...]:
    return tuple(rule.tag in volunteer.tags for rule in slot.team)


def _less(lacking: Sequence[int], carried: Sequence[bool]) -> tuple[int, ...]:
    return tuple(max(0, people - has) for people, has in zip(lacking, carried, strict=True))


def _relaxation(
    kind: str, slot: Slot, members: list[Opening], amount: int, tag: str = "", *, difficulty: int
) -> Relaxation:
    terms = {name: sum(opening.terms[name] for opening in members) for name in members[0].terms}
    people = tuple(opening.volunteer for opening in members)
    return Relaxation(kind, amount, tag, members[0].start, people, slot.value * len(members), terms, difficulty)
