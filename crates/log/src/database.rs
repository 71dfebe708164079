// SPDX-License-Identifier: Apache-2.0
//! How every SQLite file of a log is opened.

use rusqlite::Connection;
use std::path::Path;
use std::time::Duration;

/// How long one process waits for another that writes.
const PATIENCE: Duration = Duration::from_secs(30);

/// Opens a file in write-ahead mode: a commit is on the disk when it returns, and what is deleted is overwritten.
///
/// # Errors
///
/// What SQLite says if the file cannot be opened, or is no database.
pub fn open(file: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(file)?;
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "secure_delete", "ON")?;
    Ok(connection)
}
