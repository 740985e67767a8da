//! Chats that are open and silent: their objects sleep, and nothing of them stays in the worker. Counted in the wasm, after
//! a collection: a number of megabytes says as much of the runtime's garbage as of ours (bench/README.md, "Idle chats").

use std::time::Duration;

use oriel_tests::edge::{Edge, WasmContents};
use oriel_tests::integration_test;
use oriel_tests::socket::Socket;
use oriel_tests::visitor::{ORIGIN, Visitor};
use oriel_tests::wait::Deadline;

const N_CHATS: usize = 12;
/// Objects sleep after ten seconds without an event.
const ASLEEP_WITHIN: Duration = Duration::from_secs(60);

#[integration_test]
fn a_silent_chat_leaves_nothing_in_the_worker_though_its_socket_is_open() {
    let edge = Edge::start_counting_wasm().expect("an edge that counts");
    let (team, client) = (edge.team(), edge.client());
    let site = team.open_site("Shop", &[ORIGIN]);
    let open = || -> Vec<Socket> {
        let chat = |_| {
            let mut socket = Visitor::arrive(&client, &site.key, ORIGIN).socket();
            let _answer = socket.ask("m1", "When do you open?");
            socket
        };
        (0..N_CHATS).map(chat).collect()
    };
    let asleep = |most: u32| -> WasmContents {
        let deadline = Deadline::after(ASLEEP_WITHIN);
        loop {
            let alive = edge.wasm_contents();
            let is_empty = alive.objects.values().all(|&n| n == 0);
            if is_empty && alive.references <= most {
                return alive;
            }
            assert!(
                deadline.left().is_some(),
                "{alive:?} stay, of at most {most} references"
            );
        }
    };

    let mut chats = open();
    let at_work = edge.wasm_contents();
    assert!(at_work.objects["visitor"] > 0, "{at_work:?}");
    // What all share stays: statements, keys, the site.
    let first = asleep(u32::MAX);
    chats.extend(open());
    let second = asleep(first.references);
    assert_eq!(second.memory, first.memory, "{second:?} after {first:?}");

    for chat in &mut chats {
        let _awake = chat.say_and_see("m2", "Are you still there?");
    }
    let awake = edge.wasm_contents();
    assert!(awake.objects["visitor"] > 0, "{awake:?}");
}
