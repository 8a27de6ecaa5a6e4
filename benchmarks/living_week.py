"""Weeks in the life of a plan: every night it is re-optimised, every day people decline, fall ill, fail to come.

    python -m benchmarks.living_week --weeks 8 --seed 0 [--size street] [--seconds 8] [--out FILE]

One JSON line a night, then one with the whole run's figures. In the same run each night is compared with

- re-solving from scratch: the same district without promises, without taxes and without a plan to start from;
- never re-optimising: what is left of the plan by which people were asked first, when it was published.
"""

import argparse
import json
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import fmean
from typing import Any, TextIO

from benchmarks.common import record
from benchmarks.street_life import Day, Street
from scheduler.config import Config, load_config
from scheduler.demo import load_demo
from scheduler.errors import SolverFailed
from scheduler.localtime import at_local, local_date
from scheduler.model.people import RecipientKind
from scheduler.model.plan import HELD, LIVE, Plan, State
from scheduler.operations import night
from scheduler.planning.build import Opening, seats_from, translate
from scheduler.planning.solver_process import solve_apart
from scheduler.records import measures
from scheduler.rules.facts import Facts, load_facts
from scheduler.rules.windows import first_draft_day, last_planned_day
from scheduler.store import Store, audit, open_store, records
from scheduler.store.plans import assignments, runs, seats_of
from scheduler.store.services import slots
from solver.compile_kernels import compile_kernels

FIRST_NIGHT = date(2026, 11, 23)  # a Monday
VALUE_OF_PRIORITY = 1000
GRACE_S = 240.0  # the simulation shares its machine
ROUND = 4
TRY_AGAIN = timedelta(minutes=15)  # a night that failed is tried again after a rest


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--weeks", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--size", default="street", choices=("small", "street"))
    parser.add_argument("--seconds", type=float, default=8.0, help="of solving a night, and again from scratch")
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--out", type=Path, help="write the lines here too")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="yidu-weeks-") as folder:
        config = _config(Path(folder) / "yidu.db", args.seconds, args.workers)
        out = args.out.open("w", encoding="utf-8") if args.out else None
        try:
            with open_store(config.database) as store:
                figures = simulate(store, config, nights=7 * args.weeks, seed=args.seed, size=args.size, out=out)
        finally:
            if out:
                out.close()
    record("living_week", size=args.size, seed=args.seed, seconds=args.seconds, **figures)
    return 0


def _config(database: Path, seconds: float, workers: int) -> Config:
    config = load_config(environ={})
    limits = config.solver.model_copy(update={"seconds": seconds, "workers": workers, "grace_seconds": GRACE_S})
    return config.model_copy(update={"database": database, "solver": limits})


def simulate(store: Store, config: Config, *, nights: int, seed: int, size: str, out: TextIO | None) -> dict[str, Any]:
    """Runs the nights and days, prints a line each, and returns the whole run's figures."""
    load_demo(store, config, size=size, now=at_local(FIRST_NIGHT, "00:10"))
    compile_kernels()  # compiled code comes from the cache, as after installation
    street, watch = Street(store, config, seed), Watch(store, config)
    lines, offers, repairs = [], [], []
    for number in range(nights):
        day = FIRST_NIGHT + timedelta(days=number)
        line = watch.through_the_night(day)
        lived = street.live_through(day)
        offers += lived.offer_seconds
        repairs += lived.repair_seconds
        line |= watch.after_the_day(lived)
        lines.append(line)
        _print(line, out)
    summary = {
        "nights": nights,
        "coverage_ratio": _mean(lines, "coverage_ratio"),
        "promises_moved_without_cause": sum(line["promises_moved_without_cause"] for line in lines),
        "changed_share_max": max(line.get("changed_share", 0) for line in lines),
        "changed_share_mean": _mean(lines, "changed_share"),
        "scratch_changed_share_mean": _mean(lines, "scratch_changed_share"),
        "never_coverage_ratio": _mean(lines, "never_coverage_ratio"),
        "coc_mean": _mean(lines, "coc"),
        "coc_last": lines[-1]["coc"],
        "promises_kept": _mean(lines, "promises_kept"),
        "decline_to_offer_s_p95": _p95(offers),
        "repair_s_p95": _p95(repairs),
    }
    _print(summary, out)
    return summary


class Watch:
    """Looks at every night from outside: what it changed, what it kept, and what the other two ways would have done."""

    def __init__(self, store: Store, config: Config) -> None:
        self.store, self.config = store, config
        self.first_asked: dict[str, list[tuple[str, datetime]]] = {}  # slot → (volunteer, start) of its first plan
        self.promises: dict[str, tuple[str, str, datetime]] = {}  # accepted assignments as the evening left them

    def through_the_night(self, day: date) -> dict[str, Any]:
        """Runs the night of a day and says what it did."""
        now = at_local(day, "01:30")
        scratch_share = self._scratch_changed_share(now)
        began = time.monotonic()
        for tries in range(night.TRIES):
            now += tries * TRY_AGAIN
            ended = night.run_if_due(self.config, clock=lambda at=now: at)
            if ended is not None and ended.plan is not None:
                break
        moved = self._promises_moved()
        if ended is None or ended.plan is None:
            message = ended.message if ended else "not due"
            return {
                "night": day.isoformat(),
                "status": "FAILED",
                "message": message,
                "promises_moved_without_cause": moved,
            }
        receipt, plan = runs.get(self.store, ended.run.id).receipt, ended.plan
        self._remember_first_asked(plan, now)
        people = _changes_per_person(receipt)
        figures = plan.figures
        return {
            "night": day.isoformat(),
            "status": figures["status"],
            "coverage": figures["coverage"],
            "coverage_bound": figures["coverage_bound"],
            "coverage_ratio": _ratio(figures["coverage"], figures["coverage_bound"]),
            "never_coverage_ratio": self._never_ratio(plan, now),
            "promises_moved_without_cause": moved,
            "published_before": receipt["published_before"],
            "changed": receipt["taken_back"],
            "changed_without_cause": receipt["without_cause"],
            "changed_share": round(receipt["changed_share"], ROUND),
            "changes_per_person_max": max(people.values(), default=0),
            "changes_per_person_mean": round(fmean(people.values()), 2) if people else 0,
            "scratch_changed_share": scratch_share,
            "night_s": round(time.monotonic() - began, 1),
        }

    def after_the_day(self, lived: Day) -> dict[str, Any]:
        """What the day brought, and the continuity of the four weeks up to it."""
        self.promises = {
            a.id: (a.slot_id, a.volunteer_id, a.starts_at) for a in assignments.by(self.store, state=State.ACCEPTED)
        }
        kept = lived.events["done"]
        broken = sum(lived.events[name] for name in ("missed", "excused", "withdrawn"))
        seen_by = self._continuity()
        return {
            "promises_kept": _ratio(kept, kept + broken),
            "coc": _rounded(seen_by.coc),
            "upc": _rounded(seen_by.upc),
            "distinct_28": _rounded(seen_by.distinct),
            "decline_to_offer_s_max": _rounded(max(lived.offer_seconds, default=None)),
            "repairs": len(lived.repair_seconds),
            "repair_s_max": _rounded(max(lived.repair_seconds, default=None)),
            **dict(sorted(lived.events.items())),
        }

    def _continuity(self) -> measures.Continuity:
        last = max((at for _, _, at in self.promises.values()), default=datetime.now(UTC))
        until = max([last, *(a.starts_at for a in assignments.by(self.store, state=State.DONE))])
        return measures.continuity(
            records.visits_to(self.store, RecipientKind.ELDER.value, until - measures.FOUR_WEEKS, until)
        )

    def _promises_moved(self) -> int:
        """Accepted visits of the evening that the night moved or dropped without a row that says who and why."""
        found = 0
        for promise_id, (slot_id, volunteer_id, starts_at) in self.promises.items():
            now = assignments.get(self.store, promise_id)
            stands = now.state in HELD and (now.slot_id, now.volunteer_id, now.starts_at) == (
                slot_id,
                volunteer_id,
                starts_at,
            )
            if not stands and not any(r.reason for r in audit.history(self.store, "assignment", promise_id)):
                found += 1
        return found

    def _published_span(self, now: datetime) -> tuple[date, date]:
        return local_date(now), first_draft_day(self.config, now=now) - timedelta(days=1)

    def _remember_first_asked(self, plan: Plan, now: datetime) -> None:
        """The people of each slot as it was first published; what comes up later in the day is nobody's."""
        _, last = self._published_span(now)
        seats: dict[str, list[tuple[str, datetime]]] = {}
        for seat in seats_of(self.store, plan.id):
            seats.setdefault(seat.slot_id, []).append((seat.volunteer_id, seat.starts_at))
        known_days = getattr(self, "last_day", None)
        for slot in slots.where(self.store):
            fresh_day = known_days is None or slot.service_date > known_days
            if slot.service_date <= last and fresh_day:
                self.first_asked.setdefault(slot.id, seats.get(slot.id, []))
        self.last_day = last

    def _never_ratio(self, plan: Plan, now: datetime) -> float | None:
        """Coverage against the bound if nobody had re-planned what is published: only those first asked, if they stay.

        Beyond the published days both ways have the same draft, which counts as it is.
        """
        first, last = self._published_span(now)
        value = {
            s.id: (VALUE_OF_PRIORITY * s.priority, s.min_heads, s.service_date)
            for s in slots.where(self.store)
            if first <= s.service_date <= last
        }
        planned = seats_of(self.store, plan.id)
        covered = plan.figures["coverage"] - sum(value[s.slot_id][0] for s in planned if s.slot_id in value)
        there: dict[str, set[str]] = {}
        for a in assignments.where(self.store):
            if a.state in LIVE or a.state is State.DONE:
                there.setdefault(a.slot_id, set()).add(a.volunteer_id)
        planned_now = {(s.slot_id, s.volunteer_id) for s in planned}
        for slot_id, people in self.first_asked.items():
            if slot_id in value:
                left = [w for w, _ in people if w in there.get(slot_id, ()) or (slot_id, w) in planned_now]
                each, least, _ = value[slot_id]
                covered += each * len(left) if len(left) >= least else 0
        return _ratio(covered, plan.figures["coverage_bound"])

    def _scratch_changed_share(self, now: datetime) -> float | None:
        """The share of what people were told, outside the frozen time, that a plan without memory would change."""
        first, last = local_date(now), last_planned_day(self.config, now=now)
        facts = load_facts(self.store, self.config, first, last, now=now)
        frozen = now + timedelta(hours=self.config.windows.frozen_hours)
        told = {
            (a.slot_id, a.volunteer_id, a.starts_at)
            for mine in facts.live.values()
            for a in mine
            if a.state in LIVE and a.starts_at >= frozen
        }
        if not told:
            return None
        snapshot = translate(_forgetful(facts, frozen), now=now, opens=Opening(frozen, frozen, frozenset()))
        try:
            solution = solve_apart(snapshot.problem, self.config.solver)
        except SolverFailed:
            return None
        seats = {(s.slot_id, s.volunteer_id, s.starts_at) for s in seats_from(solution.assignments, snapshot)}
        return round(len(told - seats) / len(told), ROUND)


def _forgetful(facts: Facts, frozen: datetime) -> Facts:
    """The facts as if nobody had been asked for anything that is not frozen."""
    live = {who: [a for a in mine if a.starts_at < frozen or a.state is State.DONE] for who, mine in facts.live.items()}
    return replace(facts, live=live)


def _changes_per_person(receipt: dict[str, Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for change in receipt["changes"]:
        if change["kind"] != "new":
            found[change["volunteer"]] = found.get(change["volunteer"], 0) + 1
    return found


def _ratio(part: float, whole: float) -> float | None:
    return round(part / whole, ROUND) if whole else None


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, ROUND)


def _mean(lines: list[dict[str, Any]], name: str) -> float | None:
    return _rounded(measures.mean(line.get(name) for line in lines))


def _p95(values: list[float]) -> float | None:
    return _rounded(sorted(values)[min(len(values) - 1, int(0.95 * len(values)))]) if values else None


def _print(line: dict[str, Any], out: TextIO | None) -> None:
    text = json.dumps(line, ensure_ascii=False)
    print(text, flush=True)
    if out:
        out.write(text + "\n")
        out.flush()


if __name__ == "__main__":
    sys.exit(main())
