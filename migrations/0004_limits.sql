-- How much a site's visitors may ask for (a JSON object; what is absent has its default), and since when its sessions
-- are good: revoking them all moves that moment.
ALTER TABLE sites ADD COLUMN limits TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(limits));
ALTER TABLE sites ADD COLUMN sessions_since INTEGER NOT NULL DEFAULT 0;
