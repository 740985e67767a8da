//! Versions of a document: an edit is seen whole or not at all.

use std::sync::atomic::{AtomicU32, Ordering};

use oriel_shared::wire::admin::{Document, DocumentOutcome, DocumentSaved, Site};
use oriel_shared::wire::problem::Code;
use oriel_tests::client::Response;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::online_edge::OnlineEdge;
use oriel_tests::visitor::{ORIGIN, Visitor};
use serde_json::{Value, json};

/// A site with one document.
struct Knowledge<'o> {
    online: &'o OnlineEdge,
    site: Site,
    document: String,
}

impl<'o> Knowledge<'o> {
    #[track_caller]
    fn with(online: &'o OnlineEdge, content: &str) -> Self {
        let site = online.team().open_site("Knowledge", &[ORIGIN]);
        let made = online.team().add_document(&site.id, "Hours", content);
        assert_eq!(made.version, 1);
        Self {
            online,
            document: made.id.to_string(),
            site,
        }
    }

    fn path(&self) -> String {
        format!("/sites/{}/documents/{}", self.site.id, self.document)
    }

    fn edit(&self, change: &Value) -> Response {
        let team = self.online.team();
        team.call("PATCH", &self.path()).json(change).send()
    }

    #[track_caller]
    fn read(&self) -> Document {
        let team = self.online.team();
        team.call("GET", &self.path()).send().expect(200).json()
    }

    /// From now on the index takes no change of this document. The statement that mends it.
    fn break_index(&self) -> String {
        let document = &self.document;
        self.online.index_sql(&format!(
            "CREATE TRIGGER \"broken {document}\" BEFORE DELETE ON passages WHEN old.document_id = '{document}'
             BEGIN SELECT RAISE(ABORT, 'broken'); END"
        ));
        format!("DROP TRIGGER \"broken {document}\"")
    }

    fn visitor(&self) -> Visitor {
        Visitor::arrive(&self.online.client(), &self.site.key, ORIGIN)
    }
}

fn outcome(answer: &Response) -> (u32, DocumentOutcome) {
    let saved: DocumentSaved = answer.json();
    (saved.document.version, saved.outcome)
}

#[integration_test]
fn an_edit_makes_a_new_version_and_the_same_again_makes_none(fixtures: &Fixtures) {
    let knowledge = Knowledge::with(fixtures.online_edge(), "On weekdays we open at nine.");
    let visitor = knowledge.visitor();
    let mut socket = visitor.socket();
    let question = "When do you open on weekdays?";
    assert!(socket.ask("m1", question).text.contains("nine"));

    let change = json!({ "content": "On weekdays we open at seven.", "title": "New hours" });
    let changed = knowledge.edit(&change).expect(200);
    assert_eq!(outcome(&changed), (2, DocumentOutcome::Changed));
    let answer = socket.ask("m2", question);
    assert!(
        answer.text.contains("seven") && !answer.text.contains("nine"),
        "{answer:?}"
    );
    assert_eq!(answer.sources[0].title, "New hours");

    // What it says already, in whole, in part, or not at all, is no new version.
    for same in [change, json!({ "title": "New hours" }), json!({})] {
        let unchanged = knowledge.edit(&same).expect(200);
        assert_eq!(
            outcome(&unchanged),
            (2, DocumentOutcome::Unchanged),
            "{same}"
        );
    }
    // What is not named stays.
    let moved = knowledge.edit(&json!({ "url": "https://example.com/hours" }));
    assert_eq!(outcome(&moved.expect(200)), (3, DocumentOutcome::Changed));
    let document = knowledge.read();
    assert_eq!(
        document.content.as_deref(),
        Some("On weekdays we open at seven.")
    );
    assert_eq!(
        (document.title.as_str(), document.version),
        ("New hours", 3)
    );
    assert_eq!(document.url.as_deref(), Some("https://example.com/hours"));
    assert!(document.updated_at > document.created_at);
    let answer = socket.ask("m3", question);
    assert_eq!(
        answer.sources[0].url.as_deref(),
        Some("https://example.com/hours")
    );
}

#[integration_test]
fn an_edit_that_cannot_be_kept_changes_nothing(fixtures: &Fixtures) {
    let knowledge = Knowledge::with(fixtures.online_edge(), "On weekdays we open at nine.");
    for (field, change) in [
        ("title", json!({ "title": "" })),
        ("content", json!({ "content": " " })),
        ("content", json!({ "content": "\u{0}" })),
        (
            "content",
            json!({ "content": "<script>x</script>", "format": "html" }),
        ),
        ("url", json!({ "url": "javascript:alert(1)" })),
    ] {
        let problem = knowledge.edit(&change).problem(Code::InvalidField);
        assert!(problem.detail.contains(&format!("`{field}`")), "{change}");
    }
    knowledge
        .edit(&json!({ "version": 7 }))
        .problem(Code::InvalidBody);
    let document = knowledge.read();
    assert_eq!((document.version, document.title.as_str()), (1, "Hours"));
    let answer = knowledge
        .visitor()
        .socket()
        .ask("m1", "When do you open on weekdays?");
    assert!(answer.text.contains("nine"), "{answer:?}");
}

/// A document of many sections that all say which edition it is.
fn edition(name: &str) -> String {
    let section = |n: usize| {
        format!(
            "## Mooring {n}\n\nA boat at mooring {n} pays the {name} fee. {}\n\n",
            "The harbour master looks after the ropes. ".repeat(12)
        )
    };
    (1..=40).map(section).collect()
}

#[integration_test]
fn while_a_document_is_edited_visitors_are_answered_from_one_version_or_the_other(
    fixtures: &Fixtures,
) {
    let online = fixtures.online_edge();
    let knowledge = Knowledge::with(online, &edition("spring"));
    let names = ["autumn", "spring"];
    let n_edits = 30;
    let limits = json!({ "limits": { "message_burst": 10_000 } });
    let path = format!("/sites/{}", knowledge.site.id);
    let team = online.team();
    let _raised = team.call("PATCH", &path).json(&limits).send().expect(200);
    let visitor = knowledge.visitor();
    std::thread::scope(|scope| {
        let editing = scope.spawn(|| {
            for at in 0..n_edits {
                let content = edition(names[at % 2]);
                let _edited = knowledge.edit(&json!({ "content": content })).expect(200);
            }
        });
        let mut socket = visitor.socket();
        let mut seen = [0_u32; 2];
        let mut n_asked = 0;
        while !editing.is_finished() {
            n_asked += 1;
            let mooring = n_asked % 40 + 1;
            let answer = socket.ask(
                &format!("m{n_asked}"),
                &format!("What fee does a boat pay at mooring {mooring}?"),
            );
            let says: Vec<usize> = (0..2)
                .filter(|&at| answer.text.contains(names[at]))
                .collect();
            assert_eq!(says.len(), 1, "{answer:?}");
            seen[says[0]] += 1;
        }
        assert!(seen.iter().all(|&n| n > 0), "{seen:?} of {n_asked}");
    });
    assert_eq!(knowledge.read().version, n_edits as u32 + 1);
}

#[integration_test]
fn an_edit_that_the_index_missed_is_made_good_by_a_retry(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let knowledge = Knowledge::with(online, "On weekdays we open at nine.");
    let change = json!({ "content": "On weekdays we open at seven." });
    let question = "When do you open on weekdays?";
    let broken = knowledge.break_index();
    knowledge.edit(&change).problem(Code::Unavailable);
    let answer = knowledge.visitor().socket().ask("m1", question);
    online.index_sql(&broken);
    assert!(
        answer.text.contains("nine"),
        "the old one, whole: {answer:?}"
    );

    let retried = knowledge.edit(&change).expect(200);
    assert_eq!(outcome(&retried), (2, DocumentOutcome::Unchanged));
    let answer = knowledge.visitor().socket().ask("m1", question);
    assert!(answer.text.contains("seven"), "{answer:?}");
}

#[integration_test]
fn edits_at_once_leave_the_newest_version_in_the_index(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let knowledge = Knowledge::with(online, "On weekdays we open at nine.");
    let n_changed = AtomicU32::new(0);
    std::thread::scope(|scope| {
        for hour in ["six", "seven", "eight", "ten", "eleven", "noon"] {
            let (knowledge, n_changed) = (&knowledge, &n_changed);
            scope.spawn(move || {
                let content = format!("On weekdays we open at {hour}.");
                let answer = knowledge.edit(&json!({ "content": content }));
                // Somebody has to give way when many are at it; nobody is told that it went well when it did not.
                match answer.status {
                    200 => drop(n_changed.fetch_add(1, Ordering::SeqCst)),
                    _ => drop(answer.problem(Code::Unavailable)),
                }
            });
        }
    });
    let document = knowledge.read();
    assert_eq!(document.version, 1 + n_changed.load(Ordering::SeqCst));
    let content = document.content.expect("content");
    let answer = knowledge
        .visitor()
        .socket()
        .ask("m1", "When do you open on weekdays?");
    assert!(
        answer.text.contains(content.trim_end_matches('.')),
        "{content} is kept, and the answer is {answer:?}"
    );
}

#[integration_test]
fn a_deleted_document_cannot_come_back(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let knowledge = Knowledge::with(online, "On weekdays we open at nine.");
    let n_passages = || {
        let sql = format!(
            "SELECT count(*) AS n FROM passages WHERE document_id = '{}'",
            knowledge.document
        );
        online.index_sql(&sql)[0]["n"].clone()
    };
    assert_eq!(n_passages(), 1, "the premise");
    // An edit that began before: its row is written, its passages are not.
    let broken = knowledge.break_index();
    let change = json!({ "content": "On weekdays we open at seven." });
    knowledge.edit(&change).problem(Code::Unavailable);
    online.index_sql(&broken);
    let team = online.team();
    let _deleted = team.call("DELETE", &knowledge.path()).send().expect(204);
    assert_eq!(n_passages(), 0);
    knowledge.edit(&change).problem(Code::NotFound);
    team.call("DELETE", &knowledge.path())
        .send()
        .problem(Code::NotFound);
    // Even its row would not bring it back: the index knows that it is gone.
    let row = format!(
        "INSERT INTO documents (id, org_id, site_id, title, format, content, passages, created_at)
         SELECT '{}', org_id, id, 'Hours', 'markdown', 'Late.', 1, 1 FROM sites WHERE id = '{}'",
        knowledge.document, knowledge.site.id
    );
    online.sql(&row);
    knowledge.edit(&change).problem(Code::NotFound);
    assert_eq!(n_passages(), 0);
}

/// As a version before the words index left it: passages without a language, and no words.
#[integration_test]
fn passages_from_before_an_upgrade_are_cut_again(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let knowledge = Knowledge::with(
        online,
        "# Hours\n\nThe boathouse opens at nine on weekdays.",
    );
    let visitor = Visitor::arrive(&online.client(), &knowledge.site.key, ORIGIN);
    let mut socket = visitor.socket();
    let mut n_asked = 0;
    let mut is_known = || {
        n_asked += 1;
        let answer = socket.ask(
            &format!("q{n_asked}"),
            "When does the boathouse open on weekdays?",
        );
        answer.text.contains("nine on weekdays")
    };
    assert!(is_known(), "the premise");
    let id = &knowledge.document;
    let those = format!("document_id = '{id}'");
    online.index_sql(&format!(
        "DELETE FROM words_index WHERE rowid IN (SELECT id FROM passages WHERE {those})"
    ));
    online.index_sql(&format!(
        "UPDATE passages SET language = NULL WHERE {those}"
    ));
    // Passages whose document is gone, too.
    online.index_sql(&format!(
        "INSERT INTO passages (site_id, document_id, ordinal, title, heading, body)
         SELECT site_id, 'doc_gone', ordinal, title, heading, body FROM passages WHERE {those}"
    ));
    assert!(!is_known(), "an index without words");
    online.run_cron("* * * * *");
    assert!(is_known());
    let left = online.index_sql("SELECT document_id FROM passages WHERE language IS NULL");
    assert_eq!(left, json!([]));
}
