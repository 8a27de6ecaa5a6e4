"""What the settling of promises keeps: conflicts for staff to decide, and whom staff took off a visit."""

from scheduler.store.sqlite import Database


def m0011_settle(db: Database) -> None:
    """One statement after another; call inside the migration's transaction."""
    for statement in SETTLE.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)


SETTLE = """
CREATE TABLE conflicts (
    assignment_id TEXT PRIMARY KEY REFERENCES assignments(id) ON DELETE CASCADE, reasons TEXT NOT NULL,
    since TEXT NOT NULL) STRICT;
ALTER TABLE assignments ADD COLUMN taken_off INTEGER NOT NULL DEFAULT 0 CHECK (taken_off IN (0, 1));
UPDATE assignments SET taken_off = 1 WHERE state = 'cancelled';
"""
