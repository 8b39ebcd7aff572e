//! Scores and marks of traces that have been written: lines of a file beside the traces, in the library's own form.

use std::collections::HashMap;
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError, RwLock};
use std::time::{SystemTime, UNIX_EPOCH};

use genai_trace::content::scrub;
use genai_trace::{JsonlLogExporter, LogExporter, LogRecord, files};
use genai_trace_semconv::names;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json, json};

use super::index::Index;
use crate::input::{Follower, Step, lines};

/// What a score is called in the file.
pub(super) const RESULT: &str = "gen_ai.evaluation.result";
/// The score that a viewer's user gives with a key.
const MARK: &str = "mark";
/// The longest text that is kept of a comment or a name.
const LONGEST_TEXT: usize = 64 << 10;

/// Scores and marks, by trace.
#[derive(Debug, Default)]
pub(super) struct Scores {
    files: Mutex<Vec<Follower>>,
    known: RwLock<HashMap<u128, Vec<LogRecord>>>,
}

/// How often a run was marked.
#[derive(Debug, Default, Serialize)]
pub(super) struct Marks {
    good: u32,
    bad: u32,
    notes: u32,
}

/// A score that somebody gives in the viewer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct NewScore {
    pub(super) trace_id: String,
    #[serde(default)]
    span_id: Option<String>,
    name: String,
    #[serde(default)]
    label: Option<String>,
    #[serde(default)]
    value: Option<f64>,
    #[serde(default)]
    comment: Option<String>,
}

impl Scores {
    /// Reads the scores beside the traces file at `home`, and those that will be added to them.
    pub(super) fn follow(&self, home: &Path) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.push(Follower::new(files::scores(home)));
    }

    /// Whether a file is one of those that lie beside traces.
    pub(super) fn is_one(path: &Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        [".scores.", ".events."]
            .iter()
            .any(|word| name.contains(word))
    }

    /// Reads what was added by whomever.
    pub(super) fn look(&self, index: &Index) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        for file in &mut *files {
            loop {
                match file.step() {
                    Ok(Step::Lines { bytes, .. }) => {
                        for (_, line) in lines(&bytes) {
                            self.take(line, index);
                        }
                    }
                    Ok(Step::Idle) | Err(_) => break,
                    Ok(_) => {}
                }
            }
        }
    }

    fn take(&self, line: &[u8], index: &Index) {
        let Ok(score) = serde_json::from_slice::<LogRecord>(line) else {
            return;
        };
        if let (RESULT, Some(trace)) = (&*score.event_name, score.trace_id) {
            let trace = u128::from_be_bytes(trace.to_bytes());
            self.keep(trace, score);
            index.note_changed(trace);
        }
    }

    /// The last score of a name holds for a span, or for the trace.
    fn keep(&self, trace: u128, score: LogRecord) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let scores = known.entry(trace).or_default();
        let is_same =
            |other: &&mut LogRecord| other.span_id == score.span_id && name(other) == name(&score);
        match scores.iter_mut().find(is_same) {
            Some(other) if other.time_unix_nano > score.time_unix_nano => {}
            Some(other) => *other = score,
            None => scores.push(score),
        }
    }

    /// Keeps a score beside the traces file at `home`; without one as long as the program runs.
    pub(super) fn add(
        &self,
        trace: u128,
        score: LogRecord,
        home: Option<&Path>,
        index: &Index,
    ) -> io::Result<()> {
        if let Some(home) = home {
            let mut file = JsonlLogExporter::open(files::scores(home))?;
            let written = file.export(std::slice::from_ref(&score));
            written.map_err(io::Error::other)?;
        }
        self.keep(trace, score);
        index.note_changed(trace);
        Ok(())
    }

    /// The scores of a trace that say something.
    pub(super) fn of(&self, trace: u128) -> Vec<LogRecord> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let scores = known.get(&trace).into_iter().flatten();
        scores
            .filter(|score| says_something(score))
            .cloned()
            .collect()
    }
}

impl Marks {
    pub(super) fn of(scores: &[LogRecord]) -> Self {
        let mut marks = Self::default();
        for score in scores.iter().filter(|score| name(score) == Some(MARK)) {
            match said(score, names::GEN_AI_EVALUATION_SCORE_LABEL) {
                Some("good") => marks.good += 1,
                Some("bad") => marks.bad += 1,
                _ => {}
            }
            let has_note = said(score, names::GEN_AI_EVALUATION_EXPLANATION).is_some();
            marks.notes += u32::from(has_note);
        }
        marks
    }
}

impl NewScore {
    /// As the file has it.
    pub(super) fn record(&self) -> Result<LogRecord, String> {
        let texts = [Some(&self.name), self.label.as_ref(), self.comment.as_ref()];
        if let Some(text) = texts
            .into_iter()
            .flatten()
            .find(|text| text.len() > LONGEST_TEXT)
        {
            let length = text.len();
            return Err(format!(
                "a text of {length} bytes: a score has texts of at most {LONGEST_TEXT}"
            ));
        }
        if self.name.trim().is_empty() {
            return Err("a score needs a name".to_owned());
        }
        let mut attributes = Map::new();
        let comment = self.comment.as_deref().map(scrub);
        for (key, value) in [
            (names::GEN_AI_EVALUATION_NAME, Some(json!(self.name))),
            (
                names::GEN_AI_EVALUATION_SCORE_VALUE,
                self.value.map(Json::from),
            ),
            (
                names::GEN_AI_EVALUATION_SCORE_LABEL,
                self.label.as_deref().map(Json::from),
            ),
            (
                names::GEN_AI_EVALUATION_EXPLANATION,
                comment.map(Json::from),
            ),
            ("genai_trace.score.late", Some(Json::Bool(true))),
        ] {
            if let Some(value) = value {
                attributes.insert(key.to_owned(), value);
            }
        }
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        let record = json!({
            "event_name": RESULT,
            "time_unix_nano": u64::try_from(now.as_nanos()).unwrap_or(0),
            "trace_id": self.trace_id,
            "span_id": self.span_id,
            "attributes": attributes,
            "resource": {},
        });
        serde_json::from_value(record).map_err(|error| format!("this is no score: {error}"))
    }
}

fn name(score: &LogRecord) -> Option<&str> {
    said(score, names::GEN_AI_EVALUATION_NAME)
}

fn said<'a>(score: &'a LogRecord, key: &str) -> Option<&'a str> {
    score.attributes.get(key).and_then(Json::as_str)
}

/// A mark that was taken back says nothing.
fn says_something(score: &LogRecord) -> bool {
    [
        names::GEN_AI_EVALUATION_SCORE_VALUE,
        names::GEN_AI_EVALUATION_SCORE_LABEL,
        names::GEN_AI_EVALUATION_EXPLANATION,
        names::ERROR_TYPE,
    ]
    .iter()
    .any(|key| score.attributes.contains_key(*key))
}
