// SPDX-License-Identifier: Apache-2.0
//! The file of rows that are kept apart: made when there is the first one.

use crate::hints::Hints;
use crate::sink::Sink;
use crate::source::Broken;
use crate::unit::of_broken;
use crate::{CrossingError, Format, files::Digested};
use arrow_array::RecordBatch;
use comity_border::Enforcer;
use std::path::{Path, PathBuf};

/// Rows that are kept apart.
pub(crate) struct Apart {
    path: PathBuf,
    format: Format,
    hints: Hints,
    sink: Option<Sink>,
    /// Rows that could not be read, so far.
    pub(crate) broken: u64,
}

impl Apart {
    pub(crate) fn new(path: PathBuf, format: Format, hints: Hints) -> Self {
        Self { path, format, hints, sink: None, broken: 0 }
    }

    /// Keeps rows that may not leave, and those of the table at `source` that could not be read.
    pub(crate) fn keep(
        &mut self,
        enforcer: &Enforcer,
        quarantined: &RecordBatch,
        (source, broken): (&Path, &[Broken]),
    ) -> Result<(), CrossingError> {
        if quarantined.num_rows() == 0 && broken.is_empty() {
            return Ok(());
        }
        let sink = match &mut self.sink {
            Some(sink) => sink,
            None => self.sink.insert(Sink::create(&self.path, self.format, enforcer.quarantine(), &self.hints)?),
        };
        if quarantined.num_rows() > 0 {
            sink.write(quarantined)?;
        }
        if !broken.is_empty() {
            sink.write(&of_broken(source, enforcer, broken)?)?;
            self.broken += broken.len() as u64;
        }
        Ok(())
    }

    /// Ends the file; none where there was no such row.
    pub(crate) fn finish(self) -> Result<Option<(Digested, u64)>, CrossingError> {
        self.sink.map(Sink::finish).transpose()
    }
}
