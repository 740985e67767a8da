-- Each step of what became of an item of the queue: the item's history. A step that arrives a second time changes
-- nothing.
CREATE TABLE review_steps (
    review_id TEXT NOT NULL,
    n INTEGER NOT NULL,
    org_id TEXT NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'in_progress', 'done', 'dismissed')),
    -- Whose key it was; nobody's for what the conversation itself brought about.
    key_id TEXT,
    note TEXT,
    at INTEGER NOT NULL,
    PRIMARY KEY (review_id, n),
    FOREIGN KEY (org_id, review_id) REFERENCES reviews (org_id, id)
) STRICT, WITHOUT ROWID;
