"""The day sheet: everybody who was to come on a day, and what is known of it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from scheduler.store.database import Store
from scheduler.store.queries.board_lists import NAMED, NAMES
from scheduler.store.queries.paging import in_area

ON_SHEET = "('accepted', 'checked_in', 'done', 'missed', 'excused')"


@dataclass(frozen=True, slots=True)
class DayRow:
    """One person on one visit; came and left are what is recorded, else None."""

    assignment_id: str
    slot_id: str
    starts_at: datetime
    minutes: int
    state: str
    volunteer_id: str
    volunteer_name: str
    recipient_name: str
    gender: str
    recipient_kind: str
    grid_name: str
    name_zh: str
    name_en: str
    came_at: datetime | None
    left_at: datetime | None

    @property
    def ends_at(self) -> datetime:
        """As planned."""
        return self.starts_at + timedelta(minutes=self.minutes)

    @property
    def name(self) -> str:
        return self.recipient_name


def day_rows(store: Store, day: date, *, area: str | None) -> list[DayRow]:
    """Everybody of a local day who promised to come to a visit of the area, by committee, then by time."""
    rows = store.rows(
        f"""SELECT a.id AS assignment_id, a.slot_id, a.starts_at, p.minutes, a.state, a.volunteer_id,
                   v.name AS volunteer_name, n.checked_in_at AS came_at, n.checked_out_at AS left_at, {NAMES}
            FROM assignments a JOIN slots p ON p.id = a.slot_id JOIN volunteers v ON v.id = a.volunteer_id {NAMED}
                 LEFT JOIN attendance n ON n.assignment_id = a.id
            WHERE p.service_date = :day AND a.state IN {ON_SHEET} AND {in_area("p.grid_id")}
            ORDER BY g.code, a.starts_at, a.id""",
        {"day": day.isoformat(), "area": area},
    )
    return [_row(row) for row in rows]


def _row(row: dict[str, Any]) -> DayRow:
    for name in ("starts_at", "came_at", "left_at"):
        row[name] = datetime.fromisoformat(row[name]) if row[name] else None
    return DayRow(**row)
