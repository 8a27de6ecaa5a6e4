"""What the page of figures counts: seats, answers and lengths of visits, by week, service, place or organisation."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from statistics import median
from typing import Any

from scheduler.store.database import Store
from scheduler.store.queries.paging import in_area

# What a figure can be counted by: an expression over slots s, and over assignments a, volunteers v of them.
BY = {
    "week": "date(s.service_date, 'weekday 0', '-6 days')",
    "service": "s.service_type",
    "place": "s.grid_id",
    "organisation": "coalesce(v.organisation_id, '')",
}
PROMISED = "('accepted', 'checked_in', 'done', 'missed', 'excused')"
CAME = "('checked_in', 'done')"


@dataclass(frozen=True, slots=True)
class Seats:
    """Visits of a group, the people they want, those asked or promised, those who came, visits without anybody."""

    visits: int
    wanted: int
    planned: int
    came: int
    empty: int


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of the people of a group who were asked, and how it went with those who came."""

    people: int
    yes: int
    no: int
    silent: int
    done: int
    missed: int
    taken_back: int
    minutes_to_answer: float | None  # the median
    minutes_over: float | None  # the mean of real minus planned minutes, over visits with both times
    credited_min: int


def seats_by(store: Store, by: str, first: date, last: date, *, area: str | None) -> dict[str, Seats]:
    """Key → seats of the open visits on local days (both included) in an area; by week, service or place."""
    rows = store.rows(
        f"""SELECT key, count(*) AS visits, sum(heads) AS wanted, sum(min(heads, planned)) AS planned,
                   sum(min(heads, came)) AS came, sum(planned = 0) AS empty
            FROM (SELECT {BY[by]} AS key, s.heads,
                         (SELECT count(*) FROM assignments a WHERE a.slot_id = s.id
                          AND a.state IN ('proposed', 'accepted', 'checked_in', 'done', 'missed')) AS planned,
                         (SELECT count(*) FROM assignments a WHERE a.slot_id = s.id AND a.state IN {CAME}) AS came
                  FROM slots s WHERE s.state = 'open' AND s.service_date BETWEEN :first AND :last
                       AND {in_area("s.grid_id")})
            GROUP BY key""",
        _span(first, last, area),
    )
    return {row.pop("key"): Seats(**row) for row in rows}


def answers_by(store: Store, by: str, first: date, last: date, *, area: str | None) -> dict[str, Answers]:
    """Key → answers about visits on local days (both included) in an area."""
    rows = store.rows(
        f"""SELECT {BY[by]} AS key, a.volunteer_id, a.state, a.replied_at IS NOT NULL AS replied,
                   a.state IN {PROMISED} AS promised,
                   (unixepoch(a.replied_at) - unixepoch(a.proposed_at)) / 60.0 AS minutes,
                   (unixepoch(t.checked_out_at) - unixepoch(t.checked_in_at)) / 60.0 - s.minutes AS over,
                   (SELECT coalesce(sum(credited_min), 0) FROM hours_entries h WHERE h.assignment_id = a.id) AS credited
            FROM assignments a JOIN slots s ON s.id = a.slot_id JOIN volunteers v ON v.id = a.volunteer_id
                 LEFT JOIN attendance t ON t.assignment_id = a.id
            WHERE s.service_date BETWEEN :first AND :last AND {in_area("s.grid_id")}""",
        _span(first, last, area),
    )
    groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["key"]].append(row)
    return {key: _answers(group) for key, group in groups.items()}


def _answers(rows: list[dict[str, Any]]) -> Answers:
    states = [row["state"] for row in rows]
    minutes = _known(row["minutes"] for row in rows if row["replied"])
    over = _known(row["over"] for row in rows if row["state"] == "done")
    return Answers(
        people=len({row["volunteer_id"] for row in rows}),
        yes=sum(row["promised"] for row in rows),
        no=states.count("declined"),
        silent=states.count("expired"),
        done=states.count("done"),
        missed=states.count("missed"),
        taken_back=states.count("withdrawn") + states.count("superseded"),
        minutes_to_answer=median(minutes) if minutes else None,
        minutes_over=sum(over) / len(over) if over else None,
        credited_min=sum(row["credited"] for row in rows),
    )


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def names_of(store: Store, by: str) -> dict[str, dict[str, str]]:
    """Key → its names, `zh` and `en` (the same where there is one name)."""
    tables = {
        "service": "SELECT code AS key, name_zh AS zh, name_en AS en FROM service_types",
        "place": "SELECT id AS key, name AS zh, name AS en FROM grids",
        "organisation": "SELECT id AS key, name AS zh, name AS en FROM organisations",
    }
    return {row.pop("key"): row for row in store.rows(tables[by])} if by in tables else {}


def measures_since(store: Store, first: date) -> dict[str, list[tuple[date, float | None]]]:
    """Name → what the nights since a day measured for the whole database, oldest first; missing values stay None."""
    found: dict[str, list[tuple[date, float | None]]] = defaultdict(list)
    sql = "SELECT * FROM measures WHERE scope = '' AND service_date >= :first ORDER BY service_date"
    for row in store.rows(sql, {"first": first.isoformat()}):
        found[row["name"]].append((date.fromisoformat(row["service_date"]), row["value"]))
    return dict(found)


def _span(first: date, last: date, area: str | None) -> dict[str, str | None]:
    return {"first": first.isoformat(), "last": last.isoformat(), "area": area}
