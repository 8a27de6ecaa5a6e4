"""Rows of a file against the store: which objects are new, changed or as they were."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from scheduler.availability.free_time_form import FreeTime, content, free_time_form
from scheduler.config import Config
from scheduler.exchange.codes import LETTERS, Codes
from scheduler.exchange.compare import difference
from scheduler.exchange.doubts import Doubts
from scheduler.exchange.findings import CHANGED, NEW, REFUSED, REMOVED, UNCHANGED, CellError, Preview, RowChange, Write
from scheduler.exchange.tables import Row, Table
from scheduler.forms.form import Form, InvalidFields, Mistake
from scheduler.forms.references import Directory, Index
from scheduler.forms.sheets import sheets
from scheduler.forms.time_fields import Weekdays
from scheduler.localized import LocalizedText, Word
from scheduler.model.ids import stable_id
from scheduler.model.people import AvailabilityRule, Pair
from scheduler.needs.need_form import need_form
from scheduler.pairs.pair_form import BOUND, pair_form
from scheduler.people.person_form import recipient_form, volunteer_form
from scheduler.places.area_form import LARGE_TO_SMALL, area_form
from scheduler.places.organisation_form import organisation_form
from scheduler.store import Store
from scheduler.store.people import (
    exceptions_by_volunteer,
    organisations,
    pairs,
    recipients,
    rules_by_volunteer,
    volunteers,
)
from scheduler.store.services import needs
from scheduler.words import plain, vocabulary


class Reader:
    """Reads the tables of one file; what it finds goes into the preview."""

    def __init__(self, store: Store, config: Config, preview: Preview, *, by: str, now: datetime) -> None:
        self.preview = preview
        self.directory = Directory.of(store)
        self.existing: dict[str, dict[str, Any]] = {
            "grids": {item.code: item for item in self.directory.grids.values()},
            "organisations": {item.code: item for item in organisations.where(store)},
            "volunteers": {item.code: item for item in volunteers.where(store)},
            "recipients": {item.code: item for item in recipients.where(store)},
            "needs": {item.code: item for item in needs.where(store)},
        }
        self.pairs = {(pair.recipient_id, pair.volunteer_id): pair for pair in _ended_first(pairs.where(store))}
        self.free_times: dict[str, list[FreeTime]] = defaultdict(list)
        for grouped in (rules_by_volunteer(store), exceptions_by_volunteer(store)):
            for volunteer_id, rows in grouped.items():
                self.free_times[volunteer_id] += rows
        self.forms: dict[str, Form[Any]] = {
            "grids": area_form(self.directory),
            "organisations": organisation_form(self.directory),
            "volunteers": volunteer_form(self.directory, now),
            "free_times": free_time_form(self.directory),
            "recipients": recipient_form(self.directory, now),
            "needs": need_form(self.directory, by, now),
            "pairs": pair_form(self.directory),
        }
        self.codes = Codes(self.existing, self.directory)
        self.doubts = Doubts(self.existing, self.directory.services, config, now=now)
        self._missing_columns: set[tuple[str, str]] = set()

    # --- who is in the file, so that later rows may refer to them ----------------------------------------------------

    def introduce(self, table: Table) -> None:
        """Gives every row of people and needs its code, and makes people known to the directory."""
        name = table.sheet.name
        if name not in LETTERS:
            return
        seen: dict[str, int] = {}
        for row in list(table.rows):
            try:
                code = row.texts["code"] = self.codes.of(name, row.texts)
            except InvalidFields as error:
                self._refuse(table, row, error.mistakes)
                table.rows.remove(row)
                continue
            if code in seen:
                expected = LocalizedText("a code of its own (row %(row)s has it)", row=seen[code])
                self._refuse(table, row, [Mistake("code", code, expected)])
                table.rows.remove(row)
                continue
            seen[code] = row.number
            index: Index | None = {
                "organisations": self.directory.organisations,
                "volunteers": self.directory.volunteers,
                "recipients": self.directory.recipients,
            }.get(name)
            if index is not None and code not in index.id_of_code:
                index.add(stable_id(name.removesuffix("s"), code), code, plain(row.texts.get("name", "")))
            if name == "recipients" and (kind := vocabulary("recipient_kinds").value(row.texts.get("kind", ""))):
                self.directory.recipient_kinds[self.directory.recipients.id_of_code[code]] = kind

    # --- rows --------------------------------------------------------------------------------------------------------

    def read(self, table: Table) -> None:
        """Reads every row of a table."""
        wanted: dict[str, dict[tuple[object, ...], FreeTime]] = defaultdict(dict)
        for row in sorted(table.rows, key=_size) if table.sheet.name == "grids" else table.rows:
            try:
                if table.sheet.name == "free_times":
                    self._free_time(table, row, wanted)
                elif table.sheet.name == "pairs":
                    self._pair(table, row)
                else:
                    self._coded(table, row)
            except InvalidFields as error:
                self._refuse(table, row, error.mistakes)
        for volunteer_id, rows in wanted.items():
            for free_time in self.free_times[volunteer_id]:
                if content(free_time) not in rows:
                    self._note(table, 0, free_time, None)

    def _coded(self, table: Table, row: Row) -> None:
        name = table.sheet.name
        existing = self.existing[name].get(row.texts["code"])
        made = self.forms[name].read(row.texts, existing)
        for doubt in self.doubts.about(name, row.texts, existing, made):
            self.preview.warnings.append(
                LocalizedText(
                    "sheet '%(sheet)s', row %(row)s: %(doubt)s", sheet=table.title, row=row.number, doubt=doubt
                )
            )
        if name == "grids":
            self.directory.add_grid(made)
        self._note(table, row.number, existing, made)

    def _free_time(self, table: Table, row: Row, wanted: dict[str, dict[tuple[object, ...], FreeTime]]) -> None:
        made: FreeTime = self.forms["free_times"].read(row.texts)
        mine = wanted[made.volunteer_id]
        if content(made) in mine:
            return  # the same line twice says nothing new
        mine[content(made)] = made
        kept = [old for old in self.free_times[made.volunteer_id] if content(old) == content(made)]
        self._note(table, row.number, kept[0] if kept else None, kept[0] if kept else made)

    def _pair(self, table: Table, row: Row) -> None:
        first: Pair = self.forms["pairs"].read(row.texts)
        existing = self.pairs.get((first.recipient_id, first.volunteer_id))
        made: Pair = self.forms["pairs"].read(row.texts, existing) if existing else first
        self.pairs[made.recipient_id, made.volunteer_id] = made
        self._note(table, row.number, existing, made)

    def finish(self) -> None:
        """Checks what only the whole file can tell; newly named organisations are counted and written too."""
        companions: dict[tuple[str, int], list[Pair]] = defaultdict(list)
        for pair in self.pairs.values():
            if pair.state in BOUND:
                companions[pair.recipient_id, pair.rank].append(pair)
        for (recipient_id, rank), found in companions.items():
            if len(found) > 1:
                expected = LocalizedText("one first and one second face for each elder")
                value = LocalizedText(
                    "%(elder)s %(rank)s: %(who)s",
                    elder=self.directory.recipients.show(recipient_id),
                    rank=Word("pair_ranks", str(rank)),
                    who=[self.directory.volunteers.show(pair.volunteer_id) for pair in found],
                )
                sheet = sheets()["pairs"]
                self.preview.errors.append(CellError(sheet.title.zh, 0, sheet.title_of("rank").zh, value, expected))
        self._follow_areas()
        self.preview.found_by_phone |= self.codes.found_by_phone(self.doubts.twins)
        for organisation in self.directory.new_organisations.values():
            self.preview.count("organisations", NEW)
            self.preview.changes.append(RowChange("organisations", 0, NEW, organisation.name))
            self.preview.writes.append(Write("organisations", None, organisation))

    def _follow_areas(self) -> None:
        """Whoever stands where an area stood, for want of a place of their own, stands where it is put."""
        writes = self.preview.writes
        for area in [write for write in writes if write.table == "grids" and write.before]:
            old, new = ((item.lat, item.lon) for item in (area.before, area.after))
            for name in ("volunteers", "recipients") if old != new else ():
                written = {write.after.id: n for n, write in enumerate(writes) if write.table == name}
                for person in self.existing[name].values():
                    number = written.get(person.id)
                    now_is = writes[number].after if number is not None else person
                    if (now_is.grid_id, now_is.lat, now_is.lon) != (area.after.id, *old):
                        continue
                    moved = Write(name, person, replace(now_is, lat=new[0], lon=new[1]))
                    if number is not None:
                        writes[number] = moved
                        continue
                    writes.append(moved)
                    self.preview.count(name, CHANGED)
                    self.preview.changes.append(RowChange(name, 0, CHANGED, self._label(person)))

    # --- notes -------------------------------------------------------------------------------------------------------

    def _note(self, table: Table, row: int, before: Any, after: Any) -> None:
        name = table.sheet.name
        target = name
        if name == "free_times":
            rule = isinstance(after or before, AvailabilityRule)
            target = "availability_rules" if rule else "availability_exceptions"
        if before == after:
            self.preview.count(name, UNCHANGED)
            return
        kind = NEW if before is None else REMOVED if after is None else CHANGED
        self.preview.count(name, kind)
        fields = difference(table, self.forms[name], before, after) if kind == CHANGED else ()
        self.preview.changes.append(RowChange(name, row, kind, self._label(after or before), fields))
        self.preview.writes.append(Write(target, before, after))

    def _label(self, item: Any) -> str:
        """What a person calls the object: code and name; private details never."""
        if isinstance(item, Pair):
            elder, companion = self.directory.recipients, self.directory.volunteers
            return f"{elder.show(item.recipient_id)}—{companion.show(item.volunteer_id)}"
        if hasattr(item, "code"):
            return f"{item.code} {getattr(item, 'name', '') or getattr(item, 'service_type', '')}".strip()
        weekly = isinstance(item, AvailabilityRule)
        days = Weekdays().write(item.weekdays) if weekly else f"{item.from_date}/{item.until_date}"
        return f"{self.directory.volunteers.show(item.volunteer_id)} {days} {item.start}-{item.end}"

    def _refuse(self, table: Table, row: Row, mistakes: Iterable[Mistake]) -> None:
        for mistake in mistakes:
            header = table.header_of.get(mistake.field)
            if header is None:
                column = next((c for c in table.sheet.columns if c.field == mistake.field), None)
                header = column.title.zh if column else mistake.field
                if mistake.field in self.forms[table.sheet.name].required and not mistake.found:
                    self._missing(table, mistake.field, header)
                    continue
            self.preview.errors.append(CellError(table.title, row.number, header, mistake.found, mistake.expected))
        self.preview.count(table.sheet.name, REFUSED)

    def _missing(self, table: Table, field: str, header: str) -> None:
        """A required column that is not there is told once, not for each row."""
        if (table.sheet.name, field) not in self._missing_columns:
            self._missing_columns.add((table.sheet.name, field))
            expected = LocalizedText("a column '%(header)s', needed for new rows", header=header)
            self.preview.errors.append(CellError(table.title, table.header_row, header, "", expected))


def _size(row: Row) -> int:
    """Areas are read from large to small, so that each finds the one that it lies in."""
    kind = vocabulary("area_kinds").value(row.texts.get("kind", ""))
    return [str(size) for size in LARGE_TO_SMALL].index(kind) if kind else len(LARGE_TO_SMALL)


def _ended_first(found: Iterable[Pair]) -> list[Pair]:
    """So that of several pairs between the same two people the living one is kept last."""
    return sorted(found, key=lambda pair: pair.state.value != "ended")
