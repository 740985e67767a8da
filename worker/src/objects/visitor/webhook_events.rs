//! What connections are told of: the events in the rows that go to D1. Made again from the same rows they have the same
//! ids, so that a batch that arrives twice tells everything once.

use oriel_shared::id::UnixMs;
use oriel_shared::webhook::event_id;
use oriel_shared::wire::review::ReviewStatus;
use oriel_shared::wire::visitor::Status;
use oriel_shared::wire::webhook::{
    ConversationEvent, Event, EventData, EventFeedback, EventKind, EventMessage, EventReview,
};

use super::messages::{Conversation, Move};
use crate::http::problem::Problem;
use crate::store::deliveries::NewEvent;
use crate::store::messages::{Judgement, MessageRow};
use crate::store::reviews::{ReviewItem, ReviewStepRow};

/// What a batch brings.
#[derive(Default)]
pub struct News<'n> {
    /// Messages.
    pub rows: &'n [MessageRow],
    /// Moves of the conversation.
    pub moves: &'n [Move],
    /// What the visitor said of answers.
    pub judgements: &'n [Judgement],
    /// Items of the queue.
    pub reviews: &'n [ReviewItem],
    /// Moves of such items.
    pub steps: &'n [ReviewStepRow],
}

/// The events of a batch, in the order in which they happened.
pub fn events(conversation: &Conversation, news: &News<'_>) -> Result<Vec<NewEvent>, Problem> {
    let News { rows, moves, .. } = news;
    let mut told: Vec<(UnixMs, NewEvent)> = Vec::new();
    let happened = |status| ConversationEvent {
        site: conversation.site_id.clone(),
        conversation: conversation.id.clone(),
        visitor: conversation.visitor_id.clone(),
        verified: conversation.verified == 1,
        status,
        message: None,
        review: None,
        feedback: None,
    };
    let mut tell = |at, kind: EventKind, what: &str, happened: ConversationEvent| {
        let event = Event {
            kind: kind.name().to_owned(),
            timestamp: UnixMs::rfc3339(at),
            data: EventData::Conversation(Box::new(happened)),
        };
        let new = NewEvent {
            id: event_id(&conversation.id, what),
            kind,
            payload: serde_json::to_string(&event)?,
        };
        told.push((at, new));
        Ok::<_, Problem>(())
    };
    if rows.first().is_some_and(|row| row.seq.0 == 1) {
        tell(
            conversation.created_at,
            EventKind::ConversationCreated,
            "created",
            happened(conversation.status),
        )?;
    }
    for moved in *moves {
        let (at, status) = (moved.at, moved.status);
        if status == Status::Waiting {
            let what = format!("waiting/{}", moved.n);
            tell(at, EventKind::ConversationWaiting, &what, happened(status))?;
        }
        let what = format!("status/{}", moved.n);
        tell(at, EventKind::ConversationStatus, &what, happened(status))?;
    }
    for row in *rows {
        let said = EventMessage::new(row.seq, row.id.clone(), row.role, row.text.clone());
        let what = format!("message/{}", row.seq.0);
        tell(
            row.at,
            EventKind::MessageCreated,
            &what,
            ConversationEvent {
                message: Some(said),
                ..happened(conversation.status)
            },
        )?;
    }
    for step in news.steps {
        let item = news.reviews.iter().find(|item| item.id == step.review_id);
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
        let what = format!("review/{}", step.n);
        tell(
            step.at,
            kind,
            &what,
            ConversationEvent {
                review: Some(review),
                ..happened(conversation.status)
            },
        )?;
    }
    for judgement in news.judgements {
        let (seq, good) = (judgement.seq, judgement.good == 1);
        // The last word counts, and is told: changed twice between two batches it is told once.
        let what = format!("feedback/{}/{good}/{}", seq.0, conversation.seq.0);
        tell(
            conversation.updated_at,
            EventKind::FeedbackCreated,
            &what,
            ConversationEvent {
                feedback: Some(EventFeedback { seq, good }),
                ..happened(conversation.status)
            },
        )?;
    }
    // Stable: what happened in one millisecond stays in the order above.
    told.sort_by_key(|(at, _)| *at);
    Ok(told.into_iter().map(|(_, event)| event).collect())
}

#[cfg(test)]
mod tests {
    use oriel_shared::id::{ConversationId, OrgId, Seq, SiteId, VisitorId};
    use oriel_shared::wire::visitor::Role;

    use super::*;

    fn conversation() -> Conversation {
        Conversation {
            id: ConversationId("cnv_a".into()),
            org_id: OrgId("org_a".into()),
            site_id: SiteId("site_a".into()),
            visitor_id: VisitorId("vis_a".into()),
            verified: 0,
            status: Status::Waiting,
            created_at: UnixMs(1),
            kept_seq: Seq(0),
            kept_status: None,
            visitor_read: Seq(0),
            agent_read: Seq(0),
            context: None,
            is_context_kept: 1,
            language: "en".into(),
            seq: Seq(2),
            updated_at: UnixMs(9),
        }
    }

    fn row(seq: u32, at: u64) -> MessageRow {
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
    fn everything_is_told_once_in_the_order_in_which_it_happened() {
        let moves = [Move {
            n: 1,
            status: Status::Waiting,
            at: UnixMs(7),
        }];
        let rows = [row(1, 5), row(2, 7)];
        let news = News {
            rows: &rows,
            moves: &moves,
            ..News::default()
        };
        let told = events(&conversation(), &news).expect("it serialises");
        assert_eq!(
            kinds(&told),
            [
                "conversation.created",
                "message.created",
                "conversation.waiting",
                "conversation.status",
                "message.created"
            ]
        );
        let ids: std::collections::BTreeSet<_> = told.iter().map(|event| &event.id).collect();
        assert_eq!(ids.len(), told.len());
        let again = events(&conversation(), &news).expect("it serialises");
        assert!(told.iter().zip(&again).all(|(a, b)| a.id == b.id));
    }

    #[test]
    fn a_later_batch_tells_of_its_own_rows_only() {
        let news = News {
            rows: &[row(2, 7)],
            ..News::default()
        };
        let told = events(&conversation(), &news).expect("it serialises");
        assert_eq!(kinds(&told), ["message.created"]);
        assert!(events(&conversation(), &News::default()).is_ok_and(|told| told.is_empty()));
    }
}
