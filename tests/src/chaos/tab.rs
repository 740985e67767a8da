//! One client: what the widget does when everything breaks, without the widget.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use oriel_shared::id::Seq;
use oriel_shared::wire::visitor::{Message, Role, ServerFrame, SessionReply, TicketReply};
use serde_json::json;

use super::link::{Link, Lost};
use super::random::Random;
use super::{Chaos, QUESTION};
use crate::signed;
use crate::visitor::{ORIGIN, from_frame};
use crate::wait::Deadline;

/// Said at once, at most, before the first of them is acknowledged.
const AT_ONCE: usize = 6;
/// One thing in so many is said right after the one before.
const BURST_ONE_IN: u64 = 3;
/// A link is cut after one thing in so many, between saying it and hearing that it was kept.
const CUT_ONE_IN: u64 = 15;
/// What is not acknowledged by then went into a link that is dead without knowing it.
const ACKNOWLEDGED_WITHIN: Duration = Duration::from_secs(10);
/// Far longer than all of it may take: what goes on until then goes on for ever.
const PATIENCE: Duration = Duration::from_mins(60);
/// Between two attempts, in milliseconds.
const PAUSE_MS: [u64; 2] = [50, 600];
/// Listens for so long before it looks what else is to be done.
const LOOK: Duration = Duration::from_millis(100);

/// A tab of a visitor.
pub struct Tab<'c> {
    chaos: &'c Chaos<'c>,
    subject: String,
    name: String,
    random: Random,
    session: Option<SessionReply>,
    link: Option<Link>,
    /// What the visitor said elsewhere before this link was opened; until then news may come ahead of what was missed.
    catching_up_to: usize,
    pending: VecDeque<Pending>,
    /// Something was heard lately, until then.
    silent: Deadline,
    /// What it knows at the end.
    pub record: Record,
}

/// What a tab knows.
#[derive(Default)]
pub struct Record {
    /// Ids of what it said, in that order.
    pub said: Vec<String>,
    /// Acknowledgements.
    pub acknowledged: Vec<Message>,
    /// The conversation from its first message on, as it came.
    pub seen: Vec<Message>,
    /// Messages that came out of turn.
    pub n_gaps: usize,
}

/// Said and not acknowledged.
struct Pending {
    id: String,
    text: String,
    overdue: Deadline,
}

impl<'c> Tab<'c> {
    /// A tab that nothing was said in yet. Its name begins the ids of what it says.
    pub fn open(chaos: &'c Chaos<'c>, visitor: usize, name: &str) -> Self {
        Self {
            chaos,
            subject: format!("visitor-{visitor}"),
            name: name.to_owned(),
            random: Random::new(chaos.plan.seed, &format!("{visitor}/{name}")),
            session: None,
            link: None,
            catching_up_to: 0,
            pending: VecDeque::new(),
            silent: Deadline::after(ACKNOWLEDGED_WITHIN),
            record: Record::default(),
        }
    }

    /// Says so much, and stays until all of it is acknowledged and all that came before it is seen.
    pub fn talk(&mut self, n_messages: usize) {
        let mut next = self.pause();
        let patience = Deadline::after(PATIENCE);
        while self.record.said.len() < n_messages || !self.pending.is_empty() || !self.is_whole() {
            let may_say = self.record.said.len() < n_messages && self.pending.len() < AT_ONCE;
            match next.left() {
                None if may_say => {
                    self.say();
                    next = self.pause();
                    if self.random.once_in(CUT_ONE_IN) {
                        self.chaos.n_cuts.fetch_add(1, Ordering::Relaxed);
                        self.link = None;
                    }
                }
                left => self.listen(left.unwrap_or(LOOK).min(LOOK)),
            }
            assert!(
                patience.left().is_some(),
                "{}/{} waits for {} acknowledgements and holds {} messages",
                self.subject,
                self.name,
                self.pending.len(),
                self.record.seen.len()
            );
        }
    }

    /// Stays for as long as there is something to wait for.
    pub fn listen_until(&mut self, within: Duration, is_enough: impl Fn(&Self) -> bool) {
        let deadline = Deadline::after(within);
        while deadline.left().is_some() && !is_enough(self) {
            self.listen(LOOK);
        }
    }

    /// Whether it has seen everything up to the last thing that it knows of.
    pub fn is_whole(&self) -> bool {
        let last = self.record.acknowledged.iter().map(|message| message.seq.0);
        let known = last.max().unwrap_or_default() as usize;
        self.record.seen.len() >= known.max(self.catching_up_to)
    }

    /// The session, once there was one.
    pub fn session(&self) -> Option<&SessionReply> {
        self.session.as_ref()
    }

    fn pause(&mut self) -> Deadline {
        let pace_ms = self.chaos.plan.pace.as_millis() as u64;
        let ms = if self.random.once_in(BURST_ONE_IN) {
            0
        } else {
            self.random.between([0, 2 * pace_ms])
        };
        Deadline::after(Duration::from_millis(ms))
    }

    fn say(&mut self) {
        let id = format!("{}-{}", self.name, self.record.said.len());
        let text = format!("{QUESTION} {} {id}", self.subject);
        self.record.said.push(id.clone());
        self.pending.push_back(Pending {
            id,
            text,
            overdue: Deadline::after(ACKNOWLEDGED_WITHIN),
        });
        if self.link.is_some() {
            self.send(self.pending.len() - 1);
        }
    }

    /// Sends what is pending from this place on. What does not go out stays pending.
    fn send(&mut self, from: usize) {
        let Some(link) = &mut self.link else { return };
        let mut acknowledged = Vec::new();
        let all_went = self.pending.iter_mut().skip(from).try_for_each(|pending| {
            pending.overdue = Deadline::after(ACKNOWLEDGED_WITHIN);
            acknowledged.extend(link.say(&pending.id, &pending.text)?);
            Ok(())
        });
        for message in acknowledged {
            self.acknowledge(&message);
        }
        if let Err(lost) = all_went {
            self.lose(lost);
        }
    }

    /// Without a link; without a session too when that is the reason.
    fn lose(&mut self, lost: Lost) {
        self.link = None;
        if lost == Lost::Session {
            self.session = None;
        }
    }

    /// Hears what comes within the time; opens a link first when there is none.
    fn listen(&mut self, within: Duration) {
        if self.link.is_none() && !self.connect() {
            thread::sleep(Duration::from_millis(self.random.between(PAUSE_MS)));
            return;
        }
        let Some(link) = &mut self.link else { return };
        match link.receive(within) {
            Ok(Some(ServerFrame::Message(message))) => self.hear(message),
            Ok(Some(ServerFrame::Error { code, detail, .. })) => {
                eprintln!(
                    "{}/{} was refused: {code}: {detail}",
                    self.subject, self.name
                );
                self.link = None;
            }
            Ok(_) => {}
            Err(lost) => self.lose(lost),
        }
        let is_overdue = |pending: &Pending| pending.overdue.left().is_none();
        let is_stuck = !self.is_whole() && self.silent.left().is_none();
        if is_stuck || self.pending.front().is_some_and(is_overdue) {
            self.link = None;
        }
    }

    fn acknowledge(&mut self, message: &Message) {
        if let Some(at) = self.pending.iter().position(|p| p.id == message.id)
            && message.role == Role::Visitor
        {
            self.pending.remove(at);
            self.chaos.n_acknowledged.fetch_add(1, Ordering::Relaxed);
            self.record.acknowledged.push(message.clone());
        }
    }

    fn hear(&mut self, message: Message) {
        self.silent = Deadline::after(ACKNOWLEDGED_WITHIN);
        self.acknowledge(&message);
        let held = self.record.seen.len();
        let place = message.seq.0 as usize;
        if place == held + 1 {
            self.record.seen.push(message);
        } else if place <= held {
            // Once more, by a resume that crossed it; but the same.
            let is_same = self.record.seen.get(place.wrapping_sub(1)) == Some(&message);
            self.record.n_gaps += usize::from(!is_same);
        } else if held >= self.catching_up_to {
            self.record.n_gaps += 1;
            eprintln!(
                "{}/{} holds {held} and hears {place}",
                self.subject, self.name
            );
            self.link = None;
        }
    }

    /// A session if there is none, then a link; what was missed is asked for, what is pending is sent again.
    fn connect(&mut self) -> bool {
        if self.session.is_none() {
            self.session = self.arrive();
        }
        let Some(session) = &self.session else {
            return false;
        };
        let after = Seq(self.record.seen.len() as u32);
        let Chaos { edge, plan, .. } = self.chaos;
        match Link::open(plan.way, edge, &session.access_token, after) {
            Ok((link, last)) => {
                self.catching_up_to = last.0 as usize;
                self.silent = Deadline::after(ACKNOWLEDGED_WITHIN);
                self.link = Some(link);
                self.send(0);
            }
            Err(lost) => self.lose(lost),
        }
        self.link.is_some()
    }

    /// A ticket by a signed token, and a session of this tab's own: the same visitor, on whatever device.
    fn arrive(&self) -> Option<SessionReply> {
        let Chaos {
            edge,
            site_key,
            signing_key,
            ..
        } = self.chaos;
        let client = edge.client();
        let claims = signed::claims(site_key, &self.subject);
        let token = signed::token(&signing_key.kid, &signing_key.secret, &claims);
        let answer = client
            .post(&format!("/v1/sites/{site_key}/tickets"))
            .origin(ORIGIN)
            .json(&json!({ "token": token }))
            .try_send()
            .ok()
            .filter(|answer| answer.status == 201)?;
        let ticket = answer.json::<TicketReply>().ticket;
        let answer = from_frame(&client, "POST", "/v1/session")
            .json(&json!({ "ticket": ticket }))
            .try_send()
            .ok()
            .filter(|answer| answer.status == 201)?;
        Some(answer.json())
    }
}
