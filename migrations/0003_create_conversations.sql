-- Conversations as the team reads them. The visitor's object is where they happen; an alarm brings the rows here, and
-- brings them again when it is not sure that they arrived, hence keys that make a second arrival harmless.
CREATE TABLE conversations (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    visitor_id TEXT NOT NULL,
    verified INTEGER NOT NULL CHECK (verified IN (0, 1)),
    status TEXT NOT NULL CHECK (status IN ('open', 'waiting', 'agent', 'closed')),
    seq INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (org_id, id),
    FOREIGN KEY (org_id, site_id) REFERENCES sites (org_id, id)
) STRICT;
CREATE INDEX conversations_by_site ON conversations (site_id, updated_at, id);
CREATE INDEX conversations_by_org ON conversations (org_id, updated_at, id);

CREATE TABLE messages (
    conversation_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('visitor', 'assistant', 'agent', 'system')),
    text TEXT NOT NULL,
    -- Rich text, sources and offer, as JSON in the shape of the wire.
    body TEXT NOT NULL CHECK (json_valid(body)),
    at INTEGER NOT NULL,
    PRIMARY KEY (conversation_id, seq),
    UNIQUE (conversation_id, id),
    FOREIGN KEY (org_id, conversation_id) REFERENCES conversations (org_id, id)
) STRICT, WITHOUT ROWID;
