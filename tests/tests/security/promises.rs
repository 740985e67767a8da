//! SECURITY.md is made of promises, and each names the tests that prove it. Here the names are held to the code: a
//! promise without a test, or with the name of a test that is not there, fails.

use std::fs;

use oriel_tests::edge::workspace;
use oriel_tests::integration_test;

/// Every promise that has to be in SECURITY.md.
const PROMISES: [&str; 46] = [
    "EMB-1", "EMB-2", "EMB-3", "EMB-4", "EMB-5", "EMB-6", "EMB-7", "EMB-8", "EMB-9", "LIM-1",
    "LIM-2", "LIM-3", "LIM-4", "LIM-5", "INP-1", "INP-2", "INP-3", "INP-4", "INP-5", "INP-6",
    "HDR-1", "HDR-2", "HDR-3", "HDR-4", "OUT-1", "OUT-2", "OUT-3", "OUT-4", "OUT-5", "LOG-1",
    "ANS-3", "ANS-5", "LOG-2", "OPS-1", "OPS-2", "OPS-3", "OPS-4", "OPS-5", "TEN-1", "TEN-2",
    "DAT-1", "DAT-2", "DAT-3", "DAT-4", "DAT-6", "OUT-6",
];

/// A promise as SECURITY.md has it.
struct Promise {
    id: String,
    proofs: Vec<String>,
}

/// `- **ID** words` and, before the next one, `Proof: \`file::test\`, …`.
fn promises(text: &str) -> Vec<Promise> {
    let mut promises: Vec<Promise> = Vec::new();
    let mut is_proof = false;
    for line in text.lines() {
        if let Some((id, _)) = line
            .strip_prefix("- **")
            .and_then(|rest| rest.split_once("** "))
        {
            promises.push(Promise {
                id: id.to_owned(),
                proofs: Vec::new(),
            });
            is_proof = false;
        }
        is_proof |= line.trim_start().starts_with("Proof:");
        is_proof &= line.starts_with(' ');
        if let Some(promise) = promises.last_mut().filter(|_| is_proof) {
            let names = line.split('`').skip(1).step_by(2);
            promise.proofs.extend(names.map(str::to_owned));
        }
    }
    promises
}

/// Why a name names no test; `None` when it does.
fn fault(name: &str) -> Option<String> {
    let Some((file, test)) = name.split_once("::") else {
        return Some(format!("`{name}` is not file::test"));
    };
    let Ok(code) = fs::read_to_string(workspace().join(file)) else {
        return Some(format!("`{name}`: there is no file {file}"));
    };
    if !code.contains(&format!("fn {test}(")) {
        return Some(format!("`{name}`: there is no such function"));
    }
    // It has to be run, too.
    let before = code
        .split(&format!("fn {test}("))
        .next()
        .unwrap_or_default();
    let is_marked = before
        .lines()
        .rev()
        .take(4)
        .any(|line| ["#[test]", "#[integration_test]"].contains(&line.trim()));
    (!is_marked).then(|| format!("`{name}` is not run as a test"))
}

#[integration_test]
fn every_promise_names_tests_that_are_there() {
    let text = fs::read_to_string(workspace().join("SECURITY.md")).expect("SECURITY.md");
    let promises = promises(&text);
    let mut faults: Vec<String> = Vec::new();
    for id in PROMISES {
        match promises.iter().filter(|promise| promise.id == id).count() {
            1 => {}
            0 => faults.push(format!("{id} is missing")),
            _ => faults.push(format!("{id} is there twice")),
        }
    }
    for promise in &promises {
        if promise.proofs.is_empty() {
            faults.push(format!("{} names no test", promise.id));
        }
        let wrong = promise.proofs.iter().filter_map(|name| fault(name));
        faults.extend(wrong.map(|fault| format!("{}: {fault}", promise.id)));
    }
    assert!(faults.is_empty(), "SECURITY.md:\n  {}", faults.join("\n  "));
}

#[integration_test]
fn a_name_of_a_test_that_is_not_there_is_found() {
    for name in [
        "nothing",
        "tests/tests/nowhere.rs::every_promise_names_tests_that_are_there",
        "tests/tests/security/promises.rs::a_test_that_nobody_wrote",
        "tests/tests/security/promises.rs::promises",
    ] {
        assert!(fault(name).is_some(), "{name}");
    }
    for name in [
        "tests/tests/security/promises.rs::every_promise_names_tests_that_are_there",
        "tests/tests/operation/operator.rs::the_security_contact_is_where_the_standard_looks_for_it",
    ] {
        assert_eq!(fault(name), None);
    }
    let text = "- **A-1** words\n  Proof: `a::b`,\n  `c::d`\n- **A-2** words `no`\n";
    let read = promises(text);
    assert_eq!(read[0].proofs, ["a::b", "c::d"]);
    assert!(read[1].proofs.is_empty() && read[1].id == "A-2");
}
