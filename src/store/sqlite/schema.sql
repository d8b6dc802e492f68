-- Times are Unix seconds but for lease_until (milliseconds). A secret is a pair: the id of the key
-- it is sealed with ('' for none) and its bytes.

CREATE TABLE platforms (
    id INTEGER PRIMARY KEY,
    realm TEXT NOT NULL,
    component_appid TEXT NOT NULL,
    -- The last fence given out. Rows here are never deleted, so that fences only grow.
    fence INTEGER NOT NULL DEFAULT 0,
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
    value_key TEXT,
    value BLOB,
    UNIQUE (platform, fingerprint)
) STRICT;

CREATE INDEX tickets_kept ON tickets (platform, received_at) WHERE value IS NOT NULL;

CREATE TABLE tokens (
    platform INTEGER NOT NULL,
    -- An appid; '' for the platform itself.
    owner TEXT NOT NULL,
    access_key TEXT,
    access BLOB,
    refresh_key TEXT,
    refresh BLOB,
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
