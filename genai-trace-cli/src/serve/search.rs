//! Which traces say something: found by reading the files, and kept for the next who asks.

mod said;
mod wanted;

use std::collections::{HashMap, HashSet, VecDeque};
use std::io;
use std::num::NonZero;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use regex::bytes::Regex;

pub(super) use self::wanted::Wanted;
use super::parts::{Parts, Reach};
use crate::input::read_at;

/// So many searches are kept.
const KEPT: usize = 8;
/// So much of a file one thread reads at once.
const PIECE_BYTES: u64 = 4 << 20;

/// Whether a name says `text`, as what spans say is searched for it.
pub(super) fn in_names(text: &str) -> impl Fn(&str) -> bool {
    let sayings = said::sayings(text);
    move |name| {
        let is_in = |sayings: &Regex| sayings.is_match(name.as_bytes());
        sayings.as_ref().is_some_and(is_in)
    }
}

/// Searches, each as far as it has read.
#[derive(Debug, Default)]
pub(super) struct Searches(Mutex<VecDeque<Search>>);

#[derive(Clone, Debug)]
struct Search {
    wanted: Wanted,
    traces: Arc<HashSet<u128>>,
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
    /// The traces that have what is `wanted`. What was read for the same before is not read again.
    pub(super) fn find(&self, parts: &Parts, wanted: &Wanted) -> io::Result<Arc<HashSet<u128>>> {
        let reaches = parts.reaches();
        let mut search = self.take(wanted, &reaches);
        let mut pieces = Vec::new();
        for Reach { part, length } in reaches {
            let mut start = search.read.insert(part, length).unwrap_or(0);
            while start < length {
                let end = length.min(start + PIECE_BYTES);
                pieces.push(Piece { part, start, end });
                start = end;
            }
        }
        let new = scan(parts, &pieces, wanted)?;
        if !new.is_empty() {
            Arc::make_mut(&mut search.traces).extend(new);
        }
        let found = Arc::clone(&search.traces);
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.push_back(search);
        if kept.len() > KEPT {
            kept.pop_front();
        }
        Ok(found)
    }

    /// What is known of a search, unless some of it was found in a file that is there no more.
    fn take(&self, wanted: &Wanted, reaches: &[Reach]) -> Search {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = kept.iter().position(|search| search.wanted == *wanted);
        let known = place.and_then(|place| kept.remove(place));
        let there: HashSet<u32> = reaches.iter().map(|reach| reach.part).collect();
        let known = known.filter(|search| search.read.keys().all(|part| there.contains(part)));
        known.unwrap_or_else(|| Search {
            wanted: wanted.clone(),
            traces: Arc::default(),
            read: HashMap::new(),
        })
    }
}

fn scan(parts: &Parts, pieces: &[Piece], wanted: &Wanted) -> io::Result<HashSet<u128>> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let work = || -> io::Result<HashSet<u128>> {
        let mut found = HashSet::new();
        let Some(search) = wanted.search() else {
            return Ok(found);
        };
        // One buffer for all: to make a new one for each takes as long as to search it.
        let mut buffer = Vec::new();
        while let Some(piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
            let range = match parts.file(piece.part) {
                Ok(file) => whole_lines(&file, *piece, &mut buffer)?,
                Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
                Err(error) => return Err(error),
            };
            search.look_in(buffer.get(range).unwrap_or_default(), &mut found);
        }
        Ok(found)
    };
    thread::scope(|scope| {
        let threads = threads.min(pieces.len());
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut found = HashSet::new();
        for worker in workers {
            let failed = || io::Error::other("a thread that searches has failed");
            found.extend(worker.join().map_err(|_| failed())??);
        }
        Ok(found)
    })
}

/// Reads the lines that begin in a piece; where they lie in the buffer.
fn whole_lines(
    file: &std::fs::File,
    piece: Piece,
    buffer: &mut Vec<u8>,
) -> io::Result<Range<usize>> {
    // A line begins behind the end of another.
    let from = piece.start.saturating_sub(1);
    let mut wanted = usize::try_from(piece.end - from).unwrap_or(usize::MAX);
    let size = wanted;
    loop {
        if buffer.len() < wanted {
            buffer.resize(wanted, 0);
        }
        let read = read_at(file, buffer.get_mut(..wanted).unwrap_or_default(), from)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        let begin = match piece.start {
            0 => 0,
            _ => match memchr::memchr(b'\n', bytes) {
                Some(end) if end + 1 < size => end + 1,
                // No line begins here.
                _ => return Ok(0..0),
            },
        };
        // The last line that begins here may end further on.
        let last = size.saturating_sub(1).min(bytes.len());
        let end = memchr::memchr(b'\n', bytes.get(last..).unwrap_or_default());
        match end {
            Some(end) => return Ok(begin.min(last + end)..last + end),
            None if read == wanted => wanted *= 2,
            None => return Ok(begin.min(read)..read),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;
    use crate::input::lines;

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
                let piece = Piece {
                    part: 0,
                    start,
                    end,
                };
                let mut buffer = Vec::new();
                let range = whole_lines(&file, piece, &mut buffer).unwrap();
                let some = lines(&buffer[range])
                    .map(|(_, line)| String::from_utf8(line.to_vec()).unwrap());
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
            let wanted = Wanted::Attribute {
                key: key.to_owned(),
                value: value.to_owned(),
            };
            let found = searches.find(&parts, &wanted).unwrap();
            let mut found: Vec<_> = found.iter().copied().collect();
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
        parts.drop(part);
        assert!(find("turn", "7").is_empty());
    }
}
