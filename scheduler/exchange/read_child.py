"""Reads one .xlsx or .csv file into texts, inside a process with little memory and time.

Usage: python -m scheduler.exchange.read_child FILE; standard input may hold known headers of columns, one a line.
Prints one JSON object: {"sheets": [{"name", "rows", "broken"}]} where `broken` lists cells [row, column, what]
(numbered from 1) whose value cannot be trusted, or {"refused": [sentence, values]}. It imports nothing of ours but its
two neighbours, so that it starts fast and a file that breaks it breaks nothing else (see reading.py).
"""

import io
import json
import re
import resource
import stat
import sys
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from typing import Any

from scheduler.exchange.read_csv import read_csv
from scheduler.exchange.read_limits import FIELD, Refused, check_area, check_size

MEMORY = 512 * 1024 * 1024
SECONDS = 20
INFLATED = 50 * 1024 * 1024
RATIO, SMALL = 100, 1024 * 1024  # the ratio counts once more than SMALL bytes came out
ENTRIES = 200
SHEETS = 40
TEXT = 5_000_000  # characters in all cells together
CHUNK = 64 * 1024
CELL = re.compile(rb'<(?:\w+:)?c\s([^>]*?r="([A-Z]{1,3})(\d{1,7})"[^>]*)>\s*(<(?:\w+:)?f[\s>/])?')
ERROR_TYPE = re.compile(rb'\bt="e"')
Cells = list[list[str]]


def read(data: bytes, headers: frozenset[str] = frozenset()) -> list[dict[str, Any]]:
    """The sheets of a file by its first bytes; `headers` help to tell how a CSV is divided. Raises Refused."""
    if data.startswith(b"PK\x03\x04"):
        return read_workbook(data)
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise Refused("an old .xls or an encrypted workbook: save it as .xlsx")
    return [{"name": "", "rows": read_csv(data, headers), "broken": []}]


def read_workbook(data: bytes) -> list[dict[str, Any]]:
    """Sheets of an .xlsx, after every part was inflated once under count. Raises Refused."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = _inspected(archive, len(data))
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError, zlib.error) as error:
        raise Refused("the workbook is damaged or cut off: save it again") from error
    broken = {name: _scanned(name, parts[path]) for name, path in _sheet_parts(parts).items()}
    del parts
    return _values(data, broken)


def _inspected(archive: zipfile.ZipFile, size: int) -> dict[str, bytes]:
    """The XML parts by name. Counts what comes out while it comes out: declared sizes may lie."""
    entries = archive.infolist()
    if len(entries) > ENTRIES:
        raise Refused("the workbook has more than %(entries)s parts inside", entries=ENTRIES)
    if min((entry.header_offset for entry in entries), default=0) != 0:
        raise Refused("something else stands before the workbook in this file")
    parts: dict[str, bytes] = {}
    total = 0
    for entry in entries:
        _check_entry(entry)
        if entry.filename in parts:
            raise Refused("two parts of the workbook have the same name")
        content = bytearray()
        with archive.open(entry) as stream:
            while chunk := stream.read(CHUNK):
                content += chunk
                total += len(chunk)
                if total > INFLATED or (total > SMALL and total > RATIO * size):
                    raise Refused("the workbook inflates far too much")
        _check_content(entry.filename, content)
        parts[entry.filename] = bytes(content) if entry.filename.endswith((".xml", ".rels")) else b""
    if "[Content_Types].xml" not in parts or "xl/workbook.xml" not in parts:
        raise Refused("not an .xlsx workbook: save it as .xlsx")
    if b"macroEnabled" in parts["[Content_Types].xml"]:
        raise Refused("the workbook holds macros: save it as plain .xlsx")
    return parts


def _check_entry(entry: zipfile.ZipInfo) -> None:
    name = entry.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or ":" in name or stat.S_ISLNK(entry.external_attr >> 16):
        raise Refused("a path inside the workbook is not allowed")
    if "vbaproject" in name.lower():
        raise Refused("the workbook holds macros: save it as plain .xlsx")


def _check_content(name: str, content: bytearray) -> None:
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        raise Refused("another file is packed inside the workbook")
    if name.endswith((".xml", ".rels", ".vml")):
        bare = content.replace(b"\0", b"") if content.count(0) else content  # UTF-16 hides nothing
        if b"<!DOCTYPE" in bare or b"<!ENTITY" in bare:
            raise Refused("the workbook holds XML declarations that are not allowed")


def _sheet_parts(parts: dict[str, bytes]) -> dict[str, str]:
    """Sheet name → part name."""
    from defusedxml import ElementTree

    main, related = parts["xl/workbook.xml"], parts.get("xl/_rels/workbook.xml.rels", b"<a/>")
    if len(main) > SMALL or len(related) > SMALL:
        raise Refused("the workbook's table of contents is too large")
    try:
        book, links = ElementTree.fromstring(main), ElementTree.fromstring(related)
    except ElementTree.ParseError as error:
        raise Refused("the workbook is damaged: save it again") from error
    target = {link.get("Id"): link.get("Target", "") for link in links}
    found = {}
    for sheet in (node for node in book.iter() if node.tag.endswith("}sheet") or node.tag == "sheet"):
        path = next((target.get(v, "") for k, v in sheet.attrib.items() if k.endswith("}id") or k == "r:id"), "")
        path = path.removeprefix("/") if path.startswith("/") else f"xl/{path}"
        if path in parts:
            found[sheet.get("name", "")] = path
    if len(found) > SHEETS:
        raise Refused("more than %(sheets)s sheets", sheets=SHEETS)
    return found


def _scanned(sheet: str, xml: bytes) -> dict[tuple[int, int], str]:
    """Cells with a formula or an error value, by (row, column); refuses too large a sheet before it is built."""
    found: dict[tuple[int, int], str] = {}
    for match in CELL.finditer(xml):
        attributes, letters, digits, formula = match.groups()
        if attributes.endswith(b"/"):
            continue
        column = 0
        for letter in letters:
            column = column * 26 + letter - 64
        check_size(int(digits), column, sheet)
        if ERROR_TYPE.search(attributes):
            found[int(digits), column] = "error"
        elif formula:
            found[int(digits), column] = "formula"
    return found


def _values(data: bytes, special: dict[str, dict[tuple[int, int], str]]) -> list[dict[str, Any]]:
    from python_calamine import CalamineError, CalamineWorkbook

    sheets = []
    cells = 0
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        for name in special:
            sheet = book.get_sheet_by_name(name)
            cells += sheet.total_height * sheet.total_width
            check_area(cells)
            rows = [[_text(cell) for cell in row] for row in sheet.to_python(skip_empty_area=False)]
            for merged in sheet.merged_cell_ranges or ():
                _fill(rows, *merged)
            sheets.append({"name": name, "rows": rows, "broken": _broken(rows, special[name])})
    except (CalamineError, OSError, ValueError) as error:
        raise Refused("the workbook cannot be read: save it again") from error
    return sheets


def _fill(rows: Cells, first: tuple[int, int], last: tuple[int, int]) -> None:
    """A merged cell means that its value holds for each of its rows; across columns only the first one has it."""
    if first[0] >= len(rows) or first[1] >= len(rows[first[0]]):
        return
    for row in rows[first[0] : last[0] + 1]:
        row[first[1]] = rows[first[0]][first[1]]


def _broken(rows: Cells, special: dict[tuple[int, int], str]) -> list[list[Any]]:
    """Error values, and formulas that were saved without their result."""
    return [
        [row, column, what]
        for (row, column), what in sorted(special.items())
        if what == "error" or row > len(rows) or column > len(rows[row - 1]) or not rows[row - 1][column - 1].strip()
    ]


def _text(cell: object) -> str:
    """A cell as a person would type it."""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime):
        if cell.time() == time(0):
            return cell.date().isoformat()
        return cell.strftime("%Y-%m-%d %H:%M")
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, time):
        return cell.strftime("%H:%M")
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    text = str(cell)
    if len(text) > FIELD:
        raise Refused("a cell holds more than %(field)s characters", field=FIELD)
    return text


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with open(sys.argv[1], "rb") as file:
        data = file.read()
    try:
        headers = frozenset(sys.stdin.buffer.read().decode().splitlines())
        answer: dict[str, Any] = {"sheets": read(data, headers)}
        if sum(len(cell) for sheet in answer["sheets"] for row in sheet["rows"] for cell in row) > TEXT:
            raise Refused("too much text: split the file")
    except Refused as refused:
        answer = {"refused": refused.said}
    except MemoryError:
        answer = {"refused": Refused("too large for the memory allowed: split the file").said}
    sys.stdout.buffer.write(json.dumps(answer, ensure_ascii=False).encode("utf-8", "surrogatepass"))


if __name__ == "__main__":
    main()
