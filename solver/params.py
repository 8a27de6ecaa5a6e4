"""The numbers by which the solver was tuned, one record a component, with its unit and where its value comes from.

Where a line names no source the value was found by hand on the weeks s-1 … xl-1 (2026): other values were worse there,
or no better. "tried" stands for docs/solver-tried.md. Kernels read NamedTuples, Python the dataclasses. What a proof's
validity rests on (safety margins) or what shapes a kernel's tables is no parameter: it stands beside its code.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

# ---- the clock


@dataclass(frozen=True, slots=True)
class SolveParams:
    """How `solve` shares its time among the first plan, the search and the prover."""

    first_plan_s: float = 1.0  # for the first plan, at most
    first_plan_share: float = 0.05  # of the time, at most
    first_search_share: float = 0.02  # of the time, before the prover has its turn where one thread does everything
    prover_share: float = 0.3  # of the time, where one thread does everything
    slices_per_second: int = 3  # of a deterministic search
    slot_rounds_per_slice: int = 50_000  # rounds × slots of a deterministic slice: half the time of a slow machine
    tick_s: float = 0.2  # between two looks at the clock, or for a better plan, of a thread that waits
    check_pause: int = 9  # times as long as a plan took to check, the next one waits: a tenth of the time for checking


# ---- search (lns/)


@dataclass(frozen=True, slots=True)
class ConstructionParams:
    """Greedy insertion."""

    max_orders: int = 6  # orders of the slots that are tried, time allowing; the first is without noise
    noise: float = 0.4  # a slot's worth is raised by up to this share of it in the other orders


@dataclass(frozen=True, slots=True)
class AnnealingParams:
    """Temperatures and slices of the search."""

    slice_s: float = 0.1  # between two looks at the clock
    first_rounds: int = 50  # in the first slice, until the pace is known
    initial_temperature: float = 0.6  # mean visits: losing so much is accepted with probability 1/e at first
    many_slots: int = 3000  # beyond so many it is lower, in proportion: there is less time for each
    final_temperature: float = 5.0  # cost units
    final_temperature_without_cost: float = 300.0  # where no term costs anything: a third of the smallest step
    coverage_rate: float = 1000.0  # cost units for the smallest step of coverage: far above what a visit can cost
    long_route: float = 6.0  # visits: from this mean on routes are long, and whole stretches are taken out of them
    typical_leg_min: float = 10.0  # minutes for a leg where slots are ranked; with a matrix, the mean of its legs


class RuinRecreateParams(NamedTuple):
    """One round of ruin and recreate; found on weeks of every size and on public orienteering instances."""

    removals: int = 8  # visits taken out in a round, at most
    longest: int = 3  # visits taken out of one route, at most
    pairs: int = 150  # offers to affected volunteers in a round, about
    windows: int = 40  # windows of other volunteers that a removed visit is tried in, about
    noise: float = 5.0  # cost units by which the choice of people for a team is blurred
    seed_first: float = 0.5  # chance that the unfilled slot around which visits were taken out is filled first
    tries: int = 3  # windows drawn for every visit that is to be taken out, at most
    clear_team: float = 0.5  # chance that a team loses everybody with the one who is taken out
    whole_week: float = 0.3  # chance that the other windows of a volunteer lose visits too
    other_window: float = 0.5  # chance of each of these
    minutes_exponent: float = 1.2  # upper ends of the ranges from which each round draws its weights
    spread: float = 1.0
    count_exponent: float = 0.3
    cost_in_minutes: float = 1.0
    least_spread: float = 0.1  # lower end of the range of the spread; of the others it is 0
    min_worth_share: float = 0.05  # share of its value that a slot is worth at least, however dear its seats
    blink: float = 0.02  # chance to overlook a window: rounds must not repeat each other (Christiaens 2020: 0.01)
    full_team: float = 0.7  # chance that as many people as are wanted are looked for, not fewer
    team_chance: float = 0.3  # a team slot that nobody left is tried this often: it costs many single trials
    max_teams: int = 3  # such slots in a round
    listed_pairs: int = 4096  # slots with a window that are compared in a round, at most


LONG_ROUTES = RuinRecreateParams(removals=20, longest=10, cost_in_minutes=0.3)  # orienteering (benchmarks/public.py)


# ---- pricing


class PricingParams(NamedTuple):
    """The pricing problem of a day, and the joining of days to weeks."""

    max_buckets: int = 512  # of minutes in a week; below PAIR_BASE of week_join.py
    newest_routes: int = 40  # of one day that an iteration brings in, at most: the last found are the best
    typical_leg_min: int = 10  # minutes for a leg where tasks are compared by their worth and time
    table_nodes: int = 150  # with a smaller node limit no tables of completion bounds are made
    table_work: int = 200_000  # entries in a table for every branch that may be tried
    most_work: int = 10  # times that work: beyond it no table is made
    grains: tuple[int, ...] = (10, 5, 2, 1)  # minutes of the clock that a table may tell apart


# ---- bounds (column_generation/)


@dataclass(frozen=True, slots=True)
class ThreadPoolParams:
    """Work that the search's thread does for the prover."""

    many_days: int = 3_000  # volunteers' days: with more, duals come so slowly that the search had better help
    patience_s: float = 0.02  # that a helper waits for the next piece
    volunteers_at_once: int = 20  # in a piece of a pricing iteration, between two questions whether to truncate
    step_pieces: int = 4  # of a subgradient step on many days


@dataclass(frozen=True, slots=True)
class Restriction:
    """What pricing iterations and subgradient phases are like while a day's tasks are restricted."""

    max_tasks: int  # tasks a day
    tolerance: float  # mean visits: routes so near the best of their day enter the pool too (tried)
    first_step: float  # of subgradient phases, times that of the dual ascent
    min_progress: float  # share of the dual value: a phase that gains less is not worth while
    time_share: float  # of the time: with less left the next restriction follows


@dataclass(frozen=True, slots=True)
class AscentScheduleParams:
    """Which iterations and phases bring a dual ascent down, by the number of volunteers' days."""

    max_nodes: int = 2000  # branches of pricing a day
    proof_nodes: int = 20_000  # the same at the end of a dual ascent without a restricted master
    heuristic_nodes: int = 300  # the same while tasks are restricted
    truncated_nodes: int = 100  # the same for a bound on the way
    first_iterations: int = 20  # at everything, before the subgradient phases (adr 0012); half of them for cost
    restricted_master_days: int = 300  # more days than this: no linear programme (tried)
    max_phases: int = 20  # before the restricted master, which knows where they crawl; streets need six
    weeks_of_each: int = 10  # iterations that fill the restricted master at first
    heuristic_days: int = 1_000  # more days than this: tasks are restricted first (tried)
    minute_iterations: int = 7  # for the one cost of a minute (tried)
    heuristic_iterations: int = 8  # before the subgradient phases: apart from the one cost of a minute for every row
    first_step: float = 0.5  # mean visits: of the iterations at everything
    first_step_cost: float = 0.1  # the same for cost
    last_step_divisor: int = 10  # how many times shorter the last of these steps is
    phase_step: float = 0.2  # mean visits: the first step of the first subgradient phase
    large_phase_divisor: int = 50  # how many times shorter than the first step it is once whole days are priced
    heuristic_steps: tuple[float, float] = (0.1, 0.02)  # mean visits: first and last of the heuristic iterations
    week_steps: tuple[float, float] = (0.02, 0.002)  # the same of those that fill the restricted master
    last_iteration: float = 0.07  # of the time: with less left, the proof of a large week begins no iteration
    truncated_share: float = 0.01  # of the time: then days are only bounded, so that an iteration ends
    narrow: Restriction = Restriction(48, 0.16, 0.1, 4e-3, 0.5)  # this and the next two: tried
    wide: Restriction = Restriction(144, 0.16, 0.04, 1e-3, 0.45)
    nearly_all: Restriction = Restriction(300, 0.0, 0.02, 1e-3, 0.35)


@dataclass(frozen=True, slots=True)
class DualAscentParams:
    """Pricing iterations between subgradient phases."""

    routes_a_day: int = 300  # in the pool between iterations (half of them is worse: tried)
    node_limit: int = 200_000  # branches of pricing a day, at the most
    open_share: float = 0.5  # of what is left to gain: more of it in unfinished days doubles the node limit
    smoothing: float = 0.7  # share of the best duals where those of a subgradient phase went too far
    next_step: float = 0.8  # the first step of a phase to that of the phase before
    least_step: float = 0.01  # mean visits: no first step is shorter
    converged_coverage: float = 2e-4  # share of the dual value: nearer than this to the pool's is near enough
    converged_cost: float = 2e-3
    least_gain: float = 0.05  # units of coverage or cost: near zero a share of the dual value is next to nothing
    patience: int = 6  # iterations without progress
    restricted_patience: int = 2  # the same while tasks are restricted


class AdamParams(NamedTuple):
    """The running averages that scale every dual's step (Kingma and Ba 2015, who have 0.1, 0.001 and 1e-8)."""

    newest: float = 0.5  # share of the newest subgradient in the mean
    newest_square: float = 0.1  # share of its square in the mean of squares
    least: float = 0.1  # people: added to the usual size, so that rows that hardly move do not leap


@dataclass(frozen=True, slots=True)
class SubgradientParams:
    """A subgradient phase: many steps on the column pool alone (adr 0012)."""

    max_steps: int = 800
    min_steps: int = 200
    max_routes: int = 120_000_000  # that a phase values, about, if that leaves it `min_steps`
    steps_at_once: int = 50  # between two questions whether to stop
    last_step: float = 1 / 300  # the last step of a phase to its first
    adam: AdamParams = AdamParams()


@dataclass(frozen=True, slots=True)
class RestrictedMasterParams:
    """The linear programme over whole weeks."""

    smoothing: float = 0.5  # share of the best duals in those that are priced (Wentges 1997)
    time_limit_ms: int = 20_000  # of one solve by GLOP
    idle_nodes: int = 1000  # branches of pricing a day, when it is told what weeks without free visits are worth


@dataclass(frozen=True, slots=True)
class DualRoundingParams:
    """A plan from duals by sequential pricing (seven turns: tried)."""

    max_nodes: int = 300  # branches of pricing a day
    max_tasks: int = 64  # tasks a day
    staffed_share: float = 0.5  # of the least people: with fewer expected, a slot for several is not staffed
    dual_shares: tuple[float, ...] = (1.0, 1.0, 0.8, 0.5, 0.2)  # of the duals that count in each turn of everybody
    last_dual_shares: tuple[float, ...] = (0.2, 0.0)  # once teams that did not become complete are given up
    pieces: int = 10  # of a turn, between two questions whether to stop
    warm: float = 0.5  # the progress at which the search begins: what duals brought together should stay
    slices: int = 30  # of that search
    rounds_per_slot: int = 3  # of that search


@dataclass(frozen=True, slots=True)
class SetPartitioningParams:
    """The whole-numbered choice of routes with CP-SAT."""

    load_hours: int = 40  # over the wish that are told apart; beyond them a minute costs as in the last


@dataclass(frozen=True, slots=True)
class ProverParams:
    """When the prover decides, rounds and gives way."""

    coverage_routes: int = 30_000  # that a decision on coverage is made among, at most
    cost_routes: int = 12_000  # the same on cost: that is harder to decide
    orders_of_a_set: int = 10  # orders of the same visits that enumeration makes room for
    decision_share: float = 0.5  # of the time left, for one decision on coverage
    cost_again_share: float = 0.25  # of the time: with less left the bound on cost follows the coverage reached, once
    last_plan_share: float = 0.3  # of the time: left for what a plan from the duals of whole days can become (tried)
    first_multiplier: float = 0.12  # cost units that a unit of coverage is worth when the cost stage starts


@dataclass(frozen=True, slots=True)
class Params:
    """All of them; `solve` hands them down."""

    solve: SolveParams = SolveParams()
    construction: ConstructionParams = ConstructionParams()
    annealing: AnnealingParams = AnnealingParams()
    ruin_recreate: RuinRecreateParams = RuinRecreateParams()
    long_routes: RuinRecreateParams = LONG_ROUTES
    pricing: PricingParams = PricingParams()
    thread_pool: ThreadPoolParams = ThreadPoolParams()
    ascent_schedule: AscentScheduleParams = AscentScheduleParams()
    dual_ascent: DualAscentParams = DualAscentParams()
    subgradient: SubgradientParams = SubgradientParams()
    restricted_master: RestrictedMasterParams = RestrictedMasterParams()
    dual_rounding: DualRoundingParams = DualRoundingParams()
    set_partitioning: SetPartitioningParams = SetPartitioningParams()
    prover: ProverParams = ProverParams()
