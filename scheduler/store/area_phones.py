"""The numbers under which volunteers reach the staff of an area."""

from datetime import datetime
from typing import NamedTuple

from scheduler.model.ids import new_id
from scheduler.store.database import Store
from scheduler.store.repository import utc_text


class AreaPhone(NamedTuple):
    """An area's number."""

    grid_id: str
    area: str
    phone: str


def put(store: Store, grid_id: str, phone: str, *, now: datetime) -> None:
    """The area has this number from now on; none where it is empty."""
    store.execute("DELETE FROM area_phones WHERE grid_id = :grid", {"grid": grid_id})
    if phone:
        store.execute(
            "INSERT INTO area_phones (id, grid_id, phone, set_at) VALUES (:id, :grid, :phone, :now)",
            {"id": new_id(), "grid": grid_id, "phone": phone, "now": utc_text(now)},
        )


def all_of(store: Store, grids: set[str]) -> list[AreaPhone]:
    """The numbers of these areas, by their names."""
    rows = store.rows(
        """SELECT p.grid_id, g.name, p.phone FROM area_phones p JOIN grids g ON g.id = p.grid_id
           ORDER BY g.name, p.set_at DESC"""
    )
    return [AreaPhone(row["grid_id"], row["name"], row["phone"]) for row in rows if row["grid_id"] in grids]


def nearest(store: Store, grid_id: str) -> AreaPhone | None:
    """The number of an area, else of the nearest one that it lies in."""
    rows = store.rows(
        """WITH RECURSIVE up(id, parent_id, name, steps) AS (
             SELECT id, parent_id, name, 0 FROM grids WHERE id = :grid UNION ALL
             SELECT g.id, g.parent_id, g.name, up.steps + 1 FROM grids g JOIN up ON g.id = up.parent_id)
           SELECT up.id, up.name, p.phone FROM up JOIN area_phones p ON p.grid_id = up.id
           ORDER BY up.steps, p.set_at DESC LIMIT 1""",
        {"grid": grid_id},
    )
    return AreaPhone(rows[0]["id"], rows[0]["name"], rows[0]["phone"]) if rows else None
