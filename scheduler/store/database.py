"""Connections and write transactions; nothing else opens the database."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from scheduler.errors import StoreBusy, StoreDamaged, StoreUnwritable
from scheduler.localized import LocalizedText
from scheduler.store.in_use import InUse
from scheduler.store.sealed import Seal, does_not_fit, key_path
from scheduler.store.sqlite import Database, sqlite3

BUSY_SECONDS = 5
FIXED_SQLITE = (3, 51, 3)  # first version without the WAL-reset corruption

UNWRITABLE = frozenset({8, 10, 13})  # SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL
DAMAGED = frozenset({11, 26})  # SQLITE_CORRUPT, SQLITE_NOTADB
BUSY = frozenset({5, 6})  # SQLITE_BUSY, SQLITE_LOCKED

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL loses acknowledged commits at power loss
    "foreign_keys=ON",
    f"busy_timeout={BUSY_SECONDS * 1000}",
    "mmap_size=0",
    "trusted_schema=OFF",
    "secure_delete=ON",
)


class _Told:
    """SQLite's errors that a person must know of, as ours; the others pass."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        if not isinstance(error, sqlite3.DatabaseError):
            return
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF
        if code in BUSY:
            raise StoreBusy(
                LocalizedText("the database is busy (%(error)s): try again in a few seconds", error=error)
            ) from error
        if code in UNWRITABLE:
            raise StoreUnwritable(
                LocalizedText(
                    "the database cannot be written (%(error)s): nothing was changed; let the technician look "
                    "at the disk",
                    error=error,
                )
            ) from error
        if code in DAMAGED:
            raise _damaged(error) from error


def _damaged(found: object) -> StoreDamaged:
    return StoreDamaged(
        LocalizedText(
            "the database file is damaged (%(found)s): let the technician stop Yidu and put the last "
            "backup back with 'yidu restore'",
            found=found,
        )
    )


def _lost(path: Path, known: int, found: int) -> StoreDamaged:
    return StoreDamaged(
        LocalizedText(
            "the newest entries of the database are gone (its log had %(known)s, %(found)s are found): "
            "a disk or a copy has lost them; let the technician stop Yidu and put the last backup back "
            "with 'yidu restore', or go on without them: yidu restore %(path)s",
            known=known,
            found=found,
            path=path,
        )
    )


TOLD = _Told()
KEY_CHECK = "anchors.key"  # the field name under which the check value is sealed


class Store:
    """One connection to one district's database. Use it as a context manager, or call close()."""

    seal: Seal

    def __init__(self, path: Path | str) -> None:
        """Opens the file, creating it for its owner's eyes only; its key lies beside it.

        Raises KeyMissing or KeyWrong if that key did not seal this database, StoreDamaged if its newest entries are
        gone, StoreBusy while a backup is being put back. A database without a check value gets its seal by migrate().
        """
        self.path, self.logs = Path(path), False
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.in_use = InUse(self.path)
        try:
            known = self.in_use.must_hold()  # read before the database, which is never behind it
            with suppress(OSError):
                os.close(os.open(self.path, os.O_CREAT | os.O_EXCL, 0o600))  # SQLite gives -wal and -shm the same mode
            connection = sqlite3.connect(str(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        except BaseException:
            self.in_use.close()
            raise
        self.db = Database(connection, strict=True)
        try:
            with TOLD:
                for pragma in PRAGMAS:
                    connection.execute(f"PRAGMA {pragma}")
            if sqlite3.sqlite_version_info < FIXED_SQLITE:
                connection.execute("PRAGMA wal_autocheckpoint=0")
            self._verify(known)
        except BaseException:
            self.close()
            raise

    def _verify(self, known: int) -> None:
        """The key fits, and the log reaches as far as it is known to."""
        anchors = {row["name"]: row for row in self.anchors()}
        if "log" in anchors and anchors["log"]["number"] < known:
            self.db.conn.close()  # SQLite tidies up: what is missing now must be missed at the next opening too
            self.in_use.note(known)
            raise _lost(self.path, known, anchors["log"]["number"])
        if "log" in anchors and not known:
            self.in_use.note(anchors["log"]["number"])
        self.read_key()

    def read_key(self) -> None:
        """Takes the key beside the file, if the database knows its key. Raises KeyMissing, KeyWrong."""
        for anchor in self.anchors():
            if anchor["name"] == "key":
                self.seal = Seal.read(key_path(self.path))
                if not self.seal.opens(anchor["value"], KEY_CHECK):
                    raise does_not_fit(key_path(self.path), LocalizedText("another key"))

    def anchors(self) -> list[dict[str, Any]]:
        """What the rest of the file is checked against: "key" and "log", each with number and value; none before the
        schema has them."""
        try:
            return self.rows("SELECT name, number, value FROM anchors")
        except sqlite3.OperationalError:
            return []

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.db.conn.close()
        self.in_use.close()

    def settle(self) -> None:
        """Undoes what was left open, so that the connection can serve the next piece of work."""
        if self.db.conn.in_transaction:
            self.db.conn.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. BEGIN IMMEDIATE, because a deferred one fails at once when another writer was faster.

        Nested calls are savepoints. Raises StoreBusy if another writer keeps the lock for 5 seconds, StoreUnwritable
        if the disk takes nothing more, StoreDamaged if the file cannot be read.
        """
        connection = self.db.conn
        if connection.in_transaction:
            with self.db.atomic():
                yield
            return
        with TOLD:
            connection.execute("BEGIN IMMEDIATE")
            self.logs = False
            try:
                yield
                logged = self.value("SELECT number FROM anchors WHERE name = 'log'") if self.logs else None
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        if logged is not None and logged > self.in_use.logged():
            self.in_use.note(logged)

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Reads inside see one state of the database, whatever others write meanwhile."""
        connection = self.db.conn
        if connection.in_transaction:
            yield
            return
        connection.execute("BEGIN")
        try:
            yield
        finally:
            connection.execute("ROLLBACK")

    @contextmanager
    def without_waiting(self) -> Iterator[None]:
        """Writes inside fail at once with StoreBusy where another writer has the lock."""
        connection = self.db.conn
        connection.execute("PRAGMA busy_timeout=0")
        try:
            yield
        finally:
            connection.execute(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")

    def rows(self, sql: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Rows of a SELECT (or of a write with RETURNING) as dicts; read to the end, so no snapshot stays open.

        Straight from the connection: sqlite-utils wraps each read into a savepoint, which doubles a small one's time.
        """
        with TOLD:
            cursor = self.db.conn.execute(sql, params or {})
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def value(self, sql: str, params: dict[str, Any] | None = None) -> Any:
        """The first column of the first row, None where there is no row."""
        for row in self.rows(sql, params):
            return next(iter(row.values()))
        return None

    def execute(self, sql: str, params: dict[str, Any] | None = None) -> int:
        """Runs one write and returns the number of rows touched."""
        with TOLD:
            return int(self.db.conn.execute(sql, params or {}).rowcount)

    def must_be_sound(self) -> None:
        """Reads the whole file once (seconds for a large district). Raises StoreDamaged if anything in it is wrong."""
        verdict = self.value("PRAGMA quick_check(1)")
        if verdict != "ok":
            raise _damaged(verdict)

    def revision(self) -> int:
        """The counter that grows with every change that a plan depends on."""
        return int(self.value("SELECT value FROM counters WHERE name = 'planning'") or 0)

    def touch(self) -> None:
        """Call inside each write that a plan depends on: a plan built before it becomes stale."""
        self.execute("UPDATE counters SET value = value + 1 WHERE name = 'planning'")
