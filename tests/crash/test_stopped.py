"""A process that is stopped in the middle of a night and goes on later finds that the night is no longer its own."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

from scheduler.localtime import at_local, local_date
from scheduler.operations import night
from scheduler.store.plans import assignments, plans, runs
from tests.scheduler.planning.week import FIRST_FIT, NOW, a_week, config_for

NIGHT = at_local(local_date(NOW) + timedelta(days=1), "01:30")
BEATS = {"heartbeat_seconds": 1}
PATIENCE_S = 60.0

SLEEPER = """
import sys
from datetime import datetime
from scheduler.operations import night
from scheduler.store import open_store
from tests.scheduler.planning.week import FIRST_FIT, config_for
with open_store(sys.argv[1]) as store:
    config = config_for(store, nightly={"heartbeat_seconds": 1})
ended = night.run_if_due(config, clock=lambda: datetime.fromisoformat(sys.argv[2]), **FIRST_FIT)
print("published" if ended.plan else ended.message)
"""


def test_sigstop_until_the_lease_is_over_publishes_once(store):
    a_week(store)
    config = config_for(store, nightly=BEATS)
    command = [sys.executable, "-c", SLEEPER, str(store.path), NIGHT.isoformat()]
    slow = {**os.environ, "MISBEHAVE": "until told"}  # its search goes on until somebody asks it to stop
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=slow) as sleeper:
        wait_for_progress(store)
        sleeper.send_signal(signal.SIGSTOP)
        too_early = night.run_if_due(config, clock=lambda: NIGHT + timedelta(seconds=30), **FIRST_FIT)
        ended = night.run_if_due(config, clock=lambda: NIGHT + timedelta(seconds=31), **FIRST_FIT)
        sleeper.send_signal(signal.SIGCONT)
        said = sleeper.communicate(timeout=PATIENCE_S)[0]
    assert too_early is None
    assert ended.plan is not None
    assert "another process took this run over" in said
    assert [p.id for p in plans.where(store, "published_at IS NOT NULL")] == [ended.plan.id]
    assert {a.plan_id for a in assignments.where(store)} == {ended.plan.id}
    assert [r.fence for r in runs.where(store, "job = 'nightly'")] == [2]


def wait_for_progress(store):
    """Returns once the sleeper's search has reported."""
    ends = time.monotonic() + PATIENCE_S
    while not any("coverage" in r.progress for r in runs.where(store, "job = 'nightly'")):
        assert time.monotonic() < ends
        time.sleep(0.05)
