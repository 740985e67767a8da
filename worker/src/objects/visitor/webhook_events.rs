//! What connections are notified of: the events of a batch that goes to D1. Made again from the same rows they have the
//! same ids, so that a batch that arrives twice notifies once.

use oriel_shared::id::UnixMs;
use oriel_shared::webhook::event_id;
use oriel_shared::wire::review::ReviewStatus;
use oriel_shared::wire::visitor::Status;
use oriel_shared::wire::webhook::{
    ConversationEvent, Event, EventData, EventFeedback, EventKind, EventMessage, EventReview,
};

use crate::http::problem::Problem;
use crate::store::batch::Batch;
use crate::store::conversations::ConversationRow;
use crate::store::deliveries::NewEvent;

/// The events of a batch so far.
struct Events<'b> {
    conversation: &'b ConversationRow,
    made: Vec<(UnixMs, NewEvent)>,
}

impl Events<'_> {
    /// Something that happened, without what makes it an event of its kind.
    fn happened(&self, status: Status) -> ConversationEvent {
        ConversationEvent {
            site: self.conversation.site_id.clone(),
            conversation: self.conversation.id.clone(),
            visitor: self.conversation.visitor_id.clone(),
            verified: self.conversation.verified,
            status,
            message: None,
            review: None,
            feedback: None,
        }
    }

    /// Adds one. `name` is what its id is made of: one thing that happens in a conversation has one.
    fn add(
        &mut self,
        at: UnixMs,
        kind: EventKind,
        name: &str,
        happened: ConversationEvent,
    ) -> Result<(), Problem> {
        let event = Event {
            kind: kind.name().to_owned(),
            timestamp: UnixMs::rfc3339(at),
            data: EventData::Conversation(Box::new(happened)),
        };
        let new = NewEvent {
            id: event_id(&self.conversation.id, name),
            kind,
            payload: serde_json::to_string(&event)?,
        };
        self.made.push((at, new));
        Ok(())
    }
}

/// The events of a batch, in the order in which they happened.
pub fn events(batch: &Batch) -> Result<Vec<NewEvent>, Problem> {
    let Batch {
        conversation,
        messages,
        status_changes,
        feedback,
        reviews,
        review_steps,
    } = batch;
    let mut events = Events {
        conversation,
        made: Vec::new(),
    };
    if messages.first().is_some_and(|row| row.seq.0 == 1) {
        let happened = events.happened(conversation.status);
        let at = conversation.created_at;
        events.add(at, EventKind::ConversationCreated, "created", happened)?;
    }
    for change in status_changes {
        let (at, status) = (change.at, change.status);
        if status == Status::Waiting {
            let (name, happened) = (format!("waiting/{}", change.n), events.happened(status));
            events.add(at, EventKind::ConversationWaiting, &name, happened)?;
        }
        let (name, happened) = (format!("status/{}", change.n), events.happened(status));
        events.add(at, EventKind::ConversationStatus, &name, happened)?;
    }
    for row in messages {
        let said = EventMessage::new(row.seq, row.id.clone(), row.role, row.text.clone());
        let happened = ConversationEvent {
            message: Some(said),
            ..events.happened(conversation.status)
        };
        let name = format!("message/{}", row.seq.0);
        events.add(row.at, EventKind::MessageCreated, &name, happened)?;
    }
    for step in review_steps {
        let item = reviews.iter().find(|item| item.id == step.review_id);
        let (kind, matter) = match (step.status, item) {
            (ReviewStatus::Open, Some(item)) => (
                EventKind::ReviewCreated,
                Some(serde_json::from_str(&item.matter)?),
            ),
            _ => (EventKind::ReviewStatus, None),
        };
        let review = EventReview {
            id: step.review_id.clone(),
            status: step.status,
            matter,
        };
        let happened = ConversationEvent {
            review: Some(review),
            ..events.happened(conversation.status)
        };
        events.add(step.at, kind, &format!("review/{}", step.n), happened)?;
    }
    for row in feedback {
        let (seq, good) = (row.seq, row.good == 1);
        let happened = ConversationEvent {
            feedback: Some(EventFeedback { seq, good }),
            ..events.happened(conversation.status)
        };
        // The last word counts: changed twice between two batches it is one event.
        let name = format!("feedback/{}/{good}/{}", seq.0, conversation.seq.0);
        let at = conversation.updated_at;
        events.add(at, EventKind::FeedbackCreated, &name, happened)?;
    }
    let mut made = events.made;
    // Stable: what happened in one millisecond stays in the order above.
    made.sort_by_key(|(at, _)| *at);
    Ok(made.into_iter().map(|(_, event)| event).collect())
}

#[cfg(test)]
mod tests {
    use oriel_shared::id::{ConversationId, Seq, SiteId, VisitorId};
    use oriel_shared::wire::visitor::Role;

    use super::*;
    use crate::store::batch::StatusChange;
    use crate::store::messages::MessageRow;

    fn batch(messages: Vec<MessageRow>, status_changes: Vec<StatusChange>) -> Batch {
        Batch {
            conversation: ConversationRow {
                id: ConversationId("cnv_a".into()),
                site_id: SiteId("site_a".into()),
                visitor_id: VisitorId("vis_a".into()),
                verified: false,
                status: Status::Waiting,
                context: None,
                seq: Seq(2),
                created_at: UnixMs(1),
                updated_at: UnixMs(9),
            },
            messages,
            status_changes,
            feedback: Vec::new(),
            reviews: Vec::new(),
            review_steps: Vec::new(),
        }
    }

    fn message(seq: u32, at: u64) -> MessageRow {
        MessageRow {
            seq: Seq(seq),
            id: format!("m{seq}"),
            role: Role::Visitor,
            text: "Hi".into(),
            body: "{}".into(),
            at: UnixMs(at),
            good: None,
        }
    }

    fn kinds(events: &[NewEvent]) -> Vec<&'static str> {
        events.iter().map(|event| event.kind.name()).collect()
    }

    #[test]
    fn everything_is_an_event_once_in_the_order_in_which_it_happened() {
        let change = StatusChange {
            n: 1,
            status: Status::Waiting,
            at: UnixMs(7),
        };
        let batch = batch(vec![message(1, 5), message(2, 7)], vec![change]);
        let made = events(&batch).expect("it serialises");
        assert_eq!(
            kinds(&made),
            [
                "conversation.created",
                "message.created",
                "conversation.waiting",
                "conversation.status",
                "message.created"
            ]
        );
        let ids: std::collections::BTreeSet<_> = made.iter().map(|event| &event.id).collect();
        assert_eq!(ids.len(), made.len());
        let again = events(&batch).expect("it serialises");
        assert!(made.iter().zip(&again).all(|(a, b)| a.id == b.id));
    }

    #[test]
    fn a_later_batch_has_events_of_its_own_rows_only() {
        let made = events(&batch(vec![message(2, 7)], Vec::new())).expect("it serialises");
        assert_eq!(kinds(&made), ["message.created"]);
        let nothing = batch(Vec::new(), Vec::new());
        assert!(events(&nothing).is_ok_and(|made| made.is_empty()));
    }
}
