"""The audit log: append-only, each row sealed to the one before by a hash, so a changed or missing row is found."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from scheduler.store.database import Store
from scheduler.store.repository import utc_text

FIRST = "0" * 64


@dataclass(frozen=True, slots=True)
class AuditRow:
    """Who did what to which object, when and why. Holds no values of the object itself."""

    number: int
    at: datetime
    actor: str
    action: str
    object_kind: str
    object_id: str
    reason: str


def _clean(text: str) -> str:
    return " ".join(text.split())  # one line: a line break in a reason cannot fake a row in an exported log


def _hash(previous: str, number: int, *parts: str) -> str:
    return hashlib.sha256("\x1f".join((previous, str(number), *parts)).encode()).hexdigest()


def record(
    store: Store, *, at: datetime, actor: str, action: str, object_kind: str, object_id: str, reason: str = ""
) -> None:
    """Adds one row; inside a transaction it stands or falls with the change that it tells of."""
    with store.transaction():
        last = store.rows("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1")
        number, previous = (last[0]["number"] + 1, last[0]["hash"]) if last else (1, FIRST)
        parts = (utc_text(at), actor, action, object_kind, object_id, _clean(reason))
        store.execute(
            """INSERT INTO audit VALUES (:number, :at, :actor, :action, :kind, :object, :reason, :previous, :hash)""",
            dict(zip(("at", "actor", "action", "kind", "object", "reason"), parts, strict=True))
            | {"number": number, "previous": previous, "hash": _hash(previous, number, *parts)},
        )


def broken_row(store: Store) -> int | None:
    """The number of the first row that was changed, removed or inserted; None if the log is whole."""
    expected, previous = 1, FIRST
    for row in store.rows("SELECT * FROM audit ORDER BY number"):
        parts = (row["at"], row["actor"], row["action"], row["object_kind"], row["object_id"], row["reason"])
        if row["number"] != expected or row["hash"] != _hash(previous, row["number"], *parts):
            return expected
        expected, previous = expected + 1, row["hash"]
    return None


def history(store: Store, object_kind: str, object_id: str, *, limit: int = 50) -> list[AuditRow]:
    """The newest rows about one object, newest first."""
    return _rows(store, "object_kind = :kind AND object_id = :id", {"kind": object_kind, "id": object_id}, limit, 0)


CONTAINS = "instr(actor || ' ' || action || ' ' || object_kind || ' ' || object_id || ' ' || reason, :text) > 0"


def newest(store: Store, *, text: str = "", limit: int = 50, offset: int = 0) -> list[AuditRow]:
    """The newest rows whose actor, action, object or reason contains a text, newest first."""
    return _rows(store, CONTAINS, {"text": text}, limit, offset)


def count(store: Store, *, text: str = "") -> int:
    """How many rows contain a text."""
    return int(store.value(f"SELECT count(*) FROM audit WHERE {CONTAINS}", {"text": text}))


def _rows(store: Store, condition: str, params: dict[str, str], limit: int, offset: int) -> list[AuditRow]:
    sql = f"""SELECT number, at, actor, action, object_kind, object_id, reason FROM audit
              WHERE {condition} ORDER BY number DESC LIMIT {int(limit)} OFFSET {int(offset)}"""
    return [AuditRow(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in store.rows(sql, params)]


def history_of_slot(store: Store, slot_id: str, *, limit: int = 50) -> list[AuditRow]:
    """The newest rows about a slot or an assignment on it, newest first."""
    condition = """(object_kind = 'slot' AND object_id = :id) OR (object_kind = 'assignment' AND object_id IN
                   (SELECT id FROM assignments WHERE slot_id = :id))"""
    return _rows(store, condition, {"id": slot_id}, limit, 0)
