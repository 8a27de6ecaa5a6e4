"""The figures as a workbook: weeks, services, places, organisations, a sheet each, numbers as numbers."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font

from scheduler.exchange.guard import guarded
from scheduler.localized import Word
from scheduler.records.figures import GROUPS, OF_GROUPS, OF_WEEKS, Figure, Overview

FORMATS = {"share": "0.0%", "index": "0.00", "minutes": "0", "count": "0"}


def write_figures(path: Path, overview: Overview, language: str) -> None:
    """Writes the tables of the page of figures in a language as .xlsx; a figure without a denominator is left empty."""
    book = Workbook()
    book.remove(book.worksheets[0])
    weeks = [(week.monday.isoformat(), week) for week in overview.weeks]
    _sheet(book, Word("figures", "weeks").to(language), OF_WEEKS, weeks, language)
    for by in GROUPS:
        groups = [(group.names.get(language, group.key), group) for group in overview.groups[by]]
        _sheet(book, Word("figures", by).to(language), OF_GROUPS, groups, language)
    book.save(path)


def _sheet(book: Any, title: str, figures: Sequence[Figure], rows: Iterable[tuple[str, Any]], language: str) -> None:
    work = book.create_sheet(title)
    work.append([title, *(Word("figures", figure.name).to(language) for figure in figures)])
    work.freeze_panes = "B2"
    for cell in work[1]:
        cell.font = Font(bold=True)
    work.column_dimensions["A"].width = 24
    for number, (name, group) in enumerate(rows, 2):
        work.cell(number, 1).value = guarded(name)
        for column, figure in enumerate(figures, 2):
            cell = work.cell(number, column)
            cell.value, cell.number_format = figure.of(group), FORMATS[figure.unit]
