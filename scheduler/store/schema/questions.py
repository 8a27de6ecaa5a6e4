"""What messages need so that a question waits for its person: a state for what was dropped, and when a visit begins."""

from scheduler.store.sqlite import Database


def m0011_dropped_messages(db: Database) -> None:
    """A CHECK cannot be altered in SQLite, so the table is made anew; the order of its rows stays."""
    for statement in DROPPED.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)


COLUMNS = """id, key, addressee, template, payload, state, created_at, next_at, attempts, claimed_by, claimed_until,
    sent_at, error, urgent, sent_to, acknowledged_at"""

DROPPED = f"""
CREATE TABLE outbox_anew (
    id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, addressee TEXT NOT NULL, template TEXT NOT NULL,
    payload TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dead', 'dropped')),
    created_at TEXT NOT NULL, next_at TEXT NOT NULL, attempts INTEGER NOT NULL, claimed_by TEXT NOT NULL,
    claimed_until TEXT, sent_at TEXT,
    error TEXT NOT NULL, urgent INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1)), sent_to TEXT NOT NULL DEFAULT '[]',
    acknowledged_at TEXT, begins_at TEXT) STRICT;
INSERT INTO outbox_anew (rowid, {COLUMNS}) SELECT rowid, {COLUMNS} FROM outbox ORDER BY rowid;
DROP TABLE outbox;
ALTER TABLE outbox_anew RENAME TO outbox;
CREATE INDEX outbox_due ON outbox(state, next_at);
CREATE INDEX outbox_of_addressee ON outbox(addressee, state);
"""
