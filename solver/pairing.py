"""Lasting pairs: for each elder a first companion and a second one, by two exact assignments (min-cost flow).

First companions come before second ones, more pairs before better ones, urgent elders before others. The two of an
elder differ, and they should not leave together: sharing an organisation, or both being of a kind that moves on soon,
costs points.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from ortools.graph.python import min_cost_flow

WEEK_CELLS = 336  # half hours of a week, Monday 00:00 first
EARTH_M = 6_371_008.8
CANDIDATES = 30  # best helpers kept for an elder; more make no difference in practice and cost time

NEAR, SHARED, SHARED_CELLS, LANGUAGE, VISITED, VISITS = 60, 4, 12, 20, 8, 6  # points; see points_of
SAME_GROUP, BOTH_RESTLESS = 40, 30
PAIR_WORTH = 100_000  # above any sum of points of one pair, so that no pair is given up for better ones

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Elder:
    """Who needs companions. `free`: half hours of the week open to a visit; `visits`: helper id → visits so far.

    `first` and `second` are companions already. `urgency` is 1 or more: the higher, the sooner they get a companion.
    """

    id: str
    place: tuple[float, float]
    free: frozenset[int]
    urgency: int = 1
    gender_wish: str = ""
    language_wish: str = ""
    avoided: frozenset[str] = frozenset()
    visits: dict[str, int] = field(default_factory=dict)
    first: str | None = None
    second: str | None = None


@dataclass(frozen=True, slots=True)
class Helper:
    """Who may become a companion. `room`: how many more elders; `group`: organisation; `restless`: may move on soon."""

    id: str
    place: tuple[float, float]
    free: frozenset[int]
    metres_per_minute: float
    overhead_min: float
    max_leg_min: float
    room: int
    gender: str = ""
    languages: frozenset[str] = frozenset()
    group: str = ""
    restless: bool = False


@dataclass(frozen=True, slots=True)
class ProposedPair:
    """A proposed pair, with what speaks for it: leg minutes, shared half hours a week, earlier visits, points."""

    elder: str
    helper: str
    rank: int
    points: int
    leg_min: int
    shared_cells: int
    visits: int


@dataclass(frozen=True, slots=True)
class Pairing:
    """The proposals, first companions first, and the elders left without a first companion."""

    pairs: tuple[ProposedPair, ...]
    alone: tuple[str, ...]


def pair_up(
    elders: Sequence[Elder], helpers: Sequence[Helper], *, detour: float = 1.3, visit_cells: int = 2
) -> Pairing:
    """The best first companions, then the best second companions beside them.

    `visit_cells`: half hours that a visit needs in both weeks at once. The result is optimal in each stage among the
    CANDIDATES best helpers of each elder, and the same for the same input.
    """
    table = _Table(elders, helpers, detour, visit_cells)
    room = [helper.room for helper in helpers]
    firsts = _assign(table, [e for e, elder in enumerate(elders) if elder.first is None], room, rank=1, beside={})
    for helper_number in firsts.values():
        room[helper_number] -= 1
    number = {helper.id: h for h, helper in enumerate(helpers)}
    beside: dict[int, int | None] = dict(firsts)
    beside |= {e: number.get(elder.first) for e, elder in enumerate(elders) if elder.first is not None}
    seconds = _assign(table, [e for e in sorted(beside) if elders[e].second is None], room, rank=2, beside=beside)
    pairs = [table.pair(e, h, 1, None) for e, h in sorted(firsts.items())]
    pairs += [table.pair(e, h, 2, beside[e]) for e, h in sorted(seconds.items())]
    alone = tuple(elder.id for e, elder in enumerate(elders) if elder.first is None and e not in firsts)
    return Pairing(tuple(pairs), alone)


class _Table:
    """Legs, shared times and points of every elder with their best helpers."""

    def __init__(self, elders: Sequence[Elder], helpers: Sequence[Helper], detour: float, visit_cells: int) -> None:
        self.elders, self.helpers = elders, helpers
        self.number = {helper.id: h for h, helper in enumerate(helpers)}
        self.sphere = _unit_vectors([helper.place for helper in helpers])
        self.pace = np.array([helper.metres_per_minute for helper in helpers])
        self.overhead = np.array([helper.overhead_min for helper in helpers])
        self.longest = np.array([helper.max_leg_min for helper in helpers])
        self.free = _cells([helper.free for helper in helpers])
        self.detour, self.visit_cells = detour, visit_cells
        self.rows = {e: self._row(elder) for e, elder in enumerate(elders)} if helpers else {}

    def _row(self, elder: Elder) -> dict[int, tuple[int, int, int]]:
        """Helper → (points, leg minutes, shared half hours): the best CANDIDATES of those who could be a companion."""
        chord = np.linalg.norm(self.sphere - _unit_vectors([elder.place]), axis=1)
        metres = 2 * EARTH_M * np.arcsin(np.clip(chord / 2, 0, 1))
        leg = np.where(metres > 0, np.ceil(self.detour * metres / self.pace + self.overhead), 0)
        shared = self.free[:, sorted(elder.free)].sum(axis=1)
        near = NEAR * (1 - leg / np.maximum(self.longest, 1))
        points = np.rint(near + SHARED * np.minimum(shared, SHARED_CELLS)).astype(int)
        for helper, visits in elder.visits.items():
            if helper in self.number:
                points[self.number[helper]] += VISITED * min(visits, VISITS)
        possible = np.flatnonzero((leg <= self.longest) & (shared >= self.visit_cells))
        mine = [h for h in possible.tolist() if self._suits(elder, self.helpers[h])]
        mine.sort(key=lambda h: (-points[h], self.helpers[h].id))
        return {h: (int(points[h]), int(leg[h]), int(shared[h])) for h in mine[:CANDIDATES]}

    @staticmethod
    def _suits(elder: Elder, helper: Helper) -> bool:
        return (
            helper.id not in elder.avoided
            and (not elder.gender_wish or helper.gender == elder.gender_wish)
            and (not elder.language_wish or elder.language_wish in helper.languages)
        )

    def points(self, e: int, h: int, beside: int | None) -> int:
        """Points of a helper as a companion, less what being like the other companion costs."""
        found = self.rows[e][h][0]
        if beside is not None:
            one, other = self.helpers[h], self.helpers[beside]
            found -= SAME_GROUP if one.group and one.group == other.group else 0
            found -= BOTH_RESTLESS if one.restless and other.restless else 0
        return found

    def pair(self, e: int, h: int, rank: int, beside: int | None) -> ProposedPair:
        elder, helper = self.elders[e], self.helpers[h]
        _, leg, shared = self.rows[e][h]
        return ProposedPair(
            elder.id, helper.id, rank, self.points(e, h, beside), leg, shared, elder.visits.get(helper.id, 0)
        )


def _assign(
    table: _Table, wanting: list[int], room: list[int], *, rank: int, beside: dict[int, int | None]
) -> dict[int, int]:
    """Elder → helper: a flow of one unit from each elder, through a helper with room, or past them at a cost."""
    wanting = [e for e in wanting if table.rows.get(e)]
    if not wanting:
        return {}
    flow = min_cost_flow.SimpleMinCostFlow()
    helper_node = {h: len(wanting) + n for n, h in enumerate(sorted({h for e in wanting for h in table.rows[e]}))}
    sink = len(wanting) + len(helper_node)
    meaning: dict[int, tuple[int, int]] = {}
    for n, e in enumerate(wanting):
        elder, other = table.elders[e], beside.get(e)
        taken = {other, table.number.get(elder.first or ""), table.number.get(elder.second or "")}
        for h in table.rows[e]:
            if h not in taken:
                arc = flow.add_arc_with_capacity_and_unit_cost(n, helper_node[h], 1, -table.points(e, h, other))
                meaning[arc] = (e, h)
        flow.add_arc_with_capacity_and_unit_cost(n, sink, 1, PAIR_WORTH * elder.urgency)
        flow.set_node_supply(n, 1)
    for h, node in helper_node.items():
        flow.add_arc_with_capacity_and_unit_cost(node, sink, max(0, room[h]), 0)
    flow.set_node_supply(sink, -len(wanting))
    status = flow.solve()
    if status != flow.OPTIMAL:
        raise RuntimeError(f"the pairing flow of rank {rank} ended with status {status}, expected OPTIMAL")
    return {e: h for arc, (e, h) in meaning.items() if flow.flow(arc)}


def _unit_vectors(places: Sequence[tuple[float, float]]) -> Floats:
    lat, lon = (np.radians(np.array(column, dtype=float)) for column in zip(*places, strict=True)) if places else (
        np.zeros(0), np.zeros(0),
    )  # fmt: skip
    return np.column_stack((np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)))


def _cells(weeks: Sequence[frozenset[int]]) -> npt.NDArray[np.int32]:
    table = np.zeros((len(weeks), WEEK_CELLS), dtype=np.int32)
    for row, free in enumerate(weeks):
        table[row, sorted(free)] = 1
    return table
