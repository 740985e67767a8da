-- Sitemaps on their way to becoming documents. One import of a site runs at a time. Its steps are planned when the sitemap
-- is read: pages to take over, documents whose pages are gone. A step's outcome is written in the transaction that writes
-- its document, so that a step that is done again tells what it did and not that it was done.
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

CREATE TABLE import_steps (
    import_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    org_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('page', 'gone')),
    -- A page's address; the id of a document whose page is gone.
    subject TEXT NOT NULL,
    -- Times that it was begun, to give up on what kills whoever begins it.
    attempts INTEGER NOT NULL,
    outcome TEXT CHECK (outcome IN ('added', 'changed', 'unchanged', 'removed', 'failed')),
    code TEXT CHECK (code IS NULL OR outcome = 'failed'),
    detail TEXT CHECK ((detail IS NULL) = (code IS NULL)),
    is_done INTEGER NOT NULL CHECK (is_done IN (0, 1) AND (is_done = 0 OR outcome IS NOT NULL)),
    PRIMARY KEY (import_id, ordinal),
    FOREIGN KEY (org_id, import_id) REFERENCES imports (org_id, id)
) STRICT, WITHOUT ROWID;
