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
    -- Where the visitor was last, as the site's page told it: JSON in the wire's own form, replaced as a whole.
    context TEXT,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (org_id, id),
    FOREIGN KEY (org_id, site_id) REFERENCES sites (org_id, id)
) STRICT;
CREATE INDEX conversations_by_site ON conversations (site_id, updated_at, id);
CREATE INDEX conversations_by_org ON conversations (org_id, updated_at, id);
CREATE INDEX conversations_by_visitor ON conversations (org_id, visitor_id);
