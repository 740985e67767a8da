//! What CI runs: formatting, lints on both targets, documentation, every test.
//!
//! Each step says how long it took. A failed step does not keep the others from running: one run tells all. The last
//! line on standard output is `N passed, N failed`.

mod summary;

use std::process::{Command, ExitCode};
use std::time::Duration;

use anyhow::Result;

use crate::build::{self, Budgets};
use crate::command::{self, Line};
use crate::setup::rust::WASM;
use crate::workspace::Workspace;
use crate::{clock, progress, setup};
use summary::Counts;

/// A step and how it ended.
struct StepResult {
    name: &'static str,
    time: Duration,
    passed: bool,
}

#[derive(Default)]
struct Report {
    steps: Vec<StepResult>,
    counts: Counts,
}

impl Report {
    /// Takes a step whose output is only of interest when it fails.
    fn check(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) -> bool {
        let began = clock::now();
        let outcome = step();
        command::leave_if_stopping();
        if let Err(error) = &outcome {
            eprintln!("\n{name} failed: {error:#}\n");
            self.counts.failed += 1;
        }
        self.steps.push(StepResult {
            name,
            time: began.elapsed(),
            passed: outcome.is_ok(),
        });
        outcome.is_ok()
    }

    /// Runs tests, shows what they say and counts their results.
    fn tests(&mut self, name: &'static str, command: &Command) {
        eprintln!("… {name}");
        let began = clock::now();
        let mut counts = Counts::default();
        let passed = command::follow(command, |line| match line {
            Line::Out(text) => {
                counts.add_line(text);
                println!("{text}");
            }
            Line::Err(text) => eprintln!("{text}"),
        })
        .unwrap_or_else(|error| {
            eprintln!("{error:#}");
            false
        });
        command::leave_if_stopping();
        if !passed && counts.failed == 0 {
            // It did not compile, or died before it could say what failed.
            counts.failed = 1;
        }
        self.counts += counts;
        self.steps.push(StepResult {
            name,
            time: began.elapsed(),
            passed,
        });
    }

    /// Prints everything, and says by the exit code whether anything failed: an error's message would come after the
    /// line that has to be the last.
    fn close(self) -> ExitCode {
        println!();
        for step in &self.steps {
            let mark = if step.passed { "passed" } else { "FAILED" };
            println!("{mark}  {:<32}{:>10.1?}", step.name, step.time);
        }
        println!(
            "\n{} passed, {} failed",
            self.counts.passed, self.counts.failed
        );
        if self.counts.failed > 0 || self.steps.iter().any(|step| !step.passed) {
            return ExitCode::FAILURE;
        }
        ExitCode::SUCCESS
    }
}

/// `cargo xtask test`.
///
/// # Errors
/// When we do not know where we are; what fails in the checks is in the exit code.
pub fn run(workspace: &Workspace, filter: Option<&str>) -> Result<ExitCode> {
    let own_program = command::own_program()?.to_path_buf();
    let mut report = Report::default();
    let mut chromium = None;
    let ready = report.check("set-up", || {
        setup::rust::components(workspace)?;
        chromium = Some(setup::chromium::find_or_install()?);
        Ok(())
    });
    let Some(chromium) = chromium.filter(|_| ready) else {
        return Ok(report.close());
    };
    if !report.check("build", || build::run(workspace, Budgets::Enforced)) && !is_built(workspace) {
        return Ok(report.close());
    }

    if filter.is_none() {
        report.check("a second build, byte by byte", || {
            build::reproducible::check(workspace)
        });
        lints(workspace, &mut report);
    }
    // One set of packages throughout, so that features are unified the same way and nothing is compiled twice; unit
    // tests first, because they answer in seconds.
    for (name, targets) in [
        (
            "unit and property tests",
            &["--lib", "--bins", "--no-fail-fast"][..],
        ),
        ("documentation's examples", &["--doc", "--no-fail-fast"]),
        (
            "integration and browser tests",
            &["--test", "*", "--no-fail-fast"],
        ),
    ] {
        let mut cargo = cargo(workspace, &["test", "--workspace"]);
        cargo.args(targets);
        cargo
            .env("ORIEL_XTASK", &own_program)
            .env("ORIEL_CHROMIUM", &chromium);
        if let Some(filter) = filter {
            cargo.arg("--").arg(filter);
        }
        report.tests(name, &cargo);
    }
    Ok(report.close())
}

/// A bundle over its budget is still there to be tested.
fn is_built(workspace: &Workspace) -> bool {
    build::manifest(workspace).is_ok() && workspace.worker_build().join("index.js").is_file()
}

/// Clippy and the documentation share what they compile of the dependencies, on each target.
fn lints(workspace: &Workspace, report: &mut Report) {
    let wasm = [
        "clippy",
        "--package",
        "oriel-worker",
        "--package",
        "oriel-widget",
        "--target",
        WASM,
    ];
    for (name, arguments) in [
        (
            "cargo fmt",
            &["fmt", "--all", "--", "--check", "--files-with-diff"][..],
        ),
        (
            "clippy",
            &[
                "clippy",
                "--workspace",
                "--all-targets",
                "--quiet",
                "--",
                "-D",
                "warnings",
            ],
        ),
        (
            "clippy for wasm",
            &[&wasm[..], &["--quiet", "--", "-D", "warnings"]].concat(),
        ),
        (
            "documentation",
            &[
                "doc",
                "--workspace",
                "--no-deps",
                "--document-private-items",
                "--quiet",
            ],
        ),
    ] {
        let mut cargo = cargo(workspace, arguments);
        cargo.env("RUSTDOCFLAGS", "-D warnings");
        report.check(name, || {
            let step = progress::step(name);
            command::run(&step, &cargo)?;
            step.done();
            Ok(())
        });
    }
}

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Command {
    let mut cargo = command::program("cargo");
    cargo.args(arguments).current_dir(workspace.root());
    cargo
}
