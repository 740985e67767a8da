//! The browser harness itself: that a failing browser test speaks of the widget and not of what drives it.

use std::time::Duration;

use oriel_tests::browser::{Browser, Key};
use oriel_tests::confidential;
use oriel_tests::integration_test;
use oriel_tests::page_server::{PageReply, PageServer};

const IN_SHADOW: &str = "<!doctype html><title>host</title><body><script>
const root = document.body.appendChild(document.createElement('div')).attachShadow({ mode: 'closed' });
const button = document.createElement('button');
button.textContent = 'Open chat';
button.onclick = () => { button.textContent = 'Close chat'; fetch('/clicked'); };
root.append(button);
</script>";

#[integration_test]
fn a_click_reaches_a_button_in_a_closed_shadow_root() {
    let (host, browser) = (PageServer::start(), Browser::start());
    host.serve("/", PageReply::open_page(IN_SHADOW));
    let page = browser.page();
    page.open(&host.origin("localhost"));
    page.click(&page.element("button", "Open chat"));
    let _renamed = page.element("button", "Close chat");
}

#[integration_test]
fn requests_before_a_click_are_told_from_those_after_it() {
    let (host, browser) = (PageServer::start(), Browser::start());
    host.serve("/", PageReply::open_page(IN_SHADOW));
    let page = browser.page();
    page.open(&host.origin("localhost"));
    let button = page.element("button", "Open chat");
    let clicked = || {
        page.requests()
            .iter()
            .any(|request| request.url.ends_with("/clicked"))
    };
    assert!(!clicked());
    page.click(&button);
    page.until("the request of the click", |_| clicked().then_some(()));
}

#[integration_test]
fn clicks_and_keys_reach_a_frame_in_another_process() {
    let (host, browser) = (PageServer::start(), Browser::start());
    let outer = format!(
        "<!doctype html><title>outer</title><body style='margin:0'><h1>Outer</h1>\
         <iframe title='Chat' style='margin:40px;border:7px solid' src='{}/inner'></iframe>",
        host.origin("127.0.0.1")
    );
    let inner = "<!doctype html><title>inner</title><body><form><input aria-label='Message'><button>Send</button></form>\
        <p id='said'></p><script>
        document.forms[0].onsubmit = event => {
            event.preventDefault();
            document.getElementById('said').textContent += '[' + document.querySelector('input').value + ']';
        };
        </script>";
    host.serve("/", PageReply::open_page(&outer));
    host.serve("/inner", PageReply::open_page(inner));
    let page = browser.page();
    page.open(&host.origin("localhost"));
    let frame = page.frame(&host.origin("127.0.0.1"));
    let input = frame.element("textbox", "Message");
    frame.click(&input);
    frame.type_text("How much? £5 – ok");
    frame.press(Key::Enter);
    frame.until("Enter to submit", |frame| {
        frame.text().contains("[How much? £5 – ok]").then_some(())
    });
    frame.press(Key::Tab);
    frame.until("Tab to move on", |frame| {
        frame.element("button", "Send").is_focused.then_some(())
    });
    frame.click(&frame.element("button", "Send"));
    frame.until("the click to submit", |frame| {
        frame.text().contains("ok][How").then_some(())
    });
    page.screenshot("harness-frame");
}

#[integration_test]
fn a_policy_violation_is_seen() {
    let (host, browser) = (PageServer::start(), Browser::start());
    let page = browser.page();
    host.serve(
        "/quiet",
        PageReply::page(
            "default-src 'none'",
            "<!doctype html><title>quiet</title><p>hello",
        ),
    );
    page.open(&format!("{}/quiet", host.origin("localhost")));
    page.listen(Duration::from_millis(300));
    assert!(page.complaints().is_empty(), "{:?}", page.complaints());
    let html = "<!doctype html><title>loud</title><script>document.title = 'ran'</script>";
    host.serve("/loud", PageReply::page("default-src 'none'", html));
    page.open(&format!("{}/loud", host.origin("localhost")));
    let seen = page.until("the violation", |_| page.violations().into_iter().next());
    assert!(seen.contains("script-src"), "{seen}");
    assert_eq!(page.evaluate("document.title"), "loud");
}

#[integration_test]
fn two_pages_of_one_browser_share_no_cookie() {
    let (host, browser) = (PageServer::start(), Browser::start());
    host.serve(
        "/",
        PageReply::open_page("<!doctype html><title>cookies</title>"),
    );
    let (one, other) = (browser.page(), browser.page());
    one.open(&host.origin("localhost"));
    one.evaluate("document.cookie = 'a=1'");
    one.reload();
    assert_eq!(one.evaluate("document.cookie"), "a=1");
    other.open(&host.origin("localhost"));
    assert_eq!(other.evaluate("document.cookie"), "");
}

#[integration_test]
fn a_log_that_holds_a_secret_is_found_out() {
    let body = r#"{"text":"Where is my \"boat\", please?","name":"not a secret at all","token":"abcdefghijklmnop"}"#;
    confidential::note_sent(body.as_bytes());
    assert!(confidential::leaks("GET /healthz 200 OK; not a secret at all").is_empty());
    for log in [
        "a token: abcdefghijklmnop!",
        r#"{"said":"Where is my \"boat\", please?"}"#,
        "said: Where is my \"boat\", please?",
    ] {
        assert_eq!(confidential::leaks(log).len(), 1, "{log}");
    }
}
