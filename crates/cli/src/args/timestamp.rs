// SPDX-License-Identifier: Apache-2.0
//! `comity log timestamp …`.

use super::FormatArgs;
use clap::{Args, Subcommand, ValueHint};
use std::path::PathBuf;

/// `comity log timestamp …`.
#[derive(Debug, Subcommand)]
pub enum TimestampCommand {
    /// Write the request for a time stamp over a file; only its digest goes into it
    #[command(after_long_help = "\
This command sends nothing. Any program that posts a file takes the request to an authority, and keeps its answer:
  curl -H 'Content-Type: application/timestamp-query' --data-binary @audit.checkpoint.tsq URL > audit.checkpoint.tsr

Examples:
  comity log checkpoint audit-2026 > audit.checkpoint
  comity log timestamp request audit.checkpoint

Exit status: 0 done, 1 the tool failed: the request is there already, and is not overwritten.")]
    Request(TimestampRequestArgs),
    /// Check offline that a file existed when a time stamp says, under certificates that you trust
    #[command(after_long_help = "\
The answer of any authority that keeps to RFC 3161 can be checked, over a file of any kind. Its certificate must be for time
stamping alone, valid at the time of the time stamp, and lead to one that you trust; the authority's own can be trusted too.
Whether a certificate was revoked is not looked up. With --request it is shown that the answer was made for this request.

Examples:
  comity log timestamp verify audit.checkpoint --trust root.pem --request audit.checkpoint.tsq
  comity log timestamp verify letter.pdf --token letter.tsr --trust roots.pem --format json | jq -r .time

Exit status: 0 it holds, 10 it does not, or the authority gave no time stamp, 3 a file is invalid, 1 the tool failed.")]
    Verify(TimestampVerifyArgs),
}

/// `comity log timestamp request`.
#[derive(Args, Debug)]
pub struct TimestampRequestArgs {
    /// The file whose time is to be witnessed: a checkpoint, or any other
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// Where the request is written, which is never overwritten; FILE.tsq unless given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<PathBuf>,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `comity log timestamp verify`.
#[derive(Args, Debug)]
pub struct TimestampVerifyArgs {
    /// The file that the time stamp is over, exactly as it was
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: PathBuf,
    /// The answer of the authority, or the token alone; FILE.tsr unless given
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub token: Option<PathBuf>,
    /// Certificates that you trust, in PEM or DER: of roots, or of authorities; may be given several times
    #[arg(long, value_name = "FILE", required = true, value_hint = ValueHint::FilePath)]
    pub trust: Vec<PathBuf>,
    /// The request that was sent, which the time stamp must answer
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub request: Option<PathBuf>,
    /// The format.
    #[command(flatten)]
    pub format: FormatArgs,
}
