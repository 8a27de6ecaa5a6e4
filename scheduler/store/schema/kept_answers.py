"""The table of requests that were answered, so that one sent twice counts once."""

from scheduler.store.sqlite import Database


def m0012_kept_answers(db: Database) -> None:
    db.conn.execute(
        """CREATE TABLE kept_answers (
            key TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
            request_hash TEXT NOT NULL, status INTEGER NOT NULL, location TEXT NOT NULL, mimetype TEXT NOT NULL,
            body TEXT NOT NULL, kept_at TEXT NOT NULL) STRICT"""
    )
