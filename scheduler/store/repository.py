"""Dataclass ↔ row, once for all aggregates."""

import json
import types
from collections.abc import Callable, Iterable
from dataclasses import fields, is_dataclass, replace
from datetime import UTC, date, datetime
from enum import Enum
from functools import cache
from typing import Any, Generic, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from scheduler.errors import NotFound, StaleWrite
from scheduler.localized import LocalizedText, Word
from scheduler.model.people import UNREADABLE
from scheduler.store.database import Store
from scheduler.store.sqlite import sqlite3

T = TypeVar("T")
BATCH = 500  # rows a statement, below SQLite's limit of bound values


def utc_text(moment_at: datetime) -> str:
    """ISO text of an aware moment in UTC, to the second; sorts as the time does."""
    return moment_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def among(column: str, ids: Iterable[str]) -> tuple[str, dict[str, Any]]:
    """A condition and its values: the column is one of these, however many they are."""
    return f"{column} IN (SELECT value FROM json_each(:ids))", {"ids": json.dumps(sorted(ids))}


def _plain(value: Any) -> Any:
    """JSON-ready form of anything a model field may hold; sets are sorted so that equal values give equal text."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return utc_text(value)
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {f.name: _plain(getattr(value, f.name)) for f in fields(value)}
    if isinstance(value, frozenset | set):
        return sorted(_plain(v) for v in value)
    if isinstance(value, tuple | list):
        return [_plain(v) for v in value]
    if isinstance(value, dict):
        return {str(k): _plain(v) for k, v in value.items()}
    return value


def _as_it_is(value: Any) -> Any:
    return value


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """What turns a stored value into the type of an annotation: the inverse of _plain."""
    origin, args = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        inner = _reader(next(a for a in args if a is not type(None)))
        return lambda value: None if value is None else inner(value)
    if origin is tuple and len(args) == 2 and args[1] is not Ellipsis:
        first, second = (_reader(a) for a in args)
        return lambda value: (first(value[0]), second(value[1]))
    if origin in (frozenset, tuple):
        each = _reader(args[0])
        return lambda value: origin(map(each, value))
    if origin is dict:
        each = _reader(args[1])
        return lambda value: {k: each(v) for k, v in value.items()}
    if kind is datetime:
        return datetime.fromisoformat
    if kind is date:
        return date.fromisoformat
    if kind is bool:
        return bool
    if isinstance(kind, type) and issubclass(kind, Enum):
        return cast(Callable[[Any], Any], {member.value: member for member in kind}.__getitem__)
    if is_dataclass(kind):
        readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}
        return lambda value: cast(Callable[..., Any], kind)(**{k: readers[k](v) for k, v in value.items()})
    return _as_it_is


def _is_json(kind: Any) -> bool:
    return get_origin(kind) in (frozenset, tuple, dict)


@cache
def _columns(cls: Any) -> tuple[tuple[str, Callable[[Any], Any], bool, bool], ...]:
    """Name, reader, whether stored as JSON, whether sealed, of each field."""
    hints = get_type_hints(cls)
    return tuple(
        (f.name, _reader(hints[f.name]), _is_json(hints[f.name]), bool(f.metadata.get("sealed")))
        for f in fields(cast(Any, cls))
    )


def not_found(table: str, key: str) -> NotFound:
    """An error that names what is not there: it was removed, or the address is wrong."""
    return NotFound(
        LocalizedText(
            "there is no %(thing)s '%(key)s': perhaps it was removed, look at the list again",
            thing=Word("tables", table),
            key=key,
        )
    )


class Repository(Generic[T]):
    """One table of one dataclass; columns are named as its fields; `blind` fields have an index column besides."""

    def __init__(self, table: str, cls: type[T], *, key: str = "id", blind: tuple[str, ...] = ()) -> None:
        self.table, self.cls, self.key, self.blind = table, cls, key, blind

    def to_row(self, store: Store, item: T) -> dict[str, Any]:
        """The columns as they are stored, without those that could not be read: what is sealed in them stays."""
        row: dict[str, Any] = {}
        for name, _, as_json, sealed in _columns(cast(Any, self.cls)):
            value = _plain(getattr(item, name))
            if sealed and value == UNREADABLE:  # as it was read, or as it came back from a form
                continue
            if name in self.blind:
                row[f"{name}_index"] = store.seal.blind(value)
            if sealed:
                value = store.seal.close(value, f"{self.table}.{name}")
            elif as_json:
                value = json.dumps(value, ensure_ascii=False, sort_keys=True)
            elif isinstance(value, bool):
                value = int(value)
            row[name] = value
        return row

    def from_row(self, store: Store, row: dict[str, Any]) -> T:
        values: dict[str, Any] = {}
        for name, read, as_json, sealed in _columns(cast(Any, self.cls)):
            value = row[name]
            if sealed:
                value = store.seal.open(value, f"{self.table}.{name}")
            elif as_json:
                value = json.loads(value)
            values[name] = value if read is _as_it_is else read(value)
        return self.cls(**values)

    def where(self, store: Store, condition: str = "1", params: dict[str, Any] | None = None) -> list[T]:
        """Objects whose row meets a SQL condition (may end in ORDER BY / LIMIT), values bound by name."""
        return [self.from_row(store, r) for r in store.rows(f"SELECT * FROM {self.table} WHERE {condition}", params)]

    def find(self, store: Store, key: str) -> T | None:
        return next(iter(self.where(store, f"{self.key} = :key", {"key": key})), None)

    def get(self, store: Store, key: str) -> T:
        """Raises NotFound."""
        found = self.find(store, key)
        if found is None:
            raise not_found(self.table, key)
        return found

    def by(self, store: Store, **values: Any) -> list[T]:
        """Objects whose columns equal the given values."""
        condition = " AND ".join(f"{column} = :{column}" for column in values) or "1"
        return self.where(store, condition, {column: _plain(value) for column, value in values.items()})

    def add(self, store: Store, item: T) -> T:
        self.add_all(store, [item])
        return item

    def add_all(self, store: Store, items: Iterable[T]) -> None:
        """Adds new objects. Raises StaleWrite where one with the same key or code was added meanwhile."""
        try:
            store.db.table(self.table).insert_all((self.to_row(store, i) for i in items), batch_size=BATCH)
        except sqlite3.IntegrityError as error:
            if "UNIQUE" not in str(error):
                raise
            raise StaleWrite(
                LocalizedText(
                    "the same %(thing)s was added by somebody else meanwhile: load the page again",
                    thing=Word("tables", self.table),
                )
            ) from error

    def save(self, store: Store, item: T) -> T:
        """Writes every column of an object that was read at `item.revision`; returns it with the next revision.

        Raises StaleWrite if somebody wrote it meanwhile.
        """
        read = getattr(item, "revision")  # noqa: B009 - T has no static revision
        newer = cast(T, replace(cast(Any, item), revision=read + 1))
        row = self.to_row(store, newer)
        sets = ", ".join(f"{c} = :{c}" for c in row if c != self.key)
        touched = store.execute(
            f"UPDATE {self.table} SET {sets} WHERE {self.key} = :{self.key} AND revision = :_read",
            {**row, "_read": read},
        )
        if not touched:
            raise StaleWrite(
                LocalizedText(
                    "this %(thing)s was changed by somebody else meanwhile: load it again",
                    thing=Word("tables", self.table),
                )
            )
        return newer

    def put(self, store: Store, item: T) -> T:
        """Writes the object whatever stands there, for tables without revision."""
        store.db.table(self.table).upsert(self.to_row(store, item), pk=self.key)
        return item

    def remove(self, store: Store, key: str) -> None:
        store.execute(f"DELETE FROM {self.table} WHERE {self.key} = :key", {"key": key})
