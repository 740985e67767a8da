//! One request: where it comes from, what it is called, what it tries and who is behind it. Handlers add what they
//! have proven; the wrapper writes the line of the security log from it.

use std::cell::{Cell, RefCell};

use oriel_shared::address::Address;
use oriel_shared::event::{Action, Actor, Event, Outcome, Reason};
use oriel_shared::id::{RequestId, SiteId};
use oriel_shared::token::session::TokenKey;
use worker::{Env, Request};

use crate::{clock, events};

/// A request and its surroundings.
pub struct Context {
    /// Bindings and secrets.
    pub env: Env,
    /// In the answer and in the log.
    pub request_id: RequestId,
    /// Where it comes from, as the platform says; a client cannot say so itself.
    pub address: Option<Address>,
    runtime: worker::Context,
    action: Cell<Option<Action>>,
    actor: RefCell<Actor>,
    subject: RefCell<Subject>,
}

/// What a change is made to, for the audit trail.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// The site that it belongs to.
    pub site: Option<SiteId>,
    /// The id of what was made, where the path does not name it.
    pub made: Option<String>,
}

impl Context {
    /// Names a request. Nothing is tried and nobody is proven yet.
    pub fn new(request: &Request, env: Env, runtime: worker::Context) -> Self {
        let request_id = match clock::random() {
            Ok(bytes) => RequestId::from_random(bytes),
            Err(_) => RequestId("req_unknown".to_owned()),
        };
        // Never `x-forwarded-for`: anybody can write that one.
        let address = request.headers().get("cf-connecting-ip").ok().flatten();
        Self {
            env,
            request_id,
            address: address.as_deref().and_then(Address::parse),
            runtime,
            action: Cell::new(None),
            actor: RefCell::default(),
            subject: RefCell::default(),
        }
    }

    /// What limits know of where it comes from.
    pub fn address_hash(&self, key: &TokenKey) -> String {
        key.address_hash(self.address, clock::now())
    }

    /// Does something that the answer does not wait for.
    pub fn afterwards(&self, work: impl Future<Output = ()> + 'static) {
        self.runtime.wait_until(work);
    }

    /// Notes what is tried.
    pub fn tries(&self, action: Action) {
        self.action.set(Some(action));
    }

    /// What is tried; nothing while the request is not known to be anything.
    pub fn action(&self) -> Option<Action> {
        self.action.get()
    }

    /// Notes who was proven to be behind it.
    pub fn is_by(&self, actor: Actor) {
        self.actor.replace(actor);
    }

    /// Notes the site that a call is about.
    pub fn is_about(&self, site: &SiteId) {
        self.subject.borrow_mut().site = Some(site.clone());
    }

    /// Notes what was made.
    pub fn makes(&self, id: &str) {
        self.subject.borrow_mut().made = Some(id.to_owned());
    }

    /// What the call is about, as far as it was noted.
    pub fn subject(&self) -> Subject {
        self.subject.borrow().clone()
    }

    /// Who was proven to be behind it.
    pub fn actor(&self) -> Actor {
        self.actor.borrow().clone()
    }

    /// Writes a line of the security log.
    pub fn record(&self, action: Action, outcome: Outcome, reason: Option<Reason>) {
        events::write(&Event {
            at: clock::now().rfc3339(),
            action,
            outcome,
            reason,
            actor: &self.actor.borrow(),
            address: self.address,
            request_id: Some(&self.request_id),
        });
    }
}
