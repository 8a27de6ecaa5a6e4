"""Writing workbooks: the template to fill in, and tables such as the roster."""

import csv
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any

import yaml
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation

from scheduler.availability.free_time_form import free_time_form
from scheduler.exchange.guard import guarded
from scheduler.exchange.tables import importable
from scheduler.forms.form import Form
from scheduler.forms.references import Directory
from scheduler.forms.sheets import Column, Sheet
from scheduler.localized import Bilingual, Localized, LocalizedText
from scheduler.model.people import GridKind
from scheduler.needs.need_form import need_form
from scheduler.pairs.pair_form import pair_form
from scheduler.people.person_form import recipient_form, volunteer_form
from scheduler.places.area_form import area_form
from scheduler.places.organisation_form import organisation_form
from scheduler.store import Store

CHOICES, GUIDE = "选项", "说明"
FILLABLE_ROWS = 5000
LISTED_CHOICES = 8  # choices that the sheet of advice names
PICK = LocalizedText("choose from the list")
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)  # forms ask for a moment; writing texts does not use it
HEAD = PatternFill("solid", fgColor="DCE6F1")
TEXT_FORMAT = "@"
Rows = Iterable[Sequence[str]]


def write_template(path: Path, store: Store | None = None) -> None:
    """The empty workbook: Chinese headers, lists to pick from, a sheet of advice.

    With a store the lists hold its committees and services; without one those two stay free text.
    """
    directory = Directory.of(store) if store else Directory()
    book = _book()
    choices = _Choices(book)
    for name, sheet in importable().items():
        _add_sheet(book, sheet, forms(directory)[name], choices, directory)
    choices.hide()
    book.save(path)


def forms(directory: Directory) -> dict[str, Form[Any]]:
    """The form behind each sheet."""
    return {
        "grids": area_form(directory),
        "organisations": organisation_form(directory),
        "volunteers": volunteer_form(directory, LONG_AGO),
        "free_times": free_time_form(directory),
        "recipients": recipient_form(directory, LONG_AGO),
        "needs": need_form(directory, "", LONG_AGO),
        "pairs": pair_form(directory),
    }


# --- sheets ----------------------------------------------------------------------------------------------------------


def _book() -> Workbook:
    book = Workbook()
    guide: Any = book.active
    guide.title = GUIDE
    guide.column_dimensions["A"].width, guide.column_dimensions["B"].width = 90, 90
    for line in yaml.safe_load(files("scheduler.data").joinpath("guide.yaml").read_text(encoding="utf-8")):
        guide.append(line)
    guide.append(())
    return book


def _add_sheet(
    book: Workbook,
    sheet: Sheet,
    form: Form[Any],
    choices: "_Choices",
    directory: Directory,
) -> None:
    work = book.create_sheet(sheet.title.zh)
    work.append([column.title.zh + ("*" if column.field in form.required else "") for column in sheet.columns])
    work.freeze_panes = "B2"
    guide = book[GUIDE]
    guide.append([f"{sheet.title.zh} {sheet.title.en}"])
    guide.cell(guide.max_row, 1).font = Font(bold=True)
    for number, column in enumerate(sheet.columns, 1):
        letter = get_column_letter(number)
        head = work.cell(1, number)
        head.font, head.fill, head.alignment = Font(bold=True), HEAD, Alignment(wrap_text=True, vertical="top")
        work.column_dimensions[letter].width = max(10, 2.2 * len(column.title.zh) + 2, 1.3 * len(column.example))
        work.column_dimensions[letter].number_format = TEXT_FORMAT  # 013800138000 keeps its zero
        reader = form.fields[column.field]
        if listed := _listed(column, reader.choices, directory):
            choices.offer(work, letter, listed, column.title)
        note = _note(column, listed, required=column.field in form.required)
        guide.append([f"\u3000{note.zh}", note.en])


def _note(column: Column, listed: tuple[str, ...], *, required: bool) -> Localized:
    """What may stand in a column."""
    note: Localized = Bilingual(f"{column.title.zh}*", f"{column.title.en}*") if required else column.title
    if listed and len(listed) <= LISTED_CHOICES:
        note = LocalizedText("%(note)s: %(words)s", note=note, words=listed)
    if column.hint:
        note = LocalizedText("%(note)s, %(hint)s", note=note, hint=column.hint)
    return (
        LocalizedText("%(note)s, for instance %(example)s", note=note, example=column.example)
        if column.example
        else note
    )


def _listed(column: Column, choices: tuple[str, ...], directory: Directory) -> tuple[str, ...]:
    if column.field in ("grid_id", "parent_id"):
        no_home = GridKind.DISTRICT if column.field == "grid_id" else GridKind.BUILDING
        return tuple(directory.grid_name(id) for id, grid in directory.grids.items() if grid.kind != no_home)
    return choices


class _Choices:
    """The hidden sheet with the lists to pick from."""

    def __init__(self, book: Workbook) -> None:
        self.work = book.create_sheet(CHOICES)
        self.letter_of: dict[tuple[str, ...], str] = {}

    def offer(self, work: Any, letter: str, listed: tuple[str, ...], title: Localized) -> None:
        """Lets the cells of a column be picked from a list; other entries get a warning, not a refusal."""
        if listed not in self.letter_of:
            column = len(self.letter_of) + 1
            self.letter_of[listed] = get_column_letter(column)
            for number, word in enumerate(listed, 1):
                self.work.cell(number, column, word)
        of = self.letter_of[listed]
        rule = DataValidation("list", formula1=f"'{CHOICES}'!${of}$1:${of}${len(listed)}", allow_blank=True)
        rule.errorStyle, rule.errorTitle, rule.error = "warning", title.zh, f"{PICK.zh} / {PICK.en}"
        work.add_data_validation(rule)
        rule.add(f"{letter}2:{letter}{FILLABLE_ROWS}")

    def hide(self) -> None:
        self.work.sheet_state = "hidden"
        self.work.parent.move_sheet(self.work, len(self.work.parent.sheetnames))


# --- cells -----------------------------------------------------------------------------------------------------------


def _write_row(work: Any, row: int, texts: Sequence[str]) -> None:
    """A row of text cells: nothing that a person wrote becomes a formula or loses a leading zero."""
    for number, text in enumerate(texts, 1):
        if text:
            cell = work.cell(row, number)
            cell.value = ILLEGAL_CHARACTERS_RE.sub("", guarded(text))
            cell.data_type, cell.number_format = "s", TEXT_FORMAT


def write_table(path: Path, title: str, header: Sequence[str], rows: Rows) -> None:
    """One table as .xlsx or, by the path's ending, as .csv in UTF-8 with BOM; every cell is a guarded text."""
    if path.suffix.lower() == ".csv":
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(header)
            writer.writerows([guarded(text.replace("\0", "")) for text in row] for row in rows)
        return
    book = Workbook()
    work: Any = book.active
    work.title = title
    work.append(list(header))
    work.freeze_panes = "A2"
    for number, name in enumerate(header, 1):
        work.cell(1, number).font, work.cell(1, number).fill = Font(bold=True), HEAD
        work.column_dimensions[get_column_letter(number)].width = max(12, 2.2 * len(name) + 2)
    for number, row in enumerate(rows, 2):
        _write_row(work, number, row)
    book.save(path)
