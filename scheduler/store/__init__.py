"""The only package that knows SQLite: connections, migrations and one module per aggregate."""

from pathlib import Path

from scheduler.store.database import TOLD, Store
from scheduler.store.schema.migrating import migrate

__all__ = ["Store", "migrate", "open_store"]


def open_store(path: Path | str) -> Store:
    """A connection to a database with the newest schema, made if the file is new.

    Raises StoreDamaged, StoreUnwritable, StoreBusy, StoreNewer, KeyMissing or KeyWrong.
    """
    store = Store(path)
    try:
        with TOLD:
            migrate(store)
    except BaseException:
        store.close()
        raise
    return store
