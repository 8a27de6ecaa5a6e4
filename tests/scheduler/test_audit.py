"""The audit log finds every change to itself."""

import pytest

from scheduler.store import Store, audit
from tests.world import NOW


@pytest.fixture
def log(store: Store) -> Store:
    for number in range(1, 6):
        audit.record(
            store, at=NOW, actor="staff", action="reveal", object_kind="recipient", object_id=f"r{number}", reason="ill"
        )
    return store


def test_an_untouched_log_is_whole(log: Store):
    assert audit.broken_row(log) is None


@pytest.mark.parametrize("number", [1, 3, 5])
@pytest.mark.parametrize("column", ["at", "actor", "action", "object_kind", "object_id", "reason", "hash"])
def test_a_changed_row_is_named(log: Store, number: int, column: str):
    log.execute(f"UPDATE audit SET {column} = 'x' WHERE number = :number", {"number": number})
    assert audit.broken_row(log) == number


@pytest.mark.parametrize("number", [1, 3])
def test_a_removed_row_is_named(log: Store, number: int):
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
