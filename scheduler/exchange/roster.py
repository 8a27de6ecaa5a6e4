"""The roster as a table to hand out, and its edited copy as moves by staff.

A line names its assignment and slot. Changing 志愿者编号 or 开始 puts somebody on the visit by hand (pinned), emptying
志愿者编号 takes the person off, 锁定 pins; every other column is for reading only, and a missing line changes nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from scheduler.config import Config
from scheduler.errors import Unfit
from scheduler.exchange.findings import CHANGED, NEW, REFUSED, REMOVED, UNCHANGED, CellError, Preview, RowChange, Write
from scheduler.exchange.tables import Row, Table
from scheduler.exchange.workbook import write_table
from scheduler.forms.fields import YesNo
from scheduler.forms.references import Directory
from scheduler.forms.sheets import sheets
from scheduler.forms.time_fields import Clock
from scheduler.localized import Localized, LocalizedText, Word, words_for
from scheduler.localtime import LOCAL, at_local, clock_of
from scheduler.model.plan import LIVE, Assignment
from scheduler.model.services import Slot, SlotState
from scheduler.planning import placing
from scheduler.promises import starts
from scheduler.store import Store
from scheduler.store.plans import assignments
from scheduler.store.promised import live_on_slot
from scheduler.store.queries.roster_lists import Line, roster_lines
from scheduler.store.services import slots
from scheduler.words import plain, vocabulary

STATES = vocabulary("assignment_states")
KNOWN_SLOT = LocalizedText("the slot's number as exported")


@dataclass(frozen=True, slots=True)
class Edit:
    """What staff wrote into a line: put a person on, take one off (no volunteer), or pin."""

    slot_id: str
    assignment_id: str
    volunteer_id: str
    starts_at: datetime
    pinned: bool | None = None


def export(store: Store, path: Path, from_date: date, until_date: date, *, private: bool = False) -> int:
    """Writes the roster of the days (both included) as .xlsx or .csv and returns the number of lines.

    Phones and addresses are in it only if `private`: hand such a file only to who needs it.
    """
    columns = [column for column in sheets()["roster"].columns if private or not column.private]
    with store.snapshot():
        directory = Directory.of(store)
        lines = roster_lines(store, from_date, until_date, private=private)
    rows = [[_texts(line, directory)[column.field] for column in columns] for line in lines]
    write_table(path, sheets()["roster"].title.zh, [column.title.zh for column in columns], rows)
    return len(rows)


def _texts(line: Line, directory: Directory) -> dict[str, str]:
    start = line.starts_at.astimezone(LOCAL)
    ends_min = start.hour * 60 + start.minute + line.minutes
    return {
        "assignment_id": line.assignment_id,
        "slot_id": line.slot_id,
        "day": line.service_date.isoformat(),
        "weekday": Word("weekdays", str(line.service_date.isoweekday())).zh,
        "start": clock_of(ends_min - line.minutes),
        "end": clock_of(min(ends_min, 24 * 60)),
        "service": directory.service_name(line.service_type),
        "recipient_code": line.recipient_code,
        "recipient": line.recipient,
        "grid": line.grid,
        "volunteer_id": line.volunteer_code,
        "volunteer": line.volunteer,
        "state": STATES.word(line.state),
        "pinned": YesNo().write(line.pinned) if line.assignment_id else "",
        "volunteer_phone": line.volunteer_phone,
        "recipient_phone": line.recipient_phone,
        "address": line.address,
    }


class RosterReader:
    """Reads an edited roster; what it finds goes into the preview."""

    def __init__(self, store: Store, config: Config, preview: Preview, directory: Directory, *, now: datetime) -> None:
        self.store, self.config, self.preview, self.directory, self.now = store, config, preview, directory, now

    def read(self, table: Table) -> None:
        """Reads every line of the sheet."""
        for field in ("slot_id", "volunteer_id"):
            if field not in table.header_of:
                title = next(column.title.zh for column in table.sheet.columns if column.field == field)
                expected = LocalizedText("a column '%(title)s'", title=title)
                self.preview.errors.append(CellError(table.title, table.header_row, title, "", expected))
                return
        for row in table.rows:
            try:
                self._line(table, row)
            except _Wrong as wrong:
                header = table.header_of.get(wrong.field, wrong.field)
                found = row.texts.get(wrong.field, "").strip()
                self.preview.errors.append(CellError(table.title, row.number, header, found, wrong.expected))
                self.preview.count("roster", REFUSED)

    def _line(self, table: Table, row: Row) -> None:
        texts = {field: plain(text) for field, text in row.texts.items()}
        slot = slots.find(self.store, texts["slot_id"])
        if slot is None:
            raise _Wrong("slot_id", KNOWN_SLOT)
        held = self._held(texts.get("assignment_id", ""), slot)
        volunteer_id = self._volunteer(texts)
        starts_at = self._start(texts, slot, held)
        there = {a.volunteer_id: a for a in live_on_slot(self.store, slot.id)}
        mine = there.get(volunteer_id)
        if mine is not None and mine.starts_at == starts_at:
            self._pin(row, texts, slot, mine, held)
        elif (held is None or held.state not in LIVE) and (not volunteer_id or not self._is_edit(held, volunteer_id)):
            self.preview.count("roster", UNCHANGED)
        elif held is not None and held.state in LIVE and not volunteer_id:
            self._future(slot, held.starts_at, "volunteer_id")
            self._note(row, REMOVED, held, Edit(slot.id, held.id, "", held.starts_at))
        else:
            leaving = held.id if held is not None and held.state in LIVE else (mine.id if mine else "")
            self._check(table, row, slot, volunteer_id, starts_at, leaving)
            kind = CHANGED if leaving else NEW
            self._note(row, kind, held, Edit(slot.id, leaving, volunteer_id, starts_at))

    @staticmethod
    def _is_edit(held: Assignment | None, volunteer_id: str) -> bool:
        """Whether a line names somebody else than the settled assignment that it was exported with."""
        return held is None or held.volunteer_id != volunteer_id

    def _held(self, assignment_id: str, slot: Slot) -> Assignment | None:
        if not assignment_id:
            return None
        held = assignments.find(self.store, assignment_id)
        if held is None or held.slot_id != slot.id:
            raise _Wrong("assignment_id", LocalizedText("the assignment's number as exported, or nothing"))
        return held

    def _volunteer(self, texts: dict[str, str]) -> str:
        text = texts["volunteer_id"]
        if not text or STATES.value(texts.get("state", "")) == "cancelled":
            return ""
        try:
            return self.directory.volunteer_field().read(text)
        except Unfit as unfit:
            raise _Wrong("volunteer_id", unfit.expected) from unfit

    def _start(self, texts: dict[str, str], slot: Slot, held: Assignment | None) -> datetime:
        if not texts.get("start"):
            return held.starts_at if held else slot.earliest_at
        try:
            return at_local(slot.service_date, Clock().read(texts["start"]))
        except Unfit as unfit:
            raise _Wrong("start", unfit.expected) from unfit

    def _pin(self, row: Row, texts: dict[str, str], slot: Slot, mine: Assignment, held: Assignment | None) -> None:
        text = texts.get("pinned", "")
        try:
            wanted = YesNo().read(text) if text else mine.pinned
        except Unfit as unfit:
            raise _Wrong("pinned", unfit.expected) from unfit
        if wanted == mine.pinned or held is None or held.id != mine.id:  # the word was about somebody else
            self.preview.count("roster", UNCHANGED)
        else:
            self._note(row, CHANGED, mine, Edit(slot.id, mine.id, mine.volunteer_id, mine.starts_at, wanted))

    def _check(self, table: Table, row: Row, slot: Slot, volunteer_id: str, starts_at: datetime, leaving: str) -> None:
        self._future(slot, starts_at, "start")
        if not slot.earliest_at <= starts_at <= slot.latest_at or starts.on_grid(starts_at) != starts_at:
            first, last = (f"{moment.astimezone(LOCAL):%H:%M}" for moment in (slot.earliest_at, slot.latest_at))
            raise _Wrong("start", LocalizedText("%(first)s to %(last)s, in steps of 5 minutes", first=first, last=last))
        common_at = starts.common_start(self.store, slot, leaving=leaving)
        if common_at not in (None, starts_at):
            together = f"{common_at.astimezone(LOCAL):%H:%M}"
            raise _Wrong("start", LocalizedText("%(together)s: everyone on it starts together", together=together))
        verdict = placing.judge(self.store, self.config, slot.id, volunteer_id, starts_at, leaving=leaving)
        if not verdict.allowed:
            why = words_for("reasons", verdict.gates)
            raise _Wrong("volunteer_id", LocalizedText("another volunteer: %(why)s", why=why))
        for reason in verdict.warnings:
            code = self.directory.volunteers.show(volunteer_id)
            where = f"{table.title} {row.number}"
            self.preview.warnings.append(
                LocalizedText("%(where)s: %(code)s: %(reason)s", where=where, code=code, reason=Word("reasons", reason))
            )

    def _future(self, slot: Slot, starts_at: datetime, field: str) -> None:
        if slot.state is not SlotState.OPEN or starts_at <= self.now:
            raise _Wrong(field, LocalizedText("a visit that is open and has not begun"))

    def _note(self, row: Row, kind: str, before: Assignment | None, edit: Edit) -> None:
        who = self.directory.volunteers.show(edit.volunteer_id or (before.volunteer_id if before else ""))
        start = f"{edit.starts_at.astimezone(LOCAL):%m-%d %H:%M}"
        self.preview.count("roster", kind)
        self.preview.changes.append(RowChange("roster", row.number, kind, f"{start} {who}"))
        self.preview.writes.append(Write("roster", before, edit))


class _Wrong(Exception):
    def __init__(self, field: str, expected: Localized) -> None:
        super().__init__(expected.en)
        self.field, self.expected = field, expected


def apply(store: Store, config: Config, edit: Edit, *, by: str, now: datetime) -> None:
    """Carries one edit out; whoever is put on a visit is pinned. Raises IllegalMove if it changed since the preview."""
    if edit.pinned is not None:
        placing.pin(store, edit.assignment_id, pinned=edit.pinned, by=by, now=now)
        return
    if not edit.volunteer_id:
        placing.remove(store, config, edit.assignment_id, reason="roster", by=by, now=now)
        return
    if edit.assignment_id:
        placed = placing.replace_person(
            store, config, edit.assignment_id, edit.volunteer_id, edit.starts_at, reason="roster", by=by, now=now
        )
    else:
        placed = placing.place(store, config, edit.slot_id, edit.volunteer_id, edit.starts_at, by=by, now=now)
    placing.pin(store, placed.id, pinned=True, by=by, now=now)
