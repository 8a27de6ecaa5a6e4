"""People and places: volunteers, their free time, recipients, pairs, organisations, grids."""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

UNREADABLE = "无法读取 (unreadable)"


class Unreadable(str):
    """Stands for a value that the key does not open; whoever writes the object back leaves the stored one alone."""

    def __new__(cls) -> "Unreadable":
        return super().__new__(cls, UNREADABLE)


SEALED: dict[str, Any] = {"sealed": True}  # stored encrypted; see store/sealed.py


class Kind(StrEnum):
    """What a volunteer is; one person may be several (a courier who is a party member)."""

    COURIER = "courier"
    PARTY_MEMBER = "party_member"
    RESIDENT = "resident"


class RecipientKind(StrEnum):
    ELDER = "elder"
    ENTERPRISE = "enterprise"
    BUILDING = "building"
    PARK = "park"
    STATION = "station"


class RiskTier(StrEnum):
    """High: weekly visits; key: monthly; general: quarterly."""

    HIGH = "high"
    KEY = "key"
    GENERAL = "general"


class GridKind(StrEnum):
    """What a piece of the city is, from large to small: one lies only in one that stands before it."""

    DISTRICT = "district"
    TOWN = "town"
    STREET = "street"
    COMMITTEE = "committee"
    VILLAGE = "village"
    PARK = "park"
    BUILDING = "building"


class Transport(StrEnum):
    WALK = "walk"
    EBIKE = "ebike"
    TRANSIT = "transit"


@dataclass(frozen=True, slots=True)
class Grid:
    """A piece of the city: a district holds streets and towns, these hold committees, villages, parks, buildings."""

    id: str
    code: str
    name: str
    kind: GridKind
    parent_id: str | None
    lat: float
    lon: float
    revision: int = 0


@dataclass(frozen=True, slots=True)
class Organisation:
    """An enterprise branch, courier station, building committee or community body; grid_id says where."""

    id: str
    code: str
    name: str
    kind: str
    grid_id: str
    revision: int = 0


@dataclass(frozen=True, slots=True)
class OrganisationLink:
    """Two organisations that stand together: street and building, building and community, or two enterprises."""

    id: str
    one_id: str
    other_id: str
    kind: str


@dataclass(frozen=True, slots=True)
class Volunteer:
    """A person who gives time. Caps are None where there is no limit; wished minutes are per week.

    `trainings` maps a training or certificate to the last local day on which it is valid (None: no end).
    `consents` maps a purpose (contact, health_data, auto_plan…) to the moment it was given.
    """

    id: str
    code: str
    name: str
    kinds: frozenset[Kind]
    gender: str  # "female", "male" or ""
    lat: float
    lon: float
    transport: Transport
    grid_id: str
    organisation_id: str | None = None
    birth_month: str = ""  # "YYYY-MM"
    phone: str = field(default="", metadata=SEALED)
    address: str = field(default="", metadata=SEALED)
    notes: str = field(default="", metadata=SEALED)
    languages: frozenset[str] = frozenset()
    skills: frozenset[str] = frozenset()
    trainings: dict[str, date | None] = field(default_factory=dict)
    consents: dict[str, datetime] = field(default_factory=dict)
    preferred_services: tuple[str, ...] = ()  # service type codes, dearest first
    max_visits_per_day: int | None = None
    max_minutes_per_day: int | None = None
    max_visits_per_week: int | None = None
    max_minutes_per_week: int | None = None
    max_travel_min: int | None = None
    max_pairs: int = 2
    wished_minutes: int | None = None
    insured: bool = False
    auto_plan: bool = True  # False: the person stopped automatic proposals
    active: bool = True
    revision: int = 0


@dataclass(frozen=True, slots=True)
class AvailabilityRule:
    """Free every week on these weekdays (1 = Monday; see rules/workdays.py) between two clock times."""

    id: str
    volunteer_id: str
    weekdays: tuple[int, ...]
    start: str  # "HH:MM"
    end: str
    from_date: date | None = None
    until_date: date | None = None  # last day, included


@dataclass(frozen=True, slots=True)
class AvailabilityException:
    """From one local day to another (both included): away, or free in addition, between two wall-clock times."""

    id: str
    volunteer_id: str
    kind: str  # "away" or "extra"
    from_date: date
    until_date: date
    start: str = "00:00"
    end: str = "24:00"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Whom a service is for. `quiet_hours` are wall-clock spans in which nobody calls or visits.

    `blocked` holds ids of volunteers who must never be sent.
    """

    id: str
    code: str
    name: str
    kind: RecipientKind
    grid_id: str
    lat: float
    lon: float
    organisation_id: str | None = None
    gender: str = ""
    birth_year: int | None = None
    phone: str = field(default="", metadata=SEALED)
    address: str = field(default="", metadata=SEALED)
    notes: str = field(default="", metadata=SEALED)
    lives_alone: bool = False
    risk_tier: RiskTier = RiskTier.GENERAL
    quiet_hours: tuple[tuple[str, str], ...] = ()
    gender_wish: str = ""  # "female", "male" or ""
    language_wish: str = ""
    blocked: frozenset[str] = frozenset()
    active: bool = True
    revision: int = 0


class PairState(StrEnum):
    PROPOSED = "proposed"
    TRIAL = "trial"
    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Pair:
    """A lasting pair: an elder and a first (rank 1) or second (rank 2) companion."""

    id: str
    recipient_id: str
    volunteer_id: str
    rank: int = 1
    state: PairState = PairState.ACTIVE
    pinned: bool = False
    since: date | None = None
    revision: int = 0


ONE_PLACE = frozenset({RecipientKind.ELDER})  # a firm, a building, a park or a station receives many at once
