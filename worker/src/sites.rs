//! The site that a visitor means, by its public key: the one cache of sites.
//!
//! A site is read from D1 and cached for a moment in this instance, so that a change (a disabled site, a safelist, a
//! revoked key) is in force everywhere within [`FRESH_MS`] and [`READING_MS`]. While D1 does not answer, what was read
//! last is used: then nothing can have changed there either, and the chat goes on.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use oriel_shared::id::{SiteKey, UnixMs};
use oriel_shared::origin;
use oriel_shared::wire::admin::Mode;
use oriel_shared::wire::problem::Code;
use worker::Env;

use crate::clock;
use crate::http::problem::Problem;
use crate::store::Db;
use crate::store::signing_keys::{self, SealedKey};
use crate::store::sites::{self, OwnedSite};

/// Half of the ten seconds within which a revocation is promised.
const FRESH_MS: u64 = 5_000;
/// While one caller reads a site anew, others go on with what was read last for so long: a hundred sockets that speak
/// at once must not become a hundred reads. Together with [`FRESH_MS`] well below the ten seconds.
const READING_MS: u64 = 1_000;
/// An instance serves many sites; past this many it forgets them all and reads again.
const CACHED_MAX: usize = 1_000;

/// A site that visitors can reach, with the keys that sign for it.
pub struct LiveSite {
    /// The site and its owner.
    pub owned: Rc<OwnedSite>,
    /// Its live signing keys, sealed; read for signed sites only.
    pub keys: Vec<SealedKey>,
}

impl LiveSite {
    /// Who may frame the chat and talk to its frame.
    pub fn embedders(&self) -> Vec<String> {
        origin::embedders(
            self.owned.site.mode == Mode::Signed,
            &self.owned.site.safelist,
        )
    }
}

/// A site as it was read last.
#[derive(Clone)]
struct CachedSite {
    read_at: UnixMs,
    /// When somebody began to read it anew.
    reading_since: UnixMs,
    /// The site; `None` where there is none that visitors can reach.
    site: Option<Rc<LiveSite>>,
}

impl CachedSite {
    /// Whether it may be used without being read again.
    fn is_fresh(&self, now: UnixMs) -> bool {
        let age_ms = now.0.saturating_sub(self.read_at.0);
        let is_being_read = now.0.saturating_sub(self.reading_since.0) < READING_MS;
        age_ms < FRESH_MS || (is_being_read && age_ms < FRESH_MS + READING_MS)
    }
}

thread_local! {
    static CACHE: RefCell<HashMap<String, CachedSite>> = RefCell::new(HashMap::new());
}

/// The enabled site of this key.
///
/// # Errors
/// 404 `site_not_found`, the same for unknown and disabled sites.
pub async fn find(env: &Env, key: &str) -> Result<Rc<LiveSite>, Problem> {
    let not_found = || Problem::refused(Code::SiteNotFound);
    if !SiteKey::is_wellformed(key) {
        return Err(not_found());
    }
    let now = clock::now();
    let cached = CACHE.with_borrow_mut(|sites| {
        let cached = sites.get_mut(key)?;
        let found = cached.clone();
        if !found.is_fresh(now) {
            cached.reading_since = now;
        }
        Some(found)
    });
    if let Some(found) = &cached
        && found.is_fresh(now)
    {
        return found.site.clone().ok_or_else(not_found);
    }
    let site = match (read(env, key).await, cached) {
        (Ok(site), _) => site,
        (Err(problem), Some(found)) if problem.code == Code::Unavailable => found.site,
        (Err(problem), _) => return Err(problem),
    };
    CACHE.with_borrow_mut(|sites| {
        if sites.len() >= CACHED_MAX {
            sites.clear();
        }
        let read = CachedSite {
            read_at: now,
            reading_since: UnixMs(0),
            site: site.clone(),
        };
        sites.insert(key.to_owned(), read);
    });
    site.ok_or_else(not_found)
}

async fn read(env: &Env, key: &str) -> Result<Option<Rc<LiveSite>>, Problem> {
    let db = Db::open(env)?;
    let Some(owned) = sites::find_by_key(&db, &SiteKey(key.to_owned())).await? else {
        return Ok(None);
    };
    if !owned.site.enabled {
        return Ok(None);
    }
    let keys = match owned.site.mode {
        Mode::Signed => signing_keys::list(&db, &owned.org, &owned.site.id).await?,
        Mode::Safelist => Vec::new(),
    };
    Ok(Some(Rc::new(LiveSite {
        owned: Rc::new(owned),
        keys,
    })))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_is_read_anew_by_one_caller_while_the_others_go_on_for_a_moment() {
        let read_at = UnixMs(1_000_000);
        let cached = |reading_since| CachedSite {
            read_at,
            reading_since,
            site: None,
        };
        let stale_at = read_at.plus(FRESH_MS);
        let idle = cached(UnixMs(0));
        assert!(idle.is_fresh(UnixMs(stale_at.0 - 1)));
        assert!(!idle.is_fresh(stale_at));
        let being_read = cached(stale_at);
        assert!(being_read.is_fresh(stale_at));
        // A reader that died, or one of many in turn, keeps nothing stale for longer.
        assert!(!being_read.is_fresh(stale_at.plus(READING_MS)));
        assert!(!cached(stale_at.plus(READING_MS)).is_fresh(stale_at.plus(READING_MS)));
    }
}
