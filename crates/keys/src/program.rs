// SPDX-License-Identifier: Apache-2.0
//! A program as a key service: it reads what the secret is for, and writes the secret.
//!
//! With it, whatever has a command line can keep the key: AWS KMS, Google Cloud KMS, Vault, a smart card.

use crate::KeyError;
use comity_border::service::{KeyService, KeyServiceError};
use comity_evidence::text::from_base64;
use std::io::{self, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use zeroize::Zeroizing;

/// More than this is no secret.
const LONGEST: u64 = 4096;

/// A program, which is run once for each operation, and without a shell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program {
    name: String,
    arguments: Vec<String>,
}

/// The words of a command, as a shell would see them that knows quotes and nothing else.
///
/// # Errors
///
/// What was expected and found.
pub fn words(command: &str) -> Result<Vec<String>, String> {
    let (mut words, mut word, mut quote): (Vec<String>, Option<String>, Option<char>) = (Vec::new(), None, None);
    let mut letters = command.chars();
    while let Some(letter) = letters.next() {
        match (quote, letter) {
            (Some(open), letter) if open == letter => quote = None,
            (None, '\'' | '"') => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (None, '\\') | (Some('"'), '\\') => {
                let next = letters.next().ok_or("expected a letter after the last `\\` of the command")?;
                word.get_or_insert_default().push(next);
            }
            (None, space) if space.is_whitespace() => words.extend(word.take()),
            (_, letter) => word.get_or_insert_default().push(letter),
        }
    }
    if let Some(open) = quote {
        return Err(format!("expected another `{open}` at the end of what it begins in the command"));
    }
    words.extend(word);
    if words.is_empty() { Err("expected a program that gives the secret, found an empty command".to_owned()) } else { Ok(words) }
}

impl Program {
    /// The program of a command's words, the first of which is its name.
    ///
    /// # Errors
    ///
    /// [`KeyError::Place`] if there is no word.
    pub fn new(words: &[String]) -> Result<Self, KeyError> {
        let wrong = || KeyError::Place("expected a program that gives the secret, found an empty command".to_owned());
        let (name, arguments) = words.split_first().ok_or_else(wrong)?;
        Ok(Self { name: name.clone(), arguments: arguments.to_vec() })
    }

    /// What it wrote.
    fn output(&self, message: &[u8]) -> Result<Zeroizing<Vec<u8>>, KeyServiceError> {
        let failed = |what: &str, error: &io::Error| KeyServiceError(format!("{what} `{}`, which gives the secret: {error}", self.name));
        let mut command = Command::new(&self.name);
        // What it has to say is for whoever runs this; what it writes is for nobody to see.
        command.args(&self.arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().map_err(|error| failed("cannot run", &error))?;
        if let Some(mut input) = child.stdin.take() {
            match input.write_all(message) {
                // It need not read what it does not want to know.
                Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                    let _ended = child.kill();
                    return Err(failed("cannot tell", &error));
                }
                _ => {}
            }
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(usize::try_from(LONGEST).unwrap_or_default() + 1));
        let read = match child.stdout.take() {
            // The pipe closes with the end of this: a program that goes on writing does not hold us up.
            Some(output) => output.take(LONGEST + 1).read_to_end(&mut bytes).map(drop),
            None => Ok(()),
        };
        let status = child.wait().map_err(|error| failed("cannot wait for", &error))?;
        read.map_err(|error| failed("cannot read", &error))?;
        if status.success() || bytes.len() as u64 > LONGEST {
            return Ok(bytes);
        }
        Err(KeyServiceError(format!("`{}`, which gives the secret, ended with {status}", self.name)))
    }
}

impl KeyService for Program {
    fn label(&self) -> String {
        Path::new(&self.name).file_name().map_or_else(|| self.name.clone(), |name| name.to_string_lossy().into_owned())
    }

    fn mac(&mut self, message: &[u8]) -> Result<Zeroizing<[u8; 32]>, KeyServiceError> {
        let output = self.output(message)?;
        let text = std::str::from_utf8(&output).map(str::trim).unwrap_or_default();
        secret(text).ok_or_else(|| {
            KeyServiceError(format!(
                "`{}`: expected a secret of 32 bytes in 64 hexadecimal digits or in Base64, found {} bytes that are none",
                self.name,
                output.len()
            ))
        })
    }
}

/// 32 bytes in hexadecimal digits or in Base64.
fn secret(text: &str) -> Option<Zeroizing<[u8; 32]>> {
    let bytes = match text.len() {
        64 => Zeroizing::new(comity_evidence::text::from_hex(&text.to_ascii_lowercase())?),
        _ => Zeroizing::new(from_base64(text)?),
    };
    bytes.as_slice().try_into().ok().map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::{Program, secret, words};
    use comity_border::Secret;
    use comity_border::service::{Context, KeyService};
    use std::fs;

    fn of(command: &str) -> Result<Vec<String>, String> {
        words(command)
    }

    #[test]
    fn words_are_those_of_a_shell_without_what_it_runs() {
        let found = |command| of(command).map(|words| words.join("|"));
        assert_eq!(found("  a  b\tc "), Ok("a|b|c".to_owned()));
        assert_eq!(found("a 'b  c' \"d 'e'\" f\\ g h''i ''"), Ok("a|b  c|d 'e'|f g|hi|".to_owned()));
        assert_eq!(found("a $(b) | c; d > e"), Ok("a|$(b)|||c;|d|>|e".to_owned()));
        for wrong in ["", "  ", "a 'b", "a \"b", "a\\"] {
            assert!(of(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_secret_is_32_bytes() {
        assert_eq!(secret(&"5C".repeat(32)).as_deref(), Some(&[0x5c; 32]));
        assert_eq!(secret("XFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFxcXFw=").as_deref(), Some(&[0x5c; 32]));
        for wrong in ["", "5c", &"5g".repeat(32), &"5c".repeat(33), "XFxc"] {
            assert!(secret(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn it_runs_once_reads_the_context_and_shows_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let script = folder.path().join("keeper");
        let write = |body: &str| fs::write(&script, format!("cd '{}'\n{body}\n", folder.path().display())).unwrap();
        let mut program = Program::new(&["sh".to_owned(), script.to_str().unwrap().to_owned()]).unwrap();
        let context = Context { recipient: "Acme".to_owned(), purpose: "analytics".to_owned(), epoch: "2026".to_owned() };
        write("cat > seen; echo ran >> runs; printf '%064d\\n' 7");
        let secret = Secret::of_service(&mut program, &context).unwrap();
        assert!(secret.name().starts_with("sh "), "{}", secret.name());
        assert_eq!(fs::read_to_string(folder.path().join("seen")).unwrap(), context.message());
        assert_eq!(fs::read_to_string(folder.path().join("runs")).unwrap(), "ran\n");
        for (body, expected) in [
            ("echo hunter2", "found 8 bytes that are none"),
            ("echo hunter2; exit 3", "ended with exit status: 3"),
            ("while :; do echo hunter2; done", "found 4097 bytes that are none"),
            ("", "found 0 bytes that are none"),
        ] {
            write(body);
            let error = program.mac(b"x").err().map(|error| error.to_string()).unwrap_or_default();
            assert!(error.contains(expected) && !error.contains("hunter2"), "{body}: {error}");
        }
        let missing = Program::new(&["no-such-program-anywhere".to_owned()]).unwrap().mac(b"x");
        assert!(missing.is_err_and(|error| error.to_string().starts_with("cannot run `no-such-program-anywhere`")));
    }
}
