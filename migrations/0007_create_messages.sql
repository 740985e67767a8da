-- Messages as the team reads them. They arrive as their conversation does, perhaps twice.
CREATE TABLE messages (
    conversation_id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    org_id TEXT NOT NULL,
    id TEXT NOT NULL,
    role TEXT NOT NULL CHECK (role IN ('visitor', 'assistant', 'agent', 'system')),
    text TEXT NOT NULL,
    -- Rich text, sources and offer, as JSON in the shape of the wire.
    body TEXT NOT NULL CHECK (json_valid(body)),
    at INTEGER NOT NULL,
    -- What the visitor said of an answer: 1 for good.
    good INTEGER CHECK (good IN (0, 1)),
    PRIMARY KEY (conversation_id, seq),
    UNIQUE (conversation_id, id),
    FOREIGN KEY (org_id, conversation_id) REFERENCES conversations (org_id, id)
) STRICT, WITHOUT ROWID;
