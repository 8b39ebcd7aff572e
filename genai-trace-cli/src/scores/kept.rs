//! One score, as it was kept.

use genai_trace::{Event, LogRecord, SpanId, SpanRecord};
use genai_trace_semconv::names;
use serde::Serialize;
use serde_json::{Map, Value as Json, json};

use super::said::{BAD, GOOD, MARK, NOTE};
use crate::text::number;

/// What the record of a score is called.
pub(crate) const RESULT: &str = "gen_ai.evaluation.result";

/// What the attribute of a span begins with that is a score.
pub(crate) const ON_SPAN: &str = "eval.score.";

/// A score that was kept.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Kept {
    name: String,
    span: Option<u64>,
    value: Option<f64>,
    label: Option<String>,
    comment: Option<String>,
    /// What the evaluation failed of.
    error: Option<String>,
    time: u64,
}

impl Kept {
    /// A line beside the traces; none where that is no score.
    pub(crate) fn of_record(record: &LogRecord) -> Option<Self> {
        let is_score = record.event_name == RESULT;
        is_score
            .then(|| Self::of(&record.attributes, record.span_id, record.time_unix_nano))
            .flatten()
    }

    /// A score that was given while the span was open; none where the event is none.
    pub(crate) fn of_event(event: &Event, span: SpanId) -> Option<Self> {
        if event.name != RESULT {
            return None;
        }
        let attributes = serde_json::to_value(&event.attributes).ok()?;
        Self::of(attributes.as_object()?, Some(span), event.time_unix_nano)
    }

    /// The scores that were given while a span was open, whether their events stand on it or elsewhere.
    pub(crate) fn on_span(span: &SpanRecord) -> Vec<Self> {
        let events = span.events.iter();
        let mut all: Vec<Self> = events
            .filter_map(|event| Self::of_event(event, span.span_id))
            .collect();
        for (key, value) in span.attributes.iter() {
            let Some(name) = key.strip_prefix(ON_SPAN) else {
                continue;
            };
            let said = match serde_json::to_value(value) {
                Ok(Json::String(label)) => (names::GEN_AI_EVALUATION_SCORE_LABEL, label.into()),
                Ok(number) => (names::GEN_AI_EVALUATION_SCORE_VALUE, number),
                Err(_) => continue,
            };
            let name = (names::GEN_AI_EVALUATION_NAME, Json::from(name));
            let facts = [name, said].map(|(key, value)| (key.to_owned(), value));
            let kept = Self::of(
                &facts.into_iter().collect(),
                Some(span.span_id),
                span.end_unix_nano,
            );
            all.extend(kept.filter(|kept| all.iter().all(|other| other.name != kept.name)));
        }
        all
    }

    fn of(attributes: &Map<String, Json>, span: Option<SpanId>, time: u64) -> Option<Self> {
        let text = |key: &str| attributes.get(key)?.as_str().map(str::to_owned);
        let value = attributes.get(names::GEN_AI_EVALUATION_SCORE_VALUE);
        Some(Self {
            name: text(names::GEN_AI_EVALUATION_NAME)?,
            span: span.map(|id| u64::from_be_bytes(id.to_bytes())),
            value: value.and_then(Json::as_f64),
            label: text(names::GEN_AI_EVALUATION_SCORE_LABEL),
            comment: text(names::GEN_AI_EVALUATION_EXPLANATION),
            error: text(names::ERROR_TYPE),
            time,
        })
    }

    /// With texts of which `shorten` leaves as much as is shown.
    pub(crate) fn cut(&self, shorten: impl Fn(&str) -> String) -> Self {
        let cut = |text: &Option<String>| text.as_deref().map(&shorten);
        Self {
            name: shorten(&self.name),
            label: cut(&self.label),
            comment: cut(&self.comment),
            error: cut(&self.error),
            ..*self
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The span that it is about.
    pub(crate) const fn span(&self) -> Option<u64> {
        self.span
    }

    /// When it was given, in nanoseconds since 1970.
    pub(crate) const fn time(&self) -> u64 {
        self.time
    }

    /// Whether it says anything: what was taken back does not.
    pub(super) const fn says_something(&self) -> bool {
        self.value.is_some()
            || self.label.is_some()
            || self.comment.is_some()
            || self.error.is_some()
    }

    /// Whether somebody marked it as good; none where it is no mark.
    pub(crate) fn mark(&self) -> Option<bool> {
        if self.name != MARK {
            return None;
        }
        match (self.value, self.label.as_deref()) {
            (Some(value), _) => Some(value > 0.0),
            (None, Some(GOOD)) => Some(true),
            (None, Some(BAD)) => Some(false),
            (None, _) => None,
        }
    }

    /// Whether somebody wrote something to it by hand.
    pub(crate) fn is_noted(&self) -> bool {
        matches!(&*self.name, MARK | NOTE) && self.comment.is_some()
    }

    /// What was said, without comments: `relevance 0.87`.
    pub(crate) fn short(&self) -> String {
        let said = match (&self.label, self.value) {
            (Some(label), _) if self.name == MARK => return label.clone(),
            (Some(label), Some(value)) => format!("{} ({label})", number(value)),
            (Some(label), None) => label.clone(),
            (None, Some(value)) => number(value),
            (None, None) => match &self.error {
                Some(error) => format!("failed ({error})"),
                None => return self.name.clone(),
            },
        };
        format!("{} {said}", self.name)
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
            "error_type": self.error,
            "time_unix_nano": self.time,
        })
    }
}

impl Serialize for Kept {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.document().serialize(serializer)
    }
}
