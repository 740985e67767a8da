-- A second index, which is handed the words that oriel_shared::answer makes (stems by language, pairs of Chinese and
-- Japanese characters), each behind its site's word, and splits them at blanks alone. So a search reads one site's
-- postings only, and the vocabulary in which a mistyped word is looked up is that site's.
--
-- Words cannot be made in SQL: a passage without a language is from before and not in the new index yet, and a job
-- cuts its document again. The version before goes on with `passages_index`; a later migration drops that.
ALTER TABLE passages ADD COLUMN language TEXT;
-- Of the document: when it was added or last changed.
ALTER TABLE passages ADD COLUMN updated_at INTEGER NOT NULL DEFAULT 0;
CREATE INDEX passages_from_before ON passages (site_id, document_id) WHERE language IS NULL;

-- Words alone, under their passage's id; the texts are in `passages`.
CREATE VIRTUAL TABLE words_index USING fts5 (
    title,
    heading,
    body,
    content = '',
    contentless_delete = 1,
    tokenize = 'ascii'
);

CREATE TRIGGER words_deleted AFTER DELETE ON passages BEGIN
    DELETE FROM words_index WHERE rowid = old.id;
END;

CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words_index, row);
