"""What an import would do, and what is wrong with the file."""

import hashlib
from dataclasses import dataclass, field
from typing import Annotated, Any

from pydantic import PlainSerializer, PlainValidator, TypeAdapter

from scheduler.config import Config
from scheduler.forms.sheets import sheets
from scheduler.localized import Bilingual, Localized, LocalizedText

NEW, CHANGED, UNCHANGED, REFUSED, REMOVED = "new", "changed", "unchanged", "refused", "removed"
SHOWN_ERRORS, SHOWN_CHANGES = 1000, 300


def _stored(text: str | Localized) -> str | dict[str, str]:
    return text if isinstance(text, str) else {"zh": text.zh, "en": text.en}


def _as_stored(stored: Any) -> str | Localized:
    return Bilingual(**stored) if isinstance(stored, dict) else stored


# As JSON both languages are kept, for a sentence that was reworded meanwhile has no Chinese any more.
Sentence = Annotated[Localized, PlainValidator(_as_stored), PlainSerializer(_stored)]
Readable = Annotated[str | Localized, PlainValidator(_as_stored), PlainSerializer(_stored)]


@dataclass(frozen=True, slots=True)
class CellError:
    """One mistake: where it is, what was found, what was expected. Row 0 speaks of the sheet as a whole."""

    sheet: str  # as the file calls it
    row: int
    column: str  # header as the file calls it
    value: Readable
    expected: Sentence

    def to(self, locale: str) -> str:
        """One sentence in the reader's language."""
        where = LocalizedText("sheet '%(sheet)s'", sheet=self.sheet)
        if self.row:
            where = LocalizedText("%(where)s, row %(row)s", where=where, row=self.row)
        if self.column:
            where = LocalizedText("%(where)s, column '%(column)s'", where=where, column=self.column)
        if not self.value:
            return LocalizedText("%(where)s: empty, expected %(expected)s", where=where, expected=self.expected).to(
                locale
            )
        return LocalizedText(
            "%(where)s: found '%(value)s', expected %(expected)s", where=where, value=self.value, expected=self.expected
        ).to(locale)


@dataclass(frozen=True, slots=True)
class FieldChange:
    """A field with its text before and after; of private fields only that they change is told."""

    title: Sentence
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class RowChange:
    """What happens to one object: "new", "changed" or "removed"."""

    sheet: str
    row: int
    kind: str
    label: str
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class Write:
    """One row of a table to add (no `before`), to change, or to remove (no `after`)."""

    table: str
    before: Any
    after: Any


@dataclass(slots=True)
class Preview:
    """A dry run. `counts`: sheet name → kind of change → number of rows; `fingerprint` is equal for equal changes.

    `found_by_phone`: kind and id of stored people whose phone the rows may have guessed.
    """

    filename: str
    config: Config
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    changes: list[RowChange] = field(default_factory=list)
    errors: list[CellError] = field(default_factory=list)
    warnings: list[Localized] = field(default_factory=list)
    writes: list[Write] = field(default_factory=list)
    found_by_phone: set[tuple[str, str]] = field(default_factory=set)

    @property
    def can_confirm(self) -> bool:
        """Whether nothing is wrong and something would change."""
        return self.shown().can_confirm

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(repr((self.changes, self.counts)).encode()).hexdigest()[:32]

    def count(self, sheet: str, kind: str) -> None:
        kinds = self.counts.setdefault(sheet, dict.fromkeys((NEW, CHANGED, UNCHANGED, REFUSED), 0))
        kinds[kind] = kinds.get(kind, 0) + 1

    def shown_errors(self, locale: str) -> list[str]:
        """The sentences to show; at most a thousand, then how many more there are."""
        return self.shown().sentences(locale)

    def shown(self) -> "Shown":
        """What people are shown of it."""
        return Shown(
            filename=self.filename,
            fingerprint=self.fingerprint,
            counts=self.counts,
            errors=self.errors[:SHOWN_ERRORS],
            error_count=len(self.errors),
            warnings=self.warnings[:SHOWN_ERRORS],
            changes=self.changes[:SHOWN_CHANGES],
            change_count=len(self.changes),
            changes_anything=bool(self.writes),
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """A dry run without the rows to write, short enough to be kept: the first mistakes and changes, and how many."""

    filename: str
    fingerprint: str
    counts: dict[str, dict[str, int]]
    errors: list[CellError]
    error_count: int
    warnings: list[Sentence]
    changes: list[RowChange]
    change_count: int
    changes_anything: bool

    @property
    def can_confirm(self) -> bool:
        """Whether nothing is wrong and something would change."""
        return not self.error_count and self.changes_anything

    def sentences(self, locale: str) -> list[str]:
        """The mistakes in the reader's language, then how many more there are."""
        found = [error.to(locale) for error in self.errors]
        if more := self.error_count - len(found):
            found.append(LocalizedText("and %(more)s more", more=more).to(locale))
        return found

    def to_json(self) -> str:
        return _SHOWN.dump_json(self).decode()

    @staticmethod
    def from_json(text: str) -> "Shown":
        return _SHOWN.validate_json(text)

    @staticmethod
    def title(sheet: str) -> Localized:
        """What people call a sheet of the counts and changes."""
        return sheets()[sheet].title


_SHOWN = TypeAdapter(Shown)
