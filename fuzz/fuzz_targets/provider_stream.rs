//! Any bytes whatever as a stream, in any pieces: nothing panics, nothing is invented, and what is read
//! does not depend on where the bytes were cut.
//!
//! The first byte of the input says what the rest is: bytes as they are, or the choices of JSON values
//! that are put on one of the four wires.

#![no_main]

#[path = "provider/built.rs"]
mod built;

use genai_trace::provider::{ChatFacts, Origin, StreamReader};
use libfuzzer_sys::fuzz_target;

/// What AWS checks its frames with.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| match sum & 1 {
            0 => sum >> 1,
            _ => sum >> 1 ^ 0xEDB8_8320,
        })
    });
    (!sum).to_be_bytes()
}

/// A frame of AWS's: its headers are `name` and the type of the message.
fn frame(name: &str, payload: &[u8], exception: bool) -> Vec<u8> {
    let (kind, key) = match exception {
        true => ("exception", ":exception-type"),
        false => ("event", ":event-type"),
    };
    let mut headers = Vec::new();
    for (key, value) in [(":message-type", kind), (key, name)] {
        headers.push(key.len() as u8);
        headers.extend(key.bytes());
        headers.push(7);
        headers.extend((value.len() as u16).to_be_bytes());
        headers.extend(value.bytes());
    }
    let mut frame = ((16 + headers.len() + payload.len()) as u32)
        .to_be_bytes()
        .to_vec();
    frame.extend((headers.len() as u32).to_be_bytes());
    frame.extend(checksum(&frame));
    frame.extend(headers);
    frame.extend(payload);
    frame.extend(checksum(&frame));
    frame
}

/// The stream that the input stands for.
fn stream(mode: u8, rest: &[u8]) -> Vec<u8> {
    let mut bytes = built::Bytes(rest);
    let mut stream = Vec::new();
    if mode % 5 == 2 {
        stream.push(b'[');
    }
    for _ in 0..16 {
        if bytes.0.is_empty() {
            break;
        }
        let how = bytes.next();
        let name = bytes.word();
        let body = bytes.value(5).to_string();
        match mode % 5 {
            0 if how % 2 == 0 => {
                stream.extend(format!("event: {name}\r\ndata: {body}\r\n\r\n").bytes())
            }
            0 => stream.extend(format!("data:{body}\n\n").bytes()),
            1 => stream.extend(format!("{body}\n").bytes()),
            2 => stream.extend(format!("{body},\n").bytes()),
            _ => stream.extend(frame(name, body.as_bytes(), how % 8 == 0)),
        }
        // Some of it is spoilt.
        if how >= 250 {
            let at = usize::from(bytes.next()) % stream.len();
            stream[at] ^= bytes.next();
        }
    }
    stream
}

/// What is read of `stream` in pieces, whose sizes follow from `seed`; 0 is one piece.
fn read(stream: &[u8], seed: u8, content: bool) -> Option<ChatFacts> {
    let mut reader = StreamReader::new(&Origin::default().content(content));
    let mut state = u32::from(seed);
    let mut rest = stream;
    while !rest.is_empty() {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let size = match seed {
            0 => rest.len(),
            _ => (1 + state as usize % 40).min(rest.len()),
        };
        let (piece, behind) = rest.split_at(size);
        reader.bytes(piece);
        if state % 8 == 0 {
            let _ = reader.facts();
        }
        rest = behind;
    }
    reader.end();
    reader.facts()
}

fuzz_target!(|input: &[u8]| {
    let [mode, seed, rest @ ..] = input else {
        return;
    };
    let stream = match mode % 6 {
        5 => rest.to_vec(),
        mode => stream(mode, rest),
    };
    let whole = read(&stream, 0, true);
    assert_eq!(
        whole,
        read(&stream, seed | 1, true),
        "cut elsewhere: {stream:?}"
    );
    if let Some(facts) = &whole {
        built::check(facts, &String::from_utf8_lossy(&stream));
    }
    let without = whole.map(|mut facts| {
        facts.content = None;
        facts
    });
    assert_eq!(
        read(&stream, *seed, false),
        without,
        "content changes no other fact"
    );
});
