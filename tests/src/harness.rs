//! The `main` of every test binary: it finds the functions that `#[integration_test]` registered, runs those that the
//! arguments choose and stops every process that they started.
//!
//! libtest would leave by `process::exit` and orphan those processes; hence libtest-mimic, which prints the same and takes
//! the same arguments. When a test fails, the end of its edges' logs is shown. With `ORIEL_TEST_TIMES=1` each test says how
//! long it took.

use std::ops::Deref;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

pub use inventory;
use libtest_mimic::{Arguments, Failed, Trial};

use crate::confidential;
use crate::edge::Edge;
use crate::online_edge::{EdgeState, OnlineEdge};
use crate::wait::Stopwatch;

/// How many tests run at once unless `--test-threads` says otherwise. Many of them wait most of their time.
const N_THREADS: usize = 3;

/// What `#[integration_test]` registers.
pub struct IntegrationTest {
    /// Its module, with the binary's name in front.
    pub module: &'static str,
    /// Its line in the file of that module.
    pub line: u32,
    /// Its name.
    pub name: &'static str,
    /// Runs it; it panics when it fails.
    pub run: fn(&Fixtures),
}

inventory::collect!(IntegrationTest);

/// What a test runs on: edges that it shares with the other tests of its binary. Each is started by the first test that asks
/// for it, so a test that needs none starts none.
pub struct Fixtures {
    shared: Arc<Shared>,
    online_edge: OnceLock<OnlineEdge>,
}

/// The edges that tests share.
#[derive(Default)]
struct Shared {
    edge: OnceLock<Result<Edge, String>>,
    online_edge: OnceLock<(Result<OnlineEdge, String>, EdgeState)>,
    /// Those that no test holds at the moment, of all that [`Fixtures::exclusive`] made.
    idle: Mutex<Vec<Arc<Shared>>>,
}

impl Fixtures {
    fn new(shared: Arc<Shared>) -> Self {
        Self {
            shared,
            online_edge: OnceLock::new(),
        }
    }

    /// An edge that cannot call anybody. Other tests use it at the same time: a test makes its own site on it.
    ///
    /// # Panics
    /// When it did not start.
    #[track_caller]
    pub fn edge(&self) -> &Edge {
        match self.shared.edge.get_or_init(Edge::start) {
            Ok(edge) => edge,
            Err(why) => panic!("the edge did not start: {why}"),
        }
    }

    /// An edge whose outbound requests reach a [`FakeInternet`](crate::fake_internet::FakeInternet). Other tests use it at
    /// the same time: a test has its own organisations on it, and names hosts that no other test names.
    ///
    /// # Panics
    /// When it did not start.
    #[track_caller]
    pub fn online_edge(&self) -> &OnlineEdge {
        self.online_edge.get_or_init(|| {
            let (edge, _) = self.shared.online_edge.get_or_init(|| {
                let state = EdgeState::new();
                (OnlineEdge::start(&state), state)
            });
            match edge {
                Ok(edge) => edge.for_another_test(),
                Err(why) => panic!("the edge did not start: {why}"),
            }
        })
    }

    /// Edges that no other test uses until the guard is dropped: for tests that kill or break them, or search all that they
    /// keep. A later test takes them over, so this one has to mend what it broke.
    pub fn exclusive(&self) -> Exclusive<'_> {
        let idle = self.shared.idle_edges().pop();
        Exclusive {
            shared: &self.shared,
            own: Fixtures::new(idle.unwrap_or_default()),
        }
    }
}

impl Shared {
    fn idle_edges(&self) -> MutexGuard<'_, Vec<Arc<Shared>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Its edge, if it was started.
    fn started_edge(&self) -> Option<&Edge> {
        self.edge.get().and_then(|edge| edge.as_ref().ok())
    }
}

/// Edges that one test has for itself, see [`Fixtures::exclusive`].
pub struct Exclusive<'f> {
    shared: &'f Shared,
    own: Fixtures,
}

impl Deref for Exclusive<'_> {
    type Target = Fixtures;

    fn deref(&self) -> &Fixtures {
        &self.own
    }
}

impl Drop for Exclusive<'_> {
    fn drop(&mut self) {
        self.shared.idle_edges().push(Arc::clone(&self.own.shared));
    }
}

/// Runs the tests that the arguments choose, as libtest does.
pub fn run() -> ExitCode {
    let mut arguments = Arguments::from_args();
    arguments.test_threads.get_or_insert(N_THREADS);
    let mut tests: Vec<&IntegrationTest> = inventory::iter::<IntegrationTest>().collect();
    tests.sort_by_key(|test| (test.module, test.line));
    let shared = Arc::new(Shared::default());
    let trials = tests.into_iter().map(|test| {
        let shared = Arc::clone(&shared);
        Trial::test(format!("{}::{}", test.module, test.name), move || {
            let watch = Stopwatch::start();
            (test.run)(&Fixtures::new(shared));
            if std::env::var_os("ORIEL_TEST_TIMES").is_some() {
                eprintln!("took {:.1} s: {}", watch.elapsed().as_secs_f64(), test.name);
            }
            Ok::<(), Failed>(())
        })
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    let idle = std::mem::take(&mut *shared.idle_edges());
    let edges: Vec<&Edge> = std::iter::once(&shared)
        .chain(&idle)
        .filter_map(|shared| shared.started_edge())
        .collect();
    if conclusion.has_failed() {
        for edge in &edges {
            eprintln!(
                "--- the end of the edge's log, all of it in {} ---\n{}",
                edge.log().display(),
                edge.log_tail(60)
            );
        }
    }
    let is_kept_quiet = arguments.list || check_logs(&arguments, &edges);
    // The trials, and with them their shares, are gone: this stops the edges.
    drop((idle, shared));
    if is_kept_quiet {
        conclusion.exit_code()
    } else {
        ExitCode::FAILURE
    }
}

/// One more test, made after all others whatever was chosen: the edges' logs hold no secret and no word of anybody.
fn check_logs(arguments: &Arguments, edges: &[&Edge]) -> bool {
    if edges.is_empty() {
        return true;
    }
    let logs = edges.iter().map(|edge| edge.runtime_log());
    let leaks = confidential::leaks(&logs.collect::<String>());
    let n_noted = confidential::n_noted();
    let test = Trial::test("the_log_holds_no_secret_and_nobodys_words", move || {
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
    !libtest_mimic::run(&everything, vec![test]).has_failed()
}
