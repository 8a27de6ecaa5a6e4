"""The schema, step by step. A released step never changes; a new step is added below."""

from scheduler.store.schema.anchors import m0011_anchors
from scheduler.store.schema.dry_runs import m0012_dry_runs
from scheduler.store.schema.hours_to_confirm import m0011_hours_to_confirm
from scheduler.store.schema.kept_answers import m0012_kept_answers
from scheduler.store.schema.phone import m0004_phone
from scheduler.store.schema.promises import m0002_promises, m0008_noes
from scheduler.store.schema.questions import m0011_dropped_messages
from scheduler.store.schema.settle import m0011_settle
from scheduler.store.schema.web import m0003_web, m0007_scenarios, m0009_page_indexes, m0010_messages_in_chinese
from scheduler.store.sqlite import Database, Migrations

schema = Migrations("yidu")


@schema()
def m0001_people_needs_plans(db: Database) -> None:
    for statement in CORE.split(";\n"):
        if statement.strip():
            db.conn.execute(statement)


schema()(m0002_promises)
schema()(m0003_web)


CORE = """
CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO counters VALUES ('planning', 1);
CREATE TABLE grids (
    id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('district', 'street', 'committee', 'building')),
    parent_id TEXT REFERENCES grids(id), lat REAL NOT NULL, lon REAL NOT NULL) STRICT;
CREATE TABLE organisations (
    id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, kind TEXT NOT NULL,
    grid_id TEXT NOT NULL REFERENCES grids(id), revision INTEGER NOT NULL) STRICT;
CREATE TABLE volunteers (
    id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL CHECK (name <> ''),
    kinds TEXT NOT NULL, gender TEXT NOT NULL CHECK (gender IN ('female', 'male', '')),
    lat REAL NOT NULL CHECK (lat BETWEEN -90 AND 90), lon REAL NOT NULL CHECK (lon BETWEEN -180 AND 180),
    transport TEXT NOT NULL CHECK (transport IN ('walk', 'ebike', 'transit')),
    grid_id TEXT NOT NULL REFERENCES grids(id), organisation_id TEXT REFERENCES organisations(id),
    birth_month TEXT NOT NULL, phone TEXT NOT NULL, phone_index TEXT NOT NULL, address TEXT NOT NULL, notes TEXT NOT NULL,
    languages TEXT NOT NULL, skills TEXT NOT NULL, trainings TEXT NOT NULL, consents TEXT NOT NULL,
    preferred_services TEXT NOT NULL, max_visits_per_day INTEGER CHECK (max_visits_per_day >= 0),
    max_minutes_per_day INTEGER CHECK (max_minutes_per_day >= 0), max_visits_per_week INTEGER CHECK (max_visits_per_week >= 0),
    max_minutes_per_week INTEGER CHECK (max_minutes_per_week >= 0), max_travel_min INTEGER CHECK (max_travel_min >= 0),
    max_pairs INTEGER NOT NULL CHECK (max_pairs >= 0), wished_minutes INTEGER CHECK (wished_minutes >= 0),
    insured INTEGER NOT NULL CHECK (insured IN (0, 1)), auto_plan INTEGER NOT NULL CHECK (auto_plan IN (0, 1)),
    active INTEGER NOT NULL CHECK (active IN (0, 1)), revision INTEGER NOT NULL) STRICT;
CREATE INDEX volunteers_phone ON volunteers(phone_index);
CREATE TABLE availability_rules (
    id TEXT PRIMARY KEY, volunteer_id TEXT NOT NULL REFERENCES volunteers(id) ON DELETE CASCADE,
    weekdays TEXT NOT NULL, start TEXT NOT NULL, "end" TEXT NOT NULL, from_date TEXT, until_date TEXT,
    CHECK (start < "end")) STRICT;
CREATE INDEX availability_rules_of ON availability_rules(volunteer_id);
CREATE TABLE availability_exceptions (
    id TEXT PRIMARY KEY, volunteer_id TEXT NOT NULL REFERENCES volunteers(id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('away', 'extra')), from_date TEXT NOT NULL, until_date TEXT NOT NULL,
    start TEXT NOT NULL, "end" TEXT NOT NULL, CHECK (from_date <= until_date AND start < "end")) STRICT;
CREATE INDEX availability_exceptions_of ON availability_exceptions(volunteer_id);
CREATE TABLE recipients (
    id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL CHECK (name <> ''),
    kind TEXT NOT NULL CHECK (kind IN ('elder', 'enterprise', 'building', 'park', 'station')),
    grid_id TEXT NOT NULL REFERENCES grids(id),
    lat REAL NOT NULL CHECK (lat BETWEEN -90 AND 90), lon REAL NOT NULL CHECK (lon BETWEEN -180 AND 180),
    organisation_id TEXT REFERENCES organisations(id), gender TEXT NOT NULL, birth_year INTEGER,
    phone TEXT NOT NULL, phone_index TEXT NOT NULL, address TEXT NOT NULL, notes TEXT NOT NULL,
    lives_alone INTEGER NOT NULL CHECK (lives_alone IN (0, 1)),
    risk_tier TEXT NOT NULL CHECK (risk_tier IN ('high', 'key', 'general')), quiet_hours TEXT NOT NULL,
    gender_wish TEXT NOT NULL CHECK (gender_wish IN ('female', 'male', '')), language_wish TEXT NOT NULL,
    blocked TEXT NOT NULL, active INTEGER NOT NULL CHECK (active IN (0, 1)), revision INTEGER NOT NULL) STRICT;
CREATE INDEX recipients_phone ON recipients(phone_index);
CREATE TABLE pairs (
    id TEXT PRIMARY KEY, recipient_id TEXT NOT NULL REFERENCES recipients(id),
    volunteer_id TEXT NOT NULL REFERENCES volunteers(id), rank INTEGER NOT NULL CHECK (rank IN (1, 2)),
    state TEXT NOT NULL CHECK (state IN ('proposed', 'trial', 'active', 'paused', 'ended')),
    pinned INTEGER NOT NULL CHECK (pinned IN (0, 1)), since TEXT, revision INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX pairs_one_bond ON pairs(recipient_id, volunteer_id) WHERE state <> 'ended';
CREATE UNIQUE INDEX pairs_one_face_a_rank ON pairs(recipient_id, rank) WHERE state IN ('trial', 'active', 'paused');
CREATE TABLE service_types (
    code TEXT PRIMARY KEY, name_zh TEXT NOT NULL, name_en TEXT NOT NULL, minutes INTEGER NOT NULL CHECK (minutes > 0),
    heads INTEGER NOT NULL CHECK (heads > 0), min_heads INTEGER NOT NULL CHECK (min_heads BETWEEN 1 AND heads),
    priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 5),
    continuity TEXT NOT NULL CHECK (continuity IN ('paired', 'known', 'same', 'none')),
    place TEXT NOT NULL CHECK (place IN ('at_recipient', 'remote')), recipient_kinds TEXT NOT NULL, windows TEXT NOT NULL,
    kinds TEXT NOT NULL, team TEXT NOT NULL, requires_all TEXT NOT NULL, requires_any TEXT NOT NULL, prefers TEXT NOT NULL,
    in_blackout INTEGER NOT NULL, in_quiet_hours INTEGER NOT NULL, needs_insurance INTEGER NOT NULL,
    standbys INTEGER NOT NULL CHECK (standbys >= 0), risk_zh TEXT NOT NULL, risk_en TEXT NOT NULL,
    active INTEGER NOT NULL) STRICT;
CREATE TABLE needs (
    id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, service_type TEXT NOT NULL REFERENCES service_types(code),
    recipient_id TEXT NOT NULL REFERENCES recipients(id), kind TEXT NOT NULL CHECK (kind IN ('once', 'recurring', 'cadence')),
    from_date TEXT NOT NULL, until_date TEXT, weekdays TEXT NOT NULL, every_weeks INTEGER NOT NULL CHECK (every_weeks > 0),
    per_week INTEGER CHECK (per_week > 0), max_gap_days INTEGER CHECK (max_gap_days > 0), start TEXT, "end" TEXT,
    minutes INTEGER CHECK (minutes > 0), heads INTEGER CHECK (heads > 0), min_heads INTEGER CHECK (min_heads > 0),
    priority INTEGER CHECK (priority BETWEEN 1 AND 5), team TEXT NOT NULL, requires_all TEXT NOT NULL,
    gender_wish TEXT NOT NULL, language_wish TEXT NOT NULL, title TEXT NOT NULL, notes TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'closed', 'cancelled')),
    created_by TEXT NOT NULL, created_at TEXT, revision INTEGER NOT NULL) STRICT;
CREATE INDEX needs_of_recipient ON needs(recipient_id);
CREATE TABLE slots (
    id TEXT PRIMARY KEY, need_id TEXT NOT NULL REFERENCES needs(id), service_type TEXT NOT NULL REFERENCES service_types(code),
    recipient_id TEXT NOT NULL REFERENCES recipients(id), grid_id TEXT NOT NULL REFERENCES grids(id),
    service_date TEXT NOT NULL, earliest_at TEXT NOT NULL, latest_at TEXT NOT NULL,
    minutes INTEGER NOT NULL CHECK (minutes > 0), heads INTEGER NOT NULL CHECK (heads > 0),
    min_heads INTEGER NOT NULL CHECK (min_heads BETWEEN 1 AND heads), priority INTEGER NOT NULL,
    place TEXT NOT NULL CHECK (place IN ('at_recipient', 'remote')), lat REAL NOT NULL, lon REAL NOT NULL,
    team TEXT NOT NULL, requires_all TEXT NOT NULL, requires_any TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'cancelled')), cause TEXT NOT NULL, revision INTEGER NOT NULL,
    CHECK (earliest_at <= latest_at)) STRICT;
CREATE INDEX slots_by_date ON slots(service_date, grid_id);
CREATE INDEX slots_of_need ON slots(need_id, service_date);
CREATE TABLE runs (
    id TEXT PRIMARY KEY, job TEXT NOT NULL, service_date TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')), started_at TEXT NOT NULL,
    fence INTEGER NOT NULL, holder TEXT NOT NULL, lease_until TEXT, ended_at TEXT, requested_by TEXT NOT NULL,
    message TEXT NOT NULL, progress TEXT NOT NULL, receipt TEXT NOT NULL,
    stop_requested INTEGER NOT NULL CHECK (stop_requested IN (0, 1)), revision INTEGER NOT NULL) STRICT;
CREATE TABLE run_files (
    run_id TEXT PRIMARY KEY REFERENCES runs(id), problem BLOB NOT NULL, solution BLOB, seed INTEGER NOT NULL,
    versions TEXT NOT NULL) STRICT;
CREATE TABLE plans (
    id TEXT PRIMARY KEY, run_id TEXT NOT NULL REFERENCES runs(id), from_date TEXT NOT NULL, until_date TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'superseded', 'discarded')),
    revision_read INTEGER NOT NULL, created_at TEXT NOT NULL, published_at TEXT, published_by TEXT NOT NULL,
    figures TEXT NOT NULL, unfilled TEXT NOT NULL, revision INTEGER NOT NULL) STRICT;
CREATE TABLE seats (
    plan_id TEXT NOT NULL REFERENCES plans(id) ON DELETE CASCADE, slot_id TEXT NOT NULL REFERENCES slots(id),
    volunteer_id TEXT NOT NULL REFERENCES volunteers(id), starts_at TEXT NOT NULL,
    PRIMARY KEY (plan_id, slot_id, volunteer_id)) STRICT;
CREATE TABLE assignments (
    id TEXT PRIMARY KEY, slot_id TEXT NOT NULL REFERENCES slots(id), volunteer_id TEXT NOT NULL REFERENCES volunteers(id),
    starts_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'accepted', 'declined', 'expired', 'withdrawn', 'superseded',
        'cancelled', 'checked_in', 'done', 'missed', 'excused')),
    source TEXT NOT NULL CHECK (source IN ('plan', 'staff', 'standby', 'claim', 'swap')), plan_id TEXT REFERENCES plans(id),
    proposed_at TEXT, expires_at TEXT, replied_at TEXT, reason TEXT NOT NULL,
    pinned INTEGER NOT NULL CHECK (pinned IN (0, 1)), revision INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX assignments_one_live ON assignments(slot_id, volunteer_id)
    WHERE state IN ('proposed', 'accepted', 'checked_in');
CREATE UNIQUE INDEX assignments_one_start ON assignments(volunteer_id, starts_at)
    WHERE state IN ('proposed', 'accepted', 'checked_in');
CREATE INDEX assignments_of_volunteer ON assignments(volunteer_id, starts_at);
CREATE INDEX assignments_of_slot ON assignments(slot_id);
CREATE TABLE replan_requests (
    id TEXT PRIMARY KEY, job TEXT NOT NULL CHECK (job IN ('plan', 'repair')), slot_id TEXT REFERENCES slots(id),
    reason TEXT NOT NULL, requested_by TEXT NOT NULL, requested_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'taken', 'done', 'failed')), run_id TEXT REFERENCES runs(id)) STRICT;
CREATE TABLE outbox (
    id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, addressee TEXT NOT NULL, template TEXT NOT NULL, payload TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'sent', 'dead')), created_at TEXT NOT NULL, next_at TEXT NOT NULL,
    attempts INTEGER NOT NULL, claimed_by TEXT NOT NULL, claimed_until TEXT, sent_at TEXT, error TEXT NOT NULL) STRICT;
CREATE INDEX outbox_due ON outbox(state, next_at);
CREATE TABLE accounts (
    id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, role TEXT NOT NULL CHECK (role IN ('admin', 'staff', 'auditor', 'volunteer')),
    password_hash TEXT NOT NULL, name TEXT NOT NULL, grid_id TEXT REFERENCES grids(id),
    volunteer_id TEXT REFERENCES volunteers(id), totp_secret TEXT NOT NULL, locale TEXT NOT NULL,
    active INTEGER NOT NULL, created_at TEXT, revision INTEGER NOT NULL) STRICT;
CREATE TABLE logins (
    token_hash TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    created_at TEXT NOT NULL, seen_at TEXT NOT NULL, expires_at TEXT NOT NULL, csrf TEXT NOT NULL, agent TEXT NOT NULL) STRICT;
CREATE TABLE imports (
    id TEXT PRIMARY KEY, filename TEXT NOT NULL, imported_by TEXT NOT NULL, imported_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('done', 'undone')), counts TEXT NOT NULL, undo BLOB NOT NULL) STRICT;
CREATE TABLE audit (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL, reason TEXT NOT NULL, previous_hash TEXT NOT NULL, hash TEXT NOT NULL) STRICT;
CREATE INDEX audit_of_object ON audit(object_kind, object_id);
"""


schema()(m0004_phone)
schema()(m0007_scenarios)
schema()(m0008_noes)
schema()(m0009_page_indexes)
schema()(m0010_messages_in_chinese)
schema()(m0011_hours_to_confirm)
schema()(m0011_settle)
schema()(m0011_anchors)
schema()(m0011_dropped_messages)
schema()(m0012_dry_runs)
schema()(m0012_kept_answers)
