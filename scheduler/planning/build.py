"""The only translator between the district and the solver: facts → Problem, Solution → seats.

Minute 0 is the first local midnight of the horizon. The solver knows a person once for each calendar week
("ID@MONDAY"), so that the limits of a week are the limits of one solver volunteer; what was done earlier in the
week is taken off before.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.config import Config
from scheduler.localtime import local_date
from scheduler.model.plan import Seat
from scheduler.model.services import Slot, SlotState
from scheduler.planning.build_slots import solver_slots
from scheduler.planning.build_volunteers import solver_volunteers
from scheduler.planning.commitments import Contradiction, binding_of
from scheduler.rules.facts import Facts, load_facts
from scheduler.rules.horizon import Horizon, slot_of, visit_apart, volunteer_of
from scheduler.rules.travel import metres_per_minute
from scheduler.rules.windows import last_planned_day
from scheduler.store import Store
from scheduler.store.plans import latest_plan, seats_of
from solver.model.problem import Mode, Problem, Travel, Weights
from solver.model.solution import Assignment as SolverAssignment

LEAD = timedelta(minutes=60)  # nobody is sent to what starts sooner


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A problem, and what is needed to read its solution: the revision and the facts it was built from.

    `contradictions`: what the store should not hold; it binds all the same.
    """

    problem: Problem
    revision: int
    facts: Facts
    horizon: Horizon
    built_at: datetime
    incumbent: tuple[SolverAssignment, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()


def build_problem(
    store: Store,
    config: Config,
    *,
    now: datetime,
    open_frozen: bool = False,
    pinned_proposals: frozenset[str] = frozenset(),
) -> Snapshot:
    """The weeks ahead as a problem, read in one snapshot of the store.

    `open_frozen`: staff asked, so empty seats inside the frozen time may be filled too (who stands there stays).
    `pinned_proposals`: ids of proposals that must not change this time, although nobody has answered them yet.
    """
    first_day, last_day = local_date(now), last_planned_day(config, now=now)
    with store.snapshot():
        facts = load_facts(store, config, first_day, last_day, now=now)
        published, drafted = latest_plan(store, "published"), latest_plan(store, "draft")
        newest = max((p for p in (published, drafted) if p), key=lambda p: p.created_at, default=None)
        hoped = seats_of(store, newest.id) if newest else []
        told = frozenset(s.slot_id for s in seats_of(store, published.id)) if published else frozenset()
    told |= frozenset(published.unfilled) if published else frozenset()
    frozen_until = now + timedelta(hours=config.windows.frozen_hours)
    opens = Opening(now + LEAD, now + LEAD if open_frozen else frozen_until, told)
    return translate(facts, now=now, opens=opens, hoped=hoped, pinned_proposals=pinned_proposals)


@dataclass(frozen=True, slots=True)
class Opening:
    """From when on empty seats may be filled: `told` slots, which people have seen published, only after the freeze."""

    new_from_at: datetime
    told_from_at: datetime
    told: frozenset[str]

    def of(self, slot: Slot) -> datetime:
        return self.told_from_at if slot.id in self.told else self.new_from_at


def translate(
    facts: Facts,
    *,
    now: datetime,
    opens: Opening,
    hoped: list[Seat] | None = None,
    pinned_proposals: frozenset[str] = frozenset(),
    days: tuple[date, date] | None = None,
) -> Snapshot:
    """Facts as a Problem; pure. `days`: the first and the last local day, else from today as far as plans look."""
    config = facts.config
    horizon = Horizon(*(days or (local_date(now), last_planned_day(config, now=now))))
    ahead = set(horizon.days)
    slots = [s for s in facts.slots.values() if s.state is SlotState.OPEN and s.service_date in ahead]
    frozen_until = now + timedelta(hours=config.windows.frozen_hours)
    bound = binding_of(facts, horizon, frozen_until=frozen_until, pinned_proposals=pinned_proposals, now=now)
    people = solver_volunteers(facts, slots, horizon, bound, now=now)
    problem = Problem(
        name=f"{horizon.first_day} to {horizon.last_day}",
        horizon=horizon.minutes,
        travel=_travel(config),
        weights=Weights(**config.weights.model_dump()),
        volunteers=tuple(people.volunteers),
        slots=tuple(solver_slots(facts, slots, horizon, bound, people, opens.of, now=now)),
    )
    incumbent = _still_possible(problem, horizon, hoped or [])
    return Snapshot(problem, facts.revision, facts, horizon, now, incumbent, tuple(bound.contradictions))


def seats_from(assignments: tuple[SolverAssignment, ...] | list[SolverAssignment], snapshot: Snapshot) -> list[Seat]:
    """The seats a solution means, sorted, so that equal solutions give equal plans."""
    return sorted(
        (Seat(slot_of(a.slot), volunteer_of(a.volunteer), snapshot.horizon.moment(a.start)) for a in assignments),
        key=lambda seat: (seat.starts_at, seat.slot_id, seat.volunteer_id),
    )


def assignments_from(seats: Iterable[Seat], horizon: Horizon, problem: Problem | None = None) -> list[SolverAssignment]:
    """Seats as the solver writes them: the inverse of seats_from. `problem` tells who stands apart, if anybody does."""
    apart = {slot.id for slot in problem.slots if slot.id != slot_of(slot.id)} if problem else set()
    found = []
    for s in seats:
        alone = visit_apart(s.slot_id, s.volunteer_id)
        person = horizon.person(s.volunteer_id, local_date(s.starts_at))
        found.append(SolverAssignment(alone if alone in apart else s.slot_id, person, horizon.minute(s.starts_at)))
    return found


def _travel(config: Config) -> Travel:
    return Travel(
        detour=config.travel.detour,
        modes={
            name: Mode(metres_per_minute(speed.km_per_hour), speed.overhead_min + config.travel.buffer_min)
            for name, speed in config.travel.modes.items()
        },
    )


def _still_possible(problem: Problem, horizon: Horizon, hoped: list[Seat]) -> tuple[SolverAssignment, ...]:
    """The last plan's seats whose person and slot are still there: where the search sets out."""
    people, visits = {v.id for v in problem.volunteers}, {s.id for s in problem.slots}
    return tuple(a for a in assignments_from(hoped, horizon, problem) if a.slot in visits and a.volunteer in people)
