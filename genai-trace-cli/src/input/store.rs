//! A store of SQLite as it grows: its spans as lines, and what else happened as the lines that lie beside a traces file.

use std::fs;
use std::io::{self, BufRead, Read};
use std::path::{Path, PathBuf};

use genai_trace::sqlite;
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::{Value as Json, json};

use super::blocks::BLOCK_BYTES;
use super::follow::{Identity, identity};
use crate::scores::RESULT;

/// So many events are looked at before spans have their turn again.
const EVENTS_AT_ONCE: u32 = 1000;

/// Follows the store of a name, whichever store that is.
#[derive(Debug)]
pub(crate) struct StoreFollower {
    path: PathBuf,
    open: Option<Open>,
    /// Of the store that is opened first only so many of the last spans come.
    last: Option<usize>,
}

/// What has come of a store.
#[derive(Debug)]
pub(crate) enum StoreStep {
    /// A store is there. What came before is there no more.
    Opened,
    /// Lines of spans.
    Spans(Vec<u8>),
    /// Lines of what happened beside the spans: events, and scores.
    Beside { events: Vec<u8>, scores: Vec<u8> },
    /// Nothing new.
    Idle,
}

struct Open {
    identity: Option<Identity>,
    store: Connection,
    spans: Box<dyn BufRead + Send>,
    /// The event that was read last.
    event: i64,
    /// By which SQLite tells that somebody has written.
    version: Option<i64>,
    rows: Rows,
    /// There may be more than has been read.
    has_more: bool,
}

/// The first and the last row of the spans.
#[derive(Clone, Copy, Debug, Default)]
struct Rows {
    first: Option<i64>,
    last: i64,
}

impl StoreFollower {
    /// Follows the store that is at `path`, from its beginning.
    pub(crate) const fn new(path: PathBuf) -> Self {
        Self {
            path,
            open: None,
            last: None,
        }
    }

    /// Of the store that is there now only its last `spans` spans will come.
    pub(crate) const fn from_the_last(path: PathBuf, spans: usize) -> Self {
        Self {
            path,
            open: None,
            last: Some(spans),
        }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// What came next. It waits for nobody who writes.
    pub(crate) fn step(&mut self) -> io::Result<StoreStep> {
        let stepped = self.try_step();
        if stepped.is_err() {
            // Whatever it was, one begins anew.
            self.open = None;
        }
        stepped
    }

    fn try_step(&mut self) -> io::Result<StoreStep> {
        let now = fs::metadata(&self.path).ok().as_ref().and_then(identity);
        let Some(open) = &mut self.open else {
            if now.is_none() {
                return Ok(StoreStep::Idle);
            }
            let store = sqlite::open(&self.path)?;
            if store.path().is_none_or(str::is_empty) {
                // It is only being made, and stands for the one that it will be.
                return Ok(StoreStep::Idle);
            }
            self.open = Some(Open::new(&self.path, store, now, self.last.take())?);
            return Ok(StoreStep::Opened);
        };
        let is_another = now.is_some() && now != open.identity;
        if is_another || !open.look().map_err(io::Error::other)? {
            self.open = None;
            return self.try_step();
        }
        open.step()
    }
}

impl Open {
    fn new(
        path: &Path,
        store: Connection,
        identity: Option<Identity>,
        last: Option<usize>,
    ) -> io::Result<Self> {
        let rows = Rows::of(&store).map_err(io::Error::other)?;
        let behind = match last {
            None => 0,
            Some(spans) => behind(&store, spans).map_err(io::Error::other)?,
        };
        Ok(Self {
            identity,
            spans: sqlite::lines(path, behind)?,
            store,
            event: 0,
            version: None,
            rows,
            has_more: true,
        })
    }

    /// Looks whether something was written; false where what has come is there no more.
    fn look(&mut self) -> rusqlite::Result<bool> {
        let version = self
            .store
            .pragma_query_value(None, "data_version", |row| row.get(0))?;
        if self.version.replace(version) == Some(version) {
            return Ok(true);
        }
        self.has_more = true;
        let rows = Rows::of(&self.store)?;
        // Rows that are deleted at the end are given away again.
        let is_less = rows.last < self.rows.last;
        let has_lost_some = match (self.rows.first, rows.first) {
            (Some(before), Some(now)) => now > before,
            (Some(_), None) => true,
            (None, _) => false,
        };
        self.rows = rows;
        Ok(!is_less && !has_lost_some)
    }

    fn step(&mut self) -> io::Result<StoreStep> {
        if !self.has_more {
            return Ok(StoreStep::Idle);
        }
        let spans = self.spans()?;
        if !spans.is_empty() {
            return Ok(StoreStep::Spans(spans));
        }
        let (events, scores) = self.beside().map_err(io::Error::other)?;
        self.has_more = !events.is_empty() || !scores.is_empty();
        match self.has_more {
            true => Ok(StoreStep::Beside { events, scores }),
            false => Ok(StoreStep::Idle),
        }
    }

    /// The next lines, about as many as a block has.
    fn spans(&mut self) -> io::Result<Vec<u8>> {
        let mut lines = Vec::new();
        let most = u64::try_from(BLOCK_BYTES).unwrap_or(u64::MAX);
        let read = self.spans.by_ref().take(most).read_to_end(&mut lines)?;
        if read == BLOCK_BYTES {
            self.spans.read_until(b'\n', &mut lines)?;
        }
        Ok(lines)
    }

    /// The next events and scores that were not said on their spans.
    fn beside(&mut self) -> rusqlite::Result<(Vec<u8>, Vec<u8>)> {
        let mut query = self.store.prepare_cached(
            "SELECT id, name, time_unix_nano, trace_id, span_id, attributes FROM events \
             WHERE id > ?1 AND NOT is_on_span ORDER BY id LIMIT ?2",
        )?;
        let mut rows = query.query((self.event, EVENTS_AT_ONCE))?;
        let (mut events, mut scores) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            self.event = row.get("id")?;
            let record = event_in(row)?;
            let out = match record.get("event_name").is_some_and(|name| name == RESULT) {
                true => &mut scores,
                false => &mut events,
            };
            out.extend(record.to_string().into_bytes());
            out.push(b'\n');
        }
        Ok((events, scores))
    }
}

impl Rows {
    fn of(store: &Connection) -> rusqlite::Result<Self> {
        let row = |sql| {
            let mut query = store.prepare_cached(sql)?;
            query.query_row([], |row| row.get::<_, i64>(0)).optional()
        };
        Ok(Self {
            first: row("SELECT rowid FROM spans ORDER BY rowid LIMIT 1")?,
            last: row("SELECT rowid FROM spans ORDER BY rowid DESC LIMIT 1")?.unwrap_or(0),
        })
    }
}

/// The row behind which the last `spans` spans stand.
fn behind(store: &Connection, spans: usize) -> rusqlite::Result<i64> {
    let spans = i64::try_from(spans).unwrap_or(i64::MAX);
    let mut query =
        store.prepare("SELECT rowid FROM spans ORDER BY rowid DESC LIMIT 1 OFFSET ?")?;
    let found = query.query_row([spans], |row| row.get(0)).optional()?;
    Ok(found.unwrap_or(0))
}

/// The record of an event, of which the row has the name, the time, the ids and the attributes.
pub(crate) fn event_in(row: &Row<'_>) -> rusqlite::Result<Json> {
    let attributes: String = row.get("attributes")?;
    Ok(json!({
        "event_name": row.get::<_, String>("name")?,
        "time_unix_nano": row.get::<_, i64>("time_unix_nano")?,
        "trace_id": row.get::<_, Option<String>>("trace_id")?,
        "span_id": row.get::<_, Option<String>>("span_id")?,
        "attributes": serde_json::from_str::<Json>(&attributes).unwrap_or_default(),
    }))
}

impl std::fmt::Debug for Open {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Open")
            .field("rows", &self.rows)
            .field("event", &self.event)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SPAN: &str = "INSERT INTO spans (trace_id, span_id, name, kind, start_unix_nano, end_unix_nano, status, \
        status_message, attributes, resource) VALUES ('0af7651916cd43dd8448eb211c80319c', ?, 'agent.turn', 'INTERNAL', \
        1, 2, 'UNSET', '', '{}', '{}')";

    fn spans(store: &mut StoreFollower) -> usize {
        match store.step().unwrap() {
            StoreStep::Spans(lines) => lines.split(|byte| *byte == b'\n').count() - 1,
            step => panic!("{step:?}"),
        }
    }

    #[test]
    fn a_store_that_is_only_being_made_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("traces.db");
        let mut store = StoreFollower::new(path.clone());
        assert!(matches!(store.step().unwrap(), StoreStep::Idle));
        let made = Connection::open(&path).unwrap();
        made.execute_batch("PRAGMA journal_mode = wal; VACUUM")
            .unwrap();
        assert!(matches!(store.step().unwrap(), StoreStep::Idle));
        let _process = genai_trace::SqliteExporter::open(&path).unwrap();
        made.execute(SPAN, ["b7ad6b7169203331"]).unwrap();
        assert!(matches!(store.step().unwrap(), StoreStep::Opened));
        assert_eq!(spans(&mut store), 1);
        assert!(matches!(store.step().unwrap(), StoreStep::Idle));
        made.execute(SPAN, ["b7ad6b7169203332"]).unwrap();
        assert_eq!(spans(&mut store), 1);
        assert!(matches!(store.step().unwrap(), StoreStep::Idle));
        made.execute("DELETE FROM spans", []).unwrap();
        assert!(matches!(store.step().unwrap(), StoreStep::Opened));
        assert!(matches!(store.step().unwrap(), StoreStep::Idle));
    }

    #[test]
    fn of_the_last_spans_no_more_come_than_were_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("traces.db");
        let _process = genai_trace::SqliteExporter::open(&path).unwrap();
        let made = Connection::open(&path).unwrap();
        for id in 1..10 {
            made.execute(SPAN, [format!("{id:016x}")]).unwrap();
        }
        for (last, expected) in [(3, 3), (100, 9)] {
            let mut store = StoreFollower::from_the_last(path.clone(), last);
            assert!(matches!(store.step().unwrap(), StoreStep::Opened));
            assert_eq!(spans(&mut store), expected);
        }
    }
}
