"""Files that wait, for a day at most, until the person who sent them has looked at the dry run and confirms."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from scheduler.errors import NotFound
from scheduler.model.ids import new_id
from scheduler.store.database import Store
from scheduler.store.repository import utc_text
from scheduler.words import Said

KEPT = timedelta(days=1)


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
        store.execute("DELETE FROM uploads WHERE uploaded_at < :before", {"before": utc_text(now - KEPT)})
        store.execute(
            "INSERT INTO uploads VALUES (:id, :account, :name, :content, :now)",
            {"id": upload_id, "account": account_id, "name": filename[:120], "content": content, "now": utc_text(now)},
        )
    return upload_id


def of(store: Store, upload_id: str, account_id: str) -> Upload:
    """A file of this sender. Raises NotFound for others' files and forgotten ones."""
    sql = "SELECT id, filename, content FROM uploads WHERE id = :id AND account_id = :account"
    for row in store.rows(sql, {"id": upload_id, "account": account_id}):
        return Upload(row["id"], row["filename"], bytes(row["content"]))
    raise NotFound(Said("上传的文件已不再保留：请重新上传", "this upload is no longer kept: send the file again"))


def forget(store: Store, upload_id: str) -> None:
    store.execute("DELETE FROM uploads WHERE id = :id", {"id": upload_id})
