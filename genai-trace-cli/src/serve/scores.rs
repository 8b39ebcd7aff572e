//! Scores and marks in the viewer: those that lie beside the traces, as they come, and those that it is told.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use genai_trace::content::scrub;
use genai_trace::{LogRecord, Score, ScoreValue, SpanContext, SpanId, TraceId, files};
use serde::{Deserialize, Serialize};

use super::index::Index;
use crate::input::{Follower, Step, lines};
use crate::scores::{Kept, MARK, keep, mark};

/// The longest text that is kept of a comment or a name.
const LONGEST_TEXT: usize = 64 << 10;

/// Scores and marks, as far as they have been read.
#[derive(Debug, Default)]
pub(super) struct Scores {
    files: Mutex<Vec<Beside>>,
    known: RwLock<crate::scores::Scores>,
    /// Those that are kept in no file.
    homeless: Mutex<Vec<LogRecord>>,
}

/// A file of scores.
#[derive(Debug)]
struct Beside {
    follower: Follower,
    /// It is this file, which has no name.
    nameless: Option<Arc<File>>,
    is_there: bool,
}

impl Beside {
    fn of(path: PathBuf) -> Self {
        Self {
            follower: Follower::new(path),
            nameless: None,
            is_there: false,
        }
    }

    fn of_file(file: Arc<File>, name: PathBuf) -> Self {
        Self {
            follower: Follower::of_file(Arc::clone(&file), name),
            nameless: Some(file),
            is_there: false,
        }
    }

    /// The same file, from its beginning.
    fn again(&self) -> Self {
        let path = self.follower.path().to_owned();
        match &self.nameless {
            Some(file) => Self::of_file(Arc::clone(file), path),
            None => Self::of(path),
        }
    }

    /// Gives `take` the lines that were added; whether others are there no more.
    fn read(&mut self, mut take: impl FnMut(&[u8])) -> bool {
        let mut is_less = false;
        loop {
            match self.follower.step() {
                Ok(Step::Lines { bytes, .. }) => lines(&bytes).for_each(|(_, line)| take(line)),
                // Another has taken its place.
                Ok(Step::Opened(_)) => is_less |= std::mem::replace(&mut self.is_there, true),
                Ok(Step::Cut) => is_less = true,
                Ok(Step::TooLong) => {}
                Ok(Step::Idle | Step::Store) | Err(_) => break,
            }
        }
        if self.is_there && self.nameless.is_none() && !self.follower.path().exists() {
            self.is_there = false;
            is_less = true;
        }
        is_less
    }
}

/// How often a run and its spans were marked.
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
        let path = files::scores(home);
        if files.iter().all(|file| file.follower.path() != path) {
            files.push(Beside::of(path));
        }
    }

    /// Reads the scores in this file, which messages call `name`, and those that will be added to them.
    pub(super) fn follow_file(&self, file: Arc<File>, name: PathBuf) {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.push(Beside::of_file(file, name));
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
        let mut is_less = false;
        for file in &mut *files {
            is_less |= file.read(|line| self.take(line, index));
        }
        if is_less {
            self.begin_again(&mut files, index);
        }
    }

    /// Reads all files from their beginning: what is no longer in them holds no longer.
    fn begin_again(&self, files: &mut [Beside], index: &Index) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Default::default();
        for file in files {
            *file = file.again();
            file.read(|line| self.take(line, index));
        }
        let homeless = self.homeless.lock().unwrap_or_else(PoisonError::into_inner);
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for score in &*homeless {
            known.take(score);
        }
        index.note_all_changed();
    }

    fn take(&self, line: &[u8], index: &Index) {
        let Ok(score) = serde_json::from_slice::<LogRecord>(line) else {
            return;
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let trace = known.take(&score);
        drop(known);
        if let Some(trace) = trace {
            index.note_changed(trace);
        }
    }

    /// Keeps a score beside the traces file at `home`; without one as long as the program runs.
    pub(super) fn add(
        &self,
        score: LogRecord,
        home: Option<&Path>,
        index: &Index,
    ) -> Result<(), String> {
        match home {
            Some(home) => keep(home, score.clone())?,
            None => {
                let homeless = self.homeless.lock();
                homeless
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(score.clone());
            }
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        let trace = known.take(&score);
        drop(known);
        if let Some(trace) = trace {
            index.note_changed(trace);
        }
        Ok(())
    }

    /// The scores of a trace and its spans.
    pub(super) fn of(&self, trace: u128) -> Vec<Kept> {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.of_run(trace).cloned().collect()
    }
}

impl Marks {
    pub(super) fn of(scores: &[Kept]) -> Self {
        let mut marks = Self::default();
        for score in scores {
            match score.mark() {
                Some(true) => marks.good += 1,
                Some(false) => marks.bad += 1,
                None => {}
            }
            marks.notes += u32::from(score.is_noted());
        }
        marks
    }
}

impl NewScore {
    /// As the file has it.
    pub(super) fn record(&self) -> Result<LogRecord, String> {
        let texts = [Some(&self.name), self.label.as_ref(), self.comment.as_ref()];
        let mut lengths = texts.into_iter().flatten().map(String::len);
        if let Some(length) = lengths.find(|length| *length > LONGEST_TEXT) {
            return Err(format!(
                "a text of {length} bytes: a score has texts of at most {LONGEST_TEXT}"
            ));
        }
        let score = match &self.comment {
            Some(comment) => self.score()?.explanation(scrub(comment)),
            None => self.score()?,
        };
        let trace: TraceId = parsed("trace", &self.trace_id)?;
        let score = match &self.span_id {
            Some(span) => score.span(&SpanContext::new(trace, parsed::<SpanId>("span", span)?)),
            None => score.trace(trace),
        };
        Ok(score.to_log_record())
    }

    /// What is said; without a value, a label and a comment a score is taken back.
    fn score(&self) -> Result<Score, String> {
        let name = self.name.trim();
        if name.is_empty() {
            return Err("a score needs a name".to_owned());
        }
        Ok(match (name, self.label.as_deref(), self.value) {
            (MARK, Some("good"), None) => mark(true),
            (MARK, Some("bad"), None) => mark(false),
            (_, None, None) => Score::new(name, ScoreValue::Nothing),
            (MARK, label, value) => {
                return Err(format!(
                    "a mark of the label {label:?} and the value {value:?}: expected the label \"good\", \"bad\" or none, and no value"
                ));
            }
            (name, Some(label), None) => Score::new(name, label),
            (name, None, Some(value)) => Score::new(name, value),
            (name, Some(label), Some(value)) => Score::new(name, value).label(label),
        })
    }
}

fn parsed<T: std::str::FromStr>(of: &str, id: &str) -> Result<T, String>
where
    T::Err: std::fmt::Display,
{
    id.parse()
        .map_err(|error| format!("{id:?} is no id of a {of}: {error}"))
}
