-- Connections are the ways out that a team set up: webhooks and models. One without a site is told of all sites of its
-- organisation. `sealed` is its secret under the vault's key.
CREATE TABLE connections (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES organisations (id),
    site_id TEXT,
    kind TEXT NOT NULL CHECK (kind IN ('webhook', 'model')),
    url TEXT NOT NULL,
    events TEXT NOT NULL CHECK (json_valid(events)),
    sealed TEXT CHECK (sealed IS NOT NULL OR kind = 'model'),
    enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
    verified_at INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    UNIQUE (org_id, id),
    FOREIGN KEY (org_id, site_id) REFERENCES sites (org_id, id)
) STRICT;
