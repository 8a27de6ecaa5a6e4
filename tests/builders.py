"""Small problems that fit in the head. Places are numbers on a street, 10 minutes from one to the next."""

from __future__ import annotations

from typing import Any

from solver.model.check import violations
from solver.model.problem import Problem
from solver.model.problem_json import problem_from_json
from solver.model.solution import Assignment

STREET = [[10 * abs(here - there) for there in range(6)] for here in range(6)]
WEIGHTS = {"travel": 1, "affinity": 1, "disruption": 1, "overload": 1, "unused": 25}


def a_volunteer(
    id: str = "ann",
    free: tuple[int, int] | list[dict[str, Any]] = (0, 600),
    *,
    at: Any = 0,
    tags: Any = (),
    **fields: Any,
) -> dict[str, Any]:
    """A volunteer as the exchange format writes it: free is one window, or several written out."""
    windows = [{"start": free[0], "end": free[1]}] if isinstance(free, tuple) else free
    return {"id": id, "tags": sorted(tags), "location": at, "windows": windows, **fields}


def a_slot(
    id: str = "tea",
    start: int = 60,
    minutes: int = 60,
    *,
    latest: int | None = None,
    at: Any = 0,
    people: int = 1,
    value: int = 1000,
    **fields: Any,
) -> dict[str, Any]:
    """A slot as the exchange format writes it: one person at one start unless told otherwise; at=None is by phone."""
    return {
        "id": id,
        "type": "visit",
        "location": at,
        "duration": minutes,
        "earliest": start,
        "latest": start if latest is None else latest,
        "headcount": people,
        "value": value,
        **fields,
    }


def a_problem_json(*parts: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """The volunteers and slots given, in that order, as one problem in the exchange format."""
    return {
        "format": "yidu-problem/1",
        "name": "small",
        "horizon": 2880,
        "travel": {"matrix": STREET},
        "volunteers": [part for part in parts if "windows" in part],
        "slots": [part for part in parts if "duration" in part],
        **fields,
        "weights": {**WEIGHTS, **fields.get("weights", {})},
    }


def a_problem(*parts: dict[str, Any], **fields: Any) -> Problem:
    """The same as a Problem."""
    return problem_from_json(a_problem_json(*parts, **fields))


def on(slot: str, volunteer: str, start: int) -> Assignment:
    """Someone on a slot from a start."""
    return Assignment(slot, volunteer, start)


def rules_broken(problem: Problem, *assignments: Assignment) -> list[str]:
    """The names of the rules that these assignments break, each once, in the order of the table of contents."""
    return list(dict.fromkeys(violation.rule for violation in violations(problem, assignments)))
