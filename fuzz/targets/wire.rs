#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| mad_core::fuzzed::wire(bytes));
