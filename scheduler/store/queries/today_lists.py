"""What the page of today asks the database."""

import json
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from scheduler.localtime import local_date
from scheduler.store.database import Store
from scheduler.store.queries.board_lists import NAMED, NAMES
from scheduler.store.queries.paging import Page, in_area, page_of
from scheduler.store.repository import utc_text


@dataclass(frozen=True, slots=True)
class TodayVisit:
    """A visit of today with the person who should be there."""

    slot_id: str
    starts_at: datetime
    volunteer_id: str
    volunteer_name: str
    name: str
    gender: str
    recipient_kind: str
    grid_name: str
    name_zh: str
    name_en: str

    @property
    def day(self) -> date:
        """The local day, by which day sheets are called."""
        return local_date(self.starts_at)


VISIT = """SELECT a.slot_id, a.starts_at, v.id AS volunteer_id, v.name AS volunteer_name, r.name, r.gender,
              r.kind AS recipient_kind, g.name AS grid_name, t.name_zh, t.name_en {more}
           FROM assignments a JOIN slots s ON s.id = a.slot_id JOIN volunteers v ON v.id = a.volunteer_id
           JOIN recipients r ON r.id = s.recipient_id JOIN grids g ON g.id = s.grid_id
           JOIN service_types t ON t.code = s.service_type"""


def visits_by_ids(store: Store, slot_ids: list[str]) -> list[TodayVisit]:
    """The accepted people of some visits, earliest start first."""
    return _visits(store, "a.state = 'accepted' AND s.id", slot_ids)


def visits_to_confirm(store: Store, assignment_ids: list[str], *, area: str | None) -> list[TodayVisit]:
    """The visits of some assignments that lie in the area, earliest start first."""
    return _visits(store, f"{in_area('s.grid_id')} AND a.id", assignment_ids, area=area)


def _visits(store: Store, among: str, ids: list[str], **values: Any) -> list[TodayVisit]:
    sql = f"""{VISIT.format(more="")} WHERE {among} IN (SELECT value FROM json_each(:ids)) ORDER BY a.starts_at, a.id"""
    rows = store.rows(sql, {"ids": json.dumps(ids), **values})
    return [TodayVisit(**row | {"starts_at": datetime.fromisoformat(row["starts_at"])}) for row in rows]


@dataclass(frozen=True, slots=True)
class ConflictRow:
    """An accepted visit to come that something speaks against since it was accepted: staff decide."""

    assignment_id: str
    slot_id: str
    starts_at: datetime
    volunteer_id: str
    volunteer_name: str
    name: str
    gender: str
    recipient_kind: str
    grid_name: str
    name_zh: str
    name_en: str
    reasons: tuple[str, ...]


def conflicts(store: Store, *, area: str | None, now: datetime, offset: int = 0, size: int = 25) -> Page[ConflictRow]:
    """Those of an area, earliest visit first."""
    select = f"""SELECT a.id, a.slot_id, a.starts_at, a.volunteer_id, c.reasons, s.recipient_id, s.grid_id,
            s.service_type
        FROM conflicts c JOIN assignments a ON a.id = c.assignment_id JOIN slots s ON s.id = a.slot_id
        WHERE a.state = 'accepted' AND a.starts_at > :now AND {in_area("s.grid_id")}"""
    return page_of(
        store,
        select,
        {"now": utc_text(now), "area": area},
        _conflict,
        order="a.starts_at, a.id",
        offset=offset,
        size=size,
        also=f"v.name AS volunteer_name, r.name, {NAMES}",
        joined=f"JOIN volunteers v ON v.id = p.volunteer_id {NAMED}",
    )


def _conflict(row: dict[str, Any]) -> ConflictRow:
    known = {name: row[name] for name in ConflictRow.__slots__ if name in row}
    read = {"starts_at": datetime.fromisoformat(row["starts_at"]), "reasons": tuple(json.loads(row["reasons"]))}
    return ConflictRow(**{**known, **read, "assignment_id": row["id"]})


@dataclass(frozen=True, slots=True)
class DeclineRow:
    """Somebody said no, and a place is still free."""

    slot_id: str
    starts_at: datetime
    volunteer_id: str
    volunteer_name: str
    name: str
    gender: str
    recipient_kind: str
    grid_name: str
    name_zh: str
    name_en: str
    state: str
    reason: str
    replied_at: datetime | None


def declines(store: Store, *, area: str | None, since: datetime, now: datetime, limit: int) -> list[DeclineRow]:
    """Refusals and withdrawals since a moment whose visit lies ahead and still lacks people, earliest visit first."""
    sql = f"""{VISIT.format(more=", a.state, a.reason, a.replied_at")}
              WHERE a.state IN ('declined', 'withdrawn', 'expired') AND a.replied_at >= :since AND a.starts_at > :now
              AND s.state = 'open' AND {in_area("s.grid_id")} AND s.heads > (SELECT count(*) FROM assignments x
                  WHERE x.slot_id = s.id AND x.state IN ('proposed', 'accepted', 'checked_in', 'done'))
              ORDER BY a.starts_at LIMIT {int(limit)}"""
    rows = store.rows(sql, {"since": utc_text(since), "now": utc_text(now), "area": area})
    return [DeclineRow(**row | _moments(row)) for row in rows]


def _moments(row: dict[str, Any]) -> dict[str, datetime]:
    return {name: datetime.fromisoformat(row[name]) for name in ("starts_at", "replied_at")}


@dataclass(frozen=True, slots=True)
class NamedRow:
    """A recipient as lists name them, with the last day somebody was there."""

    id: str
    name: str
    gender: str
    recipient_kind: str
    risk_tier: str
    grid_name: str
    last_day: str | None


AT_ONCE = 200


def named_recipients(store: Store, ids: list[str], *, area: str | None, limit: int) -> list[NamedRow]:
    """The first of the recipients that lie in the area, in the given order."""
    found: list[NamedRow] = []
    for begin in range(0, len(ids), AT_ONCE):  # the first ones are soon found, however many there are
        found += _named(store, ids[begin : begin + AT_ONCE], area, limit - len(found))
        if len(found) == limit:
            break
    return found


def count_recipients(store: Store, ids: list[str], *, area: str | None) -> int:
    """How many of the recipients lie in the area."""
    sql = f"""SELECT count(*) FROM json_each(:ids) i JOIN recipients r ON r.id = i.value
              WHERE {in_area("r.grid_id")}"""
    return int(store.value(sql, {"ids": json.dumps(ids), "area": area}) or 0)


def _named(store: Store, ids: list[str], area: str | None, limit: int) -> list[NamedRow]:
    sql = f"""SELECT r.id, r.name, r.gender, r.kind AS recipient_kind, r.risk_tier, g.name AS grid_name,
                 (SELECT max(s.service_date) FROM slots s JOIN assignments a ON a.slot_id = s.id
                  WHERE s.recipient_id = r.id AND a.state = 'done') AS last_day
              FROM json_each(:ids) i JOIN recipients r ON r.id = i.value JOIN grids g ON g.id = r.grid_id
              WHERE {in_area("r.grid_id")} ORDER BY i.key LIMIT {int(limit)}"""
    return [NamedRow(**row) for row in store.rows(sql, {"ids": json.dumps(ids), "area": area})]
