//! What a query answers, row by row: as a table, a document of JSON, or comma-separated values.

use std::collections::HashSet;
use std::io::{self, Write};

use rusqlite::Row;
use rusqlite::types::{Value, ValueRef};
use serde_json::{Map, Value as Json, json};

use crate::text::{Align, number, table, visible};

/// So many rows of a table are looked at to see how wide its columns are; those that follow come in tables of the same
/// size.
const ROWS_AT_ONCE: usize = 1000;
/// A cell of a table shows so many characters.
const WIDEST: usize = 100;

/// How the answer is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Table,
    /// With how the reading went.
    Json {
        bad_lines: u64,
        bad_spans: u64,
        duplicate_spans: u64,
        open_spans: u64,
    },
    /// On a terminal, where it may move no cursor.
    Csv {
        is_on_terminal: bool,
    },
}

/// What a query answers, as far as it is printed.
pub(super) struct Answer<W> {
    form: Form,
    names: Vec<String>,
    out: W,
    /// Rows of a table that wait for others.
    rows: Vec<Vec<Value>>,
    count: u64,
}

impl<W: Write> Answer<W> {
    pub(super) fn new(form: Form, names: Vec<String>, out: W) -> Self {
        let names = match form {
            Form::Json { .. } => unique(&names),
            _ => names,
        };
        Self {
            form,
            names,
            out,
            rows: Vec::new(),
            count: 0,
        }
    }

    pub(super) fn row(&mut self, row: &Row<'_>) -> io::Result<()> {
        let cells = 0..self.names.len();
        let cells = cells.map(|column| row.get_ref(column).map_err(io::Error::other));
        if self.count == 0 {
            self.begin()?;
        }
        self.count += 1;
        match self.form {
            Form::Table => {
                let cells = cells.map(|cell| cell.map(shortened));
                self.rows.push(cells.collect::<Result<_, _>>()?);
                match self.rows.len() {
                    ROWS_AT_ONCE => self.print_table(),
                    _ => Ok(()),
                }
            }
            Form::Csv { is_on_terminal } => {
                let shown = |cell| match is_on_terminal {
                    true => field(&visible(&plain(cell))),
                    false => field(&plain(cell)),
                };
                let cells = cells.map(|cell| cell.map(shown));
                let line: Vec<_> = cells.collect::<Result<_, _>>()?;
                write!(self.out, "{}\r\n", line.join(","))
            }
            Form::Json { .. } => {
                let mut object = Map::new();
                for (name, cell) in self.names.iter().zip(cells) {
                    object.insert(name.clone(), json(cell?));
                }
                let comma = if self.count == 1 { "" } else { "," };
                write!(self.out, "{comma}{}", Json::Object(object))
            }
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        match self.form {
            Form::Table => Ok(()),
            Form::Csv { .. } => {
                let names: Vec<_> = self.names.iter().map(|name| field(name)).collect();
                write!(self.out, "{}\r\n", names.join(","))
            }
            Form::Json {
                bad_lines,
                bad_spans,
                duplicate_spans,
                open_spans,
            } => write!(
                self.out,
                "{{\"bad_lines\":{bad_lines},\"bad_spans\":{bad_spans},\"duplicate_spans\":{duplicate_spans},\"open_spans\":{open_spans},\"columns\":{},\"rows\":[",
                json!(self.names)
            ),
        }
    }

    pub(super) fn end(mut self) -> io::Result<()> {
        if self.count == 0 {
            self.begin()?;
        }
        match self.form {
            Form::Table if self.count == 0 || !self.rows.is_empty() => self.print_table()?,
            Form::Json { .. } => self.out.write_all(b"]}\n")?,
            _ => {}
        }
        self.out.flush()
    }

    /// Prints the rows that wait; numbers stand to the right.
    fn print_table(&mut self) -> io::Result<()> {
        let rows = std::mem::take(&mut self.rows);
        let heads: Vec<_> = self.names.iter().map(|name| visible(name)).collect();
        let is_number = |column: usize| {
            let mut cells = rows.iter().filter_map(|row| row.get(column));
            cells.all(|cell| !matches!(cell, Value::Text(_) | Value::Blob(_)))
        };
        let heads: Vec<_> = heads
            .iter()
            .enumerate()
            .map(
                |(column, head)| match !rows.is_empty() && is_number(column) {
                    true => (head.as_str(), Align::Right),
                    false => (head.as_str(), Align::Left),
                },
            )
            .collect();
        let cells: Vec<Vec<String>> = rows
            .iter()
            .map(|row| {
                row.iter()
                    .map(|cell| visible(&shown(cell.into())))
                    .collect()
            })
            .collect();
        self.out.write_all(table(&heads, &cells).as_bytes())
    }
}

/// A cell as far as a table shows it.
fn shortened(cell: ValueRef<'_>) -> Value {
    let text = match cell {
        ValueRef::Text(text) => String::from_utf8_lossy(text.get(..4 * WIDEST).unwrap_or(text)),
        ValueRef::Blob(bytes) => {
            return Value::Blob(bytes.get(..WIDEST).unwrap_or(bytes).to_vec());
        }
        other => return other.try_into().unwrap_or(Value::Null),
    };
    Value::Text(match text.char_indices().nth(WIDEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.into_owned(),
    })
}

/// A cell as one reads it.
fn shown(cell: ValueRef<'_>) -> String {
    match cell {
        ValueRef::Real(real) => number(real),
        other => plain(other),
    }
}

/// A cell as a text; of nothing it is empty.
fn plain(cell: ValueRef<'_>) -> String {
    match cell {
        ValueRef::Null => String::new(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => String::from_utf8_lossy(text).into_owned(),
        ValueRef::Blob(bytes) => hexadecimal(bytes),
    }
}

fn json(cell: ValueRef<'_>) -> Json {
    match cell {
        ValueRef::Null => Json::Null,
        ValueRef::Integer(number) => number.into(),
        ValueRef::Real(number) => number.into(),
        text => plain(text).into(),
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The names under which columns go into an object: one that stands there already gets a number that makes it another
/// than all of them.
fn unique(names: &[String]) -> Vec<String> {
    let mut taken: HashSet<String> = names.iter().cloned().collect();
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for name in names {
        if seen.insert(name) {
            all.push(name.clone());
            continue;
        }
        let mut numbered = (1..).map(|number: u64| format!("{name}:{number}"));
        all.extend(numbered.find(|name| taken.insert(name.clone())));
    }
    all
}

/// A field of comma-separated values, in quotes where it needs them.
fn field(text: &str) -> String {
    match text.contains([',', '"', '\n', '\r']) {
        true => format!("\"{}\"", text.replace('"', "\"\"")),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_columns_of_a_document_are_called_the_same_and_those_with_a_name_of_their_own_keep_it()
    {
        let of = |names: &[&str]| {
            unique(
                &names
                    .iter()
                    .map(|name| (*name).to_owned())
                    .collect::<Vec<_>>(),
            )
        };
        assert_eq!(of(&["a", "b"]), ["a", "b"]);
        assert_eq!(of(&["a", "a", "a"]), ["a", "a:1", "a:2"]);
        assert_eq!(
            of(&["name", "name", "name:1"]),
            ["name", "name:2", "name:1"]
        );
        assert_eq!(of(&["x", "x:1", "x", "x:1"]), ["x", "x:1", "x:2", "x:1:1"]);
    }
}
