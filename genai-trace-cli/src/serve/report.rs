//! One HTML file that shows runs without a server: the page, with the answers that it would ask for in itself.

mod html;

use std::collections::HashMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value as Json, json};
use tempfile::NamedTempFile;

use super::conversation::{Called, of_run};
use super::detail::Detail;
use super::run::run;
use super::store::Store;
use super::trace::{trace, tree};
use super::watch;
use crate::input::{not_counted, sources};
use crate::out::complain;
use crate::reading::copied;

/// The most runs of a report for which none is named.
const MOST: usize = 100;
/// How often it is looked whether the files have been read.
const PAUSE: Duration = Duration::from_millis(5);

/// What a report shows.
#[derive(Debug)]
pub(crate) struct Report {
    runs: usize,
    left_out: usize,
    data: Json,
}

impl Report {
    pub(crate) const fn runs(&self) -> usize {
        self.runs
    }

    /// Runs that are older than those that it shows.
    pub(crate) const fn left_out(&self) -> usize {
        self.left_out
    }

    pub(crate) fn write(&self, out: &mut impl Write) -> io::Result<()> {
        html::write(out, &self.data)
    }
}

/// The run whose id begins as is `wanted`, or all runs of `files`.
pub(crate) fn report(wanted: Option<&str>, files: &[PathBuf]) -> Result<Report, String> {
    let store = load(files)?;
    let (ids, left_out) = chosen(&store, wanted)?;
    let failed = |error: io::Error| format!("cannot read what was found: {error}");
    let mut answers = Answers::default();
    for id in &ids {
        answers.add(&store, *id).map_err(failed)?;
    }
    let (bad_lines, bad_spans, again) = {
        let state = store.index.read();
        (state.bad_lines, state.bad_spans, state.again)
    };
    if bad_lines > 0 {
        let lines = match bad_lines {
            1 => "1 line is no span and was".to_owned(),
            lines => format!("{lines} lines are no spans and were"),
        };
        complain(&format!("{lines} passed over"));
    }
    if bad_spans > 0 {
        let spans = match bad_spans {
            1 => "1 span was".to_owned(),
            spans => format!("{spans} spans were"),
        };
        complain(&format!("{spans} passed over in lines of OTLP"));
    }
    not_counted(again, 0).for_each(|complaint| complain(&complaint));
    let files: Vec<String> = files
        .iter()
        .map(|file| file.display().to_string())
        .collect();
    let runs = json!({
        "runs": answers.runs,
        "matches": ids.len(),
        "total": ids.len(),
        "bad_lines": bad_lines,
        "bad_spans": bad_spans,
        "duplicate_spans": again,
        "files": files,
        "loading": 1.0,
    });
    let data = json!({
        "runs": runs,
        "traces": answers.traces,
        "spans": answers.spans,
        "conversations": answers.conversations,
        "written": now(),
    });
    Ok(Report {
        runs: ids.len(),
        left_out,
        data,
    })
}

/// Everything that stands in the files.
fn load(files: &[PathBuf]) -> Result<Arc<Store>, String> {
    // A viewer waits for files; a report of none is a mistake.
    sources(files)?;
    let mut copy: Option<NamedTempFile> = None;
    let mut read = Vec::new();
    for file in files {
        let path: &Path = match file.as_os_str() == "-" {
            false => file,
            true if copy.is_some() => continue,
            true => {
                let kept =
                    copied().map_err(|error| format!("cannot keep standard input: {error}"))?;
                copy.insert(kept).path()
            }
        };
        read.push(path.to_owned());
    }
    let store = Arc::new(Store::new(files.to_vec()));
    let (_poke, poked) = mpsc::channel();
    watch::start(&store, &read, None, poked)?;
    while store.loading() < 1.0 {
        thread::sleep(PAUSE);
    }
    store.in_flight.look(&store.index);
    store.scores.look(&store.index);
    store.look_for_events(&mut HashMap::new());
    Ok(store)
}

/// The runs that are shown, the newest first, and how many are not.
fn chosen(store: &Store, wanted: Option<&str>) -> Result<(Vec<u128>, usize), String> {
    let state = store.index.read();
    let all = state.traces.iter();
    let mut all: Vec<(u64, u128)> = all
        .filter(|(id, _)| wanted.is_none_or(|wanted| format!("{id:032x}").starts_with(wanted)))
        .map(|(id, trace)| (trace.summary.start, *id))
        .collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    let ids: Vec<u128> = all.iter().take(MOST).map(|(_, id)| *id).collect();
    match (wanted, all.len()) {
        (None, 0) => Err("there is no trace".to_owned()),
        (Some(wanted), 0) => Err(format!("there is no trace {wanted:?}")),
        (Some(wanted), several @ 2..) => Err(format!("{several} traces begin with {wanted:?}")),
        (_, found) => Ok((ids, found.saturating_sub(MOST))),
    }
}

/// The time of day, in milliseconds since 1970.
fn now() -> f64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap_or_default().as_secs_f64() * 1e3
}

/// What the page would be told of each run.
#[derive(Debug, Default)]
struct Answers {
    runs: Vec<Json>,
    traces: Map<String, Json>,
    spans: Map<String, Json>,
    conversations: Map<String, Json>,
}

impl Answers {
    fn add(&mut self, store: &Store, id: u128) -> io::Result<()> {
        let (Some(run), Some(trace)) = (run(store, id), trace(store, id)?) else {
            return Ok(());
        };
        let (mut tree, _) = tree(store, id)?;
        let own = tree.spans.clone();
        store.fill(&mut tree.spans)?;
        let scores = store.scores.of(id);
        let called = Called::of(&tree.spans);
        let mut spans = Map::new();
        for (record, filled) in own.iter().zip(&tree.spans) {
            let detail = Detail::of(record, filled, &called, &scores);
            spans.insert(record.span_id.to_string(), serde_json::to_value(detail)?);
        }
        let key = format!("{id:032x}");
        self.runs.push(serde_json::to_value(run)?);
        self.traces
            .insert(key.clone(), serde_json::to_value(trace)?);
        self.conversations
            .insert(key.clone(), serde_json::to_value(of_run(&tree.spans))?);
        self.spans.insert(key, Json::Object(spans));
        Ok(())
    }
}
