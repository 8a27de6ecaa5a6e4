"""A form of the product shown as fields of a page: labels and hints are those of the workbook's columns."""

from dataclasses import dataclass
from typing import Any

from flask import request
from flask_babel import gettext as _

from scheduler.exchange.compare import text_of
from scheduler.forms.fields import Field, ManyOf, OneOf, YesNo
from scheduler.forms.form import Form
from scheduler.forms.references import Directory
from scheduler.forms.sheets import Column, Sheet
from scheduler.words import SEPARATORS
from web.security import in_area
from web.words import language

LONG = frozenset({"notes", "address", "windows", "risk_zh", "risk_en"})


@dataclass(frozen=True, slots=True)
class Shown:
    """One field: `kind` is text, textarea, select or many; options are (value, word)."""

    name: str
    label: str
    kind: str
    value: str
    chosen: tuple[str, ...]
    options: tuple[tuple[str, str], ...]
    hint: str
    error: str
    required: bool


def texts_of(form: Form[Any], sheet: Sheet, item: Any) -> dict[str, str]:
    """The stored object as texts by field; private fields stay closed and are left out."""
    return {c.field: text_of(form, c, item) for c in sheet.columns if not c.private}


def texts_sent(form: Form[Any], sheet: Sheet) -> dict[str, str]:
    """What the page sent, by field; a private field left empty keeps what is stored."""
    sent = {}
    for column in sheet.columns:
        if column.field == "code":
            continue
        many = isinstance(form.fields[column.field], ManyOf)
        text = "、".join(request.form.getlist(column.field)) if many else request.form.get(column.field, "").strip()
        if text or not column.private:
            sent[column.field] = text
    return sent


def shown_fields(
    form: Form[Any], sheet: Sheet, directory: Directory, texts: dict[str, str], errors: dict[str, str]
) -> list[Shown]:
    """The fields of the page in the order of the workbook's columns, without the code, which is given."""
    return [
        _shown(form, column, directory, texts.get(column.field, ""), errors.get(column.field, ""))
        for column in sheet.columns
        if column.field != "code"
    ]


def _shown(form: Form[Any], column: Column, directory: Directory, text: str, error: str) -> Shown:
    reader = form.fields[column.field]
    options, chosen, kind = _options(reader, column, directory, text)
    hint = column.hint.to(language()) if column.hint and kind == "text" else ""
    hint = _("Empty: stays as it is.") if column.private else hint
    required = column.field in form.required
    label = column.title.to(language())
    return Shown(column.field, label, kind, text, chosen, options, hint, error, required)


def _options(
    reader: Field, column: Column, directory: Directory, text: str
) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...], str]:
    """Options, the chosen ones, and how the field is shown."""
    if isinstance(reader, YesNo):
        return (("", "–"), ("yes", _("Yes")), ("no", _("No"))), ({"是": "yes", "否": "no"}.get(text, text),), "select"
    if isinstance(reader, OneOf):
        words = tuple((value, reader.vocabulary.word(value, language())) for value in reader.vocabulary.words)
        return (("", "–"), *words), (reader.vocabulary.value(text) or "",), "select"
    if isinstance(reader, ManyOf):
        words = tuple((value, reader.vocabulary.word(value, language())) for value in reader.vocabulary.words)
        return words, tuple(reader.vocabulary.value(word) or "" for word in SEPARATORS.split(text)), "many"
    if column.field in ("grid_id", "parent_id"):
        named = ((id, directory.grid_name(id)) for id in directory.grids)
        mine = [(id, name) for id, name in named if in_area(id) or text in (id, name)]
        found = next((id for id, name in mine if text in (id, name)), "")
        return (("", "–"), *mine), (found,), "select"
    return (), (), "textarea" if column.field in LONG else "text"
