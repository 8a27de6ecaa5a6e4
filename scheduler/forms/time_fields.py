"""Fields that hold days, clock times, weekdays and spans; see scheduler.forms.fields."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.errors import Unfit
from scheduler.localized import Localized, LocalizedText, Word, words_for
from scheduler.localtime import clock_of, minutes_of
from scheduler.rules.workdays import WORKDAY
from scheduler.words import SEPARATORS, plain_signs

DAY_NAMES = "一二三四五六日"
EN_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MIDNIGHT = r"(?:[ T]0{1,2}:00(?::00(?:\.0+)?)?(?:Z|\+08:00)?)?"
WEEKDAY = rf"(?:[\s,/]*[(\[【]?\s*(?:(?:周|星期|礼拜)?\s*([{DAY_NAMES}天])|({'|'.join(EN_DAYS)})[a-z]*\.?)\s*[)\]】]?)?"
FULL_DATE = re.compile(
    rf"(\d{{4}})\s*(?:[-/.年]\s*(\d{{1,2}})\s*[-/.月]\s*(\d{{1,2}})\s*[日号]?|(\d{{2}})(\d{{2}})){WEEKDAY}{MIDNIGHT}",
    re.IGNORECASE,
)
A_DATE = LocalizedText("a date with its year, like 2026-11-23")
A_MONTH = LocalizedText("year and month like 1958-03")
NUMERAL = re.compile("[〇零一二两三四五六七八九十]+(?=\\s*[年月日号点时分])")
DIGIT_OF = {numeral: str(digit) for digit, numeral in enumerate("零一二三四五六七八九")} | {"〇": "0", "两": "2"}


def meant(text: str) -> str:
    """A text about time as it is read: its numbers in digits, without brackets around and stops behind it."""
    bare = re.sub(
        r"^[\s(\[【]+|[\s.,;、)\]】]+$", "", plain_signs(text).replace("一刻", "15分").replace("三刻", "45分")
    )
    return NUMERAL.sub(lambda found: _in_digits(found[0]), bare)


def _in_digits(numerals: str) -> str:
    """ "二〇二六" is 2026 and "二十三" is 23."""
    tens, ten, ones = numerals.partition("十")
    if not ten:
        return "".join(DIGIT_OF[numeral] for numeral in numerals)
    return f"{DIGIT_OF.get(tens, '1')}{DIGIT_OF.get(ones, '0')}"


@dataclass(frozen=True, slots=True)
class Day:
    """A calendar day; a weekday beside it must be its own."""

    choices: tuple[str, ...] = ()

    def read(self, text: str) -> date:
        text = re.sub(r"^(\D+?)[\s,]*(\d.*)$", r"\2 \1", meant(text))  # the weekday may stand before the date
        match = FULL_DATE.fullmatch(text)
        try:
            if match is None or not 1900 <= int(match[1]) <= 2199:
                raise ValueError
            day = date(int(match[1]), int(match[2] or match[4]), int(match[3] or match[5]))
        except ValueError as error:
            raise Unfit(_serial(text) or A_DATE) from error
        named = match[6] or match[7]
        if named and day.weekday() != (DAY_NAMES.index(named.replace("天", "日")) if match[6] else _english_day(named)):
            raise Unfit(
                LocalizedText(
                    "a date and weekday that agree: %(day)s is a %(weekday)s",
                    day=day,
                    weekday=Word("weekdays", str(day.isoweekday())),
                )
            )
        return day

    def write(self, value: date) -> str:
        return value.isoformat()


def _english_day(name: str) -> int:
    return EN_DAYS.index(name[:3].casefold())


def _serial(text: str) -> Localized | None:
    """What to do about a spreadsheet's number of a day: never guessed at, for a workbook may count from 1904."""
    number = re.fullmatch(r"(\d{5})(?:\.\d+)?", text)
    if number is None or not 1900 <= (day := date(1899, 12, 30) + timedelta(days=int(number[1]))).year <= 2199:
        return None
    return LocalizedText(
        "a date, not a spreadsheet's number of a day (perhaps %(day)s): give the column a date format", day=day
    )


@dataclass(frozen=True, slots=True)
class Month:
    """A month of birth as "YYYY-MM"; a full date is cut."""

    choices: tuple[str, ...] = ()

    def read(self, text: str) -> str:
        text = meant(text).removesuffix("生")
        if FULL_DATE.fullmatch(text):
            return f"{Day().read(text):%Y-%m}"
        match = re.fullmatch(r"(\d{4})(?:\s*[-/.年]\s*(\d{1,2})\s*(?:月份?)?|(\d{2}))", text)
        if match is None or not 1900 <= int(match[1]) <= 2199 or not 1 <= int(match[2] or match[3]) <= 12:
            raise Unfit((_serial(text) if re.match(r"\d{5}", text) else None) or A_MONTH)
        if re.fullmatch(r"\d{4}\.1", text):  # a number cell drops the 0 of October
            raise Unfit(LocalizedText("a month that is clear: %(year)s-01 or %(year)s-10", year=match[1]))
        return f"{match[1]}-{int(match[2] or match[3]):02d}"

    def write(self, value: str) -> str:
        return value


@dataclass(frozen=True, slots=True)
class Year:
    """A year of birth; of a month or a date the year is taken."""

    choices: tuple[str, ...] = ()

    def read(self, text: str) -> int:
        text = meant(text).removesuffix("生").removesuffix("出")
        if match := re.fullmatch(r"((?:19|20|21)\d{2})(?:\.0+|年)?", text):
            return int(match[1])
        try:
            return int(Month().read(text)[:4])
        except Unfit as error:
            raise Unfit(_serial(text) or LocalizedText("a year like 1940")) from error

    def write(self, value: int) -> str:
        return str(value)


MORNING, AFTERNOON = "凌晨|清晨|早晨|早上|上午|早|a\\.?m\\.?", "中午|午后|下午|傍晚|晚上|晚间|晚|夜里|p\\.?m\\.?"
HALVES = re.compile(
    rf"(?P<half>{MORNING}|{AFTERNOON})?\s*(?P<clock>\d.*?)\s*(?P<after>a\.?m\.?|p\.?m\.?)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Clock:
    """A time of day as "HH:MM", up to 24:00; also "下午2:30", "2点半", "2:30 pm"."""

    choices: tuple[str, ...] = ()

    def read(self, text: str) -> str:
        parted = HALVES.fullmatch(meant(text))
        match = parted and re.fullmatch(
            r"(\d{1,2})\s*(?:[:点时]\s*(?:(\d{1,2})\s*(?::00|分)?|(整|钟))?)?", parted["clock"].replace("半", "30分")
        )
        half = (parted["half"] or parted["after"] or "").casefold().replace(".", "") if parted else ""
        if not match or not (half or re.search(r"\D", match[0])) or int(match[2] or 0) > 59:
            raise self._unfit()
        hour = self._hour(int(match[1]), half)
        minutes = hour * 60 + int(match[2] or 0)
        if hour < 0 or minutes > 24 * 60:
            raise self._unfit()
        return clock_of(minutes)

    @staticmethod
    def _hour(hour: int, half: str) -> int:
        """The hour of the day, -1 if it does not lie in the half of the day that is named with it."""
        if not half:
            return hour
        if half in ("am", "凌晨"):
            return hour % 12 if 1 <= hour <= 12 else -1
        if re.fullmatch(MORNING, half):
            return hour if hour <= 12 else -1
        if hour >= 12:
            return 24 if hour == 12 and half[0] in "晚夜" else hour
        if half == "中午" and hour == 11:
            return hour
        return -1 if half[0] in "晚夜" and hour < 5 else hour + 12

    @staticmethod
    def _unfit() -> Unfit:
        return Unfit(LocalizedText("a time like 14:30"))

    def write(self, value: str) -> str:
        return value


ALL_DAYS, WORKING_DAYS, WEEKEND = {1, 2, 3, 4, 5, 6, 7}, {WORKDAY}, {6, 7}
DAY_WORDS = {
    **dict.fromkeys(("每天", "每日", "天天", "全周", "daily", "everyday"), ALL_DAYS),
    **dict.fromkeys(("工作日", "平日", "workingdays", "workdays", "weekdays", "weekday", str(WORKDAY)), WORKING_DAYS),
    **dict.fromkeys(("周末", "双休日", "双休", "休息日", "weekend", "weekends"), WEEKEND),
}
TO = r"(?:-+|~+|至|到|\bto\b)"
AND = re.compile(rf"{SEPARATORS.pattern}|和|及|与|&|\band\b")


@dataclass(frozen=True, slots=True)
class Weekdays:
    """Days of the week, 1 = Monday, sorted: "周一、周三", "一三五", "周五至周一", "1-5", "双休日", "Mon-Fri".

    "工作日" is not Monday to Friday but WORKDAY: the working days of the official calendar.
    """

    choices: tuple[str, ...] = ()

    def read(self, text: str) -> tuple[int, ...]:
        days: set[int] = set()
        for part in AND.split(meant(text).casefold()):
            days |= self._part(part.strip())
        if not days:
            raise self._unfit()
        return tuple(sorted(days))

    def _part(self, part: str) -> set[int]:
        if (word := part.removeprefix("每个").replace(" ", "")) in DAY_WORDS:
            return DAY_WORDS[word]
        for number, name in enumerate(EN_DAYS, 1):
            part = re.sub(rf"\b{name}[a-z]*\.?", str(number), part)
        for number, name in enumerate(DAY_NAMES, 1):
            part = part.replace(name, str(number))
        part = re.sub(TO, "-", part.replace("天", "7"))
        part = re.sub(r"[每逢下]?(?:星期|礼拜|周)|\s", "", part)
        if not re.fullmatch(r"(?:[1-7](?:-[1-7])?)*", part):
            raise self._unfit()
        days: set[int] = set()
        for first, last in re.findall(r"([1-7])(?:-([1-7]))?", part):
            span = (int(last or first) - int(first)) % 7  # "周五至周一" goes on over the weekend
            days |= {(int(first) + day - 1) % 7 + 1 for day in range(span + 1)}
        return days

    @staticmethod
    def _unfit() -> Unfit:
        return Unfit(LocalizedText("weekdays like Mon, Wed or Mon-Fri, or 'working days'"))

    def write(self, value: tuple[int, ...]) -> str:
        return words_for("weekdays", map(str, value)).zh


def weekdays_said(weekdays: Collection[int]) -> Localized:
    """The days as a list: "周一、工作日", "Mon, working days"."""
    return words_for("weekdays", map(str, sorted(weekdays)))


EVENING, NOON = "18:00", "12:00"  # what begins and ends so is a night; other ends before their start are mistakes


@dataclass(frozen=True, slots=True)
class Spans:
    """Spans of a day: "12:00-14:00、20:00-24:00"; a night, "21:30-08:00", is its two ends."""

    choices: tuple[str, ...] = ()

    def read(self, text: str) -> tuple[tuple[str, str], ...]:
        spaced = re.sub(r"(?<=\d)\s+(?=\d)", "、", text)
        spans = {span for part in AND.split(meant(spaced)) if part.strip() for span in self._spans(part.strip())}
        if not spans:
            raise self._unfit()
        return tuple(sorted(spans))

    def _spans(self, text: str) -> set[tuple[str, str]]:
        text = re.sub(r"^(?:每天|每日|每晚)?从?\s*|之?间$", "", text)
        try:
            start, end = (end.strip() for end in re.split(TO, text) if end.strip())
            half = re.match(rf"{MORNING}|{AFTERNOON}", start, re.IGNORECASE)
            if half and re.match(r"\d", end):
                end = f"{half[0]}{end}"  # 下午2点到4点: both in the afternoon
            if (late := re.search(r"[ap]\.?m\.?$", end, re.IGNORECASE)) and re.search(r"\d$", start):
                start = f"{start}{late[0]}"  # 2:00-4:00 pm
            if re.search(r"[点时]$", end) and re.search(r"\b\d{1,2}$", start) and ":" not in start:
                start = f"{start}点"  # 12-14点
            end, next_day = re.subn(r"^(?:次日|第二天|翌日)\s*", "", end)
            span = Clock().read(start), Clock().read(end)
        except (ValueError, Unfit) as error:
            raise self._unfit() from error
        if span[0] >= EVENING and span[1] <= NOON:
            return {(span[0], "24:00"), ("00:00", span[1])} - {("24:00", "24:00"), ("00:00", "00:00")}
        if next_day or minutes_of(span[0]) >= minutes_of(span[1]):
            raise self._unfit()
        return {span}

    @staticmethod
    def _unfit() -> Unfit:
        return Unfit(LocalizedText("spans like 12:00-14:00, 20:00-24:00"))

    def write(self, value: tuple[tuple[str, str], ...]) -> str:
        return "、".join(f"{start}-{end}" for start, end in value)
