"""Which sealed values of a database its key does not open: sealed with another key, or damaged."""

from collections.abc import Iterator
from typing import NamedTuple

from scheduler.store.database import Store

COLUMNS = (
    ("volunteers", "code", ("phone", "address", "notes")),
    ("recipients", "code", ("phone", "address", "notes")),
    ("accounts", "login", ("totp_secret",)),
    ("contact_points", "id", ("address",)),
)  # table, what people call a row, sealed columns


class SealedValue(NamedTuple):
    """`field` is the name under which the value was sealed, `row` what people call the row."""

    field: str
    row: str
    sealed: str


def sealed_values(store: Store) -> Iterator[SealedValue]:
    """Every sealed value that is not empty."""
    for table, name, columns in COLUMNS:
        for column in columns:
            for row in store.rows(f"SELECT {name} AS name, {column} AS sealed FROM {table} WHERE {column} <> ''"):
                yield SealedValue(f"{table}.{column}", row["name"], row["sealed"])


def unreadable(store: Store) -> list[SealedValue]:
    """The values that cannot be opened with the database's key."""
    return [value for value in sealed_values(store) if not store.seal.opens(value.sealed, value.field)]
