// SPDX-License-Identifier: Apache-2.0
//! Standard output and standard error, and how the output looks there.

use crate::args::Format;
use crate::render::doc::Block;
use crate::render::text::Look;
use crate::render::{plain, text};
use anstream::{AutoStream, ColorChoice};
use anstyle::{AnsiColor, Style};
use std::io::{self, BufWriter, IsTerminal, Write};
use std::time::{Duration, Instant};

/// The widest that prose is set, also on a wider terminal.
const WIDEST: usize = 100;

/// Where a command writes.
pub struct Out {
    to: BufWriter<Box<dyn Write>>,
    look: Look,
    look_of_errors: Look,
}

impl Out {
    /// Standard output, in colors where it is a terminal and nobody asks otherwise.
    pub fn new() -> Self {
        // Only a terminal has a width of its own: what goes to a file or another program must not depend on the window.
        let terminal = io::stdout().is_terminal().then(terminal_size::terminal_size).flatten();
        let width = terminal.map_or(WIDEST, |(width, _)| usize::from(width.0).clamp(40, WIDEST));
        let color = AutoStream::choice(&io::stdout()) != ColorChoice::Never;
        let color_of_errors = AutoStream::choice(&io::stderr()) != ColorChoice::Never;
        Self {
            to: BufWriter::new(Box::new(io::stdout().lock())),
            look: Look { color, width },
            look_of_errors: Look { color: color_of_errors, width },
        }
    }

    /// From now on writes what there is to say on standard error: standard output is for data.
    #[cfg(feature = "border")]
    pub fn aside(&mut self) -> io::Result<()> {
        self.to.flush()?;
        self.to = BufWriter::new(Box::new(io::stderr()));
        self.look = self.look_of_errors;
        Ok(())
    }

    /// How text looks on standard output.
    pub fn look(&self) -> Look {
        self.look
    }

    /// Writes a document as text or plain sentences. JSON is written with [`Out::json`].
    pub fn blocks(&mut self, blocks: &[Block], format: Format) -> io::Result<()> {
        let drawn = if format == Format::Plain { plain::draw(blocks) } else { text::draw(blocks, self.look) };
        self.to.write_all(drawn.as_bytes())
    }

    /// Writes one line of JSON.
    pub fn json(&mut self, value: &serde_json::Value) -> io::Result<()> {
        writeln!(self.to, "{value}")
    }

    /// Writes text as it is.
    pub fn raw(&mut self, text: &str) -> io::Result<()> {
        self.to.write_all(text.as_bytes())
    }

    /// The writer itself, for what writes on its own.
    pub fn writer(&mut self) -> &mut impl Write {
        &mut self.to
    }

    /// Hands everything to the reader.
    pub fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }

    /// Says something on standard error, after all that was written so far.
    pub fn complain(&mut self, text: &str) -> io::Result<()> {
        self.to.flush()?;
        // A closed standard error is no reason to stop.
        let _ = io::stderr().write_all(text.as_bytes());
        Ok(())
    }

    /// Says an error in one line on standard error.
    pub fn error(&mut self, message: &str) -> io::Result<()> {
        let style = if self.look_of_errors.color { AnsiColor::Red.on_default().bold() } else { Style::new() };
        self.complain(&format!("{style}error{style:#}: {message}\n"))
    }

    /// Says a warning in one line on standard error.
    pub fn warning(&mut self, message: &str) -> io::Result<()> {
        let style = if self.look_of_errors.color { AnsiColor::Yellow.on_default().bold() } else { Style::new() };
        self.complain(&format!("{style}warning{style:#}: {message}\n"))
    }

    /// How text looks on standard error.
    pub fn look_of_errors(&self) -> Look {
        self.look_of_errors
    }
}

/// How far long work has come, on standard error, where somebody watches.
pub struct Progress {
    total: Option<usize>,
    shown: bool,
    said: std::cell::Cell<Option<Instant>>,
}

impl Progress {
    /// Shown on a terminal, for more than twenty pieces of work or where their number is not known.
    pub fn new(total: Option<usize>) -> Self {
        let shown = total.is_none_or(|total| total > 20) && io::stderr().is_terminal();
        Self { total, shown, said: std::cell::Cell::new(None) }
    }

    /// So many are done.
    pub fn at(&self, done: usize) {
        match self.total {
            Some(total) => self.say(&format!("{done} of {total}")),
            None => self.say(&format!("{done} done")),
        }
    }

    /// Says how far the work has come, if some time went by since it was last said.
    pub fn say(&self, text: &str) {
        let recent = self.said.get().is_some_and(|said| said.elapsed() < Duration::from_millis(80));
        if self.shown && !recent {
            self.said.set(Some(Instant::now()));
            let _ = write!(io::stderr(), "\r\u{1b}[K{text}");
        }
    }

    /// Makes room for lines on the terminal.
    pub fn clear(&self) {
        if self.shown && self.said.take().is_some() {
            let _ = write!(io::stderr(), "\r\u{1b}[K");
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.clear();
    }
}
