"""Who could stand in for whom: the published weeks as a problem in which every seat is open to others."""

from dataclasses import dataclass, replace
from datetime import datetime

from scheduler.config import Config
from scheduler.localtime import local_date
from scheduler.model.plan import LIVE, Assignment, Seat, State
from scheduler.planning.build import LEAD, Opening, assignments_from, translate
from scheduler.planning.commitments import binding_of
from scheduler.rules.facts import Facts, load_facts
from scheduler.rules.horizon import Horizon, slot_of, volunteer_of
from scheduler.rules.windows import last_planned_day
from scheduler.store import Store
from solver.repair.standbys import standbys


@dataclass(frozen=True, slots=True)
class StandIn:
    """Somebody who could come: the coverage that restores, and what it adds to the plan's cost."""

    volunteer_id: str
    starts_at: datetime
    coverage_change: int
    cost_change: int


def rank_stand_ins(store: Store, config: Config, *, limit: int, now: datetime) -> dict[str, list[StandIn]]:
    """Slot id → people who could come at its start, cheapest first, for every slot that somebody is on from now.

    Nobody is moved: a stand-in's other visits, way, limits and rest hold.
    """
    facts = load_facts(store, config, local_date(now), last_planned_day(config, now=now), now=now)
    return ranked(loosened(facts, now=now), limit=limit, now=now)


def ranked(facts: Facts, *, limit: int, now: datetime) -> dict[str, list[StandIn]]:
    """The same for facts at hand."""
    opens = Opening(now + LEAD, now + LEAD, frozenset())
    snapshot = translate(facts, now=now, opens=opens)
    known = {slot.id for slot in snapshot.problem.slots}
    seats = [
        Seat(a.slot_id, a.volunteer_id, a.starts_at)
        for mine in facts.live.values()
        for a in mine
        if a.state in LIVE and a.starts_at > now
    ]
    placed = assignments_from(seats, snapshot.horizon, snapshot.problem)
    found = standbys(snapshot.problem, [a for a in placed if a.slot in known], limit=limit)
    return {
        slot_id: [
            StandIn(volunteer_of(r.volunteer), snapshot.horizon.moment(r.start), r.coverage_change, r.cost_change)
            for r in ranked
        ]
        for slot_id, ranked in found.items()
        if slot_id == slot_of(slot_id)
    }


def loosened(facts: Facts, *, now: datetime) -> Facts:
    """The facts with every future promise as a mere proposal, so that its seat keeps its rules and its time.

    Visits on which somebody stands apart stay as they are.
    """
    calm = facts.config.model_copy(update={"windows": facts.config.windows.model_copy(update={"frozen_hours": 0})})
    horizon = Horizon(local_date(now), last_planned_day(calm, now=now))
    standing = frozenset(a.id for mine in facts.live.values() for a in mine)
    bound = binding_of(facts, horizon, frozen_until=now, pinned_proposals=standing, now=now)
    held = {slot_id for slot_id, people in bound.fixed.items() if any(f.apart for f in people)}
    live = {who: [a if a.slot_id in held else _loose(a, now) for a in mine] for who, mine in facts.live.items()}
    return replace(facts, config=calm, live=live)


def _loose(assignment: Assignment, now: datetime) -> Assignment:
    if assignment.state not in LIVE or assignment.starts_at <= now:
        return assignment
    return replace(assignment, state=State.PROPOSED, source="plan", pinned=False)
