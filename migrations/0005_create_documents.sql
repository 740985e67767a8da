-- A site's knowledge as its owner gave it. The index over it is in the search database. A document has versions and
-- remembers the page that it was imported from, so that importing the page again changes only what differs.
CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    title TEXT NOT NULL,
    format TEXT NOT NULL CHECK (format IN ('markdown', 'text', 'html')),
    url TEXT,
    content TEXT NOT NULL,
    passages INTEGER NOT NULL,
    version INTEGER NOT NULL DEFAULT 1 CHECK (version >= 1),
    -- The address that it was fetched from, what was there (a hash), and the sitemap that led there, if one did.
    source TEXT,
    source_digest TEXT CHECK ((source_digest IS NULL) = (source IS NULL)),
    sitemap TEXT CHECK (sitemap IS NULL OR source IS NOT NULL),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL DEFAULT 0,
    FOREIGN KEY (org_id, site_id) REFERENCES sites (org_id, id)
) STRICT;
CREATE INDEX documents_by_site ON documents (site_id, created_at, id);
CREATE UNIQUE INDEX documents_by_source ON documents (site_id, source) WHERE source IS NOT NULL;
CREATE INDEX documents_by_sitemap ON documents (site_id, sitemap) WHERE sitemap IS NOT NULL;
