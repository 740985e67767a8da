//! What the organisation's models may use, and what they used.

use crate::event::Action;
use crate::wire::api::declaration::{get, optional, patch};
use crate::wire::problem::Code::{InvalidField, NotFound};
use crate::wire::usage::{BudgetChange, BudgetState, UsagePage};

endpoints!(
    usage,
    admin::budget::show(Team) = get("/v1/admin/budget", "show_budget")
        .summary("What the organisation's models may use, and where the month stands.")
        .organisation_wide()
        .replies::<BudgetState>(200),
    admin::budget::change(Team) = patch("/v1/admin/budget", "change_budget")
        .summary("Changes what the organisation's models may use; 0 or null is no bound.")
        .organisation_wide()
        .audits(Action("budget.change"))
        .body::<BudgetChange>()
        .replies::<BudgetState>(200)
        .problems(&[InvalidField]),
    admin::usage::list(Team) = get("/v1/admin/usage", "list_usage")
        .summary(
            "The calls of models in a month, metered, in pages, latest first, and their sum. The present month unless \
             `month` names another, as 2026-11.",
        )
        .query(&[optional("site"), optional("month")])
        .list()
        .replies::<UsagePage>(200)
        .problems(&[NotFound]),
);
