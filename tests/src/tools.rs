//! Checks that nobody here wrote: libraries and scanners from npm, each behind a script of a few lines in
//! `tests/tools/`. A script reads JSON from its standard input and writes JSON to its standard output.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::database::node;
use crate::edge::workspace;

/// Runs a script on the pinned Node. Nothing of this process's environment is passed on but what `environment` names.
///
/// # Panics
/// When it fails; the message shows what it complained about.
#[track_caller]
pub fn run(script: &str, environment: &[(&str, &str)], input: &Value) -> Value {
    let mut child = Command::new(node())
        .arg("--no-warnings")
        .arg(workspace().join("tests/tools").join(script))
        .env_clear()
        .envs(environment.iter().copied())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{}: {error}", node().display()));
    let mut stdin = child.stdin.take().expect("a piped input");
    stdin
        .write_all(input.to_string().as_bytes())
        .unwrap_or_else(|error| panic!("{script} took nothing: {error}"));
    drop(stdin);
    let output = child
        .wait_with_output()
        .unwrap_or_else(|error| panic!("{script}: {error}"));
    assert!(
        output.status.success(),
        "{script}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| {
        panic!(
            "{script}: {error}: {}",
            String::from_utf8_lossy(&output.stdout)
        )
    })
}
