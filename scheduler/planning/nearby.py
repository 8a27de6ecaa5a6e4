"""The facts around one slot: the people who live near it or know its recipient, and the week of each of them."""

from collections import defaultdict
from datetime import datetime, timedelta

from scheduler.config import Config
from scheduler.localtime import monday_of
from scheduler.model.people import PairState
from scheduler.model.plan import Assignment, State
from scheduler.model.services import Slot
from scheduler.planning.facts import BONDS, REMEMBERED, Facts, Visit
from scheduler.planning.idle import calendars_of
from scheduler.store import Store
from scheduler.store import nearby as rows
from scheduler.store.people import (
    exceptions_by_volunteer,
    organisations,
    pairs,
    recipients,
    rules_by_volunteer,
    volunteers,
)
from scheduler.store.planning import organisation_links
from scheduler.store.plans import assignments
from scheduler.store.promised import taken_off_slot
from scheduler.store.repository import among
from scheduler.store.services import needs, service_types, slots

NEAREST = 80


def facts_nearby(store: Store, config: Config, slot: Slot, *, now: datetime) -> Facts:
    """What planning's rules need to fill one slot from its NEAREST people and all who know its recipient.

    A few hundred rows whatever the size of the district, read in one snapshot of the store.
    """
    with store.snapshot():
        people = rows.people_around(store, slot.lat, slot.lon, slot.recipient_id, limit=NEAREST)
        live = _live(store, people, slot)
        near = {v.id: v for v in volunteers.where(store, *among("id", people))}
        homes = {v.organisation_id for v in near.values() if v.organisation_id}
        known_slots = {s.id: s for s in slots.where(store, *among("id", {a.slot_id for a in live}))} | {slot.id: slot}
        visits = known_slots.values()
        return Facts(
            config=config,
            revision=store.revision(),
            volunteers=near,
            calendars=calendars_of(rules_by_volunteer(store, people), exceptions_by_volunteer(store, people)),
            recipients={r.id: r for r in recipients.where(store, *among("id", {s.recipient_id for s in visits}))},
            types={t.code: t for t in service_types.where(store)},
            needs={n.id: n for n in needs.where(store, *among("id", {s.need_id for s in visits}))},
            slots=known_slots,
            live=_by_volunteer(live),
            pairs=tuple(p for p in pairs.by(store, recipient_id=slot.recipient_id) if p.state is not PairState.ENDED),
            knows=_knows(store, slot),
            said_no=frozenset((slot.need_id, who) for who in rows.said_no(store, slot.need_id)),
            let_go=frozenset((slot.id, who) for who in rows.let_go(store, slot.id)),
            taken_off=frozenset((slot.id, who) for who in taken_off_slot(store, slot.id)),
            visits=tuple(Visit(*row) for row in rows.visits_of_people(store, people, now - REMEMBERED, now)),
            bases=organisation_links(store, homes),
            base_kinds={o.id: o.kind for o in organisations.where(store, *among("id", homes))},
        )


def _live(store: Store, people: set[str], slot: Slot) -> list[Assignment]:
    """Duties of the people in the slot's calendar week, and whoever is on the slot."""
    monday = monday_of(slot.service_date)
    there = [a for a in assignments.by(store, slot_id=slot.id) if a.state in (State.PROPOSED, State.ACCEPTED)]
    people |= {a.volunteer_id for a in there}
    return rows.binding_of_people(store, people, monday - timedelta(days=1), monday + timedelta(days=6))


def _by_volunteer(live: list[Assignment]) -> dict[str, list[Assignment]]:
    found: dict[str, list[Assignment]] = defaultdict(list)
    for assignment in live:
        found[assignment.volunteer_id].append(assignment)
    return dict(found)


def _knows(store: Store, slot: Slot) -> frozenset[tuple[str, str]]:
    bonds = {p.volunteer_id for p in pairs.by(store, recipient_id=slot.recipient_id) if p.state in BONDS}
    return frozenset((who, slot.recipient_id) for who in bonds | rows.visitors_of(store, slot.recipient_id))
