// SPDX-License-Identifier: Apache-2.0
//! The parser and the formatter of instruments, on any text.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz::law_parse(data));
