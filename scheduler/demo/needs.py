"""What a street asks for in a week: a visit and a call for every elder, and the community's duties."""

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from scheduler.demo.people import Helper
from scheduler.demo.places import STREET, Places
from scheduler.localtime import monday_of
from scheduler.model.ids import stable_id
from scheduler.model.people import Pair, Recipient, RecipientKind, RiskTier
from scheduler.model.services import Need, NeedKind

HISTORY_WEEKS = 4
DAILY, WORKDAYS, SATURDAY, WEEKEND = (1, 2, 3, 4, 5, 6, 7), (1, 2, 3, 4, 5), (6,), (6, 7)

# service, recipients, how many of them have it, weekdays (each day one slot), start, end, minutes, every so many weeks
DUTIES: tuple[tuple[str, RecipientKind, int, tuple[int, ...], str, str, int | None, int], ...] = (
    ("C01", RecipientKind.STATION, 4, (1, 2, 3, 4, 5, 6), "14:00", "16:00", None, 1),
    ("C01", RecipientKind.STATION, 2, (6,), "10:00", "12:00", None, 1),
    ("C02", RecipientKind.STATION, 2, WORKDAYS, "14:00", "16:15", 60, 1),  # half shifts, so that a courier can host
    ("E05", RecipientKind.STATION, 2, WORKDAYS, "09:45", "10:50", None, 1),
    ("E12", RecipientKind.STATION, 1, (3,), "14:00", "15:30", None, 1),
    ("E12", RecipientKind.STATION, 1, (6,), "09:30", "11:00", None, 1),
    ("C05", RecipientKind.STATION, 1, (4,), "14:00", "17:00", None, 1),
    ("C06", RecipientKind.STATION, 1, (2,), "14:00", "17:00", None, 1),
    ("C06", RecipientKind.STATION, 1, (4,), "18:30", "19:30", None, 1),
    ("C08", RecipientKind.STATION, 1, (5,), "14:00", "16:00", None, 1),
    ("C09", RecipientKind.STATION, 1, SATURDAY, "09:00", "12:00", None, 4),
    ("C10", RecipientKind.STATION, 1, (3,), "18:30", "20:30", None, 4),
    ("C15", RecipientKind.STATION, 3, (1,), "14:00", "16:30", None, 1),
    ("C14", RecipientKind.BUILDING, 1, (2,), "14:30", "15:30", None, 2),
    ("C03", RecipientKind.BUILDING, 3, (3,), "13:30", "17:00", None, 1),
    ("C03", RecipientKind.PARK, 1, (4,), "13:30", "17:00", None, 4),
    ("C11", RecipientKind.PARK, 2, SATURDAY, "14:00", "16:00", None, 1),
    ("C04", RecipientKind.ENTERPRISE, 3, (2,), "13:30", "17:00", None, 2),
    ("C12", RecipientKind.ENTERPRISE, 2, (3,), "16:00", "18:00", None, 4),
    ("C16", RecipientKind.ENTERPRISE, 2, (5,), "14:00", "17:00", None, 4),
    ("E06", RecipientKind.ELDER, 12, (4,), "14:00", "16:30", None, 2),
    ("E07", RecipientKind.ELDER, 6, (2,), "08:00", "12:00", None, 2),
    ("E08", RecipientKind.ELDER, 8, SATURDAY, "13:30", "17:00", None, 2),
    ("E09", RecipientKind.ELDER, 8, (5,), "14:00", "16:30", None, 2),
    ("E11", RecipientKind.ELDER, 4, (1,), "14:00", "16:30", None, 2),
)
IN_A_STREET = {  # the counts above are meant for so many recipients and grow with them
    RecipientKind.ELDER: STREET.elders,
    RecipientKind.STATION: STREET.stations,
    RecipientKind.BUILDING: STREET.buildings,
    RecipientKind.PARK: STREET.parks,
    RecipientKind.ENTERPRISE: STREET.enterprises,
}


def street_needs(
    places: Places,
    elders: list[Recipient],
    helpers: list[Helper],
    pairs: list[Pair],
    first: int,
    rng: random.Random,
    now: datetime,
    today: date,
) -> list[Need]:
    """Every need of a street, numbered from `first`; they began before the history that the demo brings."""
    since = monday_of(today) - timedelta(weeks=HISTORY_WEEKS)
    found = [
        *_companionship(elders, helpers, pairs, since, rng),
        *_duties(places, elders, since, rng),
    ]
    return [
        replace(
            need,
            id=stable_id("need", f"N{first + n:05d}"),
            code=f"N{first + n:05d}",
            created_by="demo",
            created_at=now.replace(microsecond=0),
        )
        for n, need in enumerate(found)
    ]


def _need(service: str, recipient: Recipient, kind: NeedKind, since: date) -> Need:
    return Need("", "", service, recipient.id, kind, since)


def _companionship(
    elders: list[Recipient], helpers: list[Helper], pairs: list[Pair], since: date, rng: random.Random
) -> Iterator[Need]:
    helper_of = {helper.volunteer.id: helper for helper in helpers}
    companion_of = {pair.recipient_id: helper_of[pair.volunteer_id] for pair in pairs if pair.rank == 1}
    for elder in elders:
        companion = companion_of.get(elder.id)
        rhythm = _agreed(elder, companion, since, rng) if companion and rng.random() < 0.6 else None
        yield rhythm or replace(
            _need("E01", elder, NeedKind.CADENCE, since), per_week=1, max_gap_days=10, start="14:00", end="16:30"
        )
        evening = rng.random() < 0.4
        yield replace(
            _need("E03", elder, NeedKind.CADENCE, since),
            per_week=1,
            max_gap_days=10,
            start="18:00" if evening else "14:00",
            end="20:00",
        )
        if elder.risk_tier is RiskTier.HIGH and companion and rng.random() < 0.7:
            yield replace(_need("E02", elder, NeedKind.CADENCE, since), per_week=1, start="14:00", end="17:00")


def _agreed(elder: Recipient, companion: Helper, since: date, rng: random.Random) -> Need | None:
    """A weekly visit at a time that the first companion has free, None if the two have none in common."""
    choices = [
        (day, start, end)
        for day, start, end in (
            *((day, "14:00", "16:00") for day in DAILY),
            *((day, "09:00", "11:00") for day in DAILY),
            *((day, "14:00", "17:00") for day in WEEKEND),
        )
        if companion.is_free(day, start, end)
    ]
    if not choices:
        return None
    day, start, end = rng.choice(choices)
    return replace(_need("E01", elder, NeedKind.RECURRING, since), weekdays=(day,), start=start, end=end)


def _duties(places: Places, elders: list[Recipient], since: date, rng: random.Random) -> Iterator[Need]:
    for service, kind, count, weekdays, start, end, minutes, every_weeks in DUTIES:
        found = elders if kind is RecipientKind.ELDER else places.of_kind(kind)
        scaled = int(count * len(found) / IN_A_STREET[kind] + 0.5)
        chosen = rng.sample(found, scaled) if kind is RecipientKind.ELDER else found[:scaled]
        for number, recipient in enumerate(chosen):
            need = _need(service, recipient, NeedKind.RECURRING, since + timedelta(weeks=number % every_weeks))
            yield replace(need, weekdays=weekdays, every_weeks=every_weeks, start=start, end=end, minutes=minutes)
