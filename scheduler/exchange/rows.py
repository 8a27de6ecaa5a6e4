"""Rows of a file against the store: which objects are new, changed or as they were."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

from scheduler.availability.free_time_form import FreeTime, content, free_time_form
from scheduler.config import Config
from scheduler.errors import Unfit
from scheduler.exchange.compare import difference
from scheduler.exchange.doubts import Doubts
from scheduler.exchange.findings import CHANGED, NEW, REFUSED, REMOVED, UNCHANGED, CellError, Preview, RowChange, Write
from scheduler.exchange.tables import Row, Table
from scheduler.forms.form import Form, InvalidFields, Mistake
from scheduler.forms.references import Directory, Index
from scheduler.forms.sheets import sheets
from scheduler.forms.time_fields import Month, Weekdays
from scheduler.localized import LocalizedText, Word
from scheduler.model.ids import stable_id
from scheduler.model.people import AvailabilityRule, Pair
from scheduler.model.phone_numbers import first_number, without_area_code
from scheduler.needs.need_form import need_form
from scheduler.pairs.pair_form import BOUND, pair_form
from scheduler.people.person_form import recipient_form, volunteer_form
from scheduler.store import Store
from scheduler.store.people import (
    exceptions_by_volunteer,
    pairs,
    recipients,
    rules_by_volunteer,
    volunteers,
)
from scheduler.store.services import needs
from scheduler.words import code_spelling, plain, spelling, vocabulary

LETTERS = {"volunteers": "V", "recipients": "E", "needs": "N"}
PHONES_OF_A_NAME = 20  # rows of one file that ask whether this is somebody's phone: more would be guessing it
IDENTITY = {  # what makes a row without 编号 the same row next time
    "volunteers": ("name", "phone", "birth_month"),
    "recipients": ("name", "phone", "grid_id", "address"),
    "needs": ("service_type", "recipient_id", "kind", "from_date", "weekdays", "start"),
}


class Reader:
    """Reads the tables of one file; what it finds goes into the preview."""

    def __init__(self, store: Store, config: Config, preview: Preview, *, by: str, now: datetime) -> None:
        self.preview = preview
        self.directory = Directory.of(store)
        self.existing: dict[str, dict[str, Any]] = {
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
            "volunteers": volunteer_form(self.directory, now),
            "free_times": free_time_form(self.directory),
            "recipients": recipient_form(self.directory, now),
            "needs": need_form(self.directory, by, now),
            "pairs": pair_form(self.directory),
        }
        self._codes_spelt = {
            name: _codes_by({code: code_spelling(code) for code in found}) for name, found in self.existing.items()
        }
        self._codes_of_person = {
            name: _codes_by(
                {code: (spelling(p.name), without_area_code(p.phone)) for code, p in self.existing[name].items()}
            )
            for name in ("volunteers", "recipients")
        }
        self._phones_of_name: dict[tuple[str, str], set[str]] = defaultdict(set)
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
                code = row.texts["code"] = self._code(name, row.texts)
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
                "volunteers": self.directory.volunteers,
                "recipients": self.directory.recipients,
            }.get(name)
            if index is not None and code not in index.id_of_code:
                index.add(stable_id(name.removesuffix("s"), code), code, plain(row.texts.get("name", "")))
            if name == "recipients" and (kind := vocabulary("recipient_kinds").value(row.texts.get("kind", ""))):
                self.directory.recipient_kinds[self.directory.recipients.id_of_code[code]] = kind

    def _code(self, name: str, texts: dict[str, str]) -> str:
        """The code of a row: given in any spelling, or that of the person with this name and phone, or a new one.

        Raises InvalidFields where several people have this name and phone, and where too many phones are tried.
        """
        given = plain(texts.get("code", ""))
        if given:
            known = self._codes_spelt[name].get(code_spelling(given), [])
            return known[0] if len(known) == 1 and given not in self.existing[name] else given
        person = (spelling(texts.get("name", "")), without_area_code(first_number(texts.get("phone", ""))[0]))
        if person[1]:
            phones = self._phones_of_name[name, person[0]]
            phones.add(person[1])
            if len(phones) > PHONES_OF_A_NAME:
                expected = LocalizedText(
                    "a code (more than %(phones_of_a_name)s rows have this name, each another phone)",
                    phones_of_a_name=PHONES_OF_A_NAME,
                )
                raise InvalidFields([Mistake("code", "", expected)])
        found = self._codes_of_person.get(name, {}).get(person, []) if person[1] else []
        same = [code for code in found if self.existing[name][code].active] or found
        if len(same) > 1:
            codes = sorted(same)[:5]
            expected = LocalizedText("a code (%(codes)s have this name and phone)", codes=codes)
            raise InvalidFields([Mistake("code", "", expected)])
        if same:
            return same[0]
        as_typed, as_meant = (
            f"{LETTERS[name]}-{stable_id(name, *(read(field, texts.get(field, '')) for field in IDENTITY[name]))[:10]}"
            for read in (lambda _, text: plain(text), _identity)
        )
        return as_typed if as_typed in self.existing[name] else as_meant

    # --- rows --------------------------------------------------------------------------------------------------------

    def read(self, table: Table) -> None:
        """Reads every row of a table."""
        wanted: dict[str, dict[tuple[object, ...], FreeTime]] = defaultdict(dict)
        for row in table.rows:
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
        self._found_by_phone()
        for organisation in self.directory.new_organisations.values():
            self.preview.count("organisations", NEW)
            self.preview.changes.append(RowChange("organisations", 0, NEW, organisation.name))
            self.preview.writes.append(Write("organisations", None, organisation))

    def _found_by_phone(self) -> None:
        """Tells the preview whom a row found by a phone that was perhaps a guess: one of several for a name, or new."""
        tried = [(sheet, (who, phone)) for (sheet, who), phones in self._phones_of_name.items() if len(phones) > 1
                 for phone in phones]  # fmt: skip
        found = {(sheet, code) for sheet, person in tried for code in self._codes_of_person[sheet].get(person, ())}
        for sheet, code in found | self.doubts.twins:
            if code in self.existing[sheet]:
                self.preview.found_by_phone.add((sheet.removesuffix("s"), self.existing[sheet][code].id))

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


def _ended_first(found: Iterable[Pair]) -> list[Pair]:
    """So that of several pairs between the same two people the living one is kept last."""
    return sorted(found, key=lambda pair: pair.state.value != "ended")


def _codes_by(values: Mapping[str, Any]) -> dict[Any, list[str]]:
    """Codes by the value that they have."""
    found: dict[Any, list[str]] = defaultdict(list)
    for code, value in values.items():
        found[value].append(code)
    return found


def _identity(field: str, text: str) -> str:
    """What a field of a row without code says, however it is written."""
    if field == "phone":
        return first_number(text)[0] or plain(text)
    if field == "birth_month" and text.strip():
        with suppress(Unfit):
            return Month().read(text)
    return spelling(text) if field == "name" else plain(text)
