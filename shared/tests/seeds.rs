//! The seeds of the fuzz targets, through the very functions that are fuzzed, so that both stay alive without a fuzzer.

#[path = "../../fuzz/properties/egress.rs"]
mod egress;
#[path = "../../fuzz/properties/frame.rs"]
mod frame;
#[path = "../../fuzz/properties/model.rs"]
mod model;
#[path = "../../fuzz/properties/origin.rs"]
mod origin;
#[path = "../../fuzz/properties/rich_text.rs"]
mod rich_text;
#[path = "../../fuzz/properties/token.rs"]
mod token;

use std::fs;
use std::path::Path;

/// Holds every seed of a target, each also cut short at every byte.
fn hold(target: &str, n_seeds: usize, property: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fuzz/seeds")
        .join(target);
    let files: Vec<_> = fs::read_dir(folder)
        .expect("the seeds")
        .map(|file| file.expect("a seed").path())
        .collect();
    assert_eq!(files.len(), n_seeds, "seeds of {target}");
    for file in files {
        let seed = fs::read(&file).expect("a seed");
        for end in (0..=seed.len()).rev().take(200) {
            property(&seed[..end]);
        }
    }
}

#[test]
fn no_seed_makes_a_token_that_nobody_signed() {
    hold("token", 58, token::hold);
}

#[test]
fn no_seed_widens_a_safelist() {
    hold("origin", 72, origin::hold);
}

#[test]
fn no_seed_is_a_frame_with_two_meanings() {
    hold("frame", 12, frame::hold);
}

#[test]
fn no_seed_leaves_the_allowed_nodes() {
    hold("rich_text", 37, rich_text::hold);
}

#[test]
fn no_seed_leads_where_no_request_may_go() {
    hold("egress", 111, egress::hold);
}

#[test]
fn no_seed_of_a_models_stream_shows_what_it_must_not() {
    hold("model", 10, model::hold);
}
