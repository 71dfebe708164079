// SPDX-License-Identifier: Apache-2.0
//! Witnesses, logs that are cosigned, and followers, over real sockets.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod cosign;
mod follow;
mod kills;
mod server;
mod support;
mod tls;
