"""Connections, write transactions and sealed fields on a real SQLite file."""

import multiprocessing
import threading
from pathlib import Path

import pytest

from scheduler.errors import StoreBusy, StoreUnwritable
from scheduler.model.people import Unreadable
from scheduler.store import Store, open_store
from scheduler.store.sealed import Seal


@pytest.fixture
def path(tmp_path: Path) -> Path:
    open_store(tmp_path / "a.db").close()
    return tmp_path / "a.db"


def bump(store: Store) -> None:
    with store.transaction():
        before = store.revision()
        store.execute("UPDATE counters SET value = :v WHERE name = 'planning'", {"v": before + 1})


def _bump_often(path: Path, times: int) -> None:
    with Store(path) as store:
        for _ in range(times):
            bump(store)


def test_every_connection_is_safe_against_power_loss(path: Path):
    with Store(path) as store:
        pragmas = {name: store.value(f"PRAGMA {name}") for name in ("journal_mode", "synchronous", "foreign_keys")}
        assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}
        assert store.value("PRAGMA busy_timeout") >= 5000
        assert not store.value("PRAGMA mmap_size")


def test_migrating_twice_changes_nothing(path: Path):
    with open_store(path) as store:
        tables = store.rows("SELECT name, sql FROM sqlite_master ORDER BY name")
        open_store(path).close()
        assert store.rows("SELECT name, sql FROM sqlite_master ORDER BY name") == tables


def test_every_table_of_ours_is_strict(path: Path):
    with Store(path) as store:
        ours = store.rows("SELECT name, strict FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")
        loose = [
            row["name"] for row in ours if not row["strict"] and not row["name"].startswith(("sqlite_", "_sqlite"))
        ]
        assert loose == []


def test_an_error_inside_a_transaction_leaves_nothing_behind(path: Path):
    with Store(path) as store:
        before = store.revision()
        with pytest.raises(RuntimeError), store.transaction():
            store.touch()
            raise RuntimeError
        assert store.revision() == before


def test_a_nested_transaction_undoes_only_itself(path: Path):
    with Store(path) as store:
        before = store.revision()
        with store.transaction():
            store.touch()
            with pytest.raises(RuntimeError), store.transaction():
                store.touch()
                raise RuntimeError
        assert store.revision() == before + 1


def test_reading_then_writing_from_two_processes_loses_no_update(path: Path):
    with Store(path) as store:
        before = store.revision()
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=_bump_often, args=(path, 100)) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    with Store(path) as store:
        assert store.revision() == before + 200


def test_a_writer_who_holds_on_too_long_is_reported_as_busy(path: Path, monkeypatch: pytest.MonkeyPatch):
    with Store(path) as holder, Store(path) as other:
        other.execute("PRAGMA busy_timeout=50")
        with holder.transaction(), pytest.raises(StoreBusy, match="try again"), other.transaction():
            pass


def test_a_full_disk_is_told_and_changes_nothing(path: Path):
    with open_store(path) as store:
        store.value(f"PRAGMA max_page_count = {store.value('PRAGMA page_count')}")
        before = store.revision()
        with pytest.raises(StoreUnwritable, match="nothing was changed"), store.transaction():
            store.touch()
            store.execute("INSERT INTO counters VALUES (:name, 1)", {"name": "x" * 100_000})
        assert store.revision() == before
        assert store.value("PRAGMA quick_check") == "ok"


def test_a_snapshot_does_not_see_what_others_commit_meanwhile(path: Path):
    with Store(path) as reader, Store(path) as writer:
        with reader.snapshot():
            before = reader.revision()
            thread = threading.Thread(target=bump, args=(writer,))
            thread.start()
            thread.join()
            assert reader.revision() == before
        assert reader.revision() == before + 1


def test_a_sealed_value_opens_only_with_its_key_and_its_column():
    seal = Seal(b"k" * 32)
    sealed = seal.close("真北路818号", "volunteers.address")
    assert "真北路" not in sealed
    assert seal.open(sealed, "volunteers.address") == "真北路818号"
    assert isinstance(seal.open(sealed, "recipients.address"), Unreadable)
    assert isinstance(Seal(b"x" * 32).open(sealed, "volunteers.address"), Unreadable)


def test_a_key_that_somebody_else_made_first_is_taken(tmp_path: Path):
    first = Seal.make(tmp_path / "a.key").close("13800138000", "f")
    assert Seal.make(tmp_path / "a.key").open(first, "f") == "13800138000"
    assert [p.name for p in tmp_path.iterdir()] == ["a.key"]
