//! The object's tables; `objects/sql.rs` applies the steps that are missing.

/// Steps from an empty object to the present one.
pub const STEPS: &[&str] = &["
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
        kept_status TEXT
    );
    CREATE TABLE messages (
        seq INTEGER PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        role TEXT NOT NULL,
        text TEXT NOT NULL,
        body TEXT NOT NULL,
        at INTEGER NOT NULL,
        -- Set for a question: the id that its answer will have, so that it is answered once.
        answer_id TEXT
    );
    CREATE TABLE spent_tickets (
        jti TEXT PRIMARY KEY,
        expires_at INTEGER NOT NULL
    );
    CREATE TABLE sessions (
        family TEXT PRIMARY KEY,
        generation INTEGER NOT NULL,
        renewed_at INTEGER NOT NULL,
        ended INTEGER NOT NULL DEFAULT 0
    );
",
    "
    -- The site's settings as they were told last: what holds while the database is away.
    ALTER TABLE conversation ADD COLUMN settings TEXT NOT NULL DEFAULT '';
    ALTER TABLE sessions ADD COLUMN began_at INTEGER NOT NULL DEFAULT 0;
    -- The limits' arrival times, in the row of the last message that they let in: no write of their own.
    ALTER TABLE messages ADD COLUMN arrival_minute INTEGER;
    ALTER TABLE messages ADD COLUMN arrival_day INTEGER;
"];
