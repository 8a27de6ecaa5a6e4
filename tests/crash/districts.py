"""Many districts, each with its own database and process: python -m tests.crash.districts --districts 40 --kills 20

One district's search always crashes, and some processes are killed while they plan. Every other district has to
publish its night once, as if it were alone.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from scheduler.localtime import at_local, local_date
from scheduler.model.plan import PlanState, RunState
from scheduler.operations import night
from scheduler.store import Store, open_store
from scheduler.store.plans import assignments, latest_plan, plans, runs
from tests.scheduler.planning.week import FIRST_FIT, NOW, a_week, config_for, published

DAY = local_date(NOW) + timedelta(days=1)
LEASE = timedelta(seconds=31)
AT_ONCE = 4  # processes
PATIENCE_S = 120.0
LONGEST_WAIT_S = 2.5  # until a process is killed, from its start


def main() -> int:
    parser = argparse.ArgumentParser(description="Count what a broken district and killed processes do to the others.")
    parser.add_argument("--districts", type=int, default=40)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--late", type=int, default=0, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.worker:
        return work(args.worker, late=args.late)
    with tempfile.TemporaryDirectory(prefix="yidu-districts-") as folder:
        found = neighbours(Path(folder), districts=args.districts, kills=args.kills, seed=args.seed)
    print(json.dumps(vars(found)))
    return 0 if found.clean else 1


@dataclass
class Found:
    """What the night left in the districts."""

    districts: int = 0
    kills: int = 0
    published_once: int = 0  # of those whose search works
    alerts_elsewhere: int = 0  # told to staff of a district that had its night
    broken_reported: bool = False  # the broken district's staff know
    broken_plan_stands: bool = False

    @property
    def clean(self) -> bool:
        fine = self.published_once == self.districts - 1 and not self.alerts_elsewhere
        return fine and self.broken_reported and self.broken_plan_stands


def neighbours(folder: Path, *, districts: int, kills: int, seed: int = 0) -> Found:
    """One night of so many districts, the first of them broken; processes of the others are killed at random."""
    rng = random.Random(seed)
    homes = [folder / f"district{n}.db" for n in range(districts)]
    before = {}
    for number, home in enumerate(homes):
        with open_store(home) as store:
            before[home] = published(store, a_week(store, helpers=2, elders=1 + number % 3)).id
    victims = set(rng.sample(homes[1:], kills))
    for first in range(0, districts, AT_ONCE):
        wave = homes[first : first + AT_ONCE]
        for home, process in [(home, started(home, broken=home == homes[0])) for home in wave]:
            if home in victims:
                time.sleep(rng.random() * LONGEST_WAIT_S)
                process.kill()
            process.wait(timeout=PATIENCE_S)
    for home in victims:  # the next process takes the night over when the dead one's lease is over
        started(home, late=1).wait(timeout=PATIENCE_S)
    found = Found(districts, len(victims))
    for home in homes:
        with open_store(home) as store:
            counted(store, found, before[home], broken=home == homes[0])
    return found


def started(home: Path, *, broken: bool = False, late: int = 0) -> "subprocess.Popen[bytes]":
    """The night of one district in a process of its own."""
    command = [sys.executable, "-m", "tests.crash.districts", f"--worker={home}", f"--late={late}"]
    environ = {**os.environ, **({"MISBEHAVE": "crash"} if broken else {})}
    return subprocess.Popen(command, env=environ, stderr=subprocess.DEVNULL)


def work(home: Path, *, late: int) -> int:
    """Plans the night of one district, `late` leases after its time."""
    with open_store(home) as store:
        config = config_for(store)
    night.run_if_due(config, clock=lambda: at_local(DAY, "01:30") + late * LEASE, **FIRST_FIT)
    return 0


def counted(store: Store, found: Found, plan_before: str, *, broken: bool) -> None:
    """Adds what one district has now."""
    told = store.value("SELECT COUNT(*) FROM outbox WHERE key LIKE 'no-plan:%'")
    (run,) = runs.by(store, key=night.key_of(DAY))
    if broken:
        stands = latest_plan(store, "published")
        found.broken_reported = told == 1 and run.state is RunState.FAILED
        found.broken_plan_stands = stands is not None and stands.id == plan_before
        return
    tonight = [p for p in plans.by(store, run_id=run.id) if p.published_at is not None]
    whole = {a.plan_id for a in assignments.where(store)} <= {plan_before, *(p.id for p in tonight)}
    once = len(tonight) == 1 and tonight[0].state is PlanState.PUBLISHED and run.state is RunState.DONE
    found.published_once += once and whole
    found.alerts_elsewhere += told


if __name__ == "__main__":
    sys.exit(main())
