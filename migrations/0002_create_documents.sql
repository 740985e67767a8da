-- A site's knowledge as its owner gave it. The index over it is in the search database.
CREATE TABLE documents (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    title TEXT NOT NULL,
    format TEXT NOT NULL CHECK (format IN ('markdown', 'text')),
    url TEXT,
    content TEXT NOT NULL,
    passages INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (org_id, site_id) REFERENCES sites (org_id, id)
) STRICT;
CREATE INDEX documents_by_site ON documents (site_id, created_at, id);
