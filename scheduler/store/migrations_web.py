"""Tables behind the pages: rate limits, used login codes, uploaded files waiting for their confirmation."""

from sqlite_utils import Database


def m0003_web(db: Database) -> None:
    """One statement after another; call inside the migration's transaction."""
    for statement in WEB.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)


WEB = """
CREATE INDEX slots_of_recipient ON slots(recipient_id, service_date);
CREATE TABLE rate_limits (key TEXT PRIMARY KEY, full_at REAL NOT NULL) STRICT;
CREATE TABLE used_codes (
    account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, step INTEGER NOT NULL,
    PRIMARY KEY (account_id, step)) STRICT;
CREATE TABLE uploads (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, filename TEXT NOT NULL,
    content BLOB NOT NULL, uploaded_at TEXT NOT NULL) STRICT;
"""
