//! The chat in real Chromium where networks are bad: in tunnels, behind what refuses or swallows sockets.

use std::time::Duration;

use super::conversation::{conversation, shows, shows_no_more, write};
use oriel_shared::id::ConversationId;
use oriel_shared::wire::visitor::Role;
use oriel_tests::browser::{Browser, Frame, Page};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::proxy::{Proxy, Sockets};
use oriel_tests::wait::{SOON, until};
use oriel_tests::widget::{ANSWER, QUESTION, ShopPage, ask, open_chat};
use serde_json::json;

/// How often the visitor said this, as the team has it.
fn n_said(shop: &ShopPage, conversation: &ConversationId, words: &str) -> usize {
    let messages = shop.team.messages(conversation);
    let is_it = |text: &str, role: Role| role == Role::Visitor && text == words;
    messages
        .iter()
        .filter(|message| is_it(&message.text, message.role))
        .count()
}

#[integration_test]
fn what_is_written_in_a_tunnel_waits_and_is_sent_once(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    frame.set_offline(true);
    shows(&frame, "No connection");
    let first = "And on Sundays, when does the boathouse open?";
    for words in [first, "I will be late"] {
        write(&frame, words);
        shows(&frame, words);
    }
    shows(&frame, "Sending");
    page.screenshot("offline");
    frame.set_offline(false);
    shows(&frame, "ten on Sundays");
    shows_no_more(&frame, "Sending");
    shows_no_more(&frame, "No connection");
    let conversation = conversation(&shop);
    until("both to arrive", SOON, || {
        (n_said(&shop, &conversation, "I will be late") == 1).then_some(())
    });
    assert_eq!(n_said(&shop, &conversation, first), 1);
}

/// Talks behind a proxy, with a person too.
fn talk_behind(fixtures: &Fixtures, proxy: &Proxy) -> (ShopPage, Page, Frame) {
    let shop = ShopPage::visited_with(fixtures, Browser::behind(proxy));
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    assert!(proxy.n_sockets_asked() > 0, "no socket was tried");
    let text = frame.text();
    for word in ["connection", "Connecting", "Sending"] {
        assert!(!text.contains(word), "{text}");
    }
    let events = format!("{}/v1/events", shop.edge);
    let streams = page.requests();
    assert!(streams.iter().any(|request| request.url == events));
    // What comes by itself comes this way too.
    let conversation = conversation(&shop);
    let body = json!({ "text": "A person here.", "name": "Mina" });
    let _said = shop.team.say(&conversation, &body);
    shows(&frame, "A person here.");
    shows(&frame, "Mina");
    write(&frame, "Thank you, Mina");
    until("the visitor's words to arrive", SOON, || {
        (n_said(&shop, &conversation, "Thank you, Mina") == 1).then_some(())
    });
    (shop, page, frame)
}

#[integration_test]
fn where_sockets_are_refused_the_chat_works_and_says_nothing_of_it(fixtures: &Fixtures) {
    let proxy = Proxy::start(Sockets::Refused);
    let (shop, page, frame) = talk_behind(fixtures, &proxy);
    // After a tunnel it goes on where it was, and nothing is there twice.
    frame.set_offline(true);
    write(&frame, "Are you still there?");
    frame.set_offline(false);
    let conversation = conversation(&shop);
    until("what was written meanwhile to arrive", SOON, || {
        (n_said(&shop, &conversation, "Are you still there?") == 1).then_some(())
    });
    assert_eq!(frame.text().matches("A person here.").count(), 1);
    page.reload();
    let frame = open_chat(&page, &shop.edge);
    shows(&frame, "Are you still there?");
}

#[integration_test]
fn where_sockets_are_swallowed_the_chat_works_and_says_nothing_of_it(fixtures: &Fixtures) {
    let proxy = Proxy::start(Sockets::Swallowed);
    let _scene = talk_behind(fixtures, &proxy);
}

#[integration_test]
fn a_socket_takes_over_again_where_the_network_lets_it_through(fixtures: &Fixtures) {
    let proxy = Proxy::start(Sockets::Refused);
    let (shop, page, frame) = talk_behind(fixtures, &proxy);
    proxy.open();
    let n_before = proxy.n_sockets_asked();
    // Another network, as far as the browser can tell.
    frame.set_offline(true);
    frame.set_offline(false);
    page.until("a socket to be tried", |_| {
        (proxy.n_sockets_asked() > n_before).then_some(())
    });
    let n_posts = || {
        let requests = page.requests();
        let messages = |url: &str| url.ends_with("/v1/messages");
        let posts = requests.iter().filter(|request| messages(&request.url));
        posts.count()
    };
    assert!(n_posts() > 0, "nothing went as a request");
    let conversation = conversation(&shop);
    // Until the new socket has said welcome, words still go as requests.
    let went_over_the_socket = (1..=30).any(|n| {
        let n_posts_before = n_posts();
        let words = format!("Over the socket again, {n}");
        write(&frame, &words);
        until("what was written to arrive", SOON, || {
            (n_said(&shop, &conversation, &words) == 1).then_some(())
        });
        page.listen(Duration::from_millis(300));
        assert_eq!(frame.text().matches(&words).count(), 1);
        n_posts() == n_posts_before
    });
    assert!(went_over_the_socket, "the socket never took over");
}

#[integration_test]
fn a_socket_that_died_in_the_background_is_noticed_when_the_page_is_looked_at(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    let n_sockets = || {
        let requests = page.requests();
        let sockets = requests
            .iter()
            .filter(|request| request.kind == "WebSocket");
        sockets.count()
    };
    let look = "document.dispatchEvent(new Event('visibilitychange'))";
    // One that lives answers, and stays.
    let n_before = n_sockets();
    frame.evaluate(look);
    page.listen(Duration::from_secs(4));
    assert_eq!(n_sockets(), n_before);
    // One that is dead takes what is sent, and nothing comes back.
    frame.evaluate("WebSocket.prototype.send = () => {}");
    frame.evaluate(look);
    page.until("another socket", |_| (n_sockets() > n_before).then_some(()));
}
