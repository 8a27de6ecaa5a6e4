"""How the pages hold under load while a plan is being searched for.

An open model: requests leave at fixed moments, whatever became of the earlier ones, and a latency counts from the
moment at which its request should have left; so a stall is not hidden by clients that wait. All stays on loopback.

    python -m benchmarks.load --rate 150 --seconds 60
    python -m benchmarks.load --slow 8 --dear 8              # and again while others are slow or dear

With `--slow` and `--dear` the same load is sent once more, to a fresh copy of the district, while so many connections
send a byte now and then, and while one person keeps so many dear pages open: why, a forecast, a month's roster, an
import. The figures then compare the others' pages in both. The last line is JSON: rate, seconds, p50_ms, p99_ms,
errors_5xx, solving (the share of the time with a search running), answered_per_s, writes (the share of requests that
change something).
"""

import argparse
import asyncio
import contextlib
import json
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

from benchmarks.common import record
from benchmarks.load_connection import Connection
from benchmarks.load_world import WRITES as WRITE_KINDS
from benchmarks.load_world import Visitor, prepare, visitors
from scheduler.store import Store
from scheduler.store.backup import copied

T = TypeVar("T")
CONNECTIONS = 64
TIMEOUT_S = 20.0
WRITES = 0.2
READY_S, SOLVE_STARTS_S = 60.0, 600.0
WARM_UP_S = 8.0
DRIP_S = 2.0
REFUSED_S = 1.0  # how soon somebody impatient asks again, whatever Retry-After says


@dataclass
class Tally:
    """What came back: milliseconds from the intended start by kind of page, and statuses."""

    latencies: dict[str, list[float]] = field(default_factory=dict)
    statuses: dict[int, int] = field(default_factory=dict)
    took_s: float = 0.0

    def add(self, kind: str, status: int, milliseconds: float) -> None:
        self.latencies.setdefault(kind, []).append(milliseconds)
        self.statuses[status] = self.statuses.get(status, 0) + 1

    @property
    def everything(self) -> list[float]:
        return sorted(ms for found in self.latencies.values() for ms in found)

    def share_of(self, kinds: Iterable[str]) -> float:
        """The share of requests of these kinds."""
        return sum(len(self.latencies.get(kind, ())) for kind in kinds) / max(1, len(self.everything))

    @property
    def errors_5xx(self) -> int:
        """Server errors, and requests without any answer."""
        return sum(count for status, count in self.statuses.items() if status >= 500 or status == 0)


def percentile(ordered: list[float], share: float) -> float:
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1) if ordered else 0.0


async def send_all(port: int, people: list[Visitor], *, rate: float, seconds: float, seed: int) -> Tally:
    """Sends rate x seconds requests at fixed moments and waits for the last answer."""
    rng = random.Random(seed)
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for _ in range(CONNECTIONS):
        free.put_nowait(Connection(port))
    tally, started = Tally(), time.perf_counter() + 0.2

    async def one(intended: float, kind: str, request: bytes) -> None:
        status, connection = 0, None
        try:
            connection = await free.get()
            status = await asyncio.wait_for(connection.ask(request), TIMEOUT_S)
        except TimeoutError:
            assert connection
            connection.close()
        finally:
            if connection:
                free.put_nowait(connection)
            tally.add(kind, status, (time.perf_counter() - intended) * 1000)

    running = set()
    volunteers = [person for person in people if not person.staff]
    for number in range(int(rate * seconds)):
        intended = started + number / rate
        write = rng.random() < WRITES
        kind, request = rng.choice(volunteers if write else people).next_request(rng, port, write=write)
        if (wait := intended - time.perf_counter()) > 0:
            await asyncio.sleep(wait)
        task = asyncio.create_task(one(intended, kind, request))
        running.add(task)
        task.add_done_callback(running.discard)
    if running:
        await asyncio.wait(running, timeout=TIMEOUT_S)
    for task in list(running):  # never answered: an error each, with the time it waited
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    tally.took_s = time.perf_counter() - started
    while not free.empty():
        free.get_nowait().close()
    return tally


@contextlib.contextmanager
def process(*arguments: str, nice: int = 0) -> Iterator[subprocess.Popen[bytes]]:
    """A command of Yidu that ends with the block."""
    command = ["nice", "-n", str(nice), sys.executable, "-m", "web.cli", *arguments]
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        yield child
    finally:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(30)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + READY_S
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=2):
            return
        time.sleep(0.2)
    raise SystemExit(f"the server did not answer within {READY_S:.0f} s")


def is_searching(store: Store) -> bool:
    """Whether a run is past building and not yet done."""
    found = store.value("SELECT progress FROM runs WHERE state = 'running' ORDER BY started_at DESC LIMIT 1")
    return bool(found) and json.loads(found).get("stage", "build") not in ("build", "")


def wait_until_searching(path: Path, child: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + SOLVE_STARTS_S
    with Store(path) as store:
        while time.monotonic() < deadline and child.poll() is None:
            if is_searching(store):
                return
            time.sleep(0.5)
    raise SystemExit("the search did not start: run `yidu plan` to see why")


async def watched(path: Path, work: asyncio.Task[Tally]) -> float:
    """The share of seconds in which the search ran while the work went on."""
    seen = []
    with Store(path) as store:
        while not work.done():
            seen.append(is_searching(store))
            await asyncio.wait([work], timeout=1)
    return round(sum(seen) / max(1, len(seen)), 2)


@contextlib.asynccontextmanager
async def hindered(port: int, person: Visitor, *, slow: int, dear: int) -> AsyncIterator[Tally]:
    """Slow connections, and one person's dear pages, while the block lasts; what the dear ones were answered."""
    tally, writers = Tally(), []

    async def drip() -> None:
        while True:
            for writer in writers:
                writer.write(b"a")
            await asyncio.sleep(DRIP_S)

    async def ask(number: int) -> None:
        connection = Connection(port)
        while True:
            kind, request = person.dear_request(port, number)
            asked_at = time.perf_counter()
            status = await connection.ask(request)
            tally.add(kind, status, (time.perf_counter() - asked_at) * 1000)
            number += 3
            await asyncio.sleep(REFUSED_S if status == 503 else 0.2)

    for _ in range(slow):
        writers.append((await asyncio.open_connection("127.0.0.1", port))[1])
        writers[-1].write(b"POST /login HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100000\r\n\r\n")
    running = [asyncio.create_task(drip()), *(asyncio.create_task(ask(number)) for number in range(dear))]
    try:
        yield tally
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        for writer in writers:
            writer.close()


async def measure_hindered(
    _path: Path, port: int, people: list[Visitor], options: argparse.Namespace
) -> tuple[Tally, Tally]:
    """The same load beside slow connections and dear pages: the others' answers, and those of the dear ones."""
    await send_all(port, people, rate=min(20.0, options.rate), seconds=WARM_UP_S, seed=options.seed + 1)
    async with hindered(port, people[-1], slow=options.slow, dear=options.dear) as dear:
        others = await send_all(port, people[:-1], rate=options.rate, seconds=options.seconds, seed=options.seed)
    return others, dear


async def measure(path: Path, port: int, people: list[Visitor], options: argparse.Namespace) -> tuple[Tally, float]:
    await send_all(port, people, rate=min(20.0, options.rate), seconds=WARM_UP_S, seed=options.seed + 1)
    load = asyncio.create_task(send_all(port, people, rate=options.rate, seconds=options.seconds, seed=options.seed))
    solving = await watched(path, load)
    return load.result(), solving


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def show(tally: Tally) -> None:
    for kind, found in sorted(tally.latencies.items()):
        ordered = sorted(found)
        figures = (len(ordered), percentile(ordered, 0.5), percentile(ordered, 0.99), ordered[-1])
        print("{:<18} {:>6} requests  p50 {:>8.1f} ms  p99 {:>8.1f} ms  max {:>8.1f} ms".format(kind, *figures))
    print("statuses", dict(sorted(tally.statuses.items())))


def compare(plain: Tally, others: Tally, dear: Tally) -> dict[str, float]:
    """Prints both; returns how the others fared beside the slow and the dear, as figures to keep."""
    print("beside slow connections and dear pages")
    show(others)
    print("the dear pages themselves")
    show(dear)
    beside = percentile(others.everything, 0.99)
    return {
        "hindered_p50_ms": percentile(others.everything, 0.5),
        "hindered_p99_ms": beside,
        "hindered_errors_5xx": others.errors_5xx,
        "p99_ratio": round(beside / max(0.1, percentile(plain.everything, 0.99)), 2),
    }


def report(tally: Tally, solving: float, options: argparse.Namespace, hindrance: tuple[Tally, Tally] | None) -> None:
    show(tally)
    more = compare(tally, *hindrance) if hindrance else {}
    figures = {
        "rate": options.rate,
        "seconds": options.seconds,
        "p50_ms": percentile(tally.everything, 0.5),
        "p99_ms": percentile(tally.everything, 0.99),
        "errors_5xx": tally.errors_5xx,
        "solving": solving,
        "answered_per_s": round(len(tally.everything) / max(tally.took_s, options.seconds), 1),
        "writes": round(tally.share_of(WRITE_KINDS), 3),
        **more,
    }
    if options.keep:
        record("load", size=options.size, **figures)
    print(json.dumps(figures))


def run(prepared: Path, options: argparse.Namespace, measured: Callable[..., Coroutine[Any, Any, T]]) -> T:
    """One measurement of the pages on a copy of the district, with a plan beside them."""
    path = prepared.with_name("run.db")
    for old in path.parent.glob("run.*"):
        old.unlink()
    copied(prepared, path)
    key = prepared.with_suffix(".key")
    if key.exists():
        shutil.copy(key, path.with_suffix(".key"))
    people = visitors(path, now=datetime.now(UTC).replace(microsecond=0), seed=options.seed)
    port = free_port()
    with contextlib.ExitStack() as stack:
        stack.enter_context(process("--database", str(path), "serve", "--port", str(port)))
        wait_until_ready(port)
        if not options.no_solve:
            searching = str(options.seconds + 60)
            solver = stack.enter_context(process("--database", str(path), "plan", "--seconds", searching, nice=10))
            wait_until_searching(path, solver)
        return asyncio.run(measured(path, port, people, options))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rate", type=float, default=150.0, help="requests a second")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--size", choices=["small", "street", "district"], default="district")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--slow", type=int, default=0, help="connections that send a byte now and then")
    parser.add_argument("--dear", type=int, default=0, help="dear pages that one person keeps open")
    parser.add_argument("--no-solve", action="store_true", help="without a search beside it")
    parser.add_argument("--keep", action="store_true", help="add a line to benchmarks/results")
    parser.add_argument("--fresh", action="store_true", help="make the demo database anew")
    options = parser.parse_args()
    prepared = prepare(options.size, now=datetime.now(UTC).replace(microsecond=0), fresh=options.fresh)
    tally, solving = run(prepared, options, measure)
    hindrance = run(prepared, options, measure_hindered) if options.slow or options.dear else None
    report(tally, solving, options, hindrance)


if __name__ == "__main__":
    main()
