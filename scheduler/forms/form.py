"""A form: named fields read from text into an object of the model, with every mistake told at once."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Generic, NamedTuple, TypeVar

from scheduler.errors import InputError, Unfit
from scheduler.forms.fields import Field, Text
from scheduler.localized import Listing, Localized, LocalizedText

T = TypeVar("T")
SOME_TEXT = LocalizedText("a text")


class Mistake(NamedTuple):
    """What is wrong with one field: the text found and what was expected."""

    field: str
    found: str | Localized
    expected: Localized

    def to(self, locale: str) -> str:
        """One sentence in the reader's language."""
        return self.sentence().to(locale)

    def sentence(self) -> LocalizedText:
        if not self.found:
            return LocalizedText("is empty, expected %(expected)s", expected=self.expected)
        return LocalizedText("found '%(found)s', expected %(expected)s", found=self.found, expected=self.expected)


class InvalidFields(InputError):
    """Fields that a person must correct, by field name."""

    def __init__(self, mistakes: list[Mistake]) -> None:
        told = (
            LocalizedText("%(field)s: %(mistake)s", field=mistake.field, mistake=mistake.sentence())
            for mistake in mistakes
        )
        super().__init__(Listing(tuple(told), "；", "; "))
        self.mistakes = mistakes

    def by_field(self, locale: str) -> dict[str, str]:
        """The first sentence about each field."""
        found: dict[str, str] = {}
        for mistake in self.mistakes:
            found.setdefault(mistake.field, mistake.to(locale))
        return found


def _as_written(texts: Mapping[str, str], _: Any) -> Mapping[str, str]:
    return texts


def _no_problems(_: Any) -> Iterator[tuple[str, Localized]]:
    return iter(())


@dataclass(frozen=True)
class Form(Generic[T]):
    """`fields` by name; `empty` is what a field means that was left empty (a missing field keeps what was there).

    `prepare` may move what was written into the field where it belongs, before anything is read;
    `make` turns read values into an object, new or changed from an existing one; `problems` finds what does not fit
    together in it, as (field, expected).
    """

    fields: Mapping[str, Field]
    make: Callable[[dict[str, Any], T | None], T]
    required: frozenset[str] = frozenset()
    empty: Mapping[str, Any] = field(default_factory=dict)
    problems: Callable[[T], Iterator[tuple[str, Localized]]] = _no_problems
    prepare: Callable[[Mapping[str, str], T | None], Mapping[str, str]] = _as_written

    def read(self, texts: Mapping[str, str], existing: T | None = None) -> T:
        """The object that the texts describe. Raises InvalidFields naming every wrong field."""
        texts = self.prepare(texts, existing)
        values: dict[str, Any] = {}
        mistakes: list[Mistake] = []
        for name, reader in self.fields.items():
            text = texts.get(name)
            if text is not None and text.strip():
                try:
                    values[name] = reader.read(text)
                except Unfit as error:
                    mistakes.append(Mistake(name, text.strip(), error.expected))
            elif name in self.required and (text is not None or existing is None):
                mistakes.append(Mistake(name, "", self._wanted(reader)))
            elif text is not None:
                values[name] = self.empty.get(name)
        if mistakes:
            raise InvalidFields(mistakes)
        made = self.make(values, existing)
        mistakes = [Mistake(name, texts.get(name, "").strip(), said) for name, said in self.problems(made)]
        if mistakes:
            raise InvalidFields(mistakes)
        return made

    @staticmethod
    def _wanted(reader: Field) -> Localized:
        """What an empty required field should hold: the complaint about an impossible text."""
        if isinstance(reader, Text):
            return SOME_TEXT
        try:
            reader.read("\x01")
        except Unfit as error:
            return error.expected
        return SOME_TEXT


def unique_code(form: Form[Any], taken: set[str]) -> Form[Any]:
    """The form with one more check: nobody else has this code."""

    def problems(made: Any) -> Iterator[tuple[str, Localized]]:
        yield from form.problems(made)
        if made.code in taken:
            yield "code", LocalizedText("a code that nobody else has")

    return replace(form, problems=problems)
