#![no_main]

#[path = "../../tests/fuzzing/bodies/mod.rs"]
#[expect(dead_code, reason = "one of them")]
mod bodies;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| bodies::exports(bytes));
