"""Short lists of everything that is referred to by code or name."""

from scheduler.store.database import Store

PREFIXES = {"grids": "A", "organisations": "O", "volunteers": "V", "recipients": "E", "needs": "N"}


def names_in(store: Store, table: str, *, grids: set[str] | None = None) -> list[tuple[str, str, str]]:
    """(id, code, name) of every volunteer, recipient or organisation; outside the grids its code is its name."""
    found = store.rows(f"SELECT id, code, name, grid_id FROM {table}")
    return [
        (row["id"], row["code"], row["name"] if grids is None or row["grid_id"] in grids else row["code"])
        for row in found
    ]


def active_ids(store: Store) -> list[str]:
    """Ids of all active volunteers."""
    return [row["id"] for row in store.rows("SELECT id FROM volunteers WHERE active = 1")]


def recipient_kinds(store: Store) -> dict[str, str]:
    """Recipient id → kind."""
    return {row["id"]: row["kind"] for row in store.rows("SELECT id, kind FROM recipients")}


def codes_in(store: Store, table: str) -> set[str]:
    """Every code of a table."""
    return {row["code"] for row in store.rows(f"SELECT code FROM {table}")}


def next_code(store: Store, table: str) -> str:
    """The next free number of a table with its letter: "V00201"."""
    letter = PREFIXES[table]
    newest = store.value(
        f"""SELECT MAX(CAST(SUBSTR(code, 2) AS INTEGER)) FROM {table}
            WHERE code GLOB '{letter}[0-9]*' AND SUBSTR(code, 2) NOT GLOB '*[^0-9]*' AND LENGTH(code) < 10"""
    )
    return f"{letter}{(newest or 0) + 1:05d}"


def tags_in_use(store: Store) -> set[str]:
    """Every tag that a service type of the catalogue asks for, so that its spelling is known."""
    sql = """SELECT DISTINCT value AS tag FROM service_types, json_each(requires_all)
             UNION SELECT value FROM service_types, json_each(requires_any)
             UNION SELECT value FROM service_types, json_each(prefers)
             UNION SELECT json_extract(value, '$.tag') FROM service_types, json_each(team)"""
    return {row["tag"] for row in store.rows(sql)}
