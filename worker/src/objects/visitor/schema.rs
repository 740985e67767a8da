//! The object's tables; `objects/sql.rs` makes them, or brings older ones up to date.

/// What a new object gets.
pub const TABLES: &str = "
    -- One row: whose object this is, and the conversation in it.
    CREATE TABLE conversation (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        id TEXT NOT NULL,
        org_id TEXT NOT NULL,
        site_id TEXT NOT NULL,
        visitor_id TEXT NOT NULL,
        verified INTEGER NOT NULL,
        status TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        -- Messages up to this one are in D1.
        kept_seq INTEGER NOT NULL DEFAULT 0,
        -- The status in D1, to see that it changed without a message.
        kept_status TEXT,
        -- The site's settings as they were told last: what holds while the database is away.
        settings TEXT NOT NULL DEFAULT '',
        -- What each side has seen: the visitor on any device, a person of the team.
        visitor_read INTEGER NOT NULL DEFAULT 0,
        agent_read INTEGER NOT NULL DEFAULT 0,
        -- What the page told of where the visitor is, and whether D1 knows.
        context TEXT,
        is_context_kept INTEGER NOT NULL DEFAULT 1,
        -- The language that the visitor reads the chat in: what is said to them is in it.
        language TEXT NOT NULL DEFAULT 'en',
        -- What the conversations before this one left behind for the limits.
        arrival_minute INTEGER NOT NULL DEFAULT 0,
        arrival_day INTEGER NOT NULL DEFAULT 0
    );
    CREATE TABLE messages (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL,
        text TEXT NOT NULL,
        body TEXT NOT NULL,
        at INTEGER NOT NULL,
        -- Set for a question: the id that its answer will have, so that it is answered once.
        answer_id TEXT,
        -- The limits' arrival times, in the row of the last message that they let in: no write of their own.
        arrival_minute INTEGER,
        arrival_day INTEGER,
        -- What the visitor said of an answer, 1 for good, and whether D1 knows.
        good INTEGER,
        is_good_kept INTEGER NOT NULL DEFAULT 1,
        -- For a question: how often a model was asked. What an instance's death cut short is not asked for ever.
        model_calls INTEGER NOT NULL DEFAULT 0
    );
    -- A session is named after the ticket that opened it, so that no ticket can open a second one.
    CREATE TABLE sessions (
        family TEXT PRIMARY KEY,
        generation INTEGER NOT NULL,
        began_at INTEGER NOT NULL DEFAULT 0,
        renewed_at INTEGER NOT NULL,
        ended INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    -- Each move of the conversation until D1 knows of it; several may fall between two batches.
    CREATE TABLE moves (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        status TEXT NOT NULL,
        at INTEGER NOT NULL
    );
    -- What the team should look at, and whether D1 knows of its present state.
    CREATE TABLE reviews (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        matter TEXT NOT NULL,
        seq INTEGER NOT NULL,
        status TEXT NOT NULL,
        at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        is_kept INTEGER NOT NULL DEFAULT 0,
        conversation_id TEXT NOT NULL
    ) WITHOUT ROWID;
    -- Each move of one of them until D1 knows of it.
    CREATE TABLE review_steps (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        review_id TEXT NOT NULL,
        status TEXT NOT NULL,
        key_id TEXT,
        note TEXT,
        at INTEGER NOT NULL
    );
    -- Answers that wait for approval, under the id that their message will have.
    CREATE TABLE drafts (
        id TEXT PRIMARY KEY,
        review_id TEXT NOT NULL UNIQUE,
        text TEXT NOT NULL,
        body TEXT NOT NULL
    ) WITHOUT ROWID;
    -- When everything was erased, and what D1 has still to forget of it: see `erase.rs`.
    CREATE TABLE erasure (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        at INTEGER NOT NULL,
        pending TEXT
    );
    -- The visitor's other conversations: see `archive.rs`. All that is in these two is in D1.
    CREATE TABLE archived_conversations (
        id TEXT PRIMARY KEY,
        status TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        visitor_read INTEGER NOT NULL,
        agent_read INTEGER NOT NULL,
        context TEXT
    ) WITHOUT ROWID;
    CREATE TABLE archived_messages (
        conversation_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        id TEXT NOT NULL,
        role TEXT NOT NULL,
        text TEXT NOT NULL,
        body TEXT NOT NULL,
        at INTEGER NOT NULL,
        good INTEGER,
        PRIMARY KEY (conversation_id, seq)
    ) WITHOUT ROWID;
    CREATE INDEX shelved_messages_by_id ON archived_messages (id);
";

/// What erasing empties: every table but the note of the erasure itself.
pub const FORGET: &str = "
    DELETE FROM messages;
    DELETE FROM archived_messages;
    DELETE FROM archived_conversations;
    DELETE FROM moves;
    DELETE FROM reviews;
    DELETE FROM review_steps;
    DELETE FROM drafts;
    DELETE FROM sessions;
    DELETE FROM conversation;
";

/// From the first version to the present one, a step each. Never edited once released; new fields read old rows.
pub const UPGRADES: &[&str] = &[
    "
    ALTER TABLE conversation ADD COLUMN settings TEXT NOT NULL DEFAULT '';
    ALTER TABLE sessions ADD COLUMN began_at INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE messages ADD COLUMN arrival_minute INTEGER;
    ALTER TABLE messages ADD COLUMN arrival_day INTEGER;
    DROP TABLE spent_tickets;
    -- Each move of the conversation until D1 knows of it; several may fall between two batches.
    CREATE TABLE moves (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        status TEXT NOT NULL,
        at INTEGER NOT NULL
    );
",
    "
    ALTER TABLE conversation ADD COLUMN visitor_read INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE conversation ADD COLUMN agent_read INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE messages ADD COLUMN good INTEGER;
    ALTER TABLE messages ADD COLUMN is_good_kept INTEGER NOT NULL DEFAULT 1;
    ALTER TABLE messages ADD COLUMN model_calls INTEGER NOT NULL DEFAULT 0;
    -- What the team should look at, and whether D1 knows of its present state.
    CREATE TABLE reviews (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        matter TEXT NOT NULL,
        seq INTEGER NOT NULL,
        status TEXT NOT NULL,
        at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        is_kept INTEGER NOT NULL DEFAULT 0
    ) WITHOUT ROWID;
    -- Each move of one of them until D1 knows of it.
    CREATE TABLE review_steps (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        review_id TEXT NOT NULL,
        status TEXT NOT NULL,
        key_id TEXT,
        note TEXT,
        at INTEGER NOT NULL
    );
    -- Answers that wait for approval, under the id that their message will have.
    CREATE TABLE drafts (
        id TEXT PRIMARY KEY,
        review_id TEXT NOT NULL UNIQUE,
        text TEXT NOT NULL,
        body TEXT NOT NULL
    ) WITHOUT ROWID;
",
    "
    -- When everything was erased, and what D1 has still to forget of it: see `erase.rs`.
    CREATE TABLE erasure (
        only INTEGER PRIMARY KEY CHECK (only = 1),
        at INTEGER NOT NULL,
        pending TEXT
    );
",
    "
    -- What the page told of where the visitor is, and whether D1 knows.
    ALTER TABLE conversation ADD COLUMN context TEXT;
    ALTER TABLE conversation ADD COLUMN is_context_kept INTEGER NOT NULL DEFAULT 1;
",
    "
    -- The language that the visitor reads the chat in: what is said to them is in it.
    ALTER TABLE conversation ADD COLUMN language TEXT NOT NULL DEFAULT 'en';
",
    "
    -- What the conversations before this one left behind for the limits.
    ALTER TABLE conversation ADD COLUMN arrival_minute INTEGER NOT NULL DEFAULT 0;
    ALTER TABLE conversation ADD COLUMN arrival_day INTEGER NOT NULL DEFAULT 0;
    -- An object had one conversation until now.
    ALTER TABLE reviews ADD COLUMN conversation_id TEXT NOT NULL DEFAULT '';
    UPDATE reviews SET conversation_id = (SELECT id FROM conversation);
    -- The visitor's other conversations: see `archive.rs`. All that is in these two is in D1.
    CREATE TABLE archived_conversations (
        id TEXT PRIMARY KEY,
        status TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        visitor_read INTEGER NOT NULL,
        agent_read INTEGER NOT NULL,
        context TEXT
    ) WITHOUT ROWID;
    CREATE TABLE archived_messages (
        conversation_id TEXT NOT NULL,
        seq INTEGER NOT NULL,
        id TEXT NOT NULL,
        role TEXT NOT NULL,
        text TEXT NOT NULL,
        body TEXT NOT NULL,
        at INTEGER NOT NULL,
        good INTEGER,
        PRIMARY KEY (conversation_id, seq)
    ) WITHOUT ROWID;
    CREATE INDEX shelved_messages_by_id ON archived_messages (id);
",
];

#[cfg(test)]
mod tests {
    use super::{FORGET, TABLES};

    #[test]
    fn erasing_leaves_no_table_out() {
        let tables: Vec<&str> = TABLES
            .split("CREATE TABLE ")
            .skip(1)
            .filter_map(|table| table.split_whitespace().next())
            .collect();
        assert!(tables.len() >= 5, "{tables:?}");
        for table in tables.into_iter().filter(|table| *table != "erasure") {
            let emptied = ["DELETE FROM ", table, ";"].concat();
            assert!(FORGET.contains(&emptied), "{table}");
        }
    }
}
