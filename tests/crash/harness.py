"""Kills real processes at random moments and looks at what they left behind."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

from scheduler.model.plan import LIVE, PlanState
from scheduler.operations import delivery
from scheduler.operations.delivery import LEASE
from scheduler.planning.build import assignments_from
from scheduler.rules.horizon import Horizon
from scheduler.store import Store, audit, ledger, open_store
from scheduler.store.plans import assignments, plans, runs, seats_of
from scheduler.store.services import slots
from solver.model.check import violations
from solver.model.problem_json import problem_from_json
from tests.crash import clients, world
from tests.crash.victim import FileChannel
from tests.scheduler.promises.world import NOW, a_config

LONGEST_WAIT_S = {"publish": 0.6, "reply": 2.0, "send": 0.25, "solve": 12.0}


@dataclass
class Tally:
    """What a series of kills showed. `seconds_to_ready` is the slowest start of the pages after a kill."""

    kills: int = 0
    promised: int = 0
    lost: int = 0
    half_plans: int = 0
    double_bookings: int = 0
    duplicates: int = 0
    broken_files: int = 0
    seconds_to_ready: float = 0.0

    @property
    def clean(self) -> bool:
        found = (self.lost, self.half_plans, self.double_bookings, self.broken_files)
        return not any(found) and self.duplicates <= self.kills

    @property
    def sentence(self) -> str:
        return (
            f"{self.kills} kills, {self.promised} promises, {self.lost} lost, {self.half_plans} half plans, "
            f"{self.double_bookings} double bookings, {self.duplicates} duplicates, "
            f"{self.broken_files} broken files, ready in {self.seconds_to_ready:.2f} s at most"
        )


def attack(kind: str, folder: Path, kills: int, seed: int) -> Tally:
    """Kills a process of a kind so many times; a fresh district every twenty kills."""
    rng, tally = random.Random(f"{kind} {seed}"), Tally()
    for number in range(kills):
        if number % 20 == 0:
            home = folder / f"{kind}{number}"
            home.mkdir(parents=True)
            _prepare(kind, home)
        said = _kill_once(kind, home, rng)
        tally.kills += 1
        _inspect(kind, home, said, tally, rng)
    return tally


def _prepare(kind: str, home: Path) -> None:
    if kind == "solve":
        world.build_for_nights(home).close()
        return
    with world.build(home) as store:
        config = a_config()
        if kind in ("reply", "send"):
            world.published(store, config)
        if kind == "reply":
            (home / "tokens.txt").write_text("\n".join(" ".join(pair) for pair in world.tokens(store)))
        if kind == "send":
            (home / "clock.txt").write_text(str(NOW.timestamp()))


def _kill_once(kind: str, home: Path, rng: random.Random) -> list[list[str]]:
    """What had been promised when a process was killed at a random moment of its work: a list of words each."""
    patience = rng.random() * LONGEST_WAIT_S[kind]
    with _started("serve" if kind == "reply" else kind, home, rng) as victim:
        if kind == "reply":
            return clients.answered_until_killed(victim, home, rng, seconds=patience)
        time.sleep(patience)
        os.kill(victim.pid, signal.SIGKILL)
        assert victim.stdout is not None
        assert victim.stderr is not None
        lines = victim.stdout.read().decode().splitlines()
        said = victim.stderr.read().decode()
    if "Traceback" in said:
        raise RuntimeError(f"the {kind} victim failed before it was killed: {said[-2000:]}")
    return [line.split() for line in lines]


@contextmanager
def _started(kind: str, home: Path, rng: random.Random) -> Iterator[clients.Process]:
    """A victim that has said it is ready; the words after "ready" are in `said`."""
    work = ["victim", kind, str(home), str(rng.random())]
    if kind == "serve":
        work = ["served", str(home / world.DATABASE), NOW.isoformat()]
    command = [sys.executable, "-m", f"tests.crash.{work[0]}", *work[1:]]
    with clients.Process(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as victim:
        assert victim.stdout is not None
        assert victim.stderr is not None
        word, *victim.said = victim.stdout.readline().decode().split() or [""]
        if word != "ready":
            raise RuntimeError(f"the {kind} victim did not start: {victim.stderr.read().decode()[-2000:]}")
        try:
            yield victim
        finally:
            victim.kill()


def _seconds_to_ready(home: Path, rng: random.Random) -> float:
    """How long the pages take to answer after a kill, from the start of their process."""
    began = time.monotonic()
    with _started("serve", home, rng) as server:
        clients.wait_until_ready(int(server.said[0]))
        return time.monotonic() - began


def _inspect(kind: str, home: Path, said: list[list[str]], tally: Tally, rng: random.Random) -> None:
    tally.seconds_to_ready = max(tally.seconds_to_ready, _seconds_to_ready(home, rng))
    with open_store(home / world.DATABASE) as store:
        tally.broken_files += store.value("PRAGMA quick_check") != "ok"
        tally.double_bookings += double_bookings(store)
        tally.half_plans += half_plans(store) + (audit.broken_row(store) is not None)
        if kind in ("publish", "solve"):
            told = [line[1] for line in said if line[0] == "published"]
            tally.promised += len(told)
            tally.lost += sum(plans.get(store, p).state is PlanState.DRAFT for p in told)
        if kind == "solve":
            tally.double_bookings += nights_run_twice(store)
        if kind == "reply":
            answers = {line[1]: line[2] for line in said if line[0] == "answered"}
            tally.promised += len(answers)
            tally.lost += sum(assignments.get(store, a).state.value != state for a, state in answers.items())
        if kind == "send":
            _count_messages(store, home, tally)


def nights_run_twice(store: Store) -> int:
    """Dates with more than one published plan, or with a finished run that published none."""
    return len(
        store.rows(
            """SELECT r.service_date FROM runs r LEFT JOIN plans p ON p.run_id = r.id AND p.published_at IS NOT NULL
               WHERE r.job = 'nightly' AND r.state = 'done' GROUP BY r.service_date HAVING COUNT(p.id) <> 1"""
        )
    )


def _count_messages(store: Store, home: Path, tally: Tally) -> None:
    """Lets the claim of the dead sender lapse, sends the rest, and files new messages for the next kill."""
    now = datetime.fromtimestamp(float((home / "clock.txt").read_text()), tz=UTC) + LEASE * 2
    channel = FileChannel(home / "sent.txt")
    while delivery.deliver_next(store, a_config(), [channel], by="after", now=now):
        pass
    taken = Counter((home / "sent.txt").read_text().splitlines())
    people = {line.split()[1] for line in taken}
    wanted = "SELECT DISTINCT addressee FROM outbox WHERE state <> 'dropped'"
    expected = {row["addressee"] for row in store.rows(wanted)}
    tally.promised += len(expected)
    tally.lost += len(expected - people)
    tally.duplicates += sum(count - 1 for count in taken.values())
    (home / "sent.txt").unlink()
    world.published(store, a_config(), shift=tally.kills)
    store.execute("DELETE FROM outbox WHERE state IN ('sent', 'dropped')")
    (home / "clock.txt").write_text(str(now.timestamp()))


def double_bookings(store: Store) -> int:
    """People who are in two places at once, and seats taken twice."""
    length = {s.id: (s.minutes, s.heads) for s in slots.where(store)}
    live = [a for a in assignments.where(store) if a.state in LIVE]
    found = 0
    for who in {a.volunteer_id for a in live}:
        mine = sorted((a.starts_at, a.starts_at + timedelta(minutes=length[a.slot_id][0])) for a in live if
                      a.volunteer_id == who)  # fmt: skip
        found += sum(first[1] > second[0] for first, second in pairwise(mine))
    seats = Counter(a.slot_id for a in live)
    return found + sum(count > length[slot_id][1] for slot_id, count in seats.items())


def half_plans(store: Store) -> int:
    """Published plans that are not whole: seats missing, assignments missing, a rule broken, or two of them."""
    current = plans.by(store, state=PlanState.PUBLISHED)
    found = int(len(current) > 1)
    for plan in current:
        placed = assignments_from(seats_of(store, plan.id), Horizon(plan.from_date, plan.until_date))
        files = ledger.files_of(store, plan.run_id)
        made = len(assignments.by(store, plan_id=plan.id))
        receipt = runs.get(store, plan.run_id).receipt
        told = len({row["addressee"] for row in store.rows(
            "SELECT addressee FROM outbox WHERE key LIKE :key", {"key": f"plan:{plan.id}:%"})})  # fmt: skip
        whole = len(placed) == plan.figures["filled"] and files is not None and bool(receipt)
        if not whole or violations(problem_from_json(files[0]), placed) or (made and not told and not _sent(store)):
            found += 1
    return found


def _sent(store: Store) -> bool:
    """Whether the outbox was emptied of what had been sent, as the send series does."""
    return not store.value("SELECT 1 FROM outbox WHERE state = 'sent' LIMIT 1")
