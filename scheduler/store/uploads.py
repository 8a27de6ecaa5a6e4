"""Files that wait, sealed and for a day at most, until the person who sent them has looked at the dry run."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag

from scheduler.errors import NotFound
from scheduler.localized import LocalizedText
from scheduler.model.ids import new_id
from scheduler.store.database import Store
from scheduler.store.repository import utc_text

KEPT = timedelta(days=1)
FIELD = "uploads.content"
DRY_RUN = "dry_runs.shown"
FORGOTTEN = LocalizedText("this upload is no longer kept: send the file again")


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it was sent."""

    id: str
    filename: str
    content: bytes


def keep(store: Store, account_id: str, filename: str, content: bytes, *, now: datetime) -> str:
    """Stores a file for its sender and forgets old ones; returns its id."""
    upload_id = new_id()
    with store.transaction():
        forget_old(store, now=now)
        sealed = store.seal.close_bytes(content, FIELD)
        store.execute(
            "INSERT INTO uploads VALUES (:id, :account, :name, :content, :now)",
            {"id": upload_id, "account": account_id, "name": filename[:120], "content": sealed, "now": utc_text(now)},
        )
    return upload_id


def of(store: Store, upload_id: str, account_id: str, *, now: datetime) -> Upload:
    """A file of this sender. Raises NotFound for others' files and those of more than a day ago."""
    sql = """SELECT id, filename, content FROM uploads
             WHERE id = :id AND account_id = :account AND uploaded_at >= :since"""
    for row in store.rows(sql, {"id": upload_id, "account": account_id, "since": utc_text(now - KEPT)}):
        with suppress(InvalidTag):  # sealed with another key: as good as forgotten
            return Upload(row["id"], row["filename"], store.seal.open_bytes(row["content"], FIELD))
    raise NotFound(FORGOTTEN)


def forget_old(store: Store, *, now: datetime) -> int:
    """Removes the files of more than a day ago; returns how many."""
    return store.execute("DELETE FROM uploads WHERE uploaded_at < :before", {"before": utc_text(now - KEPT)})


def forget(store: Store, upload_id: str) -> None:
    store.execute("DELETE FROM uploads WHERE id = :id", {"id": upload_id})


def keep_dry_run(store: Store, upload_id: str, shown: str) -> None:
    """Keeps, sealed, what the dry run of a file showed, in place of an earlier one."""
    store.execute(
        "INSERT INTO dry_runs VALUES (:id, :shown) ON CONFLICT (upload_id) DO UPDATE SET shown = :shown",
        {"id": upload_id, "shown": store.seal.close(shown, DRY_RUN)},
    )


def dry_run_of(store: Store, upload_id: str, account_id: str, *, now: datetime) -> str:
    """What the dry run of this sender's file showed. Raises NotFound as `of` does."""
    sql = """SELECT shown FROM dry_runs JOIN uploads ON uploads.id = upload_id
             WHERE upload_id = :id AND account_id = :account AND uploaded_at >= :since"""
    found = store.value(sql, {"id": upload_id, "account": account_id, "since": utc_text(now - KEPT)})
    if found is None:
        raise NotFound(FORGOTTEN)
    return store.seal.open(found, DRY_RUN)
