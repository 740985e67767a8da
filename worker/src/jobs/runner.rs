//! Runs jobs so that none depends on another: they run beside each other, and each is reported as soon as it ends. A
//! job that never ends holds up no other.

use futures_util::FutureExt;
use futures_util::future::{LocalBoxFuture, join_all};

use crate::http::problem::Problem;

/// A job under its name.
pub struct Job<'j> {
    name: &'static str,
    work: LocalBoxFuture<'j, Outcome>,
}

/// What came of a job: what it did, or why it could not even begin.
pub type Outcome = Result<Done, Problem>;

/// What a job did.
#[derive(Debug, Default)]
pub struct Done {
    /// How many things it did.
    pub n: usize,
    /// What it failed with, one for each thing that was left.
    pub failures: Vec<Problem>,
}

impl<'j> Job<'j> {
    /// Names a job. `work` begins when the job is run.
    pub fn new(name: &'static str, work: impl Future<Output = Outcome> + 'j) -> Self {
        let work = work.boxed_local();
        Self { name, work }
    }
}

impl Done {
    /// Makes the outcome of a job that did `n` things without a failure.
    pub const fn all(n: usize) -> Self {
        let failures = Vec::new();
        Self { n, failures }
    }

    /// Counts one thing, or several that were one step, or why there are none.
    pub fn add(&mut self, outcome: Result<usize, Problem>) {
        match outcome {
            Ok(n) => self.n += n,
            Err(problem) => self.failures.push(problem),
        }
    }
}

/// Runs every job, and hands each outcome to `report` as soon as it is there.
pub async fn run(jobs: Vec<Job<'_>>, report: impl Fn(&'static str, &Outcome)) {
    let report = &report;
    let running = jobs.into_iter().map(|job| async move {
        let outcome = job.work.await;
        report(job.name, &outcome);
    });
    join_all(running).await;
}

/// Does something with every item, one after the other, whatever came of those before. `work` says how many things it
/// did.
pub async fn each<T>(
    items: impl IntoIterator<Item = T>,
    work: impl AsyncFn(T) -> Result<usize, Problem>,
) -> Done {
    let mut done = Done::default();
    for item in items {
        done.add(work(item).await);
    }
    done
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::future::pending;

    use super::*;

    fn failed(doing: &str) -> Problem {
        Problem::ours(doing, &"it is broken")
    }

    /// A job that ended: its name, how many things it did, and what it failed with.
    type Ended = (&'static str, usize, Vec<String>);

    /// The jobs that ended after they were run as far as they go, and whether those are all.
    fn ended(jobs: Vec<Job<'_>>) -> (Vec<Ended>, bool) {
        let ended = RefCell::new(Vec::new());
        let report = |name, outcome: &Outcome| {
            let (n, failures) = match outcome {
                Ok(done) => (done.n, done.failures.as_slice()),
                Err(problem) => (0, std::slice::from_ref(problem)),
            };
            let causes = failures.iter().map(|problem| problem.cause().to_owned());
            ended.borrow_mut().push((name, n, causes.collect()));
        };
        let are_all = run(jobs, report).now_or_never().is_some();
        (ended.into_inner(), are_all)
    }

    #[test]
    fn a_job_that_fails_stops_no_other() {
        let jobs = vec![
            Job::new("first", async { Err(failed("opening")) }),
            Job::new("second", async { Ok(Done::all(2)) }),
        ];
        let expected = vec![
            ("first", 0, vec!["opening: it is broken".to_owned()]),
            ("second", 2, Vec::new()),
        ];
        assert_eq!(ended(jobs), (expected, true));
    }

    #[test]
    fn a_job_that_does_not_end_holds_up_no_other() {
        let jobs = vec![
            Job::new("first", pending()),
            Job::new("second", async { Ok(Done::all(1)) }),
        ];
        assert_eq!(ended(jobs), (vec![("second", 1, Vec::new())], false));
    }

    #[test]
    fn a_thing_that_fails_stops_no_other_of_its_job() {
        let work = each([1, 0, 3], async |n| match n {
            0 => Err(failed("waking")),
            n => Ok(n),
        });
        let jobs = vec![Job::new("only", work.map(Ok))];
        let expected = vec![("only", 4, vec!["waking: it is broken".to_owned()])];
        assert_eq!(ended(jobs), (expected, true));
    }
}
