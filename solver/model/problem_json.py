"""The exchange format `yidu-problem/1`: JSON in and out, with one clear line for whatever does not fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from solver.model.json_document import Fields, Json, load_document, save_document, short, title
from solver.model.problem import (
    AMOUNT_LIMIT,
    Mode,
    Pin,
    Place,
    PriorAssignment,
    Problem,
    ProblemError,
    Slot,
    TeamRule,
    Travel,
    Volunteer,
    Weights,
    Window,
)

FORMAT = "yidu-problem/1"


def problem_from_json(document: object) -> Problem:
    """The problem that a parsed JSON document describes. Raises ProblemError, one line, if it is not in the format."""
    if isinstance(document, Mapping) and document.get("format") != FORMAT:
        raise ProblemError(f'problem: format is {short(document.get("format"))}, expected "{FORMAT}"')
    top = Fields("problem", document, "format name horizon travel weights volunteers slots")
    terms = [term.name for term in dataclasses.fields(Weights)]
    weights = Fields("weights", top.found.get("weights"), " ".join(terms))
    return Problem(
        name=top.text("name"),
        horizon=top.whole("horizon"),
        travel=_travel(top.found.get("travel")),
        weights=Weights(*(weights.whole(term) for term in terms)),
        volunteers=tuple(_volunteer(row, n) for n, row in enumerate(top.rows("volunteers", required=True))),
        slots=tuple(_slot(row, n) for n, row in enumerate(top.rows("slots", required=True))),
    )


def _travel(found: object) -> Travel:
    fields = Fields("travel", found, "detour modes matrix")
    if "matrix" in fields.found:
        return Travel(matrix=_matrix(fields))
    modes = fields.found.get("modes")
    if not isinstance(modes, Mapping):
        raise fields.fail("modes", "an object of modes by name")
    by_name = {}
    for name, row in modes.items():
        mode = Fields(f"mode {name}", row, "metres_per_minute overhead")
        by_name[name] = Mode(mode.number("metres_per_minute"), mode.number("overhead"))
    return Travel(detour=fields.number("detour"), modes=by_name)


def _matrix(fields: Fields) -> np.ndarray[Any, np.dtype[np.int64]]:
    rows = fields.rows("matrix")
    for n, row in enumerate(rows):
        if not isinstance(row, list) or len(row) != len(rows):
            raise ProblemError(f"travel: matrix row {n} is {short(row)}, expected a list of {len(rows)} minutes")
        for minutes in row:
            if not isinstance(minutes, int) or isinstance(minutes, bool) or abs(minutes) > 2**31:
                raise ProblemError(f"travel: matrix row {n} holds {short(minutes)}, expected whole minutes")
    return np.array(rows, dtype=np.int64).reshape(len(rows), len(rows))


def _volunteer(row: object, number: int) -> Volunteer:
    known = (
        "id tags location mode windows max_visits_per_day max_minutes_per_day max_visits max_minutes max_reach "
        "served target willing"
    )
    fields = Fields(title("volunteer", row, number), row, known)
    home = fields.place("location")
    return Volunteer(
        id=fields.text("id"),
        tags=fields.names("tags", required=True),
        location=home,
        mode=None if fields.found.get("mode") is None else fields.text("mode"),
        windows=tuple(_window(fields.name, window, home) for window in fields.rows("windows", required=True)),
        max_visits_per_day=fields.limit("max_visits_per_day"),
        max_minutes_per_day=fields.limit("max_minutes_per_day"),
        max_visits=fields.limit("max_visits"),
        max_minutes=fields.limit("max_minutes"),
        max_reach=fields.limit("max_reach"),
        served=fields.whole("served", 0),
        target=fields.limit("target"),
        willing=fields.flag("willing"),
    )


def _window(owner: str, row: object, home: Place | None) -> Window:
    fields = Fields(f"{owner}: window", row, "start end from to")
    return Window(fields.whole("start"), fields.whole("end"), fields.place("from", home), fields.place("to"))


def _slot(row: object, number: int) -> Slot:
    known = (
        "id type location duration earliest latest step headcount min_headcount team value "
        "requires_all requires_any forbids excluded affinity pinned previous"
    )
    fields = Fields(title("slot", row, number), row, known)
    if "location" not in fields.found:
        raise fields.fail("location", "[latitude, longitude], a matrix row, or null for a service by phone")
    if abs(fields.whole("value")) > AMOUNT_LIMIT:
        raise fields.fail("value", f"at most {AMOUNT_LIMIT}")
    headcount = fields.whole("headcount")
    least = fields.limit("min_headcount")
    return Slot(
        id=fields.text("id"),
        type=fields.text("type"),
        location=fields.place("location"),
        duration=fields.whole("duration"),
        earliest=fields.whole("earliest"),
        latest=fields.whole("latest"),
        step=fields.whole("step", 5),
        headcount=headcount,
        min_headcount=headcount if least is None else least,
        team=tuple(_team_rule(fields.name, rule) for rule in fields.rows("team")),
        value=fields.whole("value"),
        requires_all=fields.names("requires_all"),
        requires_any=fields.names("requires_any"),
        forbids=fields.names("forbids"),
        excluded=fields.names("excluded"),
        affinity=_affinity(fields),
        pinned=tuple(_pin(fields.name, pin) for pin in fields.rows("pinned")),
        previous=tuple(_prior_assignment(fields.name, prior) for prior in fields.rows("previous")),
    )


def _team_rule(owner: str, row: object) -> TeamRule:
    fields = Fields(f"{owner}: team rule", row, "tag at_least")
    return TeamRule(fields.text("tag"), fields.whole("at_least"))


def _pin(owner: str, row: object) -> Pin:
    fields = Fields(f"{owner}: pin", row, "volunteer start")
    return Pin(fields.text("volunteer"), fields.whole("start"))


def _prior_assignment(owner: str, row: object) -> PriorAssignment:
    fields = Fields(f"{owner}: promise", row, "volunteer tax")
    return PriorAssignment(fields.text("volunteer"), fields.whole("tax"))


def _affinity(fields: Fields) -> dict[str, int]:
    points = fields.found.get("affinity", {})
    whole = isinstance(points, Mapping) and all(isinstance(x, int) and not isinstance(x, bool) for x in points.values())
    if not whole:
        raise fields.fail("affinity", "an object of whole points by volunteer id")
    return dict(points)


def problem_to_json(problem: Problem) -> Json:
    """The document in the exchange format that reads back as an equal problem; defaults are left out."""
    travel: Json
    if problem.travel.matrix is not None:
        travel = {"matrix": problem.travel.matrix.tolist()}
    else:
        modes = problem.travel.modes.items()
        travel = {
            "detour": problem.travel.detour,
            "modes": {n: {"metres_per_minute": m.metres_per_minute, "overhead": m.overhead} for n, m in modes},
        }
    return {
        "format": FORMAT,
        "name": problem.name,
        "horizon": problem.horizon,
        "travel": travel,
        "weights": dataclasses.asdict(problem.weights),
        "volunteers": [_volunteer_to_json(v) for v in problem.volunteers],
        "slots": [_slot_to_json(s) for s in problem.slots],
    }


def _volunteer_to_json(volunteer: Volunteer) -> Json:
    row: Json = {"id": volunteer.id, "tags": sorted(volunteer.tags), "location": _place_to_json(volunteer.location)}
    if volunteer.mode is not None:
        row["mode"] = volunteer.mode
    row["windows"] = []
    for window in volunteer.windows:
        out: Json = {"start": window.start, "end": window.end}
        if window.origin != volunteer.location:
            out["from"] = _place_to_json(window.origin)
        if window.destination is not None:
            out["to"] = _place_to_json(window.destination)
        row["windows"].append(out)
    for name in ("max_visits_per_day", "max_minutes_per_day", "max_visits", "max_minutes", "max_reach", "target"):
        if getattr(volunteer, name) is not None:
            row[name] = getattr(volunteer, name)
    if volunteer.served:
        row["served"] = volunteer.served
    if volunteer.willing:
        row["willing"] = True
    return row


def _slot_to_json(slot: Slot) -> Json:
    row: Json = {"id": slot.id, "type": slot.type, "location": _place_to_json(slot.location), "duration": slot.duration}
    row |= {"earliest": slot.earliest, "latest": slot.latest, "step": slot.step}
    row |= {"headcount": slot.headcount, "min_headcount": slot.min_headcount, "value": slot.value}
    if slot.team:
        row["team"] = [{"tag": r.tag, "at_least": r.at_least} for r in slot.team]
    for name in ("requires_all", "requires_any", "forbids", "excluded"):
        if getattr(slot, name):
            row[name] = sorted(getattr(slot, name))
    if slot.affinity:
        row["affinity"] = dict(slot.affinity)
    if slot.pinned:
        row["pinned"] = [{"volunteer": p.volunteer, "start": p.start} for p in slot.pinned]
    if slot.previous:
        row["previous"] = [{"volunteer": p.volunteer, "tax": p.tax} for p in slot.previous]
    return row


def load_problem(path: str | Path) -> Problem:
    """The problem in a file (`.gz` is unpacked). Raises ProblemError if not in the format, OSError if unreadable."""
    return problem_from_json(load_document(path, ProblemError))


def save_problem(problem: Problem, path: str | Path) -> None:
    """Write the problem to a file, gzipped if the name ends in `.gz`."""
    save_document(problem_to_json(problem), path)


def _place_to_json(place: Place | None) -> Any:
    return list(place) if isinstance(place, tuple) else place
