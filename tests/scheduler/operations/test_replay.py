"""A run can be searched again: the same problem, seed and versions give the same plan."""

from scheduler.operations.replay import replay
from scheduler.planning.replan import plan_now
from tests.scheduler.planning.week import NOW, a_week, config_for


def test_a_replay_finds_the_same_plan_whatever_the_order_of_sets(store, monkeypatch):
    a_week(store, helpers=4, elders=8)
    config = config_for(store, solver={"seconds": 30, "workers": 1})
    plan = plan_now(store, config, by="staff", clock=lambda: NOW)
    for seed in ("1", "2"):
        monkeypatch.setenv("PYTHONHASHSEED", seed)  # the order in which sets and dicts of the child are walked
        found = replay(store, config, plan.run_id)
        assert found.same_plan
        assert (found.then.cost, found.other_versions) == (found.now.cost, {})
