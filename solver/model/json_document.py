"""JSON documents: read from and written to files, and taken apart field by field with one clear line for a misfit."""

from __future__ import annotations

import gzip
import json
import sys
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeGuard

from solver.model.problem import Place, ProblemError

Json = dict[str, Any]
LARGEST = sys.float_info.max
GZIP = b"\x1f\x8b"  # the first two bytes of every gzip file (RFC 1952)


def load_document(path: str | Path, error: type[ValueError]) -> object:
    """The parsed JSON of a file, gzipped or not, whatever its name; raises `error`, one line, if it is not JSON."""
    content = Path(path).read_bytes()
    try:
        text = (gzip.decompress(content) if content.startswith(GZIP) else content).decode()
        document = json.loads(text)
        if "\\u" in text:  # half of a character in two halves is JSON, but can never be written again
            json.dumps(document, ensure_ascii=False).encode()
    except (ValueError, gzip.BadGzipFile, zlib.error, EOFError, RecursionError) as problem:
        raise error(f"{path}: not a JSON file ({problem})") from problem
    return document


def save_document(document: Json, path: str | Path) -> None:
    """Write a document as JSON, gzipped if the name ends in `.gz` (no time stamp: equal content, equal bytes)."""
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    if str(path).endswith(".gz"):
        Path(path).write_bytes(gzip.compress(text.encode(), mtime=0))
    else:
        Path(path).write_text(text, encoding="utf-8")


class Fields:
    """One JSON object, read field by field; whatever is left over at the end is refused."""

    def __init__(self, name: str, found: object, known: str) -> None:
        if not isinstance(found, Mapping):
            raise ProblemError(f"{name} is {short(found)}, expected an object")
        unknown = sorted(set(found) - set(known.split()))
        if unknown:
            raise ProblemError(f"{name}: unknown field {unknown[0]!r}, expected one of {', '.join(known.split())}")
        self.name, self.found = name, found

    def fail(self, field: str, expected: str) -> ProblemError:
        if field not in self.found:
            return ProblemError(f"{self.name}: {field} is missing, expected {expected}")
        return ProblemError(f"{self.name}: {field} is {short(self.found[field])}, expected {expected}")

    def text(self, field: str) -> str:
        value = self.found.get(field)
        if not isinstance(value, str):
            raise self.fail(field, "text")
        return value

    def whole(self, field: str, default: int | None = None) -> int:
        value = self.found.get(field, default)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.fail(field, "a whole number")
        return value

    def limit(self, field: str) -> int | None:
        return None if self.found.get(field) is None else self.whole(field)

    def number(self, field: str, default: float | None = None) -> float:
        value = self.found.get(field, default)
        if not is_number(value):
            raise self.fail(field, "a number")
        return value

    def flag(self, field: str) -> bool:
        value = self.found.get(field, False)
        if not isinstance(value, bool):
            raise self.fail(field, "true or false")
        return value

    def rows(self, field: str, *, required: bool = False) -> list[Any]:
        value = self.found.get(field, None if required else [])
        if not isinstance(value, list):
            raise self.fail(field, "a list")
        return value

    def names(self, field: str, *, required: bool = False) -> frozenset[str]:
        value = self.rows(field, required=required)
        if not all(isinstance(x, str) for x in value):
            raise self.fail(field, "a list of texts")
        return frozenset(value)

    def place(self, field: str, default: Place | None = None) -> Place | None:
        if field not in self.found:
            return default
        value = self.found[field]
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool):
            return value
        if isinstance(value, list) and len(value) == 2 and all(is_number(x) for x in value):
            return (value[0], value[1])
        raise self.fail(field, "[latitude, longitude], a matrix row or null")


def title(kind: str, row: object, number: int) -> str:
    """What an error calls a row: its id if it has one, else its number."""
    name = row.get("id") if isinstance(row, Mapping) else None
    return f"{kind} {name}" if isinstance(name, str) else f"{kind} number {number}"


def is_number(found: object) -> TypeGuard[int | float]:
    """Whether it is a number that a double can hold."""
    return isinstance(found, int | float) and not isinstance(found, bool) and abs(found) <= LARGEST


def short(found: object) -> str:
    """A found value, short enough for one line."""
    text = repr(found)
    return text if len(text) <= 60 else text[:57] + "..."
