//! `cargo xtask browsers`: one visit in each browser that is not Chromium, where it is installed. Not a test that has to
//! run: installing them takes minutes. What they do otherwise is played in Chromium by `tests/widget/engines.rs`.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

use oriel_tests::edge::Edge;
use oriel_tests::page_server::{PageReply, PageServer, customer_page};
use oriel_tests::team::Team;
use oriel_tests::wait::{SOON, until};
use oriel_tests::webdriver::{Browser, ENTER, ESCAPE, KINDS, TAB};
use oriel_tests::widget::{ANSWER, QUESTION};

const HOURS: &str =
    "# Opening hours\n\nThe boathouse opens at nine on weekdays and at ten on Sundays.\n";

/// Before the snippet: keeps the chat's shadow root, closed as it is, and what goes wrong on the page.
const PEEK: &str = "<script>root = null; faults = []; addEventListener('error', event => faults.push(event.message));\
    addEventListener('unhandledrejection', event => faults.push(`${event.reason}`));\
    { const attach = Element.prototype.attachShadow; Element.prototype.attachShadow = function (how) {\
    const made = attach.call(this, how); if (this.localName == 'oriel-root') root = made; return made } }</script>";

const LAUNCHER: &str = "return root?.querySelector('button')";
const FRAME: &str = "return root?.querySelector('iframe')";
/// In the frame: the program runs.
const RUNS: &str = "return document.getElementById('menu')?.disabled == false";
const HAS_FIELD_FOCUS: &str = "return document.hasFocus() && document.activeElement.id == 'text'";

/// What is looked at, and how. Each begins on the customer's page, in the browser that the ones before have left.
type Visit = fn(&Browser, &str) -> String;
const VISITS: [(&str, Visit); 6] = [
    ("opened, asked and closed by keyboard alone", by_keyboard),
    ("typed after a click", by_click),
    ("found again after a reload", again),
    ("Arabic, with a quotation in English", in_arabic),
    (
        "under a strict policy with trusted types",
        under_trusted_types,
    ),
    ("nothing went wrong on the page", without_faults),
];

fn main() -> ExitCode {
    let edge = match Edge::start() {
        Ok(edge) => edge,
        Err(why) => {
            eprintln!("the edge did not start: {why}");
            return ExitCode::FAILURE;
        }
    };
    let host = PageServer::start();
    serve(&edge.team(), &host);
    let mut is_good = true;
    for kind in &KINDS {
        let browser = match Browser::start(kind) {
            Ok(browser) => browser,
            Err(why) => {
                println!("{}: not run, {why} ({})", kind.name, kind.install);
                continue;
            }
        };
        println!("{}: {}", kind.name, browser.version);
        for (place, (what, visit)) in VISITS.iter().enumerate() {
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                visit(&browser, &host.origin("localhost"))
            }));
            browser.enter(None);
            browser.screenshot(&format!("browsers-{}-{place}", kind.name.to_lowercase()));
            match outcome {
                Ok(note) => println!("  ok      {what}{note}"),
                Err(_) => {
                    println!("  FAILED  {what}");
                    is_good = false;
                }
            }
        }
    }
    println!("Pictures are in target/screenshots.");
    if is_good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Puts the customer's pages up.
fn serve(team: &Team, host: &PageServer) {
    let site = team.open_site("Tidewater Boats", &[&host.origin("localhost")]);
    let _document = team.add_document(&site.id, "Hours of the boathouse", HOURS);
    let embed = team.embed(&site.id);
    let page =
        |snippet: &str| customer_page(&format!("<button id=before>Before</button>{PEEK}{snippet}"));
    host.serve("/", PageReply::open_page(&page(&embed.snippet)));
    let arabic = embed
        .snippet
        .replacen("<script", "<script data-locale=\"ar\"", 1);
    host.serve("/ar", PageReply::open_page(&page(&arabic)));
    let own: Vec<String> = embed
        .csp
        .iter()
        .map(|line| format!("{} {}", line.directive, line.source))
        .collect();
    let csp = format!(
        "default-src 'none'; {}; require-trusted-types-for 'script'; trusted-types 'none'",
        own.join("; ")
    )
    .replace("script-src", "script-src 'unsafe-inline'");
    host.serve("/strict", PageReply::page(&csp, &page(&embed.snippet)));
}

/// Opens the chat of a page by its launcher, and goes in.
fn open(browser: &Browser, url: &str) {
    browser.open(url);
    browser.click(LAUNCHER);
    browser.enter(Some(FRAME));
    browser.until("the program", RUNS);
}

fn shows(browser: &Browser, words: &str) {
    browser.until(
        words,
        &format!("return document.body.innerText.includes({words:?})"),
    );
}

fn by_keyboard(browser: &Browser, page: &str) -> String {
    browser.open(page);
    browser.until("the launcher", LAUNCHER);
    let _focused = browser.evaluate("document.getElementById('before').focus()");
    browser.press(TAB);
    browser.until(
        "the focus on the launcher",
        "return root.activeElement?.localName == 'button'",
    );
    // The focus alone has fetched the chat.
    browser.enter(Some(FRAME));
    browser.until("the program", RUNS);
    browser.enter(None);
    browser.press(ENTER);
    browser.enter(Some(FRAME));
    browser.until("the focus in the field", HAS_FIELD_FOCUS);
    browser.press(QUESTION);
    browser.press(ENTER);
    shows(browser, ANSWER);
    browser.until("its source", "return document.querySelector('.sources')");
    browser.press(ESCAPE);
    browser.enter(None);
    browser.until(
        "the focus back on the launcher",
        "return root.activeElement?.getAttribute('aria-expanded') == 'false'",
    );
    String::new()
}

fn by_click(browser: &Browser, page: &str) -> String {
    open(browser, page);
    let note = match browser.evaluate(HAS_FIELD_FOCUS) {
        Ok(has_focus) if has_focus == true => "",
        _ => " (no caret before that)",
    };
    browser.press(QUESTION);
    browser.until(
        "the words in the field",
        &format!("return document.getElementById('text').value == {QUESTION:?}"),
    );
    browser.press(ENTER);
    shows(browser, ANSWER);
    note.to_owned()
}

fn again(browser: &Browser, page: &str) -> String {
    open(browser, page);
    let seen = until("the conversation, or why not", SOON, || {
        let text = browser.evaluate("return document.body.innerText").ok()?;
        let text = text.as_str()?;
        let is_kept = text.contains(ANSWER);
        (is_kept || text.contains("leave the page")).then_some(is_kept)
    });
    if seen {
        String::new()
    } else {
        " (it is not, and the chat says so: no cookie is kept)".to_owned()
    }
}

fn in_arabic(browser: &Browser, page: &str) -> String {
    open(browser, &format!("{page}/ar"));
    browser.press(QUESTION);
    browser.press(ENTER);
    browser.until(
        "the quotation to begin at the left",
        "const p = document.querySelector('blockquote p'); if (!p) return false; const letter = document.createRange();\
         letter.setStart(p.firstChild, 0); letter.setEnd(p.firstChild, 1); return document.dir == 'rtl' &&\
         Math.abs(letter.getBoundingClientRect().left - p.getBoundingClientRect().left) < 1",
    );
    String::new()
}

fn under_trusted_types(browser: &Browser, page: &str) -> String {
    open(browser, &format!("{page}/strict"));
    browser.press(QUESTION);
    browser.press(ENTER);
    shows(browser, ANSWER);
    String::new()
}

fn without_faults(browser: &Browser, page: &str) -> String {
    open(browser, page);
    browser.enter(None);
    let faults = browser.evaluate("return faults.join()");
    assert_eq!(faults, Ok("".into()));
    String::new()
}
