#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| (elanus_fuzzing::target("log").run)(input));
