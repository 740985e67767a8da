//! The team's queue as it lists it. Written by the visitors' objects, in batches that may arrive twice.

use oriel_shared::id::{ApiKeyId, ConversationId, OrgId, ReviewId, Seq, SiteId, UnixMs, VisitorId};
use oriel_shared::wire::review::{Review, ReviewStatus, ReviewStep};
use serde::{Deserialize, Serialize};
use worker::D1PreparedStatement;

use super::{Db, conversations, int, text};
use crate::http::problem::Problem;
use crate::http::query::{TimeCursor, Wanted};

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

/// A step of an item, in the visitor's object until D1 has it.
#[derive(Clone, Debug, Serialize, Deserialize)]
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

/// An item's row, with its history as a JSON list of [`ReviewStepRow`].
#[derive(Deserialize)]
pub struct ReviewRow {
    /// The item.
    pub id: ReviewId,
    /// Its site.
    pub site_id: SiteId,
    conversation_id: ConversationId,
    /// Whose object it is in.
    pub visitor_id: VisitorId,
    seq: Seq,
    status: ReviewStatus,
    matter: String,
    history: String,
    /// When it came up.
    pub created_at: UnixMs,
    updated_at: UnixMs,
}

impl TryFrom<ReviewRow> for Review {
    type Error = Problem;

    fn try_from(row: ReviewRow) -> Result<Self, Problem> {
        let steps: Vec<ReviewStepRow> = serde_json::from_str(&row.history)?;
        let history = steps.into_iter().map(|step| ReviewStep {
            status: step.status,
            by: step.key_id,
            note: step.note,
            at: step.at.rfc3339(),
        });
        Ok(Self {
            id: row.id,
            site: row.site_id,
            conversation: row.conversation_id,
            visitor: row.visitor_id,
            seq: row.seq,
            status: row.status,
            matter: serde_json::from_str(&row.matter)?,
            history: history.collect(),
            created_at: row.created_at.rfc3339(),
            updated_at: row.updated_at.rfc3339(),
        })
    }
}

/// The statements that bring items and their moves into D1. Doing it again changes nothing.
pub fn upsert(
    db: &Db,
    org: &OrgId,
    conversation: &conversations::ConversationRow,
    items: &[ReviewItem],
    steps: &[ReviewStepRow],
) -> Result<[D1PreparedStatement; 2], Problem> {
    Ok([
        db.statement(
            "INSERT INTO reviews
               (id, org_id, site_id, conversation_id, visitor_id, kind, matter, seq, status, created_at, updated_at)
             SELECT value ->> 'id', ?1, ?2, ?3, ?4, value ->> 'kind', value ->> 'matter', value ->> 'seq',
                    value ->> 'status', value ->> 'at', value ->> 'updated_at'
             FROM json_each(?5)
             WHERE true
             ON CONFLICT (id) DO UPDATE
             SET matter = excluded.matter, seq = excluded.seq, status = excluded.status, updated_at = excluded.updated_at
             WHERE excluded.updated_at >= reviews.updated_at",
            &[
                text(org.as_str()),
                text(conversation.site_id.as_str()),
                text(conversation.id.as_str()),
                text(conversation.visitor_id.as_str()),
                text(&serde_json::to_string(items)?),
            ],
        )?,
        db.statement(
            "INSERT INTO review_steps (review_id, n, org_id, status, key_id, note, at)
             SELECT value ->> 'review_id', value ->> 'n', ?1, value ->> 'status', value ->> 'key_id', value ->> 'note',
                    value ->> 'at'
             FROM json_each(?2)
             WHERE true
             ON CONFLICT (review_id, n) DO NOTHING",
            &[text(org.as_str()), text(&serde_json::to_string(steps)?)],
        )?,
    ])
}

/// Every column, as [`ReviewRow`] reads them. The first bound value is the organisation.
const COLUMNS: &str =
    "id, site_id, conversation_id, visitor_id, seq, status, matter, created_at, updated_at,
     (SELECT json_group_array(json_object('n', n, 'review_id', review_id, 'status', status, 'key_id', key_id,
                                          'note', note, 'at', at))
      FROM (SELECT n, review_id, status, key_id, note, at FROM review_steps
            WHERE org_id = ?1 AND review_id = reviews.id ORDER BY n)) AS history";

/// An item of an organisation, or of the one site that the caller is held to.
pub async fn find(
    db: &Db,
    org: &OrgId,
    only: Option<&SiteId>,
    id: &str,
) -> Result<Option<ReviewRow>, Problem> {
    db.first(
        &format!(
            "SELECT {COLUMNS} FROM reviews WHERE org_id = ?1 AND id = ?2 AND (?3 = '' OR site_id = ?3)"
        ),
        &[
            text(org.as_str()),
            text(id),
            text(only.map_or("", SiteId::as_str)),
        ],
    )
    .await
}

/// Which items a list holds.
pub struct Wish {
    /// Of this site alone.
    pub site: Option<String>,
    /// Of this kind alone.
    pub kind: Option<&'static str>,
    /// In this state alone.
    pub status: Option<&'static str>,
}

/// A page of the queue, newest first, with one more than was wanted when there are more.
pub async fn list(
    db: &Db,
    org: &OrgId,
    wish: &Wish,
    wanted: &Wanted<TimeCursor>,
) -> Result<Vec<ReviewRow>, Problem> {
    let after = wanted.after_or_start();
    db.all(
        &format!(
            "SELECT {COLUMNS} FROM reviews
             WHERE org_id = ?1 AND (?2 = '' OR site_id = ?2) AND (?3 = '' OR kind = ?3) AND (?4 = '' OR status = ?4)
               AND (created_at, id) < (?5, ?6)
             ORDER BY created_at DESC, id DESC LIMIT ?7"
        ),
        &[
            text(org.as_str()),
            text(wish.site.as_deref().unwrap_or_default()),
            text(wish.kind.unwrap_or_default()),
            text(wish.status.unwrap_or_default()),
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
        &format!(
            "SELECT {COLUMNS} FROM reviews WHERE org_id = ?1 AND conversation_id IN
               (SELECT id FROM conversations WHERE org_id = ?1 AND visitor_id = ?2)
             ORDER BY created_at, id"
        ),
        &[text(org.as_str()), text(visitor)],
    )
    .await
}
