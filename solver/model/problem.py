"""The planning problem: immutable and validated, as the exchange format `yidu-problem/1` describes it.

All times are whole minutes since the horizon's first local midnight. A place is `(lat, lon)` in degrees, or a
row of the travel matrix. Nothing here knows how a plan is found.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, fields
from itertools import pairwise

import numpy as np
import numpy.typing as npt

Place = tuple[float, float] | int

TIME_LIMIT_MIN = 10_000_000  # about nineteen years: beyond it a number is a mistake, not a time
AMOUNT_LIMIT = 1_000_000_000
TOTAL_LIMIT = 2**52  # sums of coverage and cost stay exact in a double
SIZE_LIMIT = 500_000


class ProblemError(ValueError):
    """The problem cannot be planned as written: one line naming object, field, value and expectation."""


@dataclass(frozen=True, slots=True)
class Mode:
    """A way to travel: a leg is `ceil(detour x metres / metres_per_minute + overhead)` minutes."""

    metres_per_minute: float
    overhead: float

    def __post_init__(self) -> None:
        _require(self.metres_per_minute >= 1, "mode", "metres_per_minute", self.metres_per_minute, "at least 1")
        _require(0 <= self.overhead <= 1440, "mode", "overhead", self.overhead, "minutes from 0 to 1440")


@dataclass(frozen=True, slots=True)
class Travel:
    """Where legs come from: coordinates with `detour` and `modes`, or a `matrix` of whole minutes."""

    detour: float = 1.0
    modes: dict[str, Mode] = field(default_factory=dict)
    matrix: npt.NDArray[np.int64] | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        _require(0 < self.detour <= 100, "travel", "detour", self.detour, "a number above 0, at most 100")
        if self.matrix is None:
            return
        rows = self.matrix
        square = rows.ndim == 2 and rows.shape[0] == rows.shape[1]
        _require(square, "travel", "matrix", f"shape {rows.shape}", "a square table of minutes")
        if rows.size:
            low, high = int(rows.min()), int(rows.max())
            _require(low >= 0, "travel", "matrix", low, "minutes of at least 0")
            _require(high <= TIME_LIMIT_MIN, "travel", "matrix", high, f"minutes of at most {TIME_LIMIT_MIN}")


@dataclass(frozen=True, slots=True)
class Weights:
    """What one unit of each cost term costs. No choice of weights changes the coverage."""

    travel: int = 1
    affinity: int = 1
    disruption: int = 1
    overload: int = 1
    unused: int = 0

    def __post_init__(self) -> None:
        for term in fields(self):
            _whole("weights", term.name, getattr(self, term.name), 0, 1_000_000)


@dataclass(frozen=True, slots=True)
class Window:
    """A free time of a volunteer, who is at `origin` at `start` and must reach `destination` (if any) by `end`."""

    start: int
    end: int
    origin: Place | None = None
    destination: Place | None = None

    @property
    def day(self) -> int:
        """The day that every visit in this window counts towards."""
        return self.start // 1440


@dataclass(frozen=True, slots=True)
class Volunteer:
    """A person who offers time. None means no limit (caps, `max_reach`) or no wish (`target`)."""

    id: str
    tags: frozenset[str] = frozenset()
    location: Place | None = None
    mode: str | None = None
    windows: tuple[Window, ...] = ()
    max_visits_per_day: int | None = None
    max_minutes_per_day: int | None = None
    max_visits: int | None = None
    max_minutes: int | None = None
    max_reach: int | None = None
    served: int = 0
    target: int | None = None
    willing: bool = False

    def __post_init__(self) -> None:
        name = f"volunteer {self.id}"
        for cap in ("max_visits_per_day", "max_minutes_per_day", "max_visits", "max_minutes", "max_reach", "target"):
            if getattr(self, cap) is not None:
                _whole(name, cap, getattr(self, cap), 0, AMOUNT_LIMIT)
        _whole(name, "served", self.served, 0, TIME_LIMIT_MIN)
        _require(isinstance(self.willing, bool), name, "willing", self.willing, "true or false")
        for window in self.windows:
            _whole(name, "windows.start", window.start, -TIME_LIMIT_MIN, TIME_LIMIT_MIN)
            _whole(name, "windows.end", window.end, -TIME_LIMIT_MIN, TIME_LIMIT_MIN)
            _require(window.start <= window.end, name, "windows.end", window.end, f"not before start {window.start}")
        ordered = sorted((w.start, w.end) for w in self.windows)
        for (_, end), (start, _) in pairwise(ordered):
            _require(
                end <= start, name, "windows", f"one from {start}", f"a start not before {end}, the end of another"
            )


@dataclass(frozen=True, slots=True)
class TeamRule:
    """A staffed slot has at least `at_least` people who carry `tag`."""

    tag: str
    at_least: int


@dataclass(frozen=True, slots=True)
class Pin:
    """This volunteer stands on the slot at exactly `start`; the visit's other rules are waived."""

    volunteer: str
    start: int


@dataclass(frozen=True, slots=True)
class PriorAssignment:
    """This volunteer had the slot in an earlier plan; `tax` is paid when they are not on it."""

    volunteer: str
    tax: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A visit to staff: `headcount` people together, starting at `earliest + k * step`, at most `latest`."""

    id: str
    type: str = ""
    location: Place | None = None
    duration: int = 60
    earliest: int = 0
    latest: int = 0
    step: int = 5
    headcount: int = 1
    min_headcount: int = 1
    team: tuple[TeamRule, ...] = ()
    value: int = 1
    requires_all: frozenset[str] = frozenset()
    requires_any: frozenset[str] = frozenset()
    forbids: frozenset[str] = frozenset()
    excluded: frozenset[str] = frozenset()
    affinity: dict[str, int] = field(default_factory=dict)
    pinned: tuple[Pin, ...] = ()
    previous: tuple[PriorAssignment, ...] = ()

    def __post_init__(self) -> None:
        name = f"slot {self.id}"
        _whole(name, "duration", self.duration, 1, TIME_LIMIT_MIN)
        _whole(name, "earliest", self.earliest, -TIME_LIMIT_MIN, TIME_LIMIT_MIN)
        _whole(name, "latest", self.latest, -TIME_LIMIT_MIN, TIME_LIMIT_MIN)
        _require(self.earliest <= self.latest, name, "latest", self.latest, f"not before earliest {self.earliest}")
        _whole(name, "step", self.step, 1, TIME_LIMIT_MIN)
        _whole(name, "headcount", self.headcount, 1, SIZE_LIMIT)
        _whole(name, "min_headcount", self.min_headcount, 0, self.headcount)
        _whole(name, "value", self.value, 0, TOTAL_LIMIT)
        for rule in self.team:
            _whole(name, "team.at_least", rule.at_least, 0, SIZE_LIMIT)
        for volunteer, points in self.affinity.items():
            _whole(name, f"affinity.{volunteer}", points, -AMOUNT_LIMIT, AMOUNT_LIMIT)
        for prior in self.previous:
            _whole(name, "previous.tax", prior.tax, 0, AMOUNT_LIMIT)
        _unique(f"{name}: previous volunteer", (p.volunteer for p in self.previous))
        _unique(f"{name}: pinned volunteer", (p.volunteer for p in self.pinned))
        for pin in self.pinned:
            _whole(name, "pinned.start", pin.start, -TIME_LIMIT_MIN, TIME_LIMIT_MIN)
        starts = sorted({pin.start for pin in self.pinned})
        _require(len(starts) <= 1, name, "pinned", f"starts {starts}", "one common start")
        pins = len(self.pinned)
        _require(pins <= self.headcount, name, "pinned", f"{pins} people", f"at most headcount {self.headcount}")

    @property
    def starts(self) -> range:
        """Every start on the slot's grid, earliest first."""
        return range(self.earliest, self.latest + 1, self.step)


@dataclass(frozen=True, slots=True)
class Problem:
    """Everything that a plan depends on. Raises ProblemError if the parts do not fit together."""

    name: str
    horizon: int
    travel: Travel
    weights: Weights
    volunteers: tuple[Volunteer, ...]
    slots: tuple[Slot, ...]

    def __post_init__(self) -> None:
        _whole("problem", "horizon", self.horizon, 0, TIME_LIMIT_MIN)
        for what, rows in (("volunteers", self.volunteers), ("slots", self.slots)):
            _require(len(rows) <= SIZE_LIMIT, "problem", what, f"a list of {len(rows)}", f"at most {SIZE_LIMIT}")
        _unique("volunteer id", (v.id for v in self.volunteers))
        _unique("slot id", (s.id for s in self.slots))
        _places_fit_travel(self)
        _people_named_are_known(self)
        _pins_do_not_overlap(self)
        _sums_stay_exact(self)


def _places_fit_travel(problem: Problem) -> None:
    matrix, modes = problem.travel.matrix, problem.travel.modes
    for volunteer in problem.volunteers:
        name = f"volunteer {volunteer.id}"
        _check_place(name, "location", volunteer.location, matrix)
        for window in volunteer.windows:
            _check_place(name, "windows.from", window.origin, matrix)
            _check_place(name, "windows.to", window.destination, matrix)
        if matrix is None:
            _require(volunteer.mode in modes, name, "mode", volunteer.mode, f"one of {sorted(modes)}")
    for slot in problem.slots:
        _check_place(f"slot {slot.id}", "location", slot.location, matrix)


def _check_place(name: str, field_name: str, place: Place | None, matrix: npt.NDArray[np.int64] | None) -> None:
    if place is None:
        return
    if matrix is not None:
        rows = len(matrix)
        fits = isinstance(place, int) and not isinstance(place, bool) and 0 <= place < rows
        _require(fits, name, field_name, place, f"a row of the matrix, 0 to {rows - 1}")
    else:
        fits = isinstance(place, tuple) and len(place) == 2 and -90 <= place[0] <= 90 and -180 <= place[1] <= 180
        _require(fits, name, field_name, place, "[latitude, longitude] in degrees")


def _people_named_are_known(problem: Problem) -> None:
    known = {v.id for v in problem.volunteers}
    for slot in problem.slots:
        for pin in slot.pinned:
            _require(pin.volunteer in known, f"slot {slot.id}", "pinned.volunteer", pin.volunteer, "a volunteer's id")
        for prior in slot.previous:
            who = prior.volunteer
            _require(who in known, f"slot {slot.id}", "previous.volunteer", who, "a volunteer's id")


def _pins_do_not_overlap(problem: Problem) -> None:
    mine: dict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for slot in problem.slots:
        for pin in slot.pinned:
            mine[pin.volunteer].append((pin.start, pin.start + slot.duration, slot.id))
    for volunteer, visits in mine.items():
        visits.sort()
        for (_, end, slot_id), (start, _, other_id) in pairwise(visits):
            expected = f"a start not before {end}, when {volunteer}'s pin on slot {slot_id} ends"
            _require(end <= start, f"slot {other_id}", "pinned.start", start, expected)


def _sums_stay_exact(problem: Problem) -> None:
    coverage = sum(s.value * s.headcount for s in problem.slots)
    _require(coverage <= TOTAL_LIMIT, "problem", "slots.value", f"a total of {coverage}", f"at most {TOTAL_LIMIT}")
    taxes = problem.weights.disruption * sum(p.tax for s in problem.slots for p in s.previous)
    _require(taxes <= TOTAL_LIMIT, "problem", "slots.previous", f"taxes of {taxes}", f"at most {TOTAL_LIMIT}")
    points = problem.weights.affinity * sum(abs(x) for s in problem.slots for x in s.affinity.values())
    _require(points <= TOTAL_LIMIT, "problem", "slots.affinity", f"a total of {points}", f"at most {TOTAL_LIMIT}")


def _require(holds: bool, name: str, field_name: str, found: object, expected: str) -> None:
    if not holds:
        raise ProblemError(f"{name}: {field_name} is {found!r}, expected {expected}")


def _whole(name: str, field_name: str, found: object, low: int, high: int) -> None:
    fits = isinstance(found, int) and not isinstance(found, bool) and low <= found <= high
    _require(fits, name, field_name, found, f"a whole number from {low} to {high}")


def _unique(what: str, ids: Iterable[str]) -> None:
    for name, count in Counter(ids).items():
        if count > 1:
            raise ProblemError(f"{what} {name!r} stands twice, expected each once")
