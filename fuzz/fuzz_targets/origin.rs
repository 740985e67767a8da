#![no_main]

#[path = "../properties/origin.rs"]
mod origin;

libfuzzer_sys::fuzz_target!(|input: &[u8]| origin::hold(input));
