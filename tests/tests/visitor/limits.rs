//! Limits, reached through the public routes: who is over one is told so and for how long, and nobody else notices. What
//! becomes of them when a part dies is in `operation/resilience.rs`.
//! Source: CONTROLS LIM-1 to LIM-5.

use std::time::Duration;

use oriel_shared::id::Seq;
use oriel_shared::wire::admin::{Limits, LimitsChange, Site, SiteChange};
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ClientFrame, Role, ServerFrame};
use oriel_tests::client::{Client, Response};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::socket::Socket;
use oriel_tests::visitor::{ORIGIN, Shop, Visitor, ask_for_ticket, from_frame};
use oriel_tests::wait::{IN_FORCE, Stopwatch, until};
use serde_json::json;

fn limit(shop: &Shop, limits: LimitsChange) {
    let change = SiteChange {
        limits: Some(limits),
        ..SiteChange::default()
    };
    let site: Site = shop.team.change(&shop.site.id, &change).expect(200).json();
    assert_ne!(site.limits, Limits::DEFAULT);
}

/// A shop whose visitors may say so much. The limits are set before anybody comes.
fn limited_shop(fixtures: &Fixtures, limits: LimitsChange) -> Shop {
    let shop = Shop::open(fixtures);
    limit(&shop, limits);
    shop
}

/// Says something; how long to wait when it was refused.
fn say(socket: &mut Socket, id: &str) -> Result<Seq, u32> {
    socket.say(id, "Where is my order?");
    socket.frame(&format!("what became of {id}"), |frame| match frame {
        ServerFrame::Message(message) if message.id == id => Some(Ok(message.seq)),
        ServerFrame::Error {
            code,
            id: Some(refused),
            retry_after,
            ..
        } if refused == id => {
            assert_eq!(code, Code::RateLimited.name());
            Some(Err(retry_after.expect("how long to wait")))
        }
        _ => None,
    })
}

fn ask(client: &Client, site: &Site) -> Response {
    ask_for_ticket(client, &site.key, ORIGIN)
}

/// Holds a refused ticket to what a refusal has to say.
#[track_caller]
fn assert_limited(answer: &Response, quota: &str) -> u64 {
    answer.problem(Code::RateLimited);
    let wait: u64 = answer
        .header("retry-after")
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("{}: no Retry-After", answer.what));
    assert!((1..=60).contains(&wait), "{wait}");
    let policy = answer.header("ratelimit-policy").unwrap_or_default();
    assert!(policy.starts_with(&format!("\"{quota}\";q=")), "{policy}");
    let state = answer.header("ratelimit").unwrap_or_default();
    assert_eq!(state, format!("\"{quota}\";r=0;t={wait}"));
    wait
}

#[integration_test]
fn a_visitor_over_the_limit_is_told_how_long_to_wait_and_is_heard_then(fixtures: &Fixtures) {
    let limits = LimitsChange {
        message_burst: Some(3),
        messages_per_minute: Some(20),
        ..LimitsChange::default()
    };
    let shop = limited_shop(fixtures, limits);
    let mut socket = shop.visitor().socket();
    for n in 0..3 {
        assert!(say(&mut socket, &format!("m{n}")).is_ok(), "{n}");
    }
    let wait = say(&mut socket, "m3").expect_err("the fourth at once");
    assert!((1..=3).contains(&wait), "{wait}");
    let mut neighbour = shop.visitor().socket();
    assert!(say(&mut neighbour, "m0").is_ok());
    std::thread::sleep(Duration::from_secs(wait.into()));
    assert!(
        say(&mut socket, "m3").is_ok(),
        "after the wait that was told"
    );
}

#[integration_test]
fn fifty_messages_a_second_are_cut_to_the_limit_and_a_neighbour_is_not(fixtures: &Fixtures) {
    let limits = LimitsChange {
        message_burst: Some(5),
        messages_per_minute: Some(60),
        ..LimitsChange::default()
    };
    let shop = limited_shop(fixtures, limits);
    let (visitor, mut neighbour) = (shop.visitor(), shop.visitor().socket());
    let mut socket = visitor.socket();
    let watch = Stopwatch::start();
    let mut n_refused = 0;
    let mut n_taken = 0_u32;
    for n in 0..150 {
        match say(&mut socket, &format!("m{n}")) {
            Ok(_) => n_taken += 1,
            Err(_) => n_refused += 1,
        }
        if n % 50 == 0 {
            assert!(say(&mut neighbour, &format!("n{n}")).is_ok(), "{n}");
        }
        std::thread::sleep(Duration::from_millis(20).saturating_sub(watch.elapsed() / (n + 1)));
    }
    let most = 5 + watch.elapsed().as_secs() + 1;
    assert!(n_refused > 0, "all {n_taken} were taken");
    assert!(
        (5..=most).contains(&u64::from(n_taken)),
        "{n_taken} of {most}"
    );
    // What was refused was not stored either.
    let last = visitor.socket().welcome.seq;
    let stored = shop
        .team
        .messages_up_to(&visitor.session.conversation, last);
    let said = stored
        .iter()
        .filter(|message| message.role == Role::Visitor);
    assert_eq!(said.count(), n_taken as usize);
}

#[integration_test]
fn a_days_messages_are_limited_too(fixtures: &Fixtures) {
    let limits = LimitsChange {
        messages_per_day: Some(2),
        ..LimitsChange::default()
    };
    let shop = limited_shop(fixtures, limits);
    let mut socket = shop.visitor().socket();
    assert!(say(&mut socket, "m0").is_ok() && say(&mut socket, "m1").is_ok());
    let wait = say(&mut socket, "m2").expect_err("the third of the day");
    assert!((43_000..=43_200).contains(&wait), "{wait}");
    assert!(say(&mut shop.visitor().socket(), "m0").is_ok());
}

#[integration_test]
fn a_message_that_was_taken_is_confirmed_however_often_it_is_sent(fixtures: &Fixtures) {
    let limits = LimitsChange {
        message_burst: Some(1),
        messages_per_minute: Some(1),
        ..LimitsChange::default()
    };
    let shop = limited_shop(fixtures, limits);
    let mut socket = shop.visitor().socket();
    let first = say(&mut socket, "m0").expect("the first");
    let _limited = say(&mut socket, "m1").expect_err("the second");
    for _ in 0..3 {
        assert_eq!(say(&mut socket, "m0"), Ok(first));
    }
}

#[integration_test]
fn two_hundred_visitors_behind_one_address_are_limited_and_nobody_else_is(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let other = Shop::open(fixtures);
    let office = shop.client.at("203.0.113.201");
    let inside = Visitor::arrive(&office, &shop.site.key, ORIGIN);
    let watch = Stopwatch::start();
    let answers: Vec<Response> = (0..200).map(|_| ask(&office, &shop.site)).collect();
    let n_admitted = answers.iter().filter(|answer| answer.status == 201).count() as u64;
    let most = u64::from(Limits::DEFAULT.tickets_per_minute) + watch.elapsed().as_secs() + 1;
    assert!(
        n_admitted < 200 && n_admitted <= most,
        "{n_admitted} of {most}"
    );
    assert!(
        n_admitted >= u64::from(Limits::DEFAULT.tickets_per_minute) - 1,
        "{n_admitted}"
    );
    for refused in answers.iter().filter(|answer| answer.status != 201) {
        assert_limited(refused, "tickets");
        // The page may read how long to wait.
        assert_eq!(
            refused.header("access-control-allow-origin").as_deref(),
            Some(ORIGIN)
        );
        let exposed = refused
            .header("access-control-expose-headers")
            .unwrap_or_default();
        assert!(exposed.contains("retry-after"), "{exposed}");
    }
    // Who is in goes on; the next house, and the same house on another site, come in.
    assert!(say(&mut inside.socket(), "m0").is_ok());
    let _neighbour = ask(&shop.client.at("203.0.113.202"), &shop.site).expect(201);
    let _elsewhere = ask(&office, &other.site).expect(201);
    // Kept is a hash: neither the address nor a part of it is anywhere in what the edge keeps.
    for needle in ["203.0.113.201", "203.0.113"] {
        assert!(!fixtures.edge().stores(needle), "{needle} is kept");
    }
}

#[integration_test]
fn an_ipv6_network_is_one_address_and_the_next_one_is_another(fixtures: &Fixtures) {
    let limits = LimitsChange {
        tickets_per_minute: Some(2),
        ..LimitsChange::default()
    };
    let shop = limited_shop(fixtures, limits);
    let at = |address: &str| ask(&shop.client.at(address), &shop.site);
    let _first = at("2001:db8:1:2::1").expect(201);
    let _second = at("2001:db8:1:2:ffff::2").expect(201);
    assert_limited(&at("2001:db8:1:2:3:4:5:6"), "tickets");
    let _next_network = at("2001:db8:1:3::1").expect(201);
}

#[integration_test]
fn a_site_has_a_limit_of_its_own_and_another_site_does_not_feel_it(fixtures: &Fixtures) {
    let limits = LimitsChange {
        tickets_per_minute: Some(1),
        ..LimitsChange::default()
    };
    let (shop, other) = (limited_shop(fixtures, limits), Shop::open(fixtures));
    let at = |n: u32| shop.client.at(&format!("192.168.{}.{}", n / 200, n % 200));
    let refused = (0..400).find_map(|n| {
        let answer = ask(&at(n), &shop.site);
        (answer.status != 201).then_some((n, answer))
    });
    let (n, refused) = refused.expect("a limit for all addresses together");
    assert!(
        n >= Limits::SITE_FACTOR,
        "the site's limit was reached by {n}"
    );
    assert_limited(&refused, "site-tickets");
    let _elsewhere = ask(&at(n), &other.site).expect(201);
}

#[integration_test]
fn a_flood_from_one_address_is_refused_and_its_neighbours_are_not(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let flooder = shop.client.at("192.0.2.66");
    // A site that is not there costs the edge the least, and the flood is stopped before that is known.
    let nowhere = format!("pk_{}", "B".repeat(22));
    // From several sides at once: on a slow machine one alone might stay below what is allowed in a minute.
    let stopped = std::thread::scope(|scope| {
        let flood = || {
            (0..3_000).find_map(|_| {
                let answer = ask_for_ticket(&flooder, &nowhere, ORIGIN);
                (answer.status != 404).then_some(answer)
            })
        };
        let floods = [(); 4].map(|()| scope.spawn(flood));
        let stopped = floods.map(|flood| flood.join().expect("no flood fails"));
        stopped.into_iter().flatten().next()
    });
    assert_limited(&stopped.expect("a refusal"), "ip_rate_limit");
    let _neighbour = ask(&shop.client.at("192.0.2.67"), &shop.site).expect(201);
    // Each kind of call is counted by itself: a ticket that was had before still opens a session.
    let answer = from_frame(&flooder, "POST", "/v1/session")
        .json(&json!({ "ticket": "x" }))
        .send();
    answer.problem(Code::TicketInvalid);
}

#[integration_test]
fn a_change_of_the_limits_is_in_force_on_an_open_socket(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let mut socket = shop.visitor().socket();
    assert!(say(&mut socket, "m0").is_ok());
    let limits = LimitsChange {
        message_burst: Some(1),
        messages_per_minute: Some(1),
        ..LimitsChange::default()
    };
    limit(&shop, limits);
    let mut n = 0;
    until("the new limit to be in force", IN_FORCE, || {
        n += 1;
        say(&mut socket, &format!("n{n}")).err()
    });
}

#[integration_test]
fn limits_have_ceilings_and_what_is_absent_stays(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    assert_eq!(shop.site.limits, Limits::DEFAULT);
    let path = format!("/sites/{}", shop.site.id);
    let patch = |limits: serde_json::Value| {
        shop.team
            .call("PATCH", &path)
            .json(&json!({ "limits": limits }))
            .send()
    };
    for field in [
        "message_burst",
        "messages_per_minute",
        "messages_per_day",
        "tickets_per_minute",
    ] {
        for value in [0_u32, 1_000_000_000, u32::MAX] {
            let problem = patch(json!({ field: value })).problem(Code::InvalidField);
            assert!(problem.detail.contains(field), "{problem:?}");
        }
        for value in [
            json!(-1),
            json!(1.5),
            json!("10"),
            json!(true),
            json!(5_000_000_000_u64),
        ] {
            patch(json!({ field: value })).problem(Code::InvalidBody);
        }
    }
    patch(json!({ "messages_per_hour": 3 })).problem(Code::InvalidBody);
    patch(json!(7)).problem(Code::InvalidBody);
    let site: Site = patch(json!({ "message_burst": 7 })).expect(200).json();
    let expected = Limits {
        message_burst: 7,
        ..Limits::DEFAULT
    };
    assert_eq!(site.limits, expected);
    let site: Site = patch(json!({ "tickets_per_minute": 5 })).expect(200).json();
    assert_eq!(
        (site.limits.message_burst, site.limits.tickets_per_minute),
        (7, 5)
    );
}

#[integration_test]
fn a_flood_of_frames_is_refused_and_the_socket_lives(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let mut socket = shop.visitor().socket();
    for _ in 0..600 {
        socket.send(&ClientFrame::Resume { after: Seq(0) });
    }
    let wait = socket.frame("a refusal", |frame| match frame {
        ServerFrame::Error {
            code, retry_after, ..
        } if code == Code::RateLimited.name() => *retry_after,
        _ => None,
    });
    std::thread::sleep(Duration::from_secs(u64::from(wait) + 1));
    assert!(say(&mut socket, "m0").is_ok());
    assert!(say(&mut shop.visitor().socket(), "m0").is_ok());
}

/// Every frame goes to every tab: without a bound one visitor could make work without end out of a few words.
#[integration_test]
fn a_visitor_has_as_many_tabs_as_there_may_be_and_the_oldest_makes_room(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let (visitor, mut neighbour) = (shop.visitor(), shop.visitor().socket());
    let mut tabs: Vec<Socket> = (0..103).map(|_| visitor.socket()).collect();
    for tab in &mut tabs[..3] {
        tab.expect_closed();
    }
    let said = tabs[102].say_and_see("m1", "From the newest tab");
    for at in [3, 50, 101] {
        let heard = tabs[at].message("what was said in another tab", |one| one.id == "m1");
        assert_eq!(heard, said);
    }
    assert!(say(&mut neighbour, "n1").is_ok());
    // Tabs that are gone take nobody's place.
    drop(tabs);
    let mut again: Vec<Socket> = (0..100).map(|_| visitor.socket()).collect();
    let said = again[99].say_and_see("m2", "From a new one");
    let heard = again[0].message("what was said in another tab", |one| one.id == "m2");
    assert_eq!(heard, said);
}

#[integration_test]
fn what_is_too_large_is_refused_by_name_and_logged(fixtures: &Fixtures) {
    let shop = Shop::open(fixtures);
    let visitor = shop.visitor();
    let mut socket = visitor.socket();
    socket.send_text(&format!(
        "{{\"type\":\"send\",\"id\":\"m0\",\"text\":\"{}\"}}",
        "x".repeat(70_000)
    ));
    socket.frame("a refusal", |frame| match frame {
        ServerFrame::Error { code, .. } if code == Code::BodyTooLarge.name() => Some(()),
        _ => None,
    });
    let logged = |action: &str, reason: &str, actor: &str| {
        let event = fixtures.edge().security_event(|event| {
            event["action"] == action
                && event["reason"] == reason
                && event["actor"].to_string().contains(actor)
        });
        assert_eq!(event["outcome"], "refused");
        assert!(
            event["request_id"]
                .as_str()
                .is_some_and(|id| id.starts_with("req_"))
        );
    };
    logged(
        "socket.frame",
        "body_too_large",
        visitor.session.visitor.as_str(),
    );
    let too_large = shop
        .client
        .post(&format!("/v1/sites/{}/tickets", shop.site.key))
        .origin(ORIGIN)
        .json(&json!({ "token": "x".repeat(70_000) }))
        .send();
    too_large.problem(Code::BodyTooLarge);
    logged("ticket.issue", "body_too_large", shop.site.id.as_str());
}
