//! A store of SQLite that is written, as by a process that goes on.

use std::path::Path;

use genai_trace::SqliteExporter;
use rusqlite::{Connection, params};
use serde_json::Value as Json;

/// A store that is written.
pub(crate) struct Written {
    pub(crate) sql: Connection,
    _process: SqliteExporter,
}

impl Written {
    pub(crate) fn at(path: &Path) -> Self {
        let process = SqliteExporter::open(path).unwrap();
        Self {
            sql: Connection::open(path).unwrap(),
            _process: process,
        }
    }

    /// Writes spans as one batch.
    pub(crate) fn spans(&mut self, lines: &[String]) {
        let batch = self.sql.transaction().unwrap();
        for line in lines {
            let span: Json = serde_json::from_str(line).unwrap();
            let text = |key: &str| span[key].as_str().map(str::to_owned);
            let number = |key: &str| span[key].as_i64();
            batch
                .execute(
                    "INSERT INTO spans (trace_id, span_id, parent_span_id, name, kind, start_unix_nano, end_unix_nano, \
                     status, status_message, attributes, resource) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                    params![
                        text("trace_id"),
                        text("span_id"),
                        text("parent_span_id"),
                        text("name"),
                        text("kind"),
                        number("start_unix_nano"),
                        number("end_unix_nano"),
                        text("status"),
                        text("status_message"),
                        span["attributes"].to_string(),
                        span["resource"].to_string(),
                    ],
                )
                .unwrap();
        }
        batch.commit().unwrap();
    }
}
