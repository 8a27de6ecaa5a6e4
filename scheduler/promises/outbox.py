"""Messages that cannot be lost: a row in the transaction of the fact; delivery.py sends it later, at least once."""

import json
from datetime import datetime
from typing import Any

from scheduler.model.ids import new_id
from scheduler.promises import texts
from scheduler.store import Store
from scheduler.store import outbox as rows
from scheduler.store.repository import utc_text

STAFF = "staff"


def to_volunteer(volunteer_id: str) -> str:
    """The addressee of a volunteer."""
    return f"volunteer:{volunteer_id}"


def to_staff(grid_id: str | None = None) -> str:
    """The addressee of the staff of a grid, or of all staff."""
    return f"{STAFF}:{grid_id}" if grid_id else STAFF


def enqueue(
    store: Store,
    *,
    key: str,
    addressee: str,
    template: str,
    payload: dict[str, Any],
    now: datetime,
    urgent: bool = False,
) -> bool:
    """Files a message; call inside the transaction of what it tells. True unless the key was filed before.

    `urgent` goes out in quiet hours too. Raises InputError for an unknown template, so a misspelt one is found at once.
    """
    names = [item.get("template") for item in payload["items"]] if payload.get("items") else [template]
    for name in names:
        if name not in texts.TEXTS:
            raise texts.unknown(name)
    return rows.insert_once(
        store,
        {
            "id": new_id(),
            "key": key,
            "addressee": addressee,
            "template": template,
            "payload": json.dumps(payload, ensure_ascii=False, sort_keys=True),
            "state": "waiting",
            "created_at": utc_text(now),
            "next_at": utc_text(now),
            "attempts": 0,
            "claimed_by": "",
            "error": "",
            "urgent": int(urgent),
        },
    )
