//! What the components share: the chat as a signal, the words, and what the visitor may do.

use std::cell::RefCell;

use oriel_shared::{
    id::UnixMs,
    wire::{embed::FrameSite, visitor::ClientFrame},
};
use reactive_graph::{
    signal::ArcRwSignal,
    traits::{Set, Update, WithUntracked},
};

use crate::{
    browser,
    connection::Connection,
    link::Link,
    state::Chat,
    strings::{ENGLISH, Strings},
};

/// Handed to every component. A frame has one, from its first moment to its last.
pub struct App {
    /// The chat.
    pub chat: ArcRwSignal<Chat>,
    /// The time as far as views need it: it moves while a limit counts down.
    pub clock: ArcRwSignal<UnixMs>,
    /// What is in the field.
    pub draft: ArcRwSignal<String>,
    /// The words of the widget.
    pub strings: &'static Strings,
    /// What the site calls itself, and what it says first.
    pub site: FrameSite,
    /// The way out, once there is one.
    wires: RefCell<Option<(Link, Connection)>>,
}

impl App {
    /// Nothing said, nothing connected. The site's words are those of the widget where it has none.
    pub fn new(mut site: FrameSite) -> &'static Self {
        let strings = &ENGLISH;
        for (words, default) in [
            (&mut site.greeting, strings.greeting),
            (&mut site.disclosure, strings.disclosure),
        ] {
            if words.is_empty() {
                words.push_str(default);
            }
        }
        Box::leak(Box::new(Self {
            chat: ArcRwSignal::new(Chat::default()),
            clock: ArcRwSignal::new(UnixMs::default()),
            draft: ArcRwSignal::new(String::new()),
            strings,
            site,
            wires: RefCell::default(),
        }))
    }

    /// From now on there is a way out.
    pub fn attach(&self, link: Link, connection: Connection) {
        self.wires.replace(Some((link, connection)));
    }

    /// The visitor sends what is in the field. Without a connection it waits for one.
    pub fn send(&self) {
        let text = self.draft.with_untracked(|draft| draft.trim().to_owned());
        if !text.is_empty() {
            self.draft.set(String::new());
            self.carry(|chat| Some(chat.say(browser::message_id(), text)));
        }
    }

    /// The visitor sends a message once more that was refused.
    pub fn say_again(&self, id: &str) {
        self.carry(|chat| chat.say_again(id));
    }

    /// The visitor takes a refused message back into the field, in front of what is there.
    pub fn take_back(&self, id: &str) {
        if let Some(text) = self.chat.try_update(|chat| chat.take_back(id)).flatten() {
            self.draft
                .update(|draft| *draft = [&text, &**draft].concat());
        }
    }

    /// The visitor wants a person.
    pub fn ask_for_person(&self) {
        self.carry(|chat| Some(chat.ask_for_person()));
    }

    /// The visitor closes the panel.
    pub fn close(&self) {
        if let Some((link, _)) = &*self.wires.borrow() {
            link.close();
        }
    }

    /// Changes the chat, and tells the edge what the change says.
    fn carry(&self, change: impl FnOnce(&mut Chat) -> Option<ClientFrame>) {
        let frame = self.chat.try_update(change).flatten();
        if let (Some(frame), Some((_, connection))) = (frame, &*self.wires.borrow()) {
            connection.say(&frame);
        }
    }
}
