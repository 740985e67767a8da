-- Imports are sitemaps on their way to becoming documents. One import of a site runs at a time.
CREATE TABLE imports (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    sitemap TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('running', 'finished', 'failed', 'cancelled')),
    -- The API key that asked for it, for the log.
    made_by TEXT NOT NULL,
    -- How many pages are listed; NULL until the sitemap has been read.
    found INTEGER,
    -- Why it failed: a problem's code and sentence.
    code TEXT CHECK ((code IS NOT NULL) = (status = 'failed')),
    detail TEXT CHECK ((detail IS NULL) = (code IS NULL)),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (org_id, id),
    FOREIGN KEY (org_id, site_id) REFERENCES sites (org_id, id)
) STRICT;
CREATE UNIQUE INDEX imports_running ON imports (site_id) WHERE status = 'running';
CREATE INDEX imports_by_site ON imports (site_id, created_at, id);
