"""What a request asks for, read once and with care: a wrong or foreign value never gets further than this file.

An address with a value that nobody could mean reads as if it were not there: the page is shown all the same. A form is
refused with the name of its field, what was found and what was expected, for nobody should save what they did not mean.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, abort, request
from flask.json.provider import DefaultJSONProvider

from scheduler.errors import InputError, Unfit
from scheduler.forms.time_fields import Clock, Day
from scheduler.localized import Localized, LocalizedText
from scheduler.localtime import LOCAL, at_local, local_date, monday_of
from scheduler.model.reading_rights import Reader
from scheduler.store.logins import take
from scheduler.words import plain
from web import security
from web.context import account, get_store, now
from web.security import area, area_limit

LONGEST = 10_000  # characters of one field: a page of notes, and what every reader of a field gets through at once
SHOWN = 40  # characters of a wrong value that are shown again
NEAR = timedelta(days=3660)  # nothing is planned or looked up further away
AN_HOUR, PHONES_PER_HOUR = timedelta(hours=1), 60
LABELS = {
    "start": LocalizedText("Start"),
    "starts_at": LocalizedText("Start"),
    "began": LocalizedText("Start"),
    "ended": LocalizedText("End"),
    "from": LocalizedText("From"),
    "from_date": LocalizedText("From"),
    "until": LocalizedText("Until"),
    "until_date": LocalizedText("Until"),
    "closed_on": LocalizedText("Day"),
    "revision": LocalizedText("Version"),
}
A_TIME = LocalizedText("a time such as 14:05")
A_CHOICE = LocalizedText("one of the choices on the page")


def refusal(name: str, found: str, expected: Localized) -> InputError:
    """One sentence about a field: what was found there and what was expected."""
    found = found[:SHOWN] + ("…" if len(found) > SHOWN else "")
    field = LABELS.get(name, name)
    if not found.strip():
        return InputError(LocalizedText("%(field)s: empty; expected %(expected)s", field=field, expected=expected))
    return InputError(
        LocalizedText(
            "%(field)s: found '%(found)s', expected %(expected)s", field=field, found=found, expected=expected
        )
    )


def sent_by_form() -> bool:
    return request.method == "POST"


def text(name: str, longest: int = 60) -> str:
    return request.values.get(name, "").strip()[:longest]


def one_of(name: str, allowed: Iterable[str], default: str = "") -> str:
    """A value of a closed list. Anything else reads as the default; a form that sends it is refused by InputError."""
    found, allowed = request.values.get(name, ""), tuple(allowed)
    if found in allowed:
        return found
    if found and sent_by_form():
        raise refusal(name, found, A_CHOICE)
    return default


def choice(name: str, allowed: Iterable[str]) -> str:
    """A value of a closed list. Raises InputError for anything else, and where nothing was chosen."""
    found = one_of(name, allowed)
    if not found:
        raise refusal(name, request.values.get(name, ""), A_CHOICE)
    return found


def whole(name: str, default: int = 0, *, least: int = 0, most: int = 1_000_000) -> int:
    """A whole number, cut to its limits. Anything else reads as the default; a form is refused by InputError."""
    found = request.values.get(name, "").strip()
    if found.isdecimal() and len(found) < 8:
        return min(max(int(found), least), most)
    if found and sent_by_form():
        raise refusal(name, found, LocalizedText("a whole number from %(least)s to %(most)s", least=least, most=most))
    return default


def day_needed(name: str) -> date:
    """As `day`, but an empty field is refused too."""
    if not request.values.get(name, "").strip():
        raise refusal(name, "", _a_day())
    return day(name)


def _a_day() -> Localized:
    return LocalizedText("a day such as %(today)s, at most ten years away", today=today())


def day(name: str, default: date | None = None) -> date:
    """A local day within ten years. Anything else reads as the default, today if there is none; a form is refused.

    Raises InputError.
    """
    found = request.values.get(name, "")
    try:
        read: date | None = Day().read(found)
    except Unfit:
        read = None
    if read is not None and abs(read - today()) < NEAR:
        return read
    if found.strip() and sent_by_form():
        raise refusal(name, found, _a_day())
    return default or today()


def moment(name: str, *, on: date | None = None, zone: ZoneInfo | None = LOCAL) -> datetime | None:
    """The moment of a field; None where the field is empty.

    Read as ISO text, in the zone unless it names an offset (it has to where there is no zone), or as a clock time of
    the local day `on`. Raises InputError for anything else, and for a moment more than ten years away.
    """
    found = plain(request.values.get(name, ""))
    if not found:
        return None
    try:
        return _near(at_local(on, Clock().read(found)) if on and len(found) < 6 else _from_iso(found, zone))
    except (ValueError, OverflowError, Unfit) as error:
        raise refusal(name, found, A_TIME) from error


def _from_iso(found: str, zone: ZoneInfo | None) -> datetime:
    """Raises ValueError where the text is a day without a time, or no moment."""
    read = datetime.fromisoformat(found)
    if ":" not in found or (read.tzinfo or zone) is None:
        raise ValueError(found)
    return read if read.tzinfo else read.replace(tzinfo=zone)


def _near(read: datetime) -> datetime:
    """Raises ValueError for a moment that is far away."""
    if abs(read - now()) > NEAR:
        raise ValueError(read)
    return read


def moment_needed(name: str, *, zone: ZoneInfo | None = LOCAL) -> datetime:
    """As `moment`, but an empty field is refused too."""
    found = moment(name, zone=zone)
    if found is None:
        raise refusal(name, "", A_TIME)
    return found


def clock(name: str, default: str = "") -> str:
    """A time of day "HH:MM", the default where the field is empty. Raises InputError for anything else."""
    found = plain(request.values.get(name, ""))
    try:
        return Clock().read(found) if found else default
    except Unfit as error:
        raise refusal(name, found, A_TIME) from error


def revision() -> int | None:
    """The version of the object that the form was filled from, None if it does not say. Raises InputError."""
    return whole("revision", most=10**7) if request.form.get("revision") else None


def today() -> date:
    return local_date(now())


def week() -> date:
    """The Monday of the week that is asked for, this week's by default."""
    return monday_of(day("week"))


def grid() -> str | None:
    """The part of the city that is asked for, within the account's area; the whole area by default. Else 404."""
    wished = request.values.get("grid", "")
    if not wished:
        return area_limit()
    if wished not in area():
        abort(404)
    return wished


def reader(search: str = "text") -> Reader:
    """Who reads the list that is asked for, bounded by the part of the city that is asked for.

    429 for somebody who has looked for too many whole phone numbers, each of which could be a guess.
    """
    found = replace(security.reader(), area=grid())
    if found.wanted(text(search)).whole and take(
        get_store(), f"phone-search:{account().id}", limit=PHONES_PER_HOUR, per=AN_HOUR, now=now()
    ):
        abort(429)
    return found


def own_address(name: str) -> str:
    """A path of this site; empty for any other address, and for what a browser may read as one."""
    found = request.values.get(name, "")
    ours = found.startswith("/") and not found.startswith("//") and "\\" not in found and found.isprintable()
    return found if ours and " " not in found else ""


def refuse_endless() -> None:
    """Runs before every view. Raises InputError where a field is longer than anything a person writes."""
    for name, value in (*request.args.items(multi=True), *request.form.items(multi=True)):
        if len(value) > LONGEST or len(name) > LONGEST:
            expected = LocalizedText("at most %(longest)s characters", longest=LONGEST)
            raise refusal(name[:SHOWN], value if len(value) > LONGEST else name, expected)


class Json(DefaultJSONProvider):
    """JSON with Chinese as it is; endless nesting is refused as what it is, no JSON that anybody means."""

    ensure_ascii = False

    def loads(self, s: str | bytes, **more: Any) -> Any:
        """As json.loads. Raises ValueError for anything it cannot read."""
        try:
            return super().loads(s, **more)
        except RecursionError as error:
            raise ValueError("nested too deeply") from error


def install(app: Flask) -> None:
    app.before_request(refuse_endless)
    app.json = Json(app)
