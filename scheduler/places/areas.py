"""The tree of areas: adding, changing, merging, removing; each is one transaction with its row in the log."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from scheduler.errors import IllegalMove, InputError, StaleWrite
from scheduler.forms.form import InvalidFields, Mistake, unique_code
from scheduler.forms.references import Directory
from scheduler.localized import LocalizedText, Word
from scheduler.messages.outbox import to_staff
from scheduler.model.people import Grid
from scheduler.places.area_form import area_form
from scheduler.promises.settle import settled
from scheduler.store import Store, audit
from scheduler.store.areas import move_uses, standing_at, uses_of
from scheduler.store.directory import codes_in, next_code
from scheduler.store.people import grids, recipients, volunteers
from scheduler.words import spelling


def save_area(
    store: Store,
    texts: Mapping[str, str],
    *,
    area_id: str | None = None,
    revision: int | None = None,
    by: str,
    now: datetime,
    within: set[str] | None = None,
) -> Grid:
    """A new area (no id) or a changed one, from texts by field name: see area_form.

    People who stand where the area stands, for want of a place of their own, move with it, and their promises are
    settled. `within`: the areas in which the writer may put it (None: anywhere). Raises InvalidFields, NotFound, and
    StaleWrite if it is not at `revision` any more.
    """
    before = grids.get(store, area_id) if area_id else None
    moving = {
        table: standing_at(store, table, before.id, before.lat, before.lon) if before else []
        for table in ("volunteers", "recipients")
    }
    with settled(store, **moving, by=by, now=now):
        existing = grids.get(store, area_id) if area_id else None
        if existing and revision is not None and existing.revision != revision:
            raise StaleWrite(
                LocalizedText("%(name)s was changed by somebody else meanwhile: load it again", name=existing.name)
            )
        texts = dict(texts)
        if existing is None:
            texts["code"] = texts.get("code") or next_code(store, "grids")
        taken = codes_in(store, "grids") - {existing.code if existing else ""}
        made = unique_code(area_form(Directory.of(store)), taken).read(texts, existing)
        stays = existing is not None and existing.parent_id == made.parent_id
        if within is not None and not stays and made.parent_id not in within:
            mine = LocalizedText("a place in your own area")
            raise InvalidFields([Mistake("parent_id", texts.get("parent_id", ""), mine)])
        made = grids.save(store, made) if existing else grids.add(store, made)
        if existing:
            follow(store, existing, made)
        store.touch()
        action = "area.change" if existing else "area.create"
        audit.record(store, at=now, actor=by, action=action, object_kind="area", object_id=made.id)
    return made


def follow(store: Store, before: Grid, after: Grid) -> None:
    """Whoever stood at the area's point stands at its new one; call inside `settled`."""
    if (before.lat, before.lon) == (after.lat, after.lon):
        return
    for id in standing_at(store, "volunteers", before.id, before.lat, before.lon):
        volunteers.save(store, replace(volunteers.get(store, id), lat=after.lat, lon=after.lon))
    for id in standing_at(store, "recipients", before.id, before.lat, before.lon):
        recipients.save(store, replace(recipients.get(store, id), lat=after.lat, lon=after.lon))


def merge_areas(store: Store, keep_id: str, drop_id: str, *, by: str, now: datetime) -> Grid:
    """The area that stays, with everything that pointed to the other one, which is removed.

    Nobody's address changes, so no promise does. Raises NotFound, InputError for one and the same area, IllegalMove
    where the two are of different kinds or hold parts of the same name.
    """
    if keep_id == drop_id:
        raise InputError(LocalizedText("choose two different areas"))
    with store.transaction():
        keep, drop = grids.get(store, keep_id), grids.get(store, drop_id)
        if keep.kind is not drop.kind:
            raise IllegalMove(
                LocalizedText("%(one)s and %(other)s are not of the same kind", one=keep.name, other=drop.name)
            )
        mine = {spelling(part.name) for part in grids.by(store, parent_id=keep_id)}
        for part in grids.by(store, parent_id=drop_id):
            if spelling(part.name) in mine:
                raise IllegalMove(
                    LocalizedText("both hold an area called %(name)s: merge these two first", name=part.name)
                )
        move_uses(store, drop_id, keep_id, staff=(to_staff(drop_id), to_staff(keep_id)))
        grids.remove(store, drop_id)
        store.touch()
        for id, action, other in ((keep_id, "area.merge", drop), (drop_id, "area.merged_away", keep)):
            reason = f"{other.code} {other.name}"
            audit.record(store, at=now, actor=by, action=action, object_kind="area", object_id=id, reason=reason)
    return keep


def remove_area(store: Store, area_id: str, *, by: str, now: datetime) -> None:
    """Removes an area to which nothing points. Raises NotFound, and IllegalMove naming what points to it."""
    with store.transaction():
        area = grids.get(store, area_id)
        if uses := uses_of(store, area_id):
            counts = [
                LocalizedText("%(thing)s: %(count)s", count=count, thing=Word("tables", table))
                for table, count in uses.items()
            ]
            raise IllegalMove(
                LocalizedText(
                    "%(name)s is in use (%(counts)s): move what is there, or merge it with another area",
                    name=area.name,
                    counts=counts,
                )
            )
        grids.remove(store, area_id)
        store.touch()
        gone = f"{area.code} {area.name}"
        audit.record(store, at=now, actor=by, action="area.remove", object_kind="area", object_id=area_id, reason=gone)
