"""What the rest of the file is checked against: a value sealed with its key, and how far the audit log has come."""

from scheduler.store.sqlite import Database


def m0011_anchors(db: Database) -> None:
    """Statement by statement; store/schema/migrating.py fills the anchors, because that takes the key."""
    for statement in ANCHORS.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)


# For whose visit a volunteer opened an address stood in the reason, where staff may write anything. Waiting uploads
# were not sealed: they are sent again.
ANCHORS = """
CREATE TABLE anchors (name TEXT PRIMARY KEY, number INTEGER NOT NULL, value TEXT NOT NULL) STRICT;
ALTER TABLE audit ADD COLUMN opened_for TEXT NOT NULL DEFAULT '';
UPDATE audit SET opened_for = substr(reason, 7)
    WHERE action = 'reveal' AND object_kind = 'recipient' AND reason LIKE 'visit %' AND EXISTS (
        SELECT 1 FROM accounts c JOIN assignments a ON a.volunteer_id = c.volunteer_id
        WHERE c.login = audit.actor AND a.id = substr(audit.reason, 7));
DELETE FROM uploads;
"""
