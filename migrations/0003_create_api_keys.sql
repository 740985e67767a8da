-- Keys of the programs that manage an organisation, or one site of it. `hash` is the SHA-256 of the whole key, which
-- has 256 random bits: nothing slower is needed to keep it.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES organisations (id),
    site_id TEXT,
    name TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (org_id, site_id) REFERENCES sites (org_id, id)
) STRICT;
