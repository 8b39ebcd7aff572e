//! The black box of a process that is alive, read from outside.

use std::fs::{File, TryLockError};
use std::io;
use std::path::Path;

use super::Spelling;
use crate::recorder::black_box::read::{BoxReader, Unreadable};
use crate::recorder::entry::Header;
use crate::recorder::span_in_flight::SpanInFlight;
use crate::span::outcome::Outcome;

/// What the process that holds the box at `path` has open at `now`, in nanoseconds since 1970; nothing
/// where nobody holds it, or where it is no box.
///
/// # Errors
/// The box cannot be read.
pub(in crate::recorder) fn open_spans(path: &Path, now: u64) -> io::Result<Vec<SpanInFlight>> {
    let file = File::open(path)?;
    // Only tried, and let go at once: nobody is held up.
    if !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
        return Ok(Vec::new());
    }
    let reader = match BoxReader::open(file) {
        Ok(reader) => reader,
        Err(Unreadable::Unfinished | Unreadable::Bad(_)) => return Ok(Vec::new()),
    };
    // The names last: they are there before anything refers to them.
    let open = reader.open_spans()?;
    let spelling = Spelling::read(&reader.names()?);
    let mut items = Vec::new();
    let spans = open.into_iter().map(|(head, said)| {
        let header = Header {
            callsite: head.callsite,
            trace_id: head.trace_id,
            span_id: head.span_id,
            parent: head.parent,
            start: head.start,
            end: head.start,
            offset: head.offset,
            agent: head.agent,
            is_local_root: false,
            outcome: Outcome::Ok,
        };
        let view = spelling.view(header, &said, &mut items);
        SpanInFlight::of(&view, reader.process_id(), now)
    });
    Ok(spans.collect())
}
