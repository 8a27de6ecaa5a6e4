"""What points to an area, and pointing it to another one."""

from typing import Any

from scheduler.store.database import Store
from scheduler.store.duplicates import references


def uses_of(store: Store, area_id: str) -> dict[str, int]:
    """How many rows of each table point to an area; tables without any are left out."""
    found: dict[str, int] = {}
    for table, column in references(store, "grids"):
        sql = f"SELECT count(*) FROM {table} WHERE {column} = :id"
        if count := int(store.value(sql, {"id": area_id}) or 0):
            found[table] = found.get(table, 0) + count
    return found


def move_uses(store: Store, from_id: str, to_id: str, *, staff: tuple[str, str]) -> None:
    """Whatever points to the one area points to the other afterwards; messages to its `staff` (from, to) too."""
    for table, column in references(store, "grids"):
        raised = ", revision = revision + 1" if table in ("organisations", "volunteers", "recipients", "slots") else ""
        move: dict[str, Any] = {"from": from_id, "to": to_id}
        store.execute(f"UPDATE OR IGNORE {table} SET {column} = :to{raised} WHERE {column} = :from", move)
        store.execute(f"DELETE FROM {table} WHERE {column} = :from", move)  # where both have one, such as a phone
    addressees = dict(zip(("from", "to"), staff, strict=True))
    store.execute("UPDATE outbox SET addressee = :to WHERE addressee = :from", addressees)


def standing_at(store: Store, table: str, area_id: str, lat: float, lon: float) -> list[str]:
    """Ids of the volunteers or recipients of an area who have no place of their own but stand at this point of it."""
    sql = f"SELECT id FROM {table} WHERE grid_id = :area AND lat = :lat AND lon = :lon ORDER BY id"
    return [row["id"] for row in store.rows(sql, {"area": area_id, "lat": lat, "lon": lon})]


def counts_below(store: Store) -> dict[str, dict[str, int]]:
    """Area id → how many active volunteers and recipients, and how many organisations, it has itself."""
    found: dict[str, dict[str, int]] = {}
    for table, condition in (("volunteers", "active"), ("recipients", "active"), ("organisations", "1")):
        for row in store.rows(f"SELECT grid_id, count(*) AS n FROM {table} WHERE {condition} GROUP BY grid_id"):
            found.setdefault(row["grid_id"], {})[table] = row["n"]
    return found
