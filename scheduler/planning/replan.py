"""Makes a plan: reads the weeks ahead, solves them apart, checks, explains and stores the result as a draft."""

import platform
import socket
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from scheduler.config import Config
from scheduler.errors import told
from scheduler.localtime import local_date
from scheduler.model.ids import new_id
from scheduler.model.plan import Assignment, Plan, PlanState, Run, RunState, Seat, State
from scheduler.needs.renew import expand_all
from scheduler.planning import change_budget, commitments, shortage
from scheduler.planning.build import Snapshot, assignments_from, build_problem, seats_from
from scheduler.planning.solver_process import Report, solve_apart
from scheduler.planning.warm_start import with_familiar_people
from scheduler.rules.horizon import slot_of
from scheduler.rules.windows import day_starts_at, first_draft_day
from scheduler.store import Store, ledger
from scheduler.store.plans import add_plan, plans, runs
from scheduler.store.repository import utc_text
from solver.model.problem_json import problem_to_json
from solver.model.solution import Solution, solution_to_json

Progress = Callable[[Report], None]
HISTORY_POINTS = 240  # of the drawing of a search
WRITE_SECONDS = 0.5
BUILD_TIME = timedelta(minutes=15)  # reading, checking and explaining a district takes less
PACKAGES = ("yidu", "ortools", "numpy", "numba")


def request_plan(store: Store, *, by: str, reason: str, now: datetime, slot_id: str | None = None) -> str:
    """Files the wish to plan again (or to repair one slot); the scheduler takes it within seconds. Returns its id.

    A wish that is open already is not filed twice: its id is returned.
    """
    request_id, job = new_id(), "repair" if slot_id else "plan"
    with store.transaction():
        if open_id := ledger.open_request(store, job=job, slot_id=slot_id):
            return open_id
        ledger.add_request(store, id=request_id, job=job, slot_id=slot_id, reason=reason, by=by, now=now)
    return request_id


def request_stop(store: Store, run_id: str) -> bool:
    """Asks a running search to end now with the best plan it has; False if it does not run."""
    return ledger.request_stop(store, run_id)


def start_run(store: Store, config: Config, job: str, *, by: str, now: datetime) -> Run:
    """A run by hand: it may happen any number of times a day. Runs whose process died long ago are closed."""
    run_id = new_id()
    longest = timedelta(seconds=2 * (config.solver.seconds + config.solver.grace_seconds)) + BUILD_TIME
    ledger.give_up_dead_runs(store, started_before=now - longest, now=now)
    run = Run(run_id, job, local_date(now), run_id, RunState.RUNNING, now, holder=holder(), requested_by=by)
    with store.transaction():
        return runs.add(store, run)


def plan_now(
    store: Store,
    config: Config,
    *,
    by: str,
    clock: Callable[[], datetime],
    run: Run | None = None,
    on_progress: Progress | None = None,
    **solving: Any,
) -> Plan:
    """Brings the slots up to date and makes a draft plan under a run of its own, which records success or failure.

    Staff asked, so empty seats inside the frozen time may be filled. Raises as make_plan does; the last plan stands.
    """
    now = clock()
    run = run or start_run(store, config, "plan", by=by, now=now)
    try:
        expand_all(store, config, now=now)
        plan = make_plan(store, config, run=run, now=now, on_progress=on_progress, open_frozen=True, **solving)
    except BaseException as error:
        ledger.end_run(store, run.id, run.fence, state="failed", message=told(error), now=clock())
        raise
    message = commitments.told(store, plan.figures["contradictions"])
    ledger.end_run(store, run.id, run.fence, state="done", message=message, now=clock())
    return plan


def make_plan(
    store: Store,
    config: Config,
    *,
    run: Run,
    now: datetime,
    on_progress: Progress | None = None,
    should_stop: Callable[[], bool] | None = None,
    open_frozen: bool = False,
    within_budget: bool = False,
    **solving: Any,
) -> Plan:
    """A checked draft plan of the weeks ahead. No transaction is open while it is searched.

    `within_budget`: what people were told changes only within the change budget; the search is repeated with the
    rest held fast if need be. Raises SolverFailed or PlanRefused; then nothing is stored and the last plan stands.
    """
    telling = _Telling(store, run.id, on_progress, should_stop)
    telling({"stage": "build", "seconds": 0.0})
    snapshot = build_problem(store, config, now=now, open_frozen=open_frozen)
    proposals = _changeable(snapshot)
    if within_budget and (held := change_budget.untouchable(snapshot.facts, proposals, config.changes)):
        snapshot = build_problem(store, config, now=now, open_frozen=open_frozen, pinned_proposals=held)
    solution = _solved(store, config, run, snapshot, telling, solving)
    seats = seats_from(solution.assignments, snapshot)
    spent = change_budget.spending(snapshot.facts, proposals, seats)
    if within_budget and spent.over(config.changes):
        keep = change_budget.to_keep(spent, proposals, seats, snapshot.facts, config.changes)
        snapshot = build_problem(store, config, now=now, open_frozen=open_frozen, pinned_proposals=keep)
        start = tuple(assignments_from(seats, snapshot.horizon, snapshot.problem))
        solution = _solved(store, config, run, replace(snapshot, incumbent=start), telling, solving)
        seats = seats_from(solution.assignments, snapshot)
        spent = change_budget.spending(snapshot.facts, proposals, seats)
    telling({"stage": "explain", **_figures(solution, snapshot)})
    plan = Plan(
        id=new_id(),
        run_id=run.id,
        from_date=snapshot.horizon.first_day,
        until_date=snapshot.horizon.last_day,
        state=PlanState.DRAFT,
        revision_read=snapshot.revision,
        created_at=now,
        figures={
            **_figures(solution, snapshot),
            "publish_before": utc_text(day_starts_at(first_draft_day(config, now=now))),
            "open_frozen": open_frozen,
            "causes": spent.caused,
            "contradictions": [found.line for found in snapshot.contradictions],
            "changes_without_cause": len(spent.free),
            "changes_allowed": spent.allowed(config.changes),
            "proposals_before": spent.published,
        },
        unfilled=shortage.unfilled(snapshot.problem, seats, snapshot.facts),
    )
    _store(store, run, plan, seats, solution)
    telling({"stage": "done", **_figures(solution, snapshot)})
    return plan


def holder() -> str:
    """This machine, for the run's record."""
    return socket.gethostname()


def versions() -> dict[str, str]:
    """What a replay must have the same to give the same plan."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = ""
    return found


class _Telling:
    """Writes the search's reports into the run, so that a page can draw them, and hears the wish to stop."""

    def __init__(
        self, store: Store, run_id: str, on_progress: Progress | None, should_stop: Callable[[], bool] | None
    ) -> None:
        self.store, self.run_id, self.also, self.wanted = store, run_id, on_progress, should_stop
        self.history: list[list[float]] = []
        self.stop = False
        self.stage, self.written = "", 0.0

    def __call__(self, report: Report) -> None:
        if report.get("coverage") is not None:
            names = ("seconds", "coverage", "coverage_bound", "cost", "cost_bound")
            self.history.append([report.get(name) or 0 for name in names])
            if len(self.history) > HISTORY_POINTS:
                self.history = self.history[::2]
        if self.also:
            self.also(report)
        if report["stage"] == self.stage and time.monotonic() - self.written < WRITE_SECONDS:
            return
        self.stage, self.written = report["stage"], time.monotonic()
        self.stop = ledger.note_progress(self.store, self.run_id, {**report, "history": self.history}) or self.stop

    def should_stop(self) -> bool:
        return self.stop or (self.wanted is not None and self.wanted())


def _solved(
    store: Store, config: Config, run: Run, snapshot: Snapshot, telling: _Telling, solving: dict[str, Any]
) -> Solution:
    ledger.keep_files(store, run.id, problem_to_json(snapshot.problem), seed=config.solver.seed, versions=versions())
    return solve_apart(
        snapshot.problem,
        config.solver,
        incumbent=with_familiar_people(snapshot.problem, snapshot.facts, snapshot.incumbent),
        on_progress=telling,
        should_stop=telling.should_stop,
        **solving,
    )


def _changeable(snapshot: Snapshot) -> list[Assignment]:
    """Published proposals that nobody has answered yet, in the days of the plan."""
    ahead = set(snapshot.horizon.days)
    mine = (a for found in snapshot.facts.live.values() for a in found)
    return [
        a
        for a in mine
        if a.state is State.PROPOSED and a.source == "plan" and not a.pinned and local_date(a.starts_at) in ahead
    ]


def _figures(solution: Solution, snapshot: Snapshot) -> dict[str, Any]:
    problem = snapshot.problem
    return {
        "status": solution.status.value,
        "coverage": solution.coverage,
        "coverage_bound": solution.coverage_bound,
        "cost": solution.cost,
        "cost_bound": solution.cost_bound,
        "terms": dict(solution.terms),
        "seconds": solution.seconds,
        "seed": solution.seed,
        "version": solution.version,
        "slots": len({slot_of(s.id) for s in problem.slots}),
        "heads": sum(s.headcount for s in problem.slots),
        "filled": len(solution.assignments),
        "volunteers": len(snapshot.facts.volunteers),
    }


def _store(store: Store, run: Run, plan: Plan, seats: list[Seat], solution: Solution) -> None:
    with store.transaction():
        for draft in plans.by(store, state=PlanState.DRAFT):
            plans.save(store, replace(draft, state=PlanState.DISCARDED))
        add_plan(store, plan, seats)
        ledger.keep_solution(store, run.id, solution_to_json(solution))
