"""Rows around one slot: a few people and what they have to do, found without reading the whole district."""

import math
from collections.abc import Iterable
from datetime import date, datetime

from scheduler.model.plan import Assignment
from scheduler.store.database import Store
from scheduler.store.planning import span_of
from scheduler.store.plans import assignments
from scheduler.store.promised import let_go_of_slot, who_refused
from scheduler.store.repository import among, utc_text

refused, let_go = who_refused, let_go_of_slot


def people_around(store: Store, lat: float, lon: float, recipient_id: str, *, limit: int) -> set[str]:
    """Ids of the active volunteers who live nearest to a place, and of everyone who knows the recipient."""
    current_pairs = store.rows(
        "SELECT DISTINCT volunteer_id FROM pairs WHERE recipient_id = :id AND state <> 'ended'", {"id": recipient_id}
    )
    nearest = nearest_people(store, lat, lon, limit=limit)
    return nearest | {row["volunteer_id"] for row in current_pairs} | visitors_of(store, recipient_id)


def nearest_people(store: Store, lat: float, lon: float, *, limit: int, carrying: Iterable[str] = ()) -> set[str]:
    """Ids of the active volunteers nearest to a place who carry all these kinds, skills and trainings."""
    tags = {f"tag{number}": f'%"{tag}"%' for number, tag in enumerate(carrying)}
    carried = "".join(f" AND kinds || skills || trainings LIKE :{name}" for name in tags)
    rows = store.rows(
        f"""SELECT id FROM volunteers WHERE active{carried}
            ORDER BY (lat - :lat) * (lat - :lat) + :shrink * (lon - :lon) * (lon - :lon), id LIMIT :limit""",
        {"lat": lat, "lon": lon, "shrink": math.cos(math.radians(lat)) ** 2, "limit": limit, **tags},
    )
    return {row["id"] for row in rows}


def visitors_of(store: Store, recipient_id: str) -> set[str]:
    """Volunteers who finished a visit to the recipient."""
    rows = store.rows(
        """SELECT DISTINCT a.volunteer_id FROM slots s JOIN assignments a ON a.slot_id = s.id
           WHERE s.recipient_id = :id AND a.state = 'done'""",
        {"id": recipient_id},
    )
    return {row["volunteer_id"] for row in rows}


def binding_of_people(store: Store, people: Iterable[str], first: date, last: date) -> list[Assignment]:
    """Live or finished assignments of these people on slots of these local days (both included), or begun on them."""
    condition, values = among("a.volunteer_id", people)
    rows = store.rows(
        f"""SELECT a.* FROM assignments a JOIN slots s ON s.id = a.slot_id
            WHERE {condition} AND a.state IN ('proposed', 'accepted', 'checked_in', 'done')
              AND (s.service_date BETWEEN :from AND :until OR a.starts_at >= :since AND a.starts_at < :end)
            ORDER BY a.starts_at, a.id""",
        {**values, **span_of(first, last)},
    )
    return [assignments.from_row(store, row) for row in rows]


def visits_of_people(
    store: Store, people: Iterable[str], since: datetime, until: datetime
) -> list[tuple[str, str, date, int]]:
    """(volunteer, recipient, local day, minutes) of these people's promised or finished visits begun within a span."""
    condition, values = among("a.volunteer_id", people)
    rows = store.rows(
        f"""SELECT a.volunteer_id, s.recipient_id, s.service_date, s.minutes
            FROM assignments a JOIN slots s ON s.id = a.slot_id
            WHERE {condition} AND a.state IN ('accepted', 'checked_in', 'done')
              AND a.starts_at >= :since AND a.starts_at < :until""",
        {**values, "since": utc_text(since), "until": utc_text(until)},
    )
    return [(r["volunteer_id"], r["recipient_id"], date.fromisoformat(r["service_date"]), r["minutes"]) for r in rows]
