"""The areas as a tree, with what each holds."""

from collections import defaultdict
from dataclasses import dataclass

from scheduler.model.people import Grid
from scheduler.places.area_form import LARGE_TO_SMALL
from scheduler.store import Store
from scheduler.store.areas import counts_below
from scheduler.store.people import grids


@dataclass(frozen=True, slots=True)
class Branch:
    """An area, how many active volunteers and recipients and how many organisations it and its parts hold."""

    area: Grid
    parts: tuple["Branch", ...]
    volunteers: int
    recipients: int
    organisations: int


def tree(store: Store, top_id: str | None = None) -> tuple[Branch, ...]:
    """The areas that lie in nothing, or the one named, each with its parts: large before small, then by code."""
    counts, parts = counts_below(store), defaultdict(list)
    for area in sorted(grids.where(store), key=lambda area: (LARGE_TO_SMALL.index(area.kind), area.code)):
        parts[area.parent_id].append(area)

    def branch(area: Grid) -> Branch:
        below = tuple(branch(part) for part in parts[area.id])
        mine = counts.get(area.id, {})
        return Branch(
            area,
            below,
            mine.get("volunteers", 0) + sum(part.volunteers for part in below),
            mine.get("recipients", 0) + sum(part.recipients for part in below),
            mine.get("organisations", 0) + sum(part.organisations for part in below),
        )

    tops = parts[None] if top_id is None else [grids.get(store, top_id)]
    return tuple(branch(area) for area in tops)
