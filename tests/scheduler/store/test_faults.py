"""The disk fails while something is written, or the file is damaged: all or nothing, and people are told what to do."""

import subprocess
import sys
import tempfile
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.errors import StoreDamaged, StoreUnwritable
from scheduler.exchange import importing
from scheduler.needs.catalogue import load_catalogue
from scheduler.operations import night, scheduler_process
from scheduler.planning.publish import publish
from scheduler.promises import replies
from scheduler.store import Store, open_store
from scheduler.store.backup import back_up, restore
from scheduler.store.plans import assignments, latest_plan
from tests import disk
from tests.scheduler.exchange.files import CONFIG, GOOD, a_workbook
from tests.scheduler.planning.week import FIRST_FIT, NOW, a_week, add_need, planned, published

MOST_WRITES = 400  # more than any of these needs; each is tried with every number below


def publishing(store, tmp_path, *, elders=4, more=0):
    config = a_week(store, helpers=3 * elders, elders=elders)
    for n in range(more):
        add_need(store, f"more {n}", f"e{n % elders}", weekdays=(2, 4), start=f"{9 + n // elders:02d}:00")
    draft = planned(store, config)
    return lambda: publish(store, config, draft.id, by="staff", now=NOW)


def answering(store, tmp_path):
    config = a_week(store)
    published(store, config)
    asked = assignments.where(store)[0]
    return lambda: replies.accept(store, config, asked.id, now=NOW + timedelta(minutes=1))


def importing_people(store, tmp_path):
    load_catalogue(store)
    seen = importing.preview(a_workbook(tmp_path / "people.xlsx", GOOD), store, CONFIG, now=NOW)
    return lambda: importing.confirm(store, seen, by="staff", now=NOW)


def publishing_much(store, tmp_path):
    """So much that the file must grow."""
    return publishing(store, tmp_path, elders=10, more=30)


@pytest.mark.parametrize(
    ("begin", "fault"),
    [
        (publishing, disk.failing_after),
        (answering, disk.failing_after),
        (importing_people, disk.failing_after),
        (publishing_much, disk.full_after),
    ],
)
def test_whichever_write_fails_nothing_is_half_done_and_a_later_try_succeeds(store, tmp_path, begin, fault):
    step = begin(store, tmp_path)
    before, failures = disk.everything(store), 0
    for writes in range(MOST_WRITES):
        with fault(store, writes), suppress(StoreUnwritable):
            step()
            break
        failures += 1
        assert disk.everything(store) == before
    assert disk.everything(store) != before
    assert store.value("PRAGMA quick_check") == "ok"
    assert failures > 0


def test_a_night_on_a_full_disk_leaves_the_last_plan_and_runs_when_there_is_room(store):
    config = a_week(store)
    stands = published(store, config)
    tonight = NOW.replace(hour=17, minute=31)  # 01:31 of Tuesday

    def run(minutes):
        return night.run_if_due(config, clock=lambda: tonight + timedelta(minutes=minutes), **FIRST_FIT)

    with disk.full_after(store, 0), disk.failing_after(store, 1), pytest.raises(StoreUnwritable):
        run(0)
    assert latest_plan(store, "published").id == stands.id
    after = run(1)
    assert after.plan is not None
    assert latest_plan(store, "published").id == after.plan.id


AS_NOBODY = """
import os, sys
from scheduler.errors import StoreUnwritable
from scheduler.store import Store
Store(sys.argv[1]).close()  # everything is imported now
if os.geteuid() == 0:  # no permission stops root
    os.setgid(65534)
    os.setuid(65534)
store = Store(sys.argv[1])
print(store.revision())
try:
    with store.transaction():
        store.touch()
except StoreUnwritable as error:
    print(error)
"""


def test_a_file_that_may_only_be_read_is_shown_but_not_changed():
    with tempfile.TemporaryDirectory(prefix="yidu-read-only-") as folder:
        path = Path(folder) / "yidu.db"
        with open_store(path) as store:
            revision = store.revision()
        Path(folder).chmod(0o777)
        path.chmod(0o444)
        path.with_suffix(".key").chmod(0o444)
        path.with_suffix(".lock").chmod(0o444)
        done = subprocess.run(
            [sys.executable, "-c", AS_NOBODY, str(path)], capture_output=True, text=True, timeout=60, check=True
        )
        shown, told = done.stdout.splitlines()
        assert shown == str(revision)
        assert "nothing was changed" in told


@pytest.mark.parametrize("table", ["sqlite_schema", "_sqlite_migrations", "assignments", "audit_log"])
def test_the_scheduler_does_not_start_on_a_damaged_file_and_a_backup_puts_it_right(store, tmp_path, monkeypatch, table):
    monkeypatch.setattr(
        scheduler_process, "work", lambda *_, **__: pytest.fail("the scheduler works on a damaged file")
    )
    config = a_week(store)
    published(store, config)
    copy = back_up(store, tmp_path / "copies", now=NOW, keep=3)
    store.value("PRAGMA wal_checkpoint(TRUNCATE)")
    page = store.value("SELECT rootpage FROM sqlite_schema WHERE name = :name", {"name": table}) or 1
    store.close()
    with config.database.open("r+b") as file:
        file.seek((page - 1) * disk.PAGE)
        file.write(b"\xa5" * 512)
    with pytest.raises(StoreDamaged, match="yidu restore") as told:
        scheduler_process.serve(config)
    assert "yidu restore" in told.value.said.zh
    restore(copy, config.database, now=NOW)
    with Store(config.database) as mended:
        mended.must_be_sound()
