"""The ledger of imports, with what it takes to undo each."""

import gzip
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from scheduler.errors import IllegalMove
from scheduler.localized import LocalizedText, Word
from scheduler.store.database import Store
from scheduler.store.repository import not_found, utc_text
from scheduler.store.sqlite import sqlite3


@dataclass(frozen=True, slots=True)
class ImportRecord:
    """One confirmed import. `counts`: sheet → kind of change → rows."""

    id: str
    filename: str
    imported_by: str
    imported_at: datetime
    state: str  # "done" or "undone"
    counts: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True)
class Step:
    """How to take one write back: the row before (None: it was new) and the revision that the import gave it."""

    table: str
    id: str
    before: dict[str, Any] | None
    revision: int | None


def add_import(store: Store, record: ImportRecord, steps: list[Step]) -> None:
    """Stores the record and, compressed, its steps; sealed fields stay sealed in them."""
    plain = [[step.table, step.id, step.before, step.revision] for step in steps]
    store.db.table("imports").insert(
        {
            "id": record.id,
            "filename": record.filename,
            "imported_by": record.imported_by,
            "imported_at": utc_text(record.imported_at),
            "state": record.state,
            "counts": json.dumps(record.counts),
            "undo": gzip.compress(json.dumps(plain, ensure_ascii=False).encode(), mtime=0),
        }
    )


def find_import(store: Store, import_id: str) -> tuple[ImportRecord, list[Step]]:
    """The record and its steps. Raises NotFound."""
    for row in store.rows("SELECT * FROM imports WHERE id = :id", {"id": import_id}):
        return _record(row), [Step(*step) for step in json.loads(gzip.decompress(row["undo"]))]
    raise not_found("imports", import_id)


def was_imported(store: Store, import_id: str) -> bool:
    """Whether an import with this id was written, undone since or not."""
    return bool(store.value("SELECT 1 FROM imports WHERE id = :id", {"id": import_id}))


def _record(row: dict[str, Any]) -> ImportRecord:
    return ImportRecord(
        row["id"],
        row["filename"],
        row["imported_by"],
        datetime.fromisoformat(row["imported_at"]),
        row["state"],
        json.loads(row["counts"]),
    )


def mark_undone(store: Store, import_id: str) -> None:
    store.execute("UPDATE imports SET state = 'undone' WHERE id = :id", {"id": import_id})


def take_back_all(store: Store, steps: list[Step]) -> None:
    """Restores the rows of all steps, last one first; call inside a transaction.

    Raises IllegalMove if one was changed since, or is in use by now.
    """
    for step in steps:
        if step.table == "pairs":  # two that had swapped their ranks would collide on the way back
            store.execute("UPDATE pairs SET state = 'ended' WHERE id = :id", {"id": step.id})
    for step in reversed(steps):
        _take_back(store, step)


def _take_back(store: Store, step: Step) -> None:
    now = next(iter(store.rows(f"SELECT * FROM {step.table} WHERE id = :id", {"id": step.id})), None)
    if step.revision is not None and (now is None or now["revision"] != step.revision):
        name = now.get("code", step.id) if now else step.id
        raise IllegalMove(
            LocalizedText(
                "%(table)s %(name)s was changed after the import: it can no longer be undone as a whole",
                table=Word("tables", step.table),
                name=name,
            )
        )
    try:
        if step.before is None:
            if step.table == "needs":
                store.execute("DELETE FROM slots WHERE need_id = :id", {"id": step.id})
            store.execute(f"DELETE FROM {step.table} WHERE id = :id", {"id": step.id})
        elif now is None:
            store.db.table(step.table).insert(step.before)
        else:
            row = step.before | ({"revision": now["revision"] + 1} if "revision" in step.before else {})
            sets = ", ".join(f'"{column}" = :{column}' for column in row if column != "id")
            store.execute(f"UPDATE {step.table} SET {sets} WHERE id = :id", row)
    except sqlite3.IntegrityError as error:
        code = now.get("code", step.id) if now else step.id
        raise IllegalMove(
            LocalizedText(
                "%(table)s %(code)s is in use (planned, paired or with an account): it can no longer be "
                "removed; cancel or deactivate it on its own page",
                table=Word("tables", step.table),
                code=code,
            )
        ) from error
