-- Calls of language models, metered: what was used, never what was said or by whom. The organisation's model budget is
-- where they are counted; an alarm brings the rows here, and brings them again when it is not sure that they arrived.
CREATE TABLE usage (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    month TEXT NOT NULL,
    provider TEXT NOT NULL CHECK (provider IN ('connection', 'workers_ai')),
    model TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cost INTEGER NOT NULL,
    ms INTEGER NOT NULL,
    outcome TEXT NOT NULL,
    FOREIGN KEY (org_id, site_id) REFERENCES sites (org_id, id)
) STRICT;
CREATE INDEX usage_by_org ON usage (org_id, month, at, id);
CREATE INDEX usage_by_site ON usage (site_id, month, at, id);
