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
from scheduler.model.plan import HELD, Assignment, Seat, State
from scheduler.model.services import Slot, SlotState
from scheduler.planning.bridge_people import Fixed, solver_volunteers
from scheduler.planning.bridge_visits import solver_slots
from scheduler.planning.facts import Facts, load_facts
from scheduler.planning.horizon import Horizon, volunteer_of
from scheduler.planning.ways import metres_per_minute
from scheduler.planning.windows import last_planned_day
from scheduler.store import Store
from scheduler.store.plans import latest_plan, seats_of
from solver.problem import Mode, Problem, Travel, Weights
from solver.solution import Assignment as SolverAssignment

LEAD = timedelta(minutes=60)  # nobody is sent to what starts sooner


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A problem, and what is needed to read its solution: the revision and the facts it was built from."""

    problem: Problem
    revision: int
    facts: Facts
    horizon: Horizon
    built_at: datetime
    incumbent: tuple[SolverAssignment, ...] = ()


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
    fixed, proposed = _sort_out(facts, {s.id: s for s in slots}, frozen_until, pinned_proposals)
    people = solver_volunteers(facts, slots, horizon, fixed, now=now)
    problem = Problem(
        name=f"{horizon.first_day} to {horizon.last_day}",
        horizon=horizon.minutes,
        travel=_travel(config),
        weights=Weights(**config.weights.model_dump()),
        volunteers=tuple(people.volunteers),
        slots=tuple(solver_slots(facts, slots, horizon, fixed, proposed, people, opens.of, now=now)),
    )
    return Snapshot(problem, facts.revision, facts, horizon, now, _still_possible(problem, horizon, hoped or []))


def seats_from(assignments: tuple[SolverAssignment, ...] | list[SolverAssignment], snapshot: Snapshot) -> list[Seat]:
    """The seats a solution means, sorted, so that equal solutions give equal plans."""
    return sorted(
        (Seat(a.slot, volunteer_of(a.volunteer), snapshot.horizon.moment(a.start)) for a in assignments),
        key=lambda seat: (seat.starts_at, seat.slot_id, seat.volunteer_id),
    )


def assignments_from(seats: Iterable[Seat], horizon: Horizon) -> list[SolverAssignment]:
    """Seats as the solver writes them: the inverse of seats_from."""
    return [
        SolverAssignment(
            s.slot_id, horizon.person(s.volunteer_id, local_date(s.starts_at)), horizon.minute(s.starts_at)
        )
        for s in seats
    ]


def _sort_out(
    facts: Facts, slots: dict[str, Slot], frozen_until: datetime, pinned_proposals: frozenset[str]
) -> tuple[dict[str, list[Fixed]], dict[str, list[Assignment]]]:
    """What must stand and what may still change, by slot.

    An answer that was a yes stands; so does what is frozen, pinned by staff, or on offer to somebody outside a plan.
    """
    fixed: dict[str, list[Fixed]] = {}
    proposed: dict[str, list[Assignment]] = {}
    for mine in facts.live.values():
        busy_until = None
        for a in sorted(mine, key=lambda a: (a.starts_at, a.id)):
            slot = slots.get(a.slot_id)
            if slot is None:
                continue
            stays = a.state in HELD or a.pinned or a.source != "plan" or a.id in pinned_proposals
            if a.state is State.PROPOSED and not stays and a.starts_at >= frozen_until:
                proposed.setdefault(slot.id, []).append(a)
            elif busy_until is None or busy_until <= a.starts_at:
                fixed.setdefault(slot.id, []).append(Fixed(a.volunteer_id, a.starts_at))
                busy_until = a.starts_at + timedelta(minutes=slot.minutes)
    for slot_id, people in fixed.items():
        start_at = people[0].starts_at  # everyone on a slot starts together
        fixed[slot_id] = [f for f in people if f.starts_at == start_at]
    return fixed, proposed


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
    return tuple(a for a in assignments_from(hoped, horizon) if a.slot in visits and a.volunteer in people)
