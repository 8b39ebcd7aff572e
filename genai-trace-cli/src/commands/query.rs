//! `genai-trace query`

mod answer;
mod in_place;
mod load;
mod parts;
mod row;
mod sql;
mod wants;

use std::collections::HashSet;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::process::ExitCode;

use clap::Args;
use rusqlite::Connection;
use rusqlite::config::DbConfig;

use self::answer::{Answer, Form};
use self::row::Columns;
use self::sql::Query;
use self::wants::{Wants, explained, permission, wants};
use crate::input::{Reading, Source};
use crate::out;
use crate::reading::Input;

/// Asks spans in SQL, that of SQLite.
///
/// A row of traces, or spans, is a span: trace_id, span_id, parent_span_id, name, kind, start_unix_nano, end_unix_nano,
/// status, status_message, attributes, resource, and what is read off them: duration_ns, duration_ms, operation, agent,
/// tool, provider, model, input_tokens, output_tokens, cost_usd, conversation, error_type. attributes."KEY" and
/// resource."KEY" are values in these, with their types. There are events, links, scores and observation_log as well, a
/// row for each run.
///
/// A store is asked where it lies; other files, and the spans of a time, are read into tables of their own first. What a
/// span cost is what it says itself, else what its model costs. Scores that lie beside a file stand among the others. Nothing
/// is ever changed.
///
/// Exits with 0, and with 2 where the query is wrong or there is nothing to read.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// The query: SELECT model, sum(output_tokens) FROM traces GROUP BY model
    #[arg(value_name = "SQL")]
    sql: String,
    #[command(flatten)]
    input: Input,
    /// Prints one JSON document instead of a table
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Prints comma-separated values instead of a table
    #[arg(long)]
    csv: bool,
}

/// Why there is no answer.
enum Failure {
    Misuse(String),
    Output(io::Error),
}

impl From<String> for Failure {
    fn from(message: String) -> Self {
        Failure::Misuse(message)
    }
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    match print(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        // A reader that has gone away is no fault of ours.
        Err(Failure::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Failure::Output(error)) => {
            // Where that is closed nobody wants to know.
            let _ = writeln!(
                io::stderr(),
                "genai-trace: cannot write to standard output: {error}"
            );
            ExitCode::from(2)
        }
        Err(Failure::Misuse(message)) => out::answer(Err(message)),
    }
}

fn print(arguments: &Arguments) -> Result<(), Failure> {
    let query = Query::read(&arguments.sql)?;
    let wanted = wants(&query)?;
    let (mut tables, reading) = tables(&arguments.input, &query, &wanted)?;
    let refused = |error: rusqlite::Error| error.to_string();
    tables.authorizer(Some(permission)).map_err(refused)?;
    let form = match (arguments.json, arguments.csv) {
        (true, _) => Form::Json {
            bad_lines: reading.bad_lines(),
            bad_spans: reading.bad_spans(),
            duplicate_spans: reading.again,
            open_spans: reading.open,
        },
        (_, true) => Form::Csv {
            is_on_terminal: io::stdout().is_terminal(),
        },
        _ => Form::Table,
    };
    let mut statement = tables
        .prepare(&query.sql())
        .map_err(|error| explained(&error, &tables))?;
    let names: Vec<_> = statement
        .column_names()
        .map(|name| query.name(name))
        .collect();
    let mut answer = Answer::new(form, names, io::BufWriter::new(io::stdout().lock()));
    let mut rows = statement.query([]).map_err(refused)?;
    while let Some(row) = rows.next().map_err(|error| explained(&error, &tables))? {
        answer.row(row).map_err(Failure::Output)?;
    }
    answer.end().map_err(Failure::Output)
}

/// The trace and the span of every span of which the condition holds.
pub(crate) fn spans_where(
    input: &Input,
    condition: &str,
) -> Result<HashSet<(String, String)>, String> {
    let query = Query::read(&format!(
        "SELECT trace_id, span_id FROM spans WHERE {condition}"
    ))?;
    let (mut tables, _) = tables(input, &query, &wants(&query)?)?;
    let refused = |error: rusqlite::Error| error.to_string();
    tables.authorizer(Some(permission)).map_err(refused)?;
    let mut statement = tables
        .prepare(&query.sql())
        .map_err(|error| explained(&error, &tables))?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let found = rows.map_err(refused)?.collect::<Result<_, _>>();
    found.map_err(|error| explained(&error, &tables))
}

/// The tables that are asked: those of a store, or of what files say.
fn tables(input: &Input, query: &Query, wanted: &Wants) -> Result<(Connection, Reading), String> {
    let sources = input.sources()?;
    let (tables, reading) = match sources.as_slice() {
        [store @ Source::File(path)] if store.is_store() && input.is_of_any_time() => {
            (in_place::open(path, wanted)?, Reading::default())
        }
        _ => load::load(input, &Columns::new(query, wanted), wanted.has_events)?,
    };
    // Documents write "anthropic" for the text.
    tables
        .set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, true)
        .map_err(|error| error.to_string())?;
    Ok((tables, reading))
}
