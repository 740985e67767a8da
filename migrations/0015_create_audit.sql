-- The audit trail: who did what to an organisation's things. A line holds ids of ours and nothing that anybody wrote;
-- what is a visitor's is named by a keyed hash. No foreign keys: the trail outlives what it tells of, the organisation
-- included.
CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    site_id TEXT,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL CHECK (actor IN ('api_key', 'link', 'visitor', 'edge')),
    -- The key that did it, or that made the link.
    key_id TEXT CHECK (key_id IS NULL OR actor IN ('api_key', 'link')),
    action TEXT NOT NULL,
    target TEXT,
    -- Of how many things it tells, when not of one.
    n INTEGER
) STRICT;
CREATE INDEX audit_by_org ON audit (org_id, at, id);
-- The ends of organisations, for the job that deletes their trails afterwards.
CREATE INDEX audit_endings ON audit (org_id, at) WHERE action = 'organisation.end';
