"""Volunteers with their free times, elders, and the pairs between them."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from scheduler.config import Config
from scheduler.demo.names import a_name, a_phone, an_address
from scheduler.demo.places import Places, StreetSize, near
from scheduler.model.ids import stable_id
from scheduler.model.people import (
    AvailabilityException,
    AvailabilityRule,
    Kind,
    Pair,
    Recipient,
    RecipientKind,
    RiskTier,
    Transport,
    Volunteer,
)

EAST_WEST = 0.855  # length of a degree of longitude against one of latitude in Shanghai
FreeTime = tuple[tuple[int, ...], str, str]  # weekdays, from, until
CONSENTS = ("contact", "health_data", "auto_plan")
MEMBER_SKILLS = {  # skill → share of members who have it
    "reception": 0.4,
    "interview": 0.25,
    "policy": 0.2,
    "survey": 0.2,
    "instructor": 0.08,
    "trainer": 0.1,
    "career_coach": 0.06,
    "host": 0.1,
    "hr": 0.08,
    "judge": 0.05,
    "facilitator": 0.1,
    "lecturer": 0.12,
    "mentor": 0.15,
    "ar_guide": 0.08,
    "smartphone_teach": 0.15,
    "smart_basic": 0.15,
    "handyman": 0.06,
    "health": 0.06,
    "haircut": 0.03,
}
COURIER_SKILLS = {"reception": 0.3, "smart_basic": 0.2, "handyman": 0.1, "smartphone_teach": 0.1}
TRAININGS = {  # training → share of (couriers, members) who passed it; a tenth of them has run out
    "food_health_cert": (0.3, 0.0),
    "first_aid": (0.1, 0.15),
    "escort": (0.0, 0.15),
    "smart_install": (0.06, 0.08),
}


@dataclass(frozen=True, slots=True)
class Helper:
    """A volunteer with the times of the week."""

    volunteer: Volunteer
    rules: tuple[AvailabilityRule, ...]
    exceptions: tuple[AvailabilityException, ...]

    def is_free(self, weekday: int, start: str, end: str) -> bool:
        return any(weekday in rule.weekdays and rule.start <= start and end <= rule.end for rule in self.rules)


def make_helpers(
    places: Places, size: StreetSize, first: int, config: Config, rng: random.Random, now: datetime, today: date
) -> list[Helper]:
    """Couriers, then party members, of one street; `first` numbers them across streets."""
    couriers = [_courier(places, first + n, config, rng, now, today) for n in range(size.couriers)]
    first += size.couriers
    return couriers + [_member(places, first + n, config, rng, now, today) for n in range(size.members)]


def _courier(places: Places, number: int, config: Config, rng: random.Random, now: datetime, today: date) -> Helper:
    code = f"V{number:05d}"
    days = tuple(sorted(rng.sample(range(1, 8), rng.choice((3, 4, 4, 5, 5, 6)))))
    spans: list[FreeTime] = [
        (days, rng.choice(("14:00", "14:00", "14:15", "14:30")), rng.choice(("16:00", "16:15", "16:30", "16:30")))
    ]
    trained = _trainings(0, rng, today)
    if "food_health_cert" in trained:
        spans.append(((1, 2, 3, 4, 5), "09:30", "11:00"))
    elif rng.random() < 0.3:
        spans.append((tuple(sorted(rng.sample(range(1, 8), 2))), "09:00", "10:15"))
    gender = "male" if rng.random() < 0.9 else "female"
    lat, lon = near(rng, rng.choice(places.committees), 0.5)
    volunteer = Volunteer(
        stable_id("volunteer", code),
        code,
        a_name(rng, gender),
        frozenset({Kind.COURIER, Kind.PARTY_MEMBER} if rng.random() < 0.1 else {Kind.COURIER}),
        gender,
        lat,
        lon,
        Transport.EBIKE,
        places.street.id,
        rng.choice(places.courier_teams).id,
        birth_month=_birth_month(rng, today, (20, 42)),
        phone=a_phone(number),
        languages=frozenset({"shanghainese"} if rng.random() < 0.25 else ()),
        skills=_skills(COURIER_SKILLS, rng),
        trainings=trained,
        consents=_consents(rng, now),
        preferred_services=tuple(rng.sample(("E01", "E02", "E06", "C02"), rng.choice((0, 1, 2)))),
        max_minutes_per_week=90 if rng.random() < 0.2 else None,  # stricter than the rule for couriers
        max_pairs=config.couriers.max_pairs,
        wished_minutes=rng.choice((90, 120, 135, 180)),
        insured=rng.random() < 0.96,
    )
    return _helper(volunteer, spans, rng, today)


def _member(places: Places, number: int, config: Config, rng: random.Random, now: datetime, today: date) -> Helper:
    code = f"V{number:05d}"
    retired = rng.random() < 0.35
    community = rng.random() < 0.3  # serves stations, firms and events rather than elders at home
    trained = _trainings(1, rng, today)
    gender = "female" if rng.random() < (0.55 if retired else 0.4) else "male"
    home = rng.choice(places.committees)
    lat, lon = near(rng, home if retired or rng.random() < 0.5 else rng.choice(places.buildings))
    volunteer = Volunteer(
        stable_id("volunteer", code),
        code,
        a_name(rng, gender, elder=retired),
        frozenset({Kind.PARTY_MEMBER}),
        gender,
        lat,
        lon,
        rng.choice((Transport.WALK, Transport.WALK, Transport.TRANSIT, Transport.EBIKE)),
        home.id,
        places.communities[home.id].id if retired else rng.choice(places.branches).id,
        birth_month=_birth_month(rng, today, (58, 70) if retired else (23, 55)),
        phone=a_phone(number),
        address=an_address(rng, home.name),
        languages=frozenset({"shanghainese"} if rng.random() < (0.8 if retired else 0.4) else ()),
        skills=_community_skills(rng) if community else _skills(MEMBER_SKILLS, rng),
        trainings=trained,
        consents=_consents(rng, now),
        preferred_services=tuple(rng.sample(("E01", "E03", "C01", "C03", "C11"), rng.choice((0, 1, 2)))),
        max_visits_per_week=1 if not retired and rng.random() < 0.15 else None,  # stricter than the rule for members
        max_pairs=config.members.max_pairs,
        wished_minutes=rng.choice((120, 150, 180)) if retired else rng.choice((45, 60, 90)),
        insured=rng.random() < 0.95,
    )
    return _helper(volunteer, _retired_week(rng, trained) if retired else _working_week(rng, community), rng, today)


def _retired_week(rng: random.Random, trained: Iterable[str]) -> list[FreeTime]:
    mornings = tuple(sorted(rng.sample(range(1, 8), rng.randint(2, 4))))
    afternoons = tuple(sorted(rng.sample(range(1, 8), rng.randint(2, 5))))
    long_days = rng.random() < 0.4
    spans: list[FreeTime] = [
        (mornings, "09:00", "11:30" if long_days else "11:00"),
        (afternoons, "13:30" if long_days else "14:00", "17:00" if long_days else "16:00"),
    ]
    if "escort" in trained:
        spans.append((tuple(sorted(rng.sample(range(1, 6), 2))), "07:30", "12:00"))
    return spans


def _working_week(rng: random.Random, community: bool) -> list[FreeTime]:
    spans: list[FreeTime] = [(tuple(sorted(rng.sample(range(1, 6), rng.randint(1, 3)))), "18:30", "20:30")]
    half_day = rng.choice((("09:00", "11:30"), ("14:00", "17:00"), ("13:30", "17:00")))
    spans.append(((rng.choice((6, 7)),), *half_day))
    if rng.random() < 0.3:
        spans.append((tuple(sorted(rng.sample(range(1, 6), 2))), "12:00", "13:00"))
    if rng.random() < (0.7 if community else 0.2):  # the branch lets them go for an afternoon
        spans.append(((rng.randint(1, 5),), "13:30", "18:00"))
    return spans


def _helper(volunteer: Volunteer, spans: list[FreeTime], rng: random.Random, today: date) -> Helper:
    rules = tuple(
        AvailabilityRule(stable_id("rule", volunteer.id, *span), volunteer.id, span[0], span[1], span[2])
        for span in spans
    )
    away: tuple[AvailabilityException, ...] = ()
    if rng.random() < 0.06:
        start = today + timedelta(days=rng.randint(0, 12))
        until = start + timedelta(days=rng.randint(1, 8))
        away = (AvailabilityException(stable_id("away", volunteer.id), volunteer.id, "away", start, until),)
    return Helper(volunteer, rules, away)


def _skills(shares: dict[str, float], rng: random.Random) -> frozenset[str]:
    companion = {"companion"} if rng.random() < 0.9 else set()
    return frozenset(companion | {skill for skill, share in shares.items() if rng.random() < share})


def _community_skills(rng: random.Random) -> frozenset[str]:
    """Without companionship, but twice as often with the skills of community services."""
    return frozenset(skill for skill, share in MEMBER_SKILLS.items() if rng.random() < 2 * share)


def _trainings(column: int, rng: random.Random, today: date) -> dict[str, date | None]:
    passed = [name for name, shares in TRAININGS.items() if rng.random() < shares[column]]
    return {name: today + timedelta(days=rng.randint(60, 700) if rng.random() < 0.9 else -30) for name in passed}


def _birth_month(rng: random.Random, today: date, ages: tuple[int, int]) -> str:
    return f"{today.year - rng.randint(*ages)}-{rng.randint(1, 12):02d}"


def _consents(rng: random.Random, now: datetime) -> dict[str, datetime]:
    given = now.replace(microsecond=0) - timedelta(days=rng.randint(30, 400))
    return dict.fromkeys(CONSENTS if rng.random() < 0.97 else CONSENTS[:1], given)


def make_elders(places: Places, count: int, first: int, rng: random.Random, today: date) -> list[Recipient]:
    """Elders living alone, spread over the committees; a tenth is at high risk, three tenths are key."""
    found = []
    for n in range(count):
        code = f"E{first + n:05d}"
        home = places.committees[n % len(places.committees)]
        gender = "female" if rng.random() < 0.62 else "male"
        lat, lon = near(rng, home)
        found.append(
            Recipient(
                stable_id("recipient", code),
                code,
                a_name(rng, gender, elder=True),
                RecipientKind.ELDER,
                home.id,
                lat,
                lon,
                places.bond[home.id],
                gender=gender,
                birth_year=today.year - rng.choice((*range(68, 80), *range(80, 96), *range(80, 90))),
                phone=a_phone(50_000 + first + n),
                address=an_address(rng, home.name),
                lives_alone=True,
                risk_tier=rng.choices((RiskTier.HIGH, RiskTier.KEY, RiskTier.GENERAL), (1, 3, 6))[0],
                quiet_hours=(("13:30", "14:30"),) if rng.random() < 0.05 else (),
                gender_wish="female" if gender == "female" and rng.random() < 0.1 else "",
                language_wish="shanghainese" if rng.random() < 0.08 else "",
            )
        )
    return found


def make_pairs(elders: list[Recipient], helpers: list[Helper], rng: random.Random, today: date) -> Iterator[Pair]:
    """A first companion for most elders and a second one for some: near, wished, within the caps of 1:2 and 1:5."""
    pair_count: Counter[str] = Counter()
    first_companion: dict[str, str] = {}
    companions = [h.volunteer for h in helpers if "companion" in h.volunteer.skills and h.volunteer.insured]
    order = list(elders)
    for rank, share in ((1, 0.85), (2, 0.45)):
        rng.shuffle(order)
        for elder in order[: int(len(order) * share)]:
            able = [
                volunteer
                for volunteer in companions
                if pair_count[volunteer.id] < _pair_limit(volunteer, rank)
                and volunteer.id != first_companion.get(elder.id)
                and _wished(elder, volunteer)
            ]
            if not able:
                continue
            nearest = min(able, key=lambda v: (v.lat - elder.lat) ** 2 + ((v.lon - elder.lon) * EAST_WEST) ** 2)
            pair_count[nearest.id] += 1
            first_companion.setdefault(elder.id, nearest.id)
            yield Pair(
                stable_id("pair", elder.code, nearest.code),
                elder.id,
                nearest.id,
                rank,
                pinned=rng.random() < 0.05,
                since=today - timedelta(days=rng.randint(30, 500)),
            )


def _pair_limit(volunteer: Volunteer, rank: int) -> int:
    """Members keep room for being somebody's second companion."""
    return volunteer.max_pairs if rank == 2 else max(2, volunteer.max_pairs - 2)


def _wished(elder: Recipient, volunteer: Volunteer) -> bool:
    return elder.gender_wish in ("", volunteer.gender) and elder.language_wish in ("", *volunteer.languages)
