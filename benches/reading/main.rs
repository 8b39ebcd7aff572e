//! What it costs to read what a provider sent, beside serde_json's parse of the same bytes into a
//! `Value`: in one run, in turns, as time of the processor, so that whatever else the machine does meets
//! both.
//!
//! `reading [LAPS]` prints a line for each form, size and way; the ratio is that of the fastest laps.

mod bodies;
#[path = "../src/cpu.rs"]
mod cpu;

use std::hint::black_box;
use std::time::Duration;

use genai_trace::provider::{self, Origin, StreamReader};
use serde_json::Value;

use bodies::{Body, Stream};

/// The most that reading may cost, as a multiple of the parse.
const RESPONSE: f64 = 1.5;
const STREAM: f64 = 2.0;

/// A stream comes in pieces of as many bytes.
const PIECE: usize = 16 << 10;

fn main() {
    let laps = std::env::args().nth(1);
    let laps = laps
        .map_or(Ok(200), |laps| laps.parse())
        .unwrap_or_else(|_| {
            eprintln!("usage: reading [LAPS]");
            std::process::exit(2)
        });
    println!(
        "{:<34} {:>9} {:>10} {:>8} {:>8}",
        "", "bytes", "serde_json", "facts", "content"
    );
    let mut missed = false;
    for size in [1 << 10, 20 << 10, 1 << 20] {
        for Body { name, bytes } in bodies::responses(size) {
            let parse = || {
                black_box(serde_json::from_slice::<Value>(&bytes).expect("JSON"));
            };
            let read = |content| {
                let origin = Origin::default().content(content);
                black_box(provider::response_bytes(&bytes, &origin).expect("facts"));
            };
            let name = format!("{name}, response");
            missed |= line(&name, bytes.len(), laps, RESPONSE, parse, read);
        }
        for Stream { name, bytes, parts } in bodies::streams(size) {
            let parse = || {
                for part in &parts {
                    black_box(serde_json::from_slice::<Value>(part).expect("JSON"));
                }
            };
            let read = |content| {
                let mut reader = StreamReader::new(&Origin::default().content(content));
                for piece in bytes.chunks(PIECE) {
                    reader.bytes(piece);
                }
                reader.end();
                black_box(reader.facts().expect("facts"));
            };
            let name = format!("{name}, stream");
            missed |= line(&name, bytes.len(), laps, STREAM, parse, read);
        }
    }
    if missed {
        println!(
            "* more than {RESPONSE} times the parse of a response, {STREAM} times that of a stream"
        );
        std::process::exit(1);
    }
}

/// Measures and prints; whether the target was missed.
fn line(
    name: &str,
    bytes: usize,
    laps: usize,
    most: f64,
    parse: impl Fn(),
    read: impl Fn(bool),
) -> bool {
    // A lap takes as long for a small body as for a large one.
    let rounds = ((1 << 20) / bytes).clamp(1, 100);
    let time = |work: &dyn Fn()| {
        let before = cpu::used().expect("the processor's time");
        (0..rounds).for_each(|_| work());
        cpu::used().expect("the processor's time") - before
    };
    let mut fastest = [Duration::MAX; 3];
    for _ in 0..(laps * bytes.min(1 << 14) / (1 << 14)).max(20) {
        let lap = [time(&parse), time(&|| read(false)), time(&|| read(true))];
        for (fastest, lap) in fastest.iter_mut().zip(lap) {
            *fastest = lap.min(*fastest);
        }
    }
    let [parse, facts, content] = fastest.map(|lap| lap.as_secs_f64());
    // The target is that of facts: messages are written anew, where they are wanted.
    let missed = facts / parse > most;
    println!(
        "{name:<34} {bytes:>9} {:>7.1} us {:>8.2} {:>8.2}{}",
        parse * 1e6 / rounds as f64,
        facts / parse,
        content / parse,
        if missed { " *" } else { "" },
    );
    missed
}
