"""Lists for the volunteer's pages, the calendar feed and "who saw my address": plain SQL into small rows."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from scheduler.localtime import local_date
from scheduler.model.people import RecipientKind
from scheduler.model.plan import State
from scheduler.model.reading_rights import reason_for_the_person
from scheduler.model.services import Place
from scheduler.store.database import Store
from scheduler.store.repository import not_found, utc_text


@dataclass(frozen=True, slots=True)
class VisitRow:
    """One assignment of a volunteer with what its line on a page needs. `address` is the full one: mask it."""

    id: str
    slot_id: str
    plan_id: str | None
    starts_at: datetime
    minutes: int
    state: State
    source: str
    proposed_at: datetime | None
    expires_at: datetime | None
    replied_at: datetime | None
    reason: str
    service_type: str
    name_zh: str
    name_en: str
    risk_zh: str
    risk_en: str
    title: str  # what the need says besides, in staff's words
    place: Place
    recipient_id: str
    recipient_kind: RecipientKind
    recipient_name: str
    recipient_gender: str
    address: str
    area: str  # the committee's name
    sequence: int  # grows with every change of the assignment or its slot

    @property
    def private(self) -> bool:
        """True where name and address belong to a person at home."""
        return self.recipient_kind is RecipientKind.ELDER

    @property
    def ends_at(self) -> datetime:
        return self.starts_at + timedelta(minutes=self.minutes)

    def ended_by(self, now: datetime) -> bool:
        """True once the visit is over, two hours allowed for being late to say so."""
        return now > self.ends_at + timedelta(hours=2)


_VISIT = """
SELECT a.id, a.slot_id, a.plan_id, a.starts_at, s.minutes, a.state, a.source, a.proposed_at, a.expires_at, a.replied_at,
       a.reason, s.service_type, t.name_zh, t.name_en, t.risk_zh, t.risk_en, n.title,
       s.place, s.recipient_id, r.kind AS recipient_kind,
       r.name AS recipient_name, r.gender AS recipient_gender, r.address, g.name AS area,
       a.revision + s.revision AS sequence
FROM assignments a JOIN slots s ON s.id = a.slot_id JOIN service_types t ON t.code = s.service_type
     JOIN needs n ON n.id = s.need_id
     JOIN recipients r ON r.id = s.recipient_id JOIN grids g ON g.id = s.grid_id
"""


def visits(
    store: Store, volunteer_id: str, since_at: datetime, until_at: datetime, *, most: int = 500
) -> list[VisitRow]:
    """The volunteer's assignments, in any state, that start in the half-open span, earliest first."""
    values = {"volunteer": volunteer_id, "since": utc_text(since_at), "until": utc_text(until_at), "most": most}
    mine = "WHERE a.volunteer_id = :volunteer AND a.starts_at >= :since AND a.starts_at < :until"
    return [_visit(store, row) for row in store.rows(f"{_VISIT} {mine} ORDER BY a.starts_at, a.id LIMIT :most", values)]


def visit(store: Store, assignment_id: str) -> VisitRow:
    """One assignment. Raises NotFound."""
    for row in store.rows(f"{_VISIT} WHERE a.id = :id", {"id": assignment_id}):
        return _visit(store, row)
    raise not_found("assignments", assignment_id)


def _visit(store: Store, row: dict[str, Any]) -> VisitRow:
    moments = ("starts_at", "proposed_at", "expires_at", "replied_at")
    known = {name: datetime.fromisoformat(str(row[name])) if row[name] else None for name in moments}
    typed = {
        "state": State(str(row["state"])),
        "place": Place(str(row["place"])),
        "recipient_kind": RecipientKind(str(row["recipient_kind"])),
        "address": store.seal.open(str(row["address"]), "recipients.address"),
        "reason": reason_for_the_person(str(row["reason"])),
    }
    return VisitRow(**{**row, **known, **typed})


@dataclass(frozen=True, slots=True)
class OpeningRow:
    """One logged opening of a person's full details."""

    at: datetime
    actor: str
    actor_name: str
    reason: str


def openings(store: Store, kind: str, object_id: str) -> list[OpeningRow]:
    """Every logged opening of a recipient's or volunteer's full details, and search by their phone, newest first."""
    found = store.rows(
        """SELECT audit.at, audit.actor, coalesce(accounts.name, '') AS actor_name,
                  CASE audit.action WHEN 'reveal' THEN audit.reason ELSE audit.action END AS reason
           FROM audit LEFT JOIN accounts ON accounts.id = audit.actor OR accounts.login = audit.actor
           WHERE audit.object_kind = :kind AND audit.object_id = :id AND audit.action IN ('reveal', 'phone.search')
           ORDER BY audit.number DESC""",
        {"kind": kind, "id": object_id},
    )
    return [OpeningRow(**{**row, "at": datetime.fromisoformat(row["at"])}) for row in found]


def was_opened(store: Store, recipient_id: str, assignment_id: str, *, since_at: datetime) -> bool:
    """True where the volunteer of this assignment opened the recipient's details for its visit since a moment."""
    return bool(
        store.value(
            """SELECT 1 FROM audit WHERE object_kind = 'recipient' AND object_id = :id AND action = 'reveal'
               AND opened_for = :assignment AND at > :since LIMIT 1""",
            {"id": recipient_id, "assignment": assignment_id, "since": utc_text(since_at)},
        )
    )


def opened_without_visit(store: Store, volunteer_id: str, *, since_at: datetime) -> int:
    """How many recipients' doors a volunteer has opened since a moment and then given back, or did not come."""
    found = store.value(
        """SELECT count(DISTINCT s.recipient_id) FROM assignments a JOIN slots s ON s.id = a.slot_id
           WHERE a.volunteer_id = :id AND a.state IN ('withdrawn', 'missed')
                 AND EXISTS (SELECT 1 FROM audit WHERE object_kind = 'recipient' AND object_id = s.recipient_id
                             AND action = 'reveal' AND opened_for = a.id AND at > :since)""",
        {"id": volunteer_id, "since": utc_text(since_at)},
    )
    return int(found or 0)


@dataclass(frozen=True, slots=True)
class OpenSlotRow:
    """A slot that still misses people, for "I am free now"; `common_start_at` is when those on it begin."""

    slot_id: str
    recipient_id: str
    service_type: str
    earliest_at: datetime
    latest_at: datetime
    minutes: int
    priority: int
    place: Place
    lat: float
    lon: float
    requires_all: frozenset[str]
    requires_any: frozenset[str]
    common_start_at: datetime | None


def open_slots(
    store: Store,
    since_at: datetime,
    until_at: datetime,
    *,
    services: Iterable[str],
    around: tuple[float, float],
    degrees: float,
) -> list[OpenSlotRow]:
    """Open slots of some services that may start in the half-open span and miss people.

    By phone from anywhere; else within so many degrees of latitude and longitude of a point.
    """
    found = store.rows(
        """SELECT s.id AS slot_id, s.recipient_id, s.service_type, s.earliest_at, s.latest_at, s.minutes, s.priority,
                  s.place, s.lat, s.lon, s.requires_all, s.requires_any, min(a.starts_at) AS common_start_at
           FROM slots s LEFT JOIN assignments a
                ON a.slot_id = s.id AND a.state IN ('proposed', 'accepted', 'checked_in', 'done')
           WHERE s.service_date BETWEEN :first AND :last AND s.state = 'open'
                 AND s.latest_at >= :since AND s.earliest_at < :until
                 AND s.service_type IN (SELECT value FROM json_each(:services))
                 AND (s.place = 'remote' OR (s.lat BETWEEN :lat - :degrees AND :lat + :degrees
                                             AND s.lon BETWEEN :lon - :degrees AND :lon + :degrees))
           GROUP BY s.id HAVING s.heads > count(a.id) ORDER BY s.priority DESC, s.earliest_at, s.id""",
        {
            "first": local_date(since_at).isoformat(),
            "last": local_date(until_at).isoformat(),
            "since": utc_text(since_at),
            "until": utc_text(until_at),
            "services": json.dumps(sorted(services)),
            "lat": around[0],
            "lon": around[1],
            "degrees": degrees,
        },
    )
    return [_open_slot(row) for row in found]


def _open_slot(row: dict[str, Any]) -> OpenSlotRow:
    moments = ("earliest_at", "latest_at", "common_start_at")
    typed = {name: datetime.fromisoformat(row[name]) if row[name] else None for name in moments}
    wanted = {name: _set_of(row[name]) for name in ("requires_all", "requires_any")}
    return OpenSlotRow(**{**row, **typed, **wanted, "place": Place(row["place"])})


@lru_cache(maxsize=1000)
def _set_of(text: str) -> frozenset[str]:
    return frozenset(json.loads(text))


def known_recipients(store: Store, volunteer_id: str) -> frozenset[str]:
    """Ids of recipients whom a volunteer is paired with or has visited."""
    found = store.rows(
        """SELECT recipient_id FROM pairs WHERE volunteer_id = :id AND state IN ('trial', 'active')
           UNION SELECT recipient_id FROM assignments JOIN slots ON slots.id = slot_id
                 WHERE volunteer_id = :id AND assignments.state = 'done'""",
        {"id": volunteer_id},
    )
    return frozenset(row["recipient_id"] for row in found)


def messages_to(store: Store, volunteer_id: str) -> list[dict[str, Any]]:
    """The outbox's messages to a volunteer for the export of own data, oldest first."""
    return store.rows(
        """SELECT template, state, created_at, sent_at FROM outbox WHERE addressee = 'volunteer:' || :id
           ORDER BY created_at, id""",
        {"id": volunteer_id},
    )
