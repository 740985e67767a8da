//! The chat as plain data, frame by frame: what the tests of each part share.

mod answer;
mod forms;
mod log;
mod outgoing;
mod visitor;

use oriel_shared::{
    id::{ConversationId, Rfc3339, Seq, UnixMs},
    wire::visitor::{ClientFrame, Message, Role, ServerFrame, Status},
};

use super::{Chat, selectors::rows};

const NOW: UnixMs = UnixMs(1_795_314_763_042);

fn message(seq: u32, role: Role, text: &str) -> Message {
    Message {
        seq: Seq(seq),
        id: format!("m{seq}"),
        role,
        author: None,
        text: text.to_owned(),
        blocks: Vec::new(),
        sources: Vec::new(),
        offer: None,
        feedback: None,
        at: Rfc3339::from(NOW),
    }
}

fn welcome(conversation: &str, seq: u32) -> ServerFrame {
    ServerFrame::Welcome {
        conversation: ConversationId(conversation.to_owned()),
        seq: Seq(seq),
        status: Status::Open,
        away: false,
        read: Seq(0),
        several: false,
    }
}

fn stored(chat: &mut Chat, seq: u32, role: Role) -> Vec<ClientFrame> {
    chat.receive(ServerFrame::Message(message(seq, role, "words")), NOW)
}

fn ids(chat: &Chat) -> Vec<String> {
    rows(chat).iter().map(|row| row.id().to_owned()).collect()
}

fn send(id: &str) -> ClientFrame {
    ClientFrame::Send {
        id: id.to_owned(),
        text: "words".to_owned(),
        conversation: None,
    }
}

fn status(status: Status) -> ServerFrame {
    ServerFrame::Status {
        status,
        away: false,
    }
}

fn rate(chat: &mut Chat, seq: Seq, is_good: bool) -> ClientFrame {
    let is_online = chat.is_online();
    chat.feedback.rate(seq, is_good, is_online)
}
