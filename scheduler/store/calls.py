"""Messages that somebody has to say by phone, and what came of the calls."""

import json
from collections.abc import Sequence
from datetime import datetime

from scheduler.store.database import Store
from scheduler.store.outbox import OutboxRow, row_of
from scheduler.store.repository import utc_text

IN_VAIN = 3  # attempts, after which somebody had better phone than wait
UNHEARD = "state IN ('no_channel', 'failed', 'waiting') AND acknowledged_at IS NULL AND addressee LIKE 'volunteer:%'"


def to_say(store: Store, usable: Sequence[str], *, since: datetime) -> list[OutboxRow]:
    """Messages that reached nobody, and those that wait: for a person without a usable channel, or in vain so far."""
    sql = f"""SELECT * FROM outbox WHERE {UNHEARD} AND created_at >= :since AND (state <> 'waiting'
                OR attempts >= :in_vain OR NOT EXISTS
                (SELECT 1 FROM contact_points c WHERE 'volunteer:' || c.volunteer_id = outbox.addressee
                 AND c.channel IN (SELECT value FROM json_each(:usable)))) ORDER BY rowid"""
    return [
        row_of(raw)
        for raw in store.rows(sql, {"since": utc_text(since), "usable": json.dumps(list(usable)), "in_vain": IN_VAIN})
    ]


def record(store: Store, volunteer_id: str, outcome: str, *, about: str = "", by: str, now: datetime) -> None:
    """Writes what came of a call on the messages it was about: those that hold an id, else all of the person."""
    store.execute(
        f"""UPDATE outbox SET call_outcome = :outcome, called_at = :now, called_by = :by
            WHERE {UNHEARD} AND addressee = 'volunteer:' || :id AND instr(payload, :about) > 0""",
        {"id": volunteer_id, "outcome": outcome, "about": about or "{", "by": by, "now": utc_text(now)},
    )
