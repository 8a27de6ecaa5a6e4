"""Free time said back: weekly rules and coming exceptions as one sentence, in Chinese or English."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

from scheduler.model.people import AvailabilityException, AvailabilityRule

_EVERY_DAY, _MONDAY_TO_FRIDAY, _WEEKEND = (1, 2, 3, 4, 5, 6, 7), (1, 2, 3, 4, 5), (6, 7)
_DAYS_ZH = ("周一", "周二", "周三", "周四", "周五", "周六", "周日", "个工作日")
_GROUPS_ZH = {_EVERY_DAY: "每天", _MONDAY_TO_FRIDAY: "每周一至周五", _WEEKEND: "每个周末"}
_DAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday", "working day")
_GROUPS_EN = {_EVERY_DAY: "every day", _MONDAY_TO_FRIDAY: "Monday to Friday", _WEEKEND: "every weekend"}
_MONTHS_EN = (
    "January February March April May June July August September October November December".split()  # noqa: SIM905
)


def exception_said(exception: AvailabilityException, *, locale: str) -> str:
    """One exception in words: "10月1日至7日没空", "Not 1–7 October"."""
    return _words(locale).joined([_words(locale).exception(exception)]).rstrip("。.")


def said_back(
    rules: Sequence[AvailabilityRule], exceptions: Sequence[AvailabilityException], *, locale: str, today: date
) -> str:
    """The rules and the coming exceptions as one sentence a person can check at a glance."""
    words = _words(locale)
    said = [words.rule(rule) for rule in sorted(rules, key=lambda r: (r.from_date or date.min, r.weekdays, r.start))]
    if not said:
        said = [words.never]
    coming = sorted((e for e in exceptions if e.until_date >= today), key=lambda e: (e.from_date, e.start))
    said += [words.exception(e) for e in coming]
    return words.joined(said)


class _Words(Protocol):
    """One language's way to say rules back."""

    never: str

    def rule(self, rule: AvailabilityRule) -> str: ...

    def exception(self, exception: AvailabilityException) -> str: ...

    def joined(self, said: list[str]) -> str: ...


class _Chinese:
    never = "没有固定的空闲时间"

    def rule(self, rule: AvailabilityRule) -> str:
        days = _GROUPS_ZH.get(rule.weekdays) or "每" + "、".join(_DAYS_ZH[d - 1] for d in rule.weekdays)
        return f"{self._season(rule)}{days}{rule.start}–{rule.end}有空"

    def _season(self, rule: AvailabilityRule) -> str:
        if rule.from_date and rule.until_date:
            return f"{self._dates(rule.from_date, rule.until_date)}期间"
        if rule.from_date:
            return f"{self._day(rule.from_date)}起"
        return f"{self._day(rule.until_date)}前" if rule.until_date else ""

    def exception(self, exception: AvailabilityException) -> str:
        dates = self._dates(exception.from_date, exception.until_date)
        times = "" if _whole_day(exception) else f"{exception.start}–{exception.end}"
        return f"{dates}{times}没空" if exception.kind == "away" else f"{dates}{times or '全天'}另外有空"

    def _day(self, day: date) -> str:
        return f"{day.month}月{day.day}日"

    def _dates(self, first: date, last: date) -> str:
        if first == last:
            return self._day(first)
        return f"{self._day(first)}至" + (f"{last.day}日" if first.month == last.month else self._day(last))

    def joined(self, said: list[str]) -> str:
        return "；".join(said) + "。"


class _English:
    never = "no regular free time"

    def rule(self, rule: AvailabilityRule) -> str:
        days = _GROUPS_EN.get(rule.weekdays) or "every " + _listed([_DAYS_EN[d - 1] for d in rule.weekdays])
        return f"{days} {rule.start}–{rule.end}{self._season(rule)}"

    def _season(self, rule: AvailabilityRule) -> str:
        since = f" from {self._day(rule.from_date)}" if rule.from_date else ""
        return since + (f" until {self._day(rule.until_date)}" if rule.until_date else "")

    def exception(self, exception: AvailabilityException) -> str:
        dates = self._dates(exception.from_date, exception.until_date)
        times = "" if _whole_day(exception) else f" {exception.start}–{exception.end}"
        return f"not {dates}{times}" if exception.kind == "away" else f"also {dates}{times or ', all day'}"

    def _day(self, day: date) -> str:
        return f"{day.day} {_MONTHS_EN[day.month - 1]}"

    def _dates(self, first: date, last: date) -> str:
        if first == last:
            return self._day(first)
        return (f"{first.day}" if first.month == last.month else self._day(first)) + f"–{self._day(last)}"

    def joined(self, said: list[str]) -> str:
        text = "; ".join(said)
        return text[0].upper() + text[1:] + "."


def _words(locale: str) -> _Words:
    return _Chinese() if locale.startswith("zh") else _English()


def _whole_day(exception: AvailabilityException) -> bool:
    return (exception.start, exception.end) == ("00:00", "24:00")


def _listed(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
