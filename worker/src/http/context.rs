//! One request: its id, where it comes from, who calls and what the call is about. Code that proves something of it
//! adds it here; the lines of the security log and of the audit trail are made from it.

use std::cell::{OnceCell, RefCell};

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
    /// Names the request in the answer and in the log.
    pub request_id: RequestId,
    /// Where the request comes from, as the platform says. A client cannot set it.
    pub address: Option<Address>,
    runtime: worker::Context,
    address_hash: OnceCell<String>,
    actor: RefCell<Actor>,
    subject: RefCell<Subject>,
}

/// What a call is about, for the audit trail.
#[derive(Clone, Debug, Default)]
pub struct Subject {
    /// The site that it belongs to.
    pub site: Option<SiteId>,
    /// The id of what the call made, which its path cannot name.
    pub made: Option<String>,
}

impl Context {
    /// Gives a request its id. Nothing is proven of its caller yet.
    pub fn new(request: &Request, env: Env, runtime: worker::Context) -> Self {
        let request_id = match clock::random() {
            Ok(bytes) => RequestId::from_random(bytes),
            Err(_) => RequestId("req_unknown".to_owned()),
        };
        // `x-forwarded-for` is never read: anybody can write it.
        let address = request.headers().get("cf-connecting-ip").ok().flatten();
        Self {
            env,
            request_id,
            address: address.as_deref().and_then(Address::parse),
            runtime,
            address_hash: OnceCell::new(),
            actor: RefCell::default(),
            subject: RefCell::default(),
        }
    }

    /// What limits store of the address.
    pub fn address_hash(&self, key: &TokenKey) -> &str {
        let hash = || key.address_hash(self.address, clock::now());
        self.address_hash.get_or_init(hash)
    }

    /// Does work that the answer does not wait for.
    pub fn afterwards(&self, work: impl Future<Output = ()> + 'static) {
        self.runtime.wait_until(work);
    }

    /// Sets who calls, once that is proven.
    pub fn set_actor(&self, actor: Actor) {
        self.actor.replace(actor);
    }

    /// Sets the site that the call is about.
    pub fn set_site(&self, site: &SiteId) {
        self.subject.borrow_mut().site = Some(site.clone());
    }

    /// Sets the id of what the call made.
    pub fn set_made(&self, id: &str) {
        self.subject.borrow_mut().made = Some(id.to_owned());
    }

    /// What the call is about, as far as it is known.
    pub fn subject(&self) -> Subject {
        self.subject.borrow().clone()
    }

    /// Who calls, as far as it is proven.
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
