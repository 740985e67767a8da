//! A CPU profile of the worker under load, through the runtime's inspector, as a file for the tools that show such.

use anyhow::{Context, Result};
use serde_json::json;
use xtask::progress;
use xtask::workspace::Workspace;

use crate::inspector::Inspector;
use crate::load::Measured;
use crate::server::{Implementation, Server};

/// Between two samples; the default of 1 ms sees little in a few seconds.
const INTERVAL_US: u32 = 200;

/// Oriel's worker as it is deployed, but before the last pass of its build, which strips the names of functions.
///
/// # Errors
/// When it cannot be built or started.
pub fn with_names(workspace: &Workspace) -> Result<Server> {
    xtask::build::worker::build_with_names(workspace)?;
    Server::start(workspace, Implementation::Oriel)
}

/// Samples a worker under a load, once it is warm, and says where the profile is.
///
/// # Errors
/// When the inspector does not answer, or the file cannot be written.
pub fn sample(
    workspace: &Workspace,
    server: &Server,
    name: &str,
    mut load: impl FnMut() -> Measured,
) -> Result<()> {
    load();
    let step = progress::step("sample the worker");
    let mut inspector = Inspector::attach(server.inspector_port)?;
    inspector.call("Profiler.enable", &json!({}))?;
    let interval = json!({ "interval": INTERVAL_US });
    inspector.call("Profiler.setSamplingInterval", &interval)?;
    inspector.call("Profiler.start", &json!({}))?;
    let measured = load();
    let result = inspector.call("Profiler.stop", &json!({}))?;
    step.done();
    let file = workspace.scratch().join(format!("{name}.cpuprofile"));
    std::fs::write(&file, result["profile"].to_string())
        .with_context(|| file.display().to_string())?;
    println!(
        "\n{:.0} {name} a second; where the time goes is in {}\n\
         (the performance panel of Chrome's developer tools shows it, and so does speedscope.app)",
        measured.rate,
        file.display()
    );
    Ok(())
}
