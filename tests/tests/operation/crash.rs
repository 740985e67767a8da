//! A crash of the wasm: the request at hand gets a problem document with every header, the next one is served.
//!
//! No route crashes, so `fixtures/crash.mjs` wraps the built worker and poisons requests that ask for it. It runs in the
//! real runtime, without databases: nothing here gets that far.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use nix::sys::signal::Signal;
use oriel_shared::wire::problem::Code;
use oriel_tests::asserts::{ResponseKind, assert_security_headers};
use oriel_tests::client::Client;
use oriel_tests::edge::workspace;
use oriel_tests::integration_test;
use oriel_tests::processes;
use oriel_tests::wait::until;

const READY_WITHIN: Duration = Duration::from_secs(60);

#[integration_test]
fn a_crash_leaves_as_a_problem_document_with_every_header_and_the_next_request_is_served() {
    let edge = Crashing::start();
    let client = Client::new(&edge.origin);
    until("the worker to answer", READY_WITHIN, || {
        client
            .get("/healthz")
            .try_send()
            .ok()
            .filter(|answer| answer.status == 200)
    });
    let trade = || {
        client
            .post("/v1/session")
            .json(&serde_json::json!({ "ticket": "none" }))
    };
    // The address is read at once, the body after an await: a crash there comes out another way.
    for poison in ["url", "body"] {
        let _premise = trade().send().problem(Code::TicketInvalid);
        let crashed = trade().header("x-poison", poison).send();
        let _problem = crashed.problem(Code::Internal);
        assert_security_headers(&crashed, ResponseKind::Api);
        let _served = client.get("/healthz").send().expect(200);
    }
}

/// `wrangler dev` on the fixture, stopped when dropped.
struct Crashing {
    origin: String,
    child: Child,
    _state: tempfile::TempDir,
}

impl Crashing {
    fn start() -> Self {
        let state = tempfile::tempdir().expect("a state folder");
        let secrets = state.path().join("secrets.env");
        let key = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
        std::fs::write(&secrets, format!("TOKEN_KEY={key}\nVAULT_KEY={key}\n")).expect("secrets");
        let port = TcpListener::bind("127.0.0.1:0")
            .and_then(|listener| listener.local_addr())
            .expect("a free port")
            .port();
        let tools = workspace().join("node_modules/.bin");
        let mut path: Vec<PathBuf> = vec![tools.clone()];
        path.extend(std::env::split_paths(
            &std::env::var_os("PATH").unwrap_or_default(),
        ));
        let child = Command::new(tools.join("wrangler"))
            .args(["dev", "tests/fixtures/crash.mjs", "--ip", "127.0.0.1"])
            .args(["--port", &port.to_string(), "--inspector-port", "0"])
            .args(["--show-interactive-dev-session=false", "--persist-to"])
            .arg(state.path().join("data"))
            .arg("--env-file")
            .arg(&secrets)
            .env(
                "PATH",
                std::env::join_paths(path).expect("a path of folders"),
            )
            .env("WRANGLER_SEND_METRICS", "false")
            .current_dir(workspace())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("wrangler, installed by `cargo xtask test`");
        processes::started(child.id());
        Self {
            origin: format!("http://127.0.0.1:{port}"),
            child,
            _state: state,
        }
    }
}

impl Drop for Crashing {
    fn drop(&mut self) {
        processes::stopped(self.child.id());
        processes::signal(self.child.id(), Signal::SIGTERM);
        let _ended = self.child.wait();
    }
}
