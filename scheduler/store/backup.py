"""Copies of a running database: whole, checked, dated; and putting one back."""

import os
import re
import shutil
from contextlib import closing, suppress
from datetime import datetime
from pathlib import Path

from scheduler.errors import InputError, KeyWrong, StoreBusy
from scheduler.localized import LocalizedText
from scheduler.localtime import LOCAL
from scheduler.store import audit
from scheduler.store.database import KEY_CHECK, TOLD, Store
from scheduler.store.in_use import alone
from scheduler.store.sealed import Seal, flush, key_path
from scheduler.store.sqlite import sqlite3

PAGES = 2000  # copied at a time, so that writers wait only moments
SIGNED = 16  # digits of the log's signature in a name
NAME = r"-\d{8}-\d{6}(?:-log(?P<number>\d+)-(?P<signature>[0-9a-f]+))?\.db"


PHONES = """SELECT phone, 'volunteers.phone' FROM volunteers WHERE phone <> ''
            UNION ALL SELECT phone, 'recipients.phone' FROM recipients WHERE phone <> ''"""


def back_up(store: Store, folder: Path, *, now: datetime, keep: int, with_key: bool = False) -> Path:
    """A checked copy of the database in the folder, and of its key if wished; older copies beyond `keep` are removed.

    Its name tells how far the audit log had come, so that a log that was cut short later is found out. The copy gets
    the name only when it is complete, so a listed backup is a good one. Raises StoreBusy if it is not.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    name = f"{store.path.stem}-{_stamp(now)}"
    made = copied(store.path, folder / f"{name}.new.db")
    target = folder / f"{name}{_head_of(made)}.db"
    if with_key:
        put(key_path(store.path), key_path(target))
    os.replace(made, target)
    flush(folder)
    for old in backups_in(folder, store.path.stem)[keep:]:
        key_path(old).unlink(missing_ok=True)
        old.unlink()
    return target


def copied(database: Path, target: Path) -> Path:
    """A checked copy of a database as last committed, for its owner's eyes only, on disk when this returns."""
    partial = target.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_CREAT | os.O_EXCL, 0o600))
    with TOLD:
        source, copy = sqlite3.connect(str(database)), sqlite3.connect(str(partial))
        try:
            source.backup(copy, pages=PAGES)
            copy.execute("PRAGMA journal_mode=DELETE")
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        finally:
            copy.close()
            source.close()
    if verdict != "ok":
        partial.unlink()
        raise StoreBusy(
            LocalizedText(
                "the backup is not sound (%(verdict)s) and was thrown away: check the disk, then try again",
                verdict=verdict,
            )
        )
    flush(partial)
    os.replace(partial, target)
    flush(target.parent)
    return target


def backups_in(folder: Path, stem: str) -> list[Path]:
    """The backups of a database, newest first; of no other one whose name begins alike."""
    ours = re.compile(re.escape(stem) + NAME)
    return sorted((path for path in folder.glob("*.db") if ours.fullmatch(path.name)), reverse=True)


def missing_from_log(store: Store, folder: Path) -> Path | None:
    """The newest backup whose head of the audit log the database no longer has; None if it has them all."""
    for backup in backups_in(folder, store.path.stem):
        found = re.search(NAME, backup.name)
        if found and found["number"] and not audit.reaches(store, int(found["number"]), found["signature"]):
            return backup
    return None


def restore(backup: Path, database: Path, *, now: datetime, key: Path | None = None) -> Path | None:
    """Puts a backup in the place of a database that nobody uses; returns where the old one was put aside.

    `key` is its key file; otherwise the one beside the backup or the one beside the database must fit. Given the
    database itself, what is left of it is taken as it is. Raises InputError if the file is no sound database of ours,
    or if somebody uses the database; KeyWrong or KeyMissing if no key fits. In all these cases nothing is changed.
    """
    with alone(database):
        _require_sound(backup)
        fitting = _fitting_key(backup, [key] if key else [key_path(backup), key_path(database)])
        if database.exists() and backup.samefile(database):
            return None
        made = copied(backup, database.with_suffix(".restoring.db"))
        aside = _put_aside(database, now) if database.exists() else None
        if fitting and fitting != key_path(database):
            put(fitting, key_path(database))
        os.replace(made, database)
        flush(database.parent)
    return aside


def _put_aside(database: Path, now: datetime) -> Path:
    """The database under another name, with its log and its key; it stays in its place until it is replaced."""
    aside = database.with_suffix(f".before-restore-{_stamp(now)}.db")
    wal, shm = Path(f"{database}-wal"), Path(f"{database}-shm")
    with suppress(sqlite3.DatabaseError), closing(sqlite3.connect(str(database))) as old:
        old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    os.link(database, aside)
    if key_path(database).exists():
        put(key_path(database), key_path(aside))
    if wal.exists():  # the old database is damaged: what its log holds stays with it
        os.replace(wal, f"{aside}-wal")
    shm.unlink(missing_ok=True)
    return aside


def _fitting_key(backup: Path, candidates: list[Path]) -> Path | None:
    """The first of the key files that opens what the backup has sealed; None where nothing is sealed."""
    with _opened(backup) as copy:
        try:
            sealed = copy.execute(
                "SELECT value, :field FROM anchors WHERE name = 'key'", {"field": KEY_CHECK}
            ).fetchall()
        except sqlite3.OperationalError:  # from before databases knew their key
            sealed = copy.execute(PHONES).fetchall()
    wrong: KeyWrong | None = None
    for path in candidates:
        try:
            if any(Seal.read(path).opens(*value) for value in sealed):
                return path
        except KeyWrong as error:
            wrong = wrong or error
    if not sealed:
        return None
    raise KeyWrong(
        LocalizedText(
            "no key fits the backup %(backup)s (tried %(candidates)s): nothing was changed; name its "
            "key file with --key",
            backup=backup,
            candidates=map(str, candidates),
        )
    ) from wrong


def _opened(backup: Path) -> "closing[sqlite3.Connection]":
    return closing(sqlite3.connect(f"{backup.resolve().as_uri()}?mode=ro", uri=True))


def remove(database: Path) -> None:
    """Removes a database and its key, if they are there. Raises InputError if they are in use or cannot be removed."""
    with alone(database):
        for suffix in (".db", ".db-wal", ".db-shm", ".key"):
            try:
                database.with_suffix(suffix).unlink(missing_ok=True)
            except OSError as error:
                raise InputError(
                    LocalizedText("%(path)s cannot be removed (%(strerror)s)", path=database, strerror=error.strerror)
                ) from error


def _stamp(now: datetime) -> str:
    return f"{now.astimezone(LOCAL):%Y%m%d-%H%M%S}"


def _require_sound(backup: Path) -> None:
    with _opened(backup) as copy:
        try:
            verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
            copy.execute("SELECT 1 FROM plans LIMIT 1")
        except sqlite3.DatabaseError as error:
            raise InputError(
                LocalizedText(
                    "%(backup)s: no backup of Yidu (%(error)s); choose another file", backup=backup, error=error
                )
            ) from error
    if verdict != "ok":
        raise InputError(
            LocalizedText("%(backup)s: damaged (%(verdict)s); choose an older backup", backup=backup, verdict=verdict)
        )


def _head_of(copy: Path) -> str:
    """How far the audit log of a copy had come, as a part of its name."""
    with _opened(copy) as opened:
        found = opened.execute("SELECT number, value FROM anchors WHERE name = 'log'").fetchone()
    return f"-log{found[0]}-{found[1][:SIGNED]}" if found else ""


def put(source: Path, target: Path) -> None:
    """A copy of a file for its owner's eyes only, complete and on disk when it gets its name."""
    partial = target.with_name(f"{target.name}.partial")
    partial.unlink(missing_ok=True)
    with (
        source.open("rb") as found,
        os.fdopen(os.open(partial, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as made,
    ):
        shutil.copyfileobj(found, made)
        made.flush()
        os.fsync(made.fileno())
    os.replace(partial, target)
    flush(target.parent)


def private(path: Path) -> None:
    """Takes a file of ours out of the sight of other users of the machine."""
    if path.exists() and path.stat().st_uid == os.geteuid():
        path.chmod(path.stat().st_mode & 0o700)
