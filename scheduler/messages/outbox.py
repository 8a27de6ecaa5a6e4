"""Messages that cannot be lost: a row in the transaction of the fact; operations/delivery.py sends it at least once."""

from datetime import datetime
from typing import Any

from scheduler.messages import texts
from scheduler.model.ids import new_id
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


def unsent_questions(store: Store, addressee: str = "", *, untouched: bool = False) -> set[str]:
    """Ids of assignments and hand-over requests whose question still waits; `untouched`: no channel has taken it."""
    return {
        item["swap_id"] if item["template"] == "swap_asked" else item.get("assignment_id", "")
        for row in rows.waiting_rows(store, addressee)
        if not (untouched and row.sent_to)
        for item in row.items
        if item["template"] in texts.QUESTIONS
    }


def enqueue(
    store: Store,
    *,
    key: str,
    addressee: str,
    template: str,
    payload: dict[str, Any],
    now: datetime,
    urgent: bool = False,
    begins_at: datetime | None = None,
) -> bool:
    """Files a message; call inside the transaction of what it tells. True unless the key was filed before.

    `urgent` goes out in quiet hours too, and so does what is about a visit that begins (`begins_at`) too soon after
    them to wait. Raises InputError for an unknown template, so a misspelt one is found at once.
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
            "payload": rows.json_of(payload),
            "state": "waiting",
            "created_at": utc_text(now),
            "next_at": utc_text(now),
            "attempts": 0,
            "claimed_by": "",
            "error": "",
            "urgent": int(urgent),
            "begins_at": utc_text(begins_at) if begins_at else None,
        },
    )
