-- The team's queue: what a person should look at. The visitors' objects are where items come up and move; an item that
-- arrives a second time changes nothing.
CREATE TABLE reviews (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    visitor_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('escalation', 'draft', 'lead')),
    -- JSON, in the shape of the wire.
    matter TEXT NOT NULL CHECK (json_valid(matter)),
    seq INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'in_progress', 'done', 'dismissed')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (org_id, id),
    FOREIGN KEY (org_id, site_id) REFERENCES sites (org_id, id),
    FOREIGN KEY (org_id, conversation_id) REFERENCES conversations (org_id, id)
) STRICT;
CREATE INDEX reviews_by_org ON reviews (org_id, created_at, id);
CREATE INDEX reviews_by_conversation ON reviews (conversation_id);
