"""What an address asks for, read with care: a wrong or foreign value never gets further than this file."""

from dataclasses import replace
from datetime import date, datetime, timedelta

from flask import abort, request

from scheduler.errors import InputError
from scheduler.localtime import LOCAL, local_date, monday_of
from scheduler.readers import Reader
from scheduler.store.logins import take
from scheduler.words import Said
from web import security
from web.context import account, get_store, now
from web.security import area, area_limit

AN_HOUR, PHONES_PER_HOUR = timedelta(hours=1), 60


def text(name: str, longest: int = 60) -> str:
    return request.values.get(name, "").strip()[:longest]


def one_of(name: str, allowed: tuple[str, ...] | list[str], default: str = "") -> str:
    """A value of a closed list; anything else reads as the default."""
    found = request.values.get(name, default)
    return found if found in allowed else default


def whole(name: str, default: int = 0, *, least: int = 0, most: int = 1_000_000) -> int:
    found = request.values.get(name, "")
    return min(max(int(found), least), most) if found.isascii() and found.isdigit() and len(found) < 8 else default


def day(name: str, default: date | None = None) -> date:
    """A local day "YYYY-MM-DD"; today (or the default) where missing or senseless."""
    fallback = default or today()
    try:
        found = date.fromisoformat(request.values.get(name, ""))
    except ValueError:
        return fallback
    return found if abs((found - today()).days) < 3660 else fallback


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


def local_moment(name: str) -> datetime:
    """A local wall-clock moment "YYYY-MM-DDTHH:MM". Raises InputError for anything else."""
    try:
        return datetime.fromisoformat(request.values.get(name, "")).replace(tzinfo=LOCAL)
    except ValueError as error:
        raise InputError(Said("开始时间应形如 14:05。", "The start has to be a time such as 14:05.")) from error
