#![no_main]

#[path = "../properties/rich_text.rs"]
mod rich_text;

libfuzzer_sys::fuzz_target!(|input: &[u8]| rich_text::hold(input));
