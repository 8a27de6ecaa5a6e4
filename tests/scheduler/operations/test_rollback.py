"""One step takes a night back: people are told, answers given meanwhile stand."""

from dataclasses import replace
from datetime import timedelta

import pytest

from scheduler.errors import IllegalMove
from scheduler.messages import outbox
from scheduler.model.plan import PlanState, State
from scheduler.operations import night
from scheduler.operations.replay import replay
from scheduler.operations.rollback import CAUSE, roll_back
from scheduler.promises import replies
from scheduler.store.outbox import rows_for
from scheduler.store.people import volunteers
from scheduler.store.plans import assignments, plans, runs
from solver.model.solution import Solution
from tests.scheduler.planning.week import FIRST_FIT, NOW, a_week, add_need, planned, published


def live(store):
    found = assignments.where(store, "state IN ('proposed', 'accepted')")
    return {(a.slot_id, a.volunteer_id, a.starts_at): a for a in found}


def second_plan(store, config, away):
    """A plan that takes one person off everything, and the proposals it made."""
    volunteers.save(store, replace(volunteers.get(store, away), active=False))
    store.touch()
    return published(store, config, now=NOW + timedelta(hours=1))


def back_at_work(store, who):
    volunteers.save(store, replace(volunteers.get(store, who), active=True))
    store.touch()


def test_the_week_is_as_it_was_before(store):
    config = a_week(store)
    first = published(store, config)
    before = set(live(store))
    second = second_plan(store, config, "h0")
    assert set(live(store)) != before
    back_at_work(store, "h0")
    counts = roll_back(store, config, second.run_id, by="staff", now=NOW + timedelta(hours=2))
    assert set(live(store)) == before
    assert counts["lost"] == counts["kept"] == 0
    assert counts["restored"] > 0
    assert plans.get(store, first.id).state is PlanState.PUBLISHED
    assert plans.get(store, second.id).state is PlanState.DISCARDED
    assert runs.get(store, second.run_id).receipt["rolled_back"]["by"] == "staff"


def test_what_was_accepted_meanwhile_stays_and_keeps_its_seat(store):
    config = a_week(store)
    published(store, config)
    second = second_plan(store, config, "h0")
    fresh = next(a for a in live(store).values() if a.plan_id == second.id)
    replies.accept(store, config, fresh.id, now=NOW + timedelta(hours=2))
    back_at_work(store, "h0")
    counts = roll_back(store, config, second.run_id, by="staff", now=NOW + timedelta(hours=3))
    assert assignments.get(store, fresh.id).state is State.ACCEPTED
    assert counts["kept"] == 1
    assert [a.id for a in live(store).values() if a.slot_id == fresh.slot_id] == [fresh.id]


def test_who_still_cannot_come_is_not_asked_again(store):
    config = a_week(store)
    published(store, config)
    second = second_plan(store, config, "h0")
    counts = roll_back(store, config, second.run_id, by="staff", now=NOW + timedelta(hours=2))
    assert counts["lost"] > 0
    assert "h0" not in {a.volunteer_id for a in live(store).values()}


def test_everybody_concerned_is_told_once(store):
    config = a_week(store, helpers=2, elders=1)
    published(store, config)
    ((_, first, _),) = live(store)
    second = second_plan(store, config, first)
    ((_, other, _),) = live(store)
    back_at_work(store, first)
    roll_back(store, config, second.run_id, by="staff", now=NOW + timedelta(hours=2))
    newest = {who: rows_for(store, outbox.to_volunteer(who))[0].payload["items"] for who in (first, other)}
    assert [item["template"] for item in newest[first]] == ["proposed"]
    assert [item["template"] for item in newest[other]] == ["superseded"]
    reasons = {a.reason for a in assignments.by(store, state=State.SUPERSEDED)}
    assert CAUSE in reasons


def test_only_the_plan_in_force_can_be_taken_back_and_only_once(store):
    config = a_week(store)
    first = published(store, config)
    second = second_plan(store, config, "h0")
    with pytest.raises(IllegalMove):
        roll_back(store, config, first.run_id, by="staff", now=NOW + timedelta(hours=2))
    roll_back(store, config, second.run_id, by="staff", now=NOW + timedelta(hours=2))
    with pytest.raises(IllegalMove):
        roll_back(store, config, second.run_id, by="staff", now=NOW + timedelta(hours=2))


def test_the_next_plan_after_a_rollback_goes_through(store):
    config = a_week(store)
    published(store, config)
    add_need(store, "fresh", "e9", weekdays=(4,))
    second = published(store, config, now=NOW + timedelta(hours=1))
    roll_back(store, config, second.run_id, by="staff", now=NOW + timedelta(hours=2))
    published(store, config, now=NOW + timedelta(hours=3))
    assert len(live(store)) == 5


def test_a_night_can_be_rolled_back(store):
    config = a_week(store)
    ended = night.run_if_due(config, clock=lambda: NOW + timedelta(hours=15, minutes=30), **FIRST_FIT)
    counts = roll_back(store, config, ended.run.id, by="staff", now=NOW + timedelta(hours=16))
    assert counts["taken_back"] == 4
    assert live(store) == {}


def test_a_run_is_replayed_from_its_files(store, monkeypatch):
    config = a_week(store)
    plan = planned(store, config)
    volunteers.save(store, replace(volunteers.get(store, "h0"), active=False))
    calls = []

    def solve(problem, limits, *, seconds, on_progress) -> Solution:
        calls.append(limits.seed)
        from scheduler.planning.solver_process import solve_apart

        return solve_apart(problem, limits, on_progress=on_progress, **FIRST_FIT)

    monkeypatch.setattr("scheduler.operations.replay.solve_apart", solve)
    found = replay(store, config, plan.run_id)
    assert found.same_plan
    assert found.other_versions == {}
    assert calls == [config.solver.seed]
