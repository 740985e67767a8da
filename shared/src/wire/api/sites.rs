//! Sites, and the keys that sign their visitors.

use super::declaration::{delete, get, patch, post};
use crate::event::Action;
use crate::wire::admin::{Embed, SigningKeyCreated, Site, SiteChange};
use crate::wire::problem::Code::{InvalidField, TooManyKeys};

endpoints!(
    sites,
    admin::sites::create(Team) = post("/v1/admin/sites", "create_site")
        .summary("Makes a site: disabled, and with nobody on its list.")
        .organisation_wide()
        .audits(Action("site.create"))
        .body::<SiteChange>()
        .replies::<Site>(201)
        .problems(&[InvalidField]),
    admin::sites::list(Team) = get("/v1/admin/sites", "list_sites")
        .summary("The sites, in pages.")
        .replies_page_of::<Site>(),
    admin::sites::show(Team) = get("/v1/admin/sites/{site}", "show_site")
        .summary("A site.")
        .replies::<Site>(200),
    admin::sites::change(Team) = patch("/v1/admin/sites/{site}", "change_site")
        .summary("Changes the fields that are named, and no other.")
        .audits(Action("site.change"))
        .body::<SiteChange>()
        .replies::<Site>(200)
        .problems(&[InvalidField]),
    admin::sites::revoke_sessions(Team) =
        delete("/v1/admin/sites/{site}/sessions", "revoke_sessions")
            .summary("Ends every session of the site's visitors.")
            .audits(Action("sessions.revoke"))
            .replies_nothing(),
    admin::signing_keys::create(Team) =
        post("/v1/admin/sites/{site}/signing-keys", "create_signing_key")
            .summary("Makes a key for visitor tokens, and shows its secret this once.")
            .audits(Action("signing_key.create"))
            .replies::<SigningKeyCreated>(201)
            .problems(&[TooManyKeys]),
    admin::signing_keys::revoke(Team) = delete(
        "/v1/admin/sites/{site}/signing-keys/{kid}",
        "revoke_signing_key"
    )
    .summary("Revokes a key, everywhere within ten seconds.")
    .audits(Action("signing_key.revoke"))
    .replies_nothing(),
    admin::embed::show(Team) = get("/v1/admin/sites/{site}/embed", "show_embed")
        .summary("What to paste into a page.")
        .replies::<Embed>(200),
);
