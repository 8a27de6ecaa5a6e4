"""Why this person, why not that one, why nobody: the solver's answers about one visit, in the district's words."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.localtime import local_date, monday_of
from scheduler.model.plan import LIVE, Seat
from scheduler.model.services import Slot
from scheduler.planning.build import LEAD, Opening, Snapshot, assignments_from, translate
from scheduler.rules.eligibility import reasons_against
from scheduler.rules.facts import Facts
from scheduler.rules.horizon import slot_of, volunteer_of
from scheduler.rules.nearby import facts_to_explain
from scheduler.rules.windows import last_planned_day
from scheduler.store import Store
from scheduler.store.plans import seats_of
from scheduler.store.services import slots
from solver.explain.moves import Moves
from solver.explain.why import why_nobody, why_this
from solver.model.solution import Assignment as SolverAssignment

SHOWN = 12


@dataclass(frozen=True, slots=True)
class Choice:
    """Somebody who could take a place as things stand; `terms` is what each cost would change by (weighted)."""

    volunteer_id: str
    name: str
    starts_at: datetime
    terms: dict[str, int]

    @property
    def cost(self) -> int:
        return sum(self.terms.values())


@dataclass(frozen=True, slots=True)
class Why:
    """Why somebody is on the visit: how many others could come, and what the best of them would cost more."""

    volunteer_id: str
    name: str
    rivals: int
    next_best: str  # name, empty if nobody else could come
    terms: dict[str, int]
    elsewhere: bool = False  # one of the two is of another area, so neither name nor minutes of travel are told

    @property
    def saved(self) -> int:
        return sum(self.terms.values())


@dataclass(frozen=True, slots=True)
class Easing:
    """A change to the visit that would let people come. `kind`: as in solver.explain.relaxations.

    `amount`: minutes or people.
    """

    kind: str
    amount: int
    tag: str
    starts_at: datetime
    names: tuple[str, ...]
    elsewhere: bool = False  # people of other areas could come too


@dataclass(frozen=True, slots=True)
class Explanation:
    """Everything the page of a visit tells. `stopped`: reason → people, each under the first reason that stops them.

    `people`: how many were looked at, the nearest and all who know the recipient.
    """

    slot_id: str
    in_horizon: bool
    people: int = 0
    whys: tuple[Why, ...] = ()
    choices: tuple[Choice, ...] = ()
    free: int = 0
    missing: int = 0
    value: int = 0  # weight of the visit in the coverage that the plan gains when it is filled
    supply: str = ""
    stopped: tuple[tuple[str, int], ...] = ()
    easings: tuple[Easing, ...] = ()
    elsewhere: bool = False  # people of other areas could come too


def explain(
    store: Store, config: Config, slot_id: str, *, now: datetime, plan_id: str = "", grids: set[str] | None = None
) -> Explanation:
    """The answers about one visit, with everybody on their visits as people know them (or as a draft plan has them).

    With `grids`, people who live elsewhere are neither named nor counted, and no travel of theirs is told: minutes from
    places of one's choice would show where they live.
    """
    slot = slots.find(store, slot_id)
    if slot is None or slot.service_date > last_planned_day(config, now=now):
        return Explanation(slot_id, in_horizon=False)
    planned = seats_of(store, plan_id) if plan_id else []
    facts = facts_to_explain(store, config, slot, now=now, seats=planned)
    first, last = monday_of(slot.service_date), monday_of(slot.service_date) + timedelta(days=6)
    soon = Opening(now + LEAD, now + LEAD, frozenset())
    snapshot = translate(facts, now=now, opens=soon, days=(max(first, local_date(now)), last))
    problem = snapshot.problem
    parts = [s for s in problem.slots if slot_of(s.id) == slot_id]
    target = next((s for s in parts if s.id == slot_id), parts[0] if parts else None)
    if target is None:
        return Explanation(slot_id, in_horizon=False)
    standing = _standing(snapshot, planned if plan_id else None)
    moves = Moves(problem, standing)
    here = [a for a in standing if slot_of(a.slot) == slot_id]
    filled = sum(a.slot == target.id for a in here)
    nobody = why_nobody(problem, standing, target.id) if filled < target.headcount else None
    openings = []
    if nobody is not None:
        starts = moves.starts(target)
        for person in problem.volunteers:
            if not any(a.volunteer == person.id for a in here):
                free = [moves.opening(person, target, start) for start in moves.free_starts(person, target, starts)]
                openings += [min(free, key=lambda opening: opening.cost)] if free else []
    own = {id for id, person in facts.volunteers.items() if grids is None or person.grid_id in grids}
    near = [opening for opening in openings if volunteer_of(opening.volunteer) in own]
    best = sorted(near, key=lambda opening: (opening.cost, opening.volunteer))
    return Explanation(
        slot_id,
        in_horizon=True,
        people=len(own),
        whys=tuple(_why(snapshot, standing, a.slot, a.volunteer, own) for a in here),
        choices=tuple(
            Choice(volunteer_of(o.volunteer), _name(facts, o.volunteer), snapshot.horizon.moment(o.start), o.terms)
            for o in best[:SHOWN]
        ),
        free=len(near),
        missing=nobody.missing if nobody else 0,
        value=target.value,
        supply=nobody.supply if nobody else "",
        stopped=stopped_by(slot, facts, own),
        easings=tuple(
            Easing(
                e.kind,
                e.amount,
                e.tag,
                snapshot.horizon.moment(e.start),
                tuple(_name(facts, p) for p in e.people if volunteer_of(p) in own),
                elsewhere=any(volunteer_of(p) not in own for p in e.people),
            )
            for e in (nobody.relaxations if nobody else ())
        ),
        elsewhere=len(near) < len(openings),
    )


def stopped_by(slot: Slot, facts: Facts, among: set[str]) -> tuple[tuple[str, int], ...]:
    """How many of some people each reason stops, each person under the first one; the most frequent first."""
    counts = Counter(
        reasons[0].value
        for person in facts.volunteers.values()
        if person.id in among and (reasons := reasons_against(person, slot, facts))
    )
    return tuple(counts.most_common())


def _standing(snapshot: Snapshot, planned: list[Seat] | None) -> list[SolverAssignment]:
    """Who is where: in a plan, or as people know it."""
    problem = snapshot.problem
    known, slots_known = {s.id for s in problem.slots}, {slot_of(s.id) for s in problem.slots}
    people = {v.id for v in problem.volunteers}
    if planned is None:
        live = (a for mine in snapshot.facts.live.values() for a in mine if a.state in LIVE)
        planned = [Seat(a.slot_id, a.volunteer_id, a.starts_at) for a in live]
    ahead = [s for s in planned if s.slot_id in slots_known and local_date(s.starts_at) <= snapshot.horizon.last_day]
    placed = assignments_from(ahead, snapshot.horizon, problem)
    return [a for a in placed if a.slot in known and a.volunteer in people]


def _why(snapshot: Snapshot, standing: list[SolverAssignment], visit: str, person: str, own: set[str]) -> Why:
    found = why_this(snapshot.problem, standing, visit, person)
    if any(volunteer_of(one) not in own for one in (person, found.next_best or person)):
        return Why(volunteer_of(person), _name(snapshot.facts, person), found.rivals, "", {}, elsewhere=True)
    other = _name(snapshot.facts, found.next_best) if found.next_best else ""
    return Why(volunteer_of(person), _name(snapshot.facts, person), found.rivals, other, found.terms)


def _name(facts: Facts, person: str) -> str:
    return facts.volunteers[volunteer_of(person)].name
