//! What a visitor has a right to: to take the conversation along, and to be forgotten. Source: CONTROLS DAT-4, EMB-9.
//!
//! Each test has its edges for itself meanwhile: one kills them, others search all that they keep.

use std::path::{Path, PathBuf};
use std::time::Duration;

use oriel_shared::id::Seq;
use oriel_shared::wire::admin::{
    AuditActor, AuditLine, LimitsChange, Site, SiteChange, VisitorExport,
};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::review::ReviewSubject;
use oriel_shared::wire::transcript::{Transcript, TranscriptLink};
use oriel_shared::wire::visitor::{ClientFrame, Lead, Message, Role, TicketReply};
use oriel_tests::asserts::{ResponseKind, assert_security_headers};
use oriel_tests::client::Client;
use oriel_tests::connections::webhook_of;
use oriel_tests::database::Database;
use oriel_tests::events::Events;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::online_edge::{EVERY_HOUR, OnlineEdge};
use oriel_tests::signed;
use oriel_tests::socket::{Refusal, Socket};
use oriel_tests::team::Team;
use oriel_tests::visitor::{ORIGIN, Shop, Visitor, ask_with_token, from_frame, redeem_ticket};
use oriel_tests::wait::{SOON, until};
use serde_json::{Value, json};

/// Makes a site that takes signed visitors, and a way to make their tickets.
fn signed_site(team: &Team) -> (Site, impl Fn(&Client, &str) -> String) {
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
fn rows_with(online: &OnlineEdge, needles: &[&str]) -> Vec<String> {
    let databases = Database::everywhere(online.state());
    databases
        .iter()
        .flat_map(|database| database.tables_with(needles))
        .collect()
}

#[integration_test]
fn who_is_erased_is_gone_from_objects_database_and_index(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let online = fixtures.online_edge();
    let (client, team) = (online.client(), online.team());
    let site = team.open_site("Shop", &[ORIGIN]);
    let _told = webhook_of(online, &site, "erase.hooks.example.com");
    // The team feed keeps what happens for those who listen.
    let _listening = Events::open(client.edge(), "/v1/admin/events", team.key(), None);
    let (visitor, other) = (
        Visitor::arrive(&client, &site.key, ORIGIN),
        Visitor::arrive(&client, &site.key, ORIGIN),
    );
    let (words, others_words) = ("Zanzibarbarous wardrobe", "Quixotrous lampshade");
    let mut socket = visitor.socket();
    let answer = socket.ask("m1", words);
    let theirs = other.socket().ask("m1", others_words);
    let email = "zanzibar@example.org";
    socket.send(&ClientFrame::Lead(Lead {
        email: Some(email.to_owned()),
        ..Lead::default()
    }));
    let thanks = socket.message("thanks for the address", |message| {
        message.role == Role::System
    });
    socket.send(&ClientFrame::Feedback {
        seq: answer.seq,
        good: true,
    });
    for (who, seq) in [(&visitor, thanks.seq), (&other, theirs.seq)] {
        team.messages_up_to(&who.session.conversation, seq);
    }
    let session = &visitor.session;
    let family = family_of(&session.access_token);
    let needles = [
        words,
        email,
        session.visitor.as_str(),
        session.conversation.as_str(),
        &answer.id,
        &family,
    ];
    // It is everywhere where it is known to be, and found there.
    let before = rows_with(online, &needles);
    for table in [
        "conversation",
        "conversations",
        "deliveries",
        "events",
        "messages",
        "reviews",
        "sessions",
    ] {
        assert!(
            before.iter().any(|name| name == table),
            "{table}: {before:?}"
        );
    }
    let is_theirs = |path: &Path| path.to_string_lossy().contains("-Visitor/");
    let files = online.files_with(words);
    assert!(files.iter().any(|path| is_theirs(path)), "{files:?}");

    let erased = visitor.call("DELETE", "/v1/visitor").send().expect(204);
    let cookies = erased.cookies();
    assert_eq!(cookies.len(), 1);
    assert_eq!(cookies[0].name, visitor.cookie.name);
    assert_eq!(
        (cookies[0].value.as_str(), cookies[0].attribute("max-age")),
        ("", Some("0"))
    );
    socket.expect_closed();
    // At once, in every table of every database and object but the runtime's list of timers, where the note's is; and
    // their object's file was made anew.
    let mut at_once = rows_with(online, &needles);
    at_once.retain(|table| table != "_cf_ALARM");
    assert_eq!(at_once, Vec::<String>::new());
    let left: Vec<_> = online
        .files_with(words)
        .into_iter()
        .filter(|path| is_theirs(path))
        .collect();
    assert_eq!(left, Vec::<PathBuf>::new());
    // Nobody else is the poorer for it.
    let kept = rows_with(online, &[others_words]);
    assert!(
        ["messages", "deliveries"]
            .iter()
            .all(|table| kept.iter().any(|name| name == table))
    );
    let _there: Transcript = other
        .call("GET", "/v1/transcript")
        .send()
        .expect(200)
        .json();
    let path = format!("/conversations/{}", session.conversation);
    team.call("GET", &path).send().problem(Code::NotFound);
    // What is left is a line that names nobody.
    let lines = online.sql("SELECT * FROM audit WHERE action = 'visitor.erase'");
    let lines = lines.as_array().expect("rows");
    let line = lines
        .iter()
        .find(|line| line["site_id"] == site.id.as_str())
        .unwrap_or_else(|| panic!("{lines:?}"));
    assert_eq!(line["actor"], "visitor");
    assert!(
        line["target"]
            .as_str()
            .is_some_and(|name| name.starts_with("hash_"))
    );
    // Asking again is no mistake, and the line stays one.
    let _again = visitor.call("DELETE", "/v1/visitor").send().expect(204);
    let again = online.sql("SELECT * FROM audit WHERE action = 'visitor.erase'");
    assert_eq!(again.as_array().map(Vec::len), Some(lines.len()));
    // When no ticket of before is good any more, the note of it goes too.
    until("an empty storage", Duration::from_secs(60), || {
        let objects = Database::everywhere(&online.state().join("do"));
        let n_notes = objects.iter().filter(|object| {
            object
                .run(&["SELECT * FROM erasure"])
                .is_ok_and(|rows| rows != Value::Array(vec![]))
        });
        (n_notes.count() == 0).then_some(())
    });
    assert_eq!(rows_with(online, &needles), Vec::<String>::new());
}

/// The session that an access token speaks for.
fn family_of(token: &str) -> String {
    use base64::Engine;
    let claims = token.split('.').nth(1).expect("a JWT");
    let claims = base64::prelude::BASE64_URL_SAFE_NO_PAD
        .decode(claims)
        .expect("base64");
    let claims: Value = serde_json::from_slice(&claims).expect("JSON");
    claims["family"].as_str().expect("a session").to_owned()
}

#[integration_test]
fn an_erasure_that_the_database_misses_is_made_up_for(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let shop = Shop::open(fixtures);
    let (site, ticket) = signed_site(&shop.team);
    let visitor = Visitor::with_ticket(&shop.client, &ticket(&shop.client, "ada"));
    let answer = visitor.socket().ask("m1", "Something to be forgotten");
    let before = visitor.session.conversation.clone();
    shop.team.messages_up_to(&before, answer.seq);

    let database = Database::with_table(fixtures.edge(), "messages");
    let broken = database.without(&["conversations"]);
    let _erased = visitor.call("DELETE", "/v1/visitor").send().expect(204);
    // The visitor comes back before the database does, and is somebody new.
    let again = Visitor::with_ticket(&shop.client, &ticket(&shop.client, "ada"));
    assert_eq!(again.session.visitor, visitor.session.visitor);
    assert_ne!(again.session.conversation, before);
    let said = again.socket().say_and_see("m2", "A new beginning");
    assert_eq!(said.seq, Seq(1));
    let there = database
        .run(&["SELECT count(*) AS n FROM messages WHERE text = 'Something to be forgotten'"]);
    assert_eq!(there.expect("rows")[0]["n"], 1, "the premise");
    // Nor does it matter that the runtime dies meanwhile.
    fixtures.edge().kill_runtime();
    drop(broken);

    until(
        "the database to have forgotten",
        Duration::from_secs(120),
        || {
            let answer = shop.team.call("GET", &format!("/conversations/{before}"));
            answer.try_send().ok().filter(|answer| answer.status == 404)
        },
    );
    shop.team
        .messages_up_to(&again.session.conversation, said.seq);
    let conversations = shop.team.conversations(&site.id);
    assert_eq!(conversations.len(), 1, "{conversations:?}");
}

#[integration_test]
fn no_row_on_its_way_comes_back_after_an_erasure(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let shop = Shop::open(fixtures);
    std::thread::scope(|scope| {
        for n in 0..24_u64 {
            let shop = &shop;
            scope.spawn(move || {
                let visitor = shop.visitor();
                let _said = visitor.socket().say_and_see("m1", "On its way");
                // Around the moment at which the alarm takes rows to the database.
                std::thread::sleep(Duration::from_millis(200 + n * 10));
                let _erased = visitor.call("DELETE", "/v1/visitor").send().expect(204);
            });
        }
    });
    // They are known for sure not to come, once rows that were sent later are there.
    let witness = shop.visitor();
    let said = witness.socket().say_and_see("m1", "Later");
    shop.team
        .messages_up_to(&witness.session.conversation, said.seq);
    let conversations = shop.team.conversations(&shop.site.id);
    assert_eq!(conversations.len(), 1, "{conversations:?}");
    let database = Database::with_table(fixtures.edge(), "messages");
    let left = database.run(&["SELECT count(*) AS n FROM messages WHERE text = 'On its way'"]);
    assert_eq!(left.expect("rows")[0]["n"], 0);
}

#[integration_test]
fn nothing_of_before_an_erasure_lets_in_again(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let shop = Shop::open(fixtures);
    let (site, ticket) = signed_site(&shop.team);
    let (spent, unspent) = (ticket(&shop.client, "bob"), ticket(&shop.client, "bob"));
    let visitor = Visitor::with_ticket(&shop.client, &spent);
    let _said = visitor.socket().say_and_see("m1", "Forget me");
    let _erased = visitor.call("DELETE", "/v1/visitor").send().expect(204);
    let assert_shut = || {
        redeem_ticket(&shop.client, &spent).problem(Code::TicketUsed);
        redeem_ticket(&shop.client, &unspent).problem(Code::TicketUsed);
        visitor.refresh(&site.key).problem(Code::SessionExpired);
        visitor
            .call("GET", "/v1/transcript")
            .send()
            .problem(Code::SessionExpired);
        match Socket::try_open(shop.client.edge(), &visitor.session.access_token) {
            Err(Refusal::Answered(401)) => {}
            other => panic!(
                "an erased visitor's token opened a socket: {:?}",
                other.err()
            ),
        }
    };
    assert_shut();
    // Whoever comes anew is let in, and finds nothing.
    let again = Visitor::with_ticket(&shop.client, &ticket(&shop.client, "bob"));
    let found: Transcript = again
        .call("GET", "/v1/transcript")
        .send()
        .expect(200)
        .json();
    assert_eq!(found.messages, Vec::new());
    // Their old papers still open nothing, not even when they are back.
    assert_shut();
    let _still: Transcript = again
        .call("GET", "/v1/transcript")
        .send()
        .expect(200)
        .json();
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

#[integration_test]
fn what_rests_longer_than_the_site_keeps_it_is_erased_in_both_places(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let online = fixtures.online_edge();
    let (client, team) = (online.client(), online.team());
    let site = team.open_site("Shop", &[ORIGIN]);
    let keeper = team.open_site("Keeper", &[ORIGIN]);
    let change = SiteChange {
        retention_days: Some(1),
        ..SiteChange::default()
    };
    let _changed = team.change(&site.id, &change).expect(200);
    let say = |site: &Site, words: &str| {
        let visitor = Visitor::arrive(&client, &site.key, ORIGIN);
        let answer = visitor.socket().ask("m1", words);
        team.messages_up_to(&visitor.session.conversation, answer.seq);
        visitor
    };
    let (gone, back, kept) = (
        "An old wish of somebody",
        "Somebody who came back",
        "Where things are kept for good",
    );
    let (old, returned, other) = (say(&site, gone), say(&site, back), say(&keeper, kept));
    // As if all of it had been said the day before yesterday; but for one who said something since, of which the database
    // has not heard.
    let two_days_ms = 2 * 24 * 3_600_000;
    online.sql(&format!(
        "UPDATE conversations SET updated_at = updated_at - {two_days_ms}"
    ));
    for words in [gone, kept] {
        let age = format!(
            "UPDATE messages SET at = at - {two_days_ms}
             WHERE EXISTS (SELECT 1 FROM messages WHERE text = '{words}')"
        );
        let n_aged = Database::everywhere(&online.state().join("do"))
            .iter()
            .filter(|object| !object.tables_with(&[words]).is_empty())
            .filter(|object| object.run(&[&age]).is_ok())
            .count();
        assert!(n_aged >= 1, "{words}");
    }
    online.run_cron(EVERY_HOUR);
    for (words, n_places) in [(gone, 0), (back, 2), (kept, 2)] {
        let mut tables = rows_with(online, &[words]);
        tables.retain(|table| table == "messages");
        assert_eq!(tables.len(), n_places, "{words}");
    }
    old.call("GET", "/v1/transcript")
        .send()
        .problem(Code::SessionExpired);
    for visitor in [&returned, &other] {
        let _there: Transcript = visitor
            .call("GET", "/v1/transcript")
            .send()
            .expect(200)
            .json();
    }
    let path = format!("/audit?site={}", site.id);
    let lines: Vec<AuditLine> = team.pages(&path, 100).into_iter().flatten().collect();
    let of = |action: &str| {
        lines
            .iter()
            .filter(|line| line.action == action)
            .collect::<Vec<_>>()
    };
    let runs = of("retention.run");
    assert_eq!(runs.len(), 1, "{lines:?}");
    assert_eq!((runs[0].actor, runs[0].count), (AuditActor::Edge, Some(1)));
    assert!(of("visitor.erase").is_empty());
}

#[integration_test]
fn the_audit_trail_outlives_its_organisation_for_ninety_days(fixtures: &Fixtures) {
    let fixtures = &fixtures.exclusive();
    let online = fixtures.online_edge();
    let trail = || {
        let rows = online.sql("SELECT action FROM audit WHERE org_id = 'org_gone' ORDER BY at");
        let rows = rows.as_array().expect("rows").iter();
        rows.map(|row| row["action"].as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    // However old a line is: what counts is when the organisation was found to be gone.
    online.sql(
        "INSERT INTO audit (id, org_id, site_id, at, actor, key_id, action, target, n)
         VALUES ('aud_old', 'org_gone', NULL, 1, 'api_key', 'key_x', 'site.create', 'site_x', NULL)",
    );
    online.run_cron(EVERY_HOUR);
    online.run_cron(EVERY_HOUR);
    assert_eq!(trail(), ["site.create", "organisation.end"]);
    let age_by = |days: u64| {
        online.sql(&format!(
            "UPDATE audit SET at = at - {} WHERE org_id = 'org_gone' AND action = 'organisation.end'",
            days * 24 * 3_600_000
        ));
    };
    age_by(89);
    online.run_cron(EVERY_HOUR);
    assert_eq!(trail().len(), 2);
    age_by(2);
    let lines = format!(
        "SELECT count(*) AS n FROM audit WHERE org_id = '{}'",
        online.organisation()
    );
    let count = || online.sql(&lines);
    let _site = online.team().make_site("One more line");
    let there = count();
    online.run_cron(EVERY_HOUR);
    assert_eq!(trail(), Vec::<String>::new());
    // The trail of who is there stays.
    assert_eq!(count(), there);
}
