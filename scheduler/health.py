"""Is everything in order? One line a question, for the health page and for monitoring."""

import shutil
from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.localtime import at_local, local_date
from scheduler.store import Store
from scheduler.store.database import FIXED_SQLITE
from scheduler.store.lists_health import age_of_waiting, dead_messages, failed_runs, library_version, newest_planned_at

LEAST_FREE_BYTES = 500_000_000
WAITING_TOO_LONG = timedelta(minutes=5)
PLAN_TOO_OLD = timedelta(hours=30)
RECENT = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Check:
    """`name` is a code for words; `ok` False asks for action; `value` and `moment` say what was found."""

    name: str
    ok: bool
    value: str = ""
    moment: datetime | None = None


def checks(store: Store, config: Config, *, now: datetime, forwarded: bool = False) -> tuple[Check, ...]:
    """Every check, those that fail first. `forwarded`: a proxy passed this question on, and said for whom."""
    planned_at = newest_planned_at(store)
    failed = failed_runs(store, since=now - RECENT)
    dead = dead_messages(store)
    waiting = age_of_waiting(store, now=now)
    free = shutil.disk_usage(store.path.parent).free
    due = now >= at_local(local_date(now), config.nightly.alert_by)
    found = (
        Check("plan_age", planned_at is not None and (now - planned_at < PLAN_TOO_OLD or not due), moment=planned_at),
        Check("failed_runs", not failed, str(failed)),
        Check("waiting_request", waiting is None or waiting < WAITING_TOO_LONG, _minutes(waiting)),
        Check("dead_messages", not dead, str(dead)),
        Check("disk", free > LEAST_FREE_BYTES, f"{free / 1e9:.1f} GB"),
        Check("sqlite", library_version(store) >= FIXED_SQLITE, ".".join(map(str, library_version(store)))),
        Check("proxies", config.web.proxies > 0 or not forwarded, str(config.web.proxies)),
        Check("key", store.path.with_suffix(".key").exists(), store.path.with_suffix(".key").name),
    )
    return tuple(sorted(found, key=lambda check: check.ok))


def _minutes(age: timedelta | None) -> str:
    return "" if age is None else str(int(age.total_seconds() // 60))
