"""The hours ledger: planned, actual and credited minutes side by side; corrections are reversing lines.

Credit counts the time on the spot, never the trip; a visit counts if at least 60 % of it was attended; up to 8 hours a
day are credited at once, up to 12 after a review by the parent organisation, more by the province.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime

from scheduler.errors import IllegalMove
from scheduler.localized import LocalizedText
from scheduler.model.ids import new_id
from scheduler.model.plan import Assignment
from scheduler.model.services import Slot
from scheduler.store import Store, records
from scheduler.store.records import HoursEntry, hours_entries

LEAST_PRESENCE = 0.6
FREE_MIN, PARENT_MIN = 8 * 60, 12 * 60
STARS_H = (100, 300, 600, 1000, 1500)


@dataclass(frozen=True, slots=True)
class HoursTotal:
    """Minutes over a span of days; `waiting_min` are credited minutes that still need a review."""

    planned_min: int
    actual_min: int
    credited_min: int
    waiting_min: int


def creditable_min(planned_min: int, actual_min: int) -> int:
    """What a visit counts: the time attended, at most the time planned, nothing below 60 % presence."""
    return min(planned_min, actual_min) if actual_min >= LEAST_PRESENCE * planned_min else 0


def review_for(credited_before_min: int, credited_min: int) -> str:
    """Who must confirm, given the day's minutes before this visit: none, parent or province."""
    total = credited_before_min + credited_min
    return "none" if total <= FREE_MIN else "parent" if total <= PARENT_MIN else "province"


def add_entry(
    store: Store, assignment: Assignment, slot: Slot, *, actual_min: int, back_filled: bool, by: str, now: datetime
) -> HoursEntry:
    """The ledger line of a finished visit; call inside the transaction that finishes it."""
    before = sum(
        e.credited_min
        for e in records.entries_between(store, assignment.volunteer_id, slot.service_date, slot.service_date)
    )
    credited = creditable_min(slot.minutes, actual_min)
    return hours_entries.add(
        store,
        HoursEntry(
            id=new_id(),
            volunteer_id=assignment.volunteer_id,
            assignment_id=assignment.id,
            service_date=slot.service_date,
            planned_min=slot.minutes,
            actual_min=actual_min,
            credited_min=credited,
            kind="back_filled" if back_filled else "automatic",
            review=review_for(before, credited),
            entered_by=by,
            entered_at=now,
        ),
    )


def standing(store: Store, assignment_id: str) -> HoursEntry | None:
    """The line of an assignment that has not been reversed."""
    lines = records.entries_of(store, assignment_id)
    reversed_ids = {line.reverses_id for line in lines}
    return next((e for e in lines if e.kind != "reversal" and e.id not in reversed_ids), None)


def span(store: Store, volunteer_id: str, until: date) -> tuple[date, date, int] | None:
    """The first and the last local day with credited time, and the number of such visits; None without any."""
    credited: dict[str | None, int] = defaultdict(int)
    day_of: dict[str | None, date] = {}
    for line in records.entries_between(store, volunteer_id, date.min, until):
        credited[line.assignment_id] += line.credited_min
        day_of[line.assignment_id] = line.service_date
    days = sorted(day_of[visit] for visit, minutes in credited.items() if minutes > 0)
    return (days[0], days[-1], len(days)) if days else None


def reverse(store: Store, entry: HoursEntry, *, reason: str, by: str, now: datetime) -> HoursEntry:
    """The line that takes another one back; the first one stays readable. Raises IllegalMove the second time."""
    if any(line.reverses_id == entry.id for line in records.entries_of(store, entry.assignment_id or "")):
        raise IllegalMove(LocalizedText("these hours were taken back already"))
    return hours_entries.add(
        store,
        HoursEntry(
            id=new_id(),
            volunteer_id=entry.volunteer_id,
            assignment_id=entry.assignment_id,
            service_date=entry.service_date,
            planned_min=-entry.planned_min,
            actual_min=-entry.actual_min,
            credited_min=-entry.credited_min,
            kind="reversal",
            review=entry.review,
            entered_by=by,
            entered_at=now,
            reverses_id=entry.id,
            reason=reason,
        ),
    )


def total(store: Store, volunteer_id: str, from_date: date, until_date: date) -> HoursTotal:
    """A person's minutes over local days (both included)."""
    lines = records.entries_between(store, volunteer_id, from_date, until_date)
    return HoursTotal(
        planned_min=sum(e.planned_min for e in lines),
        actual_min=sum(e.actual_min for e in lines),
        credited_min=sum(e.credited_min for e in lines if e.review == "none"),
        waiting_min=sum(e.credited_min for e in lines if e.review != "none"),
    )


def stars(credited_min: int) -> int:
    """Stars of the national scale: one each at 100, 300, 600, 1000 and 1500 hours."""
    return sum(credited_min >= hours * 60 for hours in STARS_H)
