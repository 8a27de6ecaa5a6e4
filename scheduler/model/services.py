"""What is to be done: the service catalogue, needs and their dated slots."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from scheduler.localized import Bilingual
from scheduler.model.people import SEALED


class Continuity(StrEnum):
    """Who may come: the pair, someone known to the recipient, the same contact as last time, or anyone."""

    PAIRED = "paired"
    KNOWN = "known"  # hard: only people the recipient knows
    SAME = "same"  # soft: the same contact is preferred
    NONE = "none"


class Place(StrEnum):
    AT_RECIPIENT = "at_recipient"
    REMOTE = "remote"


@dataclass(frozen=True, slots=True)
class TeamRule:
    """At least so many people of the slot carry the tag (a kind, a skill, "female"…)."""

    tag: str
    at_least: int


@dataclass(frozen=True, slots=True)
class ServiceWindow:
    """Wall-clock span on given weekdays (1 = Monday; see rules/workdays.py) in which a service may take place."""

    weekdays: tuple[int, ...]
    start: str
    end: str


@dataclass(frozen=True, slots=True)
class ServiceType:
    """One row of the catalogue. Lengths are minutes; `windows` bound the whole visit, not only its start.

    `kinds`: the volunteer must be one of these (empty: anyone); `courier_minutes`: shorter shift for a courier.
    `in_blackout`: couriers may serve it in their blackout; `in_quiet_hours`: it may fall into quiet hours.
    """

    code: str
    name_zh: str
    name_en: str
    minutes: int
    heads: int
    min_heads: int
    priority: int  # 1 low … 5 urgent
    continuity: Continuity
    place: Place
    recipient_kinds: tuple[str, ...]
    windows: tuple[ServiceWindow, ...]
    kinds: tuple[str, ...] = ()
    team: tuple[TeamRule, ...] = ()
    requires_all: tuple[str, ...] = ()
    requires_any: tuple[str, ...] = ()
    prefers: tuple[str, ...] = ()
    in_blackout: bool = False
    in_quiet_hours: bool = False
    needs_insurance: bool = True
    standbys: int = 0  # wanted standbys: critical services have at least one
    risk_zh: str = ""
    risk_en: str = ""
    active: bool = True
    revision: int = 0

    @property
    def name(self) -> Bilingual:
        return Bilingual(self.name_zh, self.name_en)


class NeedKind(StrEnum):
    ONCE = "once"
    RECURRING = "recurring"
    CADENCE = "cadence"  # so many times a week, days chosen by the plan's spreading rule


class OnHolidays(StrEnum):
    """What a public holiday does to a recurring need."""

    AS_USUAL = "as_usual"
    SKIP = "skip"
    NEXT_WORKDAY = "next_workday"


class NeedState(StrEnum):
    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Need:
    """A published wish for help: who, where, when, how many, which skills.

    ONCE uses `from_date`; RECURRING uses `weekdays` (1 = Monday; see rules/workdays.py) every `every_weeks` weeks, or
    `month_days` (see rules/recurrence.py), between the two dates, and `on_holidays`;
    CADENCE asks for `per_week` visits, at most `max_gap_days` apart. None or empty means "as the service type says".
    """

    id: str
    code: str
    service_type: str
    recipient_id: str
    kind: NeedKind
    from_date: date
    until_date: date | None = None
    weekdays: tuple[int, ...] = ()
    every_weeks: int = 1
    month_days: tuple[str, ...] = ()
    on_holidays: OnHolidays = OnHolidays.AS_USUAL
    per_week: int | None = None
    max_gap_days: int | None = None
    start: str | None = None  # earliest start, wall clock
    end: str | None = None  # latest end, wall clock
    minutes: int | None = None
    heads: int | None = None
    min_heads: int | None = None
    priority: int | None = None
    team: tuple[TeamRule, ...] = ()
    requires_all: tuple[str, ...] = ()
    gender_wish: str = ""
    language_wish: str = ""
    title: str = ""
    notes: str = field(default="", metadata=SEALED)
    state: NeedState = NeedState.PUBLISHED
    created_by: str = ""
    created_at: datetime | None = None
    revision: int = 0


class SlotState(StrEnum):
    OPEN = "open"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class Slot:
    """One dated occasion of a need. The start lies between `earliest_at` and `latest_at`, on a 5-minute grid.

    The id is derived from need, local date and ordinal, so expanding a need again adds nothing.
    """

    id: str
    need_id: str
    service_type: str
    recipient_id: str
    grid_id: str
    service_date: date
    earliest_at: datetime
    latest_at: datetime
    minutes: int
    heads: int
    min_heads: int
    priority: int
    place: Place
    lat: float
    lon: float
    team: tuple[TeamRule, ...] = ()
    requires_all: tuple[str, ...] = ()
    requires_any: tuple[str, ...] = ()
    state: SlotState = SlotState.OPEN
    cause: str = "need"  # why it exists: need, cadence, alert…
    revision: int = 0


def last_day(need: Need) -> date | None:
    """The last day a need may fall on: a one-off without an end lies on its first day, a repeating one never ends."""
    return need.until_date or (need.from_date if need.kind is NeedKind.ONCE else None)
