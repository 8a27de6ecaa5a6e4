"""The week board: how full each part of the city is on each day, and the visits behind a number."""

import json
from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from scheduler.store.database import Store
from scheduler.store.queries.paging import Page, in_area, page_of
from scheduler.store.repository import utc_text

# Who is on a visit: what people were told (`published`), or what a draft plan would tell them (`draft`).
PUBLISHED = """SELECT slot_id, volunteer_id, starts_at, state, id, pinned FROM assignments
    WHERE state IN ('proposed', 'accepted', 'checked_in', 'done')"""
ABSENT = """SELECT slot_id, volunteer_id, starts_at, state, id, pinned FROM assignments
    WHERE state IN ('missed', 'excused')"""
DRAFT = (
    "SELECT slot_id, volunteer_id, starts_at, 'draft' AS state, '' AS id, 0 AS pinned FROM seats WHERE plan_id = :plan"
)


@dataclass(frozen=True, slots=True)
class Cell:
    """The visits of one grid on one local day: how many are filled, partly filled, empty; seats taken of wanted."""

    grid_id: str
    day: str
    slots: int
    heads: int
    taken: int
    filled: int
    partly: int
    empty: int

    def plus(self, other: "Cell") -> "Cell":
        sums = {
            n: getattr(self, n) + getattr(other, n) for n in ("slots", "heads", "taken", "filled", "partly", "empty")
        }
        return replace(self, **sums)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody on a visit; `state` is the assignment's, or "draft"."""

    volunteer_id: str
    name: str
    gender: str
    starts_at: datetime
    state: str
    assignment_id: str
    pinned: bool


@dataclass(frozen=True, slots=True)
class SlotRow:
    """A visit as a list shows it. `state`: filled, partly, empty or cancelled."""

    id: str
    need_id: str
    service_date: date
    earliest_at: datetime
    latest_at: datetime
    minutes: int
    heads: int
    taken: int
    state: str
    priority: int
    service_type: str
    name_zh: str
    name_en: str
    recipient_id: str
    recipient_name: str
    recipient_kind: str
    gender: str
    grid_id: str
    grid_name: str
    people: tuple[Person, ...] = ()

    @property
    def name(self) -> str:
        return self.recipient_name

    @property
    def starts_at(self) -> datetime:
        """When it begins as planned; the earliest start while nobody is on it."""
        return min((p.starts_at for p in self.people), default=self.earliest_at)


def week_cells(store: Store, from_date: date, until_date: date, *, area: str | None, plan_id: str = "") -> list[Cell]:
    """One cell for each grid and day with visits, within the area."""
    sql = f"""WITH wanted AS (SELECT id, grid_id, service_date, heads FROM slots
                  WHERE service_date BETWEEN :from AND :until AND state = 'open' AND {in_area("grid_id")}),
              counted AS (SELECT w.grid_id, w.service_date, w.heads, count(t.volunteer_id) AS taken
                  FROM wanted w LEFT JOIN ({_taken(plan_id)}) t ON t.slot_id = w.id GROUP BY w.id)
              SELECT grid_id, service_date AS day, count(*) AS slots, sum(heads) AS heads,
                  sum(min(taken, heads)) AS taken,
                  sum(taken >= heads) AS filled, sum(taken > 0 AND taken < heads) AS partly, sum(taken = 0) AS empty
              FROM counted GROUP BY grid_id, service_date"""
    span = {"from": from_date.isoformat(), "until": until_date.isoformat(), "area": area, "plan": plan_id}
    return [Cell(**row) for row in store.rows(sql, span)]


def _taken(plan_id: str) -> str:
    return DRAFT if plan_id else PUBLISHED


STATE = """CASE WHEN s.state = 'cancelled' THEN 'cancelled' WHEN taken >= s.heads THEN 'filled'
                WHEN taken > 0 THEN 'partly' ELSE 'empty' END"""
ORDERS = {"time": "s.earliest_at, s.id", "urgency": "s.priority DESC, s.earliest_at, s.id"}
NAMES = "t.name_zh, t.name_en, r.name AS recipient_name, r.kind AS recipient_kind, r.gender, g.name AS grid_name"
NAMED = """JOIN service_types t ON t.code = p.service_type JOIN recipients r ON r.id = p.recipient_id
           JOIN grids g ON g.id = p.grid_id"""


def slots_page(
    store: Store,
    from_date: date,
    until_date: date,
    *,
    area: str | None,
    plan_id: str = "",
    states: tuple[str, ...] = (),
    service: str = "",
    recipient_id: str = "",
    need_id: str = "",
    volunteer_id: str = "",
    not_before: datetime | None = None,
    order: str = "time",
    offset: int = 0,
    size: int = 50,
) -> Page[SlotRow]:
    """Visits of some local days (both included) that meet every given condition, with the people on them."""
    conditions = ["s.service_date BETWEEN :from AND :until", in_area("s.grid_id")]
    conditions += [f"s.{column} = :{column}" for column, value in (
        ("service_type", service), ("recipient_id", recipient_id), ("need_id", need_id)) if value]  # fmt: skip
    if volunteer_id:
        conditions.append(f"s.id IN (SELECT slot_id FROM ({_taken(plan_id)}) WHERE volunteer_id = :volunteer)")
    if not_before:
        conditions.append("s.latest_at > :not_before")
    chosen = [f"'{state}'" for state in states if state in ("filled", "partly", "empty", "cancelled")]
    outer = f"WHERE {STATE} IN ({', '.join(chosen)})" if chosen else ""
    select = f"""SELECT s.*, {STATE} AS fill
                 FROM (SELECT s.id, s.need_id, s.service_date, s.earliest_at, s.latest_at, s.minutes, s.heads, s.state,
                           s.priority, s.service_type, s.recipient_id, s.grid_id,
                           (SELECT count(*) FROM ({_taken(plan_id)}) x WHERE x.slot_id = s.id) AS taken
                       FROM slots s WHERE {" AND ".join(conditions)}) s {outer}"""
    params = {
        "from": from_date.isoformat(), "until": until_date.isoformat(), "area": area, "plan": plan_id,
        "service_type": service, "recipient_id": recipient_id, "need_id": need_id, "volunteer": volunteer_id,
        "not_before": utc_text(not_before) if not_before else "",
    }  # fmt: skip
    page = page_of(
        store, select, params, _slot_row, order=ORDERS[order], offset=offset, size=size, also=NAMES, joined=NAMED
    )
    on_them = people_on(store, [row.id for row in page.rows], plan_id=plan_id)
    return replace(page, rows=[replace(row, people=tuple(on_them[row.id])) for row in page.rows])


def _slot_row(row: dict[str, Any]) -> SlotRow:
    kept = {name: row[name] for name in SlotRow.__slots__ if name in row and name not in ("people", "state")}
    for name in ("earliest_at", "latest_at"):
        kept[name] = datetime.fromisoformat(row[name])
    return SlotRow(**{**kept, "service_date": date.fromisoformat(row["service_date"]), "state": row["fill"]})


def slot_row(store: Store, slot_id: str, *, plan_id: str = "") -> SlotRow | None:
    """One visit as lists show it."""
    day = store.value("SELECT service_date FROM slots WHERE id = :id", {"id": slot_id})
    need = store.value("SELECT need_id FROM slots WHERE id = :id", {"id": slot_id})
    if day is None:
        return None
    on = date.fromisoformat(day)
    page = slots_page(store, on, on, area=None, need_id=need, plan_id=plan_id, size=500)
    return next((row for row in page.rows if row.id == slot_id), None)


def people_on(store: Store, slot_ids: list[str], *, plan_id: str = "") -> dict[str, list[Person]]:
    """Slot id → the people on it, by start and name."""
    return _people(store, _taken(plan_id), slot_ids, plan_id)


def without_success(store: Store, slot_id: str) -> tuple[int, int]:
    """How many people said no to a visit, and how many did not answer in time."""
    row = store.rows(
        """SELECT count(DISTINCT iif(state = 'declined', volunteer_id, NULL)) AS no,
                  count(DISTINCT iif(state = 'expired', volunteer_id, NULL)) AS silent
           FROM assignments WHERE slot_id = :slot""",
        {"slot": slot_id},
    )[0]
    return row["no"], row["silent"]


def absent_from(store: Store, slot_id: str) -> list[Person]:
    """Those of whom staff said that they did not come, with or without an excuse."""
    return _people(store, ABSENT, [slot_id])[slot_id]


def _people(store: Store, among: str, slot_ids: list[str], plan_id: str = "") -> dict[str, list[Person]]:
    found: dict[str, list[Person]] = defaultdict(list)
    sql = f"""SELECT t.*, v.name, v.gender FROM ({among}) t JOIN volunteers v ON v.id = t.volunteer_id
              WHERE t.slot_id IN (SELECT value FROM json_each(:ids)) ORDER BY t.starts_at, v.name"""
    for row in store.rows(sql, {"ids": json.dumps(slot_ids), "plan": plan_id}):
        found[row["slot_id"]].append(
            Person(row["volunteer_id"], row["name"], row["gender"], datetime.fromisoformat(row["starts_at"]),
                   row["state"], row["id"], bool(row["pinned"]))
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Area:
    """A grid with its place in the tree."""

    id: str
    name: str
    kind: str
    parent_id: str | None


def areas(store: Store) -> dict[str, Area]:
    """Every grid by id."""
    return {r["id"]: Area(**r) for r in store.rows("SELECT id, name, kind, parent_id FROM grids ORDER BY code")}


def filled_share(store: Store, service: str, from_date: date, until_date: date) -> float | None:
    """People found of people wanted for a service between two local days, None if nothing was wanted."""
    sql = f"""SELECT sum(heads) AS wanted, sum(min(heads, taken)) AS taken FROM (SELECT s.heads,
                 (SELECT count(*) FROM ({PUBLISHED}) x WHERE x.slot_id = s.id) AS taken FROM slots s
                 WHERE s.service_type = :service AND s.state = 'open' AND s.service_date BETWEEN :from AND :until)"""
    span = {"service": service, "from": from_date.isoformat(), "until": until_date.isoformat()}
    row = store.rows(sql, span)[0]
    return row["taken"] / row["wanted"] if row["wanted"] else None


def first_things(store: Store) -> dict[str, int]:
    """How many there are of each thing that a first plan needs."""
    return store.rows(
        """SELECT (SELECT count(*) FROM grids) AS areas, (SELECT count(*) FROM organisations) AS organisations,
               (SELECT count(*) FROM volunteers WHERE active) AS volunteers,
               (SELECT count(DISTINCT volunteer_id) FROM availability_rules) AS free,
               (SELECT count(*) FROM recipients WHERE active) AS recipients,
               (SELECT count(*) FROM service_types WHERE active) AS services,
               (SELECT count(*) FROM needs WHERE state = 'published') AS needs,
               (SELECT count(*) FROM plans WHERE state IN ('published', 'superseded')) AS plans"""
    )[0]
