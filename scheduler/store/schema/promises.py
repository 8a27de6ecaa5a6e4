"""Tables of promises: what the outbox needs besides, reply links, swaps, standbys, attendance, hours, pair steps."""

from scheduler.store.sqlite import Database


def m0002_promises(db: Database) -> None:
    """One statement after another; call inside the migration's transaction."""
    for statement in PROMISES.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)


def m0008_noes(db: Database) -> None:
    """Which refusals stand; a person or staff may take one back."""
    for statement in NOES.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)


PROMISES = """
ALTER TABLE outbox ADD COLUMN urgent INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1));
ALTER TABLE outbox ADD COLUMN sent_to TEXT NOT NULL DEFAULT '[]';
ALTER TABLE outbox ADD COLUMN acknowledged_at TEXT;
CREATE INDEX outbox_of_addressee ON outbox(addressee, state);
CREATE TABLE reply_links (
    token_hash TEXT PRIMARY KEY, assignment_id TEXT NOT NULL REFERENCES assignments(id) ON DELETE CASCADE,
    created_at TEXT NOT NULL, expires_at TEXT NOT NULL, used_at TEXT) STRICT;
CREATE INDEX reply_links_of ON reply_links(assignment_id);
CREATE TABLE swaps (
    id TEXT PRIMARY KEY, assignment_id TEXT NOT NULL REFERENCES assignments(id),
    to_volunteer_id TEXT NOT NULL REFERENCES volunteers(id),
    state TEXT NOT NULL CHECK (state IN ('asked', 'accepted', 'declined', 'taken_back', 'expired')),
    asked_at TEXT NOT NULL, expires_at TEXT NOT NULL, answered_at TEXT, revision INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX swaps_one_open ON swaps(assignment_id) WHERE state = 'asked';
CREATE INDEX swaps_for_volunteer ON swaps(to_volunteer_id, state);
CREATE TABLE standbys (
    slot_id TEXT NOT NULL REFERENCES slots(id) ON DELETE CASCADE,
    volunteer_id TEXT NOT NULL REFERENCES volunteers(id), rank INTEGER NOT NULL CHECK (rank > 0),
    starts_at TEXT NOT NULL, coverage_change INTEGER NOT NULL, cost_change INTEGER NOT NULL,
    built_at TEXT NOT NULL, valid_until TEXT NOT NULL, PRIMARY KEY (slot_id, volunteer_id)) STRICT;
CREATE INDEX standbys_of_volunteer ON standbys(volunteer_id);
CREATE TABLE attendance (
    assignment_id TEXT PRIMARY KEY REFERENCES assignments(id), checked_in_at TEXT, checked_out_at TEXT,
    recorded_by TEXT NOT NULL, back_filled INTEGER NOT NULL CHECK (back_filled IN (0, 1)), note TEXT NOT NULL,
    revision INTEGER NOT NULL) STRICT;
CREATE TABLE hours_entries (
    id TEXT PRIMARY KEY, volunteer_id TEXT NOT NULL REFERENCES volunteers(id),
    assignment_id TEXT REFERENCES assignments(id), service_date TEXT NOT NULL, planned_min INTEGER NOT NULL,
    actual_min INTEGER NOT NULL, credited_min INTEGER NOT NULL, kind TEXT NOT NULL
        CHECK (kind IN ('automatic', 'back_filled', 'reversal')),
    review TEXT NOT NULL CHECK (review IN ('none', 'parent', 'province')),
    reverses_id TEXT REFERENCES hours_entries(id),
    entered_by TEXT NOT NULL, entered_at TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE INDEX hours_of_volunteer ON hours_entries(volunteer_id, service_date);
CREATE INDEX hours_of_assignment ON hours_entries(assignment_id);
DROP INDEX pairs_one_face_a_rank;
CREATE UNIQUE INDEX pairs_one_face_a_rank ON pairs(recipient_id, rank) WHERE state IN ('active', 'paused');
CREATE TABLE pair_steps (
    number INTEGER PRIMARY KEY, pair_id TEXT NOT NULL REFERENCES pairs(id), step TEXT NOT NULL, at TEXT NOT NULL,
    actor TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE INDEX pair_steps_of ON pair_steps(pair_id);
CREATE TABLE measures (
    service_date TEXT NOT NULL, name TEXT NOT NULL, scope TEXT NOT NULL, value REAL, measured_at TEXT NOT NULL,
    PRIMARY KEY (service_date, name, scope)) STRICT;
"""

# A no covers its need; "not this person" covers all needs of the recipient. It stands until it is taken back.
NOES = """
CREATE TABLE asked_again (
    need_id TEXT NOT NULL REFERENCES needs(id) ON DELETE CASCADE,
    volunteer_id TEXT NOT NULL REFERENCES volunteers(id), since_at TEXT NOT NULL,
    PRIMARY KEY (need_id, volunteer_id)) STRICT;
CREATE VIEW noes AS
    SELECT s.need_id, a.volunteer_id, a.replied_at, a.reason FROM assignments a JOIN slots s ON s.id = a.slot_id
    WHERE a.state = 'declined'
    UNION ALL
    SELECT n.id, a.volunteer_id, a.replied_at, a.reason FROM assignments a JOIN slots s ON s.id = a.slot_id
        JOIN needs n ON n.recipient_id = s.recipient_id AND n.id <> s.need_id
    WHERE a.state = 'declined' AND a.reason = 'not_this_person';
CREATE VIEW standing_noes AS
    SELECT need_id, volunteer_id, replied_at, reason FROM noes WHERE NOT EXISTS (
        SELECT 1 FROM asked_again t
        WHERE t.need_id = noes.need_id AND t.volunteer_id = noes.volunteer_id AND t.since_at >= noes.replied_at);
"""
