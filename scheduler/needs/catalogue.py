"""The delivered catalogue and map: 30 service types, the district, its streets and committees. All of it is data."""

import csv
import json
import math
import random
import re
from collections import defaultdict
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

import yaml

from scheduler.errors import ConfigError
from scheduler.localized import LocalizedText
from scheduler.model.ids import stable_id
from scheduler.model.people import Grid, GridKind
from scheduler.model.services import Continuity, Place, ServiceType, ServiceWindow, TeamRule
from scheduler.rules.workdays import WORKDAY
from scheduler.store import Store
from scheduler.store.people import grids
from scheduler.store.services import service_types

DISTRICT_CODE, DISTRICT_NAME = "310107", "普陀区"
MAPPING = "service_types.yaml"
NEEDED_KEYS = {"heads", "continuity", "recipients", "windows", "risk"}
OTHER_KEYS = {"min_heads", "kinds", "team", "all", "any", "prefers", "flags", "standbys"}
FLAGS = {"remote", "in_blackout", "in_quiet_hours", "uninsured"}
CANDIDATES = 40  # random points tried for each committee; the one farthest from its neighbours is taken


def _table(name: str) -> list[dict[str, str]]:
    with files("scheduler.data").joinpath(name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# --- service types ---------------------------------------------------------------------------------------------------


@cache
def delivered_service_types() -> tuple[ServiceType, ...]:
    """The 30 service types, in the order of the catalogue.

    Raises ConfigError naming file, code and field if a row and its mapping do not fit together.
    """
    mapping = yaml.safe_load(files("scheduler.data").joinpath(MAPPING).read_text(encoding="utf-8"))
    return read_service_types(_table("service_types.csv"), mapping)


def read_service_types(table: list[dict[str, str]], mapping: dict[str, dict[str, Any]]) -> tuple[ServiceType, ...]:
    """Service types from the rows of the CSV and the typed reading of their prose. Raises ConfigError."""
    codes = {row["code"] for row in table}
    for code in sorted(codes ^ mapping.keys()):
        raise ConfigError(
            LocalizedText(
                "service type %(code)s needs both a row in service_types.csv and an entry in %(mapping)s",
                code=code,
                mapping=MAPPING,
            )
        )
    return tuple(_service_type(row, mapping[row["code"]]) for row in table)


def _service_type(row: dict[str, str], entry: dict[str, Any]) -> ServiceType:
    code = row["code"]
    if unknown := (entry.keys() - NEEDED_KEYS - OTHER_KEYS) | (set(entry.get("flags", ())) - FLAGS):
        raise ConfigError(
            LocalizedText(
                "%(mapping)s: %(code)s: %(unknown)s is not known; remove it or correct its spelling",
                mapping=MAPPING,
                code=code,
                unknown=sorted(unknown),
            )
        )
    try:
        least, heads = _headcount(entry["heads"])
        flags = set(entry.get("flags", ()))
        return ServiceType(
            code=code,
            name_zh=row["name_zh"],
            name_en=row["name_en"],
            minutes=int(row["minutes"].split()[0]),
            heads=heads,
            min_heads=entry.get("min_heads", least),
            priority=int(row["priority"]),
            continuity=Continuity(entry["continuity"]),
            place=Place.REMOTE if "remote" in flags else Place.AT_RECIPIENT,
            recipient_kinds=tuple(entry["recipients"]),
            windows=tuple(read_window(text) for text in entry["windows"]),
            kinds=tuple(entry.get("kinds", ())),
            team=tuple(TeamRule(tag, least) for tag, least in entry.get("team", {}).items()),
            requires_all=tuple(entry.get("all", ())),
            requires_any=tuple(entry.get("any", ())),
            prefers=tuple(entry.get("prefers", ())),
            in_blackout="in_blackout" in flags,
            in_quiet_hours="in_quiet_hours" in flags,
            needs_insurance="uninsured" not in flags,
            standbys=entry.get("standbys", 0),
            risk_zh=entry["risk"][0],
            risk_en=entry["risk"][1],
        )
    except (KeyError, ValueError, TypeError) as error:
        raise ConfigError(
            LocalizedText(
                "%(mapping)s: %(code)s: cannot be read (%(error)s); compare it with the others",
                mapping=MAPPING,
                code=code,
                error=repr(error),
            )
        ) from error


def _headcount(value: int | str) -> tuple[int, int]:
    numbers = [int(part) for part in str(value).split("-")]
    return numbers[0], numbers[-1]


def read_window(text: str) -> ServiceWindow:
    """ "6-7 09:30-11:30" as a window on Saturday and Sunday; "workdays 09:30-11:30". Raises ValueError."""
    match = re.fullmatch(r"(?:([1-7])(?:-([1-7]))?|workdays) (\d\d:\d\d)-(\d\d:\d\d)", text)
    if match is None or match[3] >= match[4]:
        raise ValueError(f'{text!r}, expected like "6-7 09:30-11:30" or "workdays 09:30-11:30"')
    if match[1] is None:
        return ServiceWindow((WORKDAY,), match[3], match[4])
    first, last = int(match[1]), int(match[2] or match[1])
    return ServiceWindow(tuple(range(first, last + 1)), match[3], match[4])


# --- the map ---------------------------------------------------------------------------------------------------------


@cache
def district_ring() -> tuple[tuple[float, float], ...]:
    """The coarse outline of the district as (lat, lon) points, closed."""
    text = files("scheduler.data").joinpath("putuo_ring.json").read_text(encoding="utf-8")
    return tuple((lat, lon) for lon, lat in json.loads(text))


def inside_ring(lat: float, lon: float) -> bool:
    """Whether a point lies within the district's outline (ray casting)."""
    inside = False
    ring = district_ring()
    for (lat_a, lon_a), (lat_b, lon_b) in pairwise(ring):
        if (lat_a > lat) != (lat_b > lat) and lon < (lon_b - lon_a) * (lat - lat_a) / (lat_b - lat_a) + lon_a:
            inside = not inside
    return inside


@cache
def delivered_grids() -> tuple[Grid, ...]:
    """The district, its ten streets and their 285 committees, parents first.

    No coordinates of committees are published: they are spread over their street, the same way on every machine.
    """
    streets = _table("putuo_streets.csv")
    names: dict[str, list[dict[str, str]]] = defaultdict(list)
    for row in _table("committees.csv"):
        names[row["street_code"]].append(row)
    ring = district_ring()[1:]
    middle = (sum(p[0] for p in ring) / len(ring), sum(p[1] for p in ring) / len(ring))
    district = _grid(DISTRICT_CODE, DISTRICT_NAME, GridKind.DISTRICT, None, middle)
    found = [district]
    for row in streets:
        centre = float(row["lat"]), float(row["lon"])
        found.append(_grid(row["code"], row["name"], GridKind.STREET, district.id, centre))
    for row in streets:
        points = _spread(row, len(names[row["code"]]))
        for committee, point in zip(names[row["code"]], points, strict=True):
            parent = stable_id("grid", row["code"])
            found.append(_grid(committee["code"], committee["name"], GridKind.COMMITTEE, parent, point))
    return tuple(found)


def _grid(code: str, name: str, kind: GridKind, parent_id: str | None, point: tuple[float, float]) -> Grid:
    return Grid(stable_id("grid", code), code, name, kind, parent_id, round(point[0], 5), round(point[1], 5))


def _spread(street: dict[str, str], count: int) -> list[tuple[float, float]]:
    """Points in the street's square and the district's outline, far from each other (best candidate sampling)."""
    rng = random.Random(street["code"])
    south, west, north, east = (float(street[f"bbox_{side}"]) for side in "swne")
    points: list[tuple[float, float]] = []
    while len(points) < count:
        tried = [(rng.uniform(south, north), rng.uniform(west, east)) for _ in range(CANDIDATES)]
        inside = [p for p in tried if inside_ring(*p)]
        points.append(max(inside, key=lambda p: min((math.dist(p, q) for q in points), default=0.0)))
    return points


def load_catalogue(store: Store) -> None:
    """Writes the delivered service types and grids that the store does not have yet; what staff changed stays."""
    with store.transaction():
        known_grids = {grid.code for grid in grids.where(store)}
        grids.add_all(store, [grid for grid in delivered_grids() if grid.code not in known_grids])
        load_service_types(store)


def load_service_types(store: Store) -> None:
    """Writes the delivered service types that the store does not have yet; what staff changed stays."""
    with store.transaction():
        known_types = {kind.code for kind in service_types.where(store)}
        service_types.add_all(store, [kind for kind in delivered_service_types() if kind.code not in known_types])
        store.touch()
