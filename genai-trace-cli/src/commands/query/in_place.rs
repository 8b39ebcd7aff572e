//! A store that is asked where it lies, with what is not in it: prices of models, and scores that lie beside it.

use std::path::Path;

use genai_trace::sqlite::{self, VIEWS};
use genai_trace::{Attributes, files};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, params_from_iter};

use super::load::each_event;
use super::row::{Row, of_event};
use super::wants::Wants;
use crate::pricing::spent;
use crate::span::{Brief, Facts};

/// Spans with what each cost, in the place of those that say it themselves.
const PRICED: &str = "CREATE TEMP VIEW spans AS SELECT trace_id, span_id, parent_span_id, name, kind, start_unix_nano, \
     end_unix_nano, status, status_message, attributes, resource, trace_state, flags, scope, dropped, duration_ns, \
     duration_ms, operation, agent, tool, provider, model, input_tokens, output_tokens, \
     cost_of_span(name, start_unix_nano, status, attributes) AS cost_usd, conversation, error_type FROM main.spans;";
/// Events with the scores that lie beside the store.
const WITH_MARKS: &str = "CREATE TEMP VIEW events AS SELECT * FROM main.events UNION ALL \
     SELECT (SELECT coalesce(max(id), 0) FROM main.events) + id, trace_id, span_id, name, time_unix_nano, \
     severity_number, attributes, resource, is_on_span FROM marks;";
const MARKS: &str = "PRAGMA temp_store = memory; CREATE TEMP TABLE marks (id INTEGER PRIMARY KEY, trace_id TEXT, \
     span_id TEXT, name TEXT, time_unix_nano INTEGER, severity_number INTEGER, attributes TEXT, resource TEXT, \
     is_on_span INTEGER);";

/// Opens the store at `path`, which stays as it is, for a query with these wants.
pub(super) fn open(path: &Path, wants: &Wants) -> Result<Connection, String> {
    let failed = |error: &dyn std::fmt::Display| format!("cannot read {path:?}: {error}");
    let store = sqlite::open(path).map_err(|error| failed(&error))?;
    let marks = files::scores(path);
    let has_marks = wants.has_events && marks.is_file();
    let has_costs = wants.spans.contains("cost_usd");
    if !has_marks && !has_costs {
        return Ok(store);
    }
    // What is made here is the connection's own; to SQLite it is a change all the same.
    store
        .pragma_update(None, "query_only", false)
        .map_err(|error| failed(&error))?;
    if has_costs {
        price(&store).map_err(|error| failed(&error))?;
    }
    if has_marks {
        unite(&store, &marks)?.map_err(|error| failed(&error))?;
    }
    store
        .execute_batch(&VIEWS.replace("CREATE VIEW", "CREATE TEMP VIEW"))
        .and_then(|()| store.pragma_update(None, "query_only", true))
        .map_err(|error| failed(&error))?;
    Ok(store)
}

fn price(store: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC;
    store.create_scalar_function("cost_of_span", 4, flags, cost)?;
    store.execute_batch(PRICED)
}

/// What a span cost, by its name, its start, its status and its attributes: as of a span that is read from a file.
fn cost(span: &mut Context<'_>) -> rusqlite::Result<Option<f64>> {
    let (name, start): (String, i64) = (span.get(0)?, span.get(1)?);
    let (status, attributes): (String, String) = (span.get(2)?, span.get(3)?);
    let Ok(attributes) = serde_json::from_str::<Attributes>(&attributes) else {
        return Ok(None);
    };
    let span = Brief {
        name: name.into(),
        start: u64::try_from(start).unwrap_or_default(),
        has_failed: status == "ERROR",
        facts: Facts::of(&attributes),
        ..Brief::default()
    };
    Ok(spent(&span).dollars())
}

/// Puts the scores in the file `marks` beside the events.
fn unite(store: &Connection, marks: &Path) -> Result<rusqlite::Result<()>, String> {
    let mut rows = Vec::new();
    each_event(&[marks.to_owned()], |event| rows.push(of_event(event)))?;
    let keep = || {
        store.execute_batch(MARKS)?;
        let mut insert =
            store.prepare("INSERT INTO marks VALUES (NULL, ?, ?, ?, ?, ?, ?, ?, ?)")?;
        for row in &rows {
            if let Row::Event(values) = row {
                insert.execute(params_from_iter(values))?;
            }
        }
        store.execute_batch(WITH_MARKS)
    };
    Ok(keep())
}
