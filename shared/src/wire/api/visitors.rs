//! What a visitor has a right to from the team, and the trail of who did what.

use super::declaration::{delete, get, optional};
use crate::event::Action;
use crate::wire::admin::{AuditLine, VisitorExport};
use crate::wire::problem::Code::NotFound;

endpoints!(
    visitors,
    admin::visitors::export(Team) = get("/v1/admin/visitors/{visitor}/export", "export_visitor")
        .summary("All that is kept of a visitor.")
        .audits(Action("visitor.export"))
        .replies::<VisitorExport>(200),
    // The visitor's object writes the audit trail's line, together with the deletion.
    admin::visitors::erase(Team) = delete("/v1/admin/visitors/{visitor}", "erase_visitor_for_team")
        .summary("Erases everything of a visitor.")
        .logs(Action::VISITOR_ERASE)
        .replies_nothing(),
    admin::audit::list(Team) = get("/v1/admin/audit", "list_audit")
        .summary(
            "Who did what, in pages, newest first: of all sites or of one, to everything or to one target.",
        )
        .query(&[optional("site"), optional("target")])
        .replies_page_of::<AuditLine>()
        .problems(&[NotFound]),
);
