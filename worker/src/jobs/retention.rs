//! Conversations whose time is over are erased, in their visitors' objects and in D1.
//!
//! Keeps true: the database says whose time may be over, the object decides: what was said since stays. An object that
//! does not answer holds up no other and is asked again the next time. Each run leaves one line a site in the audit
//! trail, with how many they were.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use oriel_shared::event::Action;
use oriel_shared::id::{AuditId, OrgId, SiteId, UnixMs};
use worker::Env;

use super::runner::{Done, Outcome};
use crate::calls::{self, VisitorCall, VisitorReply};
use crate::clock;
use crate::http::problem::Problem;
use crate::store::audit::{self, DoneBy, NewAuditLine};
use crate::store::{Db, visitors};

/// Conversations of one run. What is left is there an hour later.
const BATCH: u32 = 500;
/// Objects that are asked at a time: below what the platform connects to at once.
const AT_A_TIME: usize = 4;

/// Erases up to [`BATCH`] conversations and counts them.
pub async fn run(env: &Env) -> Outcome {
    let (db, now) = (Db::open(env)?, clock::now());
    let overdue = visitors::overdue(&db, now, BATCH).await?;
    let asked = stream::iter(overdue).map(|overdue| async move {
        let call = VisitorCall::Expire {
            owner: overdue.owner.clone(),
            conversation: overdue.conversation,
            until: overdue.until,
        };
        let reply = calls::visitor(env, &overdue.owner.visitor, &call).await;
        (overdue.owner, reply)
    });
    let replies: Vec<_> = asked.buffer_unordered(AT_A_TIME).collect().await;
    let mut done = Done::default();
    let mut erased: BTreeMap<(OrgId, SiteId), u32> = BTreeMap::new();
    for (owner, reply) in replies {
        match reply {
            Ok(VisitorReply::Done) => {
                done.add(Ok(1));
                *erased.entry((owner.org, owner.site)).or_default() += 1;
            }
            Ok(_) => {}
            // Its owner is another one now: nothing to erase here.
            Err(problem) if problem.code.status() < 500 => {}
            Err(problem) => done.add(Err(problem)),
        }
    }
    for ((org, site), n) in &erased {
        let written = write_line(&db, org, site, *n, now).await;
        done.add(written.map(|()| 0));
    }
    Ok(done)
}

async fn write_line(
    db: &Db,
    org: &OrgId,
    site: &SiteId,
    n_erased: u32,
    now: UnixMs,
) -> Result<(), Problem> {
    let line = NewAuditLine {
        id: AuditId::from_random(clock::random()?),
        org,
        site: Some(site),
        at: now,
        by: &DoneBy::Edge,
        action: Action::RETENTION_RUN,
        target: Some(site.as_str()),
        n: Some(n_erased),
    };
    audit::write(db, &line).await
}
