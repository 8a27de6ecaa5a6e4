"""The process `yidu scheduler`: one at a time, and no setting of the clock loses or repeats a night."""

import threading
import time
from collections import Counter
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
import time_machine

from scheduler.localtime import at_local
from scheduler.operations import night, scheduler_process
from scheduler.store import open_store, promised
from scheduler.store.plans import assignments, plans, runs
from tests.scheduler.planning.week import FIRST_FIT, NOW, a_week, published

TUESDAY = date(2026, 11, 24)
PATIENCE_S = 60.0


@pytest.fixture
def config(store, monkeypatch):
    """A small week whose nights need no real search and nothing afterwards."""
    plain = night.run_if_due
    monkeypatch.setattr(night, "run_if_due", lambda config, *, clock: plain(config, clock=clock, **FIRST_FIT))
    monkeypatch.setattr(night, "follow_up", lambda *_, **__: [])
    monkeypatch.setattr(scheduler_process, "WATCH_SECONDS", 0.1)
    return a_week(store)


def dates_done(config):
    """Date → how many plans its nights have published."""
    with open_store(config.database) as store:
        nights = {r.id: r.service_date for r in runs.where(store, "job = 'nightly' AND state = 'done'")}
        return Counter(nights[p.run_id] for p in plans.where(store, "published_at IS NOT NULL") if p.run_id in nights)


def wait_for(condition):
    """Fails the test if the condition does not come true in time."""
    ends = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < ends, "waited too long"
        time.sleep(0.05)


@contextmanager
def working(config):
    """The process's work in a thread of the test, so that its wall clock can be set."""
    over = threading.Event()
    thread = threading.Thread(target=scheduler_process.work, args=(config, over))
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def test_a_second_process_for_the_same_database_ends_at_once(config):
    with scheduler_process.lock(config):
        assert scheduler_process.serve(config) == scheduler_process.ALREADY_RUNNING


@pytest.mark.parametrize("step", [timedelta(minutes=30), timedelta(minutes=-30), timedelta(days=1), timedelta(days=-1)])
def test_a_set_clock_neither_loses_nor_repeats_a_night(config, step):
    began = at_local(TUESDAY, "01:30")
    with time_machine.travel(began) as clock, working(config):
        wait_for(lambda: dates_done(config) == {TUESDAY: 1})
        clock.move_to(began + step)
        if step == timedelta(days=1):
            wait_for(lambda: TUESDAY + step in dates_done(config))
        clock.move_to(began + timedelta(days=2, minutes=5))
        wait_for(lambda: TUESDAY + timedelta(days=2) in dates_done(config))
    assert set(dates_done(config).values()) == {1}


def test_messages_go_on_when_the_clock_is_set_back(config, monkeypatch):
    served = []
    monkeypatch.setattr(scheduler_process, "_deliver", lambda *_: served.append(1))
    began = at_local(TUESDAY, "10:00")
    with time_machine.travel(began) as clock, working(config):
        wait_for(lambda: served)
        clock.move_to(began - timedelta(days=1))
        count = len(served)
        wait_for(lambda: len(served) > count + 1)


def test_a_freed_seat_does_not_wait_for_a_plan_that_is_being_made(config, store, monkeypatch):
    searching, found = threading.Event(), threading.Event()
    monkeypatch.setattr(
        scheduler_process, "take_request", lambda *_, **__: searching.set() or (found.wait(PATIENCE_S) and False)
    )
    published(store, config)
    (asked, *_) = assignments.where(store)
    with working(config):
        wait_for(searching.is_set)
        promised.request_repair(store, asked.slot_id, reason="declined", now=NOW)
        wait_for(lambda: runs.by(store, job="repair", state="done"))
        found.set()


def test_a_freed_seat_waits_for_the_end_of_a_night(config, store, monkeypatch):
    searching, published_now = threading.Event(), threading.Event()
    published(store, config)
    (asked, *_) = assignments.where(store)

    def a_night(*_, **__):
        searching.set()
        published_now.wait(PATIENCE_S)

    monkeypatch.setattr(night, "run_if_due", a_night)
    with working(config):
        wait_for(searching.is_set)
        promised.request_repair(store, asked.slot_id, reason="declined", now=NOW)
        time.sleep(3 * scheduler_process.REPAIRS_SECONDS)
        assert not runs.by(store, job="repair")
        published_now.set()
        wait_for(lambda: runs.by(store, job="repair", state="done"))
