"""Stored values and the Chinese and English words that people use for them."""

import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from typing import cast

import yaml

SEPARATORS = re.compile(r"[、,，;；/|\n]+")
UNSEEN = re.compile(  # Unicode's Default_Ignorable_Code_Point: marks of direction and width that nobody sees
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f"
    "\ufeff\uffa0\U000e0000-\U000e0fff]"
)
LOOK_ALIKES = str.maketrans(
    dict.fromkeys("‐‑‒–—―⁃−─━﹘﹣－ー⸺⸻→", "-")
    | dict.fromkeys("〜～∼∽⁓〰˜", "~")
    | dict.fromkeys("•‧∙⋅・･᛫", "·")
    | {"∶": ":", "꞉": ":", "∕": "/", "⁄": "/", "。": ".", "｡": ".", "週": "周", "禮": "礼"}
)


def plain(text: str) -> str:
    """A text to keep as it was meant: half-width letters and digits, without unseen marks and blanks around."""
    return UNSEEN.sub("", unicodedata.normalize("NFKC", UNSEEN.sub("", text))).strip()


def plain_signs(text: str) -> str:
    """A text to read a value from: plain, and every kind of dash, tilde, middle dot, colon and stop is one."""
    return plain(text.translate(LOOK_ALIKES)).translate(LOOK_ALIKES)


@lru_cache(maxsize=50_000)
def spelling(text: str) -> str:
    """What texts have in common that are the same word, name or code written otherwise; only for comparing."""
    return re.sub(r"[\s·'’_]+|(?<!\d)[-.]+|[-.]+(?!\d)", "", plain_signs(text)).casefold()


def code_spelling(code: str) -> str:
    """As `spelling`; the zeros before a number count for nothing, for a number cell has none."""
    spelt = spelling(code)
    return spelt.lstrip("0") if spelt.isdecimal() else spelt


class Vocabulary:
    """Values and their words."""

    def __init__(self, words: dict[str, list[str]]) -> None:
        self.words = words
        self._value = {spelling(word): value for value, said in words.items() for word in (value, *said)}

    def value(self, text: str) -> str | None:
        """The stored value of a word in any spelling, None if the word is unknown."""
        return self._value.get(spelling(text))

    def word(self, value: str, locale: str = "zh") -> str:
        """The word for a stored value; the value itself if it has no word."""
        said = self.words.get(value)
        return value if said is None else said[0 if locale.startswith("zh") else 1]

    def all(self, locale: str = "zh") -> tuple[str, ...]:
        return tuple(self.word(value, locale) for value in self.words)

    def extended(self, values: set[str]) -> "Vocabulary":
        """With further values that stand for themselves."""
        return Vocabulary(self.words | {value: [value, value] for value in sorted(values - self.words.keys())})


@cache
def vocabulary(group: str) -> Vocabulary:
    """The words of a group of scheduler/data/words.yaml, such as "kinds"; "tags" holds the skills too."""
    words = _table()
    return Vocabulary(words["skills"] | words["tags"] if group == "tags" else words[group])


@cache
def _table() -> dict[str, dict[str, list[str]]]:
    text = files("scheduler.data").joinpath("words.yaml").read_text(encoding="utf-8")
    return cast("dict[str, dict[str, list[str]]]", yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
