"""The figures by which a programme is judged. A measure without a denominator is None, never 0 or 1.

COC is the index of Bice and Boxerman, UPC the share of the usual person, SECON sequential continuity; Gini and Jain as
in the fairness literature.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise

from scheduler.config import Config
from scheduler.localtime import at_local, local_date
from scheduler.model.people import RecipientKind
from scheduler.store import Store, records
from scheduler.store.people import volunteers
from scheduler.store.records import Contacts, VisitFact

FOUR_WEEKS = timedelta(days=28)
HAPPENED = ("done",)


def share(part: float, whole: float) -> float | None:
    """part / whole, None without a whole."""
    return part / whole if whole else None


def mean(values: Iterable[float | None]) -> float | None:
    """The mean of the values that exist."""
    found = [value for value in values if value is not None]
    return share(sum(found), len(found))


def upc(visitors: Sequence[str]) -> float | None:
    """The share of visits by the person who came most often; None below two visits."""
    return max(Counter(visitors).values()) / len(visitors) if len(visitors) >= 2 else None


def coc(visitors: Sequence[str]) -> float | None:
    """(sum of n_i squared - N) / (N (N - 1)): 1 if always the same person, 0 if never twice; None below two visits."""
    total = len(visitors)
    if total < 2:
        return None
    return (sum(n * n for n in Counter(visitors).values()) - total) / (total * (total - 1))


def secon(visitors: Sequence[str]) -> float | None:
    """The share of visits by the same person as the one before; None below two visits."""
    return share(sum(a == b for a, b in pairwise(visitors)), len(visitors) - 1) if len(visitors) >= 2 else None


def gini(values: Sequence[float]) -> float | None:
    """0 if all have the same, towards 1 if one has everything; None if there is nothing to share."""
    total = sum(values)
    if not total:
        return None
    spread = sum(rank * value for rank, value in enumerate(sorted(values), start=1))
    return 2 * spread / (len(values) * total) - (len(values) + 1) / len(values)


def jain(values: Sequence[float]) -> float | None:
    """Jain's index: 1 if all have the same, 1/n if one has everything; None if there is nothing to share."""
    squares = sum(value * value for value in values)
    return share(sum(values) ** 2, len(values) * squares)


@dataclass(frozen=True, slots=True)
class Continuity:
    """Means over recipients with at least two visits in the span."""

    upc: float | None
    coc: float | None
    secon: float | None
    distinct: float | None
    one_face: float | None  # share of recipients who saw one person only
    recipients: int


def continuity(visits: Iterable[VisitFact]) -> Continuity:
    """Continuity over visits in person, given in the order in which they happened."""
    seen_by: dict[str, list[str]] = defaultdict(list)
    for visit in visits:
        if visit.in_person:
            seen_by[visit.recipient_id].append(visit.volunteer_id)
    often = [seen for seen in seen_by.values() if len(seen) >= 2]
    return Continuity(
        upc=mean(map(upc, often)),
        coc=mean(map(coc, often)),
        secon=mean(map(secon, often)),
        distinct=mean(len(set(seen)) for seen in often),
        one_face=share(sum(len(set(seen)) == 1 for seen in often), len(often)),
        recipients=len(often),
    )


@dataclass(frozen=True, slots=True)
class CadenceReport:
    """Who is within the rhythm of their risk tier; ids of those who are not, longest without contact first."""

    within: int
    total: int
    overdue: tuple[str, ...]
    visited_this_month: float | None  # the monthly visit rate: its target is 1

    @property
    def share(self) -> float | None:
        return share(self.within, self.total)


def cadence(store: Store, config: Config, *, now: datetime, area: str | None = None) -> CadenceReport:
    """Elders with a published need against their tier's rhythm: contacts in 7 days, the longest gap, in person.

    `area`: those in a grid or below it only.

    A contact is a finished visit or call; one of the week's contacts must be in person where two or more are asked for.
    """
    tiers = records.elders_in_programme(store, area)
    contacts = records.contacts_of_elders(store, now - timedelta(days=35), now, states=HAPPENED)
    late = [elder for elder, tier in tiers.items() if not _in_rhythm(contacts.get(elder), tier, config, now)]
    visited = sum(_visited_enough(contacts.get(elder), tier, config) for elder, tier in tiers.items())
    epoch = datetime.min.replace(tzinfo=now.tzinfo)
    last = {elder: contacts[elder].last_at if elder in contacts else epoch for elder in late}
    return CadenceReport(
        within=len(tiers) - len(late),
        total=len(tiers),
        overdue=tuple(sorted(late, key=lambda elder: (last[elder], elder))),
        visited_this_month=share(visited, len(tiers)),
    )


def _in_rhythm(contacts: Contacts | None, tier: str, config: Config, now: datetime) -> bool:
    rule = config.elders.contacts[tier]
    if contacts is None:
        return False
    fresh = contacts.last_at >= now - timedelta(days=rule.max_gap_days)
    in_person = rule.per_week < 2 or contacts.week_in_person > 0
    return contacts.week >= rule.per_week and fresh and in_person


def _visited_enough(contacts: Contacts | None, tier: str, config: Config) -> bool:
    wanted = min(1, config.elders.contacts[tier].visits_per_month)
    return (contacts.month_in_person if contacts else 0) >= wanted


def fill_rates(store: Store, from_date: date, until_date: date) -> dict[str, float | None]:
    """Filled / required seats of open slots on local days: planned and attended, plain and by priority."""
    planned = records.headcount_between(store, from_date, until_date, ("proposed", "accepted", "checked_in", "done"))
    attended = records.headcount_between(store, from_date, until_date, ("checked_in", "done"))
    return {
        "fill_planned": share(planned["filled"], planned["required"]),
        "fill_planned_weighted": share(planned["weighted_filled"], planned["weighted_required"]),
        "fill_attended": share(attended["filled"], attended["required"]),
    }


def fairness(store: Store, from_date: date, until_date: date) -> dict[str, float | None]:
    """Gini and Jain of credited minutes against the declared wish, over active people who declared one."""
    credited = records.credited_by_volunteer(store, from_date, until_date)
    loads = [credited.get(v.id, 0) / v.wished_minutes for v in volunteers.by(store, active=1) if v.wished_minutes]
    return {"gini": gini(loads), "jain": jain(loads)}


def measure(store: Store, config: Config, *, now: datetime) -> dict[str, float | None]:
    """Measures yesterday and the four weeks up to it, and stores them under yesterday's date."""
    day = local_date(now) - timedelta(days=1)
    until_at = at_local(day + timedelta(days=1), "00:00")
    visits = records.visits_to(store, RecipientKind.ELDER.value, until_at - FOUR_WEEKS, until_at, states=HAPPENED)
    seen_by, rhythm = continuity(visits), cadence(store, config, now=until_at)
    values = {
        "upc": seen_by.upc,
        "coc": seen_by.coc,
        "secon": seen_by.secon,
        "distinct_28": seen_by.distinct,
        "one_face": seen_by.one_face,
        "cadence": rhythm.share,
        "monthly_visits": rhythm.visited_this_month,
        **fill_rates(store, day, day),
        **fairness(store, day - timedelta(days=27), day),
    }
    with store.transaction():
        records.keep_measures(store, day, "", values, now)
    return values
