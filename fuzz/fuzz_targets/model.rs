#![no_main]

#[path = "../properties/model.rs"]
mod model;

libfuzzer_sys::fuzz_target!(|stream: &[u8]| model::hold(stream));
