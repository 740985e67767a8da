-- The index over passages holds the words that oriel_shared::answer makes (stems by language, pairs of Chinese and
-- Japanese characters), each behind its site's word, and splits them at blanks alone. So a search reads one site's
-- postings only, and the vocabulary in which a mistyped word is looked up is that site's.
--
-- It holds words alone, under their passage's id; the texts are in `passages`.
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
