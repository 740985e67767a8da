//! What the visitor, and the team that answers for their data, may see of this object: all that was said.

use oriel_shared::id::{ConversationId, Seq};

use super::{Visitor, archive, messages, sessions};
use crate::calls::{LogPage, VisitorReply};
use crate::http::problem::Problem;
use oriel_shared::wire::problem::Code;

/// Rows of one page: some megabytes, even when every message is as long as it may be.
const PAGE: u32 = 200;

impl Visitor {
    /// A page of a conversation, for a session that lives or for the team.
    pub(super) fn read_log(
        &self,
        family: Option<&str>,
        which: Option<&ConversationId>,
        after: Seq,
    ) -> Result<VisitorReply, Problem> {
        let sql = self.sql();
        if let Some(family) = family
            && !sessions::is_live(sql, family)?
        {
            return Err(Problem::refused(Code::SessionExpired));
        }
        let current = messages::conversation(sql)?;
        let (conversation, mut rows) = match which {
            Some(id) if current.as_ref().is_none_or(|current| current.id != *id) => (
                archive::find(sql, id)?,
                archive::rows_after(sql, id, after, PAGE + 1)?,
            ),
            _ => (current, messages::rows_after(sql, after, PAGE + 1)?),
        };
        let Some(conversation) = conversation else {
            return Err(Problem::refused(Code::NotFound));
        };
        let has_more = rows.len() > PAGE as usize;
        rows.truncate(PAGE as usize);
        let messages = rows
            .into_iter()
            .map(TryInto::try_into)
            .collect::<Result<_, _>>()?;
        Ok(VisitorReply::Log(LogPage {
            conversation: conversation.id,
            status: conversation.status,
            language: Some(conversation.language),
            messages,
            has_more,
        }))
    }

    /// When the visitor was there.
    pub(super) fn list_sessions(&self) -> Result<VisitorReply, Problem> {
        let sessions = sessions::all(self.sql())?;
        Ok(VisitorReply::Sessions(sessions))
    }
}
