"""An older, filled database comes to today's schema whole: once, with a copy before, whoever starts with it."""

import json
import os
import shutil
import sqlite3 as other_sqlite
import subprocess
import sys
import time
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from scheduler.errors import KeyMissing, KeyWrong, StoreNewer
from scheduler.store import Store, audit, open_store
from scheduler.store.people import recipients, volunteers
from scheduler.store.schema.migrating import COPIES_KEPT
from scheduler.store.sealed import Seal, key_path
from tests.outside.street import MONDAY
from tests.world import message_by_key

SCHEMAS = Path(__file__).with_name("schemas")
UNSIGNED = "before-the-first-release"  # its log has plain hashes and the file does not know its key
RELEASES = sorted(path.stem for path in SCHEMAS.glob("*.sql"))


def database_of(release: str, folder: Path) -> Path:
    """A filled database as that release left it, with its key."""
    path = folder / "old.db"
    with closing(other_sqlite.connect(path)) as made:
        made.executescript((SCHEMAS / f"{release}.sql").read_text(encoding="utf-8"))
        made.execute("PRAGMA journal_mode=WAL")
    shutil.copy(SCHEMAS / f"{release}.key", key_path(path))
    return path


@pytest.fixture(params=RELEASES)
def old(request, tmp_path) -> Path:
    return database_of(request.param, tmp_path)


@pytest.fixture
def unsigned(tmp_path) -> Path:
    return database_of(UNSIGNED, tmp_path)


def rows(path: Path) -> dict[str, int]:
    with closing(other_sqlite.connect(path)) as found:
        tables = [name for (name,) in found.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: found.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in tables}


def test_an_old_database_opens_with_all_its_people_answers_and_a_whole_log(old):
    before = rows(old)
    with open_store(old) as store:
        assert {volunteer.address for volunteer in volunteers.where(store)} == {"真光路1288弄5号602室"}
        assert {recipient.phone for recipient in recipients.where(store)} == {"13900007777"}
        assert audit.broken_row(store) is None
        audit.record(store, at=MONDAY, actor="a", action="x", object_kind="y", object_id="z")
        assert audit.broken_row(store) is None
    after = rows(old)
    kept = before.keys() - {"_sqlite_migrations", "audit"}
    sealed = "anchors" in before  # waiting uploads from before are not: they go
    assert {name: after[name] for name in kept} == {name: before[name] for name in kept if name != "uploads"} | {
        "uploads": before["uploads"] if sealed else 0
    }
    assert after["audit"] == before["audit"] + 1


def test_a_migrated_database_has_the_schema_of_a_new_one(old, tmp_path):
    def schema(path):
        with open_store(path) as store:
            tables = [row["name"] for row in store.rows("SELECT name FROM sqlite_schema WHERE type = 'table'")]
            columns = {name: store.rows(f'SELECT * FROM pragma_table_info("{name}") ORDER BY name') for name in tables}
            rest = store.rows("SELECT type, name, sql FROM sqlite_schema WHERE type <> 'table' ORDER BY name")
            return [{c: v for c, v in row.items() if c != "cid"} for t in sorted(columns) for row in columns[t]], rest

    assert schema(old) == schema(tmp_path / "new.db")


def test_what_only_the_log_was_told_of_an_earlier_message_is_not_called_sent_any_more(old):
    told = {"a": ("sent", ["log"]), "b": ("sent", ["wecombot-1", "log"]), "c": ("dead", []), "d": ("waiting", [])}
    with closing(other_sqlite.connect(old)) as earlier, earlier:
        for key, (state, by) in told.items():
            earlier.execute(
                """INSERT INTO outbox (id, key, addressee, template, payload, state, created_at, next_at, attempts,
                   claimed_by, error, sent_to) VALUES (?, ?, 'staff', 'night_done', '{}', ?, '2026-11-30T02:00:00Z',
                   '2026-11-30T02:00:00Z', 1, '', '', ?)""",
                (key, key, state, json.dumps(by)),
            )
    with open_store(old) as store:
        states = [message_by_key(store, key).state for key in told]
    assert states == ["no_channel", "sent", "failed", "waiting"]


def test_what_a_volunteer_opened_stays_open_and_what_staff_wrote_opens_nothing(old):
    with open_store(old) as store:
        openings = store.rows("SELECT actor, reason, opened_for FROM audit WHERE action = 'reveal' ORDER BY number")
    assert [(row["actor"], row["reason"].removeprefix("visit ") == row["opened_for"]) for row in openings] == [
        ("v1", True),
        ("boss", False),
    ]
    assert openings[1]["reason"].startswith("visit ")


def test_the_old_file_is_kept_beside_it_and_opens_in_the_old_program(old):
    before = rows(old)
    open_store(old).close()
    (copy,) = old.parent.glob("old.until-*.db")
    assert rows(copy) == before
    assert copy.stat().st_mode & 0o077 == 0
    open_store(old).close()
    assert list(old.parent.glob("old.until-*.db")) == [copy]


def test_from_then_on_no_other_user_of_the_machine_reads_the_files(old):
    old.chmod(0o644)
    with open_store(old):
        for path in old.parent.glob("old.*"):
            assert path.stat().st_mode & 0o077 == 0, path


def test_a_log_that_was_tampered_with_before_stays_broken_at_that_row(unsigned):
    with closing(other_sqlite.connect(unsigned)) as found:
        found.execute("UPDATE audit SET actor = 'nobody' WHERE number = 3")
        found.commit()
    with open_store(unsigned) as store:
        assert audit.broken_row(store) == 3
        audit.record(store, at=MONDAY, actor="a", action="x", object_kind="y", object_id="z")
        assert audit.broken_row(store) == 3


def test_sealed_rows_are_not_given_a_new_key(unsigned):
    right = key_path(unsigned).read_bytes()
    key_path(unsigned).unlink()
    with pytest.raises(KeyMissing):
        open_store(unsigned)
    Seal.make(key_path(unsigned))
    with pytest.raises(KeyWrong, match="none of the sealed rows"):
        open_store(unsigned)
    key_path(unsigned).write_bytes(right)
    open_store(unsigned).close()


def test_a_database_of_a_newer_program_is_refused_and_not_changed(store):
    store.execute(
        "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('yidu', 'm9999_later', '2030-01-01')"
    )
    with pytest.raises(StoreNewer, match="newer") as told:
        open_store(store.path)
    assert "更新版本" in told.value.said.zh
    assert "m9999_later" in told.value.said.zh


START = """
import sys
from datetime import UTC, datetime
from scheduler.store import audit, open_store
with open_store(sys.argv[1]) as store:
    audit.record(store, at=datetime.now(UTC), actor="a", action="x", object_kind="y", object_id="z")
"""


@pytest.mark.parametrize("kind", ["old", "new"])
def test_two_dozen_processes_that_start_at_once_all_open_it_and_write_with_its_key(old, kind, tmp_path):
    path = old if kind == "old" else tmp_path / "fresh" / "new.db"
    begun = [
        subprocess.Popen([sys.executable, "-c", START, str(path)], stderr=subprocess.PIPE, text=True) for _ in range(24)
    ]
    errors = [process.communicate(timeout=280)[1] for process in begun]
    assert [error for process, error in zip(begun, errors, strict=True) if process.returncode] == []
    with open_store(path) as store:
        assert audit.broken_row(store) is None


STOPPED = """
import sys, time
from scheduler.store import open_store
from scheduler.store.schema import migrating
def hang(store):
    print("half way", flush=True)
    time.sleep(60)
migrating._adopt = hang
open_store(sys.argv[1])
"""


def test_a_process_that_is_killed_in_the_middle_leaves_the_old_database(unsigned):
    before = rows(unsigned)
    command = [sys.executable, "-c", STOPPED, str(unsigned)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "half way\n"
        process.kill()
    assert rows(unsigned) == before
    with open_store(unsigned) as store:
        assert audit.broken_row(store) is None
        assert len(volunteers.where(store)) == before["volunteers"]


def test_only_the_newest_copies_are_kept(old):
    for n in range(5):
        copy = old.with_suffix(f".until-m{n}.db")
        copy.write_bytes(b"")
        seconds = time.time() - timedelta(days=9 - n).total_seconds()
        os.utime(copy, (seconds, seconds))
    open_store(old).close()
    kept = sorted(path.name for path in old.parent.glob("old.until-*.db"))
    assert len(kept) == COPIES_KEPT
    assert {"old.until-m3.db", "old.until-m4.db"} < set(kept)


def test_opening_a_database_of_today_writes_nothing(store):
    before = store.value("PRAGMA data_version")
    with open_store(store.path), Store(store.path):
        pass
    assert store.value("PRAGMA data_version") == before
