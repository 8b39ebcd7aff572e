//! The store: spans, events and scores in a database of SQLite, which any tool that speaks SQL can ask. Feature `sqlite`.
//!
//! [`Builder::sqlite`](crate::Builder::sqlite) keeps spans in it, [`Builder::events_sqlite`](crate::Builder::events_sqlite)
//! the events that are no part of a span; in the environment `OTEL_TRACES_EXPORTER=sqlite`, `OTEL_LOGS_EXPORTER=sqlite`
//! and `GENAI_TRACE_SQLITE` with the path, `traces.db` unless said. [`SpanReader`](crate::SpanReader) and the command
//! `genai-trace` read a store as they read a traces file.
//!
//! ```
//! # let folder = std::env::temp_dir().join(format!("genai-trace-store-{}", std::process::id()));
//! # std::fs::create_dir_all(&folder)?;
//! use genai_trace::{Telemetry, genai_agent, genai_tool};
//!
//! #[genai_tool("weather")]
//! fn weather(city: &str) -> String {
//!     format!("{city}: 8.8 C")
//! }
//!
//! #[genai_agent("assistant")]
//! fn answer() -> String {
//!     weather("Prestatyn")
//! }
//!
//! let path = folder.join("traces.db");
//! let telemetry = Telemetry::builder().sqlite(&path).install()?;
//! answer();
//! drop(telemetry);
//!
//! let store = genai_trace::sqlite::open(&path)?;
//! let calls: i64 = store.query_row(
//!     "SELECT count(*) FROM spans WHERE tool = 'weather' AND attributes ->> '$.\"gen_ai.operation.name\"' = 'execute_tool'",
//!     [],
//!     |row| row.get(0),
//! )?;
//! assert_eq!(calls, 1);
//! let tool: String = store.query_row("SELECT tool_calls ->> '$[0].name' FROM observation_log", [], |row| row.get(0))?;
//! assert_eq!(tool, "weather");
//! # drop(store);
//! # std::fs::remove_dir_all(&folder)?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is in it
//!
//! | table or view | a row is |
//! |---|---|
//! | `spans`, and `traces` as another name | a finished span, once by its ids: the fields of a [`SpanRecord`](crate::SpanRecord), `attributes` and `resource` as JSON, and what is read off them: `duration_ns`, `duration_ms`, `operation`, `agent`, `tool`, `provider`, `model`, `input_tokens`, `output_tokens`, `cost_usd` (where the span says it), `conversation`, `error_type` |
//! | `events` | something that happened at one moment: on its span, or (`is_on_span` is 0) a [`LogRecord`](crate::LogRecord) of its own |
//! | `links` | another span that belongs to one without being its parent |
//! | `scores` | the result of an evaluation, or what a user thought of an answer |
//! | `observation_log` | a run with an agent, a model call or a tool in it: `trace_id`, `user_message`, `agent_response`, `model`, `provider`, `prompt_tokens`, `completion_tokens`, `total_tokens`, `latency_ms`, `tool_calls`, a JSON list with `name`, `input`, `output` and `latency_ms` of each, and `span_id` of the run. What was said is there where [content](crate::content) was captured |
//!
//! A run in `observation_log` is the request that a server answered, else the work of an agent or of a workflow that no
//! other had asked for, else what began in this store: a span whose parent is not in it. So requests and turns that share a
//! trace have a row each, and a span counts in one of them. Question and answer are of the same conversation: neither what
//! an agent asks others on the way, nor a call that finds a title. `model` and `provider` are those of its calls of models,
//! `mixed` where there are several; embeddings are none of these calls, and their tokens stand in `spans`. While a run is
//! open, what has finished in it stands alone.
//!
//! # What it promises
//!
//! - A batch of spans is one transaction, within 50 ms of their end. What the [`Report`](crate::Report) counts as written
//!   every reader sees, and neither a panic nor `kill -9` takes it back. Spans that had not been written by then are lost:
//!   [`crash_safe`](crate::Builder::crash_safe) is for files.
//! - A power cut is something else: the log is synced when it is brought into the file, which SQLite does for every 4 MB
//!   or so and at the shutdown (`synchronous=NORMAL`). What was committed since may be lost; the store is never broken.
//! - Several processes may write to one store, on one machine: a network's file system has no locks that SQLite could use.
//!   A batch that finds another at work waits for its turn up to 60 s, or until the shutdown's time is up.
//! - A child that is forked off a process that had opened a store can open none: that is refused in words.
//! - Beside the file lie `-wal` and `-shm` while it is written. Copy a store with `.backup` or `VACUUM INTO`, not with `cp`.
//! - A store of an older [version](VERSION) is brought up to date when it is written to; one of a newer is refused.
//! - A database of somebody else, one with tables and without our [`APPLICATION_ID`], is refused and left as it is.
//! - Nothing is ever deleted: `DELETE FROM spans WHERE start_unix_nano < ..` is yours, while agents run or not.
//!   The events on these spans, their scores and links go with them.

use std::io::{self, BufRead, BufReader};
use std::path::Path;

use crate::export::sqlite::schema;
use crate::export::sqlite::to_read::open_to_read;
use crate::reader::store::StoreLines;

/// The version of a store that this build writes: `PRAGMA user_version`.
pub const VERSION: usize = schema::MIGRATIONS.len();

/// What tells a store from other databases: `PRAGMA application_id`.
pub const APPLICATION_ID: i32 = schema::APPLICATION_ID;

/// The views of a store, for whoever has its tables in a database of another make.
pub const VIEWS: &str = schema::VIEWS;

/// Opens the store at `path` to be asked, while others write to it or not; nothing can be changed. One that is only being
/// made is empty. Where this process may not write to the file or its folder, a store that was closed is read as it lies.
///
/// # Errors
/// Those of the file system, a file that is no database or no store, one of a newer version; a store that may only be
/// read, and has a log beside it with what was written last.
pub fn open(path: impl AsRef<Path>) -> io::Result<rusqlite::Connection> {
    open_to_read(path.as_ref())
}

/// The spans of the store at `path` as the lines that a traces file would have, in the order in which they came: those
/// behind the row `behind` of `spans`, 0 for all of them. Whoever reads on after the end gets what has come since then.
///
/// # Errors
/// Those of [`open`].
pub fn lines(path: impl AsRef<Path>, behind: i64) -> io::Result<Box<dyn BufRead + Send>> {
    let lines = StoreLines::open(path.as_ref(), behind)?;
    Ok(Box::new(BufReader::with_capacity(64 * 1024, lines)))
}
