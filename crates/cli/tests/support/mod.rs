// SPDX-License-Identifier: Apache-2.0
//! What the tests of the command share: running it in the folder `tests/fixture`, and transcripts that are kept.

#![expect(clippy::expect_used, reason = "a test may fail loudly, its helpers too")]
#![allow(dead_code, reason = "each test uses some of these")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The folder that every scene runs in.
pub fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixture")
}

/// The command with these arguments, ready to run.
pub fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_comity"));
    command.args(arguments).current_dir(fixture()).stdin(Stdio::null());
    for variable in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE"] {
        command.env_remove(variable);
    }
    command
}

/// The command in a folder, with the state of its user there too; a quoted argument may have spaces.
pub fn in_folder(folder: &Path, arguments: &str, input: &str) -> Output {
    let arguments: Vec<&str> = arguments
        .split('\'')
        .enumerate()
        .flat_map(|(place, part)| if place % 2 == 1 { vec![part] } else { part.split_whitespace().collect() })
        .collect();
    let mut command = command(&arguments);
    command.current_dir(folder).env("XDG_STATE_HOME", folder.join("state"));
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command runs");
    // A command that fails early has closed its input.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    child.wait_with_output().expect("the command ends")
}

/// What the command says in a folder; its status is this, and these parts stand in what it says, wherever lines are broken.
pub fn says(folder: &Path, arguments: &str, input: &str, status: i32, expected: &[&str]) -> String {
    let output = in_folder(folder, arguments, input);
    let said = text(&output.stdout) + &text(&output.stderr);
    assert_eq!(output.status.code(), Some(status), "{arguments}: {said}");
    let joined = said.split_whitespace().collect::<Vec<_>>().join(" ");
    for part in expected {
        assert!(joined.contains(part), "{arguments}: expected `{part}` in {said}");
    }
    said
}

/// Runs the command.
pub fn run(arguments: &[&str]) -> Output {
    command(arguments).output().expect("the command runs")
}

/// Runs the command with this on its standard input.
pub fn piped(arguments: &[&str], input: &str) -> Output {
    let mut child =
        command(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the command runs");
    child.stdin.take().expect("it has an input").write_all(input.as_bytes()).expect("it reads");
    child.wait_with_output().expect("it ends")
}

/// The exit status of the command.
pub fn status(arguments: &[&str]) -> i32 {
    run(arguments).status.code().expect("it exits by itself")
}

/// Output as text.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("the output is text")
}

/// Digests change with every word of the fixture and say nothing to a reader.
pub fn masked(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("\"digest\":\"") {
        out.push_str(before);
        out.push_str("\"digest\":\"…");
        rest = after.trim_start_matches(|letter: char| letter.is_ascii_hexdigit());
    }
    out + rest
}

/// What a person sees of one run.
pub fn transcript(arguments: &[&str], output: &Output) -> String {
    let mut out = format!("$ comity {}\n{}", arguments.join(" "), masked(&text(&output.stdout)));
    let errors = text(&output.stderr);
    if !errors.is_empty() {
        out.push_str(&format!("--- standard error\n{errors}"));
    }
    out.push_str(&format!("--- exit status {}\n", output.status.code().expect("it exits by itself")));
    out
}

/// Runs the commands of a document, those in blocks without a mark, in an empty folder, and compares what they say with it.
///
/// What stands after `…` on a line may be anything, and a line of nothing else stands for the rest of the output.
/// Spaces and line breaks make no difference.
pub fn walk_through(document: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(document);
    let document = std::fs::read_to_string(&path).expect("the document is there");
    let folder = tempfile::TempDir::new().expect("there is room");
    let bin = Path::new(env!("CARGO_BIN_EXE_comity")).parent().expect("it has a folder").to_owned();
    let search = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap_or_default());
    let mut ran = 0;
    let blocks = document.split("\n```").enumerate().filter(|(place, _)| place % 2 == 1).map(|(_, block)| block);
    for block in blocks.filter_map(|block| block.strip_prefix("\n$ ")) {
        for run in block.split("\n$ ") {
            let mut lines = run.lines();
            let mut command = String::new();
            for line in lines.by_ref() {
                command.push_str(line);
                command.push('\n');
                if !line.ends_with('\\') {
                    break;
                }
            }
            let output = Command::new("bash")
                .args(["-c", &format!("exec 2>&1; {command}")])
                .current_dir(folder.path())
                .env("PATH", &search)
                .env("XDG_STATE_HOME", folder.path().join("state"))
                .env("NO_COLOR", "1")
                .env("COLUMNS", "200")
                .output()
                .expect("bash runs");
            ran += 1;
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            let said = words(&text(&output.stdout));
            let expected = words(&lines.collect::<Vec<_>>().join("\n"));
            let mut rest = said.as_str();
            let parts: Vec<&str> = expected.split('…').map(str::trim).collect();
            for (place, part) in parts.iter().enumerate() {
                let at = rest.find(part);
                assert!(at.is_some_and(|at| place > 0 || at == 0), "`{command}` says\n{said}\nand the document\n{expected}");
                rest = rest.split_once(part).map_or("", |(_, after)| after);
            }
            assert!(rest.is_empty() || expected.ends_with('…'), "`{command}` also says\n{rest}");
        }
    }
    assert!(ran > 0, "the document has commands");
}

/// Compares the transcript of some commands with the one that is kept.
pub fn scene(name: &str, commands: &[&str]) {
    let parts = commands.iter().map(|line| {
        let arguments: Vec<&str> = line.split_whitespace().collect();
        transcript(&arguments, &run(&arguments))
    });
    let found = parts.collect::<Vec<_>>().join("\n");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/snapshots/{name}.txt"));
    if std::env::var_os("COMITY_WRITE_EXPECTED").is_some() {
        std::fs::create_dir_all(path.parent().expect("it has a folder")).expect("the folder can be made");
        std::fs::write(&path, &found).expect("the transcript can be written");
        return;
    }
    let kept = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == kept,
        "{name} differs from its transcript; COMITY_WRITE_EXPECTED=1 writes it anew.\n--- kept\n{kept}\n--- found\n{found}"
    );
}
