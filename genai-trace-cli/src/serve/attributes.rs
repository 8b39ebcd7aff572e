//! Which traces have an attribute of some value: found by reading the files, and kept for the next who asks.

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use genai_trace::{Attributes, SpanRecord, Value};
use memchr::memmem::Finder;

use super::parts::{Parts, Reach};
use crate::input::{lines, read_at};
use crate::span::{id_of, records};

/// So many searches are kept.
const KEPT: usize = 8;
/// So much of a file one thread reads at once.
const PIECE_BYTES: u64 = 4 << 20;

/// Searches for attributes, each as far as it has read.
#[derive(Debug, Default)]
pub(super) struct Searches(Mutex<VecDeque<Search>>);

#[derive(Clone, Debug)]
struct Search {
    key: String,
    value: String,
    traces: HashSet<u128>,
    /// How far each part has been read.
    read: HashMap<u32, u64>,
}

/// Whole lines of a part: those that begin from `start` to `end`.
#[derive(Clone, Copy, Debug)]
struct Piece {
    part: u32,
    start: u64,
    end: u64,
}

impl Searches {
    /// The traces of which a span, or its process, has the attribute `key` with this value. What was read for the same
    /// question before is not read again.
    pub(super) fn find(&self, parts: &Parts, key: &str, value: &str) -> io::Result<HashSet<u128>> {
        let mut search = self.take(key, value);
        let mut pieces = Vec::new();
        for Reach { part, length } in parts.reaches() {
            let mut start = search.read.insert(part, length).unwrap_or(0);
            while start < length {
                let end = length.min(start + PIECE_BYTES);
                pieces.push(Piece { part, start, end });
                start = end;
            }
        }
        search.traces.extend(scan(parts, &pieces, key, value)?);
        let found = search.traces.clone();
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(search);
        if kept.len() > KEPT {
            kept.pop_front();
        }
        Ok(found)
    }

    fn take(&self, key: &str, value: &str) -> Search {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept
            .iter()
            .position(|search| search.key == key && search.value == value);
        place
            .and_then(|place| kept.remove(place))
            .unwrap_or_else(|| Search {
                key: key.to_owned(),
                value: value.to_owned(),
                traces: HashSet::new(),
                read: HashMap::new(),
            })
    }
}

fn scan(parts: &Parts, pieces: &[Piece], key: &str, value: &str) -> io::Result<HashSet<u128>> {
    let threads = thread::available_parallelism()
        .map_or(1, NonZero::get)
        .min(pieces.len());
    let next = AtomicUsize::new(0);
    let work = || -> io::Result<HashSet<u128>> {
        let mut found = HashSet::new();
        while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
            scan_piece(parts, *piece, key, value, &mut found)?;
        }
        Ok(found)
    };
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut found = HashSet::new();
        for worker in workers {
            let failed = || io::Error::other("a thread that searches has failed");
            found.extend(worker.join().map_err(|_| failed())??);
        }
        Ok(found)
    })
}

fn scan_piece(
    parts: &Parts,
    piece: Piece,
    key: &str,
    value: &str,
    found: &mut HashSet<u128>,
) -> io::Result<()> {
    let bytes = match parts.file(piece.part) {
        Ok(file) => whole_lines(&file, piece)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    // As JSON has them, unless somebody escapes what need not be.
    let inside = |text: &str| {
        let quoted = serde_json::to_string(text).unwrap_or_default();
        quoted.trim_matches('"').to_owned()
    };
    let (with_key, with_value) = (inside(key), inside(value));
    let (with_key, with_value) = (Finder::new(&with_key), Finder::new(&with_value));
    for (_, line) in lines(&bytes) {
        if with_key.find(line).is_none() || with_value.find(line).is_none() {
            continue;
        }
        let spans = records(line).into_iter().flatten();
        found.extend(
            spans
                .filter(|span| has(span, key, value))
                .map(|span| id_of(&span)),
        );
    }
    Ok(())
}

/// The lines that begin in a piece.
fn whole_lines(file: &std::fs::File, piece: Piece) -> io::Result<Vec<u8>> {
    // A line begins behind the end of another.
    let from = piece.start.saturating_sub(1);
    let mut wanted = usize::try_from(piece.end - from).unwrap_or(usize::MAX);
    let size = wanted;
    loop {
        let mut bytes = vec![0; wanted];
        let read = read_at(file, &mut bytes, from)?;
        bytes.truncate(read);
        let begin = match piece.start {
            0 => 0,
            _ => match memchr::memchr(b'\n', &bytes) {
                Some(end) if end + 1 < size => end + 1,
                // No line begins here.
                _ => return Ok(Vec::new()),
            },
        };
        // The last line that begins here may end further on.
        let last = size.saturating_sub(1).min(bytes.len());
        let end = memchr::memchr(b'\n', bytes.get(last..).unwrap_or_default());
        match end {
            Some(end) => bytes.truncate(last + end),
            None if read == wanted => {
                wanted *= 2;
                continue;
            }
            None => {}
        }
        return Ok(bytes.split_off(begin.min(bytes.len())));
    }
}

fn has(span: &SpanRecord, key: &str, value: &str) -> bool {
    let is = |attributes: &Attributes| attributes.get(key).is_some_and(|said| says(said, value));
    is(&span.attributes) || is(&span.resource)
}

/// Whether a value is written so; of a list one element.
fn says(said: &Value, value: &str) -> bool {
    match said {
        Value::String(text) => text == value,
        Value::Bool(truth) => value == if *truth { "true" } else { "false" },
        Value::Int(number) => value.parse() == Ok(*number),
        Value::Float(number) => value.parse() == Ok(*number),
        Value::StringArray(texts) => texts.iter().any(|text| text == value),
        Value::BoolArray(truths) => truths.iter().any(|truth| says(&Value::Bool(*truth), value)),
        Value::IntArray(numbers) => numbers.iter().any(|number| value.parse() == Ok(*number)),
        Value::FloatArray(numbers) => numbers.iter().any(|number| value.parse() == Ok(*number)),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::sync::Arc;

    use super::*;

    #[test]
    fn every_line_is_of_one_piece_wherever_pieces_end() {
        let text = "a\nbb\n\nccc\ndddddddd\ne";
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        std::fs::write(&path, text).unwrap();
        let file = File::open(&path).unwrap();
        for size in 1..30 {
            let mut all = Vec::new();
            let mut start = 0;
            while start < 20 {
                let end = (start + size).min(20);
                let bytes = whole_lines(
                    &file,
                    Piece {
                        part: 0,
                        start,
                        end,
                    },
                )
                .unwrap();
                let some = lines(&bytes).map(|(_, line)| String::from_utf8(line.to_vec()).unwrap());
                all.extend(some.filter(|line| !line.is_empty()));
                start = end;
            }
            assert_eq!(all, ["a", "bb", "ccc", "dddddddd", "e"], "{size}");
        }
    }

    #[test]
    fn an_attribute_is_found_by_its_value_and_once_read_only_what_is_new_is_read() {
        let line = |id: u32, attributes: &str| {
            format!(
                r#"{{"trace_id":"{id:032x}","span_id":"00f067aa0ba902b7","parent_span_id":null,"name":"x","kind":"INTERNAL","start_unix_nano":1,"end_unix_nano":2,"status":"UNSET","status_message":"","attributes":{{{attributes}}},"events":[],"links":[],"resource":{{"host":"h{id}"}}}}"#
            ) + "\n"
        };
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("traces.jsonl");
        let text = line(1, r#""turn":7"#)
            + &line(2, r#""turn":"7","q":"say \"7\"""#)
            + &line(3, r#""turn":70,"x":7"#);
        std::fs::write(&path, &text).unwrap();
        let parts = Parts::default();
        let part = parts.add(Arc::new(File::open(&path).unwrap()), &path, None, true);
        parts.reach(part, text.len() as u64);
        let searches = Searches::default();
        let find = |key: &str, value: &str| {
            let mut found: Vec<_> = searches
                .find(&parts, key, value)
                .unwrap()
                .into_iter()
                .collect();
            found.sort_unstable();
            found
        };
        assert_eq!(find("turn", "7"), [1, 2]);
        assert_eq!(find("q", "say \"7\""), [2]);
        assert_eq!(find("host", "h3"), [3]);
        let more = line(4, r#""turn":7"#);
        std::fs::write(&path, "x".repeat(text.len() - 1) + "\n" + &more).unwrap();
        parts.reach(part, (text.len() + more.len()) as u64);
        assert_eq!(find("turn", "7"), [1, 2, 4]);
    }
}
