-- The steps of an import are planned when its sitemap is read: pages to take over, documents whose pages are gone. A
-- step's outcome is written in the transaction that writes its document, so that a step that is done again tells what
-- it did and not that it was done.
CREATE TABLE import_steps (
    import_id TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    org_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('page', 'gone')),
    -- A page's address; the id of a document whose page is gone.
    subject TEXT NOT NULL,
    -- How often it was begun, to give up on what kills whoever begins it.
    attempts INTEGER NOT NULL,
    outcome TEXT CHECK (outcome IN ('added', 'changed', 'unchanged', 'removed', 'failed')),
    code TEXT CHECK (code IS NULL OR outcome = 'failed'),
    detail TEXT CHECK ((detail IS NULL) = (code IS NULL)),
    is_done INTEGER NOT NULL CHECK (is_done IN (0, 1) AND (is_done = 0 OR outcome IS NOT NULL)),
    PRIMARY KEY (import_id, ordinal),
    FOREIGN KEY (org_id, import_id) REFERENCES imports (org_id, id)
) STRICT, WITHOUT ROWID;
