"""The week at a glance: visits counted for each part of an area and each day."""

from dataclasses import dataclass
from datetime import date, timedelta

from scheduler.store import Store
from scheduler.store.queries.board_lists import Area, Cell, areas, week_cells


@dataclass(frozen=True, slots=True)
class Line:
    """One part of the area: its cells by day, and its week's sum."""

    area: Area
    cells: dict[date, Cell]
    total: Cell
    has_parts: bool


@dataclass(frozen=True, slots=True)
class Board:
    """A week of an area, one line for each of its parts that has visits; `sums` by day."""

    days: tuple[date, ...]
    lines: tuple[Line, ...]
    sums: dict[date, Cell]
    total: Cell
    here: Area | None
    path: tuple[Area, ...]  # from the whole down to here


def week_board(store: Store, monday: date, *, area: str | None, plan_id: str = "", days: int = 7) -> Board:
    """The board of the days from a Monday; counts what people were told, or what a draft plan would tell them."""
    known = areas(store)
    span = tuple(monday + timedelta(days=n) for n in range(days))
    counted = week_cells(store, span[0], span[-1], area=area, plan_id=plan_id)
    top = _lowest_common(known, area, {cell.grid_id for cell in counted})
    cells: dict[tuple[str, date], Cell] = {}
    sums: dict[date, Cell] = {}
    totals: dict[str, Cell] = {}
    overall = _nothing(top or "")
    for cell in counted:
        part, day = _part_of(known, top, cell.grid_id), date.fromisoformat(cell.day)
        cells[part, day] = cells.get((part, day), _nothing(part)).plus(cell)
        totals[part] = totals.get(part, _nothing(part)).plus(cell)
        sums[day] = sums.get(day, _nothing(part)).plus(cell)
        overall = overall.plus(cell)
    parents = {a.parent_id for a in known.values()}
    lines = tuple(
        Line(known[part], {d: cells[part, d] for d in span if (part, d) in cells}, totals[part],
             part in parents and part != top)
        for part in known if part in totals
    )  # fmt: skip
    return Board(span, lines, sums, overall, known.get(top or ""), _path(known, top))


def _nothing(grid_id: str) -> Cell:
    return Cell(grid_id, "", 0, 0, 0, 0, 0, 0)


def _lowest_common(known: dict[str, Area], top: str | None, places: set[str]) -> str | None:
    """The part to begin with: below `top`, as long as all visits lie in one part of it that has parts itself."""
    while True:
        parts = {_part_of(known, top, place) for place in places}
        only = parts.pop() if len(parts) == 1 else None
        if only is None or only == top or not any(a.parent_id == only for a in known.values()):
            return top
        top = only


def _part_of(known: dict[str, Area], top: str | None, grid_id: str) -> str:
    """The child of `top` that a grid lies in; the grid itself where it is `top`."""
    here = known[grid_id]
    while here.id != top and here.parent_id != top and here.parent_id is not None:
        here = known[here.parent_id]
    return here.id


def _path(known: dict[str, Area], top: str | None) -> tuple[Area, ...]:
    path: list[Area] = []
    while top is not None and top in known:
        path.insert(0, known[top])
        top = known[top].parent_id
    return tuple(path)
