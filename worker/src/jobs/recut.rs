//! Cuts documents again whose passages are from a version before, so that they are found in the index of today.
//!
//! Keeps true: a document's passages are replaced in one transaction by those of its version in the main database, as a
//! save would; passages that have no document there any more are taken out.

use worker::Env;

use crate::http::problem::Problem;
use crate::knowledge;
use crate::store::{Db, Search, passages};

/// Documents of one run; the next comes within a minute.
const DOCUMENTS_MAX: u32 = 25;

/// Cuts up to [`DOCUMENTS_MAX`] documents again and tells how many.
pub async fn run(env: &Env) -> Result<usize, Problem> {
    let search = Search::open(env)?;
    let outdated = passages::from_before(&search, DOCUMENTS_MAX).await?;
    if outdated.is_empty() {
        return Ok(0);
    }
    let db = Db::open(env)?;
    for (site, document) in &outdated {
        knowledge::recut(env, &db, site, document).await?;
    }
    Ok(outdated.len())
}
