//! A traces file that is rotated while several processes write to it: each line is in one file, once.
//!
//! `GENAI_TRACE_LONG=1` lets the processes write for a minute.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use genai_trace::{JsonlExporter, SpanReader, Telemetry, span};

#[path = "support/folder.rs"]
mod folder;
#[path = "support/watched.rs"]
mod watched;

use self::folder::Folder;
use self::watched::Watched;

const WRITERS: usize = 4;
const ROTATE_AT: u64 = 200_000;

/// Lets processes write to one file; by process, how many spans each has ended.
fn write(live: &Path, compress: bool) -> HashMap<i64, i64> {
    let millis = match std::env::var_os("GENAI_TRACE_LONG") {
        Some(_) => 60_000,
        None => 1_500,
    };
    let writers: Vec<_> = (0..WRITERS)
        .map(|_| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_span_writer"));
            command
                .arg(live)
                .args([ROTATE_AT.to_string(), millis.to_string()])
                .args(compress.then_some("compress"));
            Watched::start(&mut command, Duration::from_millis(millis + 60_000))
        })
        .collect();
    let said = writers.into_iter().map(|writer| {
        let output = writer.end();
        assert!(
            output.status.success() && output.stderr.is_empty(),
            "{output:?}"
        );
        let line = String::from_utf8(output.stdout).unwrap();
        let mut words = line.splitn(3, ' ');
        let process = words.next().unwrap().parse().unwrap();
        let number: i64 = words.next().unwrap().parse().unwrap();
        assert_eq!(
            words.next().unwrap().trim_end(),
            format!("{number} spans ended; jsonl: {number} written, 0 dropped, 0 failed")
        );
        (process, number)
    });
    said.collect()
}

/// By process, the numbers of its spans in all files.
fn read(files: &[PathBuf]) -> HashMap<i64, Vec<i64>> {
    let mut numbers: HashMap<_, Vec<_>> = HashMap::new();
    for file in files {
        let mut reader = SpanReader::open(file).unwrap();
        for span in &mut reader {
            let attributes = span.unwrap().attributes;
            let process = attributes.int("app.process").unwrap();
            let number = attributes.int("app.number").unwrap();
            numbers.entry(process).or_default().push(number);
        }
        assert_eq!(reader.first_bad(), None, "{file:?}");
    }
    numbers
}

fn assert_each_is_there_once(ended: &HashMap<i64, i64>, files: &[PathBuf]) {
    let mut numbers = read(files);
    assert_eq!(ended.len(), WRITERS);
    for (process, ended) in ended {
        let found = numbers.remove(process).unwrap_or_default();
        // One process writes its own spans in their order, whatever files they go to.
        assert!(
            found.iter().copied().eq(0..*ended),
            "process {process}: {ended} ended, {} found",
            found.len()
        );
    }
    assert!(numbers.is_empty());
}

#[test]
fn each_line_of_four_processes_is_in_one_file_once() {
    let folder = Folder::new("four");
    let live = folder.join("traces.jsonl");
    let ended = write(&live, false);
    let files = SpanReader::files_of(&live).unwrap();
    assert_each_is_there_once(&ended, &files);
    let sizes: Vec<_> = files
        .iter()
        .map(|file| fs::metadata(file).unwrap().len())
        .collect();
    assert!(sizes.len() > 4, "hardly rotated: {sizes:?}");
    // A writer that waits too long for its turn appends all the same; on a slow machine that may be.
    let within = sizes.iter().filter(|size| **size <= ROTATE_AT).count();
    assert!(within * 2 > sizes.len(), "{sizes:?}");
    assert!(sizes.iter().all(|size| *size > 0), "{sizes:?}");
}

#[test]
fn each_line_is_there_once_also_where_four_processes_compress_each_others_files() {
    let folder = Folder::new("gzip");
    let live = folder.join("traces.jsonl");
    let ended = write(&live, true);
    let files = SpanReader::files_of(&live).unwrap();
    assert_each_is_there_once(&ended, &files);
    assert!(files.iter().any(|file| file.extension().unwrap() == "gz"));
    let left = fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let parts: Vec<_> = left
        .filter(|name| name.to_string_lossy().ends_with(".part"))
        .collect();
    assert!(parts.is_empty(), "{parts:?}");
}

#[test]
fn a_link_to_a_file_is_followed_and_its_rotated_files_lie_beside_the_file() {
    let folder = Folder::new("link");
    let (live, link) = (folder.join("traces.jsonl"), folder.join("link.jsonl"));
    fs::write(&live, "").unwrap();
    std::os::unix::fs::symlink(&live, &link).unwrap();
    let telemetry = Telemetry::builder()
        .jsonl_with(&link, JsonlExporter::options().rotate_at_bytes(1))
        .install()
        .unwrap();
    span("one").run(|| {});
    span("two").run(|| {});
    let report = telemetry.shutdown(Duration::from_secs(60));
    assert!(!report.has_losses(), "{report}");
    assert!(link.is_symlink() && !live.is_symlink());
    let names: Vec<_> = SpanReader::files_of(&link)
        .unwrap()
        .iter()
        .flat_map(|file| SpanReader::open(file).unwrap())
        .map(|span| span.unwrap().name)
        .collect();
    assert_eq!(names, ["one", "two"]);
    let rotated = SpanReader::files_of(&live).unwrap();
    let name = rotated[0]
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    assert!(
        name.starts_with("traces.2") && name.ends_with("Z.jsonl"),
        "{name}"
    );
}

#[test]
fn an_option_that_means_nothing_is_an_error_of_the_builder() {
    let refused = Telemetry::builder()
        .jsonl_with("/never/made", JsonlExporter::options().rotate_at_bytes(0))
        .install()
        .unwrap_err();
    assert_eq!(
        refused.to_string(),
        "rotate_at_bytes(0): expected 1 or more"
    );
}
