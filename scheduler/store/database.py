"""Connections and write transactions; nothing else opens the database."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from scheduler.errors import StoreBusy, StoreUnwritable
from scheduler.store.sealed import Seal
from scheduler.store.sqlite import Database, sqlite3
from scheduler.words import Said

BUSY_SECONDS = 5
FIXED_SQLITE = (3, 51, 3)  # first version without the WAL-reset corruption

UNWRITABLE = frozenset({8, 10, 13})  # SQLITE_READONLY, SQLITE_IOERR, SQLITE_FULL

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL loses acknowledged commits at power loss
    "foreign_keys=ON",
    f"busy_timeout={BUSY_SECONDS * 1000}",
    "mmap_size=0",
    "trusted_schema=OFF",
    "secure_delete=ON",
)


def _unwritable(error: BaseException) -> StoreUnwritable:
    return StoreUnwritable(
        Said(
            f"数据库无法写入（{error}）：没有改动任何内容。请技术员检查磁盘空间和权限",
            f"the database cannot be written ({error}): nothing was changed; let the technician look at the disk",
        )
    )


class Store:
    """One connection to one district's database. Use it as a context manager, or call close()."""

    def __init__(self, path: Path | str, *, seal: Seal | None = None) -> None:
        """Opens (and creates) the file; the key for sealed fields lies beside it unless a Seal is given."""
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(str(path), timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if sqlite3.sqlite_version_info < FIXED_SQLITE:
            connection.execute("PRAGMA wal_autocheckpoint=0")
        self.db = Database(connection, strict=True)
        self.seal = seal or Seal.beside(self.path)

    def __enter__(self) -> "Store":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.db.conn.close()

    def settle(self) -> None:
        """Undoes what was left open, so that the connection can serve the next piece of work."""
        if self.db.conn.in_transaction:
            self.db.conn.execute("ROLLBACK")

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. BEGIN IMMEDIATE, because a deferred one fails at once when another writer was faster.

        Nested calls are savepoints. Raises StoreBusy if another writer keeps the lock for 5 seconds, StoreUnwritable
        if the disk takes nothing more.
        """
        connection = self.db.conn
        if connection.in_transaction:
            with self.db.atomic():
                yield
            return
        try:
            connection.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError as error:
            raise StoreBusy(f"the database is busy ({error}): try again in a few seconds") from error
        try:
            yield
            connection.execute("COMMIT")
        except BaseException as error:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if (
                isinstance(error, sqlite3.OperationalError)
                and getattr(error, "sqlite_errorcode", 0) & 0xFF in UNWRITABLE
            ):
                raise _unwritable(error) from error
            raise

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

    def rows(self, sql: str, params: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Rows of a SELECT (or of a write with RETURNING) as dicts; read to the end, so no snapshot stays open.

        Straight from the connection: sqlite-utils wraps each read into a savepoint, which doubles a small one's time.
        """
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
        return int(self.db.conn.execute(sql, params or {}).rowcount)

    def revision(self) -> int:
        """The counter that grows with every change that a plan depends on."""
        return int(self.value("SELECT value FROM counters WHERE name = 'planning'") or 0)

    def touch(self) -> None:
        """Call inside each write that a plan depends on: a plan built before it becomes stale."""
        self.execute("UPDATE counters SET value = value + 1 WHERE name = 'planning'")
