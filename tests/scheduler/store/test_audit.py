"""The audit log finds every change to itself."""

import hashlib

import pytest

from scheduler.store import Store, audit
from scheduler.store.sqlite import sqlite3
from tests.world import NOW


@pytest.fixture
def log(store: Store) -> Store:
    for number in range(1, 6):
        audit.record(
            store, at=NOW, actor="staff", action="reveal", object_kind="recipient", object_id=f"r{number}", reason="ill"
        )
    return store


def without_triggers(log: Store) -> None:
    """What somebody who owns the file can do."""
    for trigger in ("audit_unchanged", "audit_kept", "audit_appended"):
        log.execute(f"DROP TRIGGER {trigger}")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit SET reason = 'x' WHERE number = 3",
        "DELETE FROM audit WHERE number = 5",
        "DELETE FROM audit",
        "INSERT OR REPLACE INTO audit SELECT * FROM audit WHERE number = 3",
        "REPLACE INTO audit (number, at, actor, action, object_kind, object_id, reason, previous_hash, hash) "
        "VALUES (5, '', '', '', '', '', '', '', '')",
    ],
)
def test_no_statement_changes_or_removes_a_row(log: Store, statement: str):
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        log.execute(statement)
    assert audit.broken_row(log) is None


def test_a_log_that_was_emptied_is_found(log: Store):
    without_triggers(log)
    log.execute("DELETE FROM audit")
    assert audit.broken_row(log) == 1
    assert not audit.head_stands(log)


@pytest.mark.parametrize("anchor", ["kept", "removed", "set back"])
def test_newest_rows_that_are_missing_are_found_even_after_the_next_row(log: Store, anchor: str):
    without_triggers(log)
    log.execute("DELETE FROM audit WHERE number > 3")
    if anchor == "removed":
        log.execute("DELETE FROM anchors WHERE name = 'log'")
    if anchor == "set back":
        log.execute("UPDATE anchors SET number = 3 WHERE name = 'log'")
    assert audit.broken_row(log) == 4
    audit.record(log, at=NOW, actor="staff", action="x", object_kind="y", object_id="z")
    assert audit.broken_row(log) is not None


def test_nobody_writes_a_row_that_fits_without_the_key(log: Store):
    row = log.rows("SELECT * FROM audit WHERE number = 5")[0]
    text = "\x1f".join((row["hash"], "6", "2026-11-23T02:00:00Z", "staff", "x", "y", "z", "", ""))
    made = hashlib.sha256(text.encode()).hexdigest()
    log.execute(
        "INSERT INTO audit VALUES (6, '2026-11-23T02:00:00Z', 'staff', 'x', 'y', 'z', '', :previous, :hash, '')",
        {"previous": row["hash"], "hash": made},
    )
    assert audit.broken_row(log) == 6


def test_an_untouched_log_is_whole(log: Store):
    assert audit.broken_row(log) is None


@pytest.mark.parametrize("number", [1, 3, 5])
@pytest.mark.parametrize("column", [*audit.COLUMNS, "hash"])
def test_a_changed_row_is_named(log: Store, number: int, column: str):
    without_triggers(log)
    log.execute(f"UPDATE audit SET {column} = 'x' WHERE number = :number", {"number": number})
    assert audit.broken_row(log) == number


@pytest.mark.parametrize("number", [1, 3, 5])
def test_a_removed_row_is_named(log: Store, number: int):
    without_triggers(log)
    log.execute("DELETE FROM audit WHERE number = :number", {"number": number})
    assert audit.broken_row(log) == number


def test_a_line_break_in_a_reason_cannot_fake_a_row(log: Store):
    audit.record(log, at=NOW, actor="staff", action="x", object_kind="y", object_id="z", reason="a\r\nb\tc")
    assert audit.newest(log)[0].reason == "a b c"


def test_a_row_falls_with_the_change_it_tells_of(log: Store):
    class Stop(Exception):
        pass

    def change() -> None:
        with log.transaction():
            audit.record(log, at=NOW, actor="staff", action="x", object_kind="y", object_id="z")
            raise Stop

    with pytest.raises(Stop):
        change()
    assert audit.count(log) == 5


def test_rows_are_found_by_text(log: Store):
    assert audit.count(log, text="r3") == 1
    assert [row.object_id for row in audit.newest(log, text="r3")] == ["r3"]
