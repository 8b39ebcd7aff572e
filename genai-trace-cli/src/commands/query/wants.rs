//! What a query reads, as SQLite finds out: so no more of the files is kept than that, and a query that is wrong is found
//! before any file is read.

use std::collections::BTreeSet;
use std::sync::mpsc;

use genai_trace::sqlite::VIEWS;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::{Connection, Error, ErrorCode};

use super::sql::{PICKED, Query};

pub(super) const TABLES: &str = include_str!("tables.sql");

const ONLY_READS: &str = "a query only reads: expected SELECT, WITH or VALUES";

/// What a query reads.
#[derive(Debug, Default)]
pub(super) struct Wants {
    /// Columns of spans, by name.
    pub(super) spans: BTreeSet<String>,
    pub(super) has_events: bool,
    pub(super) has_links: bool,
}

/// What `query` reads of files.
pub(super) fn wants(query: &Query) -> Result<Wants, String> {
    let mut empty = empty().map_err(|error| error.to_string())?;
    let (reads, read) = mpsc::channel();
    let watch = move |context: AuthContext<'_>| {
        if let AuthAction::Read {
            table_name,
            column_name,
        } = context.action
        {
            // Who listens is below.
            let _ = reads.send((table_name.to_owned(), column_name.to_owned()));
        }
        permission(context)
    };
    empty
        .authorizer(Some(watch))
        .map_err(|error| error.to_string())?;
    let prepared = empty
        .prepare(&query.sql_of_picked())
        .map(|statement| statement.column_count());
    // What gives no columns does something else than to read, which for VACUUM is not asked about.
    if prepared.map_err(|error| explained(&error, &empty))? == 0 {
        return Err(ONLY_READS.to_owned());
    }
    let mut wants = Wants::default();
    for (table, column) in read.try_iter() {
        match table.as_str() {
            "spans" | "traces" => _ = wants.spans.insert(column),
            "events" => wants.has_events = true,
            "links" => wants.has_links = true,
            _ => {}
        }
    }
    Ok(wants)
}

/// Tables without a row, with columns of their own for the members that a query names.
fn empty() -> rusqlite::Result<Connection> {
    let tables = Connection::open_in_memory()?;
    tables.execute_batch(TABLES)?;
    for column in ["attributes", "resource"] {
        tables.execute_batch(&format!(
            "ALTER TABLE spans ADD COLUMN \"{PICKED}{column}\""
        ))?;
        tables.execute_batch(&format!(
            "ALTER TABLE events ADD COLUMN \"{PICKED}{column}\""
        ))?;
    }
    tables.execute_batch(&format!(
        "ALTER TABLE links ADD COLUMN \"{PICKED}attributes\""
    ))?;
    tables.execute_batch(VIEWS)?;
    // A view reads all columns of its table, whatever is read of the view.
    tables.execute_batch("DROP VIEW traces; CREATE TABLE traces AS SELECT * FROM spans")?;
    Ok(tables)
}

/// A query only reads.
pub(super) fn permission(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => {
            Authorization::Allow
        }
        AuthAction::Function { function_name } if function_name != "load_extension" => {
            Authorization::Allow
        }
        // As `pragma_table_info('spans')` asks.
        AuthAction::Pragma { pragma_name, .. } if pragma_name.starts_with("table_") => {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }
}

/// What is wrong with a query, with what there is where it names what is not.
pub(super) fn explained(error: &Error, tables: &Connection) -> String {
    let message = match error {
        Error::SqlInputError { msg, .. } => msg.clone(),
        Error::SqliteFailure(_, Some(message)) => message.clone(),
        error => error.to_string(),
    };
    if error.sqlite_error_code() == Some(ErrorCode::AuthorizationForStatementDenied)
        || message.contains("prohibited")
        || message.contains("not authorized")
    {
        return ONLY_READS.to_owned();
    }
    let message = message.replace(PICKED, "");
    if !message.starts_with("no such column") && !message.starts_with("no such table") {
        return message;
    }
    match there_is(tables) {
        Ok(there_is) => format!(
            "{message}\nthere are, with attributes.\"key\" and resource.\"key\" for what stands in them:{there_is}"
        ),
        Err(_) => message,
    }
}

/// Tables and views with their columns, a line for each.
fn there_is(tables: &Connection) -> rusqlite::Result<String> {
    let mut lines = String::new();
    for table in ["spans", "events", "links", "scores", "observation_log"] {
        let all = tables.prepare(&format!("SELECT * FROM {table}"))?;
        let columns: Vec<_> = all
            .column_names()
            .filter(|name| !name.starts_with(PICKED))
            .collect();
        let name = match table {
            "spans" => "spans or traces",
            table => table,
        };
        lines.push_str(&format!("\n  {name}: {}", columns.join(", ")));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wants_of(query: &str) -> Wants {
        wants(&Query::read(query).unwrap()).unwrap()
    }

    fn columns(query: &str) -> String {
        let columns = wants_of(query).spans;
        columns.into_iter().collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn no_more_is_wanted_than_the_query_reads() {
        assert_eq!(columns("SELECT count(*) FROM traces"), "");
        assert_eq!(
            columns(
                r#"SELECT tool, max(duration_ms) FROM traces WHERE attributes."k" > 1 GROUP BY 1"#
            ),
            "duration_ms picked attributes tool"
        );
        assert_eq!(columns("SELECT attributes FROM spans"), "attributes");
        let wants = wants_of("SELECT * FROM events JOIN links USING (span_id)");
        assert!(wants.has_events && wants.has_links && wants.spans.is_empty());
        assert!(wants_of("SELECT name FROM scores").has_events);
        assert!(
            wants_of("SELECT trace_id FROM observation_log")
                .spans
                .contains("attributes")
        );
    }

    #[test]
    fn a_query_only_reads() {
        for query in [
            "DELETE FROM spans",
            "INSERT INTO spans (name) VALUES ('x')",
            "CREATE TABLE x (y)",
            "ATTACH '/etc/passwd' AS x",
            "PRAGMA journal_mode = delete",
            "VACUUM INTO '/tmp/x'",
            "SELECT load_extension('/tmp/x.so')",
            "BEGIN",
        ] {
            let refused = wants(&Query::read(query).unwrap()).unwrap_err();
            assert_eq!(
                refused, "a query only reads: expected SELECT, WITH or VALUES",
                "{query}"
            );
        }
        wants_of("SELECT name FROM pragma_table_info('spans')");
        wants_of(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION SELECT i + 1 FROM n WHERE i < 9) SELECT i FROM n",
        );
    }

    #[test]
    fn columns_are_those_of_a_store() {
        let path =
            std::env::temp_dir().join(format!("genai-trace-columns-{}.db", std::process::id()));
        genai_trace::SqliteExporter::open(&path).unwrap();
        let store = genai_trace::sqlite::open(&path).unwrap();
        assert_eq!(
            there_is(&store).unwrap(),
            there_is(&empty().unwrap()).unwrap()
        );
        drop(store);
        std::fs::remove_file(path).unwrap();
    }
}
