-- The ways out that a team set up, and what is on its way to them. A connection without a site is told of all sites of
-- its organisation. `sealed` is its secret under the vault's key. Deliveries arrive in the same batch as the rows that
-- they tell of, perhaps twice; their ids are made of connection and event, so that the second time changes nothing.
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

CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    event_id TEXT NOT NULL,
    event TEXT NOT NULL,
    payload TEXT NOT NULL CHECK (json_valid(payload)),
    status TEXT NOT NULL CHECK (status IN ('due', 'delivered', 'parked')),
    attempts INTEGER NOT NULL,
    -- When the next attempt is due, while one is.
    next_at INTEGER CHECK ((next_at IS NOT NULL) = (status = 'due')),
    outcome TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (connection_id, event_id),
    FOREIGN KEY (org_id, connection_id) REFERENCES connections (org_id, id)
) STRICT;
CREATE INDEX deliveries_by_connection ON deliveries (connection_id, created_at, id);
CREATE INDEX deliveries_due ON deliveries (next_at, connection_id) WHERE status = 'due';
CREATE INDEX deliveries_by_age ON deliveries (updated_at);
