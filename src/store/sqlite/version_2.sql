-- Events, messages, launches, the use of tokens, and sets that wait for confirmation. Times are Unix seconds but for claim_until
-- and forward_until (milliseconds of the machine's clock, as leases have it).

CREATE TABLE events (
    -- Never given twice, so that who follows by number misses nothing.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    created_at INTEGER,
    info_type TEXT NOT NULL,
    appid TEXT,
    fields TEXT NOT NULL,
    outcome TEXT NOT NULL,
    detail TEXT,
    finished_at INTEGER,
    repeats INTEGER NOT NULL DEFAULT 0,
    -- Absent once spent or dead.
    code_key TEXT,
    code BLOB,
    code_expires_at INTEGER,
    pre_auth_code_fingerprint TEXT,
    -- Who works on it.
    claim_holder TEXT,
    claim_until INTEGER,
    forward TEXT,
    forward_detail TEXT,
    forward_after INTEGER,
    forward_payload TEXT,
    -- 1: it is not to wait for the work on it.
    forward_early INTEGER NOT NULL DEFAULT 0,
    -- Who forwards it.
    forward_holder TEXT,
    forward_until INTEGER
) STRICT;

CREATE UNIQUE INDEX events_known ON events (platform, fingerprint);
CREATE INDEX events_by_type ON events (platform, info_type, outcome);
CREATE INDEX events_pending ON events (platform, id) WHERE outcome = 'pending';
CREATE INDEX events_to_forward ON events (platform, id) WHERE forward = 'pending';
CREATE INDEX events_to_forward_about ON events (platform, appid, id) WHERE forward = 'pending';
CREATE INDEX events_of_link ON events (platform, pre_auth_code_fingerprint)
    WHERE pre_auth_code_fingerprint IS NOT NULL;

-- Granted sets that work only once they are confirmed: sorted numbers with commas between.
ALTER TABLE authorizers ADD COLUMN pending_ids TEXT NOT NULL DEFAULT '';

-- When the token was last handed out, to the hour.
ALTER TABLE tokens ADD COLUMN used_at INTEGER;

-- Tokens that WeChat refused before their expiry although no process on this store replaced them.
CREATE TABLE refusals (
    platform INTEGER NOT NULL,
    -- As in tokens.
    owner TEXT NOT NULL,
    since INTEGER NOT NULL,
    latest INTEGER NOT NULL,
    count INTEGER NOT NULL,
    -- The last token that was refused: each counts once.
    generation INTEGER NOT NULL,
    PRIMARY KEY (platform, owner)
) STRICT, WITHOUT ROWID;

CREATE TABLE message_counts (
    platform INTEGER NOT NULL,
    account TEXT NOT NULL,
    what TEXT NOT NULL,
    count INTEGER NOT NULL,
    last_at INTEGER NOT NULL,
    PRIMARY KEY (platform, account, what)
) STRICT, WITHOUT ROWID;

-- The messages that were counted, by the fingerprint of what identifies them.
CREATE TABLE message_marks (
    platform INTEGER NOT NULL,
    mark BLOB NOT NULL,
    -- When WeChat made the message.
    created_at INTEGER NOT NULL,
    PRIMARY KEY (platform, mark)
) STRICT, WITHOUT ROWID;

CREATE INDEX message_marks_by_age ON message_marks (platform, created_at);

CREATE TABLE message_memory (
    platform INTEGER PRIMARY KEY,
    -- How many marks there are.
    marks INTEGER NOT NULL,
    -- The greatest created_at of a mark that was dropped; 0 before the first.
    forgotten INTEGER NOT NULL
) STRICT;

CREATE TABLE messages (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform INTEGER NOT NULL,
    received_at INTEGER NOT NULL,
    account TEXT NOT NULL,
    what TEXT NOT NULL,
    body TEXT NOT NULL
) STRICT;

CREATE TABLE launches (
    platform INTEGER NOT NULL,
    pre_auth_code_fingerprint TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    external_id TEXT,
    claimed_external_id TEXT,
    only_appid TEXT,
    -- Sorted numbers with commas between.
    permission_ids TEXT NOT NULL,
    source TEXT NOT NULL,
    state TEXT,
    -- Who confirmed.
    appid TEXT,
    PRIMARY KEY (platform, pre_auth_code_fingerprint)
) STRICT, WITHOUT ROWID;

CREATE INDEX launches_made ON launches (platform, source, made_at);
CREATE INDEX launches_state ON launches (platform, state) WHERE state IS NOT NULL;
