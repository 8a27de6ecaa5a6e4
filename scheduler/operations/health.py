"""Is everything in order? One line a question, for the health page and for monitoring."""

import shutil
import threading
import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from scheduler.config import Config
from scheduler.errors import KeyWrong, StoreDamaged
from scheduler.localtime import at_local, local_date
from scheduler.rules.windows import last_planned_day
from scheduler.rules.workdays import last_known_year
from scheduler.store import Store, audit, open_store
from scheduler.store.backup import missing_from_log
from scheduler.store.database import FIXED_SQLITE
from scheduler.store.queries.health_lists import (
    age_of_waiting,
    failed_messages,
    failed_runs,
    library_version,
    newest_planned_at,
    people_without_channel,
)
from scheduler.store.sealed import key_path

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
    refused, without = failed_messages(store), people_without_channel(store, since=now - RECENT)
    waiting = age_of_waiting(store, now=now)
    free = shutil.disk_usage(store.path.parent).free
    due = now >= at_local(local_date(now), config.nightly.alert_by)
    found = (
        Check("plan_age", planned_at is not None and (now - planned_at < PLAN_TOO_OLD or not due), moment=planned_at),
        Check("failed_runs", not failed, str(failed)),
        Check("waiting_request", waiting is None or waiting < WAITING_TOO_LONG, _minutes(waiting)),
        Check("failed_messages", not refused, str(refused)),
        Check("people_without_channel", not without, str(without)),
        Check("disk", free > LEAST_FREE_BYTES, f"{free / 1e9:.1f} GB"),
        Check("holidays", last_planned_day(config, now=now).year <= last_known_year(), str(last_known_year())),
        Check("sqlite", library_version(store) >= FIXED_SQLITE, ".".join(map(str, library_version(store)))),
        Check("proxies", config.web.proxies > 0 or not forwarded, str(config.web.proxies)),
        Check("key", _key_fits(store), key_path(store.path).name),
        _log_reaches(store, config),
    )
    return tuple(sorted(found, key=lambda check: check.ok))


def _key_fits(store: Store) -> bool:
    """Whether the key on the disk is still the one of the database, whatever this process has read before."""
    try:
        with Store(store.path):
            return True
    except KeyWrong:
        return False


def _log_reaches(store: Store, config: Config) -> Check:
    """Whether the audit log holds the newest row that it had now and when each backup was made."""
    cut = missing_from_log(store, config.backup_folder)
    number = audit.head(store).number
    return Check("log", cut is None and audit.head_stands(store), cut.name if cut else str(number))


class Soundness:
    """Whether the database of a serving process can be trusted: its file, its key, its newest entries.

    The whole file is read again and again, as often as that takes no more than two per cent of the time. Damage that
    was found stays found until the process is started anew; a key that was put back is seen at once.
    """

    SHARE = 50

    def __init__(self, database: Path) -> None:
        self.database = database
        self.damage: StoreDamaged | None = None
        self._due_at, self._one = 0.0, threading.Lock()

    def look(self) -> None:
        """Raises StoreDamaged, KeyWrong, KeyMissing or whatever else keeps the database from being opened."""
        if self.damage is None and time.monotonic() >= self._due_at and self._one.acquire(blocking=False):
            try:
                began = time.monotonic()
                with open_store(self.database) as fresh:  # what was read before is not read again
                    fresh.must_be_sound()
                self._due_at = time.monotonic() + self.SHARE * (time.monotonic() - began)
            except StoreDamaged as error:
                self.damage = error
            finally:
                self._one.release()
        if self.damage is not None:
            raise self.damage


def _minutes(age: timedelta | None) -> str:
    return "" if age is None else str(int(age.total_seconds() // 60))
