"""What a solve hands back: the plan, how good it is, and how good any plan could be. Format `yidu-solution/1`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from solver.model.json_document import is_number, load_document, save_document, short
from solver.model.problem import Problem

FORMAT = "yidu-solution/1"


class SolutionError(ValueError):
    """A document is not a solution in the format: one line naming the field, the value and what was expected."""


class Status(StrEnum):
    """OPTIMAL: both bounds are met. FEASIBLE: stopped with a checked plan. TIMED_OUT: no time for more than the
    incumbent or the pins. INVALID: not even the pins could be placed, nothing may be published."""

    OPTIMAL = "OPTIMAL"
    FEASIBLE = "FEASIBLE"
    TIMED_OUT = "TIMED_OUT"
    INVALID = "INVALID"


@dataclass(frozen=True, slots=True, order=True)
class Assignment:
    """One person on one slot; `start` in minutes since the horizon's first midnight."""

    slot: str
    volunteer: str
    start: int


def pinned_assignments(problem: Problem) -> list[Assignment]:
    """What every plan holds."""
    return [Assignment(slot.id, pin.volunteer, pin.start) for slot in problem.slots for pin in slot.pinned]


@dataclass(frozen=True, slots=True)
class Unfilled:
    """A slot with `missing` people fewer than wanted, and the short reason."""

    slot: str
    missing: int
    reason: str


@dataclass(frozen=True, slots=True)
class Solution:
    """A checked plan and what is proven about it.

    `coverage_bound` is never below any plan's coverage, `cost_bound` never above the cost of any plan with at least
    this coverage; both come from a proof, and `prices` (if kept) let anyone re-derive the first.
    """

    problem: str
    status: Status
    assignments: tuple[Assignment, ...]
    coverage: int
    coverage_bound: int
    cost: int
    cost_bound: int
    terms: dict[str, int]
    unfilled: tuple[Unfilled, ...] = ()
    seconds: float = 0.0
    seed: int = 0
    version: str = ""
    limits: dict[str, Any] = field(default_factory=dict)
    prices: dict[str, Any] | None = None

    @property
    def coverage_gap(self) -> float:
        """How far the coverage may be from the best possible: 0.0 is proven optimal, 0.01 is one per cent."""
        return (self.coverage_bound - self.coverage) / max(1, abs(self.coverage_bound))

    @property
    def cost_gap(self) -> float:
        """How far the cost may be above the least possible at this coverage, as a share of the cost."""
        return (self.cost - self.cost_bound) / max(1, abs(self.cost))


def solution_to_json(solution: Solution) -> dict[str, Any]:
    """The document in the exchange format that reads back as an equal solution."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "problem": solution.problem,
        "status": solution.status.value,
        "assignments": [{"slot": a.slot, "volunteer": a.volunteer, "start": a.start} for a in solution.assignments],
        "coverage": solution.coverage,
        "coverage_bound": solution.coverage_bound,
        "cost": solution.cost,
        "cost_bound": solution.cost_bound,
        "terms": dict(solution.terms),
        "unfilled": [{"slot": u.slot, "missing": u.missing, "reason": u.reason} for u in solution.unfilled],
        "seconds": solution.seconds,
        "seed": solution.seed,
        "version": solution.version,
        "limits": dict(solution.limits),
    }
    if solution.prices is not None:
        document["prices"] = solution.prices
    return document


def solution_from_json(document: object) -> Solution:
    """The solution that a parsed JSON document describes. Raises SolutionError, one line, if it is not in the format.

    Only `format` and `assignments` are required, so that a plan made by hand can be checked.
    """
    if not isinstance(document, Mapping):
        raise SolutionError(f"solution is {short(document)}, expected an object")
    if document.get("format") != FORMAT:
        raise SolutionError(f'solution: format is {short(document.get("format"))}, expected "{FORMAT}"')
    status = document.get("status", Status.FEASIBLE.value)
    if status not in [s.value for s in Status]:
        raise SolutionError(f"solution: status is {short(status)}, expected one of {', '.join(Status)}")
    rows = document.get("assignments")
    if not isinstance(rows, list):
        raise SolutionError(f"solution: assignments is {short(rows)}, expected a list")
    return Solution(
        problem=_text(document, "problem"),
        status=Status(status),
        assignments=tuple(_assignment(row, n) for n, row in enumerate(rows)),
        coverage=_whole(document, "coverage"),
        coverage_bound=_whole(document, "coverage_bound"),
        cost=_whole(document, "cost"),
        cost_bound=_whole(document, "cost_bound"),
        terms={str(name): value for name, value in _object(document, "terms").items()},
        unfilled=tuple(_unfilled(row) for row in _rows(document, "unfilled")),
        seconds=_number(document, "seconds"),
        seed=_whole(document, "seed"),
        version=_text(document, "version"),
        limits=dict(_object(document, "limits")),
        prices=document.get("prices"),
    )


def _assignment(row: object, number: int) -> Assignment:
    name = f"assignment number {number}"
    if not isinstance(row, Mapping) or set(row) != {"slot", "volunteer", "start"}:
        raise SolutionError(f"{name} is {short(row)}, expected an object of slot, volunteer and start")
    start = row["start"]
    if not isinstance(start, int) or isinstance(start, bool):
        raise SolutionError(f"{name}: start is {short(start)}, expected a whole minute")
    for field_name in ("slot", "volunteer"):
        if not isinstance(row[field_name], str):
            raise SolutionError(f"{name}: {field_name} is {short(row[field_name])}, expected text")
    return Assignment(row["slot"], row["volunteer"], start)


def _unfilled(row: object) -> Unfilled:
    if not isinstance(row, Mapping) or set(row) != {"slot", "missing", "reason"}:
        raise SolutionError(f"solution: unfilled holds {short(row)}, expected an object of slot, missing and reason")
    return Unfilled(_text(row, "slot"), _whole(row, "missing"), _text(row, "reason"))


def _text(document: Mapping[str, Any], field_name: str) -> str:
    value = document.get(field_name, "")
    if not isinstance(value, str):
        raise SolutionError(f"solution: {field_name} is {short(value)}, expected text")
    return value


def _whole(document: Mapping[str, Any], field_name: str) -> int:
    value = document.get(field_name, 0)
    if not isinstance(value, int) or isinstance(value, bool):
        raise SolutionError(f"solution: {field_name} is {short(value)}, expected a whole number")
    return value


def _number(document: Mapping[str, Any], field_name: str) -> float:
    value = document.get(field_name, 0.0)
    if not is_number(value):
        raise SolutionError(f"solution: {field_name} is {short(value)}, expected a number")
    return value


def _rows(document: Mapping[str, Any], field_name: str) -> list[Any]:
    value = document.get(field_name, [])
    if not isinstance(value, list):
        raise SolutionError(f"solution: {field_name} is {short(value)}, expected a list")
    return value


def _object(document: Mapping[str, Any], field_name: str) -> Mapping[str, Any]:
    value = document.get(field_name) or {}
    if not isinstance(value, Mapping):
        raise SolutionError(f"solution: {field_name} is {short(value)}, expected an object")
    return value


def load_solution(path: str | Path) -> Solution:
    """The solution in a file (`.gz` is unpacked). Raises SolutionError if not in the format, OSError if unreadable."""
    return solution_from_json(load_document(path, SolutionError))


def save_solution(solution: Solution, path: str | Path) -> None:
    """Write the solution to a file, gzipped if the name ends in `.gz`."""
    save_document(solution_to_json(solution), path)
