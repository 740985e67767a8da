//! The visitor's object: one visitor of one site. Their sessions, sockets and conversations live here, so that a
//! message is one hop, and all tabs are in step.
//!
//! Keeps true: what was acknowledged is in this object's SQLite under a sequence number; SQLite is the truth and memory
//! only a hint, since the object may be evicted between any two events. Output leaves only after the writes before it
//! are on disk (the platform's output gate). D1 gets the rows from an alarm.
//!
//! [`Visitor`] is what the runtime calls, and wires the parts. Each part owns its state and knows only those above it in
//! this list:
//!
//! - [`schema`]: all tables; [`alarm`]: the one alarm; [`broadcast`]: sockets and streams, with [`sender`]
//! - [`feedback`]: the frame, and columns of the conversation's messages
//! - parts with tables: [`conversation`], [`archive`], [`sessions`], [`reviews`] with [`drafts`], [`erasure_note`]
//! - [`limits`]: how much a visitor may say; [`site`]: the site's settings; [`running_answers`]
//! - [`d1_sync`]: rows to D1, with [`sync_pace`] and [`webhook_events`]
//! - [`timeline`]: what every tab sees
//! - [`handover`], [`leads`], [`signals`], [`visitor_messages`], [`assistant`], [`team`]: who does what in it
//! - [`erasure`], then [`conversation_switch`]; [`own_data`], [`session_calls`], [`listeners`]
//! - [`frames`]: hands a frame to the part that it is for

#![allow(
    missing_docs,
    reason = "the attribute macro makes undocumented methods"
)]

mod alarm;
mod archive;
mod assistant;
mod broadcast;
mod conversation;
mod conversation_switch;
mod d1_sync;
mod drafts;
mod erasure;
mod erasure_note;
mod feedback;
mod frames;
mod handover;
mod leads;
mod limits;
mod listeners;
mod own_data;
mod reviews;
mod running_answers;
mod schema;
mod sender;
mod session_calls;
mod sessions;
mod signals;
mod site;
mod sync_pace;
mod team;
mod timeline;
mod visitor_messages;
mod webhook_events;

use std::rc::Rc;

use worker::{
    DurableObject, Env, Request, Response, State, WebSocket, WebSocketIncomingMessage,
    durable_object,
};

use super::{answer, log_failure};
use crate::calls::{EVENTS_PATH, SOCKET_PATH, VisitorCall, VisitorReply};
use crate::http::problem::Problem;

/// One visitor of one site.
#[durable_object]
pub struct Visitor {
    tables: Rc<schema::Tables>,
    alarm: Rc<alarm::Alarm>,
    broadcast: Rc<broadcast::Broadcast>,
    sync: Rc<d1_sync::D1Sync>,
    erasure: Rc<erasure::Erasure>,
    assistant: assistant::Assistant,
    team: team::Team,
    own_data: own_data::OwnData,
    session_calls: session_calls::SessionCalls,
    listeners: listeners::Listeners,
    frames: frames::Frames,
}

impl DurableObject for Visitor {
    fn new(state: State, env: Env) -> Self {
        Self::wire(Rc::new(state), &env)
    }

    async fn fetch(&self, mut request: Request) -> worker::Result<Response> {
        let path = request.path();
        let opened = match path.as_str() {
            SOCKET_PATH => self.open_socket(&request).await,
            EVENTS_PATH => self.open_stream(&mut request).await,
            _ => return answer(self.call(&mut request).await),
        };
        opened.or_else(|problem| answer(Err::<VisitorReply, _>(problem)))
    }

    async fn websocket_message(
        &self,
        socket: WebSocket,
        message: WebSocketIncomingMessage,
    ) -> worker::Result<()> {
        if let Err(problem) = self.on_frame(&socket, message).await {
            log_failure("frame", &problem);
            let sender = sender::Sender::Socket(&socket);
            self.broadcast.refuse(&sender, problem, None);
        }
        Ok(())
    }

    async fn websocket_close(
        &self,
        socket: WebSocket,
        code: usize,
        _: String,
        _: bool,
    ) -> worker::Result<()> {
        self.broadcast.on_close(&socket, code);
        Ok(())
    }

    async fn websocket_error(&self, _: WebSocket, _: worker::Error) -> worker::Result<()> {
        Ok(())
    }

    async fn alarm(&self) -> worker::Result<Response> {
        self.alarm.on_gone();
        if let Err(problem) = self.on_alarm().await {
            log_failure("alarm", &problem);
        }
        Response::empty()
    }
}

impl Visitor {
    /// Makes the parts, each with those that it knows.
    fn wire(state: Rc<State>, env: &Env) -> Self {
        // Taken from the state once: each look would cross the border to JavaScript and back twice.
        let sql = state.storage().sql();
        let tables = Rc::new(schema::Tables::new(sql.clone()));
        let alarm = Rc::new(alarm::Alarm::new(Rc::clone(&state)));
        let broadcast = Rc::new(broadcast::Broadcast::new(Rc::clone(&state)));
        let conversation = Rc::new(conversation::Conversation::new(sql.clone()));
        let archive = Rc::new(archive::Archive::new(sql.clone()));
        let sessions = Rc::new(sessions::Sessions::new(sql.clone()));
        let reviews = Rc::new(reviews::Reviews::new(sql.clone()));
        let note = Rc::new(erasure_note::ErasureNote::new(sql.clone()));
        let frame_limits = Rc::new(limits::FrameLimits::default());
        let limits = Rc::new(limits::MessageLimits::new(
            Rc::clone(&conversation),
            Rc::clone(&broadcast),
        ));
        let users = site::SettingsUsers {
            conversation: Rc::clone(&conversation),
            sessions: Rc::clone(&sessions),
            broadcast: Rc::clone(&broadcast),
            frame_limits: Rc::clone(&frame_limits),
        };
        let site = Rc::new(site::SiteSettings::new(env.clone(), users));
        let sync = Rc::new(d1_sync::D1Sync::new(d1_sync::SyncParts {
            env: env.clone(),
            state: Rc::clone(&state),
            alarm: Rc::clone(&alarm),
            conversation: Rc::clone(&conversation),
            archive: Rc::clone(&archive),
            reviews: Rc::clone(&reviews),
        }));
        let timeline = Rc::new(timeline::Timeline {
            conversation: Rc::clone(&conversation),
            reviews,
            broadcast: Rc::clone(&broadcast),
            sync: Rc::clone(&sync),
            site: Rc::clone(&site),
            running: Rc::default(),
        });
        let handover = Rc::new(handover::Handover {
            timeline: Rc::clone(&timeline),
            limits: Rc::clone(&limits),
        });
        let assistant = assistant::Assistant {
            env: env.clone(),
            state: Rc::clone(&state),
            alarm: Rc::clone(&alarm),
            timeline: Rc::clone(&timeline),
            handover: Rc::clone(&handover),
        };
        let erasure = Rc::new(erasure::Erasure {
            env: env.clone(),
            state,
            sql,
            tables: Rc::clone(&tables),
            alarm: Rc::clone(&alarm),
            note: Rc::clone(&note),
            timeline: Rc::clone(&timeline),
            archive: Rc::clone(&archive),
            sessions: Rc::clone(&sessions),
        });
        let frames = frames::Frames::new(frames::FrameParts {
            timeline: Rc::clone(&timeline),
            sessions: Rc::clone(&sessions),
            limits: Rc::clone(&frame_limits),
            messages: visitor_messages::VisitorMessages {
                timeline: Rc::clone(&timeline),
                archive: Rc::clone(&archive),
                limits: Rc::clone(&limits),
                handover: Rc::clone(&handover),
            },
            signals: signals::Signals::new(Rc::clone(&timeline)),
            leads: leads::Leads {
                timeline: Rc::clone(&timeline),
                limits,
            },
            handover,
            switch: conversation_switch::ConversationSwitch {
                timeline: Rc::clone(&timeline),
                archive: Rc::clone(&archive),
                erasure: Rc::clone(&erasure),
                limits: frame_limits,
            },
        });
        Self {
            tables,
            alarm,
            sync,
            erasure,
            assistant,
            team: team::Team {
                timeline: Rc::clone(&timeline),
                archive: Rc::clone(&archive),
            },
            own_data: own_data::OwnData {
                conversation: Rc::clone(&conversation),
                archive,
                sessions: Rc::clone(&sessions),
            },
            session_calls: session_calls::SessionCalls {
                sessions: Rc::clone(&sessions),
                conversation,
                site,
                erasure_note: note,
                broadcast: Rc::clone(&broadcast),
            },
            listeners: listeners::Listeners { timeline, sessions },
            frames,
            broadcast,
        }
    }

    async fn open_socket(&self, request: &Request) -> Result<Response, Problem> {
        self.tables.prepare()?;
        self.listeners.open_socket(request).await
    }

    async fn open_stream(&self, request: &mut Request) -> Result<Response, Problem> {
        let text = request.text().await?;
        self.tables.prepare()?;
        self.listeners.open_stream(&text).await
    }

    async fn on_frame(
        &self,
        socket: &WebSocket,
        message: WebSocketIncomingMessage,
    ) -> Result<(), Problem> {
        self.tables.prepare()?;
        match self.frames.on_socket(socket, message).await? {
            Some((question, site)) => self.assistant.answer(&question, &site).await,
            None => Ok(()),
        }
    }

    /// Writes new rows to D1, and answers what an earlier instance left unanswered: in this order, since a model may take
    /// its time.
    async fn on_alarm(&self) -> Result<(), Problem> {
        self.tables.prepare()?;
        if let Err(problem) = self.erasure.finish().await {
            log_failure("erase", &problem);
        }
        if !self.tables.are_ready() {
            // All is erased, the note of it too.
            return Ok(());
        }
        if !self.sync.on_alarm().await? {
            return Ok(());
        }
        self.erasure.wake().await?;
        self.assistant.answer_pending().await
    }

    async fn call(&self, request: &mut Request) -> Result<VisitorReply, Problem> {
        let text = request.text().await?;
        self.tables.prepare()?;
        let reply = match serde_json::from_str(&text)? {
            VisitorCall::OpenSession {
                ticket,
                site,
                language,
            } => {
                let session = self.session_calls.open(&ticket, *site, &language)?;
                VisitorReply::Session(session)
            }
            VisitorCall::RefreshSession {
                family,
                generation,
                site,
                language,
            } => {
                let renewal = session_calls::Renewal {
                    family: &family,
                    generation,
                    site: site.map(|site| *site),
                    language: language.as_deref(),
                };
                VisitorReply::Session(self.session_calls.refresh(renewal)?)
            }
            VisitorCall::EndSession { family } => {
                self.session_calls.end(&family)?;
                VisitorReply::Done
            }
            VisitorCall::ReceiveFrame { family, frame } => {
                let frames::RequestOutcome {
                    replies,
                    has_question,
                } = self.frames.on_request(&family, frame).await?;
                VisitorReply::FrameReceived {
                    replies,
                    has_question,
                }
            }
            VisitorCall::AnswerPending => {
                self.assistant.answer_pending().await?;
                VisitorReply::Done
            }
            VisitorCall::InConversation { conversation, call } => {
                self.team.in_conversation(&conversation, call).await?
            }
            VisitorCall::ChangeReview { id, change, by } => {
                let review = self.team.change_review(&id, change, by).await?;
                VisitorReply::Review(Box::new(review))
            }
            VisitorCall::ReadMessages {
                family,
                conversation,
                after,
            } => {
                let conversation = conversation.as_ref();
                let page = self
                    .own_data
                    .messages(family.as_deref(), conversation, after)?;
                VisitorReply::Messages(page)
            }
            VisitorCall::ListConversations { family } => {
                VisitorReply::Conversations(self.own_data.conversations(&family)?)
            }
            VisitorCall::ListSessions => VisitorReply::Sessions(self.own_data.session_times()?),
            VisitorCall::EraseOwn { family } => {
                self.erasure.erase_own(&family).await?;
                VisitorReply::Done
            }
            VisitorCall::Erase { owner, by } => {
                self.erasure.erase(owner, by).await?;
                VisitorReply::Done
            }
            VisitorCall::Expire {
                owner,
                conversation,
                until,
            } => match self.erasure.expire(owner, conversation, until).await? {
                erasure::Expiry::Erased => VisitorReply::Done,
                erasure::Expiry::Active => VisitorReply::Active,
            },
        };
        Ok(reply)
    }
}
