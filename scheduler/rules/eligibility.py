"""May this volunteer serve this slot, and if not, why: one answer for the solver, the pages and placing by hand."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Protocol

from scheduler.localtime import LOCAL, monday_of
from scheduler.model.people import Volunteer
from scheduler.model.services import Continuity, Place, ServiceType, Slot
from scheduler.rules.availability import Calendar, idle_spans
from scheduler.rules.caps import Caps, caps_of
from scheduler.rules.facts import Facts, visits_of
from scheduler.rules.travel import leg_min, starting_point

CONSENT = "contact"  # without it nobody may be asked at all


class Reason(StrEnum):
    """Why not. The first group is about the person, the second about the two of them, the third about time."""

    INACTIVE = "inactive"
    AUTO_PLAN = "auto_plan"  # the person stopped automatic proposals; staff may still ask
    CONSENT = "consent"
    AGE = "age"
    INSURANCE = "insurance"
    KIND = "kind"
    SKILL_MISSING = "skill_missing"
    TRAINING_EXPIRED = "training_expired"
    GENDER_WISH = "gender_wish"
    LANGUAGE_WISH = "language_wish"
    BLOCKED = "blocked"
    NOT_KNOWN = "not_known"
    DECLINED_BEFORE = "declined_before"
    TAKEN_OFF = "taken_off"  # by staff, and only staff put the person back
    NOT_AVAILABLE = "not_available"
    TOO_FAR = "too_far"
    BUSY = "busy"
    CAPS = "caps"


def reasons_against(volunteer: Volunteer, slot: Slot, facts: Facts) -> tuple[Reason, ...]:
    """Every reason that keeps this volunteer from this slot, empty if there is none."""
    return tuple(dict.fromkeys(hindrances(volunteer, slot, facts)))


def hindrances(volunteer: Volunteer, slot: Slot, facts: Facts) -> Iterator[Reason]:
    """The same one by one, the person's own first: who wants only the first asks no further."""
    yield from personal_reasons(volunteer, slot, facts)
    yield from mutual_reasons(volunteer, slot, facts)
    yield from time_reasons(volunteer, slot, facts)


def tags_of(volunteer: Volunteer, day: date) -> frozenset[str]:
    """What a slot may ask for: kinds, skills, trainings valid that day, gender, languages, transport."""
    expired = {name for name, until in volunteer.trainings.items() if until is not None and until < day}
    tags = {kind.value for kind in volunteer.kinds} | volunteer.skills | set(volunteer.trainings)
    tags |= {volunteer.transport.value} | {f"speaks:{language}" for language in volunteer.languages}
    if volunteer.gender:
        tags.add(volunteer.gender)
    if volunteer.insured:
        tags.add("insured")
    return frozenset(tags - expired)


def wishes(slot: Slot, facts: Facts) -> tuple[str, str]:
    """The gender and the language wished by the need or, where it has no wish, by the recipient."""
    need, recipient = facts.needs.get(slot.need_id), facts.recipients[slot.recipient_id]
    gender = (need.gender_wish if need else "") or recipient.gender_wish
    language = (need.language_wish if need else "") or recipient.language_wish
    return gender, language


def requirements(slot: Slot, facts: Facts) -> frozenset[str]:
    """The tags that everyone on the slot must carry, as `tags_of` writes them."""
    gender, language = wishes(slot, facts)
    found = set(slot.requires_all)
    if facts.types[slot.service_type].needs_insurance:
        found.add("insured")
    if gender:
        found.add(gender)
    if language:
        found.add(f"speaks:{language}")
    return frozenset(found)


def needs_somebody_known(slot: Slot, facts: Facts) -> bool:
    """Short checks are made only by people whom the recipient knows."""
    return facts.types[slot.service_type].continuity is Continuity.KNOWN


def may_be_asked(volunteer: Volunteer, day: date, facts: Facts) -> tuple[Reason, ...]:
    """What keeps a person from every slot of a day."""
    found = []
    if not volunteer.active:
        found.append(Reason.INACTIVE)
    if not volunteer.auto_plan:
        found.append(Reason.AUTO_PLAN)
    if CONSENT not in volunteer.consents:
        found.append(Reason.CONSENT)
    if volunteer.birth_month and age_on(volunteer.birth_month, day) < facts.config.everyone.minimum_age:
        found.append(Reason.AGE)
    return tuple(found)


def age_on(birth_month: str, day: date) -> int:
    """Full years on a day of somebody born in "YYYY-MM"; the month of birth counts when it has passed."""
    year, month = (int(part) for part in birth_month.split("-"))
    return day.year - year - (day.month <= month)


def personal_reasons(volunteer: Volunteer, slot: Slot, facts: Facts) -> Iterator[Reason]:
    """What the person is or lacks, whoever the recipient is."""
    yield from may_be_asked(volunteer, slot.service_date, facts)
    yield from lacking(volunteer, slot, facts.types[slot.service_type], *wishes(slot, facts))


class Asks(Protocol):
    """What a visit asks of whoever makes it, on its day."""

    @property
    def service_date(self) -> date: ...
    @property
    def requires_all(self) -> tuple[str, ...]: ...
    @property
    def requires_any(self) -> tuple[str, ...]: ...


def lacking(volunteer: Volunteer, asks: Asks, service: ServiceType, gender: str, language: str) -> Iterator[Reason]:
    """What the person is not or has not that the visit and the wishes ask for."""
    tags = tags_of(volunteer, asks.service_date)
    if service.needs_insurance and not volunteer.insured:
        yield Reason.INSURANCE
    if service.kinds and not {kind.value for kind in volunteer.kinds} & set(service.kinds):
        yield Reason.KIND
    missing = set(asks.requires_all) - tags
    if asks.requires_any and not tags & set(asks.requires_any):
        missing |= set(asks.requires_any)
    if missing:
        yield Reason.TRAINING_EXPIRED if missing <= set(volunteer.trainings) else Reason.SKILL_MISSING
    if gender and volunteer.gender != gender:
        yield Reason.GENDER_WISH
    if language and language not in volunteer.languages:
        yield Reason.LANGUAGE_WISH


def mutual_reasons(volunteer: Volunteer, slot: Slot, facts: Facts) -> Iterator[Reason]:
    """What stands between this person and this recipient."""
    if volunteer.id in facts.recipients[slot.recipient_id].blocked:
        yield Reason.BLOCKED
    if needs_somebody_known(slot, facts) and (volunteer.id, slot.recipient_id) not in facts.knows:
        yield Reason.NOT_KNOWN
    if (slot.need_id, volunteer.id) in facts.refused or (slot.id, volunteer.id) in facts.let_go:
        yield Reason.DECLINED_BEFORE
    if (slot.id, volunteer.id) in facts.taken_off:
        yield Reason.TAKEN_OFF


def time_reasons(volunteer: Volunteer, slot: Slot, facts: Facts) -> Iterator[Reason]:
    """Free time, travel, other duties and limits: a start must exist that they all allow."""
    caps = caps_of(volunteer, facts.config)
    if hindrance := _free_time_hindrance(volunteer, slot, facts, caps):
        yield hindrance
    if _is_busy(volunteer, slot, facts):
        yield Reason.BUSY
    if _is_full(volunteer, slot, facts, caps):
        yield Reason.CAPS


def _free_time_hindrance(volunteer: Volunteer, slot: Slot, facts: Facts, caps: Caps) -> Reason | None:
    remote = slot.place is Place.REMOTE
    calendar = facts.calendars.get(volunteer.id, Calendar())
    in_blackout = facts.types[slot.service_type].in_blackout
    earliest, latest = minutes_of_day(slot.earliest_at), minutes_of_day(slot.latest_at)
    fits, reachable = False, remote
    for start, end in idle_spans(volunteer, calendar, slot.service_date, facts.config, in_blackout=in_blackout):
        if max(earliest, start) > min(latest, end - slot.minutes):
            continue
        origin, back = starting_point(volunteer, slot.service_date, start, facts)
        leg = 0 if remote else leg_min(volunteer, origin, (slot.lat, slot.lon), facts.config)
        reachable = reachable or caps.travel_min is None or leg <= caps.travel_min
        homeward = leg if back else 0
        fits = fits or max(earliest, start + leg) <= min(latest, end - homeward - slot.minutes)
    if not fits:
        return Reason.NOT_AVAILABLE
    return None if reachable else Reason.TOO_FAR


def _is_busy(volunteer: Volunteer, slot: Slot, facts: Facts) -> bool:
    """Whether no start of the slot is free of the volunteer's other visits."""
    step = timedelta(minutes=5)
    length = timedelta(minutes=slot.minutes)
    mine = [
        (a.starts_at, a.starts_at + timedelta(minutes=s.minutes))
        for a, s in visits_of(facts, volunteer.id, [slot.service_date])
        if s.id != slot.id
    ]
    start_at = slot.earliest_at
    while start_at <= slot.latest_at:
        if all(end <= start_at or start_at + length <= start for start, end in mine):
            return False
        start_at += step
    return True


def _is_full(volunteer: Volunteer, slot: Slot, facts: Facts, caps: Caps) -> bool:
    monday = monday_of(slot.service_date)
    others = [
        s for _, s in visits_of(facts, volunteer.id, (monday + timedelta(days=n) for n in range(7))) if s.id != slot.id
    ]
    today = [s for s in others if s.service_date == slot.service_date]
    return (
        _over(len(today) + 1, caps.visits_per_day)
        or _over(sum(s.minutes for s in today) + slot.minutes, caps.minutes_per_day)
        or _over(len(others) + 1, caps.visits_per_week)
        or _over(sum(s.minutes for s in others) + slot.minutes, caps.minutes_per_week)
        or len({s.service_date for s in others} | {slot.service_date}) > caps.days_per_week
    )


def _over(amount: int, limit: int | None) -> bool:
    return limit is not None and amount > limit


def minutes_of_day(moment_at: datetime) -> int:
    """Minutes since the local midnight."""
    local = moment_at.astimezone(LOCAL)
    return local.hour * 60 + local.minute
