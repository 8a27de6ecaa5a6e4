"""Fields that hold days, clock times, weekdays and spans; see scheduler.fields."""

import re
from dataclasses import dataclass
from datetime import date

from scheduler.localtime import clock_of, minutes_of
from scheduler.words import SEPARATORS, Said, Unfit, plain


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day."""

    choices: tuple[str, ...] = ()

    def read(self, text: str) -> date:
        match = re.fullmatch(
            r"(\d{4})\s*(?:[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})日?|(\d{2})(\d{2}))(?:[ T]0{1,2}:00(?::00)?)?",
            plain(text),
        )
        try:
            if match is None or not 1900 <= int(match[1]) <= 2199:
                raise ValueError
            return date(int(match[1]), int(match[2] or match[4]), int(match[3] or match[5]))
        except ValueError as error:
            raise Unfit(Said("日期，如 2026-11-23", "a date like 2026-11-23")) from error

    def write(self, value: date) -> str:
        return value.isoformat()


@dataclass(frozen=True, slots=True)
class Month:
    """A month of birth as "YYYY-MM"; a full date is cut."""

    choices: tuple[str, ...] = ()

    def read(self, text: str) -> str:
        match = re.fullmatch(r"(\d{4})(?:[-/.年]\s*)?(\d{1,2})月?(?:[-/.]?\d{1,2}日?)?(?: 00:00(?::00)?)?", plain(text))
        if match is None or not 1900 <= int(match[1]) <= 2199 or not 1 <= int(match[2]) <= 12:
            raise Unfit(Said("年月，如 1958-03", "year and month like 1958-03"))
        return f"{match[1]}-{int(match[2]):02d}"

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as "HH:MM", up to 24:00."""

    choices: tuple[str, ...] = ()

    def read(self, text: str) -> str:
        match = re.fullmatch(r"(\d{1,2})[:点时](?:(\d{1,2})(?::00|分)?)?", plain(text).replace("半", "30分"))
        minutes = int(match[1]) * 60 + int(match[2] or 0) if match else -1
        if match is None or not 0 <= minutes <= 24 * 60 or int(match[2] or 0) > 59:
            raise Unfit(Said("时间，如 14:30", "a time like 14:30"))
        return clock_of(minutes)

    def write(self, value: str) -> str:
        return value


DAY_NAMES = "一二三四五六日"
DAY_WORDS = {"每天": (1, 2, 3, 4, 5, 6, 7), "daily": (1, 2, 3, 4, 5, 6, 7), "工作日": (1, 2, 3, 4, 5), "周末": (6, 7)}
EN_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Days of the week, 1 = Monday, sorted: "周一、周三", "一三五", "周一至周五", "1-5", "每天", "Mon-Fri"."""

    choices: tuple[str, ...] = ()

    def read(self, text: str) -> tuple[int, ...]:
        days: set[int] = set()
        for part in SEPARATORS.split(plain(text).casefold()):
            days |= self._part(part.strip())
        if not days:
            raise self._unfit()
        return tuple(sorted(days))

    def _part(self, part: str) -> set[int]:
        if part in DAY_WORDS:
            return set(DAY_WORDS[part])
        for number, name in enumerate(EN_DAYS, 1):
            part = re.sub(rf"\b{name}[a-z]*", str(number), part)
        for number, name in enumerate(DAY_NAMES, 1):
            part = part.replace(name, str(number))
        part = re.sub(r"星期|礼拜|周|\s", "", part.replace("天", "7"))
        if not re.fullmatch(r"(?:[1-7](?:[-~至到][1-7])?)*", part):
            raise self._unfit()
        days: set[int] = set()
        for first, last in re.findall(r"([1-7])(?:[-~至到]([1-7]))?", part):
            if int(last or first) < int(first):
                raise self._unfit()
            days |= set(range(int(first), int(last or first) + 1))
        return days

    @staticmethod
    def _unfit() -> Unfit:
        return Unfit(Said("星期，如 周一、周三 或 周一至周五 或 每天", "weekdays like Mon, Wed or Mon-Fri"))

    def write(self, value: tuple[int, ...]) -> str:
        return "、".join(f"周{DAY_NAMES[day - 1]}" for day in value)


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans of a day: "12:00-14:00、20:00-24:00"."""

    choices: tuple[str, ...] = ()

    def read(self, text: str) -> tuple[tuple[str, str], ...]:
        spans = []
        for part in SEPARATORS.split(plain(text)):
            ends = [end for end in re.split(r"[-~至到]", part) if end.strip()]
            try:
                start, end = (Clock().read(clock) for clock in ends)
            except (ValueError, Unfit) as error:
                raise self._unfit() from error
            if minutes_of(start) >= minutes_of(end):
                raise self._unfit()
            spans.append((start, end))
        return tuple(sorted(spans))

    @staticmethod
    def _unfit() -> Unfit:
        return Unfit(Said("时段，如 12:00-14:00、20:00-24:00", "spans like 12:00-14:00, 20:00-24:00"))

    def write(self, value: tuple[tuple[str, str], ...]) -> str:
        return "、".join(f"{start}-{end}" for start, end in value)
