//! What the components share: the chat and who follows it, the words, and what the visitor may do.

use std::cell::Cell;

use oriel_shared::{
    id::Seq,
    wire::{
        embed::FrameSite,
        visitor::{ClientFrame, Lead, PageContext},
    },
};

use crate::{
    browser::{self, Soon},
    connection::Connection,
    link::Link,
    own_data,
    state::{Aside, Chat},
    store::Store,
    strings::Strings,
};

/// Handed to every component. A frame has one, from its first moment to its last.
pub struct App {
    chat: Store<Chat>,
    /// Whether the page hears the words of what is said.
    pub is_overheard: Cell<bool>,
    /// The words of the widget.
    pub strings: &'static Strings,
    /// What the widget has to know of the site.
    pub site: FrameSite,
    /// The way out, once there is one.
    wires: Cell<Option<(Link, Connection)>>,
}

impl App {
    /// Nothing said, nothing connected.
    pub fn new(site: FrameSite, strings: &'static Strings) -> &'static Self {
        let mut chat = Chat::default();
        chat.asks_first = site.prechat.is_some();
        Box::leak(Box::new(Self {
            chat: Store::new(chat),
            is_overheard: Cell::default(),
            strings,
            site,
            wires: Cell::default(),
        }))
    }

    /// From now on there is a way out.
    pub fn attach(&self, link: Link, connection: Connection) {
        self.wires.set(Some((link, connection)));
    }

    /// Draws now, and again whenever the chat has changed, for as long as the frame lives.
    pub fn follow(&self, draw: impl FnMut(&Chat) + 'static) {
        self.chat.follow(Box::new(draw));
    }

    /// Looks at the chat.
    pub fn look<T>(&self, look: impl FnOnce(&Chat) -> T) -> T {
        look(&self.chat.now())
    }

    /// Changes the chat, and has it drawn.
    pub fn change<T>(&self, change: impl FnOnce(&mut Chat) -> T) -> T {
        self.chat.change(change)
    }

    /// The visitor writes. Whoever answers may know.
    pub fn write(&self, draft: String) {
        self.tell(self.change(|chat| chat.write(draft, browser::now())));
    }

    /// The visitor sends what is in the field. Without a connection it waits for one.
    pub fn send(&self) {
        self.tell(self.change(|chat| chat.send(browser::message_id())));
    }

    /// The visitor asks what the site suggests, or the page asks in their name. What is in the field stays there.
    pub fn ask(&self, question: &str) {
        self.tell(self.change(|chat| chat.ask(browser::message_id(), question)));
    }

    /// The visitor sends a message once more that was refused.
    pub fn say_again(&self, id: &str) {
        self.tell(self.change(|chat| chat.say_again(id)));
    }

    /// The visitor has heard enough of an answer.
    pub fn stop(&self) {
        self.tell(Some(self.change(|chat| chat.stop())));
    }

    /// The visitor wants a person.
    pub fn ask_for_person(&self) {
        self.tell(Some(self.change(|chat| chat.ask_for_person())));
    }

    /// The visitor leaves something for the team.
    pub fn leave(&self, lead: Lead) {
        self.tell(Some(self.change(|chat| chat.leave(lead))));
    }

    /// The visitor has answered what the site asks before the first message.
    pub fn introduce(&self, lead: Lead) {
        self.tell(self.change(|chat| chat.introduce(lead)));
    }

    /// The visitor says what they think of an answer.
    pub fn judge(&self, seq: Seq, is_good: bool) {
        self.tell(Some(self.change(|chat| chat.judge(seq, is_good))));
    }

    /// The visitor has the end of the log before their eyes.
    pub fn see(&self) {
        if let Some(seq) = self.look(Chat::unseen) {
            self.tell(Some(self.change(|chat| chat.see(seq))));
        }
    }

    /// The visitor ends the chat.
    pub fn end(&self) {
        self.tell(Some(ClientFrame::End {}));
    }

    /// Asks or tells the visitor something beside the conversation.
    pub fn set_aside(&self, aside: Aside) {
        self.change(|chat| chat.aside = aside);
    }

    /// The visitor wants the transcript as a file.
    pub fn download(&'static self) {
        self.ask_beside(own_data::download, |_| {});
    }

    /// The visitor wants to see their conversations, to go on with another one or to begin one.
    pub fn list_conversations(&'static self) {
        self.ask_beside(own_data::list_conversations, |_| {});
    }

    /// The visitor wants everything gone, and means it. The chat begins anew, with somebody new.
    pub fn erase(&'static self) {
        self.ask_beside(own_data::erase, Connection::restart);
    }

    /// The page says where the visitor is.
    pub fn place(&self, context: PageContext) {
        self.tell(self.change(|chat| chat.place(context)));
    }

    /// The page says that the visitor is somebody else now, as the next ticket will say.
    pub fn restart(&self) {
        if let Some((_, connection)) = self.wires.get() {
            connection.restart();
        }
    }

    /// The page says that the visitor has gone. What they said is not for whoever comes next.
    pub fn log_out(&'static self) {
        if let Some((_, connection)) = self.wires.get() {
            self.change(Chat::forget);
            browser::spawn(async move {
                let _unheard = connection.session().end().await;
                connection.restart();
            });
        }
    }

    /// Asks the edge for something beside the conversation, and goes on from there; says so if it does not work.
    fn ask_beside(&'static self, ask: fn(&App, String) -> Soon<bool>, then: fn(Connection)) {
        self.set_aside(Aside::Nothing);
        let Some((_, connection)) = self.wires.get() else {
            return;
        };
        browser::spawn(async move {
            if let Ok(token) = connection.session().access().await
                && ask(self, token).await
            {
                then(connection);
            } else {
                self.set_aside(Aside::Failed);
            }
        });
    }

    fn tell(&self, frame: Option<ClientFrame>) {
        if let (Some(frame), Some((_, connection))) = (frame, self.wires.get()) {
            connection.say(frame);
        }
    }
}
