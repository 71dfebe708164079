// SPDX-License-Identifier: Apache-2.0
//! Time stamps, requests for them, and files of certificates.

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| comity_fuzz_evidence::timestamp(data));
