"""No wish of staff keeps the night waiting: they are few, the same one is one, none begins when the night is near."""

import threading
from datetime import date, timedelta

import pytest

from scheduler.errors import IllegalMove
from scheduler.localtime import at_local
from scheduler.model.plan import Plan, PlanState, Run, RunState
from scheduler.needs.renew import expand_all
from scheduler.operations import night, scenarios, scheduler_process
from scheduler.planning import replan
from scheduler.store import ledger
from scheduler.store.plans import add_plan, runs
from tests.scheduler.planning.week import NOW, a_week

TONIGHT = date(2026, 11, 24)
MIDDAY = at_local(TONIGHT, "12:00")


@pytest.fixture
def config(store):
    return a_week(store)


def a_what_if(store, ill=1, by="staff"):
    return scenarios.ask(store, ill=ill, closed="", closed_on="", way="usual", by=by, now=NOW)


def test_the_night_gets_its_turn_after_the_wish_that_is_being_served(config, monkeypatch):
    order = []
    jobs = scheduler_process.scheduler(config, clock=lambda: MIDDAY)
    tonight, requests = jobs.get_job("catch-up").func, jobs.get_job("requests").func
    began = threading.Thread(target=tonight)

    def a_wish(*_, **__):
        order.append("wish")
        if len(order) == 1:
            began.start()
            assert threading.Event().wait(0.3) is False  # the night comes while this wish is served
        return len(order) < 20

    monkeypatch.setattr(scheduler_process, "take_request", a_wish)
    monkeypatch.setattr(night, "run_if_due", lambda *_, **__: order.append("night"))
    requests()
    began.join(10)
    assert order == ["wish", "night"]
    requests()
    assert order.count("wish") == 20 - 1


@pytest.mark.parametrize(
    ("at", "begins"),
    [
        pytest.param("00:40", True, id="long before"),
        pytest.param("01:24", False, id="due within the time of a wish"),
        pytest.param("01:31", False, id="due and not begun"),
        pytest.param("07:05", True, id="missed"),
        pytest.param("12:00", True, id="by day"),
    ],
)
def test_no_wish_begins_when_the_night_is_near(config, monkeypatch, at, begins):
    served = []
    monkeypatch.setattr(scheduler_process, "take_request", lambda *_, **__: served.append("wish") and False)
    jobs = scheduler_process.scheduler(config, clock=lambda: at_local(TONIGHT, at))
    jobs.get_job("requests").func()
    assert bool(served) is begins


@pytest.mark.parametrize(
    ("state", "near"), [(RunState.RUNNING, True), (RunState.DONE, False), (RunState.FAILED, False)]
)
def test_after_a_night_that_is_done_or_has_failed_staff_may_plan_again(store, config, state, near):
    now = at_local(TONIGHT, "02:00")
    runs.add(store, Run("tonight", "nightly", TONIGHT, night.key_of(TONIGHT), state, now))
    assert night.is_near(store, config, now=now, within=timedelta(minutes=5)) is near


def test_a_night_just_after_midnight_is_near_the_evening_before(store, config):
    early = config.model_copy(update={"nightly": config.nightly.model_copy(update={"at": "00:05"})})
    assert night.is_near(store, early, now=at_local(TONIGHT, "23:58"), within=timedelta(minutes=10))


def test_one_person_has_at_most_three_what_ifs_open_and_hears_it_in_both_languages(store):
    for ill in (1, 2, 3):
        a_what_if(store, ill)
    with pytest.raises(IllegalMove) as refused:
        a_what_if(store, 4)
    assert "3" in refused.value.said.zh
    assert "3" in refused.value.said.en
    assert a_what_if(store, 4, by="somebody else")
    assert len({a_what_if(store, ill) for ill in (1, 1, 2)}) == 2  # the same question is the same row
    assert store.value("SELECT COUNT(*) FROM scenarios") == 4


def test_the_same_wish_to_plan_is_one_until_it_is_served(store):
    first = replan.request_plan(store, by="staff", reason="a", now=NOW)
    assert {replan.request_plan(store, by=who, reason="b", now=NOW) for who in ("staff", "boss")} == {first}
    assert ledger.take_request(store)["id"] == first
    assert replan.request_plan(store, by="staff", reason="c", now=NOW) == first  # being made
    ledger.end_request(store, first, state="done")
    assert replan.request_plan(store, by="staff", reason="d", now=NOW) != first


def test_a_repair_that_waits_is_not_filed_twice_but_one_under_way_is_followed_by_another(store, config):
    expand_all(store, config, now=NOW)
    slot, other = (row["id"] for row in store.rows("SELECT id FROM slots ORDER BY id LIMIT 2"))
    first = replan.request_plan(store, by="staff", reason="", now=NOW, slot_id=slot)
    assert replan.request_plan(store, by="staff", reason="", now=NOW, slot_id=slot) == first
    later = NOW + timedelta(seconds=1)
    assert replan.request_plan(store, by="staff", reason="", now=later, slot_id=other) != first
    ledger.take_request(store, job="repair")
    assert replan.request_plan(store, by="staff", reason="", now=NOW, slot_id=slot) != first


def test_files_of_plans_nobody_published_go_after_a_week_those_of_nights_stay(store):
    def a_run(name, job, published):
        runs.add(store, Run(name, job, TONIGHT, name, RunState.DONE, NOW, ended_at=NOW))
        when = NOW if published else None
        add_plan(store, Plan(name, name, TONIGHT, TONIGHT, PlanState.DISCARDED, 1, NOW, published_at=when), [])
        ledger.keep_files(store, name, {}, seed=0, versions={})

    a_run("asked", "plan", published=False)
    a_run("asked and published", "plan", published=True)
    a_run("night", "nightly", published=False)
    later = NOW + timedelta(days=8)
    assert ledger.forget_files(store, before=later - timedelta(days=90), tries_before=later - timedelta(days=7)) == 1
    assert ledger.files_of(store, "asked") is None
    assert ledger.files_of(store, "asked and published")
    assert ledger.files_of(store, "night")
