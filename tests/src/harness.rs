//! A `main` for a file of claims: `claims!(a_claim, another_claim);`.
//!
//! The claims of one file share one edge, started when the first of them asks for it and stopped when the last is
//! done. libtest would leave by `process::exit` and orphan it; hence libtest-mimic, which prints the same and takes
//! the same arguments. When a claim fails, the end of the edge's log is shown.

use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use libtest_mimic::{Arguments, Failed, Trial};

use crate::confidential;
use crate::edge::Edge;
use crate::outside::{Estate, Outside};

/// Writes the `main` of a test file. Each claim is a function that takes the edge.
#[macro_export]
macro_rules! claims {
    ($($claim:ident),+ $(,)?) => {
        fn main() -> std::process::ExitCode {
            $crate::harness::run(vec![$((stringify!($claim), $claim as $crate::harness::Claim)),+])
        }
    };
}

/// What a test looks like.
pub type Claim = fn(&Ground);

/// What the claims of one file stand on.
#[derive(Default)]
pub struct Ground {
    edge: OnceLock<Result<Edge, String>>,
    outside: OnceLock<(Result<Outside, String>, Estate)>,
    is_told: AtomicBool,
    turn: Mutex<()>,
}

impl Ground {
    /// For claims that disturb the edge for everybody: while one holds its turn, no other that asks for one runs.
    pub fn turn(&self) -> MutexGuard<'_, ()> {
        // A claim that failed leaves the edge as it found it, or the next one says so.
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The edge of this file; started by the first call.
    ///
    /// # Panics
    /// When it did not start.
    #[track_caller]
    pub fn edge(&self) -> &Edge {
        match self.edge.get_or_init(Edge::start) {
            Ok(edge) => edge,
            Err(why) => {
                // Once in full is enough.
                if !self.is_told.swap(true, Ordering::SeqCst) {
                    eprintln!("the edge did not start: {why}");
                }
                panic!("the edge did not start");
            }
        }
    }
}

impl Ground {
    /// The edge of this file whose way out leads to the test; started by the first call.
    ///
    /// # Panics
    /// When it did not start.
    #[track_caller]
    pub fn outside(&self) -> &Outside {
        let (outside, _) = self.outside.get_or_init(|| {
            let estate = Estate::new();
            let outside = Outside::start(&estate, true);
            (outside, estate)
        });
        match outside {
            Ok(outside) => outside,
            Err(why) => panic!("the edge did not start: {why}"),
        }
    }
}

/// Runs the claims that the arguments choose, as libtest does.
pub fn run(claims: Vec<(&'static str, Claim)>) -> ExitCode {
    let arguments = Arguments::from_args();
    let ground = Arc::new(Ground::default());
    let trials = claims
        .into_iter()
        .map(|(name, claim)| {
            let ground = Arc::clone(&ground);
            Trial::test(name, move || {
                claim(&ground);
                Ok::<(), Failed>(())
            })
        })
        .collect();
    let conclusion = libtest_mimic::run(&arguments, trials);
    if conclusion.has_failed()
        && let Some(Ok(edge)) = ground.edge.get()
    {
        eprintln!(
            "--- the end of the edge's log, all of it in {} ---\n{}",
            edge.log().display(),
            edge.log_tail(60)
        );
    }
    let is_kept_quiet = arguments.list || check_log(&arguments, &ground);
    // The trials, and with them their shares of the ground, are gone: this stops the edge.
    drop(ground);
    if is_kept_quiet {
        conclusion.exit_code()
    } else {
        ExitCode::FAILURE
    }
}

/// One more claim, made after all others whatever was chosen: the edge's log holds no secret and no word of anybody.
fn check_log(arguments: &Arguments, ground: &Ground) -> bool {
    let Some(Ok(edge)) = ground.edge.get() else {
        return true;
    };
    let leaks = confidential::leaks(&edge.runtime_log());
    let n_noted = confidential::n_noted();
    let claim = Trial::test("the_log_holds_no_secret_and_nobodys_words", move || {
        if leaks.is_empty() {
            return Ok(());
        }
        Err(format!(
            "{} of {n_noted} texts are in the log: {leaks:?}",
            leaks.len()
        )
        .into())
    });
    let everything = Arguments {
        filter: None,
        skip: Vec::new(),
        ..arguments.clone()
    };
    !libtest_mimic::run(&everything, vec![claim]).has_failed()
}
