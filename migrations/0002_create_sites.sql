-- A site is where a chat is embedded. Settings that have parts of their own are JSON objects: what is absent in one has
-- its default, so that a new part needs no step here.
CREATE TABLE sites (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL REFERENCES organisations (id),
    -- Public: it is in the embed code.
    key TEXT NOT NULL UNIQUE,
    name TEXT NOT NULL,
    mode TEXT NOT NULL CHECK (mode IN ('safelist', 'signed')),
    safelist TEXT NOT NULL CHECK (json_valid(safelist)),
    enabled INTEGER NOT NULL DEFAULT 0 CHECK (enabled IN (0, 1)),
    token_ttl_max INTEGER NOT NULL CHECK (token_ttl_max BETWEEN 1 AND 86400),
    -- Empty: the widget has such texts in each of its languages.
    greeting TEXT NOT NULL,
    disclosure TEXT NOT NULL,
    -- How much the site's visitors may ask for.
    limits TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(limits)),
    answers TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(answers)),
    model TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(model)),
    hours TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(hours)),
    theme TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(theme)),
    -- NULL: the site has no locale, or no form, of its own.
    locale TEXT,
    suggestions TEXT NOT NULL DEFAULT '[]' CHECK (json_valid(suggestions)),
    prechat TEXT CHECK (prechat IS NULL OR json_valid(prechat)),
    -- Days after its last message at which a conversation is deleted; 0 keeps it.
    retention_days INTEGER NOT NULL DEFAULT 0 CHECK (retention_days BETWEEN 0 AND 3650),
    -- Sessions that began before this moment have ended: revoking them all moves it.
    sessions_since INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    UNIQUE (org_id, id)
) STRICT;
