"""Lists for the JSON API."""

import json

from scheduler.model.services import Need
from scheduler.store.database import Store
from scheduler.store.services import needs


def needs_of_area(
    store: Store, area: set[str], *, state: str = "", recipient_code: str = "", offset: int = 0, size: int = 50
) -> tuple[int, list[Need]]:
    """How many needs lie in the grids, and one page of them, newest first; empty filters allow everything."""
    condition = """recipient_id IN (SELECT id FROM recipients WHERE grid_id IN (SELECT value FROM json_each(:area))
                       AND (:code = '' OR code = :code)) AND (:state = '' OR state = :state)"""
    values = {"area": json.dumps(sorted(area)), "code": recipient_code, "state": state}
    total = int(store.value(f"SELECT count(*) FROM needs WHERE {condition}", values) or 0)
    page = f"{condition} ORDER BY created_at DESC, code, id LIMIT {int(size)} OFFSET {int(offset)}"
    return total, needs.where(store, page, values)
