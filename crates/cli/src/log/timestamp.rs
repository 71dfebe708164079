// SPDX-License-Identifier: Apache-2.0
//! `comity log timestamp …`: that a checkpoint, or any other file, existed at a time that an authority states.

use super::{Failure, bytes, random_bytes, write_new};
use crate::args::{Format, TimestampCommand, TimestampRequestArgs, TimestampVerifyArgs};
use crate::exit::Status;
use crate::out::Out;
use crate::render::doc::{Block, Line, Tone};
use comity_evidence::timestamp::{self, Certificates, Request, Stamp, TimestampError, Token};
use comity_evidence::{Hash, text};
use serde_json::json;
use std::path::{Path, PathBuf};

/// Runs a command of `comity log timestamp`.
pub fn run(command: &TimestampCommand, out: &mut Out) -> Result<Status, Failure> {
    match command {
        TimestampCommand::Request(args) => request(args, out),
        TimestampCommand::Verify(args) => verify(args, out),
    }
}

fn request(args: &TimestampRequestArgs, out: &mut Out) -> Result<Status, Failure> {
    let digest = Hash::of(&bytes(&args.file)?);
    let output = args.output.clone().unwrap_or_else(|| beside(&args.file, "tsq"));
    write_new(&output, &timestamp::request(&digest, u64::from_be_bytes(random_bytes()?)))?;
    if args.format.format == Format::Json {
        let (file, output) = (args.file.display().to_string(), output.display().to_string());
        out.json(&json!({ "file": file, "sha256": digest.to_hex(), "request": output }))?;
        return Ok(Status::Fine);
    }
    let lines = [
        Line::strong(format!("A request is in {}: send it to an authority as application/timestamp-query", output.display())),
        Line::of(format!("Only the SHA-256 of {} is in it: {}", args.file.display(), digest.to_hex())),
        Line::of(format!("Keep {}, the request, and the answer as {}", args.file.display(), beside(&args.file, "tsr").display())),
    ];
    out.blocks(&lines.map(Block::say), args.format.format)?;
    Ok(Status::Fine)
}

fn verify(args: &TimestampVerifyArgs, out: &mut Out) -> Result<Status, Failure> {
    let document = bytes(&args.file)?;
    let mut trusted = Certificates::default();
    for file in &args.trust {
        trusted.extend(Certificates::from_bytes(&bytes(file)?).map_err(|error| Failure::invalid(file, error))?);
    }
    let request = args.request.as_ref().map(|file| Request::from_bytes(&bytes(file)?).map_err(|error| Failure::invalid(file, error)));
    let request = request.transpose()?;
    let file = args.token.clone().unwrap_or_else(|| beside(&args.file, "tsr"));
    let token = match Token::from_bytes(&bytes(&file)?) {
        Err(error @ TimestampError::Malformed { .. }) => return Err(Failure::invalid(&file, error)),
        read => read,
    };
    match token.and_then(|token| token.verify(&document, &trusted, request.as_ref())) {
        Ok(stamp) => holds(args, &stamp, out),
        Err(error) => {
            if args.format.format == Format::Json {
                out.json(&json!({ "file": args.file.display().to_string(), "holds": false, "problem": error.to_string() }))?;
            } else {
                let line = Line::default().toned(Tone::Bad, "It does not hold").then(format!(": {}: {error}", file.display()));
                out.blocks(&[Block::say(line)], args.format.format)?;
            }
            Ok(Status::No)
        }
    }
}

fn holds(args: &TimestampVerifyArgs, stamp: &Stamp, out: &mut Out) -> Result<Status, Failure> {
    let mut when = text::utc(stamp.seconds);
    if !stamp.decimals.is_empty() {
        when = format!("{}.{}Z", when.trim_end_matches('Z'), stamp.decimals);
    }
    let accuracy = stamp.accuracy.map(|accuracy| accuracy.as_secs_f64());
    if args.format.format == Format::Json {
        out.json(&json!({
            "file": args.file.display().to_string(), "holds": true, "time": when, "seconds": stamp.seconds, "accuracy_seconds": accuracy,
            "digest": stamp.digest, "serial": stamp.serial, "policy": stamp.policy, "authority": stamp.authority, "root": stamp.root,
            "answers_request": args.request.is_some(),
        }))?;
        return Ok(Status::Fine);
    }
    let head = Line::default().toned(Tone::Good, "It holds").then(format!(": {} existed at {when}", args.file.display()));
    let within = accuracy.map_or_else(String::new, |seconds| format!(", within {seconds} s"));
    let mut body = vec![
        Block::say(format!("By {}: number {}, policy {}{within}", stamp.authority, stamp.serial, stamp.policy)),
        Block::say(format!("Trusted for it: {}", stamp.root)),
    ];
    if args.request.is_none() {
        body.push(Block::say("That it was made for your own request was not asked: that takes --request"));
    }
    body.push(Block::say(Line::faint("Whether a certificate was revoked is not looked up")));
    out.blocks(&[Block::group(head, body)], args.format.format)?;
    Ok(Status::Fine)
}

/// The file with an ending added: `audit.checkpoint.tsq`.
fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(ending);
    PathBuf::from(name)
}
