// SPDX-License-Identifier: Apache-2.0
//! What the command writes about itself: a flow file to fill in, completions, manual pages.

use crate::args::{Cli, NewArgs};
use crate::exit::Status;
use crate::input::reason;
use crate::out::Out;
use clap::CommandFactory;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

/// `comity new`.
pub fn flow(args: &NewArgs, out: &mut Out) -> io::Result<Status> {
    let text = comity_flow::template();
    let Some(path) = &args.output else {
        out.raw(&text)?;
        return Ok(Status::Fine);
    };
    // Somebody may have filled the file in: it is never overwritten.
    let written = OpenOptions::new().write(true).create_new(true).open(path).and_then(|mut file| file.write_all(text.as_bytes()));
    if let Err(error) = written {
        let why = if error.kind() == io::ErrorKind::AlreadyExists { "it exists".to_owned() } else { reason(&error) };
        out.error(&format!("cannot write `{}`: {why}", path.display()))?;
        return Ok(Status::Failed);
    }
    out.complain(&format!("wrote {}; fill it in, then: comity check {}\n", path.display(), path.display()))?;
    Ok(Status::Fine)
}

/// `comity completions`.
pub fn completions(shell: clap_complete::Shell, out: &mut Out) -> io::Result<Status> {
    // The generator gives up loudly where it cannot write, so it writes to memory.
    let mut text = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "comity", &mut text);
    out.writer().write_all(&text)?;
    Ok(Status::Fine)
}

/// `comity man`.
pub fn manual(folder: Option<&Path>, out: &mut Out) -> io::Result<Status> {
    let Some(folder) = folder else {
        clap_mangen::Man::new(Cli::command()).render(out.writer())?;
        return Ok(Status::Fine);
    };
    let written = fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(Cli::command(), folder));
    if let Err(error) = written {
        out.error(&format!("cannot write into `{}`: {}", folder.display(), reason(&error)))?;
        return Ok(Status::Failed);
    }
    Ok(Status::Fine)
}
