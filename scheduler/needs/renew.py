"""Keeps the dated slots in step with the needs: adds what is due, follows changes, keeps what was promised at its time.

Promises under a need that was changed or ended are settled where the change is written (promises/settle.py); what
stands here on a slot goes on.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime, timedelta

from scheduler.config import Config
from scheduler.localtime import local_date, monday_of
from scheduler.model.people import RecipientKind
from scheduler.model.services import Need, NeedKind, NeedState, Slot, SlotState
from scheduler.needs.companions import companions_of_elders
from scheduler.needs.expand import cadence_weekdays, expand
from scheduler.needs.spacing import kept_apart
from scheduler.promises.ground import FELL_AWAY, FROM_NEED
from scheduler.promises.settle import settle_all
from scheduler.rules.windows import first_draft_day, last_planned_day
from scheduler.rules.workdays import usual_weekdays
from scheduler.store import Store, promised
from scheduler.store.people import recipients
from scheduler.store.planning import changed_slots, promised_visits, slots_between
from scheduler.store.repository import among
from scheduler.store.services import needs, service_types, slots

CADENCE = "cadence"  # the cause of a slot that a rhythm brought


def expand_all(store: Store, config: Config, *, now: datetime) -> int:
    """Makes the slots of all published needs as far as plans look ahead; returns how many are new.

    One transaction. Doing it again adds nothing. A changed or ended need changes or cancels its future slots; one on
    which somebody stands or was asked keeps its time. Promises that something forbids end first.
    """
    first, last = local_date(now), last_planned_day(config, now=now)
    with store.transaction():
        settle_all(store, now=now)
        promised_ahead = promised_visits(store, first, last)
        due = kept_apart(due_slots(store, config, first, last), promised_ahead, _kinds(store))
        existing = slots_between(store, first, last)
        return _bring_in_step(store, config, due, existing, {visit.slot_id for visit in promised_ahead}, now)


def renew_one(store: Store, config: Config, need: Need, *, now: datetime) -> int:
    """The same for the recipient of one need that was just written; returns how many slots are new.

    Their other visits are looked at too: they may have to make room.
    """
    first, last = local_date(now), last_planned_day(config, now=now)
    with store.transaction():
        promised_ahead = promised_visits(store, first, last, recipient_id=need.recipient_id)
        due = due_slots(store, config, first, last, recipient_id=need.recipient_id)
        due = kept_apart(due, promised_ahead, _kinds(store, need.recipient_id))
        condition = "recipient_id = :recipient AND service_date BETWEEN :from AND :until"
        span = {"recipient": need.recipient_id, "from": first.isoformat(), "until": last.isoformat()}
        existing = slots.where(store, condition, span)
        return _bring_in_step(store, config, due, existing, {visit.slot_id for visit in promised_ahead}, now)


def occasions_of(store: Store, config: Config, need: Need, *, now: datetime) -> list[Slot]:
    """The visits ahead that would be made of a need not stored yet; one far ahead is looked at from its start."""
    first, last = local_date(now), last_planned_day(config, now=now)
    if need.from_date > last:
        last = need.from_date + timedelta(days=config.windows.planned_days)
    due = due_slots(store, config, first, last, recipient_id=need.recipient_id, also=(need,))
    promised_ahead = promised_visits(store, first, last, recipient_id=need.recipient_id)
    apart = kept_apart(due, promised_ahead, _kinds(store, need.recipient_id))
    return [slot for slot in apart if slot.need_id == need.id and slot.latest_at > now]


def due_slots(
    store: Store, config: Config, first: date, last: date, *, recipient_id: str = "", also: Iterable[Need] = ()
) -> list[Slot]:
    """The slots that the needs in force (of one recipient, if told) ask for between two local days.

    `also`: needs that are not stored yet.
    """
    types = {t.code: t for t in service_types.where(store, "active")}
    one = {"active": 1, "id": recipient_id} if recipient_id else {"active": 1}
    people = {r.id: r for r in recipients.by(store, **one)}
    companions = companions_of_elders(store, config, from_date=first, recipient_id=recipient_id)
    taken: dict[str, frozenset[int]] = defaultdict(frozenset)
    found: list[Slot] = []
    for need in [*sorted(_published(store, recipient_id), key=lambda n: (n.code, n.id)), *also]:
        service_type, recipient = types.get(need.service_type), people.get(need.recipient_id)
        if service_type is None or recipient is None:
            continue
        seen, theirs = taken[recipient.id], companions.get(recipient.id, ())
        found.extend(expand(need, service_type, recipient, first, last, config, taken_weekdays=seen, companions=theirs))
        if need.kind is NeedKind.ONCE or need.every_weeks > 1:
            continue
        rhythm = need.kind is NeedKind.CADENCE
        weekly = cadence_weekdays(need, service_type, recipient, config, seen, theirs) if rhythm else need.weekdays
        taken[recipient.id] |= usual_weekdays(weekly)  # for the cadences after it to keep away from
    return found


def _kinds(store: Store, recipient_id: str = "") -> dict[str, RecipientKind]:
    one = {"id": recipient_id} if recipient_id else {"active": 1}
    return {r.id: r.kind for r in recipients.by(store, **one)}


def _published(store: Store, recipient_id: str) -> list[Need]:
    if recipient_id:
        return needs.by(store, state=NeedState.PUBLISHED, recipient_id=recipient_id)
    return needs.by(store, state=NeedState.PUBLISHED)


def _bring_in_step(
    store: Store, config: Config, due: list[Slot], existing: list[Slot], bound: set[str], now: datetime
) -> int:
    once = {
        need.id
        for need in needs.where(store, *among("id", {s.need_id for s in existing}))
        if need.kind is NeedKind.ONCE
    }
    fresh, changed = _in_step(due, existing, bound, once, now)
    slots.add_all(store, fresh)
    changed_slots(store, changed)
    if fresh or changed:
        store.touch()
    before = {slot.id: slot.state for slot in existing}
    for slot in changed:
        back = slot.state is SlotState.OPEN and before[slot.id] is SlotState.CANCELLED
        if back and slot.service_date < first_draft_day(config, now=now):  # its day is published: no night comes for it
            promised.request_repair(store, slot.id, reason="the visit was moved", now=now)
    return len(fresh)


def _in_step(
    due: Iterable[Slot], existing: Iterable[Slot], bound: set[str], once: set[str], now: datetime
) -> tuple[list[Slot], list[Slot]]:
    """Slots to add and slots to change, so that those that exist are those that are due."""
    wanted, there = {slot.id: slot for slot in due if slot.latest_at > now}, {slot.id: slot for slot in existing}
    for slot_id in _met_on_another_day(wanted, there, bound, once):
        del wanted[slot_id]
    after = [(slot, _followed(slot, wanted.get(slot.id), slot.id in bound, now)) for slot in there.values()]
    return [s for s in wanted.values() if s.id not in there], [new for old, new in after if new != old]


def _met_on_another_day(wanted: dict[str, Slot], there: dict[str, Slot], bound: set[str], once: set[str]) -> list[str]:
    """Due slots whose occasion, a week of a cadence or the one of a need for `once`, has a promised one elsewhere."""
    movable = [s for s in there.values() if s.id in bound and s.id not in wanted]
    old_days = Counter(_occasion(s, once) for s in movable if s.cause == CADENCE or s.need_id in once)
    found = []
    for slot in wanted.values():
        if slot.id not in bound and old_days[_occasion(slot, once)]:
            old_days[_occasion(slot, once)] -= 1
            found.append(slot.id)
    return found


def _occasion(slot: Slot, once: set[str]) -> tuple[str, date | None]:
    return slot.need_id, None if slot.need_id in once else monday_of(slot.service_date)


def _followed(slot: Slot, wanted: Slot | None, bound: bool, now: datetime) -> Slot:
    if slot.latest_at <= now or slot.cause not in FROM_NEED:
        return slot
    if bound:
        return _as_promised(slot, wanted)
    if wanted is None:
        return replace(slot, state=SlotState.CANCELLED, cause=FELL_AWAY) if slot.state is SlotState.OPEN else slot
    if slot.state is SlotState.CANCELLED and slot.cause != FELL_AWAY:
        return slot
    return replace(wanted, revision=slot.revision)


def _as_promised(slot: Slot, wanted: Slot | None) -> Slot:
    """A slot on which somebody stands keeps its time, and takes on how many and what kind of people are wanted."""
    if wanted is None or (wanted.service_type, wanted.recipient_id) != (slot.service_type, slot.recipient_id):
        return slot
    return replace(
        wanted, earliest_at=slot.earliest_at, latest_at=slot.latest_at, minutes=slot.minutes, state=slot.state,
        heads=max(slot.heads, wanted.heads), cause=slot.cause, revision=slot.revision,
    )  # fmt: skip
