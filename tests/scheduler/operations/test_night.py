"""The night: exactly once for each date, whatever clocks and processes do; if it fails the last plan stands."""

from datetime import date, timedelta

import pytest

from scheduler.errors import LostRun
from scheduler.localtime import at_local
from scheduler.model.plan import Run, RunState, State
from scheduler.operations import delivery, night
from scheduler.planning.publish import publish
from scheduler.planning.replan import make_plan
from scheduler.store import ledger
from scheduler.store.outbox import rows_for
from scheduler.store.plans import assignments, latest_plan, runs
from tests.crash.ticks import race
from tests.scheduler.planning.week import FIRST_FIT, NOW, a_week, published

TUESDAY = date(2026, 11, 24)
HALF_PAST_ONE = at_local(TUESDAY, "01:30")


def at(clock, day=TUESDAY):
    return at_local(day, clock)


def run(config, moment_at):
    return night.run_if_due(config, clock=lambda: moment_at, **FIRST_FIT)


def nights(store):
    return runs.where(store, "job = 'nightly' ORDER BY service_date")


@pytest.mark.parametrize(("clock", "runs_now"), [("01:29", False), ("01:30", True), ("06:59", True), ("07:00", False)])
def test_the_night_runs_from_its_time_until_the_end_of_catching_up(store, clock, runs_now):
    config = a_week(store)
    ended = run(config, at(clock))
    assert (ended is not None and ended.plan is not None) == runs_now


def test_a_night_plans_publishes_and_closes_its_run(store):
    config = a_week(store)
    ended = run(config, HALF_PAST_ONE)
    assert latest_plan(store, "published").id == ended.plan.id
    assert len(assignments.by(store, state=State.PROPOSED)) == 4
    (kept,) = nights(store)
    assert (kept.state, kept.service_date, kept.receipt["plan"]) == (RunState.DONE, TUESDAY, ended.plan.id)


def test_the_second_call_of_a_date_finds_nothing_to_do(store):
    config = a_week(store)
    assert run(config, HALF_PAST_ONE) is not None
    assert run(config, at("03:00")) is None
    assert run(config, HALF_PAST_ONE + timedelta(days=1)) is not None


@pytest.mark.parametrize("step", [timedelta(minutes=30), timedelta(minutes=-30), timedelta(days=1), timedelta(days=-1)])
def test_steps_of_the_clock_never_run_a_date_twice_nor_lose_one(store, step):
    config = a_week(store)
    run(config, HALF_PAST_ONE)
    run(config, HALF_PAST_ONE + step)
    for later in range(1, 180, 20):
        run(config, HALF_PAST_ONE + timedelta(days=1, minutes=later))
    dates = [n.service_date for n in nights(store)]
    assert len(dates) == len(set(dates))
    assert {TUESDAY, TUESDAY + timedelta(days=1)} <= set(dates)
    assert {n.state for n in nights(store)} == {RunState.DONE}


def test_an_expired_offer_is_closed_before_the_week_is_planned_again(store):
    config = a_week(store)
    published(store, config)
    asked = assignments.where(store, "state = 'proposed'")
    delivery.deliver_all(store, config, [], by="test", clock=lambda: NOW)
    run(config, HALF_PAST_ONE + timedelta(days=1))
    assert {assignments.get(store, a.id).state for a in asked} == {State.EXPIRED}


def test_a_failed_night_leaves_the_last_plan_tells_staff_and_is_tried_again(store, monkeypatch):
    config = a_week(store)
    plan = published(store, config)
    monkeypatch.setenv("MISBEHAVE", "crash")
    ended = run(config, HALF_PAST_ONE)
    assert ended.plan is None
    assert "the old plan stands" in ended.message
    assert latest_plan(store, "published").id == plan.id
    (alarm,) = [m for m in rows_for(store, "staff") if m.template == "no_verified_plan"]
    assert "计算失败" in alarm.payload["reason_zh"]
    failed = runs.get(store, ended.run.id)
    assert ("计算失败" in failed.message_in("zh_CN"), "the search failed" in failed.message_in("en")) == (True, True)
    assert run(config, HALF_PAST_ONE + timedelta(minutes=9)) is None
    monkeypatch.setenv("MISBEHAVE", "")
    again = run(config, HALF_PAST_ONE + timedelta(minutes=11))
    assert (again.run.fence, again.plan is not None) == (2, True)


def test_after_three_failures_a_person_has_to_look(store, monkeypatch):
    config = a_week(store)
    monkeypatch.setenv("MISBEHAVE", "crash")
    tried = [run(config, HALF_PAST_ONE + timedelta(minutes=11 * n)) is not None for n in range(5)]
    assert tried == [True, True, True, False, False]


def test_a_missed_night_is_told_once_and_not_run_in_the_morning(store):
    config = a_week(store)
    assert run(config, at("08:00")) is None
    assert run(config, at("08:01")) is None
    assert [m.template for m in rows_for(store, "staff")] == ["no_verified_plan"]
    assert nights(store) == []


def test_staff_know_by_four_if_there_is_no_plan(store):
    config = a_week(store)
    assert not night.alert_if_missing(config, clock=lambda: at("03:59"))
    assert night.alert_if_missing(config, clock=lambda: at("04:00"))
    assert not night.alert_if_missing(config, clock=lambda: at("04:05"))


def test_a_good_night_alerts_nobody(store):
    config = a_week(store)
    run(config, HALF_PAST_ONE)
    assert not night.alert_if_missing(config, clock=lambda: at("04:30"))


def a_claim(day=TUESDAY, now=HALF_PAST_ONE, holder="one"):
    lease = now + timedelta(seconds=30)
    return Run(f"{holder}{now.timestamp()}", "nightly", day, night.key_of(day), RunState.RUNNING, now, 1, holder, lease)


def claim(store, now, holder):
    return ledger.claim_run(store, a_claim(now=now, holder=holder), now=now, tries=3, rest=timedelta(minutes=10))


def test_a_silent_holder_is_taken_over_after_its_lease_and_not_before(store):
    a_week(store)
    first = claim(store, HALF_PAST_ONE, "one")
    assert claim(store, HALF_PAST_ONE + timedelta(seconds=30), "two") is None
    second = claim(store, HALF_PAST_ONE + timedelta(seconds=31), "two")
    assert (second.id, second.fence, second.holder) == (first.id, 2, "two")


def test_a_renewed_lease_is_not_taken_over_and_a_lost_one_cannot_be_renewed(store):
    a_week(store)
    first = claim(store, HALF_PAST_ONE, "one")
    assert ledger.renew_lease(store, first, until=HALF_PAST_ONE + timedelta(seconds=60))
    assert claim(store, HALF_PAST_ONE + timedelta(seconds=50), "two") is None
    claim(store, HALF_PAST_ONE + timedelta(seconds=70), "two")
    assert not ledger.renew_lease(store, first, until=HALF_PAST_ONE + timedelta(seconds=120))


def test_a_holder_that_wakes_after_being_taken_over_publishes_nothing(store):
    config = a_week(store)
    sleeper = claim(store, HALF_PAST_ONE, "one")
    draft = make_plan(store, config, run=sleeper, now=HALF_PAST_ONE, **FIRST_FIT)
    claim(store, HALF_PAST_ONE + timedelta(minutes=1), "two")
    with pytest.raises(LostRun):
        publish(store, config, draft.id, by="night", now=HALF_PAST_ONE + timedelta(minutes=1), fence=sleeper.fence)
    assert assignments.where(store) == []


def test_a_date_that_is_done_is_never_taken_over(store):
    config = a_week(store)
    run(config, HALF_PAST_ONE)
    assert claim(store, HALF_PAST_ONE + timedelta(days=400), "two") is None


@pytest.mark.parametrize(
    ("processes", "nights"), [(3, 6), pytest.param(4, 500, marks=[pytest.mark.long, pytest.mark.timeout(3600)])]
)
def test_several_schedulers_run_each_date_exactly_once(tmp_path, processes, nights):
    figures = race(tmp_path, processes=processes, nights=nights)
    assert (figures["runs"], figures["plans"], figures["dates"]) == (nights, nights, nights)
    assert sum(figures["won"]) == nights


@pytest.mark.parametrize(("behind", "taken"), [(timedelta(seconds=20), False), (timedelta(hours=3), True)])
def test_a_run_is_taken_over_by_a_clock_that_was_set_back_but_not_by_one_a_little_behind(store, behind, taken):
    lease = timedelta(seconds=30)

    def claim(now):
        mine = Run(f"run {now}", "nightly", TUESDAY, "key", RunState.RUNNING, now, holder="x", lease_until=now + lease)
        return ledger.claim_run(store, mine, now=now, tries=3, rest=timedelta(minutes=10))

    assert claim(HALF_PAST_ONE)
    assert (claim(HALF_PAST_ONE - behind) is not None) is taken
