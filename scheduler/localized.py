"""What people read in their own language: sentences of ours, names that data holds, words for codes, moments, lists.

A sentence in the code is English and is its own key; scheduler/translations/zh.po holds the Chinese. It is put into
words only when a reader is there, with every value that stands in it, so nothing is said in half a language.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from scheduler.localtime import LOCAL
from scheduler.translations import chinese
from scheduler.words import vocabulary


class Localized(ABC):
    """Something that reads differently in each language."""

    __slots__ = ()

    @abstractmethod
    def to(self, locale: str) -> str:
        """As a reader of the locale reads it: Chinese for any "zh…", English otherwise."""

    @property
    def zh(self) -> str:
        return self.to("zh")

    @property
    def en(self) -> str:
        return self.to("en")


class LocalizedText(Localized):
    """A sentence with its values: LocalizedText("login '%(login)s' is taken", login=login).

    A value may be Localized itself, or several values, which are listed with commas.
    """

    __slots__ = ("msgid", "params")

    def __init__(self, msgid: str, /, **params: object) -> None:
        self.msgid, self.params = msgid, params

    def to(self, locale: str) -> str:
        text = chinese().get(self.msgid, self.msgid) if locale.startswith("zh") else self.msgid
        return text % {name: _read(value, locale) for name, value in self.params.items()}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LocalizedText) and (self.msgid, self.params) == (other.msgid, other.params)

    def __hash__(self) -> int:
        return hash(self.msgid)

    def __repr__(self) -> str:
        return f"LocalizedText({self.en!r})"


@dataclass(frozen=True, slots=True)
class Bilingual(Localized):
    """A name or a sentence that data or the database holds in both languages."""

    zh: str
    en: str

    def to(self, locale: str) -> str:
        return self.zh if locale.startswith("zh") else self.en


@dataclass(frozen=True, slots=True)
class Word(Localized):
    """The word for a stored value, from a group of scheduler/data/words.yaml."""

    group: str
    value: str

    def to(self, locale: str) -> str:
        return vocabulary(self.group).word(self.value, locale)


@dataclass(frozen=True, slots=True)
class Listing(Localized):
    """Several values, one after the other."""

    items: tuple[object, ...]
    zh_comma: str = "、"
    en_comma: str = ", "

    def to(self, locale: str) -> str:
        comma = self.zh_comma if locale.startswith("zh") else self.en_comma
        return comma.join(str(_read(item, locale)) for item in self.items)


@dataclass(frozen=True, slots=True)
class Moment(Localized):
    """ "11月23日 周一 14:30" or "Mon 23 Nov 14:30", on the local clock."""

    at: datetime

    def to(self, locale: str) -> str:
        local = self.at.astimezone(LOCAL)
        return LocalizedText(
            "%(weekday)s %(day)s %(month)s %(clock)s",
            weekday=Word("weekdays", str(local.isoweekday())),
            day=local.day,
            month=Bilingual(str(local.month), f"{local:%b}"),
            clock=f"{local:%H:%M}",
        ).to(locale)


def words_for(group: str, values: Iterable[str]) -> Listing:
    """The words for several stored values of a group."""
    return Listing(tuple(Word(group, value) for value in values))


def msgid(sentence: str) -> str:
    """A sentence that a LocalizedText says later: marks it for the catalogue."""
    return sentence


def _read(value: object, locale: str) -> object:
    if isinstance(value, (list, tuple)):
        value = Listing(tuple(value))
    return value.to(locale) if isinstance(value, Localized) else value
