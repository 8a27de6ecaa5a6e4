"""How fast a decline is answered at the size of a district: next standby asked, one seat repaired, ladders built.

python -m benchmarks.replies --size district --declines 200 --repairs 40
"""

import argparse
import json
import random
import sys
import tempfile
import time
from collections.abc import Callable
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
from scheduler.planning.bridge import build_problem, seats_from
from scheduler.planning.renew import expand_all
from scheduler.planning.repair import repair_slot
from scheduler.promises import ladders, replies
from scheduler.store import Store, open_store, promised
from scheduler.store.plans import assignments
from solver.greedy import first_plan
from solver.network import compile_network

MONDAY = date(2026, 11, 23)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--size", default="district", choices=("small", "street", "district"))
    parser.add_argument("--declines", type=int, default=200)
    parser.add_argument("--repairs", type=int, default=40)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yidu-replies-") as folder:
        figures = measure(Path(folder), args)
    print(json.dumps(record("replies", **figures)))
    return 0


def measure(folder: Path, args: argparse.Namespace) -> dict[str, Any]:
    """Proposes a quick plan of a demo district, then declines and repairs at random; seconds of each."""
    config, rng = _config(folder / "yidu.db", 60.0, 1), random.Random(args.seed)
    now = at_local(MONDAY, "01:30")
    with open_store(config.database) as store:
        load_demo(store, config, size=args.size, now=at_local(MONDAY, "00:10"))
        (unfilled, planned), plan_s = timed(lambda: propose_greedily(store, config, args.seed))
        laddered, ladders_s = timed(lambda: ladders.build_ladders(store, config, now=now))
        proposals = assignments.by(store, state=State.PROPOSED)
        later = now + timedelta(hours=7)
        offers, silent = [], 0
        for proposal in rng.sample(proposals, min(args.declines, len(proposals))):
            if assignments.get(store, proposal.id).state is not State.PROPOSED:
                continue
            _, seconds = timed(lambda p=proposal: replies.decline(store, config, p.id, "time", now=later))
            if promised.live_on_slot(store, proposal.slot_id):
                offers.append(seconds)
            else:
                silent += 1
        repairs, filled = [], 0
        for slot_id in rng.sample(unfilled, min(args.repairs, len(unfilled))):
            made, seconds = timed(
                lambda s=slot_id: repair_slot(store, config, s, reason="benchmark", clock=lambda: later)
            )
            repairs.append(seconds)
            filled += bool(made)
        return {
            "size": args.size,
            "slots_planned": planned,
            "proposals": len(proposals),
            "plan_s": round(plan_s, 1),
            "ladders_s": round(ladders_s, 1),
            "slots_with_ladder": laddered,
            "declines": len(offers) + silent,
            "offers": len(offers),
            "decline_to_offer_s_p50": percentile(offers, 0.5),
            "decline_to_offer_s_p95": percentile(offers, 0.95),
            "decline_to_offer_s_max": percentile(offers, 1.0),
            "repairs": len(repairs),
            "repairs_filled": filled,
            "repair_s_p50": percentile(repairs, 0.5),
            "repair_s_p95": percentile(repairs, 0.95),
            "repair_s_max": percentile(repairs, 1.0),
        }


def propose_greedily(store: Store, config: Config, seed: int) -> tuple[list[str], int]:
    """Proposes a quick plan of the weeks ahead to people; the slots left empty, and how many slots there are."""
    now = at_local(MONDAY, "01:30")
    expand_all(store, config, now=now)
    snapshot = build_problem(store, config, now=now)
    placed = first_plan(snapshot.problem, compile_network(snapshot.problem), seconds=5.0, seed=seed)
    ends_at = now + timedelta(days=1)
    with store.transaction():
        assignments.add_all(store, [
            Assignment(new_id(), s.slot_id, s.volunteer_id, s.starts_at, State.PROPOSED, proposed_at=now,
                       expires_at=ends_at)
            for s in seats_from(placed, snapshot)
        ])  # fmt: skip
    staffed = {a.slot for a in placed}
    return sorted(s.id for s in snapshot.problem.slots if s.id not in staffed), len(snapshot.problem.slots)


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """What the work returns, and its seconds."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def percentile(values: list[float], share: float) -> float | None:
    return round(sorted(values)[min(len(values) - 1, int(share * len(values)))], 4) if values else None


if __name__ == "__main__":
    sys.exit(main())
