//! Files into tables: several threads read, one writes.

use std::collections::HashSet;
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use genai_trace::sqlite::{self, VIEWS};
use genai_trace::{LogRecord, files};
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};

use super::row::{Columns, Row, of_event};
use super::wants::TABLES;
use crate::input::{Reading, Source};
use crate::reading::Input;

/// Rows go to the thread that writes in portions of this size.
const PORTION: usize = 512;
/// So many portions may wait for it.
const WAITING: usize = 32;
/// The event that is a score.
const SCORE: &str = "gen_ai.evaluation.result";

/// Reads what `input` names into tables of a database of its own, which is a file that goes with it where it is large.
pub(super) fn load(
    input: &Input,
    columns: &Columns,
    wants_events: bool,
) -> Result<(Connection, Reading), String> {
    let failed = |error: rusqlite::Error| format!("cannot make tables: {error}");
    let tables = empty().map_err(failed)?;
    let (sender, receiver) = sync_channel(WAITING);
    thread::scope(|scope| {
        let names = &columns.names;
        let writer = scope.spawn(move || write(tables, names, &receiver));
        let read = read(input, columns, &sender);
        if wants_events {
            for source in input.sources()? {
                events_of(&source, &sender)?;
            }
        }
        drop(sender);
        let written = writer
            .join()
            .map_err(|_| "the thread that writes tables has failed".to_owned())?;
        // What stopped the writer has stopped the readers as well.
        Ok((written.map_err(failed)?, read?))
    })
}

fn empty() -> rusqlite::Result<Connection> {
    // Of no name: SQLite keeps it in memory as long as it is small.
    let tables = Connection::open("")?;
    tables.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536;",
    )?;
    tables.execute_batch(TABLES)?;
    tables.execute_batch(VIEWS)?;
    Ok(tables)
}

fn read(
    input: &Input,
    columns: &Columns,
    sender: &SyncSender<Vec<Row>>,
) -> Result<Reading, String> {
    let (rests, reading) = input.each_line(Vec::new, |rows, span, line| {
        columns.rows(span, line, rows);
        if rows.len() >= PORTION {
            // Who writes has said why it stopped.
            let _ = sender.send(std::mem::take(rows));
        }
    })?;
    for rest in rests {
        let _ = sender.send(rest);
    }
    Ok(reading)
}

/// The events that are no part of a span: those of a store, or of the files beside one.
fn events_of(source: &Source, sender: &SyncSender<Vec<Row>>) -> Result<(), String> {
    let Some(path) = source.path() else {
        return Ok(());
    };
    // A late score stands in both files where events are kept.
    let files = match source.is_store() {
        true => {
            events_of_store(path, sender)?;
            vec![files::scores(path)]
        }
        false => vec![events(path), files::scores(path)],
    };
    each_event(&files, |event| {
        let _ = sender.send(vec![of_event(event)]);
    })
}

/// Gives `each` the events in those of the files that are there, and each score once.
pub(super) fn each_event(
    files: &[PathBuf],
    mut each: impl FnMut(&LogRecord),
) -> Result<(), String> {
    let mut seen = HashSet::new();
    for path in files {
        let Ok(file) = File::open(path) else {
            continue;
        };
        for line in BufReader::new(file).split(b'\n') {
            let line = line.map_err(|error| format!("cannot read {path:?}: {error}"))?;
            let Ok(event) = serde_json::from_slice::<LogRecord>(&line) else {
                continue;
            };
            if event.event_name != SCORE || seen.insert(line) {
                each(&event);
            }
        }
    }
    Ok(())
}

/// The events beside the traces file at `path`: `traces.events.jsonl`.
fn events(path: &Path) -> PathBuf {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    path.with_extension(format!("events.{ending}"))
}

fn events_of_store(path: &Path, sender: &SyncSender<Vec<Row>>) -> Result<(), String> {
    let failed = |error: rusqlite::Error| format!("cannot read {path:?}: {error}");
    let store = sqlite::open(path).map_err(|error| format!("cannot read {path:?}: {error}"))?;
    let mut events = store
        .prepare(
            "SELECT trace_id, span_id, name, time_unix_nano, severity_number, attributes, resource, 0 \
             FROM events WHERE NOT is_on_span",
        )
        .map_err(failed)?;
    let mut rows = events.query([]).map_err(failed)?;
    while let Some(row) = rows.next().map_err(failed)? {
        let mut values = [const { Value::Null }; 8];
        for (column, value) in values.iter_mut().enumerate() {
            *value = row.get(column).map_err(failed)?;
        }
        let _ = sender.send(vec![Row::Event(values)]);
    }
    Ok(())
}

fn write(
    mut tables: Connection,
    names: &[String],
    rows: &Receiver<Vec<Row>>,
) -> rusqlite::Result<Connection> {
    let marks = vec!["?"; names.len()].join(", ");
    let span = format!("INSERT INTO spans ({}) VALUES ({marks})", names.join(", "));
    let all = tables.transaction()?;
    {
        let mut span = all.prepare(&span)?;
        let mut event = all.prepare("INSERT INTO events VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)")?;
        let mut link = all.prepare("INSERT INTO links VALUES (NULL, ?, ?, ?, ?, ?, ?)")?;
        for row in rows.iter().flatten() {
            match row {
                Row::Span(values) => span.execute(params_from_iter(values))?,
                Row::Event(values) => event.execute(params_from_iter(values))?,
                Row::Link(values) => link.execute(params_from_iter(values))?,
            };
        }
    }
    all.commit()?;
    // The observation log goes up from span to span.
    if ["span_id", "parent_span_id"]
        .iter()
        .all(|column| names.iter().any(|name| name == column))
    {
        tables.execute_batch(
            "CREATE INDEX spans_by_id ON spans (trace_id, span_id); \
             CREATE INDEX events_by_span ON events (trace_id, span_id)",
        )?;
    }
    Ok(tables)
}
