//! Cuts documents again whose passages are from a version before, so that they are found in the index of today.
//!
//! Keeps true: a document's passages are replaced in one transaction by those of its version in the main database, as a
//! save would; passages that have no document there any more are taken out.

use worker::Env;

use super::runner::{Outcome, each};
use crate::knowledge;
use crate::store::{Db, Search, passages};

/// Documents of one run; the next comes within a minute.
const DOCUMENTS_MAX: u32 = 25;

/// Cuts up to [`DOCUMENTS_MAX`] documents again and counts them.
pub async fn run(env: &Env) -> Outcome {
    let outdated = passages::outdated(&Search::open(env)?, DOCUMENTS_MAX).await?;
    let db = Db::open(env)?;
    let recut = async |(site, document)| {
        knowledge::recut(env, &db, &site, &document)
            .await
            .map(|()| 1)
    };
    Ok(each(outdated, recut).await)
}
