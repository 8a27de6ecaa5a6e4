"""What a person writes into one field, read and written back: the same for a web form and a cell of a workbook.

Every field reads text to a value, or raises Unfit saying what was expected, and writes a value to text that reads back
to the same value. Empty text is the caller's affair: no field is asked to read it.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Protocol

from scheduler.errors import Unfit
from scheduler.forms.time_fields import Day
from scheduler.localized import Bilingual, Localized, LocalizedText
from scheduler.model.phone_numbers import first_number
from scheduler.model.services import TeamRule
from scheduler.words import LOOK_ALIKES, SEPARATORS, Vocabulary, plain, plain_signs, vocabulary

SHOWN_CHOICES = 12  # choices named in a message
MINUTES, PEOPLE = "分钟?|min", "人|名|位|个"  # units of whole numbers


class Field(Protocol):
    """Reads and writes one kind of value; `choices` are the Chinese words to pick from, empty if anything goes."""

    @property
    def choices(self) -> tuple[str, ...]: ...

    def read(self, text: str) -> Any: ...

    def write(self, value: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class Text:
    """Up to so many characters on one line (`lines`: on several)."""

    longest: int = 100
    lines: bool = False
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> str:
        text = plain(text) if not self.lines else text.strip()
        if len(text) > self.longest:
            raise Unfit(LocalizedText("at most %(longest)s characters", longest=self.longest))
        if not self.lines and re.search(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", text):
            raise Unfit(LocalizedText("one line of text without control characters"))
        return text.replace("\0", "")

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True, slots=True)
class Name(Text):
    """A name as it is spoken: blanks that pad Chinese characters are dropped, the dot between names is one dot."""

    def read(self, text: str) -> str:
        name = Text.read(self, text)
        chinese = re.fullmatch(r"[\u3400-\u9fff\U00020000-\U0003ffff·\s]+", name.translate(LOOK_ALIKES))
        return "".join(chinese[0].split()) if chinese else re.sub(r"\s+", " ", name)


@dataclass(frozen=True, slots=True)
class Phone:
    """A mainland mobile, landline or service number, stored as digits without the country's code."""

    choices: tuple[str, ...] = ()

    def read(self, text: str) -> str:
        number, more = first_number(text)
        if number and not more:
            return number
        if number or len(re.findall(r"\d", plain(text))) > 12:
            raise Unfit(
                LocalizedText(
                    "one 11-digit mobile or one landline with area code (extensions and further numbers: in the notes)"
                )
            )
        raise Unfit(LocalizedText("an 11-digit mobile or a landline with area code"))

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number between two limits; one of the `units`, divided by |, may stand behind it."""

    low: int
    high: int
    units: str = ""
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> int:
        digits = re.fullmatch(rf"(\d{{1,9}})(?:\.0+)?\s*(?:{self.units})?", plain_signs(text))
        if digits is None or not self.low <= int(digits[1]) <= self.high:
            raise Unfit(LocalizedText("a whole number from %(low)s to %(high)s", low=self.low, high=self.high))
        return int(digits[1])

    def write(self, value: int) -> str:
        return str(value)


@dataclass(frozen=True, slots=True)
class Degrees:
    """A coordinate in degrees (WGS-84)."""

    low: float
    high: float
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> float:
        try:
            degrees = float(plain_signs(text).rstrip("°度"))
        except ValueError:
            degrees = float("nan")
        if not self.low <= degrees <= self.high:
            raise Unfit(
                LocalizedText(
                    "degrees between %(low)s and %(high)s; mind not to swap latitude and longitude",
                    low=f"{self.low:g}",
                    high=f"{self.high:g}",
                )
            )
        return degrees

    def write(self, value: float) -> str:
        return repr(value)


LATITUDE, LONGITUDE = Degrees(30.5, 32.0), Degrees(120.5, 122.5)  # Shanghai and around


@dataclass(frozen=True, slots=True)
class YesNo:
    """Yes or no."""

    @property
    def choices(self) -> tuple[str, ...]:
        return vocabulary("yes_no").all()

    def read(self, text: str) -> bool:
        value = vocabulary("yes_no").value(text)
        if value is not None:
            return value == "yes"
        raise Unfit(LocalizedText("yes or no"))

    def write(self, value: bool) -> str:
        return vocabulary("yes_no").word("yes" if value else "no")


class OneOf:
    """One word of a vocabulary; `typed` turns the stored text into what the model holds."""

    def __init__(self, vocabulary: Vocabulary, typed: Callable[[str], Any] = str) -> None:
        self.vocabulary, self.typed = vocabulary, typed
        self.choices = vocabulary.all()

    def read(self, text: str) -> Any:
        value = self.vocabulary.value(text)
        if value is None:
            raise Unfit(one_of(self.vocabulary))
        return self.typed(value)

    def write(self, value: Any) -> str:
        return self.vocabulary.word(str(value))


class ManyOf:
    """Several words of a vocabulary, divided by 、 or a comma; read to the given collection."""

    choices: tuple[str, ...] = ()

    def __init__(self, vocabulary: Vocabulary, typed: Callable[[str], Any] = str, collect: Any = frozenset) -> None:
        self.vocabulary, self.typed, self.collect = vocabulary, typed, collect

    def read(self, text: str) -> Any:
        values = [self.vocabulary.value(word) for word in SEPARATORS.split(plain(text)) if word.strip()]
        if None in values:
            allowed = one_of(self.vocabulary)
            raise Unfit(LocalizedText("%(allowed)s (several: divided by commas)", allowed=allowed))
        return self.collect(self.typed(value) for value in dict.fromkeys(values) if value)

    def write(self, value: Any) -> str:
        words = [self.vocabulary.word(str(item)) for item in value]
        return "、".join(words if self.collect is tuple else sorted(words))


def one_of(vocabulary: Vocabulary) -> Localized:
    """ "A、B 或 C" of a vocabulary; a long one is cut."""
    words = [Bilingual(vocabulary.word(value), vocabulary.word(value, "en")) for value in vocabulary.words]
    if len(words) > SHOWN_CHOICES:
        return LocalizedText("one of %(words)s…", words=words[:SHOWN_CHOICES])
    return LocalizedText("one of %(words)s", words=words)


@dataclass(frozen=True, slots=True)
class Trainings:
    """Trainings with the last day on which they hold: "急救证 2027-05-01、陪诊"."""

    tags: Vocabulary
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> dict[str, date | None]:
        found: dict[str, date | None] = {}
        for part in SEPARATORS.split(re.sub(r"(\d{4})/(\d{1,2})/(\d{1,2})", r"\1-\2-\3", plain_signs(text))):
            match = re.fullmatch(r"(.+?)[\s(:至到-]*(?:有效期)?[\s(:至到-]*(\d{4}[-.年]\S*?)?\)?", part.strip())
            tag = self.tags.value(match[1]) if match else None
            if match is None or tag is None:
                raise Unfit(LocalizedText("names with last valid day: first aid 2027-05-01"))
            found[tag] = Day().read(match[2]) if match[2] else None
        return found

    def write(self, value: Mapping[str, date | None]) -> str:
        return "、".join(
            f"{self.tags.word(tag)} {until.isoformat()}" if until else self.tags.word(tag)
            for tag, until in sorted(value.items())
        )


@dataclass(frozen=True, slots=True)
class Team:
    """How many of a team must be what: "党员1、骑手1"."""

    tags: Vocabulary
    locale: str = "zh"  # in which it is written
    choices: tuple[str, ...] = ()

    def read(self, text: str) -> tuple[TeamRule, ...]:
        rules = []
        for part in SEPARATORS.split(plain_signs(text)):
            match = re.fullmatch(r"(.+?)\s*[x×*:]?\s*(\d{1,2})?", part.strip())
            tag = self.tags.value(match[1]) if match else None
            if match is None or tag is None or match[2] == "0":
                raise Unfit(LocalizedText("a team rule like party member 1, courier 1"))
            rules.append(TeamRule(tag, int(match[2] or 1)))
        return tuple(rules)

    def write(self, value: tuple[TeamRule, ...]) -> str:
        if self.locale != "zh":
            return ", ".join(f"{self.tags.word(rule.tag, self.locale)} {rule.at_least}" for rule in value)
        return "、".join(f"{self.tags.word(rule.tag)}{rule.at_least}" for rule in value)
