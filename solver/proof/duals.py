"""The duals stored with a solution, read once and counted in thousandths; prove.py says what they mean."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from solver.model.json_document import is_number, short
from solver.model.problem import TOTAL_LIMIT, Problem, Slot, Volunteer

UNIT = 1000  # duals and values are counted in thousandths


class ProofError(ValueError):
    """The solution carries no usable duals: one line naming the row, the value and what was expected."""


@dataclass(frozen=True, slots=True)
class TeamDuals:
    """The duals of one slot when its team starts at one start, in thousandths."""

    seat: int = 0
    minimum: int = 0
    team: tuple[int, ...] = ()


class StoredDuals:
    """The stored duals by slot, start, volunteer and day, in thousandths."""

    def __init__(self, problem: Problem, stored: object) -> None:
        stored = {} if stored is None else stored  # without duals the bound is valid, and loose
        if not isinstance(stored, Mapping):
            raise ProofError(f"solution: its duals are {stored!r}, expected an object")
        slots = {slot.id: slot for slot in problem.slots}
        volunteers = {volunteer.id for volunteer in problem.volunteers}
        self.of_team: dict[str, dict[int | None, TeamDuals]] = defaultdict(dict)
        self.of_visit: dict[tuple[str, int | None], tuple[int, int]] = {}
        for row in _rows(stored, "slots", ("slot", "start", "seat", "minimum", "team")):
            slot = slots.get(row["slot"]) if isinstance(row["slot"], str) else None
            fits = slot is not None and isinstance(row["team"], list) and len(row["team"]) in (0, len(slot.team))
            if slot is None or not fits or not isinstance(row["start"], int | None):
                raise ProofError(f"solution: dual {row} does not fit a slot of the problem")
            team = tuple(_thousandths(row, dual) for dual in row["team"])
            dual = TeamDuals(_thousandths(row, row["seat"]), _thousandths(row, row["minimum"]), team)
            self.of_team[slot.id][row["start"]] = dual
        for row in _rows(stored, "volunteers", ("volunteer", "day", "visit", "minute")):
            known = isinstance(row["volunteer"], str) and row["volunteer"] in volunteers
            if not known or not isinstance(row["day"], int | None):
                raise ProofError(f"solution: dual {row} does not fit a volunteer of the problem")
            key = row["volunteer"], row["day"]
            self.of_visit[key] = _thousandths(row, row["visit"]), _thousandths(row, row["minute"])

    def team(self, slot: Slot, start_min: int) -> TeamDuals:
        rows = self.of_team.get(slot.id, {})
        return rows.get(start_min) or rows.get(None) or TeamDuals()

    def visit(self, volunteer: Volunteer, day: int, minutes: int) -> int:
        """What a visit of that many minutes pays for the caps of its day and of the horizon."""
        rows = (self.of_visit.get((volunteer.id, key), (0, 0)) for key in (day, None))
        return sum(visit + minute * minutes for visit, minute in rows)


def _rows(stored: Mapping[str, Any], name: str, fields: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    rows = stored.get(name, [])
    if not isinstance(rows, list):
        raise ProofError(f"solution: {name} of its duals is {short(rows)}, expected a list")
    for row in rows:
        if not isinstance(row, Mapping) or not set(fields) <= set(row):
            raise ProofError(f"solution: dual {row} of {name} is not an object of {', '.join(fields)}")
        yield row


def _thousandths(row: object, dual: Any) -> int:
    if not is_number(dual) or not 0 <= dual <= TOTAL_LIMIT:
        raise ProofError(f"solution: dual {row} holds {short(dual)}, expected numbers from 0 to {TOTAL_LIMIT}")
    return round(dual * UNIT)
