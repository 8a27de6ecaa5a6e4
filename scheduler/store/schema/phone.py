"""Tables of the volunteer's pages and the JSON API: calendar feeds and API tokens, both kept as hashes only."""

from scheduler.store.sqlite import Database


def m0004_phone(db: Database) -> None:
    """One statement after another; call inside the migration's transaction."""
    for statement in PHONE.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)


PHONE = """
CREATE TABLE calendar_feeds (
    token_hash TEXT PRIMARY KEY, volunteer_id TEXT NOT NULL UNIQUE REFERENCES volunteers(id) ON DELETE CASCADE,
    created_at TEXT NOT NULL) STRICT;
CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY, token_hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, scopes TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL, revoked_at TEXT) STRICT;
CREATE INDEX api_tokens_of ON api_tokens(account_id);
"""
