"""A run's problem and solution as files for whoever doubts a plan: no name, no id, no place of the town is in them.

People, visits and recipients get new names for each download, and all places are turned around the centre of the earth
by one random rotation: every distance, so every leg, every rule and every bound is what it was. The pattern of places
stays, so the files are pseudonymous, not anonymous; they are for auditors, and each download is logged.
"""

import gzip
import io
import json
import math
import zipfile
from random import Random
from typing import Any

from scheduler.errors import NotFound
from scheduler.localized import LocalizedText
from scheduler.store import Store, ledger
from solver.model.check import measure, violations
from solver.model.problem_json import problem_from_json
from solver.model.solution import solution_from_json

Json = dict[str, Any]
PLACES = ("location", "from", "to")
KNOWS, TAGS = "knows:", ("tags", "requires_all", "requires_any", "forbids")
TURNS = 5  # rotations tried: one in thousands lifts a leg over a whole minute, by rounding
HOW_TO = """yidu check problem.json.gz solution.json     # every rule, without the solver
yidu prove problem.json.gz solution.json     # the bound on coverage, derived again from the stored duals

No database is needed. Names and places are made up; distances are those of the plan.
"""


def proof_zip(store: Store, run_id: str, random: Random) -> bytes:
    """`problem.json.gz`, `solution.json` and how to check them, in one archive. Raises NotFound if the run kept none.

    What comes out passes the independent check with the coverage and cost that the run claimed.
    """
    kept = ledger.files_of(store, run_id)
    if kept is None or kept[1] is None:
        raise NotFound(
            LocalizedText("The files of this run are not kept: it made no plan, or they were too old to keep.")
        )
    problem, solution = pseudonymous(kept[0], kept[1], random)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("problem.json.gz", gzip.compress(_text(problem).encode(), mtime=0))
        files.writestr("solution.json", _text(solution))
        files.writestr("README.txt", HOW_TO)
    return archive.getvalue()


def pseudonymous(problem: Json, solution: Json, random: Random) -> tuple[Json, Json]:
    """Both documents with other names and places. Raises ValueError if no rotation keeps every leg."""
    names = _new_names(problem, random)
    problem, solution = _renamed(problem, names), _renamed(solution, names)
    for _ in range(TURNS):
        turned = _turned(problem, _rotation(random))
        weeks, plan = problem_from_json(turned), solution_from_json(solution)
        if not violations(weeks, plan.assignments) and measure(weeks, plan.assignments)[:2] == (
            plan.coverage,
            plan.cost,
        ):
            return turned, solution
    raise ValueError("the plan breaks a rule of its problem, however its places are turned")


def _new_names(problem: Json, random: Random) -> dict[str, str]:
    """A new name for every volunteer, every slot and every tag "knows:somebody", in random order."""
    tagged = [row.get(field, ()) for row in (*problem["volunteers"], *problem["slots"]) for field in TAGS]
    found = {
        "v": [row["id"] for row in problem["volunteers"]],
        "s": [row["id"] for row in problem["slots"]],
        KNOWS: sorted({tag for tags in tagged for tag in tags if tag.startswith(KNOWS)}),
    }
    names: dict[str, str] = {}
    for prefix, known in found.items():
        random.shuffle(known)
        names |= {old: f"{prefix}{n}" for n, old in enumerate(known, start=1)}
    return names


def _renamed(value: Any, names: dict[str, str]) -> Any:
    """The same document with every known name replaced, as a value and as a key."""
    if isinstance(value, dict):
        return {names.get(key, key): _renamed(inner, names) for key, inner in value.items()}
    if isinstance(value, list):
        return [_renamed(inner, names) for inner in value]
    return names.get(value, value) if isinstance(value, str) else value


Rotation = tuple[tuple[float, float, float], ...]


def _rotation(random: Random) -> Rotation:
    """A uniformly random rotation of space, from a unit quaternion (Shoemake 1992)."""
    u, v, w = random.random(), 2 * math.pi * random.random(), 2 * math.pi * random.random()
    x, y = math.sqrt(1 - u) * math.sin(v), math.sqrt(1 - u) * math.cos(v)
    z, s = math.sqrt(u) * math.sin(w), math.sqrt(u) * math.cos(w)
    return (
        (1 - 2 * (y * y + z * z), 2 * (x * y - s * z), 2 * (x * z + s * y)),
        (2 * (x * y + s * z), 1 - 2 * (x * x + z * z), 2 * (y * z - s * x)),
        (2 * (x * z - s * y), 2 * (y * z + s * x), 1 - 2 * (x * x + y * y)),
    )


def _turned(problem: Json, rotation: Rotation) -> Json:
    """The problem with every pair of coordinates turned; rows of a matrix stay as they are."""

    def turned(row: Json) -> Json:
        found = {key: _turned_place(value, rotation) if key in PLACES else value for key, value in row.items()}
        if "windows" in row:
            found["windows"] = [turned(window) for window in row["windows"]]
        return found

    return problem | {name: [turned(row) for row in problem[name]] for name in ("volunteers", "slots")}


def _turned_place(place: Any, rotation: Rotation) -> Any:
    if not isinstance(place, list):
        return place
    lat, lon = map(math.radians, place)
    point = (math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat))
    x, y, z = (sum(a * b for a, b in zip(row, point, strict=True)) for row in rotation)
    return [math.degrees(math.asin(max(-1.0, min(1.0, z)))), math.degrees(math.atan2(y, x))]


def _text(document: Json) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))
