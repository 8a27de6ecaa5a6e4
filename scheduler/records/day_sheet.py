"""The day closes: staff go through everybody who was to come and say who came, when and how long."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from scheduler.errors import IllegalMove, InputError, YiduError
from scheduler.localized import LocalizedText
from scheduler.model.plan import State
from scheduler.records import attendance
from scheduler.store import Store
from scheduler.store.queries.day_lists import DayRow, day_rows

OPEN = ("accepted", "checked_in")


@dataclass(frozen=True, slots=True)
class Mark:
    """What staff say of one person on one visit: done without times means as planned."""

    assignment_id: str
    state: State
    began_at: datetime | None = None
    ended_at: datetime | None = None


class DayRefused(InputError):
    """Some lines of the sheet cannot be so; nothing was recorded. `by_line` has a reason for each assignment."""

    def __init__(self, by_line: dict[str, YiduError]) -> None:
        super().__init__(
            LocalizedText("%(count)s lines cannot be so, nothing was recorded: see there", count=len(by_line))
        )
        self.by_line = by_line


def is_open(row: DayRow, *, now: datetime) -> bool:
    """Whether a visit is over by plan and nobody has said how it was."""
    return row.state in OPEN and row.ends_at <= now


def close_day(store: Store, day: date, marks: Iterable[Mark], *, area: str | None, by: str, now: datetime) -> int:
    """Records what is said of a day's visits in the area, all of it or nothing; the number of lines recorded.

    Lines that say what is known already change nothing. Raises DayRefused.
    """
    known = {row.assignment_id: row for row in day_rows(store, day, area=area)}
    refused: dict[str, YiduError] = {}
    count = 0
    with store.transaction():
        for line in marks:
            try:
                if line.assignment_id not in known:
                    raise InputError(LocalizedText("this visit is not on the sheet any more: load the page again"))
                attendance.mark(
                    store, line.assignment_id, line.state, by=by, began_at=line.began_at, ended_at=line.ended_at,
                    now=now,
                )  # fmt: skip
                count += 1
            except (InputError, IllegalMove) as wrong:
                refused[line.assignment_id] = wrong
        if refused:
            raise DayRefused(refused)
    return count
