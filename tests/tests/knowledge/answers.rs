//! What visitors are answered, by the real index, through the real socket.

use oriel_shared::id::SiteId;
use oriel_shared::wire::admin::SiteChange;
use oriel_shared::wire::rich_text::{Block, Inline};
use oriel_shared::wire::site::Answers;
use oriel_shared::wire::visitor::{Message, Offer, Role};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::visitor::{ORIGIN, Visitor};
use oriel_tests::wait::{SOON, until};

/// Somebody on a site with these documents.
fn visitor_of(fixtures: &Fixtures, documents: &[(&str, &str)]) -> (SiteId, Visitor) {
    let team = fixtures.edge().team();
    let site = team.open_site("Shop", &[ORIGIN]);
    for (title, content) in documents {
        let _document = team.add_document(&site.id, title, content);
    }
    (
        site.id,
        Visitor::arrive(&fixtures.edge().client(), &site.key, ORIGIN),
    )
}

const HOURS: &str =
    "# Opening hours\n\nThe boathouse opens at nine on weekdays and at ten on Sundays.\n";
const QUESTION: &str = "When does the boathouse open on weekdays?";

/// Says that it does not know, quotes nothing, names nothing.
fn is_honest(answer: &Message) -> bool {
    is_unsure(answer) && answer.sources.is_empty()
}

/// Says that it does not know and quotes nothing.
fn is_unsure(answer: &Message) -> bool {
    answer.role == Role::Assistant
        && answer.offer == Some(Offer::Person)
        && answer.text.starts_with("I don’t know")
        && matches!(answer.blocks.as_slice(), [Block::Paragraph { .. }])
}

#[integration_test]
fn a_document_is_answerable_soon_and_not_after_it_is_deleted(fixtures: &Fixtures) {
    let team = fixtures.edge().team();
    let (site, visitor) = visitor_of(fixtures, &[]);
    let mut socket = visitor.socket();
    let mut n_asked = 0;
    let mut ask = || {
        n_asked += 1;
        socket.ask(&format!("q{n_asked}"), QUESTION)
    };
    let before = ask();
    assert!(is_honest(&before), "{before:?}");
    let document = team.add_document(&site, "Hours", HOURS);
    let answer = until("the document to be answerable", SOON, || {
        let answer = ask();
        (!answer.sources.is_empty()).then_some(answer)
    });
    assert!(answer.text.contains("nine on weekdays"), "{answer:?}");
    let _deleted = team
        .call(
            "DELETE",
            &format!("/sites/{site}/documents/{}", document.id),
        )
        .send()
        .expect(204);
    let after = until("the document to be forgotten", SOON, || {
        let answer = ask();
        answer.sources.is_empty().then_some(answer)
    });
    assert!(
        is_honest(&after) && !after.text.contains("nine"),
        "{after:?}"
    );
}

#[integration_test]
fn a_question_that_no_document_answers_gets_an_honest_reply_and_the_offer_of_a_person(
    fixtures: &Fixtures,
) {
    let (_, visitor) = visitor_of(fixtures, &[("Hours", HOURS)]);
    let mut socket = visitor.socket();
    let _premise = socket
        .ask("q0", QUESTION)
        .sources
        .first()
        .expect("a source")
        .clone();
    for (n, question) in [
        "Who won the football world cup in 1998?",
        "Do you sell aeroplanes?",
        "What is the boiling point of lead?",
    ]
    .iter()
    .enumerate()
    {
        let answer = socket.ask(&format!("q{}", n + 1), question);
        assert!(is_honest(&answer), "{question}: {answer:?}");
        assert!(!answer.text.contains("boathouse"), "{question}: {answer:?}");
    }
}

#[integration_test]
fn what_comes_near_is_named_and_not_quoted(fixtures: &Fixtures) {
    let (_, visitor) = visitor_of(fixtures, &[("Hours", HOURS)]);
    let answer = visitor
        .socket()
        .ask("q1", "Who built the boathouse and what did it cost?");
    assert!(is_unsure(&answer), "{answer:?}");
    assert!(!answer.text.contains("nine"), "{answer:?}");
    let [source] = answer.sources.as_slice() else {
        panic!("{answer:?}")
    };
    assert_eq!(source.title, "Hours");
}

#[integration_test]
fn a_mistyped_word_is_taken_for_one_that_the_site_has(fixtures: &Fixtures) {
    let (_, visitor) = visitor_of(fixtures, &[("Hours", HOURS)]);
    // Another site's word that is nearer still must not be taken for it.
    let (_, other) = visitor_of(
        fixtures,
        &[("Boats", "# Boats\n\nBoathuose is how some write boathouse.")],
    );
    let mut socket = visitor.socket();
    let answer = socket.ask("q1", "When does the boathuose open on weekdays?");
    assert!(answer.text.contains("nine on weekdays"), "{answer:?}");
    let premise = other.socket().ask("q1", "How do some write boathuose?");
    assert!(premise.text.contains("is how some write"), "{premise:?}");
    let answer = socket.ask("q2", "When does the submarine open on weekdays?");
    assert!(is_unsure(&answer), "{answer:?}");
}

#[integration_test]
fn the_owners_synonyms_find_what_the_documents_call_otherwise(fixtures: &Fixtures) {
    let question = "When does the rowing club open on weekdays?";
    let (_, premise) = visitor_of(fixtures, &[("Hours", HOURS)]);
    let without = premise.socket().ask("q1", question);
    assert!(is_unsure(&without), "{without:?}");

    let team = fixtures.edge().team();
    let site = team.open_site("Shop", &[ORIGIN]);
    let _document = team.add_document(&site.id, "Hours", HOURS);
    let change = SiteChange {
        answers: Some(Answers {
            synonyms: vec![vec!["boathouse".into(), "rowing club".into()]],
            ..Answers::default()
        }),
        ..SiteChange::default()
    };
    team.change(&site.id, &change).expect(200);
    let visitor = Visitor::arrive(&fixtures.edge().client(), &site.key, ORIGIN);
    let answer = visitor.socket().ask("q1", question);
    assert!(answer.text.contains("nine on weekdays"), "{answer:?}");
}

#[integration_test]
fn questions_in_other_languages_find_their_documents(fixtures: &Fixtures) {
    let documents = [
        (
            "Versand",
            "# Versand\n\n## Lieferung ins Ausland\n\nWir liefern auch nach Österreich und in die Schweiz. Die Lieferung dauert fünf Tage.\n\n\
             ## Rückgabe\n\nArtikel können innerhalb von 30 Tagen zurückgegeben werden.",
        ),
        (
            "Livraison",
            "# Livraison\n\n## Délais de livraison\n\nLes colis sont livrés en trois jours ouvrés partout en France.",
        ),
        (
            "Envíos",
            "# Envíos\n\n## Devoluciones\n\nPuede devolver los artículos en un plazo de treinta días.",
        ),
        (
            "配送について",
            "# 配送について\n\n## 送料\n\n送料は全国一律五百円です。五千円以上のご注文は送料無料です。",
        ),
        (
            "退货政策",
            "# 退货政策\n\n## 退款\n\n退款将在七天内退回到您的银行账户。",
        ),
    ];
    let (_, visitor) = visitor_of(fixtures, &documents);
    let mut socket = visitor.socket();
    for (n, (question, phrase)) in [
        (
            "Wie viele Tage dauert die Lieferung ins Ausland?",
            "fünf Tage",
        ),
        ("lieferung osterreich", "Österreich"),
        ("Quels sont les delais de livraison ?", "trois jours"),
        (
            "¿Cuál es el plazo de devolución de un artículo?",
            "treinta días",
        ),
        ("送料はいくらですか", "五百円"),
        ("退款多久退回银行账户", "七天"),
    ]
    .iter()
    .enumerate()
    {
        let answer = socket.ask(&format!("q{n}"), question);
        assert!(answer.text.contains(phrase), "{question}: {answer:?}");
    }
}

#[integration_test]
fn a_site_without_documents_knows_nothing(fixtures: &Fixtures) {
    let (_, visitor) = visitor_of(fixtures, &[]);
    let answer = visitor.socket().ask("q1", QUESTION);
    assert!(is_honest(&answer), "{answer:?}");
}

#[integration_test]
fn a_site_answers_from_its_own_documents_alone(fixtures: &Fixtures) {
    let (_, insider) = visitor_of(fixtures, &[("Hours", HOURS)]);
    let (_, outsider) = visitor_of(
        fixtures,
        &[("Prices", "# Prices\n\nA boat costs ten pounds an hour.")],
    );
    let known = insider.socket().ask("q1", QUESTION);
    assert!(known.text.contains("nine on weekdays"), "{known:?}");
    let mut socket = outsider.socket();
    let unknown = socket.ask("q1", QUESTION);
    assert!(
        is_honest(&unknown) && !unknown.text.contains("nine"),
        "{unknown:?}"
    );
    // Nor when the question tries to speak to the index itself.
    for (n, question) in [
        "boathouse OR weekdays",
        "site_word:* boathouse",
        "\"boathouse\" NEAR(opens)",
        "title:Hours",
        "boathouse*",
    ]
    .iter()
    .enumerate()
    {
        let answer = socket.ask(&format!("x{n}"), question);
        assert!(
            !answer.text.contains("nine on weekdays"),
            "{question}: {answer:?}"
        );
    }
}

#[integration_test]
fn an_answer_names_its_source_with_its_link(fixtures: &Fixtures) {
    let (_, visitor) = visitor_of(fixtures, &[("Hours of the boathouse", HOURS)]);
    let answer = visitor.socket().ask("q1", QUESTION);
    let [source] = answer.sources.as_slice() else {
        panic!("{answer:?}")
    };
    assert_eq!(source.title, "Hours of the boathouse");
    assert_eq!(source.url.as_deref(), Some("https://example.com/handbook"));
    assert_eq!(answer.offer, None);
}

#[integration_test]
fn whatever_is_asked_is_answered(fixtures: &Fixtures) {
    let (_, visitor) = visitor_of(fixtures, &[("Hours", HOURS)]);
    let mut socket = visitor.socket();
    for (n, text) in [
        "?",
        "\"",
        "'; DROP TABLE passages; --",
        "AND OR NOT NEAR",
        "NEAR(a b, 5)",
        "(((((",
        "*",
        "a:b",
        "{title heading}: boathouse",
        "^boathouse",
        "-boathouse +opens",
        "🚤",
        "שעות פתיחה",
        "営業時間は？",
        "the a of",
        "hello",
        "\u{202e}txet",
    ]
    .iter()
    .map(|text| (*text).to_owned())
    .chain([
        "word ".repeat(799),
        "x".repeat(4_000),
        "\" ".repeat(1_999),
        "é".repeat(4_000),
    ])
    .enumerate()
    {
        let answer = socket.ask(&format!("q{n}"), &text);
        assert_eq!(answer.role, Role::Assistant);
        assert!(
            !answer.text.trim().is_empty() && !answer.blocks.is_empty(),
            "{text}: {answer:?}"
        );
        assert!(
            !answer.text.contains("cannot look that up"),
            "{text}: {answer:?}"
        );
    }
}

#[integration_test]
fn a_documents_markup_reaches_no_visitor(fixtures: &Fixtures) {
    let content = "# Opening hours\n\nThe boathouse opens at nine on weekdays, see [the plan](javascript:alert(1)), \
        [this](https://user:pass@evil.example/), [that](data:text/html,x) or [our page](https://shop.example/hours). \
        <img src=x onerror=alert(1)> ![a boat](https://evil.example/pixel.png)\n";
    let (_, visitor) = visitor_of(fixtures, &[("Hours", content)]);
    let answer = visitor.socket().ask("q1", QUESTION);
    assert!(answer.text.contains("nine on weekdays"), "{answer:?}");
    let mut links = Vec::new();
    collect_links(&answer.blocks, &mut links);
    assert_eq!(links, ["https://shop.example/hours"], "{answer:?}");
}

fn collect_links<'a>(blocks: &'a [Block], links: &mut Vec<&'a str>) {
    for block in blocks {
        match block {
            Block::Paragraph { content } => collect_inline_links(content, links),
            Block::List { items, .. } => items.iter().for_each(|item| collect_links(item, links)),
            Block::Quote { content } => collect_links(content, links),
            Block::Code { .. } => {}
            Block::Table { head, rows } => {
                for cell in head.iter().chain(rows.iter().flatten()) {
                    collect_inline_links(cell, links);
                }
            }
        }
    }
}

fn collect_inline_links<'a>(content: &'a [Inline], links: &mut Vec<&'a str>) {
    for inline in content {
        match inline {
            Inline::Link { href, content } => {
                links.push(href);
                collect_inline_links(content, links);
            }
            Inline::Strong { content } | Inline::Emphasis { content } => {
                collect_inline_links(content, links);
            }
            Inline::Text { .. } | Inline::Code { .. } => {}
        }
    }
}
