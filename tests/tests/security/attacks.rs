//! What a page that means harm can do to a visitor of another one, tried in real Chromium. Nothing: no session, no
//! message, no cookie. Every test shows first or last that the honest way works, with the same means.

use oriel_shared::wire::admin::Embed;
use oriel_shared::wire::visitor::SOCKET_PROTOCOL;
use oriel_tests::browser::{Frame, Page};
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::page_server::{PageReply, customer_page};
use oriel_tests::socket::Socket;
use oriel_tests::visitor::Visitor;
use oriel_tests::wait::{SOON, until};
use oriel_tests::widget::{ANSWER, FIELD, LAUNCHER, QUESTION, ask, open_chat};
use serde_json::{Value, json};

use super::attack_scene::{A_MOMENT, Scene, session_calls};

/// Everything that a page can send by itself, to every call that changes something; what the page learned by it.
const EVERYTHING: &str = r#"
(async (edge, site, paths) => {
  let n = 0;
  const learned = [];
  const at = (path, how) => `${edge}${path}?attack=${how}-${n++}`;
  const said = JSON.stringify({ site });
  const bodies = [
    [undefined, undefined],
    ["application/json", said],
    ["text/plain", said],
    ["application/x-www-form-urlencoded", `site=${site}`],
  ];
  const calls = [];
  for (const path of paths)
    for (const method of ["POST", "DELETE", "PATCH"])
      for (const mode of ["cors", "no-cors"])
        for (const [type, body] of bodies) {
          const headers = type ? { "content-type": type } : {};
          calls.push(
            fetch(at(path, "fetch"), { method, mode, headers, body, credentials: "include" }).then(
              (answer) => learned.push(`${answer.type} ${answer.status}`),
              () => learned.push("refused"),
            ),
          );
        }
  for (const path of paths)
    calls.push(
      new Promise((done) => {
        const request = new XMLHttpRequest();
        request.open("POST", at(path, "xhr"));
        request.withCredentials = true;
        request.onload = () => done(learned.push(`read ${request.status}`));
        request.onerror = () => done(learned.push("refused"));
        request.send(said);
      }),
    );
  await Promise.all(calls);
  for (const path of paths)
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/json"])
      navigator.sendBeacon(at(path, "beacon"), new Blob([said], { type }));
  const answered = [];
  for (const path of paths)
    for (const type of ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain"]) {
      const frame = document.createElement("iframe");
      frame.name = `to-${n}`;
      document.body.append(frame);
      const form = document.body.appendChild(document.createElement("form"));
      Object.assign(form, { method: "POST", action: at(path, "form"), enctype: type, target: frame.name });
      const field = form.appendChild(document.createElement("input"));
      // As text/plain this is `{"site":"pk_…","x":"="}`: JSON, with the equals sign where it does no harm.
      field.name = type == "text/plain" ? `{"site":"${site}","x":"` : "site";

      field.value = type == "text/plain" ? '"}' : site;
      answered.push(new Promise((done) => (frame.onload = done)));
      form.submit();
    }
  await Promise.race([Promise.all(answered), new Promise((done) => setTimeout(done, 3000))]);
  return learned;
})"#;

#[integration_test]
fn no_form_fetch_or_beacon_renews_ends_or_opens_a_session(fixtures: &Fixtures) {
    let scene = Scene::open(fixtures);
    let (page, _chat) = scene.victim();
    let edge = &scene.shop.edge;
    let held = page.cookies();
    let session_cookie = format!("__Secure-oriel-{}", scene.shop.site.key);
    let _premise = held
        .iter()
        .find(|(name, value)| *name == session_cookie && !value.is_empty())
        .expect("the visitor has a session's cookie");

    let tickets = format!("/v1/sites/{}/tickets", scene.shop.site.key);
    let sessions = ["/v1/session", "/v1/session/refresh"];
    let everything = [
        "/v1/session",
        "/v1/session/refresh",
        &tickets,
        "/v1/admin/sites",
    ];
    let alone = page.another_tab();
    alone.open(&format!("{}/empty", scene.evil));
    // From beside the chat, where the browser sends its cookie along; from the page around it, which may have tickets
    // and nothing more; and from a page of the attacker's own.
    let neighbour = scene.neighbour(&page);
    let top: &Frame = &page;
    let own: &Frame = &alone;
    for (who, attacker, seen_in, paths) in [
        ("a neighbour", &neighbour, &page, &everything[..]),
        ("the host page", top, &page, &sessions[..]),
        ("another page", own, &alone, &everything[..]),
    ] {
        let n_before = seen_in.requests().len();
        let arguments = json!([edge, scene.shop.site.key, paths]);
        let learned = attacker.evaluate(&format!("{EVERYTHING}(...{arguments})"));
        let learned = learned.as_array().cloned().unwrap_or_default();
        assert!(learned.len() >= paths.len() * 24, "{who}: {learned:?}");
        for what in &learned {
            assert!(
                ["refused", "opaque 0"].contains(&what.as_str().unwrap_or_default()),
                "{who}: {what}"
            );
        }
        seen_in.listen(A_MOMENT);
        let urls: Vec<String> = seen_in.requests()[n_before..]
            .iter()
            .filter(|request| request.url.contains("?attack="))
            .map(|request| request.url.clone())
            .collect();
        for how in ["fetch", "xhr", "beacon", "form"] {
            let sent = urls
                .iter()
                .filter(|url| url.contains(&format!("?attack={how}-")));
            assert!(
                sent.count() >= paths.len(),
                "{who} sent no {how}: {:#?}",
                seen_in.complaints()
            );
        }
        let mut statuses = Vec::new();
        for url in &urls {
            statuses.extend(seen_in.responses(url));
        }
        assert!(statuses.len() > paths.len() * 8, "{who}: {statuses:?}");
        assert!(
            statuses.iter().all(|status| (400..500).contains(status)),
            "{who}: {statuses:?}"
        );
        assert!(statuses.contains(&403), "{who}: {statuses:?}");
        assert_eq!(page.cookies(), held, "{who} changed a cookie");
        let with_cookie = urls
            .iter()
            .filter(|url| seen_in.cookies_sent(url).contains(&session_cookie))
            .count();
        // It is the origin that is refused: the cookie was there.
        if who != "another page" {
            assert!(with_cookie > 0, "{who} sent no cookie");
        }
    }

    // The visitor is who they were.
    page.reload();
    let chat = open_chat(&page, edge);
    chat.until("the conversation", |chat| {
        chat.text().contains(QUESTION).then_some(())
    });
    assert_ne!(page.cookies(), held, "the frame itself renews");
}

#[integration_test]
fn a_page_that_is_not_listed_cannot_show_the_chat_even_around_a_page_that_is(fixtures: &Fixtures) {
    let scene = Scene::open(fixtures);
    let address = scene.frame_document();
    let frame_of = |address: &str| {
        let html = format!(
            "<!doctype html><title>around</title><iframe src=\"{address}\" width=600 height=600>"
        );
        PageReply::open_page(&html)
    };
    scene.shop.host.serve("/straight", frame_of(&address));
    scene.shop.host.serve("/around", frame_of(&scene.host));
    scene.shop.host.serve(
        "/shell",
        frame_of(&format!("{}/straight", scene.shop.host.origin("localhost"))),
    );
    let shows_chat = |page: &Page| !page.frames(&address).is_empty();
    let refused = |page: &Page| {
        page.until("the browser to refuse the frame", |_| {
            let complaints = page.complaints();
            complaints
                .into_iter()
                .find(|line| line.contains("frame-ancestors"))
        });
    };

    // Straight, by a page that is listed: it shows.
    let page = scene.shop.browser.page();
    page.open(&format!("{}/straight", scene.shop.host.origin("localhost")));
    page.until("the frame", |_| shows_chat(&page).then_some(()));

    for path in ["/straight", "/shell"] {
        let page = scene.shop.browser.page();
        page.open(&format!("{}{path}", scene.evil));
        refused(&page);
        page.listen(A_MOMENT);
        assert!(!shows_chat(&page), "{path}");
        assert_eq!(session_calls(&page, &scene.shop.edge), 0, "{path}");
    }

    // The listed page inside the attacker's, clicked by a visitor who sees only that.
    let page = scene.shop.browser.page();
    page.open(&format!("{}/around", scene.evil));
    let inner = page.frame(&scene.host);
    inner.click(&inner.element("button", LAUNCHER));
    refused(&page);
    page.listen(A_MOMENT);
    assert!(!shows_chat(&page));
    assert_eq!(session_calls(&page, &scene.shop.edge), 0);
    assert_eq!(page.cookies(), []);
}

#[integration_test]
fn a_stolen_access_token_opens_no_socket_from_another_page(fixtures: &Fixtures) {
    let scene = Scene::open(fixtures);
    let client = fixtures.edge().client();
    let host = scene.shop.host.origin("localhost");
    let visitor = Visitor::arrive(&client, &scene.shop.site.key, &host);
    let token = &visitor.session.access_token;
    let _premise = Socket::open(client.edge(), token);
    let (page, _chat) = scene.victim();
    let address = scene.shop.edge.replacen("http", "ws", 1) + "/v1/socket";
    let try_it = |with: &Value| {
        format!(
            "new Promise((done) => {{ const socket = new WebSocket('{address}', {with}); \
             socket.onopen = () => done('open'); socket.onmessage = () => done('heard'); \
             socket.onerror = () => done('refused'); }})"
        )
    };
    let with_token = try_it(&json!([SOCKET_PROTOCOL, token]));
    for attacker in [&scene.neighbour(&page), &*page] {
        assert_eq!(attacker.evaluate(&with_token), "refused");
        assert_eq!(
            attacker.evaluate(&try_it(&json!([SOCKET_PROTOCOL]))),
            "refused"
        );
        assert_eq!(attacker.evaluate(&try_it(&json!([]))), "refused");
    }
    // The frame's own page may, with the same token.
    let frame = page.frame(&format!("{}/frame", scene.shop.edge));
    let opened = frame.evaluate(&with_token);
    assert!(opened == "open" || opened == "heard", "{opened}");
}

#[integration_test]
fn two_sites_on_one_page_share_no_session_no_cookie_and_no_message(fixtures: &Fixtures) {
    let scene = Scene::open(fixtures);
    let host = scene.shop.host.origin("localhost");
    let rival = fixtures.edge().another_team();
    let other = rival.open_site("Rival Boats", &[&host]);
    let its: Embed = rival.embed(&other.id);
    let both = format!("{}{}", scene.shop.embed.snippet, its.snippet);
    scene
        .shop
        .host
        .serve("/both", PageReply::open_page(&customer_page(&both)));
    let page = scene.shop.browser.page();
    page.open(&format!("{host}/both"));
    page.until("two launchers", |page| {
        (page.all("button", LAUNCHER).len() == 2).then_some(())
    });
    let frame_of = |key: &str| page.frame(&format!("{}/frame?site={key}", scene.shop.edge));
    let cookie_of = |key: &str| {
        let name = format!("__Secure-oriel-{key}");
        let mut cookies = page.cookies().into_iter();
        cookies.find(|(its, _)| *its == name)
    };

    page.evaluate("Oriel.open()");
    let ours = frame_of(&scene.shop.site.key);
    let _field = ours.element("textbox", FIELD);
    ask(&ours, QUESTION, ANSWER);
    let ours_before = cookie_of(&scene.shop.site.key);
    assert!(ours_before.is_some() && cookie_of(&other.key).is_none());

    // The second one lies over the first.
    page.click(&page.element("button", LAUNCHER));
    let theirs = frame_of(&other.key);
    let _field = theirs.element("textbox", FIELD);
    theirs.until("a session of its own", |_| cookie_of(&other.key).map(drop));
    assert!(!theirs.text().contains(QUESTION), "{}", theirs.text());
    assert_eq!(cookie_of(&scene.shop.site.key), ours_before);
    theirs.click(&theirs.element("textbox", FIELD));
    theirs.type_text("Only for the rival");
    theirs.press(oriel_tests::browser::Key::Enter);
    until("the rival's team to read it", SOON, || {
        let conversations = rival.conversations(&other.id);
        let messages = rival.messages(&conversations.first()?.id);
        messages
            .iter()
            .any(|message| message.text == "Only for the rival")
            .then_some(())
    });
    assert!(
        !ours.text().contains("Only for the rival"),
        "{}",
        ours.text()
    );

    // After a reload each finds its own, and the cookies of both have been renewed side by side.
    page.reload();
    page.until("two launchers again", |page| {
        (page.all("button", LAUNCHER).len() == 2).then_some(())
    });
    page.evaluate("Oriel.open()");
    let ours = frame_of(&scene.shop.site.key);
    ours.until("our conversation", |frame| {
        frame.text().contains(QUESTION).then_some(())
    });
    page.click(&page.element("button", LAUNCHER));
    let theirs = frame_of(&other.key);
    theirs.until("their conversation", |frame| {
        frame.text().contains("Only for the rival").then_some(())
    });
    assert!(!theirs.text().contains(QUESTION) && !ours.text().contains("Only for the rival"));
}

#[integration_test]
fn no_answer_can_be_pulled_in_as_a_script_a_style_an_image_or_a_worker(fixtures: &Fixtures) {
    let scene = Scene::open(fixtures);
    let (page, _chat) = scene.victim();
    let edge = &scene.shop.edge;
    let neighbour = scene.neighbour(&page);
    let load = |element: &str, attribute: &str, address: &str| {
        format!(
            "new Promise((done) => {{ const element = document.createElement('{element}'); \
             element.onload = () => done('loaded'); element.onerror = () => done('refused'); \
             element.rel = 'stylesheet'; element.{attribute} = '{address}'; document.body.append(element); }})"
        )
    };
    // What is meant for other pages loads.
    assert_eq!(
        page.evaluate(&load("script", "src", &format!("{edge}/oriel.js"))),
        "loaded"
    );
    for path in [
        "/healthz",
        "/readyz",
        "/v1/openapi.json",
        "/nowhere",
        "/v1/admin/sites",
    ] {
        let address = format!("{edge}{path}");
        for (element, attribute) in [
            ("script", "src"),
            ("img", "src"),
            ("link", "href"),
            ("video", "src"),
            ("audio", "src"),
        ] {
            for attacker in [&neighbour, &*page] {
                let outcome = attacker.evaluate(&load(element, attribute, &address));
                assert_eq!(outcome, "refused", "{element} {path}");
            }
        }
        for code in [
            format!("import('{address}')"),
            format!("fetch('{address}')"),
            format!("fetch('{address}', {{ credentials: 'include' }})"),
            format!("fetch('{address}', {{ mode: 'no-cors' }})"),
        ] {
            let outcome =
                neighbour.evaluate(&format!("{code}.then(() => 'read', () => 'refused')"));
            assert_eq!(outcome, "refused", "{code}");
        }
    }
    // A worker, or one that would sit between the edge and its visitors, is of the page's own origin or none.
    for code in [
        format!("new Worker('{edge}/oriel.js')"),
        format!("new SharedWorker('{edge}/oriel.js')"),
        format!("await navigator.serviceWorker.register('{edge}/oriel.js')"),
        format!("await navigator.serviceWorker.register('/empty', {{ scope: '{edge}/' }})"),
    ] {
        let attempt = format!(
            "(async () => {{ try {{ {code}; return 'runs'; }} catch (error) {{ return error.name; }} }})()"
        );
        let outcome = neighbour.evaluate(&attempt);
        assert!(outcome != "runs", "{code}: {outcome}");
    }
}
