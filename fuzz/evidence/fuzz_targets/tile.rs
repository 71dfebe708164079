// SPDX-License-Identifier: Apache-2.0
//! Tiles and bundles: paths and contents have one form.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz_evidence::tile(data));
