// SPDX-License-Identifier: Apache-2.0
//! `comity-lsp`: the language server, over standard input and output.

use comity_editor::server::{Failure, serve};
use lsp_server::Connection;
use std::process::ExitCode;

fn main() -> ExitCode {
    match std::env::args().nth(1).as_deref() {
        // Editors that start servers of many kinds add `--stdio`.
        None | Some("--stdio") => {}
        Some("--version" | "-V") => {
            println!("comity-lsp {}", env!("CARGO_PKG_VERSION"));
            return ExitCode::SUCCESS;
        }
        Some("--help" | "-h") => {
            println!(
                "comity-lsp: the language server of Comity, for editors\n\nusage: comity-lsp [--stdio]\n\nIt speaks the Language Server Protocol over standard input and output."
            );
            return ExitCode::SUCCESS;
        }
        Some(other) => {
            eprintln!("error: `{other}` is not an option; expected `--stdio`, `--version` or `--help`");
            return ExitCode::from(2);
        }
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Failure> {
    let (connection, threads) = Connection::stdio();
    serve(&connection, &|| jiff::Zoned::now().date())?;
    // The threads end when their channels do.
    drop(connection);
    threads.join()?;
    Ok(())
}
