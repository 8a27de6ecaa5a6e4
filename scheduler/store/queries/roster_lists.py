"""The roster: every open slot of some days with the people on it, and a line for each seat still free."""

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from itertools import zip_longest
from typing import Any

from scheduler.store.database import Store

SEATS = """
SELECT slots.id AS slot_id, slots.service_date, slots.earliest_at, slots.minutes, slots.heads, slots.service_type,
       recipients.code AS recipient_code, recipients.name AS recipient, recipients.phone AS recipient_phone,
       recipients.address, grids.name AS grid,
       assignments.id AS assignment_id, assignments.starts_at, assignments.state, assignments.pinned,
       volunteers.code AS volunteer_code, volunteers.name AS volunteer, volunteers.phone AS volunteer_phone
FROM slots
JOIN recipients ON recipients.id = slots.recipient_id
JOIN grids ON grids.id = slots.grid_id
LEFT JOIN assignments ON assignments.slot_id = slots.id
    AND assignments.state IN ('proposed', 'accepted', 'checked_in', 'done')
LEFT JOIN volunteers ON volunteers.id = assignments.volunteer_id
WHERE slots.state = 'open' AND slots.service_date BETWEEN :from AND :until
ORDER BY slots.service_date, slots.earliest_at, slots.id, volunteers.code
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One seat; without an assignment it is free. `starts_at` of a free seat is the earliest start."""

    slot_id: str
    service_date: date
    starts_at: datetime
    minutes: int
    service_type: str
    recipient_code: str
    recipient: str
    grid: str
    assignment_id: str
    volunteer_code: str
    volunteer: str
    state: str
    pinned: bool
    volunteer_phone: str = ""
    recipient_phone: str = ""
    address: str = ""


def roster_lines(store: Store, from_date: date, until_date: date, *, private: bool) -> list[Line]:
    """The lines of the days from one to another (both included); phones and addresses only if `private`."""
    found = store.rows(SEATS, {"from": from_date.isoformat(), "until": until_date.isoformat()})
    taken = Counter(row["slot_id"] for row in found if row["assignment_id"])
    lines: list[Line] = []
    for row, after in zip_longest(found, found[1:]):
        lines.append(_line(store, row, private))
        if row["assignment_id"] and (after is None or after["slot_id"] != row["slot_id"]):
            empty = dict.fromkeys(
                ("assignment_id", "volunteer_code", "volunteer", "volunteer_phone", "state", "pinned")
            )
            lines += [_line(store, row | empty, private)] * (row["heads"] - taken[row["slot_id"]])
        elif not row["assignment_id"]:
            lines += [lines[-1]] * (row["heads"] - 1)
    return lines


def _line(store: Store, row: dict[str, Any], private: bool) -> Line:
    def opened(field: str, column: str) -> str:
        return store.seal.open(row[column] or "", field) if private else ""

    return Line(
        row["slot_id"],
        date.fromisoformat(row["service_date"]),
        datetime.fromisoformat(row["starts_at"] or row["earliest_at"]),
        row["minutes"],
        row["service_type"],
        row["recipient_code"],
        row["recipient"],
        row["grid"],
        row["assignment_id"] or "",
        row["volunteer_code"] or "",
        row["volunteer"] or "",
        row["state"] or "open",
        bool(row["pinned"]),
        opened("volunteers.phone", "volunteer_phone"),
        opened("recipients.phone", "recipient_phone"),
        opened("recipients.address", "address"),
    )
