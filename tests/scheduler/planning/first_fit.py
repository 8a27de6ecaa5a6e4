"""A simple solving process for tests of everything around the solver: seats people in order, the checker guarding.

Called as the real one: first_fit.py FOLDER. The environment variable MISBEHAVE makes it fail in one of the ways a
solving process can fail.
"""

import json
import os
import signal
import sys
import time
from pathlib import Path

from solver.model.check import measure, violations
from solver.model.problem_json import load_problem
from solver.model.solution import Assignment, Solution, Status, save_solution

LATER = {"enough_or_nobody", "team_rules", "pins_stand"}  # judged when the team is complete


def first_fit(problem):
    """Every slot in order of value and time; those promised first, then the familiar, then by id."""
    pins = [Assignment(s.id, p.volunteer, p.start) for s in problem.slots for p in s.pinned]
    placed = list(pins)
    for slot in sorted(problem.slots, key=lambda s: (-s.value, s.earliest, s.id)):
        promised = {p.volunteer: p.tax for p in slot.previous}
        people = sorted(problem.volunteers, key=lambda v: (-promised.get(v.id, 0), -slot.affinity.get(v.id, 0), v.id))
        for start in slot.starts:
            team = [a for a in placed if a.slot == slot.id]
            others = [a for a in placed if a.slot != slot.id]
            for person in people:
                more = [*team, Assignment(slot.id, person.id, start)]
                if len(team) < slot.headcount and not broken(problem, others + more, LATER):
                    team = more
            if not broken(problem, others + team):
                placed = others + team
                break
    return placed


def broken(problem, placed, ignored=frozenset()):
    return [v for v in violations(problem, placed) if v.rule not in ignored]


def main(folder):
    misbehave = os.environ.get("MISBEHAVE", "")
    stopped = []
    if misbehave in ("hang", "until told"):
        signal.signal(signal.SIGINT, lambda *_: stopped.append(1))
    problem = load_problem(folder / "problem.json.gz")
    print(
        json.dumps(
            {"stage": "first fit", "seconds": 0.1, "coverage": 0, "coverage_bound": 1, "cost": 0, "cost_bound": 0}
        )
    )
    print("a line that is no report", flush=True)
    if misbehave == "crash":
        sys.exit("the search lost its way")
    if misbehave == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
    if misbehave == "hang":
        time.sleep(600)
        time.sleep(600)
    if misbehave == "until told":
        while not stopped:
            time.sleep(0.01)
    if misbehave == "chatter":
        sys.stdout.write("x" * 10_000_000)
    placed = first_fit(problem)
    if misbehave == "wrong ids":
        placed = [Assignment("nowhere", "nobody", 0)]
    if misbehave == "overlap":
        placed += [
            Assignment(a.slot, v.id, a.start) for a in placed[:1] for v in problem.volunteers if v.id != a.volunteer
        ]
    coverage, cost, terms = measure(problem, placed) if misbehave != "wrong ids" else (1, 0, {})
    if misbehave == "boast":
        coverage += 1000
    status = Status(os.environ.get("STATUS", "FEASIBLE"))
    bound = sum(s.value * s.headcount for s in problem.slots)
    solution = Solution(
        problem.name, status, tuple(placed), coverage, bound, cost, -(10**6), terms, version="first fit"
    )
    save_solution(solution, folder / "solution.json.gz")
    if misbehave == "cut short":
        whole = (folder / "solution.json.gz").read_bytes()
        (folder / "solution.json.gz").write_bytes(whole[: len(whole) // 2])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
