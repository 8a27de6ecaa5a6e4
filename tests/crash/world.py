"""A district big enough for a plan of 200 seats to be caught half way, and plans for it that need no search."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from scheduler.config import Config
from scheduler.localtime import at_local, local_date
from scheduler.model.ids import new_id
from scheduler.model.plan import Plan, PlanState, Seat, State
from scheduler.planning.build import build_problem
from scheduler.planning.publish import publish
from scheduler.planning.replan import start_run, versions
from scheduler.promises import links
from scheduler.rules.windows import day_starts_at, first_draft_day
from scheduler.store import Store, ledger, open_store
from scheduler.store.plans import add_plan, assignments, plans
from scheduler.store.repository import utc_text
from scheduler.store.services import slots
from solver.model.problem_json import problem_to_json
from tests.scheduler.planning import week
from tests.scheduler.promises.world import NOW, a_need, a_slot, a_standby_list, a_store, a_volunteer, an_elder

DATABASE = "yidu.db"
SIZE = 200
DAYS = 5
HELPERS, ELDERS = 6, 12  # of the district whose nights are planned by the real solver
SEARCH_S = 1.0


def build(folder: Path) -> Store:
    """SIZE elders with a slot each, SIZE volunteers, spread over the next days outside the frozen time."""
    store = a_store(folder)
    with store.transaction():
        for n in range(SIZE):
            an_elder(store, f"elder{n}")
            a_need(store, f"need{n}", f"elder{n}")
            a_volunteer(store, f"v{n:03d}")
    with store.transaction():
        for n in range(SIZE):
            slot = a_slot(store, f"slot{n:03d}", hours=26 + 24 * (n % DAYS) + (n % 7) / 4, need_id=f"need{n}")
            a_standby_list(store, slot, f"v{(n + 77) % SIZE:03d}", f"v{(n + 101) % SIZE:03d}")
    return store


def draft(store: Store, config: Config, shift: int, *, now: datetime = NOW) -> Plan:
    """A draft that gives slot n to volunteer n + shift; what people hold already stays as it is."""
    snapshot = build_problem(store, config, now=now)
    taken = {a.slot_id: Seat(a.slot_id, a.volunteer_id, a.starts_at) for a in assignments.where(store) if a.state in
             {State.ACCEPTED}}  # fmt: skip
    busy = {seat.volunteer_id for seat in taken.values()}
    seats = list(taken.values())
    for n, slot in enumerate(slots.where(store, "1 ORDER BY id")):
        who = f"v{(n + shift) % SIZE:03d}"
        if slot.id not in taken and who not in busy:
            seats.append(Seat(slot.id, who, slot.earliest_at))
    run = start_run(store, config, "plan", by="staff", now=now)
    ledger.keep_files(store, run.id, problem_to_json(snapshot.problem), seed=0, versions=versions())
    figures = {
        "filled": len(seats),
        "publish_before": utc_text(day_starts_at(first_draft_day(config, now=now))),
        "open_frozen": False,
        "causes": {},
    }
    horizon = snapshot.horizon
    plan = Plan(new_id(), run.id, horizon.first_day, horizon.last_day, PlanState.DRAFT, snapshot.revision, now)
    plan = replace(plan, figures=figures)
    with store.transaction():
        for old in plans.by(store, state=PlanState.DRAFT):
            plans.save(store, replace(old, state=PlanState.DISCARDED))
        add_plan(store, plan, seats)
    return plan


def published(store: Store, config: Config, shift: int = 0) -> Plan:
    """A plan that everybody has been told of."""
    return publish(store, config, draft(store, config, shift).id, by="staff", now=NOW)


def tokens(store: Store) -> list[tuple[str, str]]:
    """A reply link for every open proposal, with the id of its assignment."""
    with store.transaction():
        return [(links.make(store, a.id, now=NOW), a.id) for a in assignments.by(store, state=State.PROPOSED)]


def build_for_nights(folder: Path) -> Store:
    """A few helpers and elders who want a visit twice a week: a night of it is planned in a second or two."""
    store = open_store(folder / DATABASE)
    week.a_week(store, helpers=HELPERS, elders=0)
    for n in range(ELDERS):
        days = (1 + n % 3, 4 + n % 4)
        week.add_need(store, f"n{n}", f"e{n}", weekdays=days, start=f"{9 + n // 2}:{30 * (n % 2):02d}".zfill(5))
    return store


def config_of_nights(folder: Path) -> Config:
    with open_store(folder / DATABASE) as store:
        return week.config_for(store, solver={"seconds": SEARCH_S, "workers": 1})


def next_night(folder: Path) -> datetime:
    """The start of the first night that no run has finished."""
    with open_store(folder / DATABASE) as store:
        done = store.value("SELECT MAX(service_date) FROM runs WHERE job = 'nightly' AND state = 'done'")
    day = date.fromisoformat(done) + timedelta(days=1) if done else local_date(NOW) + timedelta(days=1)
    return at_local(day, "01:30")
