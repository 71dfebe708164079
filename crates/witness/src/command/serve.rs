// SPDX-License-Identifier: Apache-2.0
//! `comity-witness serve`: cosign for others.

use super::{Failure, seconds};
use crate::ServeArgs;
use comity_log::StoreError;
use comity_witness::Witness;
use comity_witness::report::status;
use comity_witness::server::{Limits, serve};
use std::io::Write;
use std::net::TcpListener;

/// Serves until it is told to stop.
pub fn run(args: &ServeArgs) -> Result<u8, Failure> {
    let witness = Witness::open(&args.data)?;
    let failed = |error| StoreError::new("listen on", args.listen.to_string(), error);
    let listener = TcpListener::bind(args.listen).map_err(failed)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "Listening on http://{}", listener.local_addr()?)?;
    out.flush()?;
    drop(out);
    serve(listener, witness, seconds, Limits::default(), stopped())?;
    Ok(status::FINE)
}

/// Until a signal to end comes from the terminal or the system.
async fn stopped() {
    use tokio::signal::unix::{SignalKind, signal};
    match (signal(SignalKind::interrupt()), signal(SignalKind::terminate())) {
        (Ok(mut interrupt), Ok(mut terminate)) => {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        }
        // Without handlers the system ends the process by itself.
        _ => std::future::pending().await,
    }
}
