"""Enters the number under which volunteers reach the staff of an area."""

from datetime import datetime

from scheduler.errors import Unfit
from scheduler.forms.fields import Phone
from scheduler.forms.form import InvalidFields, Mistake
from scheduler.store import Store, area_phones, audit
from scheduler.store.people import grids


def set_phone(store: Store, grid_id: str, text: str, *, by: str, now: datetime) -> None:
    """The area's number, or none where the text is empty. Raises InvalidFields for what is no number, NotFound."""
    try:
        phone = Phone().read(text) if text.strip() else ""
    except Unfit as error:
        raise InvalidFields([Mistake("phone", text.strip(), error.expected)]) from error
    with store.transaction():
        area = grids.get(store, grid_id)
        area_phones.put(store, area.id, phone, now=now)
        audit.record(store, at=now, actor=by, action="area.phone", object_kind="grid", object_id=area.id)
