//! Two organisations with the same data, side by side: whatever one of them reads holds nothing of the other. Source:
//! CONTROLS TEN-2.
//!
//! What is read is every call of the description that reads, so that a new one is read from then on. What may not show is
//! every id that the other one was ever shown.

use std::collections::BTreeSet;
use std::time::Duration;

use oriel_shared::id::ConversationId;
use oriel_shared::wire::admin::Site;
use oriel_shared::wire::problem::Code;
use oriel_shared::wire::visitor::{ClientFrame, Lead, Role, TicketReply};
use oriel_tests::client::Client;
use oriel_tests::connections::connect;
use oriel_tests::events::Events;
use oriel_tests::fake_internet::Reply;
use oriel_tests::harness::Fixtures;
use oriel_tests::integration_test;
use oriel_tests::online_edge::OnlineEdge;
use oriel_tests::openapi::{Description, Operation};
use oriel_tests::signed;
use oriel_tests::team::Team;
use oriel_tests::visitor::{ORIGIN, Visitor, ask_with_token};
use serde_json::{Value, json};

/// What both have.
const SECRET: &str = "The vault of the boathouse opens with a golden herring.";
const QUESTION: &str = "How does the vault of the boathouse open?";

/// An organisation with one of everything.
struct Tenant {
    team: Team,
    site: Site,
    visitor: Visitor,
    conversation: ConversationId,
}

impl Tenant {
    #[track_caller]
    fn make(online: &OnlineEdge, team: Team, host: &str) -> Self {
        let client = online.client();
        let site = team.open_site("Shop", &[ORIGIN]);
        let _document = team.add_document(&site.id, "The vault", SECRET);
        let key = team.require_tokens(&site.id);
        online.internet.host(host, |_| Reply::status(204));
        let url = format!("https://{host}/hook");
        let webhook = json!({ "kind": "webhook", "url": url, "site_id": site.id });
        let _told = connect(&team, &webhook).expect(201);
        let path = format!("/sites/{}/imports", site.id);
        let sitemap = json!({ "sitemap": format!("https://{host}/sitemap.xml") });
        let _started = team.call("POST", &path).json(&sitemap).send().expect(202);
        let token = signed::token(&key.kid, &key.secret, &signed::claims(&site.key, "ada"));
        let ticket = ask_with_token(&client, &site.key, ORIGIN, &token).expect(201);
        let visitor = Visitor::with_ticket(&client, &ticket.json::<TicketReply>().ticket);
        let mut socket = visitor.socket();
        let answer = socket.ask("m1", QUESTION);
        assert!(answer.text.contains("golden herring"), "{answer:?}");
        socket.send(&ClientFrame::Lead(Lead {
            email: Some("ada@example.org".to_owned()),
            ..Lead::default()
        }));
        let thanks = socket.message("thanks", |message| message.role == Role::System);
        let conversation = visitor.session.conversation.clone();
        team.messages_up_to(&conversation, thanks.seq);
        // A line about the visitor.
        let path = format!("/visitors/{}/export", visitor.session.visitor);
        let _exported = team.call("GET", &path).send().expect(200);
        Self {
            team,
            site,
            visitor,
            conversation,
        }
    }
}

/// What the ids of a parameter in a path begin with.
fn prefix(parameter: &str) -> &'static str {
    match parameter {
        "connection" => "con_",
        "conversation" => "cnv_",
        "delivery" => "dlv_",
        "document" => "doc_",
        "import" => "imp_",
        "review" => "rev_",
        "site" => "site_",
        "visitor" => "vis_",
        other => {
            panic!("{{{other}}} is a parameter that tests/tests/security/tenancy.rs does not know")
        }
    }
}

/// Everything in a text that is shaped like an id: a short prefix, and at least 22 letters that nobody can guess.
fn ids(text: &str) -> impl Iterator<Item = String> {
    text.split(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
        .filter(|token| {
            token.split_once('_').is_some_and(|(prefix, rest)| {
                prefix.bytes().all(|b| b.is_ascii_lowercase()) && rest.len() >= 22
            })
        })
        .map(str::to_owned)
}

/// The path of a call with an id that was shown for every parameter; `None` while one was not.
fn filled(path: &str, shown: &BTreeSet<String>) -> Option<String> {
    let segments = path.split('/').map(|segment| {
        let parameter = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        match parameter {
            None => Some(segment.to_owned()),
            Some(parameter) => shown
                .iter()
                .find(|id| id.starts_with(prefix(parameter)))
                .cloned(),
        }
    });
    segments
        .collect::<Option<Vec<_>>>()
        .map(|segments| segments.join("/"))
}

fn is_stream(description: &Description, call: &Operation) -> bool {
    let path = call.path.replace('/', "~1");
    let pointer = format!("/paths/{path}/get/responses/200/content/text~1event-stream");
    description.document.pointer(&pointer).is_some()
}

/// Every id that an organisation is shown, by every call that reads, begun with nothing but its key.
fn all_shown(description: &Description, client: &Client, team: &Team) -> BTreeSet<String> {
    let mut reads: Vec<&Operation> = description
        .calls
        .iter()
        .filter(|call| call.caller == "Team" && call.method == "GET")
        .collect();
    let mut shown = BTreeSet::new();
    // What one list shows, another call asks for.
    while !reads.is_empty() {
        let n_left = reads.len();
        reads.retain(|call| {
            let Some(path) = filled(&call.path, &shown) else {
                return true;
            };
            let text = if is_stream(description, call) {
                let mut events = Events::open(client.edge(), &path, team.key(), Some("0"));
                let mut text = String::new();
                while let Ok(Some(event)) =
                    events.try_event(Duration::from_secs(1), |event| Some(event.clone()))
                {
                    text.push_str(&event.data);
                }
                text
            } else {
                client
                    .get(&path)
                    .bearer(team.key())
                    .send()
                    .expect(200)
                    .text()
            };
            shown.extend(ids(&text));
            false
        });
        let left: Vec<&str> = reads.iter().map(|call| call.name.as_str()).collect();
        assert!(
            reads.len() < n_left,
            "nothing to ask {left:?} for: {shown:?}"
        );
    }
    shown
}

#[integration_test]
fn two_organisations_with_the_same_data_are_shown_nothing_of_each_other(fixtures: &Fixtures) {
    let online = fixtures.online_edge();
    let client = online.client();
    let hosts = ["one.tenants.example.com", "other.tenants.example.com"];
    let tenants = [
        Tenant::make(online, online.team(), hosts[0]),
        Tenant::make(online, online.another_team(), hosts[1]),
    ];
    let description = Description::read(&client);
    let shown = tenants
        .each_ref()
        .map(|tenant| all_shown(&description, &client, &tenant.team));
    for (tenant, shown) in tenants.iter().zip(&shown) {
        // Each sees its own, of every kind.
        for id in [
            tenant.site.id.as_str(),
            &tenant.site.key,
            tenant.conversation.as_str(),
            tenant.visitor.session.visitor.as_str(),
        ] {
            assert!(shown.contains(id), "{id}");
        }
        for kind in [
            "aud_", "con_", "dlv_", "doc_", "evt_", "hash_", "imp_", "msg_", "rev_",
        ] {
            assert!(
                shown.iter().any(|id| id.starts_with(kind)),
                "{kind}: {shown:?}"
            );
        }
    }
    let both: Vec<&String> = shown[0].intersection(&shown[1]).collect();
    assert!(both.is_empty(), "{both:?}");

    // Whoever knows the other's ids learns no more by them.
    let reads = description.calls.iter();
    let reads = reads.filter(|call| call.caller == "Team" && call.method == "GET");
    let mut n_asked = 0;
    for call in reads {
        for (tenant, others) in tenants.iter().zip(shown.iter().rev()) {
            let path = filled(&call.path, others).expect("an id for every parameter");
            if path == call.path {
                continue;
            }
            n_asked += 1;
            let answer = client.get(&path).bearer(tenant.team.key()).send();
            answer.problem(Code::NotFound);
        }
    }
    assert!(n_asked >= 20, "{n_asked}");

    // The one person who is a visitor of both is two visitors, and each webhook was told of one of them.
    let told = hosts.map(|host| -> BTreeSet<String> {
        let seen = online.internet.seen(host);
        seen.iter()
            .flat_map(|seen| ids(&seen.body).collect::<Vec<_>>())
            .collect()
    });
    let transcripts = tenants.each_ref().map(|tenant| -> BTreeSet<String> {
        let answer = tenant
            .visitor
            .call("GET", "/v1/transcript")
            .send()
            .expect(200);
        ids(&answer.text()).collect()
    });
    for read in [&told, &transcripts] {
        assert!(read.iter().all(|ids| ids.len() >= 2), "{read:?}");
        assert!(read[0].is_disjoint(&read[1]), "{read:?}");
        assert!(read[0].is_disjoint(&shown[1]) && read[1].is_disjoint(&shown[0]));
    }

    // Nobody is answered from the other's document, even when there is no other.
    let [one, other] = &tenants;
    let documents: Value = one
        .team
        .call("GET", &format!("/sites/{}/documents", one.site.id))
        .send()
        .expect(200)
        .json();
    let document = documents["items"][0]["id"].as_str().expect("a document");
    let path = format!("/sites/{}/documents/{document}", one.site.id);
    let _gone = one.team.call("DELETE", &path).send().expect(204);
    for (tenant, knows) in [(one, false), (other, true)] {
        let answer = tenant.visitor.socket().ask("m2", QUESTION);
        assert_eq!(answer.text.contains("golden herring"), knows, "{answer:?}");
    }
}
