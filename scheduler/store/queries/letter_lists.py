"""Who belongs to a visit, a day, a service or an organisation, to be written to."""

import json
from datetime import datetime

from scheduler.model.people import Volunteer
from scheduler.store.database import Store
from scheduler.store.people import volunteers
from scheduler.store.repository import among, utc_text

ON_VISITS = """SELECT DISTINCT a.volunteer_id AS id FROM assignments a JOIN slots s ON s.id = a.slot_id
    WHERE a.state IN ('proposed', 'accepted', 'checked_in') AND s.grid_id IN (SELECT value FROM json_each(:grids))"""


def on_slot(store: Store, slot_id: str, grids: set[str]) -> list[Volunteer]:
    """Who is on a visit, or is asked for it."""
    return _people(store, f"{ON_VISITS} AND s.id = :slot", grids, slot=slot_id)


def between(
    store: Store, since_at: datetime, until_at: datetime, grids: set[str], *, service: str = ""
) -> list[Volunteer]:
    """Who is on a visit that begins within a span, or is asked for one; of one service where it is named."""
    sql = f"{ON_VISITS} AND a.starts_at >= :since AND a.starts_at < :until AND :service IN ('', s.service_type)"
    return _people(store, sql, grids, since=utc_text(since_at), until=utc_text(until_at), service=service)


def of_organisation(store: Store, organisation_id: str, grids: set[str]) -> list[Volunteer]:
    """Everybody of an organisation."""
    sql = """SELECT id FROM volunteers WHERE organisation_id = :organisation
             AND grid_id IN (SELECT value FROM json_each(:grids))"""
    return _people(store, sql, grids, organisation=organisation_id)


def _people(store: Store, sql: str, grids: set[str], **values: str) -> list[Volunteer]:
    found = [row["id"] for row in store.rows(sql, {"grids": json.dumps(sorted(grids)), **values})]
    condition, ids = among("id", found)
    return volunteers.where(store, f"active = 1 AND {condition} ORDER BY code", ids)
