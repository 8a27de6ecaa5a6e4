"""When a visit may start: one rule for every door through which somebody is put on it.

Together with whoever is on it already, on its own day, on the five-minute grid. The times that the need allows are not
part of it: staff may go beyond them, and are told so.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from scheduler.errors import IllegalMove
from scheduler.localized import Localized, LocalizedText
from scheduler.localtime import LOCAL, at_local, local_date
from scheduler.model.plan import precedence
from scheduler.model.services import Slot
from scheduler.rules.intervals import GRID_MIN
from scheduler.store import Store, promised

GRID = timedelta(minutes=GRID_MIN)


class Objection(NamedTuple):
    """Why a visit cannot start then: a code of the words "reasons", and the sentence."""

    code: str
    said: Localized


def common_start(store: Store, slot: Slot, *, leaving: str = "") -> datetime | None:
    """When those already on the slot begin, but for one assignment that is given up; None if nobody is on it."""
    live = [a for a in promised.live_on_slot(store, slot.id) if a.id != leaving]
    return min(live, key=precedence).starts_at if live else None


def objection(store: Store, slot: Slot, starts_at: datetime, *, leaving: str = "") -> Objection | None:
    """What speaks against this start, None if nothing does. `leaving` is an assignment that is given up for it."""
    if found := _objection_to_time(slot, starts_at):
        return found
    together_at = common_start(store, slot, leaving=leaving)
    if together_at is None or together_at == starts_at:
        return None
    clock = _clock(together_at)
    return Objection(
        "not_together",
        LocalizedText(
            "everybody on a visit starts together, and somebody is on it at %(clock)s: choose "
            "%(clock)s, or take the others off first",
            clock=clock,
        ),
    )


def refuse_time(slot: Slot, starts_at: datetime) -> None:
    """Raises IllegalMove for a start on another day or off the grid."""
    if found := _objection_to_time(slot, starts_at):
        raise IllegalMove(found.said)


def _objection_to_time(slot: Slot, starts_at: datetime) -> Objection | None:
    last_at = at_local(slot.service_date, "24:00") - timedelta(minutes=slot.minutes)
    if not at_local(slot.service_date, "00:00") <= starts_at <= last_at:
        day = slot.service_date.isoformat()
        return Objection(
            "other_day",
            LocalizedText(
                "this visit begins and ends on %(day)s: choose a time of that day, or change the day in the need",
                day=day,
            ),
        )
    before = on_grid(starts_at)
    if starts_at == before:
        return None
    found = f"{starts_at.astimezone(LOCAL):%H:%M:%S}".removesuffix(":00")
    return Objection(
        "off_grid",
        LocalizedText(
            "visits start on five minutes, %(found)s does not: choose %(before)s or %(after)s",
            found=found,
            before=_clock(before),
            after=_clock(before + GRID),
        ),
    )


def on_grid(moment_at: datetime) -> datetime:
    """The moment moved down to the grid on which visits start."""
    return moment_at - (moment_at - at_local(local_date(moment_at), "00:00")) % GRID


def _clock(moment_at: datetime) -> str:
    return f"{moment_at.astimezone(LOCAL):%H:%M}"
