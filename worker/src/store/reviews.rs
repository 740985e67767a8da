//! The team's queue as it lists it. Written by the visitors' objects, in batches that may arrive twice.

use oriel_shared::id::{ApiKeyId, ConversationId, OrgId, ReviewId, Seq, SiteId, UnixMs, VisitorId};
use oriel_shared::wire::review::{Review, ReviewStatus, ReviewStep};
use serde::{Deserialize, Serialize};
use worker::D1PreparedStatement;

use super::columns::{Row, json, row};
use super::conversations::ConversationRow;
use super::{Db, int, text};
use crate::http::problem::Problem;
use crate::http::query::{PageRequest, TimeCursor};

/// An item of the queue, in the visitor's object and on its way from there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ReviewItem {
    /// Names it.
    pub id: ReviewId,
    /// Its kind, for lists.
    pub kind: String,
    /// JSON of a `ReviewSubject`.
    pub matter: String,
    /// The last message when it came up.
    pub seq: Seq,
    /// What became of it.
    pub status: ReviewStatus,
    /// When it came up.
    pub at: UnixMs,
    /// When it last changed.
    pub updated_at: UnixMs,
    /// Where it came up.
    pub conversation_id: ConversationId,
}

row! {
    /// A step of an item, in the visitor's object until D1 has it.
    #[derive(Debug)]
    pub struct ReviewStepRow {
        /// Its number; none is used twice.
        pub n: u32,
        /// The item.
        pub review_id: ReviewId,
        /// Where to.
        pub status: ReviewStatus,
        /// Whose key; nobody's for what the conversation brought about.
        pub key_id: Option<ApiKeyId>,
        /// What they noted.
        pub note: Option<String>,
        /// When.
        pub at: UnixMs,
    }
}

row! {
    /// An item's row.
    pub struct ReviewRow {
        /// The item.
        pub id: ReviewId,
        /// Its site.
        pub site_id: SiteId,
        conversation_id: ConversationId,
        /// Whose object it is in.
        pub visitor_id: VisitorId,
        kind: String,
        matter: String,
        seq: Seq,
        status: ReviewStatus,
        /// When it came up.
        pub created_at: UnixMs,
        updated_at: UnixMs,
    }
    besides {
        /// Its steps, first to last.
        #[serde(deserialize_with = "json::deserialize")]
        history: Vec<ReviewStepRow>,
    }
}

const COLUMNS: &str = ReviewRow::COLUMNS;
const VALUES: &str = ReviewRow::VALUES;
const STEP_COLUMNS: &str = ReviewStepRow::COLUMNS;
const STEP_VALUES: &str = ReviewStepRow::VALUES;
const STEP_OBJECT: &str = ReviewStepRow::OBJECT;

impl ReviewRow {
    fn new(item: &ReviewItem, conversation: &ConversationRow) -> Self {
        let ReviewItem {
            id,
            kind,
            matter,
            seq,
            status,
            at,
            updated_at,
            conversation_id,
        } = item;
        Self {
            id: id.clone(),
            site_id: conversation.site_id.clone(),
            conversation_id: conversation_id.clone(),
            visitor_id: conversation.visitor_id.clone(),
            kind: kind.clone(),
            matter: matter.clone(),
            seq: *seq,
            status: *status,
            created_at: *at,
            updated_at: *updated_at,
            history: Vec::new(),
        }
    }
}

impl From<ReviewStepRow> for ReviewStep {
    fn from(row: ReviewStepRow) -> Self {
        let ReviewStepRow {
            n: _,
            review_id: _,
            status,
            key_id,
            note,
            at,
        } = row;
        Self {
            status,
            by: key_id,
            note,
            at: at.rfc3339(),
        }
    }
}

impl TryFrom<ReviewRow> for Review {
    type Error = Problem;

    fn try_from(row: ReviewRow) -> Result<Self, Problem> {
        let ReviewRow {
            id,
            site_id,
            conversation_id,
            visitor_id,
            kind: _,
            matter,
            seq,
            status,
            created_at,
            updated_at,
            history,
        } = row;
        Ok(Self {
            id,
            site: site_id,
            conversation: conversation_id,
            visitor: visitor_id,
            seq,
            status,
            matter: serde_json::from_str(&matter)?,
            history: history.into_iter().map(Into::into).collect(),
            created_at: created_at.rfc3339(),
            updated_at: updated_at.rfc3339(),
        })
    }
}

/// The statements that bring items and their steps into D1. Doing it again changes nothing.
pub fn upsert(
    db: &Db,
    org: &OrgId,
    conversation: &ConversationRow,
    items: &[ReviewItem],
    steps: &[ReviewStepRow],
) -> Result<[D1PreparedStatement; 2], Problem> {
    let row = |item: &ReviewItem| ReviewRow::new(item, conversation);
    let rows: Vec<_> = items.iter().map(row).collect();
    Ok([
        db.statement(
            &format!(
                "INSERT INTO reviews (org_id, {COLUMNS}) SELECT ?1, {VALUES} FROM json_each(?2) WHERE true
                 ON CONFLICT (id) DO UPDATE
                 SET matter = excluded.matter, seq = excluded.seq, status = excluded.status,
                     updated_at = excluded.updated_at
                 WHERE excluded.updated_at >= reviews.updated_at"
            ),
            &[text(org.as_str()), text(&serde_json::to_string(&rows)?)],
        )?,
        db.statement(
            &format!(
                "INSERT INTO review_steps (org_id, {STEP_COLUMNS}) SELECT ?1, {STEP_VALUES} FROM json_each(?2) WHERE true
                 ON CONFLICT (review_id, n) DO NOTHING"
            ),
            &[text(org.as_str()), text(&serde_json::to_string(steps)?)],
        )?,
    ])
}

/// How every [`ReviewRow`] is read. The first bound value is the organisation.
fn select() -> String {
    format!(
        "SELECT {COLUMNS},
           (SELECT json_group_array({STEP_OBJECT}) FROM (
              SELECT {STEP_COLUMNS} FROM review_steps WHERE org_id = ?1 AND review_id = reviews.id ORDER BY n
            )) AS history
         FROM reviews "
    )
}

/// An item of an organisation, or of the one site that the caller is held to.
pub async fn find(
    db: &Db,
    org: &OrgId,
    only: Option<&SiteId>,
    id: &str,
) -> Result<Option<ReviewRow>, Problem> {
    db.first(
        &(select() + "WHERE org_id = ?1 AND id = ?2 AND (?3 = '' OR site_id = ?3)"),
        &[
            text(org.as_str()),
            text(id),
            text(only.map_or("", SiteId::as_str)),
        ],
    )
    .await
}

/// Which items a list holds.
pub struct ReviewFilter {
    /// Of this site alone.
    pub site: Option<String>,
    /// Of this kind alone.
    pub kind: Option<&'static str>,
    /// With this status alone.
    pub status: Option<&'static str>,
}

/// A page of the queue, newest first, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    org: &OrgId,
    filter: &ReviewFilter,
    wanted: &PageRequest<TimeCursor>,
) -> Result<Vec<ReviewRow>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        &(select()
            + "WHERE org_id = ?1 AND (?2 = '' OR site_id = ?2) AND (?3 = '' OR kind = ?3) AND (?4 = '' OR status = ?4)
                 AND (created_at, id) < (?5, ?6)
               ORDER BY created_at DESC, id DESC LIMIT ?7"),
        &[
            text(org.as_str()),
            text(filter.site.as_deref().unwrap_or_default()),
            text(filter.kind.unwrap_or_default()),
            text(filter.status.unwrap_or_default()),
            int(after.at),
            text(&after.id),
            int(u64::from(wanted.limit) + 1),
        ],
    )
    .await
}

/// Every item of a visitor, oldest first.
pub async fn of_visitor(db: &Db, org: &OrgId, visitor: &str) -> Result<Vec<ReviewRow>, Problem> {
    db.all(
        &(select()
            + "WHERE org_id = ?1 AND conversation_id IN
                 (SELECT id FROM conversations WHERE org_id = ?1 AND visitor_id = ?2)
               ORDER BY created_at, id"),
        &[text(org.as_str()), text(visitor)],
    )
    .await
}
