//! What other windows get out of the chat's frame and into it, tried in real Chromium: nothing.

use super::attack_scene::{A_MOMENT, Scene, session_calls};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::page_server::PageReply;
use oriel_tests::widget::{ANSWER, CLOSER, FIELD, QUESTION, ask, open_chat};
use serde_json::json;

/// Greets a window as the loader greets its frame, with a ticket or what looks like one, and keeps what comes back.
const HELLO: &str = r#"
((to, ticket, targetOrigin) => {
  window.heard ||= [];
  const channel = new MessageChannel();
  channel.port1.onmessage = ({ data }) => heard.push(data.type);
  channel.port1.postMessage({ type: "ticket", ticket });
  to.postMessage({ oriel: 1, type: "hello", dir: "ltr", lang: "en" }, targetOrigin, [channel.port2]);
  for (const type of ["ticket", "shown", "hidden", "ready", "ticket_wanted", "open", "close"])
    to.postMessage({ oriel: 1, type, ticket, focus: true }, targetOrigin);
})"#;

#[integration_test]
fn a_neighbouring_frame_gets_nothing_out_of_the_chat_and_nothing_into_it(fixtures: &Fixtures) {
    let scene = Scene::open(fixtures);
    let (host, address) = (scene.shop.host.origin("localhost"), scene.frame_document());
    // Without the loader's closed shadow root, so that the neighbour can reach the frame at all.
    scene.shop.host.serve(
        "/two-frames",
        PageReply::open_page(&format!(
            "<!doctype html><title>two</title><iframe src=\"{address}\"></iframe><iframe src=\"{}/empty\"></iframe>",
            scene.evil
        )),
    );
    let page = scene.shop.browser.page();
    page.open(&format!("{host}/two-frames"));
    let (frame, neighbour) = (page.frame(&address), scene.neighbour(&page));
    frame.until("the frame's program", |frame| {
        (frame.evaluate("document.readyState") == json!("complete")).then_some(())
    });
    let ticket = |name: &str| {
        let client = fixtures.edge().client();
        oriel_tests::visitor::ticket(&client, &scene.shop.site.key, &scene.shop.host.origin(name))
    };
    let good = ticket("localhost");
    for target in ["'*'".to_owned(), format!("'{}'", scene.shop.edge)] {
        let hello = format!("{HELLO}(parent.frames[0], {}, {target})", json!(good));
        neighbour.evaluate(&hello);
    }
    page.listen(A_MOMENT);
    assert_eq!(neighbour.evaluate("heard"), json!([]));
    assert_eq!(session_calls(&page, &scene.shop.edge), 0);

    // The page that is listed says the same, and the chat opens with that very ticket.
    page.evaluate(&format!(
        "{HELLO}(frames[0], {}, '{}')",
        json!(good),
        scene.shop.edge
    ));
    page.until("the frame to answer", |page| {
        let heard = page.evaluate("heard");
        heard.as_array()?.contains(&json!("ready")).then_some(())
    });
    page.until("a session", |_| {
        let statuses = page.responses(&format!("{}/v1/session", scene.shop.edge));
        statuses.contains(&201).then_some(())
    });
    let _field = frame.element("textbox", FIELD);
    ask(&frame, QUESTION, ANSWER);
    // Whoever comes second is not heard, and nothing was said to the neighbour meanwhile.
    let n_calls = session_calls(&page, &scene.shop.edge);
    let other = json!(ticket("localhost"));
    neighbour.evaluate(&format!("{HELLO}(parent.frames[0], {other}, '*')"));
    page.evaluate(&format!("heard = []; {HELLO}(frames[0], {other}, '*')"));
    page.listen(A_MOMENT);
    assert_eq!(neighbour.evaluate("heard"), json!([]));
    assert_eq!(page.evaluate("heard"), json!([]));
    assert_eq!(session_calls(&page, &scene.shop.edge), n_calls);
    assert!(frame.text().contains(ANSWER), "{}", frame.text());
}

#[integration_test]
fn the_host_page_does_not_listen_to_other_windows(fixtures: &Fixtures) {
    let scene = Scene::open(fixtures);
    let page = scene.shop.browser.page();
    page.open(&scene.host);
    let neighbour = scene.neighbour(&page);
    let tickets = format!(
        "{}/v1/sites/{}/tickets",
        scene.shop.edge, scene.shop.site.key
    );
    let is_open = || {
        let closer = page.all("button", CLOSER);
        closer
            .iter()
            .any(|button| button.property("expanded").as_deref() == Some("true"))
    };
    let forge = format!("{HELLO}(parent, 'x', '*')");
    neighbour.evaluate(&forge);
    page.listen(A_MOMENT);
    assert!(!is_open(), "a message opened the chat");
    assert!(page.responses(&tickets).is_empty());
    // The frame is in a closed root: from outside there is no such window to talk to.
    assert_eq!(neighbour.evaluate("parent.frames.length"), 1);

    let chat = open_chat(&page, &scene.shop.edge);
    ask(&chat, QUESTION, ANSWER);
    let n_tickets = page.responses(&tickets).len();
    assert_eq!(neighbour.evaluate("parent.frames.length"), 1);
    neighbour.evaluate(&forge);
    page.listen(A_MOMENT);
    assert!(is_open(), "a message closed the chat");
    assert_eq!(
        page.responses(&tickets).len(),
        n_tickets,
        "a message fetched a ticket"
    );
    assert_eq!(neighbour.evaluate("heard"), json!([]));
    // The frame's own word counts: Escape in it closes.
    chat.click(&chat.element("textbox", FIELD));
    chat.press(oriel_tests::browser::Key::Escape);
    page.until("the chat to close", |_| (!is_open()).then_some(()));
}

#[integration_test]
fn a_page_that_opens_the_chat_in_a_window_holds_nothing_of_it(fixtures: &Fixtures) {
    let scene = Scene::open(fixtures);
    let button = |name: &str, address: &str| {
        format!("<button onclick=\"window.{name} = window.open('{address}')\">{name}</button>")
    };
    scene.shop.host.serve(
        "/opener",
        PageReply::open_page(&format!(
            "<!doctype html><title>opener</title>{}{}{}",
            button("friend", "/empty"),
            button("chat", &scene.frame_document()),
            button("problem", &format!("{}/nowhere", scene.shop.edge)),
        )),
    );
    let page = scene.shop.browser.page();
    page.open(&format!("{}/opener", scene.evil));
    page.click(&page.element("button", "friend"));
    page.until("a window of its own", |page| {
        (page.evaluate("window.friend?.document?.title") == json!("empty")).then_some(())
    });
    assert_eq!(page.evaluate("friend.closed"), false);
    for name in ["chat", "problem"] {
        page.click(&page.element("button", name));
        // The browser cuts the tie as soon as it sees the answer: for the opener, the window is gone.
        page.until(&format!("{name} to be cut off"), |page| {
            (page.evaluate(&format!("window.{name}?.closed")) == json!(true)).then_some(())
        });
        page.evaluate(&format!("{HELLO}({name}, 'x', '*')"));
    }
    page.listen(A_MOMENT);
    assert_eq!(page.evaluate("heard"), json!([]));
    assert_eq!(page.cookies(), []);
}

#[integration_test]
fn the_page_around_the_frame_reads_nothing_of_it(fixtures: &Fixtures) {
    let scene = Scene::open(fixtures);
    let (page, chat) = scene.victim();
    let attempt = |code: &str| {
        format!(
            "(() => {{ try {{ return String({code}); }} catch (error) {{ return error.name; }} }})()"
        )
    };
    // The loader's root is closed, and its frame in no list.
    assert_eq!(
        page.evaluate(&attempt("document.querySelector('oriel-root').shadowRoot")),
        "null"
    );
    assert_eq!(
        page.evaluate("document.querySelectorAll('iframe').length"),
        1
    );
    assert_eq!(page.evaluate("document.cookie"), "");
    // Even a frame in the open is of another origin.
    scene.shop.host.serve(
        "/bare",
        PageReply::open_page(&format!(
            "<!doctype html><title>bare</title><iframe src=\"{}\">",
            scene.frame_document()
        )),
    );
    let bare = page.another_tab();
    bare.open(&format!("{}/bare", scene.shop.host.origin("localhost")));
    let _frame = bare.frame(&scene.frame_document());
    assert_eq!(
        bare.evaluate(&attempt("document.querySelector('iframe').contentDocument")),
        "null"
    );
    for code in [
        "frames[0].document",
        "frames[0].document.cookie",
        "frames[0].localStorage",
        "frames[0].sessionStorage",
        "frames[0].indexedDB",
        "frames[0].caches",
        "frames[0].name",
        "frames[0].location.href",
        "frames[0].eval('1')",
        "frames[0].fetch",
    ] {
        assert_eq!(bare.evaluate(&attempt(code)), "SecurityError", "{code}");
    }
    // And what the frame itself can read holds no token: the session's cookie is out of reach of scripts.
    let readable = chat.evaluate(
        "[document.cookie, JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage }), location.href].join()",
    );
    let readable = readable.as_str().unwrap_or_default().to_owned();
    for (name, value) in page.cookies() {
        if name.starts_with("__Secure-oriel-") {
            assert!(
                !readable.contains(&name) && !readable.contains(&value),
                "{readable}"
            );
        }
    }
    assert!(!readable.contains("eyJ"), "{readable}");
}
