//! Any bytes whatever in a black box: recovery neither panics nor takes memory without bound, and what
//! it writes are whole lines.
//!
//! The input is a box that is folded small: of each pair of bytes that says so, a run of zeros.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

/// A folder in memory, where the system has one.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let base = if memory.is_dir() { memory } else { std::env::temp_dir() };
    base.join(format!("genai-trace-fuzz-{}", std::process::id()))
});

/// 0 followed by n stands for n + 1 zeros: a box is mostly zeros, and a fuzzer likes small inputs.
fn unfold(bytes: &[u8]) -> Vec<u8> {
    let mut unfolded = Vec::new();
    let mut bytes = bytes.iter();
    while let Some(byte) = bytes.next() {
        let run = match (byte, bytes.as_slice().first()) {
            (0, Some(more)) => {
                bytes.next();
                usize::from(*more) + 1
            }
            _ => 1,
        };
        unfolded.resize(unfolded.len() + run, *byte);
    }
    unfolded
}

fuzz_target!(|input: &[u8]| {
    let boxes = FOLDER.join("t.jsonl.d");
    let _ = fs::remove_dir_all(&*FOLDER);
    fs::create_dir_all(&boxes).expect("a folder");
    fs::write(boxes.join("1-0.box"), unfold(input)).expect("a file");
    let file = FOLDER.join("t.jsonl");
    let _ = genai_trace::open_spans_in(&file);
    let recovered = genai_trace::recover(&file).expect("a box that is no box is no error");
    let text = fs::read(&file).unwrap_or_default();
    let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
    let mut count = 0;
    for line in lines {
        serde_json::from_slice::<genai_trace::SpanRecord>(line).expect("a span");
        count += 1;
    }
    assert_eq!(count, recovered.finished + recovered.open);
});
