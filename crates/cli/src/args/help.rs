// SPDX-License-Identifier: Apache-2.0
//! The help of the command as a whole.

/// The commands by what they are for; a test holds this to name every one.
const HELP: &str = "\
{about-with-newline}
{usage-heading} {usage}

Judge a movement of personal data:
  check        Judge flows: the verdict, what to do next, and what led to it
  explain      Why: each provision that mattered, and the facts it looked at
  route        Find the cheapest steps after which every instrument permits the flow
  replay       Judge flows again under a draft or on another day, and show what changes
  casebook     Judge decided cases and probes, and compare

Describe flows:
  ask          Ask the next best question, or one after the other until a flow is decided
  new          Print a flow file to fill in: every key with its question
  import       Make flow files of a register in CSV or XLSX
  export       Make a register in CSV or XLSX of flow files
  terms        Show and search the vocabulary: places, data, purposes, safeguards

Keep evidence:
  log          Begin, write, prove, audit, erase and time-stamp in a transparency log
  receipt      Check a receipt offline
  custody      Keep and check an exhibit's chain of custody, and write it for a court

{TABLES}Work on the law:
  law          List, show, check, test and lay out the instruments of the library

This command itself:
  completions  Print completions for a shell
  man          Print the manual page, or write one for each command
  help         Print this, or the help of a command

Options:
{options}{after-help}";

/// The commands of the feature `border`.
const TABLES: &str = "\
Make tables lawful to send:
  discover     Propose what the columns of a table hold
  cross        Judge a table row by row, send what may leave, and record it

";

/// The help of the command as a whole.
pub fn help() -> String {
    HELP.replace("{TABLES}", if cfg!(feature = "border") { TABLES } else { "" })
}
