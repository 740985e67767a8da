-- The index of passages. Rebuildable: every row comes from a document in the main database.
CREATE TABLE passages (
    id INTEGER PRIMARY KEY,
    site_id TEXT NOT NULL,
    -- The site's id as one plain word, so that a full-text query can be held to one site inside the index.
    site_word TEXT NOT NULL,
    document_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    title TEXT NOT NULL,
    url TEXT,
    heading TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (document_id, ordinal)
) STRICT;
CREATE INDEX passages_by_site ON passages (site_id);

CREATE VIRTUAL TABLE passages_index USING fts5 (
    site_word,
    title,
    heading,
    body,
    content = 'passages',
    content_rowid = 'id',
    tokenize = 'porter unicode61 remove_diacritics 2'
);

CREATE TRIGGER passages_inserted AFTER INSERT ON passages BEGIN
    INSERT INTO passages_index (rowid, site_word, title, heading, body)
    VALUES (new.id, new.site_word, new.title, new.heading, new.body);
END;

CREATE TRIGGER passages_deleted AFTER DELETE ON passages BEGIN
    INSERT INTO passages_index (passages_index, rowid, site_word, title, heading, body)
    VALUES ('delete', old.id, old.site_word, old.title, old.heading, old.body);
END;
