"""Keeps the dated slots in step with the needs: adds what is due, follows changes, leaves promises alone."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime

from scheduler.config import Config
from scheduler.localtime import local_date, monday_of
from scheduler.model.services import Need, NeedKind, NeedState, Slot, SlotState
from scheduler.planning.expand import cadence_weekdays, expand
from scheduler.planning.faces import faces_of_elders
from scheduler.planning.windows import last_planned_day
from scheduler.store import Store
from scheduler.store.people import recipients
from scheduler.store.planning import changed_slots, promised_slots, slots_between
from scheduler.store.services import needs, service_types, slots

CADENCE = "cadence"  # the cause of a slot that a rhythm brought
FELL_AWAY = "need_changed"  # the cause of a slot that no need asks for any more; it may come back


def expand_all(store: Store, config: Config, *, now: datetime) -> int:
    """Makes the slots of all published needs as far as plans look ahead; returns how many are new.

    One transaction. Doing it again adds nothing. A changed or ended need changes or cancels its future slots, but
    never one on which somebody stands or was asked: those are for staff to settle.
    """
    first, last = local_date(now), last_planned_day(config, now=now)
    with store.transaction():
        due, existing = due_slots(store, config, first, last), slots_between(store, first, last)
        fresh, changed = _in_step(due, existing, promised_slots(store, first, last), now)
        if fresh or changed:
            store.touch()
        slots.add_all(store, fresh)
        changed_slots(store, changed)
    return len(fresh)


def renew_one(store: Store, config: Config, need: Need, *, now: datetime) -> int:
    """The same for one need that was just written, without looking at all others; returns how many slots are new."""
    first, last = local_date(now), last_planned_day(config, now=now)
    with store.transaction():
        due = due_slots(store, config, first, last, recipient_id=need.recipient_id)
        condition = "need_id = :need AND service_date BETWEEN :from AND :until"
        span = {"need": need.id, "from": first.isoformat(), "until": last.isoformat()}
        existing = slots.where(store, condition, span)
        mine = [slot for slot in due if slot.need_id == need.id]
        fresh, changed = _in_step(mine, existing, promised_slots(store, first, last), now)
        slots.add_all(store, fresh)
        changed_slots(store, changed)
        store.touch()
    return len(fresh)


def due_slots(store: Store, config: Config, first: date, last: date, *, recipient_id: str = "") -> list[Slot]:
    """The slots that the needs in force (of one recipient, if told) ask for between two local days."""
    types = {t.code: t for t in service_types.where(store, "active")}
    one = {"active": 1, "id": recipient_id} if recipient_id else {"active": 1}
    people = {r.id: r for r in recipients.by(store, **one)}
    faces = faces_of_elders(store, config, from_date=first, recipient_id=recipient_id)
    taken: dict[str, frozenset[int]] = defaultdict(frozenset)
    found: list[Slot] = []
    for need in sorted(_published(store, recipient_id), key=lambda n: (n.code, n.id)):
        service_type, recipient = types.get(need.service_type), people.get(need.recipient_id)
        if service_type is None or recipient is None:
            continue
        seen, theirs = taken[recipient.id], faces.get(recipient.id, ())
        found.extend(expand(need, service_type, recipient, first, last, config, taken_weekdays=seen, faces=theirs))
        if need.kind is NeedKind.ONCE or need.every_weeks > 1:
            continue
        rhythm = need.kind is NeedKind.CADENCE
        weekly = cadence_weekdays(need, service_type, recipient, config, seen, theirs) if rhythm else need.weekdays
        taken[recipient.id] |= frozenset(weekly)  # for the cadences after it to keep away from
    return found


def _published(store: Store, recipient_id: str) -> list[Need]:
    if recipient_id:
        return needs.by(store, state=NeedState.PUBLISHED, recipient_id=recipient_id)
    return needs.by(store, state=NeedState.PUBLISHED)


def _in_step(
    due: Iterable[Slot], existing: Iterable[Slot], bound: set[str], now: datetime
) -> tuple[list[Slot], list[Slot]]:
    """Slots to add and slots to change, so that those that exist are those that are due."""
    wanted, there = {slot.id: slot for slot in due if slot.latest_at > now}, {slot.id: slot for slot in existing}
    for slot_id in _met_on_another_day(wanted, there, bound):
        del wanted[slot_id]
    after = [(slot, _followed(slot, wanted.get(slot.id), bound, now)) for slot in there.values()]
    return [s for s in wanted.values() if s.id not in there], [new for old, new in after if new != old]


def _met_on_another_day(wanted: dict[str, Slot], there: dict[str, Slot], bound: set[str]) -> list[str]:
    """Due slots of a cadence whose week has a promised one on the day that its rhythm had before."""
    old_days = Counter(_week(s) for s in there.values() if s.id in bound and s.id not in wanted and s.cause == CADENCE)
    found = []
    for slot in wanted.values():
        if slot.id not in bound and slot.cause == CADENCE and old_days[_week(slot)]:
            old_days[_week(slot)] -= 1
            found.append(slot.id)
    return found


def _week(slot: Slot) -> tuple[str, date]:
    return slot.need_id, monday_of(slot.service_date)


def _followed(slot: Slot, wanted: Slot | None, bound: set[str], now: datetime) -> Slot:
    if slot.id in bound or slot.latest_at <= now or not _from_need(slot):
        return slot
    if wanted is None:
        return replace(slot, state=SlotState.CANCELLED, cause=FELL_AWAY) if slot.state is SlotState.OPEN else slot
    if slot.state is SlotState.CANCELLED and slot.cause != FELL_AWAY:
        return slot
    return replace(wanted, revision=slot.revision)


def _from_need(slot: Slot) -> bool:
    """Slots that were made for another cause (an alert, a hand-over) do not follow the rhythm of their need."""
    return slot.cause in ("need", CADENCE, FELL_AWAY)
