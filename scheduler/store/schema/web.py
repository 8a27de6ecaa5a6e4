"""Tables behind the pages: rate limits, used login codes, uploaded files waiting for their confirmation."""

from scheduler.store.sqlite import Database


def m0003_web(db: Database) -> None:
    _run(db, WEB)


def m0007_scenarios(db: Database) -> None:
    _run(db, SCENARIOS)


def m0009_page_indexes(db: Database) -> None:
    _run(db, PAGE_INDEXES)


def m0010_messages_in_chinese(db: Database) -> None:
    _run(db, MESSAGES_IN_CHINESE)


def _run(db: Database, statements: str) -> None:
    """One statement after another; call inside the migration's transaction."""
    for statement in statements.split(";\n"):
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

SCENARIOS = """
CREATE TABLE scenarios (
    id TEXT PRIMARY KEY, changes TEXT NOT NULL, requested_by TEXT NOT NULL, requested_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'taken', 'done', 'failed')), figures TEXT NOT NULL,
    message TEXT NOT NULL) STRICT;
"""

MESSAGES_IN_CHINESE = """
ALTER TABLE runs ADD COLUMN message_zh TEXT NOT NULL DEFAULT '';
ALTER TABLE scenarios ADD COLUMN message_zh TEXT NOT NULL DEFAULT '';
"""

# What the busiest pages ask: who is on a visit, who promised to come at a time, whom a person is paired with.
PAGE_INDEXES = """
CREATE INDEX assignments_on_visit ON assignments(slot_id) WHERE state IN ('proposed', 'accepted', 'checked_in', 'done');
CREATE INDEX assignments_promised ON assignments(starts_at) WHERE state = 'accepted';
CREATE INDEX pairs_of_volunteer ON pairs(volunteer_id);
"""
