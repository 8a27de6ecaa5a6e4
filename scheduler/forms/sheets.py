"""The sheets of a workbook and their columns, from data/sheets.yaml: for the template, the reader and the writer."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from scheduler.localized import Bilingual, Localized
from scheduler.words import plain

IGNORED = ("说明", "使用说明", "guide", "选项", "choices")


@dataclass(frozen=True, slots=True)
class Column:
    """A column: the field it fills, its header, further spellings of it, an example, a hint for who fills it in."""

    field: str
    title: Localized
    synonyms: tuple[str, ...]
    example: str
    hint: Localized | None
    private: bool  # written only when somebody asks for phones, addresses and notes


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet: what it holds ("volunteers"…), its title and columns."""

    name: str
    title: Localized
    synonyms: tuple[str, ...]
    columns: tuple[Column, ...]

    def column_of(self, header: str) -> Column | None:
        """The column that a header means; stars, blanks and what stands in brackets do not matter."""
        return _by_spelling(self.name).get(spelt(header))

    def title_of(self, field: str) -> Localized:
        """What people call a field: the header of its column."""
        return next((column.title for column in self.columns if column.field == field), Bilingual(field, field))

    def is_called(self, name: str) -> bool:
        return plain(name).casefold() in {self.title.zh, self.title.en.casefold(), self.name, *self.synonyms}

    def is_meant(self, name: str) -> bool:
        """Whether a name is this sheet's but for remarks in brackets: "志愿者表（12月）", "志愿者 (2)"."""
        return self.is_called(spelt(name)) or self.is_called(spelt(name).removesuffix("表"))


def spelt(header: str) -> str:
    """A header without stars, blanks, line breaks and bracketed remarks, in lower case."""
    bare = "".join(plain(header).split()).casefold().replace("*", "")
    for opening in ("(", "【", "["):
        bare = bare.split(opening, 1)[0]
    return bare.rstrip(":")


@cache
def sheets() -> dict[str, Sheet]:
    """Every sheet by name, in the order of the workbook (and of reading: people before what refers to them)."""
    text = files("scheduler.data").joinpath("sheets.yaml").read_text(encoding="utf-8")
    return {name: _sheet(name, entry) for name, entry in yaml.safe_load(text).items()}


def _sheet(name: str, entry: dict[str, Any]) -> Sheet:
    columns = tuple(
        Column(
            field,
            Bilingual(*column["title"]),
            tuple(column.get("also", ())),
            column.get("example", ""),
            Bilingual(*column["hint"]) if "hint" in column else None,
            column.get("private", False),
        )
        for field, column in entry["columns"].items()
    )
    return Sheet(name, Bilingual(*entry["title"]), tuple(entry["also"]), columns)


@cache
def known_headers() -> frozenset[str]:
    """Every spelling of every header of every sheet."""
    return frozenset(text for name in sheets() for text in _by_spelling(name))


@cache
def _by_spelling(sheet: str) -> dict[str, Column]:
    return {
        spelt(text): column
        for column in reversed(sheets()[sheet].columns)  # an earlier column wins where two share a spelling
        for text in (*column.synonyms, column.field, column.title.en, column.title.zh)
    }
