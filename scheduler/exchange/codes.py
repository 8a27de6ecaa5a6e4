"""Recognising the rows of a file: which stored object one is, or the code that a new one gets."""

from collections import defaultdict
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from scheduler.errors import Unfit
from scheduler.forms.form import InvalidFields, Mistake
from scheduler.forms.references import Directory
from scheduler.forms.time_fields import Month
from scheduler.localized import LocalizedText
from scheduler.model.ids import stable_id
from scheduler.model.phone_numbers import first_number, without_area_code
from scheduler.words import code_spelling, plain, spelling

LETTERS = {"grids": "A", "organisations": "O", "volunteers": "V", "recipients": "E", "needs": "N"}
PHONES_OF_A_NAME = 20  # rows of one file that ask whether this is somebody's phone: more would be guessing it
IDENTITY = {  # what makes a row without 编号 the same row next time
    "grids": ("name", "parent_id"),
    "organisations": ("name",),
    "volunteers": ("name", "phone", "birth_month"),
    "recipients": ("name", "phone", "grid_id", "address"),
    "needs": ("service_type", "recipient_id", "kind", "from_date", "weekdays", "start"),
}


class Codes:
    """What is stored, by the codes, names and phones by which rows name it."""

    def __init__(self, existing: Mapping[str, Mapping[str, Any]], directory: Directory) -> None:
        self.existing, self.directory = existing, directory
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

    def of(self, name: str, texts: dict[str, str]) -> str:
        """The code of a row: given in any spelling, or that of the person with this name and phone, or a new one.

        Raises InvalidFields where several people have this name and phone, and where too many phones are tried.
        """
        given = plain(texts.get("code", ""))
        if given:
            known = self._codes_spelt[name].get(code_spelling(given), [])
            return known[0] if len(known) == 1 and given not in self.existing[name] else given
        if name == "grids" and (known_area := self._area(texts)):
            return known_area
        if name == "organisations" and (known_one := self._organisation(texts)):
            return known_one
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

    def _area(self, texts: dict[str, str]) -> str:
        """The code of the stored area with this name in the same area; empty for a new one."""
        with suppress(Unfit):
            above = self.directory.find_grid(texts.get("parent_id", ""))
            for area in self.existing["grids"].values():
                if spelling(area.name) == spelling(texts.get("name", "")) and area.parent_id == above:
                    return str(area.code)
        return ""

    def _organisation(self, texts: dict[str, str]) -> str:
        """The code of the stored organisation with this name; empty for a new one. Raises InvalidFields for several."""
        try:
            found = self.directory.organisations.find(plain(texts.get("name", "")))
        except Unfit as several:
            raise InvalidFields([Mistake("code", "", several.expected)]) from several
        return self.directory.organisations.show(found) if found else ""

    def found_by_phone(self, twins: set[tuple[str, str]]) -> set[tuple[str, str]]:
        """Kind and id of those whom a row found by a phone that was perhaps a guess: one of several for a name.

        `twins`: sheet and code of those of whom a row told besides that a new phone is theirs.
        """
        tried = [(sheet, (who, phone)) for (sheet, who), phones in self._phones_of_name.items() if len(phones) > 1
                 for phone in phones]  # fmt: skip
        found = {(sheet, code) for sheet, person in tried for code in self._codes_of_person[sheet].get(person, ())}
        return {
            (sheet.removesuffix("s"), self.existing[sheet][code].id)
            for sheet, code in found | twins
            if code in self.existing[sheet]
        }


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
