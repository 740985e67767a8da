//! What the visitor, and the team that answers for their data, may see of this object: all that was said, and when the
//! visitor was there.

use std::rc::Rc;

use oriel_shared::id::{ConversationId, Seq};
use oriel_shared::wire::admin::SessionTimes;
use oriel_shared::wire::problem::Code;

use super::archive::Archive;
use super::conversation::Conversation;
use super::sessions::Sessions;
use crate::calls::{MessagePage, OwnConversationRow};
use crate::http::problem::Problem;

/// Messages of one page: some megabytes, even when every message is as long as it may be.
const PAGE: u32 = 200;

/// Shows what is stored.
pub struct OwnData {
    /// The current conversation.
    pub conversation: Rc<Conversation>,
    /// The others.
    pub archive: Rc<Archive>,
    /// Who may see it.
    pub sessions: Rc<Sessions>,
}

impl OwnData {
    /// A page of a conversation, for a session that lives or for the team.
    pub fn messages(
        &self,
        family: Option<&str>,
        which: Option<&ConversationId>,
        after: Seq,
    ) -> Result<MessagePage, Problem> {
        if let Some(family) = family {
            self.sessions.check_live(family)?;
        }
        let current = self.conversation.record()?;
        let (record, mut rows) = match which {
            Some(id) if current.as_ref().is_none_or(|current| current.id != *id) => (
                self.archive.find(id)?,
                self.archive.messages_after(id, after, PAGE + 1)?,
            ),
            _ => (current, self.conversation.messages_after(after, PAGE + 1)?),
        };
        let record = record.ok_or_else(|| Problem::refused(Code::NotFound))?;
        let has_more = rows.len() > PAGE as usize;
        rows.truncate(PAGE as usize);
        let messages = rows
            .into_iter()
            .map(TryInto::try_into)
            .collect::<Result<_, _>>()?;
        Ok(MessagePage {
            conversation: record.id,
            status: record.status,
            language: Some(record.language),
            messages,
            has_more,
        })
    }

    /// The visitor's own conversations.
    pub fn conversations(&self, family: &str) -> Result<Vec<OwnConversationRow>, Problem> {
        self.sessions.check_live(family)?;
        match self.conversation.record()? {
            Some(record) if record.verified == 1 => self.archive.list_all(),
            _ => Err(Problem::refused(Code::NotVerified)),
        }
    }

    /// When the visitor was there.
    pub fn session_times(&self) -> Result<Vec<SessionTimes>, Problem> {
        self.sessions.times()
    }
}
