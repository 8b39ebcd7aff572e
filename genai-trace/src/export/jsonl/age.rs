//! How old the first line of a file is, also where an earlier process wrote it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// A line says when its span ended within so many bytes; a very long name is before it.
const HEAD_BYTES: u64 = 4096;

/// When the first line of `file` was written, as far as the file can say.
///
/// Its span may have ended long before, where it waited for the rest of its trace; but hardly before
/// the file was made.
pub(super) fn first_line_at(mut file: &File) -> io::Result<SystemTime> {
    let mut head = Vec::new();
    file.seek(SeekFrom::Start(0))?;
    file.take(HEAD_BYTES).read_to_end(&mut head)?;
    let metadata = file.metadata()?;
    match (ended_at(&head), metadata.created().ok()) {
        (Some(ended), Some(made)) => Ok(ended.max(made)),
        (Some(time), None) | (None, Some(time)) => Ok(time),
        // Not every file system knows when a file was made. The first line is no younger than the last.
        (None, None) => metadata.modified(),
    }
}

/// When the span of the line that begins as `head` does ended.
fn ended_at(head: &[u8]) -> Option<SystemTime> {
    // Within a string of JSON the quotes would stand behind backslashes.
    let key = b",\"end_unix_nano\":";
    let first = head.split(|byte| *byte == b'\n').next()?;
    let at = first.windows(key.len()).position(|window| window == key)?;
    let digits = first.get(at + key.len()..)?;
    let len = digits.iter().position(|byte| !byte.is_ascii_digit())?;
    let nanos = std::str::from_utf8(digits.get(..len)?).ok()?.parse().ok()?;
    UNIX_EPOCH.checked_add(Duration::from_nanos(nanos))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ended(line: &str) -> Option<u128> {
        let time = ended_at(line.as_bytes())?;
        Some(time.duration_since(UNIX_EPOCH).unwrap().as_nanos())
    }

    #[test]
    fn a_line_says_when_its_span_ended() {
        let line = r#"{"name":"a","start_unix_nano":1,"end_unix_nano":1790000000012345678,"x":1}"#;
        assert_eq!(ended(line), Some(1_790_000_000_012_345_678));
    }

    #[test]
    fn a_name_that_looks_like_the_key_is_none() {
        let line = r#"{"name":",\"end_unix_nano\":1,","end_unix_nano":2}"#;
        assert_eq!(ended(line), Some(2));
    }

    #[test]
    fn a_line_that_is_no_span_says_nothing() {
        assert_eq!(ended("hello\n{\"a\":1,\"end_unix_nano\":2}"), None);
        assert_eq!(ended(""), None);
    }
}
