//! How the chat looks: every state × {phone, desktop} × {light, dark} × {left to right, right to left}, in real Chromium.
//!
//! In each of them nothing is too wide, cut off, out of sight or too small to hit, and axe-core has nothing to say. With
//! `ORIEL_LOOKS=docs/looks` in the environment the pictures become the contact sheets of `docs/looks`, to be looked at.

use std::panic::resume_unwind;
use std::path::PathBuf;
use std::thread::ScopedJoinHandle;
use std::time::Duration;

use oriel_shared::id::ConversationId;
use oriel_shared::wire::admin::Site;
use oriel_tests::browser::{Browser, Frame, Page, Screen};
use oriel_tests::edge::workspace;
use oriel_tests::harness::Fixtures;
use oriel_tests::host_page::until_equal;
use oriel_tests::integration_test;
use oriel_tests::page_server::{PageReply, PageServer};
use oriel_tests::signed;
use oriel_tests::team::{Team, closed_hours};
use oriel_tests::wait::{SOON, until};
use serde_json::{Value, json};

use super::theme_scripts::{Script, scripts};

use super::theme_screens::{
    DESKTOP, FORCED, LARGE, SCREENS, WIDE, ZOOMED, host_page, inline_page, screen,
};

/// Where the contact sheets go; without it nothing is kept.
const KEEP: &str = "ORIEL_LOOKS";

/// What a visitor who comes now is told of a change: after five seconds the edge asks again.
const REMEMBERED: Duration = Duration::from_secs(6);

const LAUNCHER: &str = "(({ backgroundColor, color }) => [backgroundColor, color])\
    (getComputedStyle(document.querySelector('oriel-root').shadowRoot.querySelector('button')))";

/// Everything that a walk through the states needs and collects.
struct Walk<'a> {
    script: &'a Script,
    team: Team,
    site: Site,
    page: Page,
    edge: String,
    faults: Vec<String>,
    pictures: Vec<(String, Vec<(String, String)>)>,
    keeps: bool,
}

impl Walk<'_> {
    /// Looks at a state on every screen.
    #[track_caller]
    fn look(&mut self, state: &str, frame: Option<&Frame>) {
        self.look_on(&SCREENS, state, frame);
    }

    /// Looks at a state on every screen whose colours are forced.
    #[track_caller]
    fn look_forced(&mut self, state: &str, frame: Option<&Frame>) {
        self.look_on(&FORCED, &format!("{state}, forced colours"), frame);
    }

    /// Looks at a state on these screens, and zoomed far in.
    #[track_caller]
    fn look_on(&mut self, screens: &[(&str, Screen)], state: &str, frame: Option<&Frame>) {
        let mut shots = Vec::new();
        for (name, screen) in screens {
            self.page.emulate(screen);
            if let Some(frame) = frame {
                frame.prepare_picture(screen);
            }
            let document: &Frame = frame.unwrap_or(&self.page);
            document.settle();
            let faults = document.axe().into_iter().chain(document.measure());
            let place = format!("{state}, {name}, {}", self.script.dir);
            self.faults
                .extend(faults.map(|fault| format!("{place}: {fault}")));
            if self.keeps {
                shots.push((
                    format!("{name}, {}", self.script.dir),
                    self.page.photograph(),
                ));
            }
        }
        self.page.emulate(&screen(ZOOMED, "light"));
        let document: &Frame = frame.unwrap_or(&self.page);
        document.settle();
        let zoomed = document.measure();
        let place = format!("{state}, zoomed, {}", self.script.dir);
        self.faults
            .extend(zoomed.into_iter().map(|fault| format!("{place}: {fault}")));
        self.pictures.push((state.to_owned(), shots));
        self.page.emulate(&screen(DESKTOP, "light"));
    }

    #[track_caller]
    fn change(&self, change: Value) {
        let change = serde_json::from_value(change).expect("a change");
        let _changed = self.team.change(&self.site.id, &change).expect(200);
    }

    /// Opens the chat, whatever the launcher is called in this language.
    #[track_caller]
    fn open(&self) -> Frame {
        until_equal(
            &self.page,
            "!!document.querySelector('oriel-root')?.shadowRoot.querySelector('button')",
            &json!(true),
        );
        self.page.evaluate(
            "document.querySelector('oriel-root').shadowRoot.querySelector('button').click()",
        );
        let frame = self.page.frame(&format!("{}/frame", self.edge));
        // The field takes words before there is a session; what follows wants one.
        has(&frame, "textarea, .leave");
        frame
    }

    fn conversation(&self) -> ConversationId {
        until("the team to have the conversation", SOON, || {
            let conversation = self.team.conversations(&self.site.id).into_iter().next();
            conversation.map(|conversation| conversation.id)
        })
    }
}

/// Waits for an element that is shown.
#[track_caller]
fn has(frame: &Frame, selector: &str) {
    let look = format!(
        "[...document.querySelectorAll({})].some(one => one.checkVisibility())",
        json!(selector)
    );
    frame.until(&format!("`{selector}`"), |frame| {
        (frame.try_evaluate(&look) == Ok(json!(true))).then_some(())
    });
}

/// Clicks the last element of those that are shown, as soon as there is one.
#[track_caller]
fn click(frame: &Frame, selector: &str) {
    // In one step: what is drawn anew between a look and a click would not be there to be clicked.
    let click = format!(
        "{{ const one = [...document.querySelectorAll({})].findLast(one => one.checkVisibility()); one?.click(); !!one }}",
        json!(selector)
    );
    frame.until(&format!("`{selector}` to click"), |frame| {
        (frame.try_evaluate(&click) == Ok(json!(true))).then_some(())
    });
}

#[track_caller]
fn say(frame: &Frame, words: &str) {
    write(frame, words);
    // Before the frame's script has seen the words there is nothing to send.
    click(frame, ".send:not(.stop):enabled");
}

#[track_caller]
fn write(frame: &Frame, words: &str) {
    frame.evaluate(&format!(
        "{{ const field = document.querySelector('.composer textarea'); field.value = {}; \
         field.dispatchEvent(new Event('input', {{ bubbles: true }})); }}",
        json!(words)
    ));
}

/// Waits until the end of the log is in sight, and that has been seen.
#[track_caller]
fn until_at_end(frame: &Frame) {
    let log = "document.getElementById('scroll')";
    let look = format!(
        "{log}.scrollTop > 0 && {log}.scrollHeight - {log}.scrollTop - {log}.clientHeight < 2"
    );
    frame.until("the end of the log", |frame| {
        (frame.try_evaluate(&look) == Ok(json!(true))).then_some(())
    });
    frame.settle();
}

/// Opens the list of conversations from the menu.
#[track_caller]
fn open_list(frame: &Frame) {
    click(frame, ".place > .icon");
    click(frame, ".menu [role=menuitem]:first-child");
    has(frame, "#conversations");
}

/// Until what comes with a delay is there.
#[track_caller]
fn pause(frame: &Frame) {
    frame.evaluate("new Promise(later => setTimeout(later, 1300))");
}

#[integration_test]
fn every_state_is_legible_on_every_screen(fixtures: &Fixtures) {
    let keep = std::env::var_os(KEEP).map(|folder| workspace().join(PathBuf::from(folder)));
    let keeps = keep.is_some();
    // Both directions at once: this is the longest test of all.
    let walks: Vec<_> = std::thread::scope(|scope| {
        let walks = scripts().map(|script| {
            scope.spawn(move || {
                let (browser, host) = (Browser::start(), PageServer::start());
                let walk = walk(fixtures, &browser, &host, &script, keeps);
                (walk.faults, walk.pictures)
            })
        });
        let walked =
            |walk: ScopedJoinHandle<'_, _>| walk.join().unwrap_or_else(|why| resume_unwind(why));
        walks.map(walked).into()
    });
    if let Some(folder) = keep {
        std::fs::create_dir_all(&folder).expect("a folder for the sheets");
        let [(_, ltr), (_, rtl)] = walks.as_slice() else {
            panic!("a walk for each direction");
        };
        let rows: Vec<_> = ltr
            .iter()
            .zip(rtl)
            .map(|((name, ltr), (_, rtl))| (name.clone(), [ltr.clone(), rtl.clone()].concat()))
            .collect();
        let browser = Browser::start();
        let sheet = browser.page();
        for (n, rows) in rows.chunks(3).enumerate() {
            let picture = sheet.contact_sheet(rows);
            let file = folder.join(format!("sheet-{}.webp", n + 1));
            std::fs::write(&file, picture).expect("room for a sheet");
        }
    }
    let faults: Vec<String> = walks.into_iter().flat_map(|(faults, _)| faults).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

fn walk<'a>(
    fixtures: &Fixtures,
    browser: &Browser,
    host: &PageServer,
    script: &'a Script,
    keeps: bool,
) -> Walk<'a> {
    let edge = fixtures.edge();
    let team = edge.team();
    let site = team.open_site(script.name, &[&host.origin("localhost")]);
    let _document = team.add_document(&site.id, script.name, script.document);
    let page = browser.page();
    // axe sees into open roots only. That the root is closed is held elsewhere.
    page.run_before_scripts("const attach = Element.prototype.attachShadow; \
        Element.prototype.attachShadow = function (init) { return attach.call(this, { ...init, mode: 'open' }) }");
    let mut walk = Walk {
        script,
        team,
        site,
        page,
        edge: edge.client().edge().to_owned(),
        faults: Vec::new(),
        pictures: Vec::new(),
        keeps,
    };
    walk.change(json!({
        "greeting": script.greeting, "disclosure": script.disclosure, "suggestions": script.suggestions,
        "theme": script.theme,
    }));
    let embed = walk.team.embed(&walk.site.id);
    host.serve(&format!("/{}", script.lang), host_page(script, &embed));
    let inline = inline_page(script, &embed);
    host.serve(&format!("/{}/inline", script.lang), inline);
    let address = format!("{}/{}", host.origin("localhost"), script.lang);
    walk.page.open(&address);
    walk.page.until("the launcher", |page| {
        (page.try_evaluate("!!document.querySelector('oriel-root')") == Ok(json!(true)))
            .then_some(())
    });
    walk.look("launcher on the page", None);
    walk.look_forced("launcher on the page", None);
    // axe looks at words alone, and the launcher has a sign.
    for scheme in ["light", "dark"] {
        walk.page.emulate(&screen(DESKTOP, scheme));
        walk.page.settle();
        assert_eq!(
            walk.page.evaluate(LAUNCHER),
            json!(script.launcher[usize::from(scheme == "dark")]),
            "{scheme}"
        );
    }
    walk.page.emulate(&screen(DESKTOP, "light"));

    walk.change(json!({ "prechat": script.prechat }));
    walk.page.listen(REMEMBERED);
    let frame = walk.open();
    has(&frame, ".leave");
    walk.look("asked before the first message", Some(&frame));
    frame.evaluate("document.querySelector('.leave').requestSubmit()");
    has(&frame, ".wrong");
    walk.look("asked, and something is missing", Some(&frame));
    walk.change(json!({ "prechat": null }));
    walk.page.listen(REMEMBERED);
    walk.page.open(&address);

    let frame = walk.open();
    pause(&frame);
    walk.look("empty", Some(&frame));
    say(&frame, script.question);
    has(&frame, ".thumb");
    walk.look("answered from a document", Some(&frame));
    walk.look_forced("answered from a document", Some(&frame));
    click(&frame, ".place > .icon");
    walk.look("menu", Some(&frame));
    click(&frame, ".menu [role=menuitem]:last-child");
    has(&frame, "[role=alertdialog]");
    walk.look("about to erase", Some(&frame));
    click(&frame, "[role=alertdialog] button:last-child");

    frame.inject_server_frame(&json!({ "type": "typing", "role": "assistant" }));
    let delta = json!({ "type": "delta", "id": "msg_live", "text": script.live });
    frame.inject_server_frame(&delta);
    has(&frame, ".live p");
    walk.look("an answer streams in", Some(&frame));
    // The stored status takes back what was never said.
    frame.inject_server_frame(&json!({ "type": "status", "status": "waiting" }));
    frame.inject_server_frame(&json!({ "type": "status", "status": "open" }));

    frame.set_offline(true);
    say(&frame, script.unknown);
    has(&frame, ".lost");
    pause(&frame);
    walk.look("no connection", Some(&frame));
    frame.set_offline(false);
    has(&frame, ".offer");
    walk.look("not known, a person is offered", Some(&frame));
    click(&frame, ".row .offer, .log + * .offer, .scroll .offer");
    let conversation = walk.conversation();
    until("a person to be waited for", SOON, || {
        let waiting = walk.team.conversations(&walk.site.id).into_iter().next();
        waiting
            .filter(|one| serde_json::to_value(one.status).is_ok_and(|status| status == "waiting"))
    });
    walk.look("waiting for a person", Some(&frame));
    let words = json!({ "text": script.agent_says, "name": script.agent });
    let _said = walk.team.say(&conversation, &words);
    has(&frame, ".agent pre");
    frame.inject_server_frame(&json!({ "type": "typing", "role": "agent" }));
    walk.look("a person answers", Some(&frame));
    walk.look_forced("a person answers", Some(&frame));
    walk.page.emulate(&screen(WIDE, "light"));
    click(&frame, "#size");
    walk.look_on(&LARGE, "a person answers, the larger size", Some(&frame));
    walk.page.emulate(&screen(WIDE, "light"));
    click(&frame, "#size");
    walk.page.emulate(&screen(DESKTOP, "light"));

    // Whoever reads above has been at the end before.
    until_at_end(&frame);
    frame.evaluate("document.getElementById('scroll').scrollTop = 0");
    frame.settle();
    let words = json!({ "text": script.live, "name": script.agent });
    let _said = walk.team.say(&conversation, &words);
    has(&frame, ".pill");
    walk.look("new messages below", Some(&frame));
    click(&frame, ".pill");
    // The edge takes no such character.
    say(&frame, &script.question.replacen(' ', " \u{c}", 1));
    has(&frame, ".failed");
    walk.look("a message is not sent", Some(&frame));
    click(&frame, ".failed button:last-child");
    write(&frame, "");
    let closing = json!({ "status": "closed" });
    let path = format!("/conversations/{conversation}/status");
    let _closed = walk.team.call("POST", &path).json(&closing).send();
    until("the end", SOON, || {
        let one = walk.team.conversations(&walk.site.id).into_iter().next();
        one.filter(|one| serde_json::to_value(one.status).is_ok_and(|status| status == "closed"))
    });
    walk.look("closed", Some(&frame));
    let limited =
        json!({ "type": "error", "code": "rate_limited", "detail": "", "retry_after": 180 });
    frame.inject_server_frame(&limited);
    has(&frame, ".lost");
    pause(&frame);
    walk.look("limited", Some(&frame));

    walk.page.open(&format!("{address}/inline"));
    let frame = walk.page.frame(&format!("{}/frame", walk.edge));
    has(&frame, ".agent pre");
    walk.look("inline", Some(&frame));

    walk.change(json!({ "hours": closed_hours() }));
    walk.page.open(&address);
    walk.page.listen(REMEMBERED);
    let frame = walk.open();
    say(&frame, script.unknown);
    click(&frame, ".scroll .offer");
    has(&frame, ".leave");
    frame.evaluate("document.querySelector('.leave').requestSubmit()");
    has(&frame, ".wrong");
    walk.look("after hours, the form", Some(&frame));

    // Somebody whom the site vouches for, and who has been here before.
    let key = walk.team.make_signing_key(&walk.site.id);
    walk.change(json!({ "mode": "signed", "hours": null }));
    walk.page.open(&address);
    walk.page.listen(REMEMBERED);
    let claims = signed::claims(&walk.site.key, "ada");
    let token = signed::token(&key.kid, &key.secret, &claims);
    walk.page.evaluate(&format!("Oriel.identify('{token}')"));
    let frame = walk.open();
    say(&frame, script.question);
    has(&frame, ".thumb");
    open_list(&frame);
    click(&frame, "#conversations .offer");
    frame.until("another conversation", |frame| {
        let is_empty = frame.try_evaluate("!document.querySelector('#conversations, .thumb')");
        (is_empty == Ok(json!(true))).then_some(())
    });
    say(&frame, script.unknown);
    has(&frame, ".scroll .offer");
    open_list(&frame);
    walk.look("her conversations", Some(&frame));
    walk.look_forced("her conversations", Some(&frame));

    let alone = format!(
        "{}/frame?site={}&lang={}",
        walk.edge, walk.site.key, script.lang
    );
    walk.page.open(&alone);
    has(&walk.page, ".refused");
    walk.look("refused", None);
    walk
}

/// What finds nothing may be blind.
#[integration_test]
fn the_judges_see_what_is_wrong(fixtures: &Fixtures) {
    let _turn = fixtures.edge();
    let browser = Browser::start();
    let host = PageServer::start();
    let html = "<!doctype html><html lang=\"en\"><title>Faults</title><main><h1>Faults</h1>\
        <p style=\"color:#999;background:#fff\">Too pale</p><button style=\"width:12px;height:12px;padding:0\"></button>\
        <div style=\"width:3000px\">Too wide</div><div class=\"composer\" style=\"position:absolute;top:5000px\">Gone</div>";
    host.serve("/", PageReply::open_page(html));
    let page = browser.page();
    page.open(&host.origin("localhost"));
    let (axe, ruler) = (page.axe().join("\n"), page.measure().join("\n"));
    for rule in ["color-contrast", "button-name"] {
        assert!(axe.contains(rule), "{axe}");
    }
    for fault in ["is 3", "by 12", "the composer is at"] {
        assert!(ruler.contains(fault), "{ruler}");
    }
}
