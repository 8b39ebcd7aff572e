//! The spans of one trace, looked for from the end of its file: what is asked for has mostly just been written.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::Path;

use super::SpanReader;
use crate::order;
use crate::record::SpanRecord;
use crate::span::ids::TraceId;

/// So much of a file is read at once.
const CHUNK_BYTES: u64 = 256 * 1024;

/// The spans of the trace that ended at `since` or later, in nanoseconds since 1970, in the file at `path` and those
/// rotated away from it; in the order in which they began.
pub(crate) fn of_trace(path: &Path, id: TraceId, since: u64) -> io::Result<Vec<SpanRecord>> {
    let mut found = Vec::new();
    let mut files = SpanReader::files_of(path)?;
    let mut is_through = false;
    if files.last().is_some_and(|last| last == path) {
        files.pop();
        is_through = from_the_end(File::open(path)?, id, since, &mut found)?;
    }
    for file in files.iter().rev() {
        if is_through || is_older(file, since)? {
            break;
        }
        for span in SpanReader::open(file)? {
            let span = span?;
            if span.trace_id == id {
                found.push(span);
            }
        }
    }
    order::sort_by_key(&mut found, |span| {
        (span.start_unix_nano, span.parent_span_id.is_some())
    });
    Ok(found)
}

/// Whether nothing was written to a file any more at that time.
fn is_older(path: &Path, since: u64) -> io::Result<bool> {
    let changed = std::fs::metadata(path)?.modified()?;
    let changed = changed
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap_or_default();
    // Clocks of file systems are coarse.
    Ok(changed.as_nanos() + 1_000_000_000 < since.into())
}

/// Reads lines from the end, until one ended before `since`; whether there was one.
fn from_the_end(
    mut file: impl Read + Seek,
    id: TraceId,
    since: u64,
    found: &mut Vec<SpanRecord>,
) -> io::Result<bool> {
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
                found.push(span);
            } else if end_of(line).is_some_and(|end| end < since) {
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

    fn line(trace: u8, span: u64, end: u64, text: &str) -> String {
        format!(
            r#"{{"trace_id":"{trace:032x}","span_id":"{span:016x}","parent_span_id":null,"name":"s","kind":"INTERNAL","start_unix_nano":1,"end_unix_nano":{end},"status":"UNSET","status_message":"","attributes":{{"text":"{text}"}},"events":[],"links":[],"resource":{{}}}}"#
        ) + "\n"
    }

    fn found(text: &str, since: u64) -> (Vec<u64>, bool) {
        let id = TraceId::from_bytes([[0; 15].as_slice(), &[1]].concat().try_into().unwrap());
        let mut spans = Vec::new();
        let is_through =
            from_the_end(Cursor::new(text.as_bytes()), id.unwrap(), since, &mut spans).unwrap();
        let ids = spans
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
            line(2, 4, 40, ""),
            line(1, 5, 50, "")[..40].to_owned(),
        ]
        .concat();
        assert_eq!(found(&text, 0), (vec![3, 1], false));
        assert_eq!(found(&text, 25), (vec![3], true));
        assert_eq!(found("", 0), (vec![], false));
    }

    #[test]
    fn lines_longer_than_what_is_read_at_once_are_whole() {
        let long = "x".repeat(700_000);
        let text: String = (1..=3).map(|span| line(1, span, 10, &long)).collect();
        assert_eq!(found(&text, 5), (vec![3, 2, 1], false));
    }

    #[test]
    fn a_trace_that_goes_over_a_rotation_is_whole_and_stands_in_its_order() {
        let name = format!("genai-trace-of-trace-{}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).unwrap();
        let live = folder.join("traces.jsonl");
        let rotated = folder.join("traces.2026-11-21T11-43-00.123Z.jsonl");
        std::fs::write(
            &rotated,
            line(1, 7, 10, "").replace(":1,", ":5,") + &line(2, 8, 11, ""),
        )
        .unwrap();
        std::fs::write(&live, line(1, 9, 30, "")).unwrap();
        let id = TraceId::from_bytes([[0; 15].as_slice(), &[1]].concat().try_into().unwrap());
        let found = of_trace(&live, id.unwrap(), 0).unwrap();
        let starts: Vec<_> = found.iter().map(|span| span.start_unix_nano).collect();
        assert_eq!(starts, [1, 5]);
        std::fs::remove_file(&live).unwrap();
        assert_eq!(of_trace(&live, id.unwrap(), 0).unwrap().len(), 1);
        std::fs::remove_dir_all(folder).unwrap();
    }
}
