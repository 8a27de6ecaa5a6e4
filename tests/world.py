"""A tiny district that fits in the head: two streets, a volunteer in each, an elder, a visit."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from scheduler.model.ids import new_id
from scheduler.model.people import Grid, GridKind, Kind, Recipient, RecipientKind, Transport, Volunteer
from scheduler.model.plan import Assignment, State
from scheduler.model.services import Continuity, Need, NeedKind, Place, ServiceType, ServiceWindow, Slot
from scheduler.store import Store
from scheduler.store.outbox import STATES, OutboxRow, rows_in_state
from scheduler.store.people import grids, recipients, volunteers
from scheduler.store.plans import assignments
from scheduler.store.services import needs, service_types, slots

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)  # Monday 23 November 2026, 10:00 in Shanghai
CANARY_PHONE = "13900007777"
CANARY_ADDRESS = "普陀区真光路1288弄5号602室"
CANARY_NOTES = "听力不好，敲门要重"


def add_map(store: Store) -> None:
    """A district with two streets of one committee each: grids "d", "s1", "c1", "s2", "c2"."""
    grids.add_all(
        store,
        [
            Grid("d", "d", "普陀区", GridKind.DISTRICT, None, 31.25, 121.39),
            Grid("s1", "s1", "真如镇街道", GridKind.STREET, "d", 31.25, 121.39),
            Grid("c1", "c1", "真光居委会", GridKind.COMMITTEE, "s1", 31.25, 121.39),
            Grid("s2", "s2", "长风新村街道", GridKind.STREET, "d", 31.23, 121.40),
            Grid("c2", "c2", "长风居委会", GridKind.COMMITTEE, "s2", 31.23, 121.40),
        ],
    )


def add_service(store: Store, code: str = "E01", **changes: Any) -> ServiceType:
    """A visit of 45 minutes that anybody may make."""
    values: dict[str, Any] = {
        "code": code,
        "name_zh": "结对陪伴聊天",
        "name_en": "Paired companion visit",
        "minutes": 45,
        "heads": 1,
        "min_heads": 1,
        "priority": 4,
        "continuity": Continuity.NONE,
        "place": Place.AT_RECIPIENT,
        "recipient_kinds": ("elder",),
        "windows": (ServiceWindow((1, 2, 3, 4, 5, 6, 7), "09:00", "17:00"),),
        "needs_insurance": False,
        **changes,
    }
    return service_types.put(store, ServiceType(**values))


def add_volunteer(store: Store, id: str = "ann", **changes: Any) -> Volunteer:
    """A courier with an e-bike in the first street."""
    values: dict[str, Any] = {
        "id": id,
        "code": id,
        "name": "王建国",
        "kinds": frozenset({Kind.COURIER}),
        "gender": "male",
        "lat": 31.2501,
        "lon": 121.3901,
        "transport": Transport.EBIKE,
        "grid_id": "c1",
        "consents": {"contact": NOW},
        "insured": True,
        **changes,
    }
    return volunteers.add(store, Volunteer(**values))


def add_elder(store: Store, id: str = "li", **changes: Any) -> Recipient:
    """An elder whose phone, address and notes are canaries: they must never be seen outside their hours."""
    values: dict[str, Any] = {
        "id": id,
        "code": id,
        "name": "李秀英",
        "kind": RecipientKind.ELDER,
        "grid_id": "c1",
        "lat": 31.2505,
        "lon": 121.3905,
        "gender": "female",
        "birth_year": 1941,
        "phone": CANARY_PHONE,
        "address": CANARY_ADDRESS,
        "notes": CANARY_NOTES,
        **changes,
    }
    return recipients.add(store, Recipient(**values))


def add_slot(
    store: Store, starts_at: datetime, *, recipient_id: str = "li", service: str = "E01", **changes: Any
) -> Slot:
    """A need and its one slot, which may start only at the given moment unless told otherwise."""
    recipient = recipients.get(store, recipient_id)
    need_id = new_id()
    day = date.fromisoformat((starts_at + timedelta(hours=8)).date().isoformat())
    needs.add(store, Need(need_id, need_id, service, recipient_id, NeedKind.ONCE, day, created_at=NOW))
    values: dict[str, Any] = {
        "id": new_id(),
        "need_id": need_id,
        "service_type": service,
        "recipient_id": recipient_id,
        "grid_id": recipient.grid_id,
        "service_date": day,
        "earliest_at": starts_at,
        "latest_at": starts_at,
        "minutes": 45,
        "heads": 1,
        "min_heads": 1,
        "priority": 4,
        "place": Place.AT_RECIPIENT,
        "lat": recipient.lat,
        "lon": recipient.lon,
        **changes,
    }
    return slots.add(store, Slot(**values))


def add_visit(
    store: Store, starts_at: datetime, *, volunteer_id: str = "ann", state: State = State.ACCEPTED, **changes: Any
) -> Assignment:
    """A slot at the given moment with one assignment."""
    slot = add_slot(store, starts_at, **changes)
    return assignments.add(
        store, Assignment(new_id(), slot.id, volunteer_id, starts_at, state, proposed_at=NOW - timedelta(days=1))
    )


def add_world(store: Store) -> None:
    """Map, service, the volunteers "ann" (first street) and "bob" (second street), the elder "li"."""
    add_map(store)
    add_service(store)
    add_volunteer(store)
    add_volunteer(store, "bob", name="陈志强", grid_id="c2", lat=31.2301, lon=121.4001)
    add_elder(store)


def message_by_key(store: Store, key: str) -> OutboxRow | None:
    """The message in the outbox with an idempotency key."""
    return next(
        (row for state in STATES for row in rows_in_state(store, state) if row.key == key),
        None,
    )


def measures_of(store: Store, name: str) -> list[tuple[date, float | None]]:
    """The days of a measure of the whole district that were kept, oldest first."""
    sql = "SELECT service_date, value FROM measures WHERE name = :name AND scope = '' ORDER BY service_date"
    return [(date.fromisoformat(row["service_date"]), row["value"]) for row in store.rows(sql, {"name": name})]
