//! Links by which a transcript is taken along.

use oriel_shared::wire::admin::{AuditActor, AuditLine};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::transcript::{Transcript, TranscriptLink};
use oriel_tests::asserts::{ResponseKind, assert_security_headers};
use oriel_tests::database::Database;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::visitor::{ORIGIN, Shop, Visitor};
use oriel_tests::wait::{SOON, until};
use serde_json::{Value, json};

#[integration_test]
fn a_link_gives_the_transcript_until_its_time_and_to_nobody_who_changes_it(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let online = fixtures.online_edge();
    let (client, team) = (online.client(), online.team());
    let site = team.open_site("Shop", &[ORIGIN]);
    let visitor = Visitor::arrive(&client, &site.key, ORIGIN);
    let words = "Only for those with the link";
    let said = visitor.socket().say_and_see("m1", words);
    let conversation = &visitor.session.conversation;
    team.messages_up_to(conversation, said.seq);
    let path = format!("/conversations/{conversation}/transcript-link");
    let ask = |body: Value| team.call("POST", &path).json(&body).send();
    let link = |body: Value| -> TranscriptLink { ask(body).expect(201).json() };
    let follow = |url: &str| {
        let path = url.strip_prefix(client.edge()).expect("a URL of the edge");
        client.get(path).send()
    };
    for (seconds, status) in [(0, 422), (604_800, 201), (604_801, 422)] {
        let answer = ask(json!({ "expires_in": seconds }));
        assert_eq!(answer.status, status, "{seconds}");
    }
    let text = link(json!({}));
    let answer = follow(&text.url).expect(200);
    assert_security_headers(&answer, ResponseKind::Api);
    for (name, value) in [
        ("cache-control", "no-store"),
        (
            "content-disposition",
            "attachment; filename=\"transcript.txt\"",
        ),
        ("content-type", "text/plain; charset=utf-8"),
        ("x-robots-tag", "noindex, nofollow"),
    ] {
        assert_eq!(answer.header(name).as_deref(), Some(value), "{name}");
    }
    assert!(answer.text().contains(words));
    let json: Transcript = follow(&link(json!({ "format": "json" })).url)
        .expect(200)
        .json();
    assert_eq!(json.messages[0], said);
    // A look at the headers is not a download.
    let path = text
        .url
        .strip_prefix(client.edge())
        .expect("a URL of the edge");
    let _looked = client.call("HEAD", path).send().expect(405);

    // What is signed is one text: no letter of it can be another, and nothing of ours stands in for it.
    let token = text.url.rsplit('/').next().expect("a token");
    let changed = |at: usize| {
        let mut bytes = token.as_bytes().to_vec();
        bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(bytes).expect("ASCII")
    };
    let mut forged: Vec<String> = (0..token.len()).step_by(7).map(changed).collect();
    forged.push(visitor.session.access_token.clone());
    forged.push(visitor.cookie.value.clone());
    for forged in &forged {
        let answer = client.get(&format!("/v1/downloads/{forged}")).send();
        answer.problem(Code::TokenInvalid);
    }
    let short = link(json!({ "expires_in": 1 }));
    until("the link to expire", SOON, || {
        let answer = follow(&short.url);
        (answer.status == 401).then(|| answer.problem(Code::TokenExpired))
    });
    // Every use of it is a line, and the token is in none, nor in the log.
    let lines: Vec<AuditLine> = team
        .pages(&format!("/audit?target={conversation}"), 100)
        .into_iter()
        .flatten()
        .collect();
    let of = |action: &str| lines.iter().filter(|line| line.action == action).count();
    assert_eq!(of("transcript.link"), 4);
    assert!(of("transcript.download") >= 2, "{lines:?}");
    let used = lines
        .iter()
        .find(|line| line.action == "transcript.download")
        .expect("one");
    assert_eq!(
        (used.actor, used.site.as_ref()),
        (AuditActor::Link, Some(&site.id))
    );
    assert!(!online.log().contains(token));
    // An erasure ends every link at once.
    let _erased = visitor.call("DELETE", "/v1/visitor").send().expect(204);
    follow(&text.url).problem(Code::NotFound);
}

#[integration_test]
fn a_link_whose_use_cannot_be_written_down_gives_nothing(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let words = "Not without a line about it";
    let said = visitor.socket().say_and_see("m1", words);
    let conversation = &visitor.session.conversation;
    shop.team.messages_up_to(conversation, said.seq);
    let path = format!("/conversations/{conversation}/transcript-link");
    let link: TranscriptLink = shop.team.call("POST", &path).send().expect(201).json();
    let path = link.url.strip_prefix(shop.client.edge());
    let path = path.expect("a URL of the edge");
    let database = Database::with_table(fixtures.edge(), "messages");
    let broken = database.without(&["audit"]);
    let answer = shop.client.get(path).send();
    answer.problem(Code::Unavailable);
    assert!(!answer.text().contains(words));
    drop(broken);
    let answer = shop.client.get(path).send().expect(200);
    assert!(answer.text().contains(words));
}
