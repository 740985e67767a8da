//! Visitors who go on talking while everything breaks: the runtime is killed, links are cut, D1 is away. What became of
//! their messages is judged at the end, by what they were told and by what the edge kept.
//!
//! Keeps true: the clients do what the widget does and no more (send again what was not acknowledged, under the same id
//! and in the same order; ask for what they missed by the last place they hold). A seed makes the same plan again; what
//! threads and processes make of it is their own.
//!
//! - [`tab`]: one client; [`link`]: how it talks; [`failures`]: what breaks; [`verdict`]: what is right; [`random`]: chance

mod failures;
mod link;
mod random;
mod tab;
mod verdict;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use oriel_shared::id::ConversationId;
use oriel_shared::wire::admin::{Limits, LimitsChange, Mode, SigningKeyCreated, SiteChange};
use oriel_shared::wire::visitor::{Message, Role};

pub use verdict::{ClientLog, Verdict, verdict_on};

use crate::edge::Edge;
use crate::team::Team;
use crate::visitor::ORIGIN;
use crate::wait::{Deadline, Stopwatch};
use random::Random;
use tab::Tab;

/// How the visitors talk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// Over sockets.
    Socket,
    /// By requests, and a stream of events.
    Fallback,
}

/// What is going to happen.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Chooses everything that is left to chance.
    pub seed: u64,
    /// How many talk.
    pub n_visitors: usize,
    /// How many messages they send, together.
    pub n_messages: usize,
    /// How they do it.
    pub way: Transport,
    /// Tabs that a visitor has open at once. With more than one, tabs come and go: each says a part and leaves.
    pub n_tabs: usize,
    /// The middle of the time between two things that one tab says.
    pub pace: Duration,
    /// The middle of the time that the runtime lives before it is killed again.
    pub alive: Duration,
}

/// Everything that was counted. Its text ends with the counts that matter.
#[derive(Debug)]
pub struct Outcome {
    /// What was planned.
    pub plan: Plan,
    /// How long it took.
    pub took: Duration,
    /// Times that the runtime was killed.
    pub n_kills: usize,
    /// Links that the clients cut.
    pub n_cuts: usize,
    /// Stretches without D1.
    pub n_stretches: usize,
    /// Tabs that were open, one after the other or at once.
    pub n_tabs: usize,
    /// What was found, for all visitors together.
    pub verdict: Verdict,
}

/// What visitors and failures share while it lasts.
struct Chaos<'e> {
    edge: &'e Edge,
    plan: &'e Plan,
    site_key: String,
    signing_key: SigningKeyCreated,
    n_acknowledged: AtomicUsize,
    n_cuts: AtomicUsize,
    n_tabs: AtomicUsize,
    is_over: AtomicBool,
}

/// So that the assistant has something to say, and is asked something that it knows.
const KNOWLEDGE: &str = "# Opening hours\n\nOn weekdays we open at nine in the morning and close at six in the evening.";
/// What every message asks, with its id: no two are alike, so that a doubled one is seen whatever its id.
const QUESTION: &str = "When do you open on weekdays?";
/// After the failures everything is answered and in D1 by then: the longest pause between two attempts is a minute.
const SETTLED_WITHIN: Duration = Duration::from_secs(150);
/// A tab that comes and goes says so much, and stays so long afterwards.
const TAB_SAYS: [u64; 2] = [3, 20];
const TAB_STAYS_MS: [u64; 2] = [0, 2_000];
/// Between two lines that say how far it is.
const TELL_EVERY: Duration = Duration::from_secs(10);

/// Lets it happen, and says what became of the messages.
///
/// # Panics
/// When the edge does not come back, or messages do not arrive at all.
pub fn run(edge: &Edge, plan: &Plan) -> Outcome {
    let team = edge.team();
    let (site_key, signing_key) = open_site(&team);
    let chaos = Chaos {
        edge,
        plan,
        site_key,
        signing_key,
        n_acknowledged: AtomicUsize::default(),
        n_cuts: AtomicUsize::default(),
        n_tabs: AtomicUsize::default(),
        is_over: AtomicBool::default(),
    };
    let began = Stopwatch::start();
    let (told, n_kills, n_stretches) = thread::scope(|scope| {
        let kills = scope.spawn(|| failures::kill_the_runtime(&chaos));
        let stretches = scope.spawn(|| failures::take_d1_away(&chaos));
        scope.spawn(|| tell(&chaos));
        let visitors: Vec<_> = (0..plan.n_visitors)
            .map(|visitor| {
                let chaos = &chaos;
                scope.spawn(move || talk(chaos, visitor))
            })
            .collect();
        let told: Vec<_> = visitors.into_iter().map(|visitor| visitor.join()).collect();
        // Also when one of them gave up: the failures wait for this.
        chaos.is_over.store(true, Ordering::SeqCst);
        let told: Vec<ClientLog> = told.into_iter().map(joined).collect();
        (told, joined(kills.join()), joined(stretches.join()))
    });
    let took = began.elapsed();
    let mut verdict = Verdict::default();
    for (visitor, told) in told.iter().enumerate() {
        let kept = settled(&chaos, visitor, told);
        verdict += verdict_on(told, &kept.messages, &in_d1(&team, &kept));
    }
    Outcome {
        plan: plan.clone(),
        took,
        n_kills,
        n_cuts: chaos.n_cuts.into_inner(),
        n_stretches,
        n_tabs: chaos.n_tabs.into_inner(),
        verdict,
    }
}

fn joined<T>(thread: thread::Result<T>) -> T {
    thread.unwrap_or_else(|why| std::panic::resume_unwind(why))
}

/// A signed site, so that a visitor may come back on any device, with an assistant and without limits in the way.
fn open_site(team: &Team) -> (String, SigningKeyCreated) {
    let site = team.open_site("Chaos", &[ORIGIN]);
    let most = Limits::CEILING;
    let change = SiteChange {
        mode: Some(Mode::Signed),
        limits: Some(LimitsChange {
            message_burst: Some(most.message_burst),
            messages_per_minute: Some(most.messages_per_minute),
            messages_per_day: Some(most.messages_per_day),
            tickets_per_minute: Some(most.tickets_per_minute),
        }),
        ..SiteChange::default()
    };
    let signing_key = team.make_signing_key(&site.id);
    let _changed = team.change(&site.id, &change).expect(200);
    let _document = team.add_document(&site.id, "Hours", KNOWLEDGE);
    (site.key, signing_key)
}

/// One visitor's share of the messages, in as many tabs at once as planned.
fn talk(chaos: &Chaos<'_>, visitor: usize) -> ClientLog {
    let Plan {
        n_visitors,
        n_messages,
        n_tabs,
        ..
    } = *chaos.plan;
    // The first few take what does not divide.
    let share =
        |whole: usize, parts: usize, part: usize| whole / parts + usize::from(part < whole % parts);
    let own = share(n_messages, n_visitors, visitor);
    let records: Vec<tab::Record> = thread::scope(|scope| {
        let lanes: Vec<_> = (0..n_tabs)
            .map(|lane| {
                let n_messages = share(own, n_tabs, lane);
                scope.spawn(move || tabs(chaos, visitor, lane, n_messages))
            })
            .collect();
        lanes
            .into_iter()
            .flat_map(|lane| joined(lane.join()))
            .collect()
    });
    let mut told = ClientLog::default();
    for record in records {
        told.said.push(record.said);
        told.acknowledged.extend(record.acknowledged);
        told.seen.push(record.seen);
        told.n_gaps += record.n_gaps;
    }
    told
}

/// Says so much: in one tab that stays, or in several that come, say a part, stay a while and leave.
fn tabs(chaos: &Chaos<'_>, visitor: usize, lane: usize, n_messages: usize) -> Vec<tab::Record> {
    let comes_and_goes = chaos.plan.n_tabs > 1;
    let mut random = Random::new(chaos.plan.seed, &format!("{visitor}/{lane}"));
    let mut records = Vec::new();
    let mut left = n_messages;
    while left > 0 {
        let part = if comes_and_goes {
            left.min(random.between(TAB_SAYS) as usize)
        } else {
            left
        };
        left -= part;
        chaos.n_tabs.fetch_add(1, Ordering::Relaxed);
        let mut tab = Tab::open(chaos, visitor, &format!("t{lane}-{}", records.len()));
        tab.talk(part);
        if comes_and_goes {
            let stays = Duration::from_millis(random.between(TAB_STAYS_MS));
            tab.listen_until(stays, |_| false);
        }
        records.push(tab.record);
    }
    records
}

/// What the object kept of one visitor.
struct Kept {
    conversation: ConversationId,
    messages: Vec<Message>,
}

/// Reads everything from the object, once the assistant has answered everything, or never will.
fn settled(chaos: &Chaos<'_>, visitor: usize, told: &ClientLog) -> Kept {
    let n_said = told.said.iter().flatten().count();
    let mut tab = Tab::open(chaos, visitor, "auditor");
    tab.listen_until(SETTLED_WITHIN, |tab| {
        let answers = tab.record.seen.iter();
        let n_answers = answers.filter(|m| m.role == Role::Assistant).count();
        n_answers >= n_said && tab.is_whole()
    });
    let conversation = tab
        .session()
        .map(|session| session.conversation.clone())
        .unwrap_or_else(|| panic!("visitor {visitor} was not let in again"));
    Kept {
        conversation,
        messages: tab.record.seen,
    }
}

/// The conversation as the management API has it, once its rows have come, or never will.
fn in_d1(team: &Team, kept: &Kept) -> Vec<Message> {
    let deadline = Deadline::after(SETTLED_WITHIN);
    let path = format!("/conversations/{}/messages", kept.conversation);
    loop {
        // The first rows may not have arrived: then there is no such conversation yet.
        let is_there = team.call("GET", &path).send().status == 200;
        let messages = is_there.then(|| team.messages(&kept.conversation));
        let messages = messages.unwrap_or_default();
        if messages.len() >= kept.messages.len() || deadline.left().is_none() {
            return messages;
        }
        thread::sleep(Duration::from_millis(100));
    }
}

/// Says now and then how far it is.
fn tell(chaos: &Chaos<'_>) {
    let began = Stopwatch::start();
    let mut next = Deadline::after(TELL_EVERY);
    while !chaos.is_over.load(Ordering::SeqCst) {
        thread::sleep(Duration::from_millis(50));
        if next.left().is_none() {
            next = Deadline::after(TELL_EVERY);
            eprintln!(
                "{:>4} s: {} of {} acknowledged",
                began.elapsed().as_secs(),
                chaos.n_acknowledged.load(Ordering::Relaxed),
                chaos.plan.n_messages
            );
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { plan, verdict, .. } = self;
        let way = match plan.way {
            Transport::Socket => "sockets",
            Transport::Fallback => "the fallback",
        };
        write!(
            f,
            "{} visitors over {way}, {} tabs, seed {}, {} s: runtime killed {} times, {} links cut, D1 away {} times\n{verdict}",
            plan.n_visitors,
            self.n_tabs,
            plan.seed,
            self.took.as_secs(),
            self.n_kills,
            self.n_cuts,
            self.n_stretches,
        )
    }
}
