"""The process `yidu scheduler`: wiring only. It decides when; the use cases it calls decide what."""

import fcntl
import logging
import os
import signal
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from scheduler.config import Config
from scheduler.localtime import LOCAL
from scheduler.messages.configured import channels_of
from scheduler.operations import night
from scheduler.operations.delivery import deliver_all
from scheduler.operations.receipts import ask_for_receipts
from scheduler.operations.repair import load_kernels
from scheduler.operations.requests import take_repair, take_request
from scheduler.operations.standby_lists import build_if_due
from scheduler.promises import swaps
from scheduler.promises.replies import expire_offers, renew_after_outage
from scheduler.records.attendance import report_at_risk, report_unsettled
from scheduler.store import Store, ledger, open_store
from scheduler.store.in_use import InUse

ALREADY_RUNNING = 75  # exit status: another scheduler has the lock
MISFIRE_SECONDS = 6 * 3600  # a late night still runs; the ledger keeps it from running twice
WATCH_SECONDS = 1.0
REPAIRS_SECONDS = 0.5  # a freed seat waits no longer for somebody to look for its next person
OUTAGE = timedelta(minutes=10)  # a start so long after the last sign of life follows an outage
BESIDE_THE_SEARCH = timedelta(minutes=5)  # reading a district, checking and explaining its plan
STEP_SECONDS = 10.0  # the wall clock was set if it moved so much more or less than time did

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """The wall clock, read only at the edge."""
    return datetime.now(UTC)


def lock(config: Config) -> IO[str] | None:
    """The lock that lets one scheduler run beside a database; None if another one has it. kill -9 frees it."""
    path = Path(config.database).with_suffix(".scheduler.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = path.open("w", encoding="ascii")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        handle.close()
        return None
    return handle


def serve(config: Config, *, clock: Callable[[], datetime] = utc_now, with_parent: bool = False) -> int:
    """Runs until SIGTERM or SIGINT, or until standard input ends (`with_parent`); returns the exit status.

    Raises StoreDamaged instead of planning on a file with errors.
    """
    handle = lock(config)
    if handle is None:
        log.error("another scheduler runs for %s already", config.database)
        return ALREADY_RUNNING
    with handle, closing(InUse(config.database)):  # held between the jobs too
        with open_store(config.database) as store:
            store.must_be_sound()
            ledger.reopen_requests(store)
            _renew_what_ran_out_meanwhile(store, config, now=clock())
        over = threading.Event()
        if with_parent:
            threading.Thread(target=_wait_for_end_of_input, args=(over,), daemon=True).start()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: over.set())
        work(config, over, clock=clock)
    return 0


def work(config: Config, over: threading.Event, *, clock: Callable[[], datetime] = utc_now) -> None:
    """Does the jobs at their times until it is over, whatever happens to the wall clock."""
    jobs = scheduler(config, clock=clock)
    jobs.start()
    watch = ClockWatch(clock)
    while not over.wait(WATCH_SECONDS):
        if watch.was_set():
            set_alarms_anew(jobs, now=clock())
    jobs.shutdown(wait=False)


class ClockWatch:
    """Notices when somebody sets the wall clock: it then moves otherwise than time does."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self.clock = clock
        self.ahead_s = self._ahead_s()

    def was_set(self) -> bool:
        """Whether the clock was set since the last call."""
        before, self.ahead_s = self.ahead_s, self._ahead_s()
        return abs(self.ahead_s - before) > STEP_SECONDS

    def _ahead_s(self) -> float:
        return self.clock().timestamp() - time.monotonic()


def set_alarms_anew(jobs: BackgroundScheduler, *, now: datetime) -> None:
    """Every alarm as if the process began now: one set for a time that has become far away would ring too late."""
    log.warning("the clock was set: now it is %s", now.astimezone(LOCAL).isoformat(timespec="seconds"))
    for job in jobs.get_jobs():
        if isinstance(job.trigger, IntervalTrigger):
            job.modify(next_run_time=now.astimezone(LOCAL))
        else:
            job.reschedule(job.trigger)


def scheduler(config: Config, *, clock: Callable[[], datetime] = utc_now) -> BackgroundScheduler:
    """The jobs and their times, not started yet; they live in memory, the ledger in the database says what is due."""
    jobs = BackgroundScheduler(
        timezone=LOCAL,
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": MISFIRE_SECONDS},
    )
    hour, minute = config.nightly.at.split(":")
    one_search, undisturbed = threading.Lock(), threading.Lock()
    night_waits = threading.Event()  # the locks know no order: whoever gives one back lets the night have it

    def tonight() -> None:
        night_waits.set()
        # A repair between a night's search and its publishing would send the night back to its beginning.
        with one_search, undisturbed:
            night_waits.clear()
            night.run_if_due(config, clock=clock)

    def requests() -> None:
        with open_store(config.database) as store:
            served = True
            while served and not night_waits.is_set():
                with one_search:
                    near = night.is_near(store, config, now=clock(), within=longest_wish(config))
                    served = not near and take_request(store, config, clock=clock)

    def repairs() -> None:
        with open_store(config.database) as store:
            served = True
            while served and not night_waits.is_set():
                with undisturbed:
                    served = take_repair(store, config, clock=clock)

    def standby_lists() -> None:
        with open_store(config.database) as store:
            build_if_due(store, config, now=clock())

    jobs.add_job(tonight, CronTrigger(hour=int(hour), minute=int(minute), timezone=LOCAL), id="night")
    # The same every minute: after a start, a missed time or a step of the clock the ledger says what is due.
    jobs.add_job(tonight, "interval", seconds=60, id="catch-up", next_run_time=clock().astimezone(LOCAL))
    jobs.add_job(requests, "interval", seconds=1, id="requests")
    jobs.add_job(load_kernels, id="kernels")
    jobs.add_job(repairs, "interval", seconds=REPAIRS_SECONDS, id="repairs")
    jobs.add_job(standby_lists, "interval", seconds=1, id="standby-lists")
    jobs.add_job(lambda: night.alert_if_missing(config, clock=clock), "interval", minutes=5, id="alert")
    jobs.add_job(lambda: _report(config, clock), CronTrigger(hour=18, timezone=LOCAL), id="at-risk")
    jobs.add_job(lambda: _expire(config, clock), "interval", seconds=60, id="expire")
    jobs.add_job(lambda: _deliver(config, clock), "interval", seconds=2, id="deliver")
    return jobs


def longest_wish(config: Config) -> timedelta:
    """The time within which a plan by hand or a what-if is over, whatever the district."""
    return timedelta(seconds=config.solver.seconds + config.solver.grace_seconds) + BESIDE_THE_SEARCH


def _wait_for_end_of_input(over: threading.Event) -> None:
    """Standard input is a pipe of the parent's that stays silent: its end means that the parent is gone."""
    while os.read(0, 4096):  # not sys.stdin: its lock would stop the interpreter from ending
        pass
    over.set()


def _expire(config: Config, clock: Callable[[], datetime]) -> None:
    with open_store(config.database) as store:
        now = clock()
        expire_offers(store, config, now=now)
        swaps.expire(store, now=now)
        ledger.note_running(store, now=now)


def _renew_what_ran_out_meanwhile(store: Store, config: Config, *, now: datetime) -> None:
    """After an outage nobody loses a question that they could not answer."""
    ran_at = ledger.last_running(store)
    if ran_at is not None and now - ran_at > OUTAGE:
        renewed = renew_after_outage(store, config, since=ran_at, now=now)
        log.info("nothing ran since %s: %d offers have their time once more", ran_at.astimezone(LOCAL), renewed)


def _report(config: Config, clock: Callable[[], datetime]) -> None:
    with open_store(config.database) as store:
        report_at_risk(store, now=clock())
        report_unsettled(store, now=clock())


def _deliver(config: Config, clock: Callable[[], datetime]) -> None:
    with open_store(config.database) as store:
        channels = channels_of(config)
        deliver_all(store, config, channels, by="scheduler", clock=clock)
        ask_for_receipts(store, channels, now=clock())


def quiet_logs() -> None:
    """APScheduler tells of every poll, and warns of one skipped because the last still plans: both are usual."""
    logging.getLogger("apscheduler").setLevel(logging.ERROR)
