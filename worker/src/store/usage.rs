//! Metered calls of models. Written by the organisations' model budgets, in batches that may arrive twice. No row holds
//! what was asked or answered, nor by whom.

use oriel_shared::id::{OrgId, SiteId, UnixMs, UsageId};
use oriel_shared::wire::site::Provider;
use oriel_shared::wire::usage::{Usage, UsageTotals};

use super::columns::{Row, row};
use super::deliveries::{self, DeliveryJob, NewEvent};
use super::{Db, int, text};
use crate::http::problem::Problem;
use crate::http::query::{PageRequest, TimeCursor};

row! {
    /// A call's row.
    pub struct UsageRow {
        /// The call.
        pub id: UsageId,
        /// For which site.
        pub site_id: SiteId,
        /// When it was made.
        pub at: UnixMs,
        /// In which month, UTC.
        pub month: String,
        /// Where the model is.
        pub provider: Provider,
        /// Its name there.
        pub model: String,
        /// Tokens that were sent.
        pub input_tokens: u32,
        /// Tokens that were answered.
        pub output_tokens: u32,
        /// What that cost, in millionths of the currency.
        pub cost: u64,
        /// How long it took.
        pub ms: u64,
        /// What came of it.
        pub outcome: String,
    }
}

const COLUMNS: &str = UsageRow::COLUMNS;
const VALUES: &str = UsageRow::VALUES;

impl From<UsageRow> for Usage {
    fn from(row: UsageRow) -> Self {
        let UsageRow {
            id,
            site_id,
            at,
            month: _,
            provider,
            model,
            input_tokens,
            output_tokens,
            cost,
            ms,
            outcome,
        } = row;
        Self {
            id,
            site: site_id,
            at: at.rfc3339(),
            provider,
            model,
            input_tokens,
            output_tokens,
            cost,
            ms,
            outcome,
        }
    }
}

/// A provider as rows write it.
pub const fn provider_name(provider: Provider) -> &'static str {
    match provider {
        Provider::None => "none",
        Provider::Connection => "connection",
        Provider::WorkersAi => "workers_ai",
    }
}

/// Writes calls and the deliveries of a budget's events, together or not at all. Doing it again changes nothing.
/// Returns whose deliveries are due now: connections of the whole organisation, since a budget belongs to no site.
pub async fn write(
    db: &Db,
    org: &OrgId,
    calls: &[UsageRow],
    events: &[NewEvent],
    now: UnixMs,
) -> Result<Vec<DeliveryJob>, Problem> {
    let insert = db.statement(
        &format!(
            "INSERT INTO usage (org_id, {COLUMNS}) SELECT ?1, {VALUES} FROM json_each(?2) WHERE true
             ON CONFLICT (id) DO NOTHING"
        ),
        &[text(org.as_str()), text(&serde_json::to_string(calls)?)],
    )?;
    let nowhere = SiteId(String::new());
    db.batch_rows(vec![
        insert,
        deliveries::enqueue(db, org, &nowhere, events, now)?,
    ])
    .await
}

/// A page of a month's calls, latest first, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    org: &OrgId,
    only: Option<&str>,
    month: &str,
    wanted: &PageRequest<TimeCursor>,
) -> Result<Vec<UsageRow>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM usage
             WHERE org_id = ?1 AND (?2 = '' OR site_id = ?2) AND month = ?3 AND (at, id) < (?4, ?5)
             ORDER BY at DESC, id DESC LIMIT ?6"
        ),
        &[
            text(org.as_str()),
            text(only.unwrap_or_default()),
            text(month),
            int(after.at),
            text(&after.id),
            int(u64::from(wanted.limit) + 1),
        ],
    )
    .await
}

/// A month's calls, added up.
pub async fn totals(
    db: &Db,
    org: &OrgId,
    only: Option<&str>,
    month: &str,
) -> Result<UsageTotals, Problem> {
    let found = db
        .first(
            "SELECT count(*) AS calls, coalesce(sum(input_tokens), 0) AS input_tokens,
                    coalesce(sum(output_tokens), 0) AS output_tokens, coalesce(sum(cost), 0) AS cost
             FROM usage WHERE org_id = ?1 AND (?2 = '' OR site_id = ?2) AND month = ?3",
            &[
                text(org.as_str()),
                text(only.unwrap_or_default()),
                text(month),
            ],
        )
        .await?;
    Ok(found.unwrap_or_default())
}
