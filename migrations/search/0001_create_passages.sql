-- Passages are what documents are cut into to be searched. Rebuildable: every row comes from a document in the main
-- database.
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    site_id TEXT NOT NULL,
    document_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    title TEXT NOT NULL,
    url TEXT,
    heading TEXT NOT NULL,
    body TEXT NOT NULL,
    -- NULL: its words are not in the index, and a job cuts its document again. Words cannot be made in SQL, so a later
    -- step that changes how they are made sets this to NULL.
    language TEXT,
    -- When the document was added or last changed.
    updated_at INTEGER NOT NULL DEFAULT 0,
    -- What the passage means, on sites with an embedding model: base64 of one byte a dimension, and which model, with
    -- what before the text, made it. It comes some time after the passage and goes with it.
    vector TEXT,
    vector_of TEXT,
    UNIQUE (document_id, ordinal)
) STRICT;
CREATE INDEX passages_by_site ON passages (site_id);
CREATE INDEX passages_from_before ON passages (site_id, document_id) WHERE language IS NULL;
-- Finds the passages whose vectors are still to be made without reading texts.
CREATE INDEX passages_by_vector ON passages (site_id, vector_of);
