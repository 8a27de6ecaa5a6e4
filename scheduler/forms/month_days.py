"""Days of the month as people write them: "15日、第一个周六", "the 15th, last Friday".

They are kept as codes: see rules/recurrence.py.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass

from scheduler.errors import Unfit
from scheduler.forms.time_fields import AND, DAY_NAMES, EN_DAYS, meant
from scheduler.localized import Listing, Localized, LocalizedText, Word

ORDINALS = dict(zip("一二三四五", range(1, 6), strict=True)) | {"两": 2}
ORDINALS |= {word: n for n, word in enumerate(("first", "second", "third", "fourth", "fifth"), 1)}
LAST_DAY = re.compile(r"(?:每月|每个月)?(?:月末|月底|最后一[天日])|(?:the )?last day(?: of the month)?")
DATE = re.compile(r"(?:每月|每个月)?(?:the |day )?(\d{1,2})(?:日|号|st|nd|rd|th)?")
ZH_WEEKDAY = re.compile(rf"(?:每月|每个月)?(?:第?([一二两三四五1-5])|(最后一?))个?(?:周|星期|礼拜)([{DAY_NAMES}天])")
EN_WEEKDAY = re.compile(
    rf"(?:the )?(first|second|third|fourth|fifth|last|[1-5](?:st|nd|rd|th)) ({'|'.join(EN_DAYS)})[a-z]*\.?"
)


@dataclass(frozen=True, slots=True)
class MonthDays:
    """Codes of days of the month, sorted: dates first, then weekdays by their number in the month."""

    choices: tuple[str, ...] = ()

    def read(self, text: str) -> tuple[str, ...]:
        codes = {_code(part.strip()) for part in AND.split(meant(text).casefold()) if part.strip()}
        if not codes:
            raise _unfit()
        return tuple(sorted(codes, key=lambda code: ("." in code, float(code) % 100)))

    def write(self, value: tuple[str, ...]) -> str:
        return month_days_said(value).zh


def month_days_said(codes: Collection[str]) -> Localized:
    """The days as a list: "15日、第一个周六", "day 15, first Sat"."""
    return Listing(tuple(map(_said, codes)))


def _code(text: str) -> str:
    if LAST_DAY.fullmatch(text):
        return "-1"
    if (found := DATE.fullmatch(text)) and 1 <= int(found[1]) <= 31:
        return str(int(found[1]))
    if found := ZH_WEEKDAY.fullmatch(text):
        return f"{-1 if found[2] else _ordinal(found[1])}.{DAY_NAMES.index(found[3].replace('天', '日')) + 1}"
    if found := EN_WEEKDAY.fullmatch(text):
        return f"{-1 if found[1] == 'last' else _ordinal(found[1])}.{EN_DAYS.index(found[2]) + 1}"
    raise _unfit()


def _ordinal(text: str) -> int:
    return ORDINALS.get(text) or int(text[0])


def _said(code: str) -> Localized:
    which, dot, weekday = code.partition(".")
    if not dot:
        return LocalizedText("last day") if which == "-1" else LocalizedText("day %(number)s", number=which)
    return LocalizedText("%(ordinal)s %(weekday)s", ordinal=Word("ordinals", which), weekday=Word("weekdays", weekday))


def _unfit() -> Unfit:
    return Unfit(LocalizedText("days of the month like 15, first Sat or last Fri"))
