// SPDX-License-Identifier: Apache-2.0
//! The reader and the writer of flow files, on any TOML or what looks like it.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz::flow_toml(data));
