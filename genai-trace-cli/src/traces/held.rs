//! What is kept of a span until its trace is whole.

use std::hash::{DefaultHasher, Hasher};
use std::io;

use genai_trace::SpanRecord;

use crate::findings::At;
use crate::input::Place;
use crate::span::Brief;

/// What is kept of a span until its trace is whole.
#[derive(Debug)]
pub(crate) struct Held<T> {
    pub(crate) id: u64,
    /// 0 is none.
    pub(crate) parent: u64,
    pub(crate) start: u64,
    /// 0 where it has only begun.
    pub(crate) end: u64,
    pub(crate) name: Box<str>,
    pub(crate) place: Place,
    /// The same for records that say the same.
    pub(super) contents: u64,
    /// What the command wants to know of it besides.
    pub(crate) seen: T,
}

impl<T> Held<T> {
    /// `see` may lay into the record what is kept of it elsewhere.
    pub(crate) fn of(
        place: Place,
        record: &mut SpanRecord,
        see: impl FnOnce(Place, &mut SpanRecord) -> T,
    ) -> Self {
        let contents = contents(record);
        let seen = see(place, record);
        let brief = Brief::who(record);
        Self {
            id: brief.span_id,
            parent: brief.parent,
            start: brief.start,
            end: brief.end,
            name: brief.name.into(),
            place,
            contents,
            seen,
        }
    }

    pub(crate) const fn has_ended(&self) -> bool {
        self.end != 0
    }

    pub(crate) const fn nanoseconds(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    /// What findings say of where it is.
    pub(crate) fn at(&self) -> At {
        At {
            id: self.id,
            name: self.name.clone().into(),
            place: self.place,
        }
    }
}

/// A hash of all that a record says: records that say the same may be written in different shapes.
fn contents(record: &SpanRecord) -> u64 {
    let mut hashed = Hashed(DefaultHasher::new());
    // Of two records that cannot be written nobody would know whether they say the same.
    let _ = serde_json::to_writer(&mut hashed, record);
    hashed.0.finish()
}

/// What is written to it is only hashed.
struct Hashed(DefaultHasher);

impl io::Write for Hashed {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
