//! A line of JSON written by hand: what a careful user could do, for every peer that leaves the line
//! to an exporter.
//!
//! What is the same in all lines is one piece of text, hex digits and escapes come from tables, and
//! the file gets chunks of 128 KiB.

use std::fs::File;
use std::io::{self, Write};

/// Lines are gathered up to this size, as in genai-trace.
pub const CHUNK_BYTES: usize = 128 * 1024;

/// Of the agent's line, from its kind to its attributes.
const AGENT: &[u8] = br#","attributes":{"gen_ai.operation.name":"invoke_agent""#;
/// The same of a tool's line.
const TOOL: &[u8] = br#","attributes":{"gen_ai.operation.name":"execute_tool","gen_ai.tool.type":"function","gen_ai.agent.name":"coder""#;
/// What every line ends with.
const END: &[u8] = b"},\"events\":[],\"links\":[],\"resource\":{\"service.name\":\"bench\"}}\n";

/// Who the span is, and when it was.
pub struct Head<'a> {
    pub trace_id: [u8; 16],
    pub span_id: [u8; 8],
    pub parent_id: Option<[u8; 8]>,
    pub name: &'a str,
    pub start_unix_nano: u64,
    pub end_unix_nano: u64,
}

/// A file, and the lines that are still to be written to it.
#[derive(Debug)]
pub struct Lines {
    file: File,
    chunk: Vec<u8>,
}

impl Lines {
    pub fn new(file: File) -> Self {
        let chunk = Vec::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 8);
        Self { file, chunk }
    }

    /// Adds a line; the file gets it with its chunk.
    #[inline]
    pub fn push<'a, V: AsRef<str>>(
        &mut self,
        head: &Head<'_>,
        attributes: impl Iterator<Item = (&'a str, V)>,
    ) -> io::Result<()> {
        push_line(head, attributes, &mut self.chunk);
        if self.chunk.len() >= CHUNK_BYTES {
            self.write()?;
        }
        Ok(())
    }

    /// Brings what was added into the file.
    pub fn write(&mut self) -> io::Result<()> {
        self.file.write_all(&self.chunk)?;
        self.chunk.clear();
        Ok(())
    }
}

#[inline]
fn push_line<'a, V: AsRef<str>>(
    head: &Head<'_>,
    attributes: impl Iterator<Item = (&'a str, V)>,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(b"{\"trace_id\":\"");
    push_hex(&head.trace_id, out);
    out.extend_from_slice(b"\",\"span_id\":\"");
    push_hex(&head.span_id, out);
    match &head.parent_id {
        None => out.extend_from_slice(b"\",\"parent_span_id\":null,\"name\":"),
        Some(parent) => {
            out.extend_from_slice(b"\",\"parent_span_id\":\"");
            push_hex(parent, out);
            out.extend_from_slice(b"\",\"name\":");
        }
    }
    push_str(head.name, out);
    out.extend_from_slice(b",\"kind\":\"INTERNAL\",\"start_unix_nano\":");
    push_int(head.start_unix_nano, out);
    out.extend_from_slice(b",\"end_unix_nano\":");
    push_int(head.end_unix_nano, out);
    out.extend_from_slice(b",\"status\":\"UNSET\",\"status_message\":\"\"");
    out.extend_from_slice(if head.parent_id.is_none() {
        AGENT
    } else {
        TOOL
    });
    for (key, value) in attributes {
        out.push(b',');
        push_str(key, out);
        out.push(b':');
        push_str(value.as_ref(), out);
    }
    out.extend_from_slice(END);
}

fn push_int(number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

/// Two digits for every byte.
static DIGITS: [[u8; 2]; 256] = {
    let hex = b"0123456789abcdef";
    let mut digits = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        digits[byte] = [hex[byte >> 4], hex[byte & 15]];
        byte += 1;
    }
    digits
};

fn push_hex<const N: usize>(bytes: &[u8; N], out: &mut Vec<u8>) {
    let mut text = [[0; 2]; N];
    for (place, byte) in text.iter_mut().zip(bytes) {
        *place = DIGITS[usize::from(*byte)];
    }
    out.extend_from_slice(text.as_flattened());
}

fn push_str(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    if is_clean(text.as_bytes()) {
        out.extend_from_slice(text.as_bytes());
    } else {
        let quoted = serde_json::to_vec(text).expect("a text is JSON");
        out.extend_from_slice(&quoted[1..quoted.len() - 1]);
    }
    out.push(b'"');
}

/// Whether nothing needs an escape; eight bytes are looked at at once.
fn is_clean(bytes: &[u8]) -> bool {
    let (words, rest) = bytes.as_chunks::<8>();
    !words
        .iter()
        .any(|word| may_need_escape(u64::from_le_bytes(*word)))
        && !rest
            .iter()
            .any(|byte| *byte < 0x20 || *byte == b'"' || *byte == b'\\')
}

/// Whether one of eight bytes may need an escape (Sean Eron Anderson, Bit Twiddling Hacks).
const fn may_need_escape(word: u64) -> bool {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const HIGH: u64 = u64::from_le_bytes([0x80; 8]);
    const fn has_less(word: u64, n: u64) -> u64 {
        word.wrapping_sub(ONES * n) & !word & HIGH
    }
    let (quote, slash) = (word ^ (ONES * b'"' as u64), word ^ (ONES * b'\\' as u64));
    has_less(word, 0x20) | has_less(quote, 1) | has_less(slash, 1) != 0
}
