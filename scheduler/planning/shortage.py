"""Why nobody: for each slot with empty seats, how many people each rule stopped."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from scheduler.localtime import local_date
from scheduler.model.ids import stable_id
from scheduler.model.plan import Assignment, Seat, State
from scheduler.model.services import Slot
from scheduler.planning.nearest_people import Crowd
from scheduler.rules.eligibility import Reason, hindrances
from scheduler.rules.facts import Facts
from scheduler.rules.horizon import slot_of
from solver.model.problem import Problem

EXPLAINED = 2000  # slots, the most urgent first: a district's long list of distant drafts is not worth the minutes
ASKED = 300  # the people nearest to a slot are asked one by one; whoever is farther away counts as too far
ELSEWHERE = frozenset({Reason.BUSY, Reason.CAPS})


def unfilled(problem: Problem, seats: Iterable[Seat], facts: Facts) -> dict[str, dict[str, Any]]:
    """Slot id → {"missing": heads, "reason": word, "stopped": {rule: people}} for every slot with an empty seat.

    The word is no_candidates (nobody may or can), team (people are there, but not the mix), or capacity (everyone
    suitable is needed elsewhere or at a limit). Each person counts once, under the first rule that stops them.
    """
    seats = list(seats)
    filled = Counter(s.slot_id for s in seats)
    wanted: Counter[str] = Counter()
    for visit in problem.slots:
        wanted[slot_of(visit.id)] += visit.headcount
    short = {slot_id: heads - filled[slot_id] for slot_id, heads in wanted.items() if heads > filled[slot_id]}
    as_planned = replace(facts, live=_as_live(seats))
    crowd = Crowd(facts.volunteers.values())
    ordered = sorted(short, key=lambda i: (-facts.slots[i].priority, facts.slots[i].earliest_at, i))
    found: dict[str, dict[str, Any]] = {}
    for slot_id in ordered[:EXPLAINED]:
        slot = facts.slots[slot_id]
        on_it = {s.volunteer_id for s in seats if s.slot_id == slot_id} if filled[slot_id] else set()
        near = [who for who in crowd.nearest(slot.lat, slot.lon, ASKED) if who not in on_it]
        stopped = Counter(_first(who, slot, as_planned) for who in near)
        stopped[Reason.TOO_FAR.value] += len(facts.volunteers) - len(on_it) - len(near)
        found[slot_id] = {
            "missing": short[slot_id],
            "reason": _word(slot, stopped),
            "stopped": {reason: count for reason, count in sorted(stopped.items()) if count and reason != FREE},
        }
    for slot_id in ordered[EXPLAINED:]:
        found[slot_id] = {"missing": short[slot_id], "reason": "capacity", "stopped": {}}
    return found


FREE = "free"


def _first(volunteer_id: str, slot: Slot, facts: Facts) -> str:
    first = next(hindrances(facts.volunteers[volunteer_id], slot, facts), None)
    return first.value if first else FREE


def _word(slot: Slot, stopped: Counter[str]) -> str:
    suitable = stopped[FREE] + sum(stopped[reason.value] for reason in ELSEWHERE)
    if suitable == 0:
        return "no_candidates"
    return "team" if stopped[FREE] and (slot.team or slot.min_heads > 1) else "capacity"


def _as_live(seats: list[Seat]) -> dict[str, list[Assignment]]:
    """The plan's seats as if everybody held them already."""
    found: dict[str, list[Assignment]] = defaultdict(list)
    for s in seats:
        fake_id = stable_id(s.slot_id, s.volunteer_id, local_date(s.starts_at))
        found[s.volunteer_id].append(Assignment(fake_id, s.slot_id, s.volunteer_id, s.starts_at, State.PROPOSED))
    return dict(found)
