//! Scores, marks and notes that came when the spans had been written: in a file beside theirs.

use std::collections::{BTreeMap, HashSet};
use std::io::{self, BufRead, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use genai_trace::{JsonlLogExporter, LogExporter, LogRecord, Score, ScoreValue, files, sqlite};
use genai_trace_semconv::names;
use serde_json::{Value as Json, json};

use crate::input::{Source, sources};

/// What good and bad are scores of.
const MARK: &str = "mark";
/// What a text is a score of.
const NOTE: &str = "note";
const EVENT: &str = "gen_ai.evaluation.result";
/// Longer nobody waits for a disk.
const PATIENCE: Duration = Duration::from_secs(5);

/// Scores by the trace and the span that they are about; of those of one name the last holds.
#[derive(Debug, Default)]
pub(crate) struct Scores(BTreeMap<(u128, Option<u64>), BTreeMap<String, Kept>>);

/// A score that was kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kept {
    name: String,
    span: Option<u64>,
    value: Option<f64>,
    label: Option<String>,
    comment: Option<String>,
    time: u64,
}

impl Scores {
    /// The scores beside the files that a command reads.
    pub(crate) fn beside(arguments: &[PathBuf]) -> Result<Self, String> {
        let read = sources(arguments)?;
        let is_store = |path: &Path| Source::File(path.to_owned()).is_store();
        let is_pipe = |path: &Path| Source::File(path.to_owned()).is_read_once();
        let read = read.iter().filter_map(|source| source.path());
        let mut seen = HashSet::new();
        let mut scores = Self::default();
        for store in read.clone().filter(|path| is_store(path)) {
            scores.read_store(store)?;
        }
        let arguments = arguments.iter().map(PathBuf::as_path);
        for path in arguments.chain(read).filter(|path| !is_pipe(path)) {
            let file = files::scores(path);
            if seen.insert(file.clone()) && file.is_file() {
                scores.read(&file)?;
            }
        }
        Ok(scores)
    }

    /// Those in a store of SQLite that came when their span had been written; the others stand on their spans.
    fn read_store(&mut self, path: &Path) -> Result<(), String> {
        let failed = |error: rusqlite::Error| format!("cannot read {path:?}: {error}");
        let store = sqlite::open(path).map_err(|error| format!("cannot read {path:?}: {error}"))?;
        let mut query = store
            .prepare(
                "SELECT trace_id, span_id, time_unix_nano, attributes FROM events \
                 WHERE name = ? AND NOT is_on_span AND trace_id IS NOT NULL ORDER BY id",
            )
            .map_err(failed)?;
        let mut rows = query.query([EVENT]).map_err(failed)?;
        while let Some(row) = rows.next().map_err(failed)? {
            let id = |column: usize| row.get::<_, Option<String>>(column);
            let attributes: String = row.get(3).map_err(failed)?;
            let record = json!({
                "event_name": EVENT,
                "time_unix_nano": row.get::<_, i64>(2).map_err(failed)?,
                "trace_id": id(0).map_err(failed)?,
                "span_id": id(1).map_err(failed)?,
                "attributes": serde_json::from_str::<Json>(&attributes).unwrap_or_default(),
            });
            if let Ok(record) = serde_json::from_value(record) {
                self.take(&record);
            }
        }
        Ok(())
    }

    fn read(&mut self, file: &Path) -> Result<(), String> {
        let failed = |error: io::Error| format!("cannot read {file:?}: {error}");
        let mut bad = 0_u64;
        for line in files::open(file).map_err(failed)?.split(b'\n') {
            let line = line.map_err(failed)?;
            match serde_json::from_slice(&line) {
                Ok(record) => self.take(&record),
                Err(_) => bad += u64::from(!line.trim_ascii().is_empty()),
            }
        }
        let complaint = match bad {
            0 => return Ok(()),
            1 => "a line is no score and was passed over".to_owned(),
            _ => format!("{bad} lines are no scores and were passed over"),
        };
        // Where that is closed nobody wants to know.
        let _ = writeln!(io::stderr(), "genai-trace: {file:?}: {complaint}");
        Ok(())
    }

    fn take(&mut self, record: &LogRecord) {
        let text = |key: &str| record.attributes.get(key)?.as_str().map(str::to_owned);
        let (Some(trace), Some(name)) = (record.trace_id, text(names::GEN_AI_EVALUATION_NAME))
        else {
            return;
        };
        if record.event_name != EVENT {
            return;
        }
        let span = record.span_id.map(|id| u64::from_be_bytes(id.to_bytes()));
        let value = record.attributes.get(names::GEN_AI_EVALUATION_SCORE_VALUE);
        let kept = Kept {
            name: name.clone(),
            span,
            value: value.and_then(Json::as_f64),
            label: text(names::GEN_AI_EVALUATION_SCORE_LABEL),
            comment: text(names::GEN_AI_EVALUATION_EXPLANATION),
            time: record.time_unix_nano,
        };
        let key = (u128::from_be_bytes(trace.to_bytes()), span);
        let of_it = self.0.entry(key).or_default();
        if of_it.get(&name).is_none_or(|known| known.time <= kept.time) {
            of_it.insert(name, kept);
        }
    }

    /// Those of a trace as a whole.
    pub(crate) fn of_trace(&self, trace: u128) -> impl Iterator<Item = &Kept> {
        self.of(trace, None)
    }

    pub(crate) fn of_span(&self, trace: u128, span: u64) -> impl Iterator<Item = &Kept> {
        self.of(trace, Some(span))
    }

    fn of(&self, trace: u128, span: Option<u64>) -> impl Iterator<Item = &Kept> {
        self.0
            .get(&(trace, span))
            .into_iter()
            .flat_map(BTreeMap::values)
    }

    /// Those of a trace and of all its spans.
    pub(crate) fn of_run(&self, trace: u128) -> impl Iterator<Item = &Kept> {
        let all = self.0.range((trace, None)..=(trace, Some(u64::MAX)));
        all.flat_map(|(_, kept)| kept.values())
    }

    /// All of them, each with its trace.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u128, &Kept)> {
        let all = self.0.iter();
        all.flat_map(|((trace, _), kept)| kept.values().map(|kept| (*trace, kept)))
    }
}

impl Kept {
    /// Whether somebody marked it as good; none where it is no mark.
    pub(crate) fn mark(&self) -> Option<bool> {
        (self.name == MARK).then(|| self.value.is_some_and(|value| value > 0.0))
    }

    /// The span that it is about.
    pub(crate) const fn span(&self) -> Option<u64> {
        self.span
    }

    /// When it was given, in nanoseconds since 1970.
    pub(crate) const fn time(&self) -> u64 {
        self.time
    }

    /// What was said, without comments: `relevance 0.87`.
    pub(crate) fn short(&self) -> String {
        match (&self.label, self.value) {
            (Some(label), _) if self.name == MARK => label.clone(),
            (Some(label), Some(value)) => format!("{} {value} ({label})", self.name),
            (Some(label), None) => format!("{} {label}", self.name),
            (None, Some(value)) => format!("{} {value}", self.name),
            (None, None) => self.name.clone(),
        }
    }

    /// What was said.
    pub(crate) fn text(&self) -> String {
        match &self.comment {
            Some(comment) => format!("{}: {comment}", self.short()),
            None => self.short(),
        }
    }

    pub(crate) fn document(&self) -> Json {
        json!({
            "name": self.name,
            "span_id": self.span.map(|span| format!("{span:016x}")),
            "value": self.value,
            "label": self.label,
            "comment": self.comment,
            "time_unix_nano": self.time,
        })
    }
}

/// What a user says of a trace: a mark, a note, or a score of any name.
pub(crate) fn said(name: &str, value: Option<&str>) -> Result<Score, String> {
    Ok(match (name, value) {
        ("good", None) => Score::new(MARK, true).label("good"),
        ("bad", None) => Score::new(MARK, false).label("bad"),
        ("good" | "bad", Some(value)) => {
            return Err(format!(
                "{name} stands alone, not with {value:?}: a reason goes behind --comment"
            ));
        }
        (NOTE, Some(text)) => Score::new(NOTE, ScoreValue::Nothing).explanation(text),
        (MARK, Some(_)) => return Err("a mark is said as `good` or `bad` alone".to_owned()),
        (name, Some(value)) => match value.parse::<f64>() {
            Ok(number) if number.is_finite() => Score::new(name, number),
            Ok(_) => return Err(format!("{value} is no score: expected a number or a word")),
            Err(_) => Score::new(name, value),
        },
        (name, None) => {
            return Err(format!(
                "{name:?} lacks a value: expected a number or a word behind it, or `good`, `bad` or `note TEXT` instead"
            ));
        }
    })
}

/// Puts a score into the file beside the traces file at `path`.
pub(crate) fn keep(path: &Path, record: LogRecord) -> Result<(), String> {
    let file = files::scores(path);
    let mut exporter =
        JsonlLogExporter::open(&file).map_err(|error| format!("cannot open {file:?}: {error}"))?;
    let failed = |error| format!("cannot write to {file:?}: {error}");
    exporter.export(&[record]).map_err(failed)?;
    exporter.flush(Instant::now() + PATIENCE).map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";

    fn id() -> u128 {
        u128::from_str_radix(TRACE, 16).unwrap()
    }

    #[test]
    fn the_last_score_of_a_name_holds() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("traces.jsonl");
        std::fs::write(&path, "").unwrap();
        for (name, value) in [
            ("good", None),
            ("relevance", Some("0.5")),
            ("bad", None),
            ("tone", Some("dry")),
            ("note", Some("look at it again")),
        ] {
            let score = said(name, value).unwrap().trace(TRACE.parse().unwrap());
            keep(&path, score.to_log_record()).unwrap();
        }
        let scores = Scores::beside(&[path]).unwrap();
        let texts: Vec<_> = scores.of_trace(id()).map(Kept::text).collect();
        assert_eq!(
            texts,
            ["bad", "note: look at it again", "relevance 0.5", "tone dry"]
        );
        assert_eq!(scores.of_run(id()).count(), 4);
        assert_eq!(scores.of_run(id() + 1).count(), 0);
        assert_eq!(scores.of_trace(id()).next().unwrap().mark(), Some(false));
    }

    #[test]
    fn what_is_no_score_is_an_error_that_says_what_is() {
        for (name, value) in [
            ("relevance", None),
            ("relevance", Some("NaN")),
            ("good", Some("1")),
            ("mark", Some("1")),
        ] {
            assert!(said(name, value).is_err(), "{name} {value:?}");
        }
    }

    #[test]
    fn a_file_keeps_its_scores_when_it_is_compressed() {
        let folder = tempfile::tempdir().unwrap();
        let [plain, compressed] =
            ["traces.jsonl", "traces.jsonl.gz"].map(|name| folder.path().join(name));
        std::fs::write(&plain, "").unwrap();
        let score = said("good", None).unwrap().trace(TRACE.parse().unwrap());
        keep(&plain, score.to_log_record()).unwrap();
        std::fs::rename(&plain, &compressed).unwrap();
        assert_eq!(
            Scores::beside(&[compressed]).unwrap().of_run(id()).count(),
            1
        );
    }

    #[test]
    fn a_torn_line_of_scores_is_passed_over() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("traces.jsonl");
        std::fs::write(&path, "").unwrap();
        let score = said("good", None).unwrap().trace(TRACE.parse().unwrap());
        let line = serde_json::to_string(&score.to_log_record()).unwrap();
        std::fs::write(files::scores(&path), format!("{line}\n{}", &line[..40])).unwrap();
        assert_eq!(Scores::beside(&[path]).unwrap().of_run(id()).count(), 1);
    }
}
