#![no_main]

#[path = "../properties/egress.rs"]
mod egress;

libfuzzer_sys::fuzz_target!(|input: &[u8]| egress::hold(input));
