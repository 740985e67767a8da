//! Ranking by meaning: passages get their vectors in the background, a question's nearness to them orders what is named,
//! and whatever the model does wrong, the words answer as if there were none.
//!
//! The test plays the model's API (`oriel_tests::embeddings`).

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use oriel_shared::id::{DocumentId, SiteId};
use oriel_shared::wire::admin::{Limits, LimitsChange, Site, SiteChange};
use oriel_shared::wire::site::{Embeddings, Provider};
use oriel_shared::wire::usage::UsagePage;
use oriel_shared::wire::visitor::{Message, Offer};
use oriel_tests::edge::workspace;
use oriel_tests::embeddings::{
    PASSAGE_PREFIX, QUESTION_PREFIX, Recorded, asked, change, connect_embeddings, setting, texts,
    vectors,
};
use oriel_tests::fake_internet::{BodyEnd, ReceivedRequest, Reply};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::model::{API_KEY, HOURS, QUESTION, is_from_documents, stream};
use oriel_tests::online_edge::{EdgeState, OnlineEdge, Platform};
use oriel_tests::team::Team;
use oriel_tests::visitor::{ORIGIN, Visitor};
use oriel_tests::wait::{SOON, until};
use serde_json::{Value, json};

/// Sections that all speak of boats, and one that answers.
const CLUB: &str = "# The signed\n\n## Boats for rowing\n\nEvery boat is blue and the boat lies in the water.\n\n\
    ## Boats for sailing\n\nEvery boat is white and the boat has a sail.\n\n\
    ## Boats for guests\n\nA boat for guests is a boat with two seats.\n\n\
    ## Boats for children\n\nA boat for children is a small boat.\n\n\
    ## Gales\n\nWhen it blows hard, whoever wants to go out has to leave the oars in the shed, and the harbour master tells \
    by a red flag that nobody may take any boat.\n";
/// Shares a word with each of them.
const TEMPEST: &str = "Is a boat allowed during a tempest?";

/// As if a model understood gales.
fn vector(text: &str) -> Vec<f32> {
    let is_about = ["Gales", "tempest"].iter().any(|word| text.contains(word));
    let mut vector = vec![0.1; 16];
    vector[usize::from(is_about)] = 1.0;
    vector
}

fn understands(seen: &ReceivedRequest) -> Reply {
    vectors(
        &texts(seen)
            .iter()
            .map(|text| vector(text))
            .collect::<Vec<_>>(),
    )
}

/// A site with the signed's document and an embedding model.
struct SignedSite<'o> {
    online: &'o OnlineEdge,
    host: &'static str,
    team: Team,
    site: Site,
    setting: Embeddings,
}

impl<'o> SignedSite<'o> {
    #[track_caller]
    fn open(
        online: &'o OnlineEdge,
        team: Team,
        host: &'static str,
        embed: impl Fn(&ReceivedRequest) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let site = team.open_site("Club", &[ORIGIN]);
        let setting = setting(&connect_embeddings(online, &team, host, embed));
        let signed = Self {
            online,
            host,
            team,
            site,
            setting,
        };
        let _document = signed
            .team
            .add_document(&signed.site.id, "The signed", CLUB);
        signed.set(&signed.setting);
        signed
    }

    #[track_caller]
    fn set(&self, setting: &Embeddings) {
        let change = change(setting.clone());
        let _site = self.team.change(&self.site.id, &change).expect(200);
    }

    /// How many of its passages have a vector, and how many there are.
    fn embedded(&self) -> (u64, u64) {
        embedded(self.online, &self.site.id)
    }

    #[track_caller]
    fn wait_for_vectors(&self) {
        until("all vectors", SOON, || {
            let (n_with, n) = self.embedded();
            (n > 0 && n_with == n).then_some(())
        });
    }

    #[track_caller]
    fn ask(&self, text: &str) -> Message {
        let visitor = Visitor::arrive(&self.online.client(), &self.site.key, ORIGIN);
        visitor.socket().ask("q1", text)
    }

    fn usage(&self) -> UsagePage {
        let path = format!("/usage?site={}", self.site.id);
        self.team.call("GET", &path).send().expect(200).json()
    }
}

fn embedded(online: &OnlineEdge, site: &SiteId) -> (u64, u64) {
    let sql = format!(
        "SELECT count(vector) AS n_with, count(*) AS n FROM passages WHERE site_id = '{site}'"
    );
    let rows = online.index_sql(&sql);
    let row = rows.pointer("/0").or(rows.pointer("/results/0"));
    let n = |name: &str| row.and_then(|row| row[name].as_u64()).expect("a number");
    (n("n_with"), n("n"))
}

fn headings(message: &Message) -> Vec<&str> {
    let sources = message.sources.iter();
    sources
        .filter_map(|source| source.heading.as_deref())
        .collect()
}

/// What the words alone say.
#[track_caller]
fn assert_by_words(message: &Message) {
    assert_eq!(message.offer, Some(Offer::Person), "{message:?}");
    let headings = headings(message);
    assert_eq!(headings.len(), 3, "{message:?}");
    assert!(!headings.contains(&"Gales"), "{headings:?}");
}

#[track_caller]
fn assert_by_meaning(message: &Message) {
    assert_eq!(message.offer, Some(Offer::Person), "{message:?}");
    assert_eq!(headings(message).first(), Some(&"Gales"), "{message:?}");
}

#[integration_test]
fn a_question_in_other_words_finds_its_passage_by_meaning(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let signed = SignedSite::open(online, online.team(), "meaning.example.com", understands);
    signed.wait_for_vectors();
    assert_by_meaning(&signed.ask(TEMPEST));
    let asked = asked(online, signed.host);
    let (question, passages) = asked.split_last().expect("calls");
    assert_eq!(question, &[format!("{QUESTION_PREFIX} {TEMPEST}")]);
    let passages: Vec<_> = passages.iter().flatten().collect();
    assert_eq!(passages.len(), 5);
    let gales = format!("{PASSAGE_PREFIX} The signed › Gales\nWhen it blows hard");
    assert!(
        passages.iter().any(|text| text.starts_with(&gales)),
        "{passages:?}"
    );
    let seen = online.internet.seen(signed.host);
    let last = seen.last().expect("a call");
    assert_eq!(last.header("authorization"), format!("Bearer {API_KEY}"));
    assert_eq!(last.json()["model"], "stand-in");
    assert!(!online.log().contains(API_KEY));
    assert_eq!(online.files_with(API_KEY), Vec::<std::path::PathBuf>::new());
    // Without the model.
    signed.set(&Embeddings::default());
    until("the words' order", SOON, || {
        let answer = signed.ask(TEMPEST);
        (headings(&answer).first() != Some(&"Gales")).then(|| assert_by_words(&answer))
    });
}

#[integration_test]
fn a_passage_that_shares_no_word_with_the_question_is_named_too(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let signed = SignedSite::open(online, online.team(), "near.example.com", understands);
    let rules =
        "# Rules\n\n## Storm flag\n\nWhile red cloth flies, Gales are expected: stay on shore.\n";
    let _document = signed.team.add_document(&signed.site.id, "Rules", rules);
    // Another site with the same model.
    let other = signed.team.open_site("Other", &[ORIGIN]);
    let secret = rules.replace("Storm", "Secret");
    let _document = signed.team.add_document(&other.id, "Rules", &secret);
    let same = change(signed.setting.clone());
    let _site = signed.team.change(&other.id, &same).expect(200);
    until("the other's vectors", SOON, || {
        (embedded(online, &other.id) == (1, 1)).then_some(())
    });
    signed.wait_for_vectors();
    let answer = signed.ask(TEMPEST);
    assert_eq!(answer.offer, Some(Offer::Person), "{answer:?}");
    let headings_of = headings(&answer);
    assert!(headings_of.contains(&"Storm flag"), "{headings_of:?}");
    assert!(!headings_of.contains(&"Secret flag"), "{headings_of:?}");
    // The words alone do not find it, in any place.
    signed.set(&Embeddings::default());
    until("the words' order", SOON, || {
        (headings(&signed.ask(TEMPEST)).first() != Some(&"Gales")).then_some(())
    });
    assert!(!headings(&signed.ask("boat tempest")).contains(&"Storm flag"));
}

#[integration_test]
fn what_is_quoted_is_the_words_choice_and_what_is_not_asked_goes_nowhere(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let signed = SignedSite::open(online, online.team(), "quoted.example.com", |seen| {
        // Everything is near gales.
        vectors(
            &texts(seen)
                .iter()
                .map(|_| vector("Gales"))
                .collect::<Vec<_>>(),
        )
    });
    let _document = signed.team.add_document(&signed.site.id, "Hours", HOURS);
    signed.wait_for_vectors();
    let answer = signed.ask(QUESTION);
    assert!(is_from_documents(&answer), "{answer:?}");
    let n_before = asked(online, signed.host).len();
    let _thanks = signed.ask("Thank you!");
    let nothing = signed.ask("qwertz");
    assert_eq!(nothing.sources, [], "{nothing:?}");
    assert_eq!(asked(online, signed.host).len(), n_before);
}

/// What a host answers to a call for vectors.
type Answers = Box<dyn Fn(&ReceivedRequest) -> Reply + Send>;

#[integration_test]
fn whatever_an_embedding_model_does_wrong_the_words_answer(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let wrong: Arc<Mutex<Answers>> = Arc::new(Mutex::new(Box::new(understands)));
    let answers = Arc::clone(&wrong);
    let signed = SignedSite::open(online, online.team(), "wrong.example.com", move |seen| {
        answers.lock().unwrap_or_else(PoisonError::into_inner)(seen)
    });
    signed.wait_for_vectors();
    let comes_to = |answers: Answers| {
        *wrong.lock().unwrap_or_else(PoisonError::into_inner) = answers;
    };
    let raw = |body: &'static str| -> Answers {
        Box::new(move |_| Reply::page("application/json", body))
    };
    let cases: Vec<(&str, Answers)> = vec![
        ("garbage", raw("{}")),
        ("garbage", raw("not JSON")),
        ("garbage", raw(r#"{"error": {"message": "no such model"}}"#)),
        ("garbage", raw(r#"{"data": []}"#)),
        (
            "garbage",
            raw(r#"{"data": [{"index": 0, "embedding": [NaN, 1, 1, 1, 1, 1, 1, 1]}]}"#),
        ),
        (
            "garbage",
            raw(r#"{"data": [{"index": 0, "embedding": [1e300, 1, 1, 1, 1, 1, 1, 1]}]}"#),
        ),
        (
            "garbage",
            raw(r#"{"data": [{"index": 0, "embedding": [0, 0, 0, 0, 0, 0, 0, 0]}]}"#),
        ),
        (
            "garbage",
            raw(r#"{"data": [{"index": 1, "embedding": [1, 0, 0, 0, 0, 0, 0, 0]}]}"#),
        ),
        (
            "garbage",
            Box::new(|_| vectors(&[vector("a"), vector("b")])),
        ),
        ("too_large", Box::new(|_| Reply::Flood)),
        (
            "status_302",
            Box::new(|_| Reply::redirect(302, "https://elsewhere.example.com/v1/embeddings")),
        ),
        ("status_401", Box::new(|_| Reply::status(401))),
        ("status_429", Box::new(|_| Reply::status(429))),
        ("status_500", Box::new(|_| Reply::status(500))),
        (
            "unreachable",
            Box::new(|_| {
                stream(|line| {
                    line.say(b"{\"data\": [");
                    BodyEnd::Cut
                })
            }),
        ),
    ];
    for (n, (outcome, answers)) in cases.into_iter().enumerate() {
        comes_to(answers);
        assert_by_words(&signed.ask(TEMPEST));
        let metered = until("a metered call", SOON, || {
            let calls = signed.usage().items;
            let failed: Vec<_> = calls
                .into_iter()
                .filter(|call| call.outcome != "embedded")
                .collect();
            (failed.len() > n).then_some(failed)
        });
        assert_eq!(metered[0].outcome, outcome, "case {n}");
    }
    // A slow one is not waited for, and hears that nobody listens any more.
    let is_gone = Arc::new(Mutex::new(false));
    let gone = Arc::clone(&is_gone);
    comes_to(Box::new(move |_| {
        let gone = Arc::clone(&gone);
        stream(move |line| {
            let left = line.wait(SOON);
            *gone.lock().unwrap_or_else(PoisonError::into_inner) = left;
            BodyEnd::Cut
        })
    }));
    signed.set(&Embeddings {
        timeout_ms: 100,
        ..signed.setting.clone()
    });
    until("the shorter time", SOON, || {
        assert_by_words(&signed.ask(TEMPEST));
        signed
            .usage()
            .items
            .iter()
            .any(|call| call.outcome == "timeout")
            .then_some(())
    });
    until("the end of the call", SOON, || {
        let is_gone = *is_gone.lock().unwrap_or_else(PoisonError::into_inner);
        is_gone.then_some(())
    });
    assert!(online.internet.seen("elsewhere.example.com").is_empty());
    let log = online.until_logged("embedding_failed");
    assert!(!log.contains(API_KEY) && !log.contains("tempest"), "{log}");
    // Another model under the same name: its vectors are made anew, and then it is understood.
    comes_to(Box::new(|seen| {
        let longer = |text: &String| [vector(text), vec![0.1; 8]].concat();
        vectors(&texts(seen).iter().map(longer).collect::<Vec<_>>())
    }));
    signed.set(&signed.setting);
    let _unlike = signed.ask(TEMPEST);
    until("the other model's order", SOON, || {
        (headings(&signed.ask(TEMPEST)).first() == Some(&"Gales")).then_some(())
    });
}

#[integration_test]
fn a_model_that_fails_delays_vectors_and_no_document(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let fails = Arc::new(Mutex::new(true));
    let failing = Arc::clone(&fails);
    let signed = SignedSite::open(online, online.team(), "late.example.com", move |seen| {
        if *failing.lock().unwrap_or_else(PoisonError::into_inner) {
            return Reply::status(503);
        }
        understands(seen)
    });
    until("a call that failed", SOON, || {
        (!asked(online, signed.host).is_empty()).then_some(())
    });
    assert_by_words(&signed.ask(TEMPEST));
    assert_eq!(signed.embedded().0, 0);
    *fails.lock().unwrap_or_else(PoisonError::into_inner) = false;
    until("vectors after the pause", Duration::from_secs(60), || {
        let (n_with, n) = signed.embedded();
        (n_with == n).then_some(())
    });
    assert_by_meaning(&signed.ask(TEMPEST));
}

#[integration_test]
fn one_passage_that_the_model_refuses_costs_the_others_nothing(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let signed = SignedSite::open(online, online.team(), "poison.example.com", |seen| {
        if texts(seen).iter().any(|text| text.contains("children")) {
            return Reply::status(400);
        }
        understands(seen)
    });
    until("all vectors but one", Duration::from_secs(90), || {
        (signed.embedded() == (4, 5)).then_some(())
    });
    assert_by_meaning(&signed.ask(TEMPEST));
}

#[integration_test]
fn another_model_makes_other_vectors_and_none_leaves_none(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let signed = SignedSite::open(online, online.team(), "models.example.com", understands);
    signed.wait_for_vectors();
    let kinds = || {
        let sql = format!(
            "SELECT DISTINCT vector_of FROM passages WHERE site_id = '{}'",
            signed.site.id
        );
        signed.online.index_sql(&sql)
    };
    let first = kinds();
    let n_before = asked(online, signed.host).concat().len();
    signed.set(&Embeddings {
        name: "another".into(),
        ..signed.setting.clone()
    });
    let second = until("vectors of the other model", SOON, || {
        let now = kinds();
        (now != first && asked(online, signed.host).concat().len() == n_before + 5).then_some(now)
    });
    assert_ne!(first, second);
    // What changes nothing makes nothing anew.
    signed.set(&Embeddings {
        name: "another".into(),
        price: 5,
        ..signed.setting.clone()
    });
    assert_by_meaning(&signed.ask(TEMPEST));
    assert_eq!(asked(online, signed.host).concat().len(), n_before + 6);
    signed.set(&Embeddings::default());
    until("no vectors", SOON, || {
        (signed.embedded() == (0, 5)).then_some(())
    });
}

#[integration_test]
fn a_document_takes_its_vectors_along(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let signed = SignedSite::open(online, online.team(), "along.example.com", understands);
    let hours = signed.team.add_document(&signed.site.id, "Hours", HOURS);
    signed.wait_for_vectors();
    assert_eq!(signed.embedded(), (6, 6));
    let path = |id: &DocumentId| format!("/sites/{}/documents/{id}", signed.site.id);
    let edit = json!({ "content": "# Opening hours\n\nThe boathouse is closed.\n" });
    let _edited = signed
        .team
        .call("PATCH", &path(&hours.id))
        .json(&edit)
        .send()
        .expect(200);
    signed.wait_for_vectors();
    let texts = asked(online, signed.host).concat();
    assert!(
        texts.last().expect("a text").contains("is closed"),
        "{texts:?}"
    );
    // Only what changed was sent again.
    assert_eq!(texts.len(), 7);
    let _deleted = signed
        .team
        .call("DELETE", &path(&hours.id))
        .send()
        .expect(204);
    assert_eq!(signed.embedded(), (5, 5));
}

#[integration_test]
fn nobody_elses_site_or_connection_is_used(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let signed = SignedSite::open(online, online.team(), "ours.example.com", understands);
    signed.wait_for_vectors();
    let n_before = asked(online, signed.host).len();
    let theirs = online.another_team();
    let site = theirs.open_site("Theirs", &[ORIGIN]);
    let _document = theirs.add_document(&site.id, "The signed", CLUB);
    let _site = theirs
        .change(&site.id, &change(signed.setting.clone()))
        .expect(200);
    let visitor = Visitor::arrive(&online.client(), &site.key, ORIGIN);
    assert_by_words(&visitor.socket().ask("q1", TEMPEST));
    let (n_with, n) = embedded(online, &site.id);
    assert_eq!((n_with, n), (0, 5));
    assert_eq!(asked(online, signed.host).len(), n_before);
}

#[integration_test]
fn calls_are_reserved_metered_and_not_made_without_budget(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    let signed = SignedSite::open(online, team, "budget.example.com", understands);
    signed.wait_for_vectors();
    signed.set(&Embeddings {
        price: 1_000_000,
        ..signed.setting.clone()
    });
    let priced = until("a priced question", SOON, || {
        assert_by_meaning(&signed.ask(TEMPEST));
        let calls = signed.usage().items;
        calls.into_iter().find(|call| call.cost > 0)
    });
    assert_eq!(
        (
            priced.provider,
            priced.model.as_str(),
            priced.outcome.as_str()
        ),
        (Provider::Connection, "stand-in", "embedded")
    );
    // As the API says.
    assert_eq!(
        (priced.input_tokens, priced.output_tokens, priced.cost),
        (10, 0, 10)
    );
    let budget = json!({ "cost_per_month": 1 });
    let _set = signed
        .team
        .call("PATCH", "/budget")
        .json(&budget)
        .send()
        .expect(200);
    let n_before = asked(online, signed.host).len();
    assert_by_words(&signed.ask(TEMPEST));
    let _document = signed.team.add_document(&signed.site.id, "Hours", HOURS);
    let _waiting = online.until_logged("there is no budget for it");
    assert_eq!(asked(online, signed.host).len(), n_before);
}

#[integration_test]
fn a_model_behind_the_edges_own_binding_orders_alike() {
    let state = EdgeState::new();
    let online = OnlineEdge::start_on(
        Platform {
            has_ai: true,
            ..Platform::default()
        },
        &state,
    )
    .expect("an edge");
    let host = "workers-ai.example.com";
    online.internet.host(host, |seen| {
        let texts = seen.json()["text"].as_array().cloned().unwrap_or_default();
        let text = |text: &Value| vector(text.as_str().unwrap_or_default());
        let data: Vec<_> = texts.iter().map(text).collect();
        let body = json!({ "shape": [data.len(), 16], "data": data });
        Reply::page("application/json", &body.to_string())
    });
    let team = online.team();
    let site = team.open_site("Club", &[ORIGIN]);
    let _document = team.add_document(&site.id, "The signed", CLUB);
    let embeddings = Embeddings {
        provider: Provider::WorkersAi,
        name: "@cf/baai/bge-m3".into(),
        timeout_ms: 5_000,
        ..Embeddings::default()
    };
    let _site = team.change(&site.id, &change(embeddings)).expect(200);
    until("all vectors", SOON, || {
        (embedded(&online, &site.id) == (5, 5)).then_some(())
    });
    let visitor = Visitor::arrive(&online.client(), &site.key, ORIGIN);
    assert_by_meaning(&visitor.socket().ask("q1", TEMPEST));
    let seen = online.internet.seen(host);
    assert!(
        seen[0].url.ends_with("/run/@cf/baai/bge-m3"),
        "{}",
        seen[0].url
    );
}

/// Where the documents of `testdata/answers` are said to be read.
const READ_AT: &str = "https://docs.example.com/";

/// Asks the questions of one corpus through the edge; how many find their section among the sources, and of how many.
fn n_found(online: &OnlineEdge, key: &str, questions: &[&Value]) -> usize {
    let mut socket = Visitor::arrive(&online.client(), key, ORIGIN).socket();
    let mut n_found = 0;
    for (at, labelled) in questions.iter().enumerate() {
        let answer = socket.ask(
            &format!("q{at}"),
            labelled["question"].as_str().expect("a question"),
        );
        let is_right = |source: &oriel_shared::wire::visitor::Source| {
            let places = labelled["answers"].as_array().into_iter().flatten();
            // By the labels of the questions' writer.
            let mut places = places.filter(|place| place["pooled"] != true);
            let shown = source.heading.as_ref().unwrap_or(&source.title);
            places.any(|place| {
                let document = place["document"].as_str().unwrap_or_default();
                let heading = place["heading"].as_str().unwrap_or_default();
                let is_document = source.url.as_deref() == Some(&format!("{READ_AT}{document}"));
                is_document && shown.rsplit(" › ").next() == Some(heading)
            })
        };
        n_found += usize::from(answer.sources.iter().any(is_right));
    }
    n_found
}

#[integration_test]
fn real_questions_find_more_with_a_real_models_vectors(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    let recorded = Recorded::read();
    let host = "recorded.example.com";
    let connection = connect_embeddings(online, &team, host, move |seen| {
        vectors(
            &texts(seen)
                .iter()
                .map(|text| recorded.of(text))
                .collect::<Vec<_>>(),
        )
    });
    let site = team.open_site("Django", &[ORIGIN]);
    let most = Limits::CEILING;
    let limits = LimitsChange {
        message_burst: Some(most.message_burst),
        messages_per_minute: Some(most.messages_per_minute),
        messages_per_day: Some(most.messages_per_day),
        tickets_per_minute: Some(most.tickets_per_minute),
    };
    let limits = SiteChange {
        limits: Some(limits),
        ..SiteChange::default()
    };
    let _limits = team.change(&site.id, &limits).expect(200);
    let folder = workspace().join("testdata/answers");
    for entry in std::fs::read_dir(folder.join("corpora/django")).expect("a folder") {
        let path = entry.expect("readable").path();
        let name = path
            .file_name()
            .expect("named")
            .to_string_lossy()
            .into_owned();
        if !name.ends_with(".md") {
            continue;
        }
        let content = std::fs::read_to_string(&path).expect("text");
        let title = content.lines().find_map(|line| line.strip_prefix("# "));
        let document = json!({
            "title": title.unwrap_or(&name), "url": format!("{READ_AT}{name}"), "content": content,
        });
        let path = format!("/sites/{}/documents", site.id);
        let _made = team.call("POST", &path).json(&document).send().expect(201);
    }
    let lines = std::fs::read_to_string(folder.join("questions.jsonl")).expect("text");
    let all: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let is_ours = |it: &&Value| {
        it["site"] == "django" && it["answers"].as_array().is_some_and(|it| !it.is_empty())
    };
    let questions: Vec<&Value> = all.iter().filter(is_ours).collect();
    let by_words = n_found(online, &site.key, &questions);
    let _on = team
        .change(&site.id, &change(setting(&connection)))
        .expect(200);
    until("all vectors", Duration::from_secs(120), || {
        let (n_with, n) = embedded(online, &site.id);
        (n_with == n).then_some(())
    });
    let first = questions.get(..10).expect("ten questions");
    until("the setting", SOON, || {
        let n_before = asked(online, host).len();
        let _n = n_found(online, &site.key, first);
        (asked(online, host).len() > n_before).then_some(())
    });
    let by_meaning = n_found(online, &site.key, &questions);
    let n = questions.len();
    println!("django, {n} questions: {by_words} found by words, {by_meaning} by meaning too");
    assert!(n >= 90 && by_words * 100 >= n * 70, "{by_words} of {n}");
    assert!(
        by_meaning >= by_words + 4,
        "{by_words}, then {by_meaning} of {n}"
    );
}
