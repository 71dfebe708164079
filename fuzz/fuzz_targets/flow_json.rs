// SPDX-License-Identifier: Apache-2.0
//! The reader of flow files, on any JSON or what looks like it.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz::flow_json(data));
