//! What a call was worth: scores on spans that are open, and on traces that were written long ago.

use genai_trace_semconv::names as conventions;
use serde_json::{Map, Value as Json};

use crate::content::scrub;
use crate::record::LogRecord;
use crate::recorder;
use crate::span::context::SpanContext;
use crate::span::ids::{SpanId, TraceId};
use crate::span::names;
use crate::span::stack;
use crate::sys::clock;

/// The name of the event.
const RESULT: &str = "gen_ai.evaluation.result";
/// The kind of error where a number is none.
const NOT_FINITE: &str = "not_finite";

/// The result of an evaluation, or what a user thought of an answer.
///
/// Recorded inside a span it is an attribute of that, `eval.score.<name>`, and an event
/// `gen_ai.evaluation.result`. With a [`trace`](Score::trace) or a [`span`](Score::span) it may come at any time
/// later: then it is a line of its own beside the traces file, in `traces.scores.jsonl`. Where there is an
/// exporter of events they get it too. [`score!`](crate::score!) is the short form.
///
/// ```
/// use genai_trace::{MemoryExporter, Score, Telemetry, span};
///
/// let memory = MemoryExporter::new();
/// let telemetry = Telemetry::builder().memory(&memory).install()?;
/// span("answer").run(|| Score::new("faithfulness", 0.87).label("good").record());
/// drop(telemetry);
/// let spans = memory.spans();
/// assert_eq!(spans[0].attributes.get("eval.score.faithfulness"), Some(&0.87.into()));
/// assert_eq!(spans[0].events[0].name, "gen_ai.evaluation.result");
/// # Ok::<(), genai_trace::InitError>(())
/// ```
#[derive(Clone, Debug)]
#[must_use = "a score counts only once it is recorded"]
pub struct Score {
    name: String,
    value: ScoreValue,
    label: Option<String>,
    explanation: Option<String>,
    response_id: Option<String>,
    error_type: Option<String>,
    /// The trace, and the span of it, where it is not the current one.
    of: Option<(TraceId, Option<SpanId>)>,
}

/// What an evaluation gives: a number, or a word of few.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ScoreValue {
    /// `gen_ai.evaluation.score.value`.
    Number(f64),
    /// `gen_ai.evaluation.score.label`.
    Label(String),
    /// It gave nothing: the evaluation itself has failed.
    Nothing,
}

impl From<f64> for ScoreValue {
    fn from(number: f64) -> Self {
        ScoreValue::Number(number)
    }
}

impl From<f32> for ScoreValue {
    fn from(number: f32) -> Self {
        ScoreValue::Number(number.into())
    }
}

impl From<i32> for ScoreValue {
    fn from(number: i32) -> Self {
        ScoreValue::Number(number.into())
    }
}

impl From<u32> for ScoreValue {
    fn from(number: u32) -> Self {
        ScoreValue::Number(number.into())
    }
}

/// 1 for what was good, 0 for what was not: a thumb.
impl From<bool> for ScoreValue {
    fn from(good: bool) -> Self {
        ScoreValue::Number(if good { 1.0 } else { 0.0 })
    }
}

impl From<&str> for ScoreValue {
    fn from(label: &str) -> Self {
        ScoreValue::Label(label.to_owned())
    }
}

impl From<String> for ScoreValue {
    fn from(label: String) -> Self {
        ScoreValue::Label(label)
    }
}

impl Score {
    /// The score `value` of the evaluation `name`, `relevance` perhaps: a number, a `bool`, or a word. NaN and
    /// infinity are no numbers here: such an evaluation has failed (`not_finite`).
    pub fn new(name: impl Into<String>, value: impl Into<ScoreValue>) -> Self {
        let value = value.into();
        // It could neither be averaged nor written as JSON.
        let is_none = matches!(value, ScoreValue::Number(number) if !number.is_finite());
        Self {
            name: name.into(),
            value: if is_none { ScoreValue::Nothing } else { value },
            label: None,
            explanation: None,
            response_id: None,
            error_type: is_none.then(|| NOT_FINITE.to_owned()),
            of: None,
        }
    }

    /// An evaluation that gave no score, because of an error of this kind.
    pub fn failed(name: impl Into<String>, error_type: impl Into<String>) -> Self {
        Self {
            error_type: Some(error_type.into()),
            ..Self::new(name, ScoreValue::Nothing)
        }
    }

    /// What the number means: `relevant`, `pass`.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// Why the score is what it is, without credentials ([`scrub`](crate::content::scrub)).
    pub fn explanation(mut self, text: impl Into<String>) -> Self {
        self.explanation = Some(scrub(&text.into()).into_owned());
        self
    }

    /// The response that was evaluated.
    pub fn response_id(mut self, id: impl Into<String>) -> Self {
        self.response_id = Some(id.into());
        self
    }

    /// It is about a trace that may have been written long ago.
    pub fn trace(mut self, trace: TraceId) -> Self {
        self.of = Some((trace, None));
        self
    }

    /// It is about a span that may have been written long ago.
    pub fn span(mut self, span: &SpanContext) -> Self {
        self.of = Some((span.trace_id(), Some(span.span_id())));
        self
    }

    /// Records it. Without telemetry, and outside any span where nothing else was said, nothing happens.
    pub fn record(self) {
        match self.of {
            Some((trace_id, span_id)) => self.record_late(trace_id, span_id),
            None => self.record_here(),
        }
    }

    /// The line that it is in the file of scores, for whoever writes that without telemetry;
    /// [`files::scores`](crate::files::scores) says where it lies.
    ///
    /// ```
    /// use genai_trace::Score;
    ///
    /// let trace = "4bf92f3577b34da6a3ce929d0e0e4736".parse()?;
    /// let line = Score::new("relevance", 0.87).trace(trace).to_log_record();
    /// assert_eq!(line.trace_id, Some(trace));
    /// assert_eq!(line.attributes["gen_ai.evaluation.score.value"], 0.87);
    /// # Ok::<(), genai_trace::ParseIdError>(())
    /// ```
    pub fn to_log_record(&self) -> LogRecord {
        let (trace_id, span_id) = self.of.unzip();
        self.event(trace_id, span_id.flatten())
    }

    fn record_late(self, trace_id: TraceId, span_id: Option<SpanId>) {
        if recorder::active().is_none() {
            return;
        }
        if let Some(recorder) = recorder::current() {
            recorder.emit(self.event(Some(trace_id), span_id));
        }
    }

    fn record_here(self) {
        if recorder::active().is_none() {
            return;
        }
        let recorder = recorder::current().filter(|recorder| recorder.has_log_exporter());
        let span = crate::span::current::current();
        stack::edit_innermost(|items| {
            let key = format!("{}{}", names::SCORE, self.name);
            match &self.value {
                ScoreValue::Number(number) => items.set(&key, number),
                ScoreValue::Label(label) => items.set(&key, label),
                ScoreValue::Nothing => {}
            }
            if recorder.is_some() {
                return;
            }
            items.event(clock::now(), RESULT, |event| {
                for (key, value) in self.facts() {
                    match value {
                        Json::String(text) => event.set(key, &text),
                        other => event.set(key, &other.as_f64()),
                    };
                }
            });
        });
        if let Some(recorder) = recorder
            && let Some(trace_id) = span.trace_id()
        {
            recorder.emit(self.event(Some(trace_id), span.span_id()));
        }
    }

    fn event(&self, trace_id: Option<TraceId>, span_id: Option<SpanId>) -> LogRecord {
        let facts = self.facts().map(|(key, value)| (key.to_owned(), value));
        LogRecord {
            event_name: RESULT.to_owned(),
            time_unix_nano: clock::now().saturating_add_signed(clock::offset()),
            severity_number: None,
            trace_id,
            span_id,
            attributes: facts.collect::<Map<_, _>>(),
            resource: Default::default(),
        }
    }

    /// What the event says.
    fn facts(&self) -> impl Iterator<Item = (&'static str, Json)> {
        let text = |text: &Option<String>| text.clone().map(Json::from);
        let (number, word) = match &self.value {
            ScoreValue::Number(number) => (Some(Json::from(*number)), None),
            ScoreValue::Label(label) => (None, Some(Json::from(label.clone()))),
            ScoreValue::Nothing => (None, None),
        };
        let facts = [
            (
                conventions::GEN_AI_EVALUATION_NAME,
                Some(Json::from(self.name.clone())),
            ),
            (conventions::GEN_AI_EVALUATION_SCORE_VALUE, number),
            (
                conventions::GEN_AI_EVALUATION_SCORE_LABEL,
                text(&self.label).or(word),
            ),
            (
                conventions::GEN_AI_EVALUATION_EXPLANATION,
                text(&self.explanation),
            ),
            (conventions::GEN_AI_RESPONSE_ID, text(&self.response_id)),
            (conventions::ERROR_TYPE, text(&self.error_type)),
            (names::SCORE_IS_LATE, self.of.map(|_| Json::Bool(true))),
        ];
        facts
            .into_iter()
            .filter_map(|(key, value)| Some((key, value?)))
    }
}

/// Whether an event is a score that came after its span.
pub(crate) fn is_late(event: &LogRecord) -> bool {
    event.event_name == RESULT && event.attributes.contains_key(names::SCORE_IS_LATE)
}

/// Records the result of an evaluation: [`Score`] in one line.
///
/// `score!(name, value)` is about the current span; `label`, `explanation`, `response_id`, `trace` and `span`
/// may follow, each as the method of [`Score`] with that name takes it.
///
/// ```
/// use genai_trace::{score, span};
///
/// span("answer").run(|| score!("faithfulness", 0.87, label = "good"));
///
/// // Later, when the user has pressed a thumb:
/// let trace = "4bf92f3577b34da6a3ce929d0e0e4736".parse()?;
/// score!("thumb", true, trace = trace, explanation = "it compiled");
/// # Ok::<(), genai_trace::ParseIdError>(())
/// ```
#[macro_export]
macro_rules! score {
    ($name:expr, $value:expr $(, $key:ident = $said:expr)* $(,)?) => {
        $crate::Score::new($name, $value)$(.$key($said))*.record()
    };
}
