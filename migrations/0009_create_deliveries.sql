-- Deliveries are events on their way to connections. They arrive in the batch with the rows that they tell of, perhaps
-- twice; their ids are made of connection and event, so that the second time changes nothing.
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
-- Erasing a visitor finds what tells of their conversations.
CREATE INDEX deliveries_by_conversation ON deliveries (org_id, payload ->> '$.data.conversation');
