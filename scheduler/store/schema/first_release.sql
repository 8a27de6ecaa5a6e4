-- The whole schema of the first release. From then on it never changes: a step is added in steps.py.


-- Places and organisations

CREATE TABLE grids (
    id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('district', 'town', 'street', 'committee', 'village', 'park', 'building')),
    parent_id TEXT REFERENCES grids(id), lat REAL NOT NULL, lon REAL NOT NULL,
    revision INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE organisations (
    id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL, kind TEXT NOT NULL,
    grid_id TEXT NOT NULL REFERENCES grids(id), revision INTEGER NOT NULL) STRICT;
CREATE TABLE organisation_links (
    id TEXT PRIMARY KEY, one_id TEXT NOT NULL REFERENCES organisations(id) ON DELETE CASCADE,
    other_id TEXT NOT NULL REFERENCES organisations(id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('street_building', 'building_community', 'enterprise_enterprise')),
    CHECK (one_id <> other_id)) STRICT;
CREATE UNIQUE INDEX organisation_links_once ON organisation_links(min(one_id, other_id), max(one_id, other_id));

-- People and when they are free

CREATE TABLE volunteers (
    id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, name TEXT NOT NULL CHECK (name <> ''),
    kinds TEXT NOT NULL, gender TEXT NOT NULL CHECK (gender IN ('female', 'male', '')),
    lat REAL NOT NULL CHECK (lat BETWEEN -90 AND 90), lon REAL NOT NULL CHECK (lon BETWEEN -180 AND 180),
    transport TEXT NOT NULL CHECK (transport IN ('walk', 'ebike', 'transit')),
    grid_id TEXT NOT NULL REFERENCES grids(id), organisation_id TEXT REFERENCES organisations(id),
    birth_month TEXT NOT NULL, phone TEXT NOT NULL, phone_index TEXT NOT NULL, address TEXT NOT NULL,
    notes TEXT NOT NULL,
    languages TEXT NOT NULL, skills TEXT NOT NULL, trainings TEXT NOT NULL, consents TEXT NOT NULL,
    preferred_services TEXT NOT NULL, max_visits_per_day INTEGER CHECK (max_visits_per_day >= 0),
    max_minutes_per_day INTEGER CHECK (max_minutes_per_day >= 0),
    max_visits_per_week INTEGER CHECK (max_visits_per_week >= 0),
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

-- Pairs of an elder and a volunteer

CREATE TABLE pairs (
    id TEXT PRIMARY KEY, recipient_id TEXT NOT NULL REFERENCES recipients(id),
    volunteer_id TEXT NOT NULL REFERENCES volunteers(id), rank INTEGER NOT NULL CHECK (rank IN (1, 2)),
    state TEXT NOT NULL CHECK (state IN ('proposed', 'trial', 'active', 'paused', 'ended')),
    pinned INTEGER NOT NULL CHECK (pinned IN (0, 1)), since TEXT, revision INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX pairs_one_bond ON pairs(recipient_id, volunteer_id) WHERE state <> 'ended';
CREATE UNIQUE INDEX pairs_one_face_a_rank ON pairs(recipient_id, rank) WHERE state IN ('active', 'paused');
CREATE INDEX pairs_of_volunteer ON pairs(volunteer_id);
CREATE TABLE pair_steps (
    number INTEGER PRIMARY KEY, pair_id TEXT NOT NULL REFERENCES pairs(id), step TEXT NOT NULL, at TEXT NOT NULL,
    actor TEXT NOT NULL, reason TEXT NOT NULL) STRICT;
CREATE INDEX pair_steps_of ON pair_steps(pair_id);

-- What is needed: the catalogue, needs, dated slots

CREATE TABLE service_types (
    code TEXT PRIMARY KEY, name_zh TEXT NOT NULL, name_en TEXT NOT NULL, minutes INTEGER NOT NULL CHECK (minutes > 0),
    heads INTEGER NOT NULL CHECK (heads > 0), min_heads INTEGER NOT NULL CHECK (min_heads BETWEEN 1 AND heads),
    priority INTEGER NOT NULL CHECK (priority BETWEEN 1 AND 5),
    continuity TEXT NOT NULL CHECK (continuity IN ('paired', 'known', 'same', 'none')),
    place TEXT NOT NULL CHECK (place IN ('at_recipient', 'remote')), recipient_kinds TEXT NOT NULL,
    windows TEXT NOT NULL,
    kinds TEXT NOT NULL, team TEXT NOT NULL, requires_all TEXT NOT NULL, requires_any TEXT NOT NULL,
    prefers TEXT NOT NULL,
    in_blackout INTEGER NOT NULL, in_quiet_hours INTEGER NOT NULL, needs_insurance INTEGER NOT NULL,
    standbys INTEGER NOT NULL CHECK (standbys >= 0), risk_zh TEXT NOT NULL, risk_en TEXT NOT NULL,
    active INTEGER NOT NULL, revision INTEGER NOT NULL DEFAULT 0) STRICT;
CREATE TABLE needs (
    id TEXT PRIMARY KEY, code TEXT NOT NULL UNIQUE, service_type TEXT NOT NULL REFERENCES service_types(code),
    recipient_id TEXT NOT NULL REFERENCES recipients(id), kind TEXT NOT NULL CHECK (kind IN ('once', 'recurring',
    'cadence')),
    from_date TEXT NOT NULL, until_date TEXT, weekdays TEXT NOT NULL,
    every_weeks INTEGER NOT NULL CHECK (every_weeks > 0), month_days TEXT NOT NULL DEFAULT '[]',
    on_holidays TEXT NOT NULL DEFAULT 'as_usual' CHECK (on_holidays IN ('as_usual', 'skip', 'next_workday')),
    per_week INTEGER CHECK (per_week > 0), max_gap_days INTEGER CHECK (max_gap_days > 0), start TEXT, "end" TEXT,
    minutes INTEGER CHECK (minutes > 0), heads INTEGER CHECK (heads > 0), min_heads INTEGER CHECK (min_heads > 0),
    priority INTEGER CHECK (priority BETWEEN 1 AND 5), team TEXT NOT NULL, requires_all TEXT NOT NULL,
    gender_wish TEXT NOT NULL, language_wish TEXT NOT NULL, title TEXT NOT NULL, notes TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'published', 'closed', 'cancelled')),
    created_by TEXT NOT NULL, created_at TEXT, revision INTEGER NOT NULL) STRICT;
CREATE INDEX needs_of_recipient ON needs(recipient_id);
CREATE TABLE slots (
    id TEXT PRIMARY KEY, need_id TEXT NOT NULL REFERENCES needs(id),
    service_type TEXT NOT NULL REFERENCES service_types(code),
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
CREATE INDEX slots_of_recipient ON slots(recipient_id, service_date);

-- Plans: runs of the solver, what they proposed, what was asked for

CREATE TABLE counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;
INSERT INTO counters VALUES ('planning', 1);
CREATE TABLE runs (
    id TEXT PRIMARY KEY, job TEXT NOT NULL, service_date TEXT NOT NULL, key TEXT NOT NULL UNIQUE,
    state TEXT NOT NULL CHECK (state IN ('running', 'done', 'failed')), started_at TEXT NOT NULL,
    fence INTEGER NOT NULL, holder TEXT NOT NULL, lease_until TEXT, ended_at TEXT, requested_by TEXT NOT NULL,
    message TEXT NOT NULL, progress TEXT NOT NULL, receipt TEXT NOT NULL,
    stop_requested INTEGER NOT NULL CHECK (stop_requested IN (0, 1)), revision INTEGER NOT NULL,
    message_zh TEXT NOT NULL DEFAULT '') STRICT;
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
CREATE TABLE replan_requests (
    id TEXT PRIMARY KEY, job TEXT NOT NULL CHECK (job IN ('plan', 'repair')), slot_id TEXT REFERENCES slots(id),
    reason TEXT NOT NULL, requested_by TEXT NOT NULL, requested_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'taken', 'done', 'failed')),
    run_id TEXT REFERENCES runs(id)) STRICT;
CREATE TABLE scenarios (
    id TEXT PRIMARY KEY, changes TEXT NOT NULL, requested_by TEXT NOT NULL, requested_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'taken', 'done', 'failed')), figures TEXT NOT NULL,
    message TEXT NOT NULL,
    message_zh TEXT NOT NULL DEFAULT '') STRICT;

-- Promises: who goes, refusals, standbys, swaps, conflicts for staff to decide

CREATE TABLE assignments (
    id TEXT PRIMARY KEY, slot_id TEXT NOT NULL REFERENCES slots(id),
    volunteer_id TEXT NOT NULL REFERENCES volunteers(id),
    starts_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('proposed', 'accepted', 'declined', 'expired', 'withdrawn', 'superseded',
        'cancelled', 'checked_in', 'done', 'missed', 'excused')),
    source TEXT NOT NULL CHECK (source IN ('plan', 'staff', 'standby', 'claim', 'swap')),
    plan_id TEXT REFERENCES plans(id),
    proposed_at TEXT, expires_at TEXT, replied_at TEXT, reason TEXT NOT NULL,
    pinned INTEGER NOT NULL CHECK (pinned IN (0, 1)), revision INTEGER NOT NULL,
    taken_off INTEGER NOT NULL DEFAULT 0 CHECK (taken_off IN (0, 1))) STRICT;
CREATE UNIQUE INDEX assignments_one_live ON assignments(slot_id, volunteer_id)
    WHERE state IN ('proposed', 'accepted', 'checked_in');
CREATE UNIQUE INDEX assignments_one_start ON assignments(volunteer_id, starts_at)
    WHERE state IN ('proposed', 'accepted', 'checked_in');
CREATE INDEX assignments_of_volunteer ON assignments(volunteer_id, starts_at);
CREATE INDEX assignments_of_slot ON assignments(slot_id);
CREATE INDEX assignments_on_visit ON assignments(slot_id) WHERE state IN ('proposed', 'accepted', 'checked_in', 'done');
CREATE INDEX assignments_promised ON assignments(starts_at) WHERE state = 'accepted';
CREATE TABLE asked_again (
    need_id TEXT NOT NULL REFERENCES needs(id) ON DELETE CASCADE,
    volunteer_id TEXT NOT NULL REFERENCES volunteers(id), since_at TEXT NOT NULL,
    PRIMARY KEY (need_id, volunteer_id)) STRICT;

-- A refusal covers its need; "not this person" covers all needs of the recipient. It stands until it is taken back.
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
CREATE TABLE standbys (
    slot_id TEXT NOT NULL REFERENCES slots(id) ON DELETE CASCADE,
    volunteer_id TEXT NOT NULL REFERENCES volunteers(id), rank INTEGER NOT NULL CHECK (rank > 0),
    starts_at TEXT NOT NULL, coverage_change INTEGER NOT NULL, cost_change INTEGER NOT NULL,
    built_at TEXT NOT NULL, valid_until TEXT NOT NULL, PRIMARY KEY (slot_id, volunteer_id)) STRICT;
CREATE INDEX standbys_of_volunteer ON standbys(volunteer_id);
CREATE TABLE swaps (
    id TEXT PRIMARY KEY, assignment_id TEXT NOT NULL REFERENCES assignments(id),
    to_volunteer_id TEXT NOT NULL REFERENCES volunteers(id),
    state TEXT NOT NULL CHECK (state IN ('asked', 'accepted', 'declined', 'taken_back', 'expired')),
    asked_at TEXT NOT NULL, expires_at TEXT NOT NULL, answered_at TEXT, revision INTEGER NOT NULL) STRICT;
CREATE UNIQUE INDEX swaps_one_open ON swaps(assignment_id) WHERE state = 'asked';
CREATE INDEX swaps_for_volunteer ON swaps(to_volunteer_id, state);
CREATE TABLE conflicts (
    assignment_id TEXT PRIMARY KEY REFERENCES assignments(id) ON DELETE CASCADE, reasons TEXT NOT NULL,
    since TEXT NOT NULL) STRICT;
CREATE TABLE reply_links (
    token_hash TEXT PRIMARY KEY, assignment_id TEXT NOT NULL REFERENCES assignments(id) ON DELETE CASCADE,
    created_at TEXT NOT NULL, expires_at TEXT NOT NULL, used_at TEXT) STRICT;
CREATE INDEX reply_links_of ON reply_links(assignment_id);

-- Records: attendance, hours, measures of a day

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
CREATE INDEX hours_uncredited ON hours_entries(assignment_id) WHERE credited_min = 0;
CREATE TABLE measures (
    service_date TEXT NOT NULL, name TEXT NOT NULL, scope TEXT NOT NULL, value REAL, measured_at TEXT NOT NULL,
    PRIMARY KEY (service_date, name, scope)) STRICT;

-- Messages: where people are reached, in the order they chose; what they are told

CREATE TABLE contact_points (
    id TEXT PRIMARY KEY, volunteer_id TEXT NOT NULL REFERENCES volunteers(id) ON DELETE CASCADE,
    channel TEXT NOT NULL CHECK (channel IN ('mail', 'wecom', 'feishu', 'sms')), address TEXT NOT NULL,
    rank INTEGER NOT NULL, UNIQUE (volunteer_id, channel)) STRICT;
CREATE TABLE area_phones (
    id TEXT PRIMARY KEY, grid_id TEXT NOT NULL REFERENCES grids(id) ON DELETE CASCADE, phone TEXT NOT NULL,
    set_at TEXT NOT NULL) STRICT;
CREATE TABLE outbox (
    id TEXT PRIMARY KEY, key TEXT NOT NULL UNIQUE, addressee TEXT NOT NULL, template TEXT NOT NULL,
    payload TEXT NOT NULL, state TEXT NOT NULL CHECK (state IN
        ('waiting', 'sent', 'delivered', 'failed', 'no_channel', 'dropped')),
    created_at TEXT NOT NULL, next_at TEXT NOT NULL, attempts INTEGER NOT NULL, claimed_by TEXT NOT NULL,
    claimed_until TEXT, sent_at TEXT,
    error TEXT NOT NULL, urgent INTEGER NOT NULL DEFAULT 0 CHECK (urgent IN (0, 1)), sent_to TEXT NOT NULL DEFAULT '[]',
    acknowledged_at TEXT, begins_at TEXT, refused_by TEXT NOT NULL DEFAULT '[]', digest TEXT NOT NULL DEFAULT '',
    receipt TEXT NOT NULL DEFAULT '', called_at TEXT, called_by TEXT NOT NULL DEFAULT '',
    call_outcome TEXT NOT NULL DEFAULT ''
        CHECK (call_outcome IN ('', 'accepted', 'declined', 'told', 'not_reached'))) STRICT;
CREATE INDEX outbox_due ON outbox(state, next_at);
CREATE INDEX outbox_of_addressee ON outbox(addressee, state);

-- Accounts and doors

CREATE TABLE accounts (
    id TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, role TEXT NOT NULL CHECK (role IN ('admin', 'staff', 'auditor',
    'volunteer')),
    password_hash TEXT NOT NULL, name TEXT NOT NULL, grid_id TEXT REFERENCES grids(id),
    volunteer_id TEXT REFERENCES volunteers(id), totp_secret TEXT NOT NULL, locale TEXT NOT NULL,
    active INTEGER NOT NULL, created_at TEXT, revision INTEGER NOT NULL) STRICT;
CREATE TABLE invitations (
    token_hash TEXT PRIMARY KEY, volunteer_id TEXT NOT NULL UNIQUE REFERENCES volunteers(id) ON DELETE CASCADE,
    invited_by TEXT NOT NULL, created_at TEXT NOT NULL, expires_at TEXT NOT NULL, tries INTEGER NOT NULL) STRICT;
CREATE TABLE logins (
    token_hash TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    created_at TEXT NOT NULL, seen_at TEXT NOT NULL, expires_at TEXT NOT NULL, csrf TEXT NOT NULL,
    agent TEXT NOT NULL) STRICT;
CREATE TABLE used_codes (
    account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, step INTEGER NOT NULL,
    PRIMARY KEY (account_id, step)) STRICT;
CREATE TABLE rate_limits (key TEXT PRIMARY KEY, full_at REAL NOT NULL) STRICT;
CREATE TABLE api_tokens (
    id TEXT PRIMARY KEY, token_hash TEXT NOT NULL UNIQUE, name TEXT NOT NULL, scopes TEXT NOT NULL,
    account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL, revoked_at TEXT) STRICT;
CREATE INDEX api_tokens_of ON api_tokens(account_id);
CREATE TABLE calendar_feeds (
    token_hash TEXT PRIMARY KEY, volunteer_id TEXT NOT NULL UNIQUE REFERENCES volunteers(id) ON DELETE CASCADE,
    created_at TEXT NOT NULL) STRICT;
CREATE TABLE kept_answers (
    key TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE,
    request_hash TEXT NOT NULL, status INTEGER NOT NULL, location TEXT NOT NULL, mimetype TEXT NOT NULL,
    body TEXT NOT NULL, kept_at TEXT NOT NULL) STRICT;

-- Files that came in

CREATE TABLE uploads (
    id TEXT PRIMARY KEY, account_id TEXT NOT NULL REFERENCES accounts(id) ON DELETE CASCADE, filename TEXT NOT NULL,
    content BLOB NOT NULL, uploaded_at TEXT NOT NULL) STRICT;
CREATE TABLE dry_runs (
    upload_id TEXT PRIMARY KEY REFERENCES uploads(id) ON DELETE CASCADE, shown TEXT NOT NULL) STRICT;
CREATE TABLE imports (
    id TEXT PRIMARY KEY, filename TEXT NOT NULL, imported_by TEXT NOT NULL, imported_at TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('done', 'undone')), counts TEXT NOT NULL, undo BLOB NOT NULL) STRICT;

-- The audit log, and what the file is checked against: a value sealed with its key, how far the log has come

CREATE TABLE audit (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, actor TEXT NOT NULL, action TEXT NOT NULL, object_kind TEXT NOT NULL,
    object_id TEXT NOT NULL, reason TEXT NOT NULL, previous_hash TEXT NOT NULL, hash TEXT NOT NULL,
    opened_for TEXT NOT NULL DEFAULT '') STRICT;
CREATE INDEX audit_of_object ON audit(object_kind, object_id);
CREATE TABLE anchors (name TEXT PRIMARY KEY, number INTEGER NOT NULL, value TEXT NOT NULL) STRICT;
