"""Where in the city an object lies and to whom it belongs: what access rights are decided by."""

from scheduler.store.database import Store

ANYWHERE = "*"  # district-wide objects: plans, runs, imports

PLACES = {
    "slot": "SELECT grid_id FROM slots WHERE id = :id",
    "need": "SELECT r.grid_id FROM needs n JOIN recipients r ON r.id = n.recipient_id WHERE n.id = :id",
    "recipient": "SELECT grid_id FROM recipients WHERE id = :id",
    "volunteer": "SELECT grid_id FROM volunteers WHERE id = :id",
    "organisation": "SELECT grid_id FROM organisations WHERE id = :id",
    "grid": "SELECT id FROM grids WHERE id = :id",
    "pair": "SELECT r.grid_id FROM pairs p JOIN recipients r ON r.id = p.recipient_id WHERE p.id = :id",
    "assignment": "SELECT s.grid_id FROM assignments a JOIN slots s ON s.id = a.slot_id WHERE a.id = :id",
    "account": "SELECT coalesce(grid_id, '*') FROM accounts WHERE id = :id",
    "service_type": "SELECT '*' FROM service_types WHERE code = :id",
    "plan": "SELECT '*' FROM plans WHERE id = :id",
    "run": "SELECT '*' FROM runs WHERE id = :id",
    "import": "SELECT '*' FROM imports WHERE id = :id",
}

PEOPLE = {
    "assignment": "SELECT volunteer_id FROM assignments WHERE id = :id",
    "volunteer": "SELECT id FROM volunteers WHERE id = :id",
    "pair": "SELECT volunteer_id FROM pairs WHERE id = :id",
    "slot": """SELECT volunteer_id FROM assignments WHERE slot_id = :id
               AND state IN ('proposed', 'accepted', 'checked_in', 'done')""",
}


def place_of(store: Store, kind: str, object_id: str) -> str | None:
    """The grid id an object lies in, ANYWHERE for district-wide ones, None where there is no such object."""
    found: str | None = store.value(PLACES[kind], {"id": object_id})
    return found


def people_of(store: Store, kind: str, object_id: str) -> set[str]:
    """Ids of the volunteers an object belongs to; empty where there is no such object or it belongs to nobody."""
    sql = PEOPLE.get(kind)
    return {next(iter(row.values())) for row in store.rows(sql, {"id": object_id})} if sql else set()


def anything_outside(store: Store, area: set[str]) -> bool:
    """Whether a recipient or volunteer lives outside a set of grids."""
    sql = "SELECT DISTINCT grid_id FROM recipients UNION SELECT DISTINCT grid_id FROM volunteers"
    return any(row["grid_id"] not in area for row in store.rows(sql))
