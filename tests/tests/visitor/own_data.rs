//! What a visitor has a right to: to take the conversation along, and to be forgotten. Source: CONTROLS DAT-4, EMB-9.
//!
//! Each test has its edges for itself meanwhile: one kills them, others search all that they keep.

use oriel_shared::wire::admin::{
    AuditActor, AuditLine, LimitsChange, Site, SiteChange, VisitorExport,
};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::review::ReviewSubject;
use oriel_shared::wire::transcript::Transcript;
use oriel_shared::wire::visitor::{ClientFrame, Lead, Message, Role, TicketReply};
use oriel_tests::asserts::{ResponseKind, assert_security_headers};
use oriel_tests::client::Client;
use oriel_tests::database::Database;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::online_edge::OnlineEdge;
use oriel_tests::signed;
use oriel_tests::team::Team;
use oriel_tests::visitor::{ORIGIN, Shop, Visitor, ask_with_token, from_frame};
use serde_json::{Value, json};

/// Makes a site that takes signed visitors, and a way to make their tickets.
pub(super) fn signed_site(team: &Team) -> (Site, impl Fn(&Client, &str) -> String) {
    let site = team.open_site("Members", &[ORIGIN]);
    let key = team.require_tokens(&site.id);
    let site_key = site.key.clone();
    let ticket = move |client: &Client, subject: &str| {
        let token = signed::token(&key.kid, &key.secret, &signed::claims(&site_key, subject));
        let answer = ask_with_token(client, &site_key, ORIGIN, &token).expect(201);
        answer.json::<TicketReply>().ticket
    };
    (site, ticket)
}

#[integration_test]
fn the_whole_conversation_can_be_taken_along(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let shop = Shop::open(fixtures);
    let hours = "# Opening hours\n\nOn weekdays the boathouse opens at nine.";
    let _document = shop.team.add_document(&shop.site.id, "Hours", hours);
    let limits = LimitsChange {
        message_burst: Some(1_000),
        ..LimitsChange::default()
    };
    let change = SiteChange {
        limits: Some(limits),
        ..SiteChange::default()
    };
    let _changed = shop.team.change(&shop.site.id, &change).expect(200);
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    let answer = socket.ask("m0", "When does the boathouse open on weekdays?");
    let conversation = &visitor.session.conversation;
    shop.team.messages_up_to(conversation, answer.seq);
    let person = shop.team.say(conversation, &json!({ "text": "Ana here." }));
    // Longer than any page; with a person there, nobody answers in between.
    let n_said = 450;
    for n in 1..=n_said {
        socket.say(&format!("m{n}"), &format!("Line {n}\nof mine"));
    }
    let last = format!("m{n_said}");
    let last = socket.message("the last one", |message| message.id == last);

    let answer_of = |accept: &str| {
        let answer = visitor
            .call("GET", "/v1/transcript")
            .header("accept", accept)
            .send()
            .expect(200);
        assert_security_headers(&answer, ResponseKind::Api);
        assert_eq!(answer.header("cache-control").as_deref(), Some("no-store"));
        answer
    };
    let json = answer_of("application/json");
    let named = json.header("content-disposition").unwrap_or_default();
    assert_eq!(named, "attachment; filename=\"transcript.json\"");
    let transcript: Transcript = json.json();
    assert_eq!(&transcript.conversation, conversation);
    assert_eq!(transcript.visitor, visitor.session.visitor);
    let places: Vec<u32> = transcript.messages.iter().map(|m| m.seq.0).collect();
    assert_eq!(places, (1..=last.seq.0).collect::<Vec<_>>());
    for said in [&answer, &person, &last] {
        assert!(transcript.messages.contains(said), "{said:?}");
    }

    let text = answer_of("text/plain");
    let media_type = text.header("content-type").unwrap_or_default();
    assert_eq!(media_type, "text/plain; charset=utf-8");
    let named = text.header("content-disposition").unwrap_or_default();
    assert_eq!(named, "attachment; filename=\"transcript.txt\"");
    let text = text.text();
    for part in [
        format!(
            "{} Visitor\n    When does the boathouse",
            transcript.messages[0].at.0
        ),
        format!("{} Assistant\n", answer.at.0),
        "    Source: Hours, Opening hours, https://example.com/handbook\n".to_owned(),
        format!("{} Team\n    Ana here.\n", person.at.0),
        format!("    Line {n_said}\n    of mine\n"),
    ] {
        assert!(text.contains(&part), "no `{part}` in {}", &text[..2_000]);
    }
    let n_entries = text.matches("Z Visitor\n").count();
    assert_eq!(n_entries, n_said + 1);
}

#[integration_test]
fn a_transcript_is_for_the_visitor_whose_it_is(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let shop = Shop::open(fixtures);
    let (visitor, stranger) = (shop.visitor(), shop.visitor());
    let secret = "The combination is nine twelve four";
    let _said = visitor.socket().say_and_see("m1", secret);
    let own: Transcript = visitor
        .call("GET", "/v1/transcript")
        .send()
        .expect(200)
        .json();
    assert_eq!(own.messages[0].text, secret);
    let theirs = stranger.call("GET", "/v1/transcript").send().expect(200);
    assert!(!theirs.text().contains(secret));
    let theirs: Transcript = theirs.json();
    assert_eq!(theirs.conversation, stranger.session.conversation);
    // Nor is it found by its id.
    let path = format!("/v1/transcript?conversation={}", own.conversation);
    let same: Transcript = visitor.call("GET", &path).send().expect(200).json();
    assert_eq!(same.conversation, own.conversation);
    stranger.call("GET", &path).send().problem(Code::NotFound);

    let without = from_frame(&shop.client, "GET", "/v1/transcript").send();
    without.problem(Code::Unauthorized);
    let foreign = shop
        .client
        .get("/v1/transcript")
        .origin("https://evil.example");
    let foreign = foreign.bearer(&visitor.session.access_token).send();
    foreign.problem(Code::OriginNotAllowed);
    let _left = from_frame(&shop.client, "DELETE", "/v1/session")
        .header("cookie", &visitor.cookie.pair())
        .send()
        .expect(204);
    let after = visitor.call("GET", "/v1/transcript").send();
    after.problem(Code::SessionExpired);
    visitor
        .call("DELETE", "/v1/visitor")
        .send()
        .problem(Code::SessionExpired);
}

/// Where any of these texts stands in a row: of the databases and of the objects.
pub(super) fn rows_with(online: &OnlineEdge, needles: &[&str]) -> Vec<String> {
    let databases = Database::everywhere(online.state());
    databases
        .iter()
        .flat_map(|database| database.tables_with(needles))
        .collect()
}

/// The session that an access token speaks for.
pub(super) fn family_of(token: &str) -> String {
    use base64::Engine;
    let claims = token.split('.').nth(1).expect("a JWT");
    let claims = base64::prelude::BASE64_URL_SAFE_NO_PAD
        .decode(claims)
        .expect("base64");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    claims["family"].as_str().expect("a session").to_owned()
}

#[integration_test]
fn the_team_hands_over_and_erases_what_is_kept_of_a_visitor(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let online = fixtures.online_edge();
    let (client, team) = (online.client(), online.team());
    let (site, ticket) = signed_site(&team);
    let held = online.team_of_site(site.id.as_str());
    let elsewhere = online.team_of_site(team.make_site("Elsewhere").id.as_str());
    let visitor = Visitor::with_ticket(&client, &ticket(&client, "carol"));
    let mut socket = visitor.socket();
    let answer = socket.ask("m1", "What do you know of me?");
    socket.send(&ClientFrame::Feedback {
        seq: answer.seq,
        good: false,
    });
    let lead = Lead {
        email: Some("carol@example.org".to_owned()),
        ..Lead::default()
    };
    socket.send(&ClientFrame::Lead(lead.clone()));
    let thanks = socket.message("thanks for the address", |message| {
        message.role == Role::System
    });
    let session = &visitor.session;
    team.messages_up_to(&session.conversation, thanks.seq);

    let path = format!("/visitors/{}", session.visitor);
    let export = |team: &Team| team.call("GET", &format!("{path}/export")).send();
    for stranger in [&online.another_team(), &elsewhere] {
        export(stranger).problem(Code::NotFound);
        stranger
            .call("DELETE", &path)
            .send()
            .problem(Code::NotFound);
    }
    let answered = export(&held).expect(200);
    let named = answered.header("content-disposition").unwrap_or_default();
    assert_eq!(named, "attachment; filename=\"visitor.json\"");
    // No secret is among it: neither what renews the session nor what it is called.
    for secret in [
        &session.access_token,
        &visitor.cookie.value,
        &family_of(&session.access_token),
    ] {
        assert!(!answered.text().contains(secret.as_str()));
    }
    let exported: VisitorExport = answered.json();
    assert_eq!(
        (&exported.visitor, &exported.site),
        (&session.visitor, &site.id)
    );
    assert!(exported.verified);
    assert_eq!(exported.sessions.len(), 1);
    assert!(!exported.sessions[0].ended);
    assert_eq!(exported.conversations.len(), 1);
    let conversation = &exported.conversations[0];
    assert_eq!(conversation.conversation.id, session.conversation);
    let whole: Transcript = visitor
        .call("GET", "/v1/transcript")
        .send()
        .expect(200)
        .json();
    assert_eq!(conversation.messages, whole.messages);
    let judged = |message: &Message| message.seq == answer.seq && message.feedback == Some(false);
    assert!(conversation.messages.iter().any(judged));
    let leads = exported
        .reviews
        .iter()
        .filter(|review| review.matter == ReviewSubject::Lead(lead.clone()));
    assert_eq!(leads.count(), 1, "{:?}", exported.reviews);

    let _erased = held.call("DELETE", &path).send().expect(204);
    socket.expect_closed();
    let needles = [
        "What do you know of me?",
        "carol@example.org",
        session.visitor.as_str(),
    ];
    let mut left = rows_with(online, &needles);
    left.retain(|table| table != "_cf_ALARM");
    assert_eq!(left, Vec::<String>::new());
    export(&team).problem(Code::NotFound);
    team.call("DELETE", &path).send().problem(Code::NotFound);
    // Who knows whom to ask for finds that it was done, when and by which key; nobody finds out whom.
    let lines = |team: &Team, query: &str| -> Vec<AuditLine> {
        let path = format!("/audit?{query}");
        team.pages(&path, 100).into_iter().flatten().collect()
    };
    let found = lines(&held, &format!("target={}", session.visitor));
    let actions: Vec<&str> = found.iter().map(|line| line.action.as_str()).collect();
    assert_eq!(actions, ["visitor.erase", "visitor.export"]);
    for line in &found {
        assert_eq!(line.actor, AuditActor::ApiKey);
        assert_eq!(line.site.as_ref(), Some(&site.id));
    }
    let of_site = lines(&team, &format!("site={}", site.id));
    assert!(found.iter().all(|line| of_site.contains(line)));
    let theirs = lines(&elsewhere, "");
    assert!(found.iter().all(|line| !theirs.contains(line)));
    let path = format!("/audit?site={}", site.id);
    elsewhere.call("GET", &path).send().problem(Code::NotFound);
}
