"""Copies of a running database: whole, checked, dated; and putting one back."""

import os
import shutil
from datetime import datetime
from pathlib import Path

from scheduler.errors import InputError, StoreBusy
from scheduler.localtime import LOCAL
from scheduler.store.database import Store
from scheduler.store.sqlite import sqlite3
from scheduler.words import Said

PAGES = 2000  # copied at a time, so that writers wait only moments


def back_up(store: Store, folder: Path, *, now: datetime, keep: int) -> Path:
    """A checked copy of the database and its key file in the folder; older copies beyond `keep` are removed.

    The copy gets its name only when it is complete, so a listed backup is a good one. Raises StoreBusy if it is not.
    """
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    target = folder / f"{store.path.stem}-{now.astimezone(LOCAL):%Y%m%d-%H%M%S}.db"
    partial = target.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    copy = sqlite3.connect(str(partial))
    try:
        store.db.conn.backup(copy, pages=PAGES)
        copy.execute("PRAGMA journal_mode=DELETE")
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
    finally:
        copy.close()
    if verdict != "ok":
        partial.unlink()
        raise StoreBusy(
            Said(
                f"备份不完好({verdict})，已丢弃：请检查磁盘后再试",
                f"the backup is not sound ({verdict}) and was thrown away: check the disk, then try again",
            )
        )
    os.chmod(partial, 0o600)
    _flush(partial)
    key = store.path.with_suffix(".key")
    if key.exists():
        shutil.copy2(key, target.with_suffix(".key"))
    os.replace(partial, target)
    _flush(folder)
    for old in backups_in(folder, store.path.stem)[keep:]:
        old.with_suffix(".key").unlink(missing_ok=True)
        old.unlink()
    return target


def backups_in(folder: Path, stem: str) -> list[Path]:
    """The backups of a database, newest first."""
    return sorted(folder.glob(f"{stem}-*.db"), reverse=True)


def restore(backup: Path, database: Path) -> Path | None:
    """Puts a backup (and its key) in the place of a database that nobody uses; returns where the old one was moved.

    Raises InputError if the file is no sound database of ours.
    """
    _require_sound(backup)
    aside = None
    if database.exists():
        aside = database.with_suffix(".before-restore.db")
        for suffix in ("-wal", "-shm"):
            wal = Path(f"{database}{suffix}")
            if wal.exists():
                os.replace(wal, f"{aside}{suffix}")
        os.replace(database, aside)
    partial = database.with_suffix(".partial")
    database.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy2(backup, partial)
    _flush(partial)
    key = backup.with_suffix(".key")
    if key.exists():
        shutil.copy2(key, database.with_suffix(".key"))
    os.replace(partial, database)
    _flush(database.parent)
    return aside


def _require_sound(backup: Path) -> None:
    copy = sqlite3.connect(f"file:{backup}?mode=ro", uri=True)
    try:
        verdict = copy.execute("PRAGMA integrity_check").fetchone()[0]
        copy.execute("SELECT 1 FROM plans LIMIT 1")
    except sqlite3.DatabaseError as error:
        raise InputError(
            Said(
                f"{backup}：不是一度的备份({error})，请选别的文件",
                f"{backup}: no backup of Yidu ({error}); choose another file",
            )
        ) from error
    finally:
        copy.close()
    if verdict != "ok":
        raise InputError(
            Said(
                f"{backup}：已损坏({verdict})，请选更早的备份", f"{backup}: damaged ({verdict}); choose an older backup"
            )
        )


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
