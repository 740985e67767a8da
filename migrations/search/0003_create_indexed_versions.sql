-- Which version of a document the index holds. Passages are replaced in one transaction that compares this first, so
-- that an older version never overwrites a newer one. A deleted document keeps its row, with a version that no other
-- reaches.
CREATE TABLE indexed_versions (
    site_id TEXT NOT NULL,
    document_id TEXT NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (site_id, document_id)
) STRICT, WITHOUT ROWID;
