"""Promises by what they rest on, and what speaks against those that stand until staff have decided."""

import json
from collections.abc import Iterable
from datetime import datetime

from scheduler.model.plan import Assignment
from scheduler.store.database import Store
from scheduler.store.plans import assignments
from scheduler.store.repository import utc_text

AHEAD = "a.state IN ('proposed', 'accepted') AND a.starts_at > :now"


def promises_on(
    store: Store, *, volunteers: Iterable[str], recipients: Iterable[str], needs: Iterable[str], now: datetime
) -> list[Assignment]:
    """Proposed and accepted visits to come that rest on one of these people or needs, earliest first."""
    sql = f"""
        SELECT a.* FROM assignments a WHERE {AHEAD} AND a.volunteer_id IN (SELECT value FROM json_each(:volunteers))
        UNION SELECT a.* FROM slots s JOIN assignments a ON a.slot_id = s.id
            WHERE {AHEAD} AND s.recipient_id IN (SELECT value FROM json_each(:recipients))
        UNION SELECT a.* FROM slots s JOIN assignments a ON a.slot_id = s.id
            WHERE {AHEAD} AND s.need_id IN (SELECT value FROM json_each(:needs))
        ORDER BY starts_at, id"""
    named = {"volunteers": volunteers, "recipients": recipients, "needs": needs}
    values = {name: json.dumps(sorted(ids)) for name, ids in named.items()}
    return [assignments.from_row(store, row) for row in store.rows(sql, {**values, "now": utc_text(now)})]


def all_promises(store: Store, *, now: datetime) -> list[Assignment]:
    """Every proposed and accepted visit to come, earliest first."""
    rows = store.rows(f"SELECT a.* FROM assignments a WHERE {AHEAD} ORDER BY starts_at, id", {"now": utc_text(now)})
    return [assignments.from_row(store, row) for row in rows]


def conflicts_of(store: Store, assignment_id: str) -> frozenset[str]:
    """What speaks against a promise that stands until staff have decided."""
    found = store.value("SELECT reasons FROM conflicts WHERE assignment_id = :id", {"id": assignment_id})
    return frozenset(json.loads(found or "[]"))


def promised_while_away(store: Store, volunteer_id: str, *, now: datetime) -> list[str]:
    """Ids of a volunteer's accepted visits to come in a time in which they are no longer free, earliest first."""
    rows = store.rows(
        f"""SELECT a.id FROM assignments a JOIN conflicts c ON c.assignment_id = a.id
            WHERE {AHEAD} AND a.volunteer_id = :volunteer AND a.state = 'accepted'
              AND EXISTS (SELECT 1 FROM json_each(c.reasons) WHERE value = 'not_available')
            ORDER BY a.starts_at, a.id""",
        {"now": utc_text(now), "volunteer": volunteer_id},
    )
    return [row["id"] for row in rows]


def put_conflicts(store: Store, assignment_id: str, reasons: Iterable[str], *, now: datetime) -> None:
    """What speaks against a promise from now on; nothing does if there are no reasons."""
    store.execute("DELETE FROM conflicts WHERE assignment_id = :id", {"id": assignment_id})
    if found := sorted(reasons):
        store.execute(
            "INSERT INTO conflicts VALUES (:id, :reasons, :now)",
            {"id": assignment_id, "reasons": json.dumps(found), "now": utc_text(now)},
        )
