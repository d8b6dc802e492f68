-- Times are Unix seconds but for lease_until, claim_until and forward_until (milliseconds of the
-- machine's clock). A secret is the text itself, or encrypted:<key id>:<base64>.

CREATE TABLE platforms (
    id INTEGER PRIMARY KEY,
    realm TEXT NOT NULL,
    component_appid TEXT NOT NULL,
    -- The last fence given out. Rows here are never deleted, so that fences only grow.
    fence INTEGER NOT NULL DEFAULT 0,
    -- A secret: that a run began which encrypts or decrypts the others, and did not end yet.
    encryption_run TEXT,
    UNIQUE (realm, component_appid)
) STRICT;

CREATE TABLE tickets (
    -- The order of arrival: the greatest is the newest.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    -- Absent once the ticket is too old to be of use.
    value TEXT,
    UNIQUE (platform, fingerprint)
) STRICT;

CREATE INDEX tickets_kept ON tickets (platform, received_at) WHERE value IS NOT NULL;

CREATE TABLE tokens (
    platform INTEGER NOT NULL,
    -- An appid; '' for the platform itself.
    owner TEXT NOT NULL,
    access TEXT,
    refresh TEXT,
    -- When the refresh token was last known to be the right one; absent without one.
    refresh_as_of INTEGER,
    issued_at INTEGER,
    expires_at INTEGER,
    -- For how many seconds it counted as valid when it was issued.
    lifetime INTEGER,
    generation INTEGER NOT NULL DEFAULT 0,
    fence INTEGER NOT NULL DEFAULT 0,
    lease_holder TEXT,
    lease_until INTEGER,
    intent_fence INTEGER,
    intent_at INTEGER,
    -- When the token was last handed out, to the hour.
    used_at INTEGER,
    PRIMARY KEY (platform, owner)
) STRICT, WITHOUT ROWID;

-- Answers "which are due" and "until when" without touching the wide rows.
CREATE INDEX tokens_due ON tokens (platform, owner, expires_at, issued_at, refresh_as_of);

CREATE TABLE holders (
    id TEXT NOT NULL PRIMARY KEY,
    host TEXT NOT NULL,
    process_id INTEGER NOT NULL,
    command TEXT NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE authorizers (
    platform INTEGER NOT NULL,
    appid TEXT NOT NULL,
    user_name TEXT,
    nick_name TEXT,
    -- The operator's own id; and the one that a visitor's link brought, which finds no authorizer.
    external_id TEXT,
    claimed_external_id TEXT,
    kind TEXT NOT NULL,
    principal_name TEXT,
    status TEXT NOT NULL,
    account_status TEXT NOT NULL,
    authorized_at INTEGER,
    -- Sorted numbers with commas between.
    permission_ids TEXT NOT NULL,
    synced_at INTEGER,
    revoked_at INTEGER,
    revoked_source TEXT,
    -- The moment that the row is known to speak of.
    as_of INTEGER NOT NULL,
    -- Granted sets that work only once they are confirmed, in the same form.
    pending_ids TEXT NOT NULL DEFAULT '',
    PRIMARY KEY (platform, appid)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX authorizers_external_id ON authorizers (platform, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX authorizers_user_name ON authorizers (platform, user_name)
    WHERE user_name IS NOT NULL;
CREATE INDEX authorizers_nick_name ON authorizers (platform, nick_name)
    WHERE nick_name IS NOT NULL;

CREATE TABLE authorizer_details (
    platform INTEGER NOT NULL,
    appid TEXT NOT NULL,
    json TEXT NOT NULL,
    PRIMARY KEY (platform, appid)
) STRICT, WITHOUT ROWID;

CREATE TABLE redeemed_codes (
    platform INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    appid TEXT NOT NULL,
    redeemed_at INTEGER NOT NULL,
    PRIMARY KEY (platform, fingerprint)
) STRICT, WITHOUT ROWID;

CREATE TABLE passes (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform INTEGER NOT NULL,
    complete INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    finished_at INTEGER,
    total INTEGER
) STRICT;

CREATE INDEX passes_of ON passes (platform, started_at);

CREATE TABLE journal (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform INTEGER NOT NULL,
    at INTEGER NOT NULL,
    who TEXT NOT NULL,
    host TEXT NOT NULL,
    command TEXT NOT NULL,
    appid TEXT,
    what TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;

CREATE INDEX journal_of ON journal (platform, appid, id);

CREATE TABLE events (
    -- Never given twice, so that who follows by number misses nothing.
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    platform INTEGER NOT NULL,
    fingerprint TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    created_at INTEGER,
    info_type TEXT NOT NULL,
    appid TEXT,
    fields TEXT,
    outcome TEXT NOT NULL,
    detail TEXT,
    finished_at INTEGER,
    repeats INTEGER NOT NULL DEFAULT 0,
    -- Absent once spent or dead.
    code TEXT,
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
