"""The audit log: append-only, each row bound to the one before by a keyed hash, so a changed or missing row is found.

The anchor "log" holds the number of the newest row and a signature of its hash: missing newest rows are found too. Each
backup carries that head in its name, so that a log is also held against what was there when the backup was made.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from scheduler.store.database import Store
from scheduler.store.repository import utc_text

FIRST = "0" * 64
CUT = "cut"  # the signature of a log that was found without its newest rows: no later row mends it


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


COLUMNS = ("at", "actor", "action", "object_kind", "object_id", "reason", "opened_for")


def _text(previous: str, number: int, parts: Iterable[str]) -> str:
    return "\x1f".join((previous, str(number), *parts))


class Head(NamedTuple):
    """How far the log has come: the number of the newest row, and a signature (hex) that needs the key."""

    number: int
    signature: str


def _head(store: Store, number: int, row_hash: str) -> Head:
    return Head(number, store.seal.sign(_text("head", number, (row_hash,))))


def head(store: Store) -> Head:
    """The head that was kept with the newest row; (0, "") where it is gone."""
    for row in store.rows("SELECT number, value FROM anchors WHERE name = 'log'"):
        return Head(row["number"], row["value"])
    return Head(0, "")


def record(
    store: Store, *, at: datetime, actor: str, action: str, object_kind: str, object_id: str, reason: str = "",
    opened_for: str = "",
) -> None:  # fmt: skip
    """Adds one row; inside a transaction it stands or falls with the change that it tells of.

    `opened_for` is the assignment for which its volunteer opened somebody's details, and empty for all else.
    """
    with store.transaction():
        newest, previous = _newest(store)
        last = head(store)
        number = max(newest, last.number) + 1  # removed rows leave a gap that no new row closes
        parts = (utc_text(at), actor, action, object_kind, object_id, _clean(reason), opened_for)
        made = store.seal.sign(_text(previous, number, parts))
        store.execute(
            f"""INSERT INTO audit (number, {", ".join(COLUMNS)}, previous_hash, hash)
                VALUES (:number, :{", :".join(COLUMNS)}, :previous, :hash)""",
            dict(zip(COLUMNS, parts, strict=True)) | {"number": number, "previous": previous, "hash": made},
        )
        store.execute(
            "UPDATE anchors SET number = :number, value = :signature WHERE name = 'log'",
            {
                "number": number,
                "signature": _head(store, number, made).signature if last == _head(store, newest, previous) else CUT,
            },
        )
        store.logs = True


def _newest(store: Store) -> tuple[int, str]:
    for row in store.rows("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1"):
        return row["number"], row["hash"]
    return 0, FIRST


def broken_row(store: Store) -> int | None:
    """The number of the first row that was changed, removed or inserted; None if the log is whole."""
    expected, previous = 1, FIRST
    with store.snapshot():
        for row in store.rows("SELECT * FROM audit ORDER BY number"):
            text = _text(previous, row["number"], (row[column] for column in COLUMNS))
            if row["number"] != expected or row["hash"] != store.seal.sign(text):
                return expected
            expected, previous = expected + 1, row["hash"]
        return None if head(store) == _head(store, expected - 1, previous) else expected


def head_stands(store: Store) -> bool:
    """Whether the newest row is the one that was written last: quick, and finds newest rows that were removed."""
    with store.snapshot():
        return head(store) == _head(store, *_newest(store))


def reaches(store: Store, number: int, signature: str) -> bool:
    """Whether the log still holds the row that was its head once; `signature` may be the beginning of it."""
    if number == 0:
        return True
    found = store.value("SELECT hash FROM audit WHERE number = :number", {"number": number})
    return found is not None and _head(store, number, found).signature.startswith(signature)


def adopt(store: Store) -> None:
    """Signs a log whose rows have plain hashes, as far as it is whole.

    Call inside the transaction that migrates. A log that was broken before gets no head and stays broken at that row.
    """
    expected, plain, previous = 1, FIRST, FIRST
    for row in store.rows("SELECT * FROM audit ORDER BY number"):
        parts = [row[column] for column in COLUMNS]
        if (row["number"], row["hash"]) != (expected, _plain_hash(plain, expected, parts[:-1])):
            break
        signed = store.seal.sign(_text(previous, expected, parts))
        store.execute(
            "UPDATE audit SET previous_hash = :previous, hash = :hash WHERE number = :number",
            {"previous": previous, "hash": signed, "number": expected},
        )
        expected, plain, previous = expected + 1, row["hash"], signed
    else:
        store.execute(
            "INSERT INTO anchors VALUES ('log', :number, :signature)", _head(store, expected - 1, previous)._asdict()
        )


def append_only(store: Store) -> None:
    """Lets nobody change or remove a row any more. Call inside the transaction that migrates."""
    for trigger in APPEND_ONLY:
        store.execute(trigger)


def _plain_hash(previous: str, number: int, parts: Iterable[str]) -> str:
    return hashlib.sha256(_text(previous, number, parts).encode()).hexdigest()


APPEND_ONLY = tuple(
    f"""CREATE TRIGGER IF NOT EXISTS audit_{name} BEFORE {event} BEGIN
            SELECT RAISE(ABORT, 'the audit log is append-only'); END"""
    for name, event in (
        ("unchanged", "UPDATE ON audit"),
        ("kept", "DELETE ON audit"),
        ("appended", "INSERT ON audit WHEN NEW.number <= (SELECT max(number) FROM audit)"),  # also by OR REPLACE
    )
)


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
