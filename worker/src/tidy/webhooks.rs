//! A kind of webhook event that can be asked for is also made.

use oriel_shared::wire::webhook::EventKind;

use super::sources;

#[test]
fn every_kind_of_webhook_event_is_made_somewhere() {
    // Objects make them; when a budget is due one is decided by the rules.
    let makers = ["worker/src/objects", "shared/src/model"].map(sources);
    for kind in EventKind::ALL {
        let variant = format!("EventKind::{kind:?}");
        assert!(
            makers
                .iter()
                .flatten()
                .any(|source| source.text.contains(&variant)),
            "nothing makes {variant}"
        );
    }
}
