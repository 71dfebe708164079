// SPDX-License-Identifier: Apache-2.0
//! Manifests: a text is one, or has problems with their lines.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz_border::manifest(data));
