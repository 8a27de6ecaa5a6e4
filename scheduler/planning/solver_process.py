"""Solves in a child process that can be stopped, limited and killed; nothing it does can hurt this one."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import scheduler
from scheduler.config import SolverLimits
from scheduler.errors import PlanRefused, SolverFailed
from scheduler.localized import Localized, LocalizedText
from scheduler.planning.broken_rules import broken_rules
from solver.model.check import measure, violations
from solver.model.problem import Problem
from solver.model.problem_json import save_problem
from solver.model.solution import Assignment, Solution, SolutionError, Status, load_solution

Report = dict[str, Any]
COMMAND = (sys.executable, "-m", "scheduler.planning.solver_child")
USABLE = frozenset({Status.OPTIMAL, Status.FEASIBLE})  # any other status has values that mean nothing
START_SECONDS = 120.0  # to start, read the problem and compile, on a slow machine for the first time
TAIL_SECONDS = 5.0  # after its time a search gets so long to write its result before it is asked to stop
ROOT = os.pathsep.join([str(Path(scheduler.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
LINE_BYTES = 65_536


@dataclass(slots=True)
class _Clock:
    limits: SolverLimits
    seconds: float
    asked_at: float | None = None
    searching: bool = False  # the time of a search begins with its first plan: compiling before it may take long
    started: float = field(default_factory=time.monotonic)

    def spent(self) -> float:
        return time.monotonic() - self.started

    def over(self) -> bool:
        """Whether the search should have ended by itself."""
        return self.spent() > self.seconds + TAIL_SECONDS + (0 if self.searching else START_SECONDS)

    def kill_after(self) -> float:
        limit = self.seconds + TAIL_SECONDS + self.limits.grace_seconds + (0 if self.searching else START_SECONDS)
        return limit if self.asked_at is None else min(limit, self.asked_at + self.limits.grace_seconds)


def solve_apart(
    problem: Problem,
    limits: SolverLimits,
    *,
    incumbent: Sequence[Assignment] = (),
    seconds: float | None = None,
    on_progress: Callable[[Report], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    command: Sequence[str] = COMMAND,
) -> Solution:
    """A checked solution from a child process.

    The child is asked to stop (and gives its best plan) at its time limit or when `should_stop` says so, and is
    killed after the grace time. Raises SolverFailed if it gave no usable plan, PlanRefused if the independent check
    finds a violation; the message says what happened and that the old plan stands.
    """
    clock = _Clock(limits, seconds or limits.seconds)
    with tempfile.TemporaryDirectory(prefix="yidu-solve-") as name:
        folder = Path(name)
        save_problem(problem, folder / "problem.json.gz")
        job = {
            "seconds": clock.seconds, "workers": limits.workers, "seed": limits.seed, "memory_mb": limits.memory_mb,
            "incumbent": [(a.slot, a.volunteer, a.start) for a in incumbent],
        }  # fmt: skip
        (folder / "job.json").write_text(json.dumps(job), encoding="utf-8")
        clock = _Clock(limits, clock.seconds)
        _run([*command, name], folder, clock, on_progress, should_stop)
        solution = _read(folder)
    return checked(problem, solution)


def checked(problem: Problem, solution: Solution) -> Solution:
    """The same solution, if its status allows reading it and the independent check agrees with every word of it."""
    if solution.status not in USABLE:
        raise _failed(LocalizedText("the search ended as %(status)s without a usable plan", status=solution.status))
    try:
        found = violations(problem, solution.assignments)
    except (KeyError, TypeError, ValueError) as error:
        raise _failed(
            LocalizedText("the search gave a plan that cannot be read (%(error)s)", error=repr(error))
        ) from error
    if found:
        raise PlanRefused(
            LocalizedText(
                "the check refuses the plan (%(count)s violations: %(named)s): the old plan stands",
                count=len(found),
                named=broken_rules(found),
            )
        )
    coverage, cost, _ = measure(problem, solution.assignments)
    if (coverage, cost) != (solution.coverage, solution.cost):
        claimed, counted = (solution.coverage, solution.cost), (coverage, cost)
        raise PlanRefused(
            LocalizedText(
                "the search says coverage and cost %(claimed)s, the check counts %(counted)s: the old plan stands",
                claimed=claimed,
                counted=counted,
            )
        )
    return solution


def _run(
    command: list[str],
    folder: Path,
    clock: _Clock,
    on_progress: Callable[[Report], None] | None,
    should_stop: Callable[[], bool] | None,
) -> None:
    with (folder / "errors.txt").open("wb") as errors:
        child = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=os.environ | {"PYTHONPATH": ROOT},
        )
    lines: queue.Queue[bytes | None] = queue.Queue(maxsize=1000)
    assert child.stdout is not None
    threading.Thread(target=_pump, args=(child.stdout, lines), daemon=True).start()
    try:
        _listen(child, lines, clock, on_progress, should_stop)
    finally:
        if child.poll() is None:
            child.kill()
        child.wait()
        child.stdout.close()
        if child.stdin:
            child.stdin.close()
    if child.returncode != 0:
        cause = _cause(child.returncode, folder, clock)
        raise _failed(LocalizedText("the search failed (%(cause)s)", cause=cause))


def _failed(how: LocalizedText) -> SolverFailed:
    return SolverFailed(LocalizedText("%(how)s: the old plan stands", how=how))


def _listen(
    child: subprocess.Popen[bytes],
    lines: "queue.Queue[bytes | None]",
    clock: _Clock,
    on_progress: Callable[[Report], None] | None,
    should_stop: Callable[[], bool] | None,
) -> None:
    listening = False  # a child that has not reported yet may not have its signal handlers either
    while True:
        try:
            line = lines.get(timeout=0.2)
        except queue.Empty:
            line = b""
        if line is None:
            break
        report = _report(line)
        if report is not None:
            listening = True
            if not clock.searching and "coverage" in report:
                clock.searching, clock.started = True, time.monotonic()
            if on_progress:
                on_progress(report)
        wanted = should_stop is not None and should_stop()
        if listening and clock.asked_at is None and (wanted or clock.over()):
            clock.asked_at = clock.spent()
            child.send_signal(signal.SIGINT)
        if clock.spent() > clock.kill_after():
            child.kill()
            break
    try:
        child.wait(timeout=max(1.0, clock.kill_after() - clock.spent()))
    except subprocess.TimeoutExpired:
        child.kill()


def _pump(source: IO[bytes], lines: "queue.Queue[bytes | None]") -> None:
    """Moves lines to the listener; a child that prints without end fills the queue and waits."""
    try:
        while line := source.readline(LINE_BYTES):
            lines.put(line)
    except ValueError:
        pass  # the pipe was closed while reading: the child was killed
    lines.put(None)


def _report(line: bytes) -> Report | None:
    """A progress report; None for anything else that a child may print."""
    if not line.startswith(b"{"):
        return None
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) and "stage" in found else None


def _cause(code: int, folder: Path, clock: _Clock) -> Localized:
    if clock.spent() > clock.kill_after():
        patience = f"{clock.kill_after():.0f}"
        return LocalizedText("it did not stop within %(patience)s s and was killed", patience=patience)
    said = (folder / "errors.txt").read_bytes()[-2000:].decode(errors="replace").strip().splitlines()
    cause = (
        LocalizedText("killed by signal %(signal)s", signal=-code)
        if code < 0
        else LocalizedText("exit status %(code)s", code=code)
    )
    if code in (-signal.SIGABRT, 127) or (said and "MemoryError" in said[-1]):
        cause = LocalizedText("%(cause)s, maybe more than %(mb)s MB of memory", cause=cause, mb=clock.limits.memory_mb)
    words = said[-1][:300] if said else ""
    return LocalizedText("%(cause)s: %(words)s", cause=cause, words=words) if words else cause


def _read(folder: Path) -> Solution:
    try:
        return load_solution(folder / "solution.json.gz")
    except (OSError, EOFError, ValueError, SolutionError) as error:
        raise _failed(LocalizedText("the search wrote no readable solution (%(error)s)", error=error)) from error
