"""The difference between two states of an object, in the words of the sheet."""

from typing import Any

from scheduler.exchange.findings import FieldChange
from scheduler.exchange.tables import Table
from scheduler.forms.form import Form
from scheduler.forms.sheets import Column

HIDDEN = "＊＊＊"
SIGNED = "consented"  # a column that stands for the model's `consents`


def text_of(form: Form[Any], column: Column, item: Any) -> str:
    """What a cell of this column holds for an object; reading it back gives the same value."""
    if column.field == SIGNED:
        return form.fields[SIGNED].write(bool(item.consents))
    value = getattr(item, column.field, None)
    if value is None or value == "" or value == () or value == frozenset() or value == {}:
        return ""
    return form.fields[column.field].write(value)


def difference(table: Table, form: Form[Any], before: Any, after: Any) -> tuple[FieldChange, ...]:
    """The fields that change; the texts of private ones are not shown."""
    found = []
    for column in table.sheet.columns:
        old, new = text_of(form, column, before), text_of(form, column, after)
        if old != new:
            shown = (HIDDEN, HIDDEN) if column.private else (old, new)
            found.append(FieldChange(column.title, *shown))
    return tuple(found)
