"""A small case of the exchange format as a stored week: the same people, visits, promises and optimum.

The four places of the cases are laid out on the map so that every way takes the minutes of their matrix.
"""

import json
import math
from datetime import timedelta
from pathlib import Path

from scheduler.localtime import LOCAL
from scheduler.model.ids import new_id
from scheduler.model.people import AvailabilityException, Kind, Pair, Transport
from scheduler.model.plan import Assignment, State
from scheduler.model.services import Place, TeamRule
from scheduler.store.people import availability_exceptions, pairs
from scheduler.store.plans import assignments
from tests import world
from tests.scheduler.planning.builders import CONFIG, MONDAY, NOW, on

CASES = Path(__file__).parents[2] / "cases"
CROSSES_MIDNIGHT = {"night-window-has-one-day"}  # free times of the product lie within one day
METRES_PER_MINUTE = 100
SHRUNK = 0.995  # a way of 9.95 minutes is rounded up to the 10 of the matrix
MINUTES_EAST_NORTH = [(0.0, 0.0), (8.9, 4.56), (20.0, 0.0), (27.6, -11.76)]
NO_LIMITS = {"max_visits_per_day": 99, "max_minutes_per_day": 1440, "max_minutes_per_week": 9999, "max_travel_min": 999}
KINDS = {kind.value: kind for kind in Kind}


def names():
    found = sorted(p.name.removesuffix(".optimum.json") for p in CASES.glob("*.optimum.json"))
    return [n for n in found if not n.startswith(("xs-", "s-")) and n not in CROSSES_MIDNIGHT]


def load(name):
    case = json.loads((CASES / f"{name}.json").read_text(encoding="utf-8"))
    return case, json.loads((CASES / f"{name}.optimum.json").read_text(encoding="utf-8"))


def coordinates(place):
    east, north = (SHRUNK * METRES_PER_MINUTE * minutes for minutes in MINUTES_EAST_NORTH[place])
    return 31.25 + north / 111_195, 121.39 + east / (111_195 * math.cos(math.radians(31.25)))


def at_minute(minute):
    return on(MONDAY, "00:00") + timedelta(minutes=minute)


def scale(case):
    """Priorities are 1 to 5: by how much the case's values grow to become thousands of them."""
    values = {slot["value"] for slot in case["slots"]}
    return next(f for f in (1, 2, 1000) if all(v * f % 1000 == 0 and v * f <= 5000 for v in values))


def config_of(case, store):
    points = [p for slot in case["slots"] for p in slot.get("affinity", {}).values()]
    taxes = [p["tax"] for slot in case["slots"] for p in slot.get("previous", [])]
    sections = {
        "windows": {"frozen_hours": 0, "published_days": 2, "planned_days": 2},
        "weights": case["weights"],
        "affinity": {"pair_first": max(points, default=0)},
        "taxes": {"beyond_72h": max(taxes, default=0), "within_72h": max(taxes, default=0)},
        "couriers": {**NO_LIMITS, "blackouts": ()},
        "members": {**NO_LIMITS, "max_visits_per_week": 99},
        "everyone": {"max_hours_per_day": 24, "free_days_per_week": 0},
        "travel": {"detour": 1.0, "modes": {"walk": CONFIG.travel.modes["walk"].model_copy(
            update={"km_per_hour": METRES_PER_MINUTE * 60 / 1000, "overhead_min": 0})}},
    }  # fmt: skip
    changed = {name: getattr(CONFIG, name).model_copy(update=fields) for name, fields in sections.items()}
    return CONFIG.model_copy(update={**changed, "database": store.path})


def store_case(store, case):
    """Writes the case and returns the settings under which it means the same."""
    world.add_map(store)
    world.add_service(store)
    world.add_elder(store, "long ago")
    for person in case["volunteers"]:
        add_person(store, person)
    for slot in case["slots"]:
        add_visit(store, slot, case)
    store.execute("UPDATE needs SET state = 'closed'")  # the visits are written already
    store.touch()
    return config_of(case, store)


def add_person(store, person):
    lat, lon = coordinates(person["location"])
    returns = any("to" in window for window in person["windows"])  # couriers return to where they wait
    kinds = {KINDS[t] for t in person["tags"] if t in KINDS} - {Kind.COURIER} | ({Kind.COURIER} if returns else set())
    world.add_volunteer(
        store, person["id"], lat=lat, lon=lon, transport=Transport.WALK, kinds=frozenset(kinds or {Kind.RESIDENT}),
        skills=frozenset(set(person["tags"]) - {kind.value for kind in kinds}), insured=False,
        max_visits_per_day=person.get("max_visits_per_day"), max_minutes_per_day=person.get("max_minutes_per_day"),
        max_minutes_per_week=person.get("max_minutes"), max_travel_min=person.get("max_reach"),
        wished_minutes=person.get("target"),
    )  # fmt: skip
    for number, window in enumerate(person["windows"]):
        start, end = at_minute(window["start"]).astimezone(LOCAL), at_minute(window["end"]).astimezone(LOCAL)
        clocks = f"{start:%H:%M}", f"{end:%H:%M}"
        free = (f"{person['id']} {number}", person["id"], "extra", start.date(), start.date(), *clocks)
        availability_exceptions.add(store, AvailabilityException(*free))
    if not person.get("willing"):
        remember_a_visit(store, person["id"], minutes=4 * person.get("served", 0) or 1)


def remember_a_visit(store, volunteer_id, *, minutes):
    """Who was somewhere last week is not waiting for a visit; the minutes above the wish are carried over."""
    slot = world.add_slot(store, NOW - timedelta(days=7), recipient_id="long ago", minutes=minutes, cause="case")
    done = Assignment(new_id(), slot.id, volunteer_id, NOW - timedelta(days=7), State.DONE)
    assignments.add(store, done)


def add_visit(store, slot, case):
    elder = f"at {slot['id']}"
    lat, lon = coordinates(slot["location"] or 0)
    world.add_elder(store, elder, lat=lat, lon=lon)
    stored = world.add_slot(
        store, at_minute(slot["earliest"]), recipient_id=elder, id=slot["id"], latest_at=at_minute(slot["latest"]),
        minutes=slot["duration"], heads=slot["headcount"], min_heads=slot.get("min_headcount", slot["headcount"]),
        priority=slot["value"] * scale(case) // 1000, requires_all=tuple(slot.get("requires_all", ())),
        team=tuple(TeamRule(r["tag"], r["at_least"]) for r in slot.get("team", ())), cause="case",
        place=Place.REMOTE if slot["location"] is None else Place.AT_RECIPIENT,
    )  # fmt: skip
    for pin in slot.get("pinned", ()):
        add_assignment(store, stored, pin["volunteer"], at_minute(pin["start"]), State.ACCEPTED)
    for promise in slot.get("previous", ()):
        add_assignment(store, stored, promise["volunteer"], at_minute(slot["latest"]), State.PROPOSED)
    for volunteer_id in slot.get("affinity", {}):
        pairs.add(store, Pair(new_id(), elder, volunteer_id))


def add_assignment(store, slot, volunteer_id, starts_at, state):
    made = Assignment(new_id(), slot.id, volunteer_id, starts_at, state, proposed_at=NOW, expires_at=starts_at)
    assignments.add(store, made)
