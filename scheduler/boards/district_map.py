"""The district drawn plainly: its outline and a spot for each part, in the units of a drawing."""

import json
import math
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from scheduler.boards.week import Board, Line
from scheduler.store import Store
from scheduler.store.people import grids

WIDTH = 800.0
MARGIN = 20.0
RADIUS = (9.0, 30.0)  # of the spot with the fewest and the most visits
ROOM = 1.3  # how much wider than its spots the shown part is
CLOSEST = 12  # the most that is zoomed in


@dataclass(frozen=True, slots=True)
class Frame:
    """How degrees become drawing units: equirectangular around the middle, north up."""

    west: float
    north: float
    scale: float
    squeeze: float
    height: float

    def point(self, lat: float, lon: float) -> tuple[float, float]:
        x = MARGIN + (lon - self.west) * self.scale * self.squeeze
        return round(x, 1), round(MARGIN + (self.north - lat) * self.scale, 1)


@dataclass(frozen=True, slots=True)
class Picture:
    """The district's ring as an SVG point list, the part of it that is shown, and the spots on it.

    `unit` is what one pixel of the whole district would be here: sizes of text and lines are multiples of it.
    """

    ring: str
    x: float
    y: float
    width: float
    height: float
    unit: float
    spots: tuple["Spot", ...]


@dataclass(frozen=True, slots=True)
class Spot:
    """A part of the area on the drawing; its radius grows with its visits, `share` of people found fills it."""

    line: Line
    x: float
    y: float
    radius: float
    share: float


@cache
def ring() -> tuple[tuple[float, float], ...]:
    """The district's border as (longitude, latitude), WGS-84."""
    text = files("scheduler.data").joinpath("putuo_ring.json").read_text(encoding="utf-8")
    return tuple((lon, lat) for lon, lat in json.loads(text))


@cache
def frame() -> Frame:
    lons, lats = [p[0] for p in ring()], [p[1] for p in ring()]
    squeeze = math.cos(math.radians((min(lats) + max(lats)) / 2))
    scale = (WIDTH - 2 * MARGIN) / ((max(lons) - min(lons)) * squeeze)
    height = (max(lats) - min(lats)) * scale + 2 * MARGIN
    return Frame(min(lons), max(lats), scale, squeeze, round(height, 1))


def picture(store: Store, board: Board) -> Picture:
    """The board's lines where they lie; the drawing shows the part of the district that they lie in."""
    where = {grid.id: frame().point(grid.lat, grid.lon) for grid in grids.where(store)}
    points = [where[line.area.id] for line in board.lines]
    x, y, width, height = _window(points)
    unit = width / WIDTH
    most = max((line.total.slots for line in board.lines), default=1)
    spots = [_spot(line, point, most, unit) for line, point in zip(board.lines, points, strict=True)]
    ring_points = " ".join("{},{}".format(*frame().point(lat, lon)) for lon, lat in ring())
    busiest_first = tuple(sorted(spots, key=lambda spot: -spot.radius))  # small spots are drawn above large ones
    return Picture(ring_points, x, y, width, height, round(unit, 3), busiest_first)


def _window(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    """The part of the drawing that holds the points with room around them; the whole where they fill most of it."""
    if not points:
        return 0.0, 0.0, WIDTH, frame().height
    left, right = min(x for x, _ in points), max(x for x, _ in points)
    top, bottom = min(y for _, y in points), max(y for _, y in points)
    width = max((right - left) * ROOM, (bottom - top) * ROOM * WIDTH / frame().height, WIDTH / CLOSEST)
    inside = left >= 0 and top >= 0 and right <= WIDTH and bottom <= frame().height  # a town elsewhere lies outside
    if width > WIDTH / 2 and inside:
        return 0.0, 0.0, WIDTH, frame().height
    height = width * frame().height / WIDTH
    return (
        round((left + right - width) / 2, 1),
        round((top + bottom - height) / 2, 1),
        round(width, 1),
        round(height, 1),
    )


def _spot(line: Line, point: tuple[float, float], most: int, unit: float) -> Spot:
    smallest, largest = RADIUS
    radius = (smallest + (largest - smallest) * math.sqrt(line.total.slots / most)) * unit
    share = line.total.taken / line.total.heads if line.total.heads else 1.0
    return Spot(line, *point, round(radius, 1), share)
