//! A reporter for fastrace that writes its lines by hand: what a careful user could do.
//!
//! What is the same in all lines is one piece of text, hex digits and escapes come from tables, and
//! the file gets chunks of 128 KiB.

use std::fs::File;
use std::io::Write;

use fastrace::collector::{Config, Reporter, SpanId, SpanRecord};

/// Lines are gathered up to this size, as in genai-trace.
const CHUNK_BYTES: usize = 128 * 1024;

/// Of the agent's line, from its kind to its attributes.
const AGENT: &[u8] = br#","attributes":{"gen_ai.operation.name":"invoke_agent""#;
/// The same of a tool's line.
const TOOL: &[u8] = br#","attributes":{"gen_ai.operation.name":"execute_tool","gen_ai.tool.type":"function","gen_ai.agent.name":"coder""#;
/// What every line ends with.
const END: &[u8] = b"},\"events\":[],\"links\":[],\"resource\":{\"service.name\":\"bench\"}}\n";

struct Lines {
    file: File,
    chunk: Vec<u8>,
}

/// Makes the reporter fastrace's own.
pub fn install(file: File) {
    let chunk = Vec::with_capacity(CHUNK_BYTES + CHUNK_BYTES / 8);
    fastrace::set_reporter(Lines { file, chunk }, Config::default());
}

impl Reporter for Lines {
    fn report(&mut self, spans: Vec<SpanRecord>) {
        for span in &spans {
            push_line(span, &mut self.chunk);
            if self.chunk.len() >= CHUNK_BYTES {
                self.write();
            }
        }
        self.write();
    }
}

impl Lines {
    fn write(&mut self) {
        self.file
            .write_all(&self.chunk)
            .expect("the file takes what is written");
        self.chunk.clear();
    }
}

fn push_line(span: &SpanRecord, out: &mut Vec<u8>) {
    let is_root = span.parent_id == SpanId(0);
    out.extend_from_slice(b"{\"trace_id\":\"");
    push_hex(&span.trace_id.0.to_be_bytes(), out);
    out.extend_from_slice(b"\",\"span_id\":\"");
    push_hex(&span.span_id.0.to_be_bytes(), out);
    if is_root {
        out.extend_from_slice(b"\",\"parent_span_id\":null,\"name\":");
    } else {
        out.extend_from_slice(b"\",\"parent_span_id\":\"");
        push_hex(&span.parent_id.0.to_be_bytes(), out);
        out.extend_from_slice(b"\",\"name\":");
    }
    push_str(&span.name, out);
    out.extend_from_slice(b",\"kind\":\"INTERNAL\",\"start_unix_nano\":");
    push_int(span.begin_time_unix_ns, out);
    out.extend_from_slice(b",\"end_unix_nano\":");
    push_int(span.begin_time_unix_ns + span.duration_ns, out);
    out.extend_from_slice(b",\"status\":\"UNSET\",\"status_message\":\"\"");
    out.extend_from_slice(if is_root { AGENT } else { TOOL });
    for (key, value) in &span.properties {
        out.push(b',');
        push_str(key, out);
        out.push(b':');
        push_str(value, out);
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
