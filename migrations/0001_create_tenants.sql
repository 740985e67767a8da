-- Who owns what: organisations, the keys of their programs, their sites and the keys that sign visitor tokens.
CREATE TABLE organisations (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

CREATE TABLE sites (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES organisations (id),
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('safelist', 'signed')),
    safelist TEXT NOT NULL CHECK (json_valid(safelist)),
    enabled INTEGER NOT NULL DEFAULT 0 CHECK (enabled IN (0, 1)),
    token_ttl_max INTEGER NOT NULL CHECK (token_ttl_max BETWEEN 1 AND 86400),
    greeting TEXT NOT NULL,
    disclosure TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (org_id, id)
) STRICT;

-- `hash` is the SHA-256 of the whole key, which has 256 random bits: nothing slower is needed to keep it.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES organisations (id),
    site_id TEXT,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (org_id, site_id) REFERENCES sites (org_id, id)
) STRICT;

-- `sealed` is the secret under the vault's key: verifying a token needs it back.
CREATE TABLE signing_keys (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (org_id, site_id) REFERENCES sites (org_id, id)
) STRICT;
CREATE INDEX signing_keys_by_site ON signing_keys (site_id);
