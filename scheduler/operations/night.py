"""The nightly run, exactly once for each local date: expire, expand, plan, check, publish; staff know if it failed."""

import logging
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from scheduler.config import Config
from scheduler.errors import LostRun, StalePlan, told
from scheduler.localized import Bilingual, Localized, LocalizedText
from scheduler.localtime import at_local, local_date
from scheduler.messages import outbox
from scheduler.model.ids import new_id
from scheduler.model.plan import Plan, Run, RunState
from scheduler.needs.renew import expand_all
from scheduler.operations.after_night import follow_up
from scheduler.planning.publish import publish
from scheduler.planning.replan import holder, make_plan
from scheduler.promises.replies import expire_offers
from scheduler.store import Store, ledger, open_store
from scheduler.store.ledger import NOTHING_TO_SAY
from scheduler.store.plans import runs

TRIES = 3  # a night that failed is tried again
REST = timedelta(minutes=10)
STALE_TRIES = 3  # people may answer while the night is being planned
BY = "night"

log = logging.getLogger(__name__)
Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Night:
    """How a night ended here: the run, the published plan (None if it failed or another process has it)."""

    run: Run
    plan: Plan | None
    message: str = ""


def key_of(day: date) -> str:
    """What makes a nightly run unique."""
    return f"nightly:{day.isoformat()}"


def run_if_due(config: Config, *, clock: Clock, **solving: Any) -> Night | None:
    """Runs tonight's job if it is time and nobody has it yet; None if there is nothing to do.

    Call it as often as you like, from any number of processes: the ledger lets one of them run. A night missed by
    more than `catch_up_until` is not run; staff are told instead.
    """
    now = clock()
    day = local_date(now)
    if now < at_local(day, config.nightly.at):
        return None
    with open_store(config.database) as store:
        if now >= at_local(day, config.nightly.catch_up_until):
            _tell_if_missed(store, day, now=now)
            return None
        lease = timedelta(seconds=config.nightly.lease_seconds)
        me = f"{holder()}:{os.getpid()}:{threading.get_ident()}"
        claim = Run(
            new_id(), "nightly", day, key_of(day), RunState.RUNNING, now, holder=me, lease_until=now + lease,
            requested_by=BY,
        )  # fmt: skip
        run = ledger.claim_run(store, claim, now=now, tries=TRIES, rest=REST)
        return _run(store, config, run, clock=clock, solving=solving) if run else None


def is_near(store: Store, config: Config, *, now: datetime, within: timedelta) -> bool:
    """Whether a night is due within a time, or due now and neither done nor failed: nothing long should begin."""
    day = local_date(now)
    coming = (at_local(day + timedelta(days=n), config.nightly.at) for n in (0, 1))
    if any(timedelta(0) < at - now <= within for at in coming):
        return True
    if not at_local(day, config.nightly.at) <= now < at_local(day, config.nightly.catch_up_until):
        return False
    found = runs.by(store, key=key_of(day))
    return not found or found[0].state is RunState.RUNNING


def alert_if_missing(config: Config, *, clock: Clock) -> bool:
    """Tells staff once if there is no plan of this night by `alert_by`; True if they were told now."""
    now = clock()
    day = local_date(now)
    if not at_local(day, config.nightly.alert_by) <= now < at_local(day, "12:00"):
        return False
    with open_store(config.database) as store:
        found = runs.by(store, key=key_of(day))
        if found and found[0].state is RunState.DONE:
            return False
        failed = Bilingual(found[0].message_in("zh"), found[0].message) if found else NOTHING_TO_SAY
        reason = _went_wrong(failed) if failed.en else LocalizedText("the night has not finished.")
        return _alert(store, day, reason, now=now)


def _run(store: Store, config: Config, run: Run, *, clock: Clock, solving: dict[str, Any]) -> Night:
    with _Heartbeat(config, run, clock) as heartbeat:
        try:
            expire_offers(store, config, now=clock())
            expand_all(store, config, now=clock())
            plan = _plan_and_publish(store, config, run, heartbeat, clock=clock, solving=solving)
        except LostRun as error:
            log.warning("run %s: %s", run.key, error)
            return Night(run, None, str(error))
        except Exception as error:
            message = told(error)
            log.exception("run %s failed", run.key)
            if ledger.end_run(store, run.id, run.fence, state="failed", message=message, now=clock()):
                _alert(store, run.service_date, _went_wrong(message), now=clock())
            return Night(run, None, message.en)
    follow_up(store, config, clock=clock)
    return Night(run, plan)


def _plan_and_publish(
    store: Store, config: Config, run: Run, heartbeat: "_Heartbeat", *, clock: Clock, solving: dict[str, Any]
) -> Plan:
    """Plans until no answer comes between; publishing also closes the run, in the same transaction."""
    for tries_left in reversed(range(STALE_TRIES)):
        plan = make_plan(
            store, config, run=run, now=clock(), should_stop=heartbeat.lost.is_set, within_budget=True, **solving
        )
        try:
            return publish(store, config, plan.id, by=BY, now=clock(), fence=run.fence)
        except StalePlan:
            if not tries_left:
                raise
    raise AssertionError("unreachable")


def _tell_if_missed(store: Store, day: date, *, now: datetime) -> None:
    found = runs.by(store, key=key_of(day))
    if not found or (found[0].state is RunState.RUNNING and found[0].lease_until and found[0].lease_until < now):
        reason = LocalizedText("the night was missed; press 'plan now'.")
        _alert(store, day, reason, now=now)


def _went_wrong(message: Localized) -> Localized:
    return LocalizedText("an error ended it: %(message)s", message=message)


def _alert(store: Store, day: date, reason: Localized, *, now: datetime) -> bool:
    with store.transaction():
        return outbox.enqueue(
            store,
            key=f"no-plan:{day.isoformat()}",
            addressee=outbox.to_staff(),
            template="no_verified_plan",
            payload={"reason": reason.en, "reason_zh": reason.zh},
            now=now,
            urgent=True,
        )


class _Heartbeat:
    """Renews the lease from a thread with its own connection; `lost` is set once another process has the run."""

    def __init__(self, config: Config, run: Run, clock: Clock) -> None:
        self.config, self.run, self.clock = config, run, clock
        self.lost, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> "_Heartbeat":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        lease = timedelta(seconds=self.config.nightly.lease_seconds)
        with open_store(self.config.database) as store:
            while not self._over.wait(self.config.nightly.heartbeat_seconds):
                try:
                    if not ledger.renew_lease(store, self.run, until=self.clock() + lease):
                        self.lost.set()
                        return
                except Exception:  # a busy database must not end the heartbeat: the next beat tries again
                    log.exception("run %s: the lease could not be renewed", self.run.key)
