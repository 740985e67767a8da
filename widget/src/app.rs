//! What the components share: the chat and its subscribers, the words, and the visitor's requests.

use std::cell::Cell;

use oriel_shared::wire::{embed::FrameSite, visitor::ClientFrame};

use crate::{
    browser::{self, BoxFuture},
    connection::Connection,
    own_data,
    state::{Chat, Prompt},
    store::Store,
    strings::Strings,
};

/// Handed to every component. An iframe has one, from its first moment to its last.
pub struct App {
    /// The chat.
    pub chat: &'static Store<Chat>,
    /// Whether the page gets the texts of messages.
    pub page_gets_text: Cell<bool>,
    /// The words of the widget.
    pub strings: &'static Strings,
    /// What the widget has to know of the site.
    pub site: FrameSite,
    connection: Cell<Option<Connection>>,
}

impl App {
    /// An empty chat that is not connected.
    pub fn new(site: FrameSite, strings: &'static Strings) -> &'static Self {
        let chat = Chat::new(site.prechat.is_some());
        Box::leak(Box::new(Self {
            chat: Box::leak(Box::new(Store::new(chat))),
            page_gets_text: Cell::default(),
            strings,
            site,
            connection: Cell::default(),
        }))
    }

    /// From now on frames go out.
    pub fn connect(&self, connection: Connection) {
        self.connection.set(Some(connection));
    }

    /// Calls this with the chat now and again after each change, for as long as the iframe lives.
    pub fn subscribe(&self, draw: impl FnMut(&Chat) + 'static) {
        self.chat.subscribe(Box::new(draw));
    }

    /// The visitor does something, which changes the chat. The frame that tells the edge goes out; without a connection
    /// the chat keeps what must not get lost.
    pub fn act<F: Into<Option<ClientFrame>>>(&self, action: impl FnOnce(&mut Chat) -> F) {
        self.send(self.chat.update(action).into());
    }

    fn send(&self, frame: Option<ClientFrame>) {
        if let (Some(frame), Some(connection)) = (frame, self.connection.get()) {
            connection.send(frame);
        }
    }

    /// Shows a question or a notice above the composer.
    pub fn prompt(&self, prompt: Prompt) {
        self.chat.update(|chat| chat.prompt = prompt);
    }

    /// The visitor wants the transcript as a file.
    pub fn download(&'static self) {
        self.request(own_data::download, |_| {});
    }

    /// The visitor wants to see their conversations, to go on with another one or to begin one.
    pub fn list_conversations(&'static self) {
        self.request(own_data::list_conversations, |_| {});
    }

    /// The visitor has confirmed that everything shall be erased. The chat begins anew, with a new visitor.
    pub fn erase(&'static self) {
        self.request(own_data::erase, Connection::restart);
    }

    /// The page says that somebody else uses it now; the next ticket says who.
    pub fn restart(&self) {
        if let Some(connection) = self.connection.get() {
            connection.restart();
        }
    }

    /// The page says that the visitor has logged out. Their messages are not for the next visitor.
    pub fn log_out(&'static self) {
        if let Some(connection) = self.connection.get() {
            self.chat.update(Chat::clear);
            browser::spawn(async move {
                let _response = connection.session().end().await;
                connection.restart();
            });
        }
    }

    /// Sends a request beside the conversation, and goes on with `then`; tells the visitor if it does not work.
    fn request(
        &'static self,
        send: fn(String, &'static str) -> BoxFuture<bool>,
        then: fn(Connection),
    ) {
        self.prompt(Prompt::None);
        let Some(connection) = self.connection.get() else {
            return;
        };
        browser::spawn(async move {
            if let Ok(token) = connection.session().access().await
                && send(token, self.strings.transcript()).await
            {
                then(connection);
            } else {
                self.prompt(Prompt::Failed);
            }
        });
    }
}
