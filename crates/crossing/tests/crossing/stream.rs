// SPDX-License-Identifier: Apache-2.0
//! Crossings through pipes.

use crate::common::{DAY, MANIFEST, Row, people, planned, secret};
use crate::formats::{in_order, write_ipc, write_lines};
use crate::{expected, forbidden, write_csv};
use comity_border::Plan;
use comity_crossing::{Crossed, CrossingError, Destination, Format, Origin, Stream, stream};
use serde_json::Value;
use std::fs;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// A pipe whose other end is looked at; it is closed after so many bytes.
#[derive(Clone)]
struct Pipe(Arc<Mutex<Vec<u8>>>, usize);

impl Write for Pipe {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut held = self.0.lock().unwrap();
        if held.len() + bytes.len() > self.1 {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        held.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn pour(
    plan: &Plan,
    input: impl Read + Send + 'static,
    format: Format,
    sample: &Path,
    apart: PathBuf,
    most: usize,
) -> (Result<Crossed, CrossingError>, Vec<u8>) {
    let pipe = Pipe(Arc::default(), most);
    let from = Origin::Pipe { pipe: Box::new(input), format, sample: vec![sample.to_path_buf()] };
    let work = Stream { from, to: Destination::Pipe(Box::new(pipe.clone())), apart, format: None, day: DAY };
    let made = stream(plan, Some(&secret()), work, &mut |_| true);
    let held = pipe.0.lock().unwrap().clone();
    (made, held)
}

fn write(format: Format, path: &Path, rows: &[Row]) {
    match format {
        Format::Csv => write_csv(path, rows),
        Format::JsonLines => write_lines(path, rows),
        _ => write_ipc(path, rows, 70),
    }
}

/// A plan of a table, bound to none.
fn unbound(sample: &Path) -> Plan {
    let (mut plan, _) = planned(&[sample.to_path_buf()], MANIFEST);
    plan.inputs.clear();
    plan
}

#[test]
fn what_comes_through_a_pipe_becomes_what_the_reference_says() {
    for format in [Format::Csv, Format::JsonLines, Format::ArrowStream] {
        let folder = tempfile::tempdir().unwrap();
        let (sample, all) =
            (folder.path().join("sample").with_extension(format.ending()), folder.path().join("all").with_extension(format.ending()));
        // So few rows do not have all combinations; what else comes is kept apart.
        write(format, &sample, &people(12, 5, false));
        let rows = people(700, 7, false);
        write(format, &all, &rows);
        let plan = unbound(&sample);
        let bytes = fs::read(&all).unwrap();
        let apart = folder.path().join("apart");
        let (crossed, sent) = pour(&plan, io::Cursor::new(bytes), format, &sample, apart.clone(), usize::MAX);
        let crossed = crossed.unwrap();
        let (passed, held) = expected(&plan, &rows);
        assert!(passed.len() > 50 && crossed.tally.unknown > 50, "{crossed:?}");
        assert_eq!((crossed.tally.passed, crossed.tally.quarantined), (passed.len() as u64, held as u64), "{format:?}");
        let name = folder.path().join("sent").with_extension(format.ending());
        fs::create_dir(&name).unwrap();
        fs::write(name.join("part").with_extension(format.ending()), &sent).unwrap();
        assert_eq!(crate::read(&name), passed, "{format:?}");
        assert_eq!(crate::leaked(&name, &forbidden(&passed, &rows)), Vec::<String>::new(), "{format:?}");
        assert_eq!(crate::read(&apart).len(), held);
        assert!(!folder.path().join("apart.crossing").exists());
    }
}

#[test]
fn a_pipe_that_breaks_is_not_filled_again_before_somebody_looked() {
    let folder = tempfile::tempdir().unwrap();
    let sample = folder.path().join("sample.csv");
    let rows = people(3_000, 7, false);
    write_csv(&sample, &rows);
    let plan = unbound(&sample);
    let apart = folder.path().join("apart");
    let bytes = fs::read(&sample).unwrap();
    let (broken, sent) = pour(&plan, io::Cursor::new(bytes.clone()), Format::Csv, &sample, apart.clone(), 70_000);
    assert!(broken.unwrap_err().to_string().contains("standard output") && sent.len() <= 70_000);
    assert!(!apart.exists());
    let staged = folder.path().join("apart.crossing");
    let told: Value = serde_json::from_str(&fs::read_to_string(staged.join("interrupted.json")).unwrap()).unwrap();
    assert!(told["passed"].as_u64().unwrap() > 1_000, "{told}");
    let (again, sent) = pour(&plan, io::Cursor::new(bytes.clone()), Format::Csv, &sample, apart.clone(), usize::MAX);
    assert!(matches!(again, Err(CrossingError::Interrupted(_))) && sent.is_empty());
    fs::remove_dir_all(&staged).unwrap();
    pour(&plan, io::Cursor::new(bytes.clone()), Format::Csv, &sample, apart, usize::MAX).0.unwrap();

    // Into a folder nothing leaves before all is there, so that it may begin again.
    struct Cut(io::Cursor<Vec<u8>>);
    impl Read for Cut {
        fn read(&mut self, bytes: &mut [u8]) -> io::Result<usize> {
            match self.0.read(bytes)? {
                0 => Err(io::ErrorKind::ConnectionReset.into()),
                read => Ok(read),
            }
        }
    }
    let into = |input: Box<dyn Read + Send>| {
        let from = Origin::Pipe { pipe: input, format: Format::Csv, sample: vec![sample.clone()] };
        let to = Destination::Folder(folder.path().join("out"));
        let work = Stream { from, to, apart: folder.path().join("held"), format: Some(Format::JsonLines), day: DAY };
        stream(&plan, Some(&secret()), work, &mut |_| true)
    };
    assert!(into(Box::new(Cut(io::Cursor::new(bytes.clone())))).is_err());
    assert!(!folder.path().join("out").exists() && !folder.path().join("out.crossing").exists());
    into(Box::new(io::Cursor::new(bytes.clone()))).unwrap();
    assert_eq!(crate::read(&folder.path().join("out")), expected(&plan, &rows).0);
    assert!(matches!(into(Box::new(io::Cursor::new(bytes))), Err(CrossingError::Taken(_))));
}

#[test]
fn what_cannot_be_known_of_a_pipe_stops_it() {
    let folder = tempfile::tempdir().unwrap();
    let sample = folder.path().join("sample.jsonl");
    write_lines(&sample, &people(40, 7, true));
    let least = MANIFEST.replace("table = \"people\"", "table = \"people\"\nk = 2");
    let (mut plan, _) = planned(std::slice::from_ref(&sample), &least);
    plan.inputs.clear();
    let (refused, sent) = pour(&plan, io::empty(), Format::JsonLines, &sample, folder.path().join("a"), usize::MAX);
    assert!(matches!(refused, Err(CrossingError::Unmeasured)) && sent.is_empty());

    // A key that no line of the sample had, and a number where texts were.
    let plan = unbound(&sample);
    let mut line: serde_json::Map<String, Value> =
        serde_json::from_str(fs::read_to_string(&sample).unwrap().lines().next().unwrap()).unwrap();
    assert_eq!(in_order(&line).count(), 6);
    line.insert("phone".to_owned(), "+33 1".into());
    let lines = format!("{}\n{{\"email\":\"a@example.org\",\"age\":\"old\"}}\n", Value::Object(line));
    let (crossed, _) = pour(&plan, io::Cursor::new(lines.into_bytes()), Format::JsonLines, &sample, folder.path().join("b"), usize::MAX);
    assert_eq!(crossed.unwrap().broken, 2);
    let apart = fs::read_to_string(folder.path().join("b/part-000000.jsonl")).unwrap();
    assert!(apart.contains("line 1: the key `phone` was in no line when the table was looked at"), "{apart}");
    assert!(apart.contains("line 2: `age`: expected a whole number"), "{apart}");

    // After a stream of Arrow nothing may follow: it would be lost.
    let arrows = folder.path().join("sample.arrows");
    write_ipc(&arrows, &people(40, 7, true), 20);
    let plan = unbound(&arrows);
    let twice = [fs::read(&arrows).unwrap(), fs::read(&arrows).unwrap()].concat();
    let (more, _) = pour(&plan, io::Cursor::new(twice), Format::ArrowStream, &arrows, folder.path().join("c"), usize::MAX);
    assert!(more.unwrap_err().to_string().contains("more after the end of the stream"));
    let cut = fs::read(&arrows).unwrap();
    let cut = cut[..cut.len() / 2].to_vec();
    let (cut, _) = pour(&plan, io::Cursor::new(cut), Format::ArrowStream, &arrows, folder.path().join("d"), usize::MAX);
    assert!(cut.is_err());
    for format in [Format::Parquet, Format::ArrowFile] {
        let (wrong, _) = pour(&plan, io::empty(), format, &arrows, folder.path().join("e"), usize::MAX);
        assert!(matches!(wrong, Err(CrossingError::Piped(_))));
    }
}
