"""How fast a decline is answered at the size of a district: the next standby, or a repair by the scheduler's own job.

    python -m benchmarks.replies --size district --declines 200 --repairs 40 [--idle 0.2] [--folder DIR]

Every second decline is of a slot whose standby list is used up, so that the scheduler has to look for somebody.
`--idle 0.2` leaves a fifth of the people without visits, so that declines find somebody: a full plan has nobody left.
`--folder` keeps the prepared district there and uses it again: preparing takes minutes, measuring one.
"""

import argparse
import json
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from benchmarks.common import record
from benchmarks.living_week import _config
from scheduler.config import Config
from scheduler.demo import load_demo
from scheduler.localtime import at_local
from scheduler.model.ids import new_id
from scheduler.model.plan import Assignment, State
from scheduler.needs.renew import expand_all
from scheduler.operations import scheduler_process, standby_lists
from scheduler.operations.repair import load_kernels, repair_slot
from scheduler.planning.build import build_problem, seats_from
from scheduler.promises import replies
from scheduler.store import Store, open_store, promised, standbys
from scheduler.store.plans import assignments
from scheduler.store.repository import utc_text
from solver.instance.arrays import compile_network
from solver.lns.construction import first_plan

MONDAY = date(2026, 11, 23)
NIGHT, MORNING = at_local(MONDAY, "01:30"), at_local(MONDAY, "08:30")
GLANCE_SECONDS = 0.005
PATIENCE_SECONDS = 30.0
EMPTY = """SELECT id FROM slots WHERE state = 'open' AND earliest_at > :now AND id NOT IN
           (SELECT slot_id FROM assignments WHERE state IN ('proposed', 'accepted')) ORDER BY id"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size", default="district", choices=("small", "street", "district"))
    parser.add_argument("--declines", type=int, default=200)
    parser.add_argument("--repairs", type=int, default=40)
    parser.add_argument("--idle", type=float, default=0.0, help="share of people without visits")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, help="where a prepared district is kept")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yidu-replies-") as folder:
        kept = args.folder or Path(folder) / "kept"
        if not (kept / "prepared.json").exists():
            prepare(kept, args)
        work = Path(folder) / "work"
        shutil.copytree(kept, work)
        figures = json.loads((kept / "prepared.json").read_text()) | measure(work, args)
    print(json.dumps(record("replies", size=args.size, idle=args.idle, **figures)))
    return 0


def prepare(folder: Path, args: argparse.Namespace) -> None:
    """A demo district whose people were asked by a quick plan, with standby lists, kept in the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    config = _config(folder / "yidu.db", 60.0, 1)
    with open_store(config.database) as store:
        load_demo(store, config, size=args.size, now=at_local(MONDAY, "00:10"))
        slots, plan_s = timed(lambda: propose_greedily(store, config, args.seed, args.idle))
        _, standby_lists_s = timed(lambda: standby_lists.build_standby_lists(store, config, now=NIGHT))
        figures = {
            "slots_planned": slots,
            "proposals": len(assignments.by(store, state=State.PROPOSED)),
            "slots_with_standby": store.value("SELECT count(DISTINCT slot_id) FROM standbys"),
            "plan_s": round(plan_s, 1),
            "ladders_s": round(standby_lists_s, 1),
        }
    (folder / "prepared.json").write_text(json.dumps(figures))


def propose_greedily(store: Store, config: Config, seed: int, idle: float) -> int:
    """Proposes a quick plan of the weeks ahead, but nothing to a share of the people; how many slots there are."""
    expand_all(store, config, now=NIGHT)
    snapshot = build_problem(store, config, now=NIGHT)
    placed = first_plan(snapshot.problem, compile_network(snapshot.problem), seconds=5.0, seed=seed)
    rng = random.Random(seed)
    left_out = {who for who in sorted(snapshot.facts.volunteers) if rng.random() < idle}
    with store.transaction():
        assignments.add_all(store, [
            Assignment(new_id(), s.slot_id, s.volunteer_id, s.starts_at, State.PROPOSED, proposed_at=NIGHT,
                       expires_at=NIGHT + timedelta(days=1))
            for s in seats_from(placed, snapshot) if s.volunteer_id not in left_out
        ])  # fmt: skip
    return len(snapshot.problem.slots)


def measure(folder: Path, args: argparse.Namespace) -> dict[str, Any]:
    """Declines at random, every second one of a slot whose standbys have all been asked, then repairs empty slots."""
    config, rng = _config(folder / "yidu.db", 60.0, 1), random.Random(args.seed)
    by_standby, by_repair, by_nobody, repairs, filled = [], [], [], [], 0
    with open_store(config.database) as store:
        proposals = sorted(assignments.by(store, state=State.PROPOSED), key=lambda a: a.id)
        empty = [row["id"] for row in store.rows(EMPTY, {"now": utc_text(MORNING)})]
        chosen = rng.sample([p for p in proposals if p.starts_at > MORNING], min(args.declines, len(proposals)))
        with repairing(config):
            for number, proposal in enumerate(chosen):
                if number % 2:
                    standbys.replace_standbys(store, [proposal.slot_id], [])
                if assignments.get(store, proposal.id).state is State.PROPOSED:
                    time.sleep(rng.random() * scheduler_process.REPAIRS_SECONDS)  # nobody declines in the job's rhythm
                    answer, seconds = timed(lambda p=proposal: decline(store, config, p))
                    {"standby": by_standby, "repair": by_repair, "nobody": by_nobody}[answer].append(seconds)
        for slot_id in rng.sample(empty, min(args.repairs, len(empty))):
            made, seconds = timed(
                lambda s=slot_id: repair_slot(store, config, s, reason="benchmark", clock=lambda: MORNING)
            )
            repairs.append(seconds)
            filled += bool(made)
    return {
        "declines": len(by_standby) + len(by_repair) + len(by_nobody),
        **spread("decline_to_standby", by_standby),
        **spread("decline_to_repair_to_offer", by_repair),
        **spread("decline_to_nobody", by_nobody),
        **spread("repair", repairs),
        "repairs_filled": filled,
    }


def decline(store: Store, config: Config, proposal: Assignment) -> str:
    """Declines and waits until somebody else is asked or nobody can be; who was found, and by what."""
    before = {a.id for a in promised.live_on_slot(store, proposal.slot_id)}
    replies.decline(store, config, proposal.id, "time", now=MORNING)
    if is_asked(store, proposal.slot_id, before):
        return "standby"
    ends = time.monotonic() + PATIENCE_SECONDS
    waiting = "SELECT 1 FROM replan_requests WHERE slot_id = :slot AND state IN ('waiting', 'taken')"
    while store.value(waiting, {"slot": proposal.slot_id}):
        assert time.monotonic() < ends, f"slot {proposal.slot_id} was not repaired in time"
        time.sleep(GLANCE_SECONDS)
    return "repair" if is_asked(store, proposal.slot_id, before) else "nobody"


def is_asked(store: Store, slot_id: str, before: set[str]) -> bool:
    """Whether somebody is asked for the slot who was not before."""
    return any(a.id not in before for a in promised.live_on_slot(store, slot_id))


@contextmanager
def repairing(config: Config) -> Iterator[None]:
    """The scheduler's own job that looks for freed seats runs meanwhile, as often as it does in its process."""
    load_kernels()  # the process does so when it starts
    jobs = scheduler_process.scheduler(config, clock=lambda: MORNING)
    for job in jobs.get_jobs():
        if job.id != "repairs":
            job.remove()
    jobs.start()
    try:
        yield
    finally:
        jobs.shutdown()


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What the work returns, and its seconds."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def spread(name: str, seconds: list[float]) -> dict[str, Any]:
    """How many there were and their median, 95th percentile and maximum."""
    ordered = sorted(seconds)
    at = {"p50": 0.5, "p95": 0.95, "max": 1.0}
    return {f"{name}_count": len(ordered)} | {
        f"{name}_s_{label}": round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 4)
        for label, share in at.items()
        if ordered
    }


if __name__ == "__main__":
    sys.exit(main())
