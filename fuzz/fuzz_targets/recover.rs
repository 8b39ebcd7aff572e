//! Any bytes whatever in a black box: recovery neither panics nor takes memory without bound, and what
//! it writes are whole lines.
//!
//! The first byte of the input says what the rest is: a box that is folded small, or changes to one
//! that a real program has left.

#![no_main]

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;
use std::time::Duration;

use genai_trace::{SpanRecord, Telemetry};
use libfuzzer_sys::fuzz_target;

/// A folder in memory, where the system has one.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let memory = PathBuf::from("/dev/shm");
    let base = match memory.is_dir() {
        true => memory,
        false => std::env::temp_dir(),
    };
    base.join(format!("genai-trace-fuzz-{}", std::process::id()))
});

/// The box of a program in the midst of its work, and where in it words are not 0.
static REAL: LazyLock<(Vec<u8>, Vec<usize>)> = LazyLock::new(|| {
    let _ = fs::remove_dir_all(&*FOLDER);
    fs::create_dir_all(&*FOLDER).expect("a folder");
    let file = FOLDER.join("real.jsonl");
    let telemetry = Telemetry::builder()
        .jsonl(&file)
        .crash_safe(true)
        .install()
        .expect("telemetry");
    let read = || {
        let mut boxes = fs::read_dir(FOLDER.join("real.jsonl.d")).expect("a folder of boxes");
        let path = boxes.next().expect("a box").expect("a box").path();
        fs::read(path).expect("a box")
    };
    let long = "x".repeat(1000);
    let text = genai_trace::span("outer").attr("app.text", &*long).run(|| {
        for number in 0..20 {
            genai_trace::span("inner")
                .attr("app.number", &number)
                .run(|| {});
        }
        read()
    });
    let _ = telemetry.shutdown(Duration::from_secs(5));
    let (words, _) = text.as_chunks::<8>();
    let used = words
        .iter()
        .enumerate()
        .filter(|(_, word)| **word != [0; 8]);
    let used = used.map(|(index, _)| index * 8).collect();
    (text, used)
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

/// The real box with words changed: for each two bytes that say which, and eight that say what to.
fn changed(bytes: &[u8]) -> Vec<u8> {
    let (mut real, used) = REAL.clone();
    for change in bytes.as_chunks::<10>().0 {
        let [low, high, word @ ..] = change;
        let place = usize::from(u16::from_le_bytes([*low, *high]));
        let at = used[place % used.len()];
        real[at..at + 8].copy_from_slice(word);
    }
    real
}

fuzz_target!(|input: &[u8]| {
    let Some((mode, rest)) = input.split_first() else {
        return;
    };
    let spoilt = match mode % 4 {
        0 => unfold(rest),
        _ => changed(rest),
    };
    let boxes = FOLDER.join("t.jsonl.d");
    let _ = fs::remove_dir_all(&*FOLDER);
    fs::create_dir_all(&boxes).expect("a folder");
    fs::write(boxes.join("1-0.box"), spoilt).expect("a file");
    let file = FOLDER.join("t.jsonl");
    let _ = genai_trace::open_spans_in(&file);
    let recovered = genai_trace::recover(&file).expect("a box that is no box is no error");
    let text = fs::read(&file).unwrap_or_default();
    let lines = text
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty());
    let mut count = 0;
    for line in lines {
        serde_json::from_slice::<SpanRecord>(line).expect("a span");
        count += 1;
    }
    assert_eq!(count, recovered.finished + recovered.open);
});
