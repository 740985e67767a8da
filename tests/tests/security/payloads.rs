//! Public lists of cross-site scripting payloads in every text that a site, its team or a page can put in front of a
//! visitor, in real Chromium: nothing runs, what is drawn is the words as they were written, links are links of the web,
//! and nothing is pushed out of its place.
//!
//! What visitors, documents and models say is held to the same lists in `shared/tests/xss.rs`, where it is made into nodes.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use oriel_shared::wire::admin::Site;
use oriel_tests::browser::{Browser, Frame, Page};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::page_server::{PageReply, PageServer, customer_page};
use oriel_tests::team::Team;
use oriel_tests::wait::{SOON, until};
use oriel_tests::widget::{ANSWER, QUESTION, ShopPage, ask, open_chat};
use serde_json::{Value, json};

const LISTS: [&str; 10] = [
    include_str!("../../../testdata/xss/0xcela_event_handlers.txt"),
    include_str!("../../../testdata/xss/BRUTELOGIC-XSS-JS.txt"),
    include_str!("../../../testdata/xss/BRUTELOGIC-XSS-STRINGS.txt"),
    include_str!("../../../testdata/xss/IntrudersXSS.txt"),
    include_str!("../../../testdata/xss/JHADDIX_XSS.txt"),
    include_str!("../../../testdata/xss/MarioXSSVectors.txt"),
    include_str!("../../../testdata/xss/RSNAKE_XSS.txt"),
    include_str!("../../../testdata/xss/XSS_Polyglots.txt"),
    include_str!("../../../testdata/xss/port_swigger_xss_cheatsheet_event_handlers.txt"),
    include_str!("../../../testdata/xss/xss_payloads_quick.txt"),
];

/// Payloads through each text, at least.
const N: usize = 200;

/// How many characters a payload has at the most: half a name, a label, a line, a quarter and half of a sentence, and
/// all of one.
const SIZES: [usize; 6] = [39, 40, 80, 99, 199, 400];

/// For each of these sizes, lines that fit, from every part of the lists.
static FITTING: LazyLock<[Vec<&'static str>; 6]> = LazyLock::new(|| SIZES.map(fitting));

fn fitting(max: usize) -> Vec<&'static str> {
    let lines = LISTS.iter().flat_map(|list| list.lines()).map(str::trim);
    let fitting: BTreeSet<&str> = lines
        .filter(|line| (4..=max).contains(&line.chars().count()))
        .filter(|line| line.contains(['<', '"', '\'', '&', ':', '(', '`']))
        .filter(|line| !line.chars().any(|c| c.is_control() || c == '\u{feff}'))
        .collect();
    let fitting: Vec<&str> = fitting.into_iter().collect();
    assert!(fitting.len() >= N, "{} of {max}", fitting.len());
    (0..N).map(|at| fitting[at * fitting.len() / N]).collect()
}

/// Payloads that a text of so many characters takes.
fn payloads(max: usize) -> &'static [&'static str] {
    let place = SIZES.iter().position(|size| *size == max);
    &FITTING[place.expect("one of the sizes")]
}

/// What runs gives itself away, and what shows a dialog would stop the page.
const CANARY: &str = "window.ran = []; for (const name of ['alert', 'confirm', 'prompt', 'print', 'open']) \
    window[name] = (...said) => void ran.push([name, ...said].join());";

/// What is in a document that must not be, a line each.
const FAULTS: &str = r#"(allowed => {
  const faults = (window.ran || []).map(said => `ran: ${said}`);
  for (const element of document.querySelectorAll("*")) {
    const name = element.localName;
    if (!allowed.includes(name)) faults.push(`an element: ${element.outerHTML.slice(0, 200)}`);
    for (const { name: attribute, value } of element.attributes)
      if (/^on|^(srcdoc|action|formaction|xlink:href|style)$/.test(attribute) && element != document.documentElement)
        faults.push(`${attribute} of ${name}: ${value}`);
    if (name == "a") {
      if (element.hasAttribute("href") && !/^(https?:\/\/|mailto:|tel:)/.test(element.getAttribute("href")))
        faults.push(`a link to ${element.getAttribute("href")}`);
      if (!/noopener/.test(element.rel) || !/nofollow/.test(element.rel)) faults.push(`a link with ${element.rel}`);
    }
  }
  const { scrollWidth } = document.documentElement;
  if (scrollWidth > innerWidth) faults.push(`${scrollWidth} wide in ${innerWidth}`);
  return faults;
})"#;

/// Elements of the chat.
const CHAT: &str = "html head meta title link style script body template main div header h1 h2 p button svg path form textarea input \
    label span article ul ol li a pre code blockquote table thead tbody tr th td strong em time br hr bdi";

/// What is wrong in a chat.
#[track_caller]
fn faults(frame: &Frame) -> Vec<String> {
    let allowed: Vec<&str> = CHAT.split_whitespace().collect();
    let faults = frame.evaluate(&format!("{FAULTS}({})", json!(allowed)));
    serde_json::from_value(faults).expect("a list")
}

/// Chats that are looked at on one page.
const ON_A_PAGE: usize = 25;

/// Messages that are drawn together, however long the log is.
const ROWS: usize = 40;

/// So many sites have all of the payloads, for a text holds more than one of them.
const SITES: usize = 50;

/// The payloads for the text of one site of so many, which takes that many characters of each.
fn of_site(max: usize, at: usize, sites: usize) -> &'static [&'static str] {
    let n = N / sites;
    &payloads(max)[at * n..][..n]
}

/// A site whose words are payloads: a form before the first message, or suggestions.
fn site(team: &Team, origin: &str, at: usize, asks: bool) -> Site {
    let place = if asks { at } else { SITES + at };
    let both = |max: usize| of_site(max, place, 2 * SITES).join(" ");
    let made = team.make_site(&both(39));
    let mut change = json!({
        "enabled": true, "safelist": [origin], "greeting": both(199), "disclosure": both(199),
    });
    if asks {
        let names = ["name", "email", "phone", "company"].iter();
        let fields = names.zip(of_site(40, at, SITES));
        let fields: Vec<Value> = fields
            .map(|(name, label)| json!({ "name": name, "label": label, "required": true }))
            .collect();
        let consent = of_site(99, at, SITES).join(" ");
        change["prechat"] = json!({ "fields": fields, "consent": consent });
    } else {
        change["suggestions"] = json!(of_site(80, at, SITES));
    }
    let change = serde_json::from_value(change).expect("a change");
    team.change(&made.id, &change).expect(200).json()
}

/// The words of a site where the chat draws them. Suggestions are shown as they will be once there is a connection.
const DRAWN: &str = "(() => {
  const words = elements => [...elements].map(element => element.textContent);
  const form = document.getElementById('first')?.form;
  const list = document.querySelector('ul.chips');
  if (list) list.hidden = false;
  return { title: document.title, name: document.querySelector('h1').textContent, labels: words(form?.querySelectorAll('label') ?? []),
    greeting: document.querySelector('.greeting').textContent, disclosure: document.querySelector('.intro .fine').textContent,
    offered: words(list?.querySelectorAll('button') ?? []), scripts: document.scripts.length };
})()";

#[integration_test]
fn the_words_of_a_site_are_drawn_as_they_were_written(fixtures: &Fixtures) {
    let team = fixtures.edge().team();
    let edge = fixtures.edge().client().edge().to_owned();
    let host = PageServer::start();
    let origin = host.origin("localhost");
    let mut sites: Vec<Site> = (0..SITES)
        .map(|at| site(&team, &origin, at, true))
        .collect();
    sites.extend((0..SITES).map(|at| site(&team, &origin, at, false)));
    let browser = Browser::start();
    for (n, sites) in sites.chunks(ON_A_PAGE).enumerate() {
        let frames: String = sites
            .iter()
            .map(|site| {
                format!(
                    "<iframe src=\"{edge}/frame?site={}\" width=400 height=640></iframe>",
                    site.key
                )
            })
            .collect();
        let path = format!("/{n}");
        host.serve(
            &path,
            PageReply::open_page(&format!("<!doctype html><title>Chats</title>{frames}")),
        );
        let page = browser.page();
        page.open(&format!("{origin}{path}"));
        for site in sites {
            assert_drawn(&page, &edge, site);
        }
        let complaints = page.complaints();
        assert!(complaints.is_empty(), "{complaints:?}");
    }
}

/// Waits until a site's chat is drawn, and holds it to the site's words.
#[track_caller]
fn assert_drawn(page: &Page, edge: &str, site: &Site) {
    let key = &site.key;
    let frame = page.frame(&format!("{edge}/frame?site={key}"));
    let labels: Vec<&str> = site
        .prechat
        .iter()
        .flat_map(|form| {
            let labels = form.fields.iter().map(|field| field.label.as_deref());
            labels.chain([form.consent.as_deref()]).flatten()
        })
        .collect();
    let drawn: Value = frame.until("the chat's words", |frame| {
        let drawn = frame.try_evaluate(DRAWN).ok()?;
        let n = |list: &str| drawn[list].as_array().map_or(0, Vec::len);
        (n("labels") >= labels.len() && n("offered") >= site.suggestions.len()).then_some(drawn)
    });
    assert_eq!(
        drawn["title"],
        site.name.split_whitespace().collect::<Vec<_>>().join(" ")
    );
    assert_eq!(drawn["name"], site.name);
    assert_eq!(drawn["greeting"], site.greeting);
    assert_eq!(drawn["disclosure"], site.disclosure);
    assert_eq!(drawn["labels"], json!(labels));
    assert_eq!(drawn["offered"], json!(site.suggestions));
    assert_eq!(drawn["scripts"], 1);
    assert_eq!(faults(&frame), Vec::<String>::new(), "{}", site.name);
}

#[integration_test]
fn what_a_person_of_the_team_is_called_and_says_is_drawn_and_not_run(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    let page = shop.visit();
    let frame = open_chat(&page, &shop.edge);
    ask(&frame, QUESTION, ANSWER);
    // Where the visitor is and what the page is called is for the team alone.
    let titles = json!(payloads(199));
    page.evaluate(&format!(
        "for (const title of {titles}) Oriel.setContext({{ page: 'https://shop.example/' + encodeURIComponent(title), title }})"
    ));
    let conversation = until("the conversation", SOON, || {
        shop.team.conversations(&shop.site.id).into_iter().next()
    });
    let said: Vec<(&str, &str)> = payloads(80)
        .iter()
        .copied()
        .zip(payloads(400).iter().copied())
        .collect();
    // A long log draws its newest rows alone.
    for said in said.chunks(ROWS) {
        for (name, text) in said {
            let words = json!({ "name": name, "text": text });
            let kept = shop.team.say(&conversation.id, &words);
            assert_eq!(kept.author.as_deref(), Some(*name));
        }
        let names: Vec<&str> = said.iter().map(|(name, _)| *name).collect();
        let drawn = format!(
            "[...document.querySelectorAll('.row.agent .by')].slice(-{}).map(one => one.textContent)",
            names.len()
        );
        frame.until("all of them", |frame| {
            (frame.try_evaluate(&drawn) == Ok(json!(names))).then_some(())
        });
        assert_eq!(faults(&frame), Vec::<String>::new());
    }
    let complaints = page.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
    // What sees nothing may be blind.
    frame.evaluate("document.body.append(document.createElement('img'))");
    assert_eq!(faults(&frame).len(), 1);
}

/// Draws a launcher for each payload in every attribute of the embed code, and says what each came to: its words, its
/// elements, its rules; with what is not as in one whose attributes hold nothing.
const LAUNCHERS: &str = r#"(async (source, payloads) => {
  const roots = [];
  const { attachShadow } = Element.prototype;
  Element.prototype.attachShadow = function (init) {
    const root = attachShadow.call(this, init);
    if (this.localName == "oriel-root") roots.push(root);
    return root;
  };
  const load = (site, options) =>
    new Promise((done) => {
      const script = Object.assign(document.createElement("script"), { src: source, onload: () => (script.remove(), done(roots.at(-1))) });
      Object.assign(script.dataset, { site, ...options });
      document.body.append(script);
    });
  const drawn = (root) => ({
    words: root.querySelector("button").textContent,
    name: root.querySelector("button").ariaLabel,
    elements: [...root.querySelectorAll("*")].map((one) => one.localName + [...one.attributes].map(({ name }) => name)).join(" "),
    rules: root.adoptedStyleSheets.flatMap((sheet) => [...sheet.cssRules].map(({ cssText }) => cssText)).join(),
  });
  // The one thing that is found in a value is the corner: each may be in any of them.
  const plain = [];
  for (const position of ["", "start", "top", "start top"])
    plain.push(drawn(await load(`pk_${position}`, { shape: "pill", label: "words", position })));
  const faults = [];
  for (const payload of payloads) {
    const root = await load("pk_" + payload, {
      label: payload, shape: "pill", accent: payload, scheme: payload, radius: payload, position: payload, offset: payload,
      locale: payload, target: payload, preload: payload,
    });
    const one = drawn(root);
    if (one.words != payload || one.name != payload) faults.push(`${payload}: drawn as ${one.words}, called ${one.name}`);
    if (one.elements != plain[0].elements) faults.push(`${payload}: ${one.elements}`);
    if (!plain.some(({ rules }) => rules == one.rules)) faults.push(`${payload}: ${one.rules}`);
    if (document.documentElement.scrollWidth > innerWidth) faults.push(`${payload}: the page is wider`);
    root.host.oriel.destroy();
  }
  return [...faults, ...ran.map((said) => `ran: ${said}`)];
})"#;

/// Has a chat speak first with each payload, and says which came out as something else.
const TEASERS: &str = r#"(async (payloads) => {
  const faults = [];
  Oriel.proactive(payloads.map((text, at) => ({ name: `rule-${at}`, text })));
  const said = () => root.querySelector(".teaser button");
  const since = performance.now();
  for (const [at, payload] of payloads.entries()) {
    history.pushState(null, "", `?${at}`);
    do {
      Oriel.trigger(`rule-${at}`);
      await new Promise((later) => setTimeout(later, 4));
    } while (!said() && performance.now() - since < 20_000);
    if (said()?.textContent != payload) faults.push(`${payload}: ${said()?.textContent}`);
    if (root.querySelectorAll(".teaser *").length != 2) faults.push(`${payload}: ${root.querySelector(".teaser")?.innerHTML}`);
    if (document.documentElement.scrollWidth > innerWidth) faults.push(`${payload}: the page is wider`);
  }
  return [...faults, ...ran.map((said) => `ran: ${said}`)];
})"#;

#[integration_test]
fn what_a_page_says_to_the_loader_is_taken_for_what_it_may_be_or_for_words(fixtures: &Fixtures) {
    let shop = ShopPage::open(fixtures);
    // A page without a policy: nothing but the loader stands in the way.
    shop.host.serve(
        "/open",
        PageReply::open_page(&customer_page(&shop.embed.snippet)),
    );
    let page = shop.browser.page();
    page.run_before_scripts(CANARY);
    page.run_before_scripts(
        "const { attachShadow } = Element.prototype; Element.prototype.attachShadow = function (init) { \
         return (window.root = attachShadow.call(this, init)) }",
    );
    page.open(&format!("{}/open", shop.host.origin("localhost")));
    // What the test itself could not see would be no proof.
    assert_eq!(page.evaluate("alert(1), ran.splice(0)"), json!(["alert,1"]));
    let said = page.evaluate(&format!("{TEASERS}({})", json!(payloads(199))));
    assert_eq!(said, json!([]));
    let source = json!(format!("{}/oriel.js", shop.edge));
    let drawn = page.evaluate(&format!("{LAUNCHERS}({source}, {})", json!(payloads(400))));
    assert_eq!(drawn, json!([]));
    let complaints = page.complaints();
    assert!(complaints.is_empty(), "{complaints:?}");
}

#[integration_test]
fn a_setting_that_is_no_words_takes_no_payload(fixtures: &Fixtures) {
    let client = fixtures.edge().client();
    let team = fixtures.edge().team();
    let site = team.open_site("Shop", &["https://shop.example"]);
    let path = format!("/sites/{}", site.id);
    let frame = format!("/frame?site={}", site.key);
    let plain = client.get(&frame).send().expect(200).text();
    // The validators themselves are held to all of the lists in `shared/tests/xss.rs`.
    for payload in payloads(40).iter().step_by(20) {
        for change in [
            json!({ "theme": { "accent": payload } }),
            json!({ "theme": { "scheme": payload } }),
            json!({ "locale": payload }),
        ] {
            let refused = team.call("PATCH", &path).json(&change).send();
            let is_refused = matches!(refused.status, 400 | 422);
            assert!(is_refused, "{}: {change}", refused.status);
        }
    }
    // An address may ask for several languages; what is none is passed over.
    for wishes in payloads(199).chunks(10) {
        let wishes: Vec<String> = wishes.iter().map(|wish| encoded(wish)).collect();
        let address = format!("{frame}&lang={}", wishes.join(","));
        let html = client.get(&address).send().expect(200).text();
        assert_eq!(html, plain, "{wishes:?}");
    }
}

/// As it stands in an address.
fn encoded(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02x}")).collect()
}
