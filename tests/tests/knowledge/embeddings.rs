//! Ranking by meaning: passages get their vectors in the background, a question's nearness to them orders what is named,
//! and whatever the model does wrong, the words answer as if there were none.
//!
//! The test plays the model's API (`oriel_tests::embeddings`).

use oriel_shared::id::{DocumentId, SiteId};
use oriel_shared::wire::admin::Site;
use oriel_shared::wire::site::{Embeddings, Provider};
use oriel_shared::wire::usage::UsagePage;
use oriel_shared::wire::visitor::{Message, Offer};
use oriel_tests::embeddings::{
    PASSAGE_PREFIX, QUESTION_PREFIX, asked, change, connect_embeddings, setting, texts, vectors,
};
use oriel_tests::fake_internet::{ReceivedRequest, Reply};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::model::{API_KEY, HOURS, QUESTION, is_from_documents};
use oriel_tests::online_edge::{EdgeState, OnlineEdge, Platform};
use oriel_tests::team::Team;
use oriel_tests::visitor::{ORIGIN, Visitor};
use oriel_tests::wait::{SOON, until};
use serde_json::{Value, json};

/// Sections that all speak of boats, and one that answers.
const BOATHOUSE: &str = "# The boathouse\n\n## Boats for rowing\n\nEvery boat is blue and the boat lies in the water.\n\n\
    ## Boats for sailing\n\nEvery boat is white and the boat has a sail.\n\n\
    ## Boats for guests\n\nA boat for guests is a boat with two seats.\n\n\
    ## Boats for children\n\nA boat for children is a small boat.\n\n\
    ## Gales\n\nWhen it blows hard, whoever wants to go out has to leave the oars in the shed, and the harbour master tells \
    by a red flag that nobody may take any boat.\n";

/// Shares a word with each of them.
pub(super) const TEMPEST: &str = "Is a boat allowed during a tempest?";

/// As if a model understood gales.
pub(super) fn vector(text: &str) -> Vec<f32> {
    let is_about = ["Gales", "tempest"].iter().any(|word| text.contains(word));
    let mut vector = vec![0.1; 16];
    vector[usize::from(is_about)] = 1.0;
    vector
}

pub(super) fn understands(seen: &ReceivedRequest) -> Reply {
    vectors(
        &texts(seen)
            .iter()
            .map(|text| vector(text))
            .collect::<Vec<_>>(),
    )
}

/// A site with the boathouse's document and an embedding model.
pub(super) struct BoathouseSite<'o> {
    pub(super) online: &'o OnlineEdge,
    pub(super) host: &'static str,
    pub(super) team: Team,
    pub(super) site: Site,
    pub(super) setting: Embeddings,
}

impl<'o> BoathouseSite<'o> {
    #[track_caller]
    pub(super) fn open(
        online: &'o OnlineEdge,
        team: Team,
        host: &'static str,
        embed: impl Fn(&ReceivedRequest) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let site = team.open_site("Boathouse", &[ORIGIN]);
        let setting = setting(&connect_embeddings(online, &team, host, embed));
        let boathouse = Self {
            online,
            host,
            team,
            site,
            setting,
        };
        let _document = boathouse
            .team
            .add_document(&boathouse.site.id, "The boathouse", BOATHOUSE);
        boathouse.set(&boathouse.setting);
        boathouse
    }

    #[track_caller]
    pub(super) fn set(&self, setting: &Embeddings) {
        let change = change(setting.clone());
        let _site = self.team.change(&self.site.id, &change).expect(200);
    }

    /// How many of its passages have a vector, and how many there are.
    pub(super) fn embedded(&self) -> (u64, u64) {
        embedded(self.online, &self.site.id)
    }

    #[track_caller]
    pub(super) fn wait_for_vectors(&self) {
        until("all vectors", SOON, || {
            let (n_with, n) = self.embedded();
            (n > 0 && n_with == n).then_some(())
        });
    }

    #[track_caller]
    pub(super) fn ask(&self, text: &str) -> Message {
        let visitor = Visitor::arrive(&self.online.client(), &self.site.key, ORIGIN);
        visitor.socket().ask("q1", text)
    }

    pub(super) fn usage(&self) -> UsagePage {
        let path = format!("/usage?site={}", self.site.id);
        self.team.call("GET", &path).send().expect(200).json()
    }
}

pub(super) fn embedded(online: &OnlineEdge, site: &SiteId) -> (u64, u64) {
    let sql = format!(
        "SELECT count(vector) AS n_with, count(*) AS n FROM passages WHERE site_id = '{site}'"
    );
    let rows = online.index_sql(&sql);
    let row = rows.pointer("/0").or(rows.pointer("/results/0"));
    let n = |name: &str| row.and_then(|row| row[name].as_u64()).expect("a number");
    (n("n_with"), n("n"))
}

pub(super) fn headings(message: &Message) -> Vec<&str> {
    let sources = message.sources.iter();
    sources
        .filter_map(|source| source.heading.as_deref())
        .collect()
}

/// What the words alone say.
#[track_caller]
pub(super) fn assert_by_words(message: &Message) {
    assert_eq!(message.offer, Some(Offer::Person), "{message:?}");
    let headings = headings(message);
    assert_eq!(headings.len(), 3, "{message:?}");
    assert!(!headings.contains(&"Gales"), "{headings:?}");
}

#[track_caller]
pub(super) fn assert_by_meaning(message: &Message) {
    assert_eq!(message.offer, Some(Offer::Person), "{message:?}");
    assert_eq!(headings(message).first(), Some(&"Gales"), "{message:?}");
}

#[integration_test]
fn a_question_in_other_words_finds_its_passage_by_meaning(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let boathouse = BoathouseSite::open(online, online.team(), "meaning.example.com", understands);
    boathouse.wait_for_vectors();
    assert_by_meaning(&boathouse.ask(TEMPEST));
    let asked = asked(online, boathouse.host);
    let (question, passages) = asked.split_last().expect("calls");
    assert_eq!(question, &[format!("{QUESTION_PREFIX} {TEMPEST}")]);
    let passages: Vec<_> = passages.iter().flatten().collect();
    assert_eq!(passages.len(), 5);
    let gales = format!("{PASSAGE_PREFIX} The boathouse › Gales\nWhen it blows hard");
    assert!(
        passages.iter().any(|text| text.starts_with(&gales)),
        "{passages:?}"
    );
    let seen = online.internet.seen(boathouse.host);
    let last = seen.last().expect("a call");
    assert_eq!(last.header("authorization"), format!("Bearer {API_KEY}"));
    assert_eq!(last.json()["model"], "stand-in");
    assert!(!online.log().contains(API_KEY));
    assert_eq!(online.files_with(API_KEY), Vec::<std::path::PathBuf>::new());
    // Without the model.
    boathouse.set(&Embeddings::default());
    until("the words' order", SOON, || {
        let answer = boathouse.ask(TEMPEST);
        (headings(&answer).first() != Some(&"Gales")).then(|| assert_by_words(&answer))
    });
}

#[integration_test]
fn a_passage_that_shares_no_word_with_the_question_is_named_too(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let boathouse = BoathouseSite::open(online, online.team(), "near.example.com", understands);
    let rules =
        "# Rules\n\n## Storm flag\n\nWhile red cloth flies, Gales are expected: stay on shore.\n";
    let _document = boathouse
        .team
        .add_document(&boathouse.site.id, "Rules", rules);
    // Another site with the same model.
    let other = boathouse.team.open_site("Other", &[ORIGIN]);
    let secret = rules.replace("Storm", "Secret");
    let _document = boathouse.team.add_document(&other.id, "Rules", &secret);
    let same = change(boathouse.setting.clone());
    let _site = boathouse.team.change(&other.id, &same).expect(200);
    until("the other's vectors", SOON, || {
        (embedded(online, &other.id) == (1, 1)).then_some(())
    });
    boathouse.wait_for_vectors();
    let answer = boathouse.ask(TEMPEST);
    assert_eq!(answer.offer, Some(Offer::Person), "{answer:?}");
    let headings_of = headings(&answer);
    assert!(headings_of.contains(&"Storm flag"), "{headings_of:?}");
    assert!(!headings_of.contains(&"Secret flag"), "{headings_of:?}");
    // The words alone do not find it, in any place.
    boathouse.set(&Embeddings::default());
    until("the words' order", SOON, || {
        (headings(&boathouse.ask(TEMPEST)).first() != Some(&"Gales")).then_some(())
    });
    assert!(!headings(&boathouse.ask("boat tempest")).contains(&"Storm flag"));
}

#[integration_test]
fn what_is_quoted_is_the_words_choice_and_what_is_not_asked_goes_nowhere(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let boathouse = BoathouseSite::open(online, online.team(), "quoted.example.com", |seen| {
        // Everything is near gales.
        vectors(
            &texts(seen)
                .iter()
                .map(|_| vector("Gales"))
                .collect::<Vec<_>>(),
        )
    });
    let _document = boathouse
        .team
        .add_document(&boathouse.site.id, "Hours", HOURS);
    boathouse.wait_for_vectors();
    let answer = boathouse.ask(QUESTION);
    assert!(is_from_documents(&answer), "{answer:?}");
    let n_before = asked(online, boathouse.host).len();
    let _thanks = boathouse.ask("Thank you!");
    let nothing = boathouse.ask("qwertz");
    assert_eq!(nothing.sources, [], "{nothing:?}");
    assert_eq!(asked(online, boathouse.host).len(), n_before);
}

#[integration_test]
fn another_model_makes_other_vectors_and_none_leaves_none(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let boathouse = BoathouseSite::open(online, online.team(), "models.example.com", understands);
    boathouse.wait_for_vectors();
    let kinds = || {
        let sql = format!(
            "SELECT DISTINCT vector_of FROM passages WHERE site_id = '{}'",
            boathouse.site.id
        );
        boathouse.online.index_sql(&sql)
    };
    let first = kinds();
    let n_before = asked(online, boathouse.host).concat().len();
    boathouse.set(&Embeddings {
        name: "another".into(),
        ..boathouse.setting.clone()
    });
    let second = until("vectors of the other model", SOON, || {
        let now = kinds();
        (now != first && asked(online, boathouse.host).concat().len() == n_before + 5)
            .then_some(now)
    });
    assert_ne!(first, second);
    // What changes nothing makes nothing anew.
    boathouse.set(&Embeddings {
        name: "another".into(),
        price: 5,
        ..boathouse.setting.clone()
    });
    assert_by_meaning(&boathouse.ask(TEMPEST));
    assert_eq!(asked(online, boathouse.host).concat().len(), n_before + 6);
    boathouse.set(&Embeddings::default());
    until("no vectors", SOON, || {
        (boathouse.embedded() == (0, 5)).then_some(())
    });
}

#[integration_test]
fn a_document_takes_its_vectors_along(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let boathouse = BoathouseSite::open(online, online.team(), "along.example.com", understands);
    let hours = boathouse
        .team
        .add_document(&boathouse.site.id, "Hours", HOURS);
    boathouse.wait_for_vectors();
    assert_eq!(boathouse.embedded(), (6, 6));
    let path = |id: &DocumentId| format!("/sites/{}/documents/{id}", boathouse.site.id);
    let edit = json!({ "content": "# Opening hours\n\nThe boathouse is closed.\n" });
    let _edited = boathouse
        .team
        .call("PATCH", &path(&hours.id))
        .json(&edit)
        .send()
        .expect(200);
    boathouse.wait_for_vectors();
    let texts = asked(online, boathouse.host).concat();
    assert!(
        texts.last().expect("a text").contains("is closed"),
        "{texts:?}"
    );
    // Only what changed was sent again.
    assert_eq!(texts.len(), 7);
    let _deleted = boathouse
        .team
        .call("DELETE", &path(&hours.id))
        .send()
        .expect(204);
    assert_eq!(boathouse.embedded(), (5, 5));
}

#[integration_test]
fn nobody_elses_site_or_connection_is_used(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let boathouse = BoathouseSite::open(online, online.team(), "ours.example.com", understands);
    boathouse.wait_for_vectors();
    let n_before = asked(online, boathouse.host).len();
    let theirs = online.another_team();
    let site = theirs.open_site("Theirs", &[ORIGIN]);
    let _document = theirs.add_document(&site.id, "The boathouse", BOATHOUSE);
    let _site = theirs
        .change(&site.id, &change(boathouse.setting.clone()))
        .expect(200);
    let visitor = Visitor::arrive(&online.client(), &site.key, ORIGIN);
    assert_by_words(&visitor.socket().ask("q1", TEMPEST));
    let (n_with, n) = embedded(online, &site.id);
    assert_eq!((n_with, n), (0, 5));
    assert_eq!(asked(online, boathouse.host).len(), n_before);
}

#[integration_test]
fn calls_are_reserved_metered_and_not_made_without_budget(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let team = online.team();
    let boathouse = BoathouseSite::open(online, team, "budget.example.com", understands);
    boathouse.wait_for_vectors();
    boathouse.set(&Embeddings {
        price: 1_000_000,
        ..boathouse.setting.clone()
    });
    let priced = until("a priced question", SOON, || {
        assert_by_meaning(&boathouse.ask(TEMPEST));
        let calls = boathouse.usage().items;
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
    let _set = boathouse
        .team
        .call("PATCH", "/budget")
        .json(&budget)
        .send()
        .expect(200);
    let n_before = asked(online, boathouse.host).len();
    assert_by_words(&boathouse.ask(TEMPEST));
    let _document = boathouse
        .team
        .add_document(&boathouse.site.id, "Hours", HOURS);
    let _waiting = online.until_logged(&["there is no budget for it"]);
    assert_eq!(asked(online, boathouse.host).len(), n_before);
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
    let site = team.open_site("Boathouse", &[ORIGIN]);
    let _document = team.add_document(&site.id, "The boathouse", BOATHOUSE);
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
