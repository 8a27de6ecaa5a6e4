"""What planning reads and writes in bulk: days of slots, live assignments, history."""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from typing import NamedTuple

from scheduler.localtime import at_local
from scheduler.model.plan import Assignment
from scheduler.model.services import Slot
from scheduler.store.database import Store
from scheduler.store.plans import assignments
from scheduler.store.promised import TAKEN_OFF_SQL
from scheduler.store.repository import among, utc_text
from scheduler.store.services import slots


def slots_between(store: Store, from_date: date, until_date: date, *, open_only: bool = False) -> list[Slot]:
    """Slots of the local days from one to another (both included), earliest first."""
    condition = "service_date BETWEEN :from AND :until" + (" AND state = 'open'" if open_only else "")
    span = {"from": from_date.isoformat(), "until": until_date.isoformat()}
    return slots.where(store, f"{condition} ORDER BY earliest_at, id", span)


def live_between(store: Store, from_date: date, until_date: date) -> list[Assignment]:
    """Assignments that bind somebody (live, or done already) on slots of these local days, or that begin on them."""
    condition = """state IN ('proposed', 'accepted', 'checked_in', 'done') AND id IN (
            SELECT a.id FROM slots s JOIN assignments a ON a.slot_id = s.id
            WHERE s.service_date BETWEEN :from AND :until
            UNION ALL
            SELECT id FROM assignments WHERE state IN ('proposed', 'accepted', 'checked_in')
                AND starts_at >= :since AND starts_at < :end)
        ORDER BY starts_at, id"""
    return assignments.where(store, condition, span_of(from_date, until_date))


def span_of(from_date: date, until_date: date) -> dict[str, str]:
    """Local days (both included) as values of a query: `from` and `until`, and the moments `since` and `end`."""
    return {
        "from": from_date.isoformat(),
        "until": until_date.isoformat(),
        "since": utc_text(at_local(from_date, "00:00")),
        "end": utc_text(at_local(until_date, "24:00")),
    }


class PromisedVisit(NamedTuple):
    """A time at which somebody stands on a slot or was asked for it."""

    slot_id: str
    recipient_id: str
    service_date: date
    starts_at: datetime
    ends_at: datetime


def promised_visits(store: Store, from_date: date, until_date: date, *, recipient_id: str = "") -> list[PromisedVisit]:
    """Those of the slots of these local days, of all recipients or of one."""
    found = store.rows(
        """SELECT DISTINCT slot_id, recipient_id, service_date, starts_at, minutes
           FROM assignments JOIN slots ON slots.id = slot_id
           WHERE assignments.state IN ('proposed', 'accepted', 'checked_in', 'done')
               AND service_date BETWEEN :from AND :until AND :recipient IN ('', recipient_id)""",
        {"from": from_date.isoformat(), "until": until_date.isoformat(), "recipient": recipient_id},
    )
    return [
        PromisedVisit(
            row["slot_id"],
            row["recipient_id"],
            date.fromisoformat(row["service_date"]),
            start := datetime.fromisoformat(row["starts_at"]),
            start + timedelta(minutes=row["minutes"]),
        )
        for row in found
    ]


def let_go(store: Store) -> list[tuple[str, str]]:
    """(slot, volunteer) of every assignment that ended without a visit by the person's choice or absence."""
    found = store.rows(
        """SELECT DISTINCT slot_id, volunteer_id FROM assignments
           WHERE state IN ('declined', 'expired', 'withdrawn', 'excused', 'missed')"""
    )
    return [(r["slot_id"], r["volunteer_id"]) for r in found]


def taken_off(store: Store) -> list[tuple[str, str]]:
    """(slot, volunteer) of everyone whom staff took off a visit and have not put back since."""
    found = store.rows(f"SELECT slot_id, volunteer_id {TAKEN_OFF_SQL}")
    return [(r["slot_id"], r["volunteer_id"]) for r in found]


def standing_refusals(store: Store) -> list[tuple[str, str]]:
    """(need, volunteer) where a refusal stands."""
    found = store.rows("SELECT DISTINCT need_id, volunteer_id FROM standing_noes")
    return [(r["need_id"], r["volunteer_id"]) for r in found]


def visits_since(store: Store, since: datetime, until: datetime) -> list[tuple[str, str, date, int]]:
    """(volunteer, recipient, local day, minutes) of promised or finished visits that began within the span."""
    found = store.rows(
        """SELECT volunteer_id, recipient_id, service_date, minutes
           FROM assignments JOIN slots ON slots.id = slot_id
           WHERE assignments.state IN ('accepted', 'checked_in', 'done')
               AND starts_at >= :since AND starts_at < :until""",
        {"since": utc_text(since), "until": utc_text(until)},
    )
    return [(r["volunteer_id"], r["recipient_id"], date.fromisoformat(r["service_date"]), r["minutes"]) for r in found]


def known_people(store: Store) -> list[tuple[str, str]]:
    """(volunteer, recipient) of everyone who has finished a visit to somebody."""
    found = store.rows(
        """SELECT DISTINCT volunteer_id, recipient_id FROM assignments JOIN slots ON slots.id = slot_id
           WHERE assignments.state = 'done'"""
    )
    return [(r["volunteer_id"], r["recipient_id"]) for r in found]


def organisation_bases(store: Store, ids: Iterable[str] | None = None) -> dict[str, tuple[str, float, float]]:
    """Organisation id → (grid id, latitude, longitude) of where it is; of all, or of those named."""
    condition, values = ("1", {}) if ids is None else among("organisations.id", ids)
    found = store.rows(
        f"""SELECT organisations.id, organisations.kind, grid_id, lat, lon
            FROM organisations JOIN grids ON grids.id = grid_id WHERE {condition}""",
        values,
    )
    return {r["id"]: (r["grid_id"], r["lat"], r["lon"]) for r in found}


def linked_areas(store: Store) -> dict[str, frozenset[str]]:
    """Organisation id → ids of the areas where the organisations lie that are linked with it."""
    found: dict[str, frozenset[str]] = {}
    for row in store.rows(
        """SELECT l.one_id AS id, o.grid_id FROM organisation_links l JOIN organisations o ON o.id = l.other_id
           UNION SELECT l.other_id, o.grid_id FROM organisation_links l JOIN organisations o ON o.id = l.one_id"""
    ):
        found[row["id"]] = found.get(row["id"], frozenset()) | {row["grid_id"]}
    return found


def changed_slots(store: Store, items: Iterable[Slot]) -> None:
    """Writes slots that exist already, each at its next revision."""
    for item in items:
        slots.save(store, item)


def last_losses(store: Store, slot_ids: Iterable[str]) -> dict[str, str]:
    """Slot id → how the last person who was asked there was lost (declined, withdrawn, expired…)."""
    condition, values = among("slot_id", slot_ids)
    found = store.rows(
        f"""SELECT slot_id, state FROM assignments WHERE {condition}
            AND state IN ('declined', 'expired', 'withdrawn', 'cancelled', 'missed', 'excused') ORDER BY rowid""",
        values,
    )
    return {row["slot_id"]: row["state"] for row in found}


def slots_told(store: Store, slot_ids: Iterable[str], *, before_plan: str) -> set[str]:
    """Those of the slots on which another plan has put somebody already."""
    condition, values = among("slot_id", slot_ids)
    found = store.rows(
        f"SELECT DISTINCT slot_id FROM assignments WHERE {condition} AND plan_id <> :plan",
        {**values, "plan": before_plan},
    )
    return {row["slot_id"] for row in found}
