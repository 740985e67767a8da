-- The team's queue: what a person should look at, and each step of what became of it. The visitors' objects are where
-- items come up and move; a second arrival of either is harmless.
CREATE TABLE reviews (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    conversation_id TEXT NOT NULL,
    visitor_id TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('escalation', 'draft', 'lead')),
    -- JSON, in the shape of the wire.
    matter TEXT NOT NULL CHECK (json_valid(matter)),
    seq INTEGER NOT NULL,
    status TEXT NOT NULL CHECK (status IN ('open', 'in_progress', 'done', 'dismissed')),
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    UNIQUE (org_id, id),
    FOREIGN KEY (org_id, site_id) REFERENCES sites (org_id, id),
    FOREIGN KEY (org_id, conversation_id) REFERENCES conversations (org_id, id)
) STRICT;
CREATE INDEX reviews_by_org ON reviews (org_id, created_at, id);
CREATE INDEX reviews_by_conversation ON reviews (conversation_id);

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

-- What the visitor said of an answer: 1 for good.
ALTER TABLE messages ADD COLUMN good INTEGER CHECK (good IN (0, 1));
