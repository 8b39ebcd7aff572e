//! A store of SQLite as the lines that a traces file would have.

use std::io::{self, Read};
use std::path::Path;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, Statement};

use crate::export::sqlite::identity::{Identity, OpenStore};
use crate::export::sqlite::to_read::open_to_read;

/// Lines are made ahead up to about this size.
const AHEAD_BYTES: usize = 256 * 1024;

const SPANS: &str = "SELECT rowid, trace_id, span_id, parent_span_id, name, kind, start_unix_nano, end_unix_nano, status, \
     status_message, attributes, resource, trace_state, flags, scope, dropped \
     FROM spans WHERE rowid > ?1 ORDER BY rowid LIMIT 1000";
const EVENTS: &str = "SELECT name, time_unix_nano, attributes FROM events \
     WHERE trace_id = ?1 AND span_id = ?2 AND is_on_span ORDER BY id";
const LINKS: &str = "SELECT linked_trace_id, linked_span_id, trace_state, attributes FROM links \
     WHERE trace_id = ?1 AND span_id = ?2 ORDER BY id";

/// The spans of a store, one line of JSON each, in the order in which they came.
pub(crate) struct StoreLines {
    store: Connection,
    _open: OpenStore,
    /// The row that was read last.
    last: i64,
    lines: Vec<u8>,
    /// How much of `lines` was taken.
    taken: usize,
}

impl StoreLines {
    /// Opens the store at `path`, which is not changed; what stands up to the row `last` is passed over.
    pub(crate) fn open(path: &Path, last: i64) -> io::Result<Self> {
        Ok(Self {
            store: open_to_read(path)?,
            _open: OpenStore::new(Identity::of(path)),
            last,
            lines: Vec::new(),
            taken: 0,
        })
    }

    /// Makes the next lines; none at the end.
    fn fill(&mut self) -> rusqlite::Result<()> {
        self.taken = 0;
        self.lines.clear();
        // A very long line was in it.
        self.lines.shrink_to(2 * AHEAD_BYTES);
        let mut spans = self.store.prepare_cached(SPANS)?;
        let mut events = self.store.prepare_cached(EVENTS)?;
        let mut links = self.store.prepare_cached(LINKS)?;
        let mut rows = spans.query([self.last])?;
        while self.lines.len() < AHEAD_BYTES
            && let Some(row) = rows.next()?
        {
            self.last = row.get(0)?;
            line(row, &mut events, &mut links, &mut self.lines)?;
        }
        Ok(())
    }
}

impl Read for StoreLines {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.taken == self.lines.len() {
            self.fill().map_err(io::Error::other)?;
        }
        let mut left = self.lines.get(self.taken..).unwrap_or_default();
        let read = left.read(out)?;
        self.taken += read;
        Ok(read)
    }
}

/// Writes the line of a span, in the order of its record.
fn line(
    span: &Row<'_>,
    events: &mut Statement<'_>,
    links: &mut Statement<'_>,
    out: &mut Vec<u8>,
) -> rusqlite::Result<()> {
    const TEXTS: [&str; 5] = ["trace_id", "span_id", "parent_span_id", "name", "kind"];
    let mut head = "{";
    for key in TEXTS {
        member(span, head, key, Form::Plain, out)?;
        head = ",";
    }
    for key in [
        "start_unix_nano",
        "end_unix_nano",
        "status",
        "status_message",
    ] {
        member(span, ",", key, Form::Plain, out)?;
    }
    member(span, ",", "attributes", Form::Json, out)?;
    let ids = [span.get("trace_id")?, span.get("span_id")?];
    out.extend(b",\"events\":");
    list(events, &ids, out, |event, out| {
        member(event, "{", "name", Form::Plain, out)?;
        member(event, ",", "time_unix_nano", Form::Plain, out)?;
        member(event, ",", "attributes", Form::Json, out)
    })?;
    out.extend(b",\"links\":");
    list(links, &ids, out, |link, out| {
        out.extend(b"{\"trace_id\":");
        value(link.get_ref("linked_trace_id")?, Form::Plain, out)?;
        out.extend(b",\"span_id\":");
        value(link.get_ref("linked_span_id")?, Form::Plain, out)?;
        member(link, ",", "trace_state", Form::Plain, out)?;
        member(link, ",", "attributes", Form::Json, out)
    })?;
    member(span, ",", "resource", Form::Json, out)?;
    member(span, ",", "trace_state", Form::Plain, out)?;
    member(span, ",", "flags", Form::Plain, out)?;
    member(span, ",", "scope", Form::Json, out)?;
    member(span, ",", "dropped", Form::Json, out)?;
    out.extend(b"}\n");
    Ok(())
}

/// A list of objects, of each of which `each` writes the beginning.
fn list(
    statement: &mut Statement<'_>,
    ids: &[String; 2],
    out: &mut Vec<u8>,
    each: impl Fn(&Row<'_>, &mut Vec<u8>) -> rusqlite::Result<()>,
) -> rusqlite::Result<()> {
    let mut rows = statement.query(ids.each_ref())?;
    let mut head = b'[';
    while let Some(row) = rows.next()? {
        out.push(head);
        each(row, out)?;
        out.push(b'}');
        head = b',';
    }
    match head {
        b'[' => out.extend(b"[]"),
        _ => out.push(b']'),
    }
    Ok(())
}

/// How a column is written.
#[derive(Clone, Copy)]
enum Form {
    /// As what it is; nothing is null.
    Plain,
    /// As it stands, since it is JSON.
    Json,
}

/// Writes a column with its name; a member that a record leaves out where it is nothing is null, which reads the same.
fn member(
    row: &Row<'_>,
    head: &str,
    key: &str,
    form: Form,
    out: &mut Vec<u8>,
) -> rusqlite::Result<()> {
    out.extend(head.as_bytes());
    out.push(b'"');
    out.extend(key.as_bytes());
    out.extend(b"\":");
    value(row.get_ref(key)?, form, out)
}

fn value(value: ValueRef<'_>, form: Form, out: &mut Vec<u8>) -> rusqlite::Result<()> {
    let failed = |error: serde_json::Error| rusqlite::Error::ToSqlConversionFailure(error.into());
    match (value, form) {
        (ValueRef::Text(json), Form::Json) => out.extend(json),
        (ValueRef::Text(text), Form::Plain) => {
            serde_json::to_writer(&mut *out, &String::from_utf8_lossy(text)).map_err(failed)?;
        }
        (ValueRef::Integer(number), _) => {
            serde_json::to_writer(&mut *out, &number).map_err(failed)?;
        }
        _ => out.extend(b"null"),
    }
    Ok(())
}
