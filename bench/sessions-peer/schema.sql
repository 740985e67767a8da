CREATE TABLE sites (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE,
    safelist TEXT NOT NULL CHECK (json_valid(safelist)),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    tickets_per_minute INTEGER NOT NULL
) STRICT;
