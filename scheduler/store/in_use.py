"""Who has a database open, and how far its log had come: one small file beside it, `NAME.lock`.

Every connection holds the file with a shared lock, kill -9 frees it; whoever puts another database in its place wants
it alone. The file also keeps the number of the newest entry of the audit log. It is written after each commit, so it
never runs ahead of the database: a database that lies behind it has lost confirmed entries (SQLite drops the end of a
write-ahead log with a flipped bit without a word).
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from scheduler.errors import InputError, StoreBusy, StoreUnwritable
from scheduler.localized import LocalizedText

DIGITS = 20


class InUse:
    """One shared hold of a database's file; call close() to let go."""

    def __init__(self, database: Path) -> None:
        """Raises StoreBusy while somebody has the database alone, StoreUnwritable if the file is somebody else's."""
        self.database = database
        self._handle = _opened(lock_path(database), database)
        if self._handle is None:
            return
        try:
            fcntl.flock(self._handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError as error:
            self.close()
            raise StoreBusy(
                LocalizedText(
                    "a backup is being put in the place of %(database)s: try again in a while", database=database
                )
            ) from error

    def close(self) -> None:
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def logged(self) -> int:
        """The number of the newest entry that is known to be committed; 0 if none is known."""
        return self._noted()[0]

    def must_hold(self) -> int:
        """The number of the newest entry that the database must have; ask before it is opened.

        0 where a person has put another file in its place: no write-ahead log, and not the file of the last commit.
        """
        number, changed_ns = self._noted()
        wal = Path(f"{self.database}-wal")
        same = self.database.exists() and self.database.stat().st_mtime_ns == changed_ns
        return number if same or (wal.exists() and wal.stat().st_size) else 0

    def note(self, number: int) -> None:
        """The newest entry is this one."""
        if self._handle is not None:
            text = f"{number:0{DIGITS}d} {self.database.stat().st_mtime_ns:0{DIGITS}d}"
            with suppress(OSError):  # a full disk: the number stays behind, which harms nothing
                os.pwrite(self._handle, text.encode(), 0)

    def _noted(self) -> tuple[int, int]:
        text = os.pread(self._handle, 2 * DIGITS + 1, 0) if self._handle is not None else b""
        number, _, changed_ns = text.decode("ascii", "replace").partition(" ")
        return (int(number), int(changed_ns)) if number.isdecimal() and changed_ns.isdecimal() else (0, 0)


def lock_path(database: Path) -> Path:
    return database.with_suffix(".lock")


@contextmanager
def alone(database: Path) -> Iterator[None]:
    """Nobody else has the database open meanwhile, and none can open it. Raises InputError if somebody has it open.

    What the log had come to is forgotten: another database stands there afterwards.
    """
    database.parent.mkdir(parents=True, exist_ok=True)
    handle = _opened(lock_path(database), database)
    if handle is None:
        raise StoreUnwritable(
            LocalizedText("the folder of %(database)s cannot be written: check its mode", database=database)
        )
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise InputError(
                LocalizedText(
                    "%(database)s is in use: stop 'yidu serve', 'yidu scheduler' and other commands of yidu "
                    "first, then try again",
                    database=database,
                )
            ) from error
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _opened(path: Path, database: Path) -> int | None:
    """A handle of the file; None for a reader who may not write the database either and so can lose nothing."""
    try:
        return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        if database.exists() and not os.access(database, os.W_OK):
            return None
        raise StoreUnwritable(
            LocalizedText(
                "%(path)s cannot be opened (%(strerror)s): let the technician look at its owner and mode",
                path=path,
                strerror=error.strerror,
            )
        ) from error
