"""kill -9 at any moment of planning and publishing: the last published plan is whole, the next run succeeds."""

import json
import random
import subprocess
import sys
import time

import pytest

from scheduler.model.plan import State
from scheduler.planning.build import assignments_from
from scheduler.rules.horizon import Horizon
from scheduler.store import ledger, open_store
from scheduler.store.plans import assignments, latest_plan, seats_of
from solver.model.check import violations
from solver.model.problem_json import problem_from_json
from tests.scheduler.planning.week import a_week, published


@pytest.mark.parametrize("kills", [4, pytest.param(140, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_kill_9_while_planning_and_publishing(store, kills):
    config = a_week(store, helpers=4, elders=6)
    published(store, config)
    rng = random.Random(7)
    said = 0
    for _ in range(kills):
        told = killed_after(store.path, rng.uniform(0.2, 2.5))
        said += len(told)
        with open_store(store.path) as after:
            assert after.value("PRAGMA quick_check") == "ok"
            assert_whole(after, last_told=told[-1] if told else None)
    assert said > 0
    with open_store(store.path) as after:
        plan = published(after, config)
        assert_whole(after, last_told={"published": plan.id})


def killed_after(path, seconds):
    """What the planner said before it was killed."""
    command = [sys.executable, "-m", "tests.crash.planner", str(path)]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    child.stdout.readline()
    time.sleep(seconds)
    child.kill()
    lines = [json.loads(line) for line in child.communicate()[0].splitlines()]
    return [line for line in lines if "published" in line]


def assert_whole(store, *, last_told):
    """Exactly one plan is published, all its seats are there and legal, and people were asked for just these seats."""
    plans = store.rows("SELECT id FROM plans WHERE state = 'published'")
    assert len(plans) == 1
    plan = latest_plan(store, "published")
    seats = seats_of(store, plan.id)
    assert len(seats) == plan.figures["filled"]
    problem = problem_from_json(ledger.files_of(store, plan.run_id)[0])
    assert violations(problem, assignments_from(seats, Horizon(plan.from_date, plan.until_date))) == []
    asked = {(a.slot_id, a.volunteer_id, a.starts_at) for a in assignments.by(store, state=State.PROPOSED)}
    assert asked == {(s.slot_id, s.volunteer_id, s.starts_at) for s in seats}
    if last_told:
        number = store.value("SELECT rowid FROM plans WHERE id = :id", {"id": last_told["published"]})
        assert store.value("SELECT rowid FROM plans WHERE id = :id", {"id": plan.id}) >= number
    messages = store.rows("SELECT key FROM outbox WHERE key LIKE 'plan:%'")
    assert len(messages) == len({m["key"] for m in messages})
