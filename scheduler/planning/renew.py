"""Keeps the dated slots in step with the needs: adds what is due, follows changes, leaves promises alone."""

from collections import defaultdict
from dataclasses import replace
from datetime import date, datetime

from scheduler.config import Config
from scheduler.localtime import local_date
from scheduler.model.people import Recipient
from scheduler.model.services import Need, NeedKind, NeedState, ServiceType, Slot, SlotState
from scheduler.planning.expand import cadence_weekdays, expand
from scheduler.planning.windows import last_planned_day
from scheduler.store import Store
from scheduler.store.people import recipients
from scheduler.store.planning import changed_slots, promised_slots, slots_between
from scheduler.store.services import needs, service_types, slots

FELL_AWAY = "need_changed"  # the cause of a slot that no need asks for any more; it may come back


def expand_all(store: Store, config: Config, *, now: datetime) -> int:
    """Makes the slots of all published needs as far as plans look ahead; returns how many are new.

    One transaction. Doing it again adds nothing. A changed or ended need changes or cancels its future slots, but
    never one on which somebody stands or was asked: those are for staff to settle.
    """
    first, last = local_date(now), last_planned_day(config, now=now)
    with store.transaction():
        wanted = {slot.id: slot for slot in due_slots(store, config, first, last) if slot.latest_at > now}
        existing = {slot.id: slot for slot in slots_between(store, first, last)}
        bound = promised_slots(store, first, last)
        fresh = [slot for slot in wanted.values() if slot.id not in existing]
        changed = []
        for slot in existing.values():
            after = _in_step(slot, wanted.get(slot.id), bound, now)
            if after != slot:
                changed.append(after)
        slots.add_all(store, fresh)
        changed_slots(store, changed)
        if fresh or changed:
            store.touch()
    return len(fresh)


def renew_one(store: Store, config: Config, need: Need, *, now: datetime) -> int:
    """The same for one need that was just written, without looking at all others; returns how many slots are new."""
    first, last = local_date(now), last_planned_day(config, now=now)
    with store.transaction():
        due: tuple[Slot, ...] = ()
        if need.state is NeedState.PUBLISHED:
            service_type, recipient = (
                service_types.get(store, need.service_type),
                recipients.get(store, need.recipient_id),
            )
            due = expand(need, service_type, recipient, first, last, config)
        wanted = {slot.id: slot for slot in due if slot.latest_at > now}
        condition = "need_id = :need AND service_date BETWEEN :from AND :until"
        span = {"need": need.id, "from": first.isoformat(), "until": last.isoformat()}
        existing = {slot.id: slot for slot in slots.where(store, condition, span)}
        bound = promised_slots(store, first, last)
        after = [(slot, _in_step(slot, wanted.get(slot.id), bound, now)) for slot in existing.values()]
        fresh = [slot for slot in wanted.values() if slot.id not in existing]
        slots.add_all(store, fresh)
        changed_slots(store, [new for old, new in after if new != old])
        store.touch()
    return len(fresh)


def due_slots(store: Store, config: Config, first: date, last: date) -> list[Slot]:
    """The slots that the needs in force ask for between two local days."""
    types = {t.code: t for t in service_types.where(store, "active")}
    people = {r.id: r for r in recipients.where(store, "active")}
    taken: dict[str, frozenset[int]] = defaultdict(frozenset)
    found: list[Slot] = []
    for need in needs.where(store, "state = :state ORDER BY code, id", {"state": NeedState.PUBLISHED.value}):
        service_type, recipient = types.get(need.service_type), people.get(need.recipient_id)
        if service_type is None or recipient is None:
            continue
        found.extend(expand(need, service_type, recipient, first, last, config, taken_weekdays=taken[recipient.id]))
        taken[recipient.id] |= _weekly_days(need, service_type, recipient, config, taken[recipient.id])
    return found


def _weekly_days(
    need: Need, service_type: ServiceType, recipient: Recipient, config: Config, taken: frozenset[int]
) -> frozenset[int]:
    """The weekdays on which this need brings somebody every week, for the cadences after it to keep away from."""
    if need.every_weeks > 1 or need.kind is NeedKind.ONCE:
        return frozenset()
    if need.kind is NeedKind.CADENCE:
        return frozenset(cadence_weekdays(need, service_type, recipient, config, taken))
    return frozenset(need.weekdays)


def _in_step(slot: Slot, wanted: Slot | None, bound: set[str], now: datetime) -> Slot:
    if slot.id in bound or slot.latest_at <= now or not _from_need(slot):
        return slot
    if wanted is None:
        return replace(slot, state=SlotState.CANCELLED, cause=FELL_AWAY) if slot.state is SlotState.OPEN else slot
    if slot.state is SlotState.CANCELLED and slot.cause != FELL_AWAY:
        return slot
    return replace(wanted, revision=slot.revision)


def _from_need(slot: Slot) -> bool:
    """Slots that were made for another cause (an alert, a hand-over) do not follow the rhythm of their need."""
    return slot.cause in ("need", "cadence", FELL_AWAY)
