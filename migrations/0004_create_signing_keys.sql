-- Keys with which a site's own server signs visitor tokens. `sealed` is the secret under the vault's key: verifying a
-- token needs it back.
CREATE TABLE signing_keys (
    id TEXT PRIMARY KEY,
    org_id TEXT NOT NULL,
    site_id TEXT NOT NULL,
    sealed TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    FOREIGN KEY (org_id, site_id) REFERENCES sites (org_id, id)
) STRICT;
CREATE INDEX signing_keys_by_site ON signing_keys (site_id);
