"""Raw sheets become rows of texts by field: finds the sheet, the header row and the columns."""

import re
from dataclasses import dataclass

from scheduler.exchange.findings import CellError, Preview
from scheduler.exchange.guard import unguarded
from scheduler.exchange.reading import RawSheet
from scheduler.forms.sheets import IGNORED, Column, Sheet, sheets
from scheduler.localized import LocalizedText
from scheduler.words import plain

UNNAMED = re.compile(r"\s*(?:(?:sheet|工作表|表格?)?\s*\d*)\s*", re.IGNORECASE)  # as programs call a first sheet
FOR_PAGES = frozenset({"service_types"})
HEADER_WITHIN = 10  # rows in which the header is looked for, so that a title may stand above it


@dataclass(frozen=True, slots=True)
class Row:
    """One filled row: its number in the file and its texts by field."""

    number: int
    texts: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A recognised sheet. `header_of` maps fields to the headers that the file uses."""

    sheet: Sheet
    title: str
    header_row: int
    header_of: dict[str, str]
    rows: list[Row]


def tables_of(raw: list[RawSheet], known: dict[str, Sheet], preview: Preview) -> list[Table]:
    """The tables of a file in the order of `known`; the rest goes into the preview's errors and warnings."""
    found: dict[str, Table] = {}
    filled = [sheet for sheet in raw if any(cell.strip() for row in sheet.rows for cell in row)]
    called = {kind.name for kind in known.values() for sheet in filled if kind.is_called(sheet.name)}
    alone = sum(plain(sheet.name).casefold() not in IGNORED for sheet in filled) == 1
    for sheet in filled:
        if plain(sheet.name).casefold() in IGNORED:
            continue
        kind = _kind_of(sheet, known, called, alone=alone)
        if kind is None:
            title = sheet.name or preview.filename
            preview.warnings.append(LocalizedText("sheet '%(title)s' is not known and was not imported", title=title))
        elif kind.name in found:
            preview.errors.append(
                CellError(
                    sheet.name,
                    0,
                    "",
                    sheet.name,
                    LocalizedText("one sheet %(sheet)s", sheet=kind.title),
                )
            )
        else:
            found[kind.name] = _table(sheet, kind, preview)
    if not found and not preview.errors:
        expected = LocalizedText("at least one sheet of: %(names)s", names=[sheet.title for sheet in known.values()])
        preview.errors.append(CellError(preview.filename, 0, "", LocalizedText("no sheet that is known"), expected))
    return [found[name] for name in known if name in found]


def _kind_of(raw: RawSheet, known: dict[str, Sheet], called: set[str], *, alone: bool) -> Sheet | None:
    """By the sheet's name; what is alone in its file, as a CSV is, also by the headers that fit best.

    A name with a remark counts where no sheet is `called` so exactly, for it may be an older copy.
    """
    named = next((sheet for sheet in known.values() if sheet.is_called(raw.name)), None)
    named = named or next((s for s in known.values() if s.name not in called and s.is_meant(raw.name)), None)
    if named or not (alone and UNNAMED.fullmatch(raw.name)):
        return named
    best = max(known.values(), key=lambda sheet: len(_columns(_header(raw, sheet)[1], sheet)))
    return best if len(_columns(_header(raw, best)[1], best)) >= 2 else None


def _header(raw: RawSheet, sheet: Sheet) -> tuple[int, list[str]]:
    """Number and cells of the row that holds most known headers."""
    rows = raw.rows[:HEADER_WITHIN] or [[]]
    number = max(range(len(rows)), key=lambda n: (len(_columns(rows[n], sheet)), -n))
    return number + 1, rows[number]


def _columns(header: list[str], sheet: Sheet) -> dict[str, Column]:
    return {column.field: column for cell in header if cell.strip() and (column := sheet.column_of(cell))}


def _table(raw: RawSheet, sheet: Sheet, preview: Preview) -> Table:
    number, header = _header(raw, sheet)
    title = raw.name or sheet.title.zh
    place: dict[int, Column] = {}
    header_of: dict[str, str] = {}
    for position, cell in enumerate(header):
        column = sheet.column_of(cell) if cell.strip() else None
        if column is None and (cell.strip() or _has_values(raw, position, number)):
            name = cell.strip() or LocalizedText("number %(number)s", number=position + 1)
            preview.warnings.append(
                LocalizedText("sheet '%(title)s': column '%(name)s' was not imported", title=title, name=name)
            )
        elif column and column.field in header_of:
            expected = LocalizedText("one column '%(column)s' only", column=column.title)
            preview.errors.append(CellError(title, number, cell.strip(), cell.strip(), expected))
        elif column:
            place[position], header_of[column.field] = column, cell.strip()
    rows = []
    for offset, cells in enumerate(raw.rows[number:], number + 1):
        texts = {column.field: unguarded(cells[at]) if at < len(cells) else "" for at, column in place.items()}
        broken = [(at, column) for at, column in place.items() if (offset, at + 1) in raw.broken]
        for at, _ in broken:
            what = raw.broken[offset, at + 1]
            value = LocalizedText("an error value") if what == "error" else LocalizedText("a formula without result")
            preview.errors.append(CellError(title, offset, header[at].strip(), value, LocalizedText("a value")))
        if broken:
            preview.count(sheet.name, "refused")
        elif any(text.strip() for text in texts.values()):
            rows.append(Row(offset, texts))
    return Table(sheet, title, number, header_of, rows)


def _has_values(raw: RawSheet, position: int, header_row: int) -> bool:
    return any(position < len(cells) and cells[position].strip() for cells in raw.rows[header_row:])


def importable() -> dict[str, Sheet]:
    """The sheets that an import of people and needs understands."""
    return {name: sheet for name, sheet in readable().items() if name != "roster"}


def readable() -> dict[str, Sheet]:
    """The sheets that any import understands; of the rest pages take their labels."""
    return {name: sheet for name, sheet in sheets().items() if name not in FOR_PAGES}
