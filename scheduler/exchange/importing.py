"""Importing a workbook: a dry run first, then one transaction, and a way back.

A row is recognised by its 编号; without one by name and phone, and new rows then get a code that follows from their
content, so the same file twice changes nothing. A column that is missing keeps what is stored; an empty cell clears it.
Free times in the file replace all free times of the volunteers whom it names.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from scheduler.config import Config
from scheduler.errors import IllegalMove, InputError
from scheduler.exchange import roster
from scheduler.exchange.findings import Preview, Write
from scheduler.exchange.reading import read_sheets
from scheduler.exchange.roster import RosterReader
from scheduler.exchange.rows import Reader
from scheduler.exchange.tables import readable, tables_of
from scheduler.forms.sheets import known_headers
from scheduler.localized import Localized, LocalizedText, Moment, Word
from scheduler.model.ids import new_id
from scheduler.model.people import Pair, PairState
from scheduler.model.plan import Assignment
from scheduler.needs.renew import renew_one
from scheduler.promises.settle import foreseen, needs_moved, settled, touched_by
from scheduler.store import Store, audit, people
from scheduler.store.imports import ImportRecord, Step, add_import, find_import, mark_undone, take_back_all
from scheduler.store.repository import Repository, among
from scheduler.store.services import needs, service_types, slots

ROSTER = "roster"
SHOWN_VISITS = 50
Progress = Callable[[Localized, float], None]  # what is being done, share done (0 to 1)

TABLES: dict[str, Repository[Any]] = {  # in the order in which rows may refer to each other
    "grids": people.grids,
    "organisations": people.organisations,
    "volunteers": people.volunteers,
    "recipients": people.recipients,
    "needs": needs,
    "availability_rules": people.availability_rules,
    "availability_exceptions": people.availability_exceptions,
    "pairs": people.pairs,
}
AUDITED = {
    "grids": "area",
    "organisations": "organisation",
    "volunteers": "volunteer",
    "recipients": "recipient",
    "needs": "need",
    "pairs": "pair",
}


def preview(
    path: Path,
    store: Store,
    config: Config,
    *,
    now: datetime,
    by: str = "",
    filename: str = "",
    on_progress: Progress | None = None,
) -> Preview:
    """What importing the file would do; writes nothing. Raises FileRefused if it cannot be read as a table at all."""
    report = on_progress or _silent
    found = Preview(filename or path.name, config)
    report(LocalizedText("reading"), 0.0)
    raw = read_sheets(path, known_headers())
    report(LocalizedText("checking"), 0.2)
    with store.snapshot():
        reader = Reader(store, config, found, by=by, now=now)
        tables = tables_of(raw, readable(), found)
        for number, table in enumerate(tables):
            reader.introduce(table)
            report(table.sheet.title, 0.2 + 0.3 * number / len(tables))
        for number, table in enumerate(tables):
            if table.sheet.name == ROSTER:
                RosterReader(store, config, found, reader.directory, now=now).read(table)
            else:
                reader.read(table)
            report(table.sheet.title, 0.5 + 0.5 * (number + 1) / len(tables))
        reader.finish()
        found.warnings += _foreseen(store, found, now)
    found.errors.sort(key=lambda error: (error.sheet, error.row))
    report(LocalizedText("done"), 1.0)
    return found


def _silent(_: Localized, __: float) -> None:
    """Nobody watches."""


def confirm(store: Store, preview: Preview, *, by: str, now: datetime, import_id: str = "") -> str:
    """Writes what the preview showed, all or nothing, and returns the import's id: a new one unless it is given.

    Promises that a change forbids end, and their people are told; visits of moved needs are planned anew.
    Raises InputError if the preview has errors, StaleWrite if somebody changed one of its objects meanwhile.
    """
    if preview.errors:
        raise InputError(
            LocalizedText(
                "%(filename)s has %(count)s mistakes: correct them and import it again",
                filename=preview.filename,
                count=len(preview.errors),
            )
        )
    import_id = import_id or new_id()
    steps: list[Step] = []
    with store.transaction():
        with settled(store, **touched_by(_lasting(preview.writes)), by=by, now=now) as settlement:
            for table, repository in TABLES.items():
                writes = [write for write in preview.writes if write.table == table]
                steps += _write(store, table, repository, writes)
                for write in writes if table in AUDITED else ():
                    item = write.after or write.before
                    kind = AUDITED[table]
                    audit.record(store, at=now, actor=by, action=f"{kind}.import", object_kind=kind, object_id=item.id)
        for need in needs.where(store, *among("id", needs_moved(store, settlement))):
            renew_one(store, preview.config, need, now=now)
        for write in preview.writes:
            if write.table == ROSTER:
                roster.apply(store, preview.config, write.after, by=by, now=now)
                steps.append(Step(ROSTER, "", None, None))
        if preview.writes:
            store.touch()
        add_import(store, ImportRecord(import_id, preview.filename, by, now, "done", preview.counts), steps)
        audit.record(store, at=now, actor=by, action="import.confirm", object_kind="import", object_id=import_id)
    return import_id


def _lasting(writes: Iterable[Write]) -> list[tuple[str, Any, Any]]:
    """The writes to rows of people, needs and free times; edits of the roster settle themselves."""
    return [(write.table, write.before, write.after) for write in writes if write.table != ROSTER]


def _written(store: Store, steps: list[Step]) -> list[tuple[str, Any, Any]]:
    """What an import wrote, as it was before and is now."""
    return [
        (step.table, TABLES[step.table].from_row(store, step.before) if step.before else None, now)
        for step in steps
        if (now := TABLES[step.table].find(store, step.id)) or step.before
    ]


def _foreseen(store: Store, found: Preview, now: datetime) -> list[Localized]:
    """One sentence for each promised visit that the import would end or put before staff."""
    touched = foreseen(store, _lasting(found.writes), now=now)
    said = [_foreseen_said(store, *one) for one in touched[:SHOWN_VISITS]]
    if more := len(touched) - len(said):
        said.append(LocalizedText("%(more)s more arranged visits are touched", more=more))
    return said


def _foreseen_said(store: Store, promise: Assignment, why: str, ends: bool) -> Localized:
    service = service_types.get(store, slots.get(store, promise.slot_id).service_type)
    step = LocalizedText("is cancelled, and the person told") if ends else LocalizedText("is yours to decide")
    return LocalizedText(
        "%(when)s %(service)s, %(who)s: after the import it %(step)s (%(reason)s)",
        when=Moment(promise.starts_at),
        service=service.name,
        who=people.volunteers.get(store, promise.volunteer_id).name,
        step=step,
        reason=Word("reasons", why),
    )


def _write(store: Store, table: str, repository: Repository[Any], writes: list[Write]) -> list[Step]:
    """Removes, changes and adds the rows of one table; returns how to take each write back."""
    steps = []
    for write in writes:
        if write.after is None:
            repository.remove(store, write.before.id)
            steps.append(Step(table, write.before.id, repository.to_row(store, write.before), None))
    changed = [write for write in writes if write.before is not None and write.after is not None]
    revisions = {write.after.id: _step_aside(store, repository, write) for write in changed}
    for write in changed:
        saved = repository.save(store, replace(write.after, revision=revisions[write.after.id]))
        steps.append(Step(table, saved.id, repository.to_row(store, write.before), saved.revision))
    added = [write.after for write in writes if write.before is None]
    repository.add_all(store, added)
    return steps + [Step(table, item.id, None, getattr(item, "revision", None)) for item in added]


def _step_aside(store: Store, repository: Repository[Any], write: Write) -> int:
    """The revision to write upon. Pairs that swap their ranks would collide, so each leaves its place first."""
    if isinstance(write.after, Pair):
        return int(repository.save(store, replace(write.before, state=PairState.ENDED)).revision)
    return int(write.after.revision)


def undo(store: Store, import_id: str, *, by: str, now: datetime) -> None:
    """Takes an import back, all or nothing.

    Raises NotFound, and IllegalMove if it is undone already, or if something that it wrote was changed or used since.
    """
    with store.transaction():
        record, steps = find_import(store, import_id)
        if record.state != "done":
            raise IllegalMove(LocalizedText("the import of %(filename)s is undone already", filename=record.filename))
        if any(step.table == ROSTER for step in steps):
            raise IllegalMove(
                LocalizedText("people were told of changes to the roster: change them again instead of undoing them")
            )
        with settled(store, **touched_by(_written(store, steps)), by=by, now=now):
            take_back_all(store, steps)
        mark_undone(store, import_id)
        store.touch()
        audit.record(store, at=now, actor=by, action="import.undo", object_kind="import", object_id=import_id)
