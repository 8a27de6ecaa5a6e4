"""What promises rest on, and what speaks against them: the people, the wish, the free times as they are written now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from scheduler.localtime import local_date, minutes_of
from scheduler.model.people import Recipient, Volunteer
from scheduler.model.plan import Assignment
from scheduler.model.services import Continuity, Need, NeedKind, NeedState, ServiceType, Slot, last_day
from scheduler.rules.availability import Calendar, calendars_of, free_spans
from scheduler.rules.eligibility import CONSENT, Reason, lacking, minutes_of_day
from scheduler.rules.facts import STANDING
from scheduler.rules.intervals import common, span
from scheduler.rules.recurrence import in_its_weeks, recurs_on
from scheduler.rules.workdays import falls_on
from scheduler.store import Store, promised
from scheduler.store.people import exceptions_by_volunteer, recipients, rules_by_volunteer, volunteers
from scheduler.store.repository import among
from scheduler.store.services import needs, service_types, slots

FELL_AWAY = "need_changed"  # the cause of a slot that no need asks for any more; it may come back
FROM_NEED = frozenset({"need", "cadence", FELL_AWAY})  # slots of other causes do not follow their need


class Ground(StrEnum):
    """What a promise rests on besides the person: the visit must still be wanted, as it was agreed."""

    RECIPIENT_INACTIVE = "recipient_inactive"
    NEED_ENDED = "need_ended"
    NEED_MOVED = "need_moved"
    RECIPIENT_MOVED = "recipient_moved"
    QUIET_HOURS = "quiet_hours"


@dataclass(frozen=True, slots=True)
class Facts:
    """What the promises at hand rest on, by id."""

    volunteers: dict[str, Volunteer]
    recipients: dict[str, Recipient]
    needs: dict[str, Need]
    types: dict[str, ServiceType]
    slots: dict[str, Slot]
    calendars: dict[str, Calendar]
    knows: frozenset[tuple[str, str]]


def still_wanted(need: Need, service: ServiceType, slot: Slot, starts_at: datetime) -> bool:
    """Whether the need, as it is written now, asks for a visit of the slot's length on its day from this start."""
    day, start, minutes = slot.service_date, minutes_of_day(starts_at), need.minutes or service.minutes
    return (
        (need.service_type, need.recipient_id, minutes) == (slot.service_type, slot.recipient_id, slot.minutes)
        and need.from_date <= day <= (last_day(need) or day)
        and _in_rhythm(need, day)
        and minutes_of(need.start or "00:00") <= start
        and start + minutes <= minutes_of(need.end or "24:00")
    )


def _in_rhythm(need: Need, day: date) -> bool:
    if need.kind is NeedKind.RECURRING:
        return recurs_on(need, day)
    return need.kind is NeedKind.ONCE or (
        in_its_weeks(need, day) and (not need.weekdays or falls_on(day, need.weekdays))
    )


def facts_of(store: Store, promises: Iterable[Assignment]) -> Facts:
    """What these promises rest on: a few statements, however many they are."""
    promises = list(promises)
    people = {a.volunteer_id for a in promises}
    known_slots = {s.id: s for s in slots.where(store, *among("id", {a.slot_id for a in promises}))}
    visited, wished = {s.recipient_id for s in known_slots.values()}, {s.need_id for s in known_slots.values()}
    types = {
        t.code: t for t in service_types.where(store, *among("code", {s.service_type for s in known_slots.values()}))
    }
    return Facts(
        volunteers={v.id: v for v in volunteers.where(store, *among("id", people))},
        recipients={r.id: r for r in recipients.where(store, *among("id", visited))},
        needs={n.id: n for n in needs.where(store, *among("id", wished))},
        types=types,
        slots=known_slots,
        calendars=calendars_of(rules_by_volunteer(store, people), exceptions_by_volunteer(store, people)),
        knows=frozenset(
            (a.volunteer_id, s.recipient_id)
            for a in promises
            if types[(s := known_slots[a.slot_id]).service_type].continuity is Continuity.KNOWN
            and _knows(store, a.volunteer_id, s.recipient_id)
        ),
    )  # fmt: skip


def against(promise: Assignment, facts: Facts) -> frozenset[str]:
    """Everything that speaks against a promise, whether it forbids the visit or not."""
    return frozenset(_against(promise, facts))


def _against(promise: Assignment, facts: Facts) -> Iterator[str]:
    slot, person = facts.slots[promise.slot_id], facts.volunteers[promise.volunteer_id]
    recipient, need, service = (
        facts.recipients[slot.recipient_id], facts.needs[slot.need_id], facts.types[slot.service_type],
    )  # fmt: skip
    yield from _against_the_visit(promise, slot, recipient, need, service)
    if not person.active:
        yield Reason.INACTIVE
    if CONSENT not in person.consents:
        yield Reason.CONSENT
    if person.id in recipient.blocked:
        yield Reason.BLOCKED
    asked = dict.fromkeys(service.requires_all + need.requires_all)
    gender, language = need.gender_wish or recipient.gender_wish, need.language_wish or recipient.language_wish
    yield from lacking(person, replace(slot, requires_all=tuple(asked)), service, gender, language)
    if service.continuity is Continuity.KNOWN and (person.id, recipient.id) not in facts.knows:
        yield Reason.NOT_KNOWN
    start = minutes_of_day(promise.starts_at)
    free = free_spans(facts.calendars.get(person.id, Calendar()), local_date(promise.starts_at))
    if not any(a <= start and start + slot.minutes <= b for a, b in free):
        yield Reason.NOT_AVAILABLE


def _against_the_visit(
    promise: Assignment, slot: Slot, recipient: Recipient, need: Need, service: ServiceType
) -> Iterator[str]:
    if not recipient.active:
        yield Ground.RECIPIENT_INACTIVE
    if slot.cause in FROM_NEED:
        if need.state is not NeedState.PUBLISHED:
            yield Ground.NEED_ENDED
        elif not still_wanted(need, service, slot, promise.starts_at):
            yield Ground.NEED_MOVED
    if (slot.lat, slot.lon) != (recipient.lat, recipient.lon):
        yield Ground.RECIPIENT_MOVED
    start = minutes_of_day(promise.starts_at)
    quiet = (span(*hours) for hours in recipient.quiet_hours)
    if not service.in_quiet_hours and common(quiet, [(start, start + slot.minutes)]):
        yield Ground.QUIET_HOURS


def _knows(store: Store, volunteer_id: str, recipient_id: str) -> bool:
    current_pairs = promised.pairs_between(store, volunteer_id, recipient_id)
    return any(pair.state in STANDING for pair in current_pairs) or promised.has_visited(
        store, volunteer_id, recipient_id
    )


def with_writes(facts: Facts, writes: Iterable[tuple[str, Any, Any]]) -> Facts:
    """The facts as they will be after the writes."""
    people, visited, wished = dict(facts.volunteers), dict(facts.recipients), dict(facts.needs)
    tables: dict[str, dict[str, Any]] = {"volunteers": people, "recipients": visited, "needs": wished}
    calendars = dict(facts.calendars)
    for table, before, after in writes:
        if table in tables and after is not None:
            tables[table][after.id] = after
        name = {"availability_rules": "rules", "availability_exceptions": "exceptions"}.get(table)
        if name:
            who = (after or before).volunteer_id
            mine = calendars.get(who, Calendar())
            rows = {row.id: row for row in getattr(mine, name)}
            if before is not None:
                rows.pop(before.id, None)
            if after is not None:
                rows[after.id] = after
            calendars[who] = replace(mine, **{name: tuple(rows.values())})
    return replace(facts, volunteers=people, recipients=visited, needs=wished, calendars=calendars)
