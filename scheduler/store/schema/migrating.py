"""Brings a database to the newest schema: one process does it, in one transaction, after a copy of the file."""

from pathlib import Path

from scheduler.errors import StoreNewer
from scheduler.localized import LocalizedText
from scheduler.store import audit
from scheduler.store.backup import copied, private
from scheduler.store.database import BUSY_SECONDS, KEY_CHECK, Store
from scheduler.store.schema.steps import BEFORE_IT, schema
from scheduler.store.sealed import Seal, does_not_fit, key_path
from scheduler.store.unreadable import sealed_values

MIGRATING_SECONDS = 600  # how long one process waits while another migrates
COPIES_KEPT = 3


def migrate(store: Store) -> None:
    """All missing steps or none; running again does nothing, and of processes that start together one does it.

    Raises StoreNewer for a database of a newer program, KeyMissing or KeyWrong where rows are sealed and the key beside
    the file opens none of them.
    """
    if not _missing(store):
        store.read_key()  # another process may have made it since this connection was opened
        return
    store.value(f"PRAGMA busy_timeout={MIGRATING_SECONDS * 1000}")
    try:
        with store.transaction():
            if not _missing(store):
                store.read_key()
                return
            if last := _last_step(store):
                _copy_before(store.path, last)
            schema.apply(store.db)
            adopted = not store.anchors()
            if adopted:
                _adopt(store)
            audit.append_only(store)
    finally:
        store.value(f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}")
    if adopted:
        store.in_use.note(audit.head(store).number)
    for path in (store.path, Path(f"{store.path}-wal"), Path(f"{store.path}-shm"), key_path(store.path)):
        private(path)


def _missing(store: Store) -> bool:
    """Whether a step is to be done. Raises StoreNewer."""
    known = {step.name for step in schema._migrations}  # noqa: SLF001 - the library tells no other way
    done = [step.name for step in schema.applied(store.db)]
    if unknown := [name for name in done if name not in known | BEFORE_IT]:
        raise StoreNewer(
            LocalizedText(
                "the database %(path)s was written by a newer Yidu (%(step)s): start the newer version, or "
                "put the copy from before the upgrade back",
                path=store.path,
                step=unknown[-1],
            )
        )
    return not known.issubset(done)


def _last_step(store: Store) -> str:
    done = schema.applied(store.db)
    return done[-1].name if done else ""


def _copy_before(database: Path, last_step: str) -> None:
    """A checked copy beside the database, named by the last step that it holds; the oldest of such copies go."""
    copied(database, database.with_suffix(f".until-{last_step}.db"))
    copies = sorted(database.parent.glob(f"{database.stem}.until-*.db"), key=lambda path: path.stat().st_mtime)
    for old in copies[:-COPIES_KEPT]:
        old.unlink()


def _adopt(store: Store) -> None:
    """The database knows its key from now on: the one that opens what is sealed already, a new one where nothing is."""
    path = key_path(store.path)
    values = list(sealed_values(store))
    store.seal = Seal.read(path) if values or path.exists() else Seal.make(path)
    if values and not any(store.seal.opens(value.sealed, value.field) for value in values):
        raise does_not_fit(path, LocalizedText("it opens none of the sealed rows"))
    check = store.seal.close("yidu", KEY_CHECK)
    store.execute("INSERT INTO anchors VALUES ('key', 0, :check)", {"check": check})
    audit.adopt(store)
