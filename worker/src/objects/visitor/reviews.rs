//! The team's queue, as far as it is about this visitor: requests for a person, answers that wait for approval, leads.
//! This object is where an item is raised and moved; D1 has a copy ([`super::d1_sync`]).

use oriel_shared::id::{ApiKeyId, ConversationId, ReviewId, Seq};
use oriel_shared::wire::review::{Review, ReviewKind, ReviewStatus, ReviewSubject};
use oriel_shared::wire::visitor::Lead;
use worker::SqlStorage;

use super::conversation::Record;
use super::drafts::Drafts;
use crate::clock;
use crate::http::problem::Problem;
use crate::objects::sql::{int, rows, run};
use crate::store::batch::Batch;
use crate::store::reviews::{ReviewItem, ReviewStepRow};

/// The tables of this part, and of [`Drafts`].
pub const TABLES: &str = "
    -- What the team should look at, and whether D1 knows of its present state.
    CREATE TABLE reviews (
        id TEXT PRIMARY KEY,
        kind TEXT NOT NULL,
        matter TEXT NOT NULL,
        seq INTEGER NOT NULL,
        status TEXT NOT NULL,
        at INTEGER NOT NULL,
        updated_at INTEGER NOT NULL,
        is_synced INTEGER NOT NULL DEFAULT 0,
        conversation_id TEXT NOT NULL
    ) WITHOUT ROWID;
    -- Each step of one of them until D1 knows of it.
    CREATE TABLE review_steps (
        n INTEGER PRIMARY KEY AUTOINCREMENT,
        review_id TEXT NOT NULL,
        status TEXT NOT NULL,
        key_id TEXT,
        note TEXT,
        at INTEGER NOT NULL
    );
    -- Answers that wait for approval, under the id that their message will have.
    CREATE TABLE drafts (
        id TEXT PRIMARY KEY,
        review_id TEXT NOT NULL UNIQUE,
        text TEXT NOT NULL,
        body TEXT NOT NULL
    ) WITHOUT ROWID;
";

/// Reads items: which, is the end of the statement.
macro_rules! items {
    ($sql:expr, $which:literal, $values:expr $(,)?) => {
        rows(
            $sql,
            concat!(
                "SELECT id, kind, matter, seq, status, at, updated_at, conversation_id FROM reviews ",
                $which
            ),
            $values,
        )
    };
}

/// An item as the management API shows it, without its history.
pub fn shown(item: ReviewItem, conversation: &Record) -> Result<Review, Problem> {
    Ok(Review {
        id: item.id,
        site: conversation.site_id.clone(),
        conversation: conversation.id.clone(),
        visitor: conversation.visitor_id.clone(),
        seq: item.seq,
        status: item.status,
        matter: serde_json::from_str(&item.matter)?,
        history: Vec::new(),
        created_at: item.at.rfc3339(),
        updated_at: item.updated_at.rfc3339(),
    })
}

/// Who moves an item, and what they note. Nobody does when the conversation brings it about.
#[derive(Default)]
pub struct MovedBy {
    /// Their key.
    pub key: Option<ApiKeyId>,
    /// Their note.
    pub note: Option<String>,
}

/// The items.
pub struct Reviews {
    sql: SqlStorage,
    /// Their drafts.
    pub drafts: Drafts,
}

impl Reviews {
    /// Reads and writes them here.
    pub fn new(sql: SqlStorage) -> Self {
        Self {
            drafts: Drafts::new(sql.clone()),
            sql,
        }
    }

    /// Puts something into the queue.
    pub fn raise(&self, matter: &ReviewSubject, seq: Seq) -> Result<ReviewId, Problem> {
        let id = ReviewId::from_random(clock::random()?);
        self.write(&id, matter, seq)?;
        Ok(id)
    }

    /// Puts a lead into the queue, in the place of the one that the visitor left in this conversation before. Returns
    /// whether it is news.
    pub fn raise_lead(&self, lead: Lead, seq: Seq) -> Result<bool, Problem> {
        let kind = ReviewKind::Lead.name();
        let known: Vec<ReviewItem> = items!(
            &self.sql,
            "WHERE kind = ? AND conversation_id = (SELECT id FROM conversation)",
            vec![kind.into()],
        )?;
        let known = known.into_iter().next();
        let matter = ReviewSubject::Lead(lead);
        if let Some(known) = &known
            && serde_json::from_str::<ReviewSubject>(&known.matter)? == matter
        {
            return Ok(false);
        }
        match known {
            Some(known) => self.write(&known.id, &matter, seq)?,
            None => drop(self.raise(&matter, seq)?),
        }
        Ok(true)
    }

    fn write(&self, id: &ReviewId, matter: &ReviewSubject, seq: Seq) -> Result<(), Problem> {
        run(
            &self.sql,
            "INSERT INTO reviews (id, kind, matter, seq, status, at, updated_at, conversation_id)
             VALUES (?1, ?2, ?3, ?4, 'open', ?5, ?5, (SELECT id FROM conversation))
             ON CONFLICT (id) DO UPDATE
             SET matter = excluded.matter, seq = excluded.seq, status = 'open', updated_at = excluded.at, is_synced = 0",
            vec![
                id.as_str().into(),
                matter.kind().name().into(),
                serde_json::to_string(matter)?.into(),
                int(seq.0.into()),
                int(clock::now().0),
            ],
        )?;
        self.add_step(id, ReviewStatus::Open, MovedBy::default())
    }

    fn add_step(&self, id: &ReviewId, status: ReviewStatus, by: MovedBy) -> Result<(), Problem> {
        run(
            &self.sql,
            "INSERT INTO review_steps (review_id, status, key_id, note, at) VALUES (?, ?, ?, ?, ?)",
            vec![
                id.as_str().into(),
                status.name().into(),
                by.key.map(|key| key.0).into(),
                by.note.into(),
                int(clock::now().0),
            ],
        )
    }

    /// An item.
    pub fn find(&self, id: &ReviewId) -> Result<Option<ReviewItem>, Problem> {
        let found: Vec<ReviewItem> = items!(&self.sql, "WHERE id = ?", vec![id.as_str().into()])?;
        Ok(found.into_iter().next())
    }

    /// Moves an item. To the status that it has already is a note and no more.
    pub fn advance(&self, id: &ReviewId, status: ReviewStatus, by: MovedBy) -> Result<(), Problem> {
        run(
            &self.sql,
            "UPDATE reviews SET status = ?2, updated_at = ?3, is_synced = 0 WHERE id = ?1",
            vec![
                id.as_str().into(),
                status.name().into(),
                int(clock::now().0),
            ],
        )?;
        self.add_step(id, status, by)
    }

    /// Moves the requests for a person with the conversation: somebody has taken it over, or it is done with.
    pub fn advance_escalations(&self, status: ReviewStatus) -> Result<(), Problem> {
        let open: Vec<ReviewItem> = items!(
            &self.sql,
            "WHERE kind = 'escalation' AND status IN ('open', 'in_progress')
               AND conversation_id = (SELECT id FROM conversation)",
            vec![],
        )?;
        for item in open {
            if item.status != status {
                self.advance(&item.id, status, MovedBy::default())?;
            }
        }
        Ok(())
    }

    /// Items of a conversation that D1 does not know in their present state.
    pub fn unsynced(
        &self,
        conversation: &ConversationId,
        limit: u32,
    ) -> Result<Vec<ReviewItem>, Problem> {
        items!(
            &self.sql,
            "WHERE is_synced = 0 AND conversation_id = ? ORDER BY at, id LIMIT ?",
            vec![conversation.as_str().into(), int(limit.into())],
        )
    }

    /// Steps of a conversation's items that D1 does not know of, oldest first.
    pub fn unsynced_steps(
        &self,
        conversation: &ConversationId,
        limit: u32,
    ) -> Result<Vec<ReviewStepRow>, Problem> {
        rows(
            &self.sql,
            "SELECT n, review_id, status, key_id, note, at FROM review_steps
             WHERE review_id IN (SELECT id FROM reviews WHERE conversation_id = ?) ORDER BY n LIMIT ?",
            vec![conversation.as_str().into(), int(limit.into())],
        )
    }

    /// D1 has this batch.
    pub fn set_synced(&self, batch: &Batch) -> Result<(), Problem> {
        for item in &batch.reviews {
            // Not if it changed on the way.
            run(
                &self.sql,
                "UPDATE reviews SET is_synced = 1 WHERE id = ? AND updated_at = ? AND status = ?",
                vec![
                    item.id.as_str().into(),
                    int(item.updated_at.0),
                    item.status.name().into(),
                ],
            )?;
        }
        for step in &batch.review_steps {
            let n = vec![int(step.n.into())];
            run(&self.sql, "DELETE FROM review_steps WHERE n = ?", n)?;
        }
        Ok(())
    }

    /// Erases what was raised in a conversation.
    pub fn erase(&self, conversation: &ConversationId) -> Result<(), Problem> {
        for statement in [
            "DELETE FROM drafts WHERE review_id IN (SELECT id FROM reviews WHERE conversation_id = ?)",
            "DELETE FROM review_steps WHERE review_id IN (SELECT id FROM reviews WHERE conversation_id = ?)",
            "DELETE FROM reviews WHERE conversation_id = ?",
        ] {
            run(&self.sql, statement, vec![conversation.as_str().into()])?;
        }
        Ok(())
    }
}
