//! Promises about the sources themselves: what they never contain, and what they are made of. No edge is started.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use oriel_shared::wire::visitor::{ClientFrame, ServerFrame};
use oriel_tests::database::Database;
use oriel_tests::edge::workspace;
use oriel_tests::integration_test;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Every file below a folder whose name ends so.
fn files(folder: &str, endings: &[&str]) -> Vec<(PathBuf, String)> {
    let mut folders = vec![workspace().join(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for path in entries.flatten().map(|entry| entry.path()) {
            let name = path.to_string_lossy().into_owned();
            if path.is_dir() {
                folders.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                let text = fs::read_to_string(&path).expect("text");
                found.push((path, text));
            }
        }
    }
    assert!(!found.is_empty(), "nothing in {folder}");
    found
}

fn shown(path: &Path) -> String {
    path.strip_prefix(workspace())
        .unwrap_or(path)
        .display()
        .to_string()
}

/// Text literals of a Rust source, roughly: what stands between two quotes.
fn literals(code: &str) -> Vec<String> {
    let mut literals = Vec::new();
    let mut rest = code;
    while let Some((_, after)) = rest.split_once('"') {
        let mut literal = String::new();
        let mut chars = after.char_indices();
        let mut end = after.len();
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => literal.extend(chars.next().map(|(_, c)| c)),
                '"' => {
                    end = at + 1;
                    break;
                }
                c => literal.push(c),
            }
        }
        literals.push(literal);
        rest = after.get(end..).unwrap_or_default();
    }
    literals
}

#[integration_test]
fn no_sql_is_assembled_from_values() {
    let verbs = [
        "SELECT ", "INSERT ", "UPDATE ", "DELETE ", "CREATE ", "ALTER ", "DROP ",
    ];
    let mut n_statements = 0;
    for (path, code) in files("worker/src", &[".rs"]) {
        for literal in literals(&code) {
            let statement = literal.trim_start();
            if !verbs.iter().any(|verb| statement.starts_with(verb)) {
                continue;
            }
            n_statements += 1;
            // A constant of the program may stand in a statement; a value may not.
            for place in statement.split('{').skip(1) {
                let name = place.split('}').next().unwrap_or_default();
                let is_constant =
                    !name.is_empty() && name.chars().all(|c| c.is_ascii_uppercase() || c == '_');
                let is_json = name.is_empty() && statement.contains("'{}'");
                assert!(
                    is_constant || is_json,
                    "{}: `{{{name}}}` in `{statement}`",
                    shown(&path)
                );
            }
        }
        for joined in [
            "push_str(&format!(\"SELECT",
            "concat!(\"SELECT",
            "\" + &",
            "SELECT {} ",
        ] {
            assert!(!code.contains(joined), "{}: {joined}", shown(&path));
        }
    }
    assert!(
        n_statements > 40,
        "only {n_statements} statements were found"
    );
}

#[integration_test]
fn nothing_that_is_shipped_makes_code_or_markup_from_text() {
    let forbidden = [
        "eval(",
        "new Function",
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "srcdoc",
        "set_inner_html",
        "createContextualFragment",
        "importScripts",
    ];
    let sources = files("widget/loader", &[".ts"])
        .into_iter()
        .chain(files("widget/src", &[".rs"]))
        .chain(files("dist/public/assets", &[".js"]))
        .chain([(
            workspace().join("worker/entry.mjs"),
            fs::read_to_string(workspace().join("worker/entry.mjs")).expect("the entry"),
        )]);
    for (path, code) in sources {
        // Comments may name what the code must not do.
        let code: String = code
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"))
            .collect::<Vec<_>>()
            .join("\n");
        for word in forbidden {
            assert!(!code.contains(word), "{}: `{word}`", shown(&path));
        }
    }
}

/// Tests register themselves, but a file that no `mod` names is not compiled.
#[integration_test]
fn every_file_of_tests_is_a_module_of_its_binary() {
    let modules = files("tests/tests", &[".rs"]);
    assert!(modules.len() > 50);
    for (path, _) in &modules {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        if name == "main" {
            continue;
        }
        let binary = path.with_file_name("main.rs");
        let main = fs::read_to_string(&binary).expect("a binary's main.rs");
        assert!(
            main.lines().any(|line| line == format!("mod {name};")),
            "{} does not name {}",
            shown(&binary),
            shown(path)
        );
    }
}

/// serde's own list of an enum's types, which is in its error, as Rust writes them.
fn variants<T: DeserializeOwned>(name: &str) -> Vec<String> {
    let Err(error) = serde_json::from_str::<T>(r#"{"type":""}"#) else {
        panic!("{name} has a nameless type");
    };
    let error = error.to_string();
    let types = error.split('`').skip(3).step_by(2);
    let pascal = |word: &str| {
        let (first, rest) = word.split_at(1);
        first.to_uppercase() + rest
    };
    types
        .map(|kind| {
            format!(
                "{name}::{}",
                kind.split('_').map(pascal).collect::<String>()
            )
        })
        .collect()
}

/// What an edge does with a frame shows in no smaller test.
#[integration_test]
fn every_frame_of_the_visitors_protocol_is_in_a_test_that_runs_an_edge() {
    let tests: String = ["knowledge", "operation", "security", "team", "visitor"]
        .into_iter()
        .flat_map(|area| files(&format!("tests/tests/{area}"), &[".rs"]))
        .chain(files("tests/src", &[".rs"]))
        .map(|(_, code)| code)
        .collect();
    let mut frames = variants::<ClientFrame>("ClientFrame");
    frames.extend(variants::<ServerFrame>("ServerFrame"));
    assert!(frames.len() > 15, "{frames:?}");
    for frame in frames {
        let found = [" ", "(", "{"].map(|end| tests.contains(&format!("{frame}{end}")));
        assert!(found.contains(&true), "no test names {frame}");
    }
}

#[integration_test]
fn confidential_types_have_no_way_to_be_printed_or_sent() {
    let code: Vec<_> = files("shared/src", &[".rs"]);
    for name in [
        "Secret<T>",
        "SigningSecret(Hmac",
        "TokenKey ",
        "Vault ",
        "SigningKey ",
    ] {
        let declaration = format!("pub struct {name}");
        let (path, text) = code
            .iter()
            .find(|(_, text)| text.contains(&declaration))
            .unwrap_or_else(|| panic!("no type {name}"));
        let before = text.split(&declaration).next().unwrap_or_default();
        let attributes = before
            .lines()
            .rev()
            .take_while(|line| line.starts_with("#[") || line.starts_with("///"));
        for attribute in attributes.filter(|line| line.starts_with("#[derive")) {
            for way in ["Debug", "Serialize", "Clone"] {
                assert!(
                    !attribute.contains(way),
                    "{}: {name}: {attribute}",
                    shown(path)
                );
            }
        }
        let bare = name.split(['<', '(', ' ']).next().unwrap_or(name);
        for way in ["Debug", "Display", "Serialize"] {
            assert!(
                !text.contains(&format!("{way} for {bare} ")),
                "{}: {name}",
                shown(path)
            );
        }
    }
    // And the compiler says so itself: these examples must not compile.
    let (_, secret) = code
        .iter()
        .find(|(path, _)| path.ends_with("secret.rs"))
        .expect("secret.rs");
    assert_eq!(secret.matches("```compile_fail").count(), 3);
}

/// A row of every table, all of them organisation `a`'s. A table that is not here fails the test below.
const ROWS: &[&str] = &[
    "INSERT INTO organisations VALUES ('a', 'n', 1), ('b', 'n', 1)",
    "INSERT INTO sites (id, org_id, key, name, mode, safelist, enabled, token_ttl_max, greeting, disclosure, created_at)
     VALUES ('s', 'a', 'pk_s', 'n', 'safelist', '[]', 0, 300, 'g', 'd', 1)",
    "INSERT INTO api_keys VALUES ('key', 'a', 's', 'n', 'h', 1)",
    "INSERT INTO signing_keys VALUES ('kid', 'a', 's', 'x', 1)",
    "INSERT INTO documents (id, org_id, site_id, title, format, content, passages, created_at)
     VALUES ('doc', 'a', 's', 't', 'text', 'c', 1, 1)",
    "INSERT INTO conversations (id, org_id, site_id, visitor_id, verified, status, seq, created_at, updated_at)
     VALUES ('cnv', 'a', 's', 'v', 0, 'open', 1, 1, 1)",
    "INSERT INTO messages (conversation_id, seq, org_id, id, role, text, body, at)
     VALUES ('cnv', 1, 'a', 'm', 'visitor', 'x', '{}', 1)",
    "INSERT INTO connections VALUES ('con', 'a', 's', 'webhook', 'u', '[]', 'x', 1, 1, 1)",
    "INSERT INTO deliveries VALUES ('dlv', 'a', 'con', 'evt', 'e', '{}', 'parked', 1, NULL, NULL, 1, 1)",
    "INSERT INTO reviews VALUES ('rev', 'a', 's', 'cnv', 'v', 'lead', '{}', 1, 'open', 1, 1)",
    "INSERT INTO review_steps VALUES ('rev', 1, 'a', 'open', NULL, NULL, 1)",
    "INSERT INTO imports VALUES ('imp', 'a', 's', 'u', 'finished', 'key', 1, NULL, NULL, 1, 1)",
    "INSERT INTO import_steps VALUES ('imp', 1, 'a', 'page', 'u', 1, 'added', NULL, NULL, 1)",
    "INSERT INTO usage VALUES ('use', 'a', 's', 1, '2026-11', 'connection', 'm', 1, 1, 1, 1, 'done')",
    "INSERT INTO audit VALUES ('aud', 'a', 's', 1, 'edge', NULL, 'retention.run', 's', 1)",
];
/// The audit trail outlives what it tells of, its organisation included, and so it points to nothing.
const WITHOUT_TIES: [&str; 1] = ["audit"];

#[integration_test]
fn the_database_refuses_a_row_of_one_tenant_that_points_to_anothers() {
    let scratch = tempfile::tempdir().expect("a folder");
    let database = Database::scratch(&scratch.path().join("d1.sqlite"));
    let run = |statement: &str| database.run(&[statement]);
    for statement in ROWS {
        run(statement).unwrap_or_else(|why| panic!("{statement}: {why}"));
    }
    let text = |row: &Value, column: &str| row[column].as_str().unwrap_or_default().to_owned();
    let tables =
        run("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'");
    let tables = tables.expect("the schema");
    let tables: Vec<String> = tables
        .as_array()
        .into_iter()
        .flatten()
        .map(|row| text(row, "name"))
        .filter(|table| table != "organisations")
        .collect();
    assert!(tables.len() >= 13, "{tables:?}");
    for table in &tables {
        let columns = run(&format!("PRAGMA table_info({table})")).expect("its columns");
        let org = columns
            .as_array()
            .into_iter()
            .flatten()
            .find(|column| column["name"] == "org_id")
            .unwrap_or_else(|| panic!("{table} belongs to no organisation"));
        assert_eq!(org["notnull"], 1, "{table}");
        let rows = run(&format!("SELECT org_id FROM {table}")).expect("its rows");
        assert_eq!(rows[0]["org_id"], "a", "no row of {table} in ROWS");

        // Whatever it points to besides its organisation, it points to within the organisation.
        let ties = run(&format!("PRAGMA foreign_key_list({table})")).expect("its foreign keys");
        let ties = ties.as_array().cloned().unwrap_or_default();
        let mut by_tie: BTreeMap<i64, Vec<String>> = BTreeMap::new();
        for tie in &ties {
            let number = tie["id"].as_i64().expect("a number");
            by_tie.entry(number).or_default().push(text(tie, "from"));
        }
        assert_eq!(
            by_tie.is_empty(),
            WITHOUT_TIES.contains(&table.as_str()),
            "{table}"
        );
        for columns in by_tie.values() {
            assert!(
                columns.iter().any(|column| column == "org_id"),
                "{table}: {columns:?}"
            );
        }
        if by_tie.is_empty() {
            continue;
        }
        for org in ["b", "nobody"] {
            let moved = run(&format!("UPDATE {table} SET org_id = '{org}'"));
            let refused = moved.expect_err(&format!("{table} takes a row of {org}"));
            assert!(refused.contains("FOREIGN KEY"), "{table}: {refused}");
        }
    }
}

/// Licences under which something may be part of what is shipped.
const LICENCES: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];
/// Licences of tools that run here and are not shipped.
const TOOL_LICENCES: [&str; 3] = ["BlueOak-1.0.0", "LGPL-3.0-or-later", "MPL-2.0"];

/// Whether an SPDX expression can be met with these licences.
fn can_be_met(expression: &str, allowed: &BTreeSet<&str>) -> bool {
    let expression = expression.replace('/', " OR ");
    expression.split(" AND ").all(|part| {
        let part = part.trim_matches(['(', ')', ' ']);
        part.split(" OR ")
            .any(|licence| allowed.contains(licence.trim_matches(['(', ')', ' '])))
    })
}

#[integration_test]
fn every_dependency_is_pinned_from_a_known_registry_under_a_known_licence() {
    let shipped: BTreeSet<&str> = LICENCES.into();
    let tools: BTreeSet<&str> = LICENCES.into_iter().chain(TOOL_LICENCES).collect();
    for (text, is_met) in [
        ("MIT OR GPL-3.0", true),
        ("MIT/Apache-2.0", true),
        ("GPL-3.0", false),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
    ] {
        assert_eq!(can_be_met(text, &shipped), is_met, "{text}");
    }

    // Rust: by name, version and hash in the lock file, from the public registry and nowhere else.
    let lock = fs::read_to_string(workspace().join("Cargo.lock")).expect("Cargo.lock");
    for package in lock
        .split("[[package]]")
        .skip(1)
        .filter(|package| package.contains("source = "))
    {
        assert!(
            package.contains("source = \"registry+https://github.com/rust-lang/crates.io-index\""),
            "{package}"
        );
        assert!(package.contains("checksum = \""), "{package}");
    }
    let metadata = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--locked"])
        .current_dir(workspace())
        .output()
        .expect("cargo runs");
    let metadata: Value = serde_json::from_slice(&metadata.stdout).expect("cargo metadata");
    let packages = metadata["packages"].as_array().expect("packages");
    assert!(packages.len() > 100);
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("none");
        assert!(
            can_be_met(licence, &shipped),
            "{}: {licence}",
            package["name"]
        );
    }

    // Node: tools only; by hash, with install scripts switched off.
    let lock =
        fs::read_to_string(workspace().join("package-lock.json")).expect("package-lock.json");
    let lock: Value = serde_json::from_str(&lock).expect("JSON");
    for (name, package) in lock["packages"].as_object().expect("packages") {
        let resolved = package["resolved"]
            .as_str()
            .unwrap_or("https://registry.npmjs.org/");
        assert!(
            resolved.starts_with("https://registry.npmjs.org/"),
            "{name}: {resolved}"
        );
        if name.is_empty() || package["optional"] == true && package["integrity"].is_null() {
            continue;
        }
        let is_hashed = package["integrity"]
            .as_str()
            .is_some_and(|hash| hash.starts_with("sha512-"));
        assert!(is_hashed, "{name} has no hash");
        // Two say it in a file instead of a field.
        if let Some(licence) = package["license"].as_str() {
            assert!(can_be_met(licence, &tools), "{name}: {licence}");
        }
    }
    let npmrc = fs::read_to_string(workspace().join(".npmrc")).expect(".npmrc");
    assert!(npmrc.contains("ignore-scripts=true"), "{npmrc}");
}
