//! The spans of one trace, looked for from the end of its file: what is asked for has mostly just been written.

use std::collections::HashSet;
use std::fs::File;
use std::io::{self, ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;

use super::SpanReader;
use crate::export::jsonl::rotated::RotatedSet;
use crate::order;
use crate::record::SpanRecord;
use crate::span::ids::TraceId;

/// So much of a file is read at once.
const CHUNK_BYTES: u64 = 256 * 1024;

/// So often it is looked which files there are, where they change all the time.
const MOST_LOOKS: usize = 16;

/// Lines stand about in the order in which their spans ended, give or take so many nanoseconds: threads and processes
/// write at their own pace.
const DISORDER: u64 = 5_000_000_000;

/// The spans of the trace in the file at `path` and those rotated away from it, in the order in which they began; as far
/// back as any of it is known to have run, which `since` says for what is not in the file yet, in nanoseconds since 1970.
pub(crate) fn of_trace(
    path: &Path,
    id: TraceId,
    since: Option<u64>,
) -> io::Result<Vec<SpanRecord>> {
    let mut found = Found {
        spans: Vec::new(),
        since,
    };
    // Opened before it is looked which others there are: what is rotated meanwhile is one of those, or this one.
    let live = match File::open(path) {
        Ok(live) => Some(live),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(error) => return Err(error),
    };
    let is_through = live.map_or(Ok(false), |live| from_the_end(live, id, &mut found))?;
    if !is_through {
        rotated(path, id, &mut found)?;
    }
    let mut found = found.spans;
    let mut seen = HashSet::new();
    found.retain(|span| seen.insert(span.span_id));
    order::sort_by_key(&mut found, |span| {
        (span.start_unix_nano, span.parent_span_id.is_some())
    });
    Ok(found)
}

/// Reads the files that were rotated away from that at `path`, the newest first, until there is none that is not read: one
/// that has gone when it is opened has been compressed, or was the oldest, and a look at a folder that changes may miss one.
fn rotated(path: &Path, id: TraceId, found: &mut Found) -> io::Result<()> {
    let mut read = HashSet::new();
    for _ in 0..MOST_LOOKS {
        let mut has_news = false;
        for file in RotatedSet::of(path).files()?.iter().rev() {
            if found.is_older(&file.path) {
                return Ok(());
            }
            if read.contains(&file.name()) {
                continue;
            }
            has_news = true;
            match SpanReader::open(&file.path) {
                Ok(reader) => {
                    for span in reader {
                        let span = span?;
                        if span.trace_id == id {
                            found.add(span);
                        }
                    }
                }
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                // One that cannot be read here is passed over.
                Err(_) => {}
            }
            read.insert(file.name());
        }
        if !has_news {
            break;
        }
    }
    Ok(())
}

/// What was found, and since when it has run.
struct Found {
    spans: Vec<SpanRecord>,
    since: Option<u64>,
}

impl Found {
    fn add(&mut self, span: SpanRecord) {
        let start = span.start_unix_nano;
        self.since = Some(self.since.map_or(start, |since| since.min(start)));
        self.spans.push(span);
    }

    /// Whether what ended then lies before all that is looked for.
    fn is_before(&self, end: u64) -> bool {
        self.since
            .is_some_and(|since| end.saturating_add(DISORDER) < since)
    }

    /// Whether nothing that is looked for was written to a file any more.
    fn is_older(&self, path: &Path) -> bool {
        let changed = std::fs::metadata(path).and_then(|metadata| metadata.modified());
        let changed = changed.map(|time| time.duration_since(std::time::UNIX_EPOCH));
        match changed {
            Ok(Ok(since_1970)) => {
                let nanoseconds = u64::try_from(since_1970.as_nanos()).unwrap_or(u64::MAX);
                self.is_before(nanoseconds)
            }
            _ => false,
        }
    }
}

/// Reads lines from the end, until one ended before all that is looked for; whether there was one.
fn from_the_end(mut file: impl Read + Seek, id: TraceId, found: &mut Found) -> io::Result<bool> {
    let front = format!("{{\"trace_id\":\"{id}\"");
    let mut at = file.seek(SeekFrom::End(0))?;
    // The beginning of a line, whose front lies before what was read.
    let mut rest = Vec::new();
    while at > 0 {
        let len = at.min(CHUNK_BYTES);
        at -= len;
        file.seek(SeekFrom::Start(at))?;
        let mut bytes = Vec::with_capacity(usize::try_from(len).unwrap_or(0) + rest.len());
        file.by_ref().take(len).read_to_end(&mut bytes)?;
        bytes.append(&mut rest);
        let mut lines = bytes.split(|byte| *byte == b'\n');
        if at > 0 {
            rest = lines.next().unwrap_or_default().to_vec();
        }
        for line in lines.rev() {
            if line.starts_with(front.as_bytes())
                && let Ok(span) = serde_json::from_slice::<SpanRecord>(line)
            {
                found.add(span);
            } else if end_of(line).is_some_and(|end| found.is_before(end)) {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// When the span of a line ended, without reading all of it.
fn end_of(line: &[u8]) -> Option<u64> {
    const KEY: &[u8] = b",\"end_unix_nano\":";
    // It stands before anything that is as long as one likes, but for the name.
    let place = line.windows(KEY.len()).position(|window| window == KEY)?;
    let digits = line.get(place + KEY.len()..)?;
    let end = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    std::str::from_utf8(digits.get(..end)?).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;

    const SECOND: u64 = 1_000_000_000;

    /// A line of a span of one second that ended so many seconds after 1970.
    fn line(trace: u8, span: u64, end: u64, text: &str) -> String {
        let (start, end) = ((end - 1) * SECOND, end * SECOND);
        format!(
            r#"{{"trace_id":"{trace:032x}","span_id":"{span:016x}","parent_span_id":null,"name":"s","kind":"INTERNAL","start_unix_nano":{start},"end_unix_nano":{end},"status":"UNSET","status_message":"","attributes":{{"text":"{text}"}},"events":[],"links":[],"resource":{{}}}}"#
        ) + "\n"
    }

    fn found(text: &str, since: Option<u64>) -> (Vec<u64>, bool) {
        let id = TraceId::from_bytes([[0; 15].as_slice(), &[1]].concat().try_into().unwrap());
        let mut found = Found {
            spans: Vec::new(),
            since: since.map(|since| since * SECOND),
        };
        let is_through =
            from_the_end(Cursor::new(text.as_bytes()), id.unwrap(), &mut found).unwrap();
        let ids = found
            .spans
            .iter()
            .map(|span| u64::from_be_bytes(span.span_id.to_bytes()));
        (ids.collect(), is_through)
    }

    #[test]
    fn spans_are_found_from_the_end_until_others_are_older() {
        let text: String = [
            line(1, 1, 10, ""),
            line(2, 2, 20, ""),
            line(1, 3, 30, ""),
            "torn {\n".to_owned(),
            // Another thread was late.
            line(2, 4, 27, ""),
            line(1, 5, 31, ""),
            line(2, 6, 50, ""),
            line(1, 7, 60, "")[..40].to_owned(),
        ]
        .concat();
        assert_eq!(found(&text, None), (vec![5, 3], true));
        assert_eq!(found(&text, Some(9)), (vec![5, 3, 1], false));
        assert_eq!(found(&text, Some(58)), (vec![], true));
        assert_eq!(found("", None), (vec![], false));
    }

    #[test]
    fn lines_longer_than_what_is_read_at_once_are_whole() {
        let long = "x".repeat(700_000);
        let text: String = (1..=3).map(|span| line(1, span, 10, &long)).collect();
        assert_eq!(found(&text, None), (vec![3, 2, 1], false));
    }

    #[test]
    fn a_trace_that_goes_over_a_rotation_is_whole_and_stands_in_its_order() {
        let name = format!("genai-trace-of-trace-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let live = folder.join("traces.jsonl");
        let rotated = folder.join("traces.2026-11-21T11-43-00.123Z.jsonl");
        std::fs::write(&rotated, line(1, 7, 10, "") + &line(2, 8, 11, "")).unwrap();
        std::fs::write(&live, line(1, 9, 12, "")).unwrap();
        let id = TraceId::from_bytes([[0; 15].as_slice(), &[1]].concat().try_into().unwrap());
        let found = of_trace(&live, id.unwrap(), None).unwrap();
        let starts: Vec<_> = found.iter().map(|span| span.start_unix_nano).collect();
        assert_eq!(starts, [9 * SECOND, 11 * SECOND]);
        std::fs::remove_file(&live).unwrap();
        assert_eq!(of_trace(&live, id.unwrap(), None).unwrap().len(), 1);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
