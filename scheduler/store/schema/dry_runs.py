"""The table that keeps, beside an uploaded file, what its dry run showed."""

from scheduler.store.sqlite import Database


def m0012_dry_runs(db: Database) -> None:
    db.conn.execute(
        """CREATE TABLE dry_runs (
           upload_id TEXT PRIMARY KEY REFERENCES uploads(id) ON DELETE CASCADE, shown TEXT NOT NULL) STRICT"""
    )
