//! What the fields of a span or an event say.

use std::error::Error;
use std::fmt;
use std::mem;

use ::tracing_core::field::Visit;
use ::tracing_core::{Field, Metadata};

use super::content;
use crate::record::SpanKind;
use crate::span::attribute_value::AttributeValue;
use crate::span::current::SpanRef;
use crate::span::names;
use crate::span::operation::Operation;
use crate::span::value_writer::ValueWriter;

/// What the fields of a span or an event say.
#[derive(Debug, Default)]
pub(super) struct Fields {
    attributes: Vec<(&'static str, Said)>,
    message: Option<String>,
    name: Option<String>,
    kind: Option<SpanKind>,
    status: Status,
}

/// How a span ended, as its fields say.
#[derive(Debug, Default)]
pub(super) struct Status {
    /// Whether the code says that there was an error; none where it says nothing.
    code: Option<bool>,
    pub(super) message: Option<String>,
}

/// The value of a field, of its own type.
#[derive(Debug)]
pub(super) enum Said {
    Text(String),
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Float(f64),
}

impl AttributeValue for Said {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        match self {
            Said::Text(text) => text.write(writer),
            Said::Bool(truth) => truth.write(writer),
            Said::Int(number) => number.write(writer),
            Said::Unsigned(number) => number.write(writer),
            Said::Float(number) => number.write(writer),
        }
    }
}

impl Fields {
    /// What becomes attributes, but for content.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'static str, &Said)> {
        let all = self.attributes.iter().map(|(key, value)| (*key, value));
        all.filter(|(key, _)| content::kind_of(key).is_none())
    }

    /// Calls `each` with what becomes attributes, in `span` or an event of it: content as the policy has it.
    pub(super) fn each(&self, span: &SpanRef, mut each: impl FnMut(&'static str, &Said)) {
        for (key, value) in self.attributes() {
            each(key, value);
        }
        for (key, value) in &self.attributes {
            if let Some(kind) = content::kind_of(key)
                && let Said::Text(text) = value
                && let Some(kept) = content::kept(kind, text, span)
            {
                each(key, &Said::Text(kept));
            }
        }
    }

    /// Sets what becomes attributes.
    pub(super) fn say_to(&self, span: &SpanRef) {
        self.each(span, |key, value| span.set(key, value));
    }

    /// Sets what is content.
    pub(super) fn say_content_to(&self, span: &SpanRef) {
        self.each(span, |key, value| {
            if content::kind_of(key).is_some() {
                span.set(key, value);
            }
        });
    }

    /// What an event says in words.
    pub(super) fn take_message(&mut self) -> Option<String> {
        self.message.take()
    }

    /// The error that an event is about which says nothing else: from now on the message of an exception.
    pub(super) fn take_exception(&mut self) -> Option<String> {
        if self.message.is_some() {
            return None;
        }
        let mut attributes = self.attributes.iter_mut();
        let (key, said) = attributes.find(|(key, _)| *key == ERROR)?;
        let Said::Text(text) = said else {
            return None;
        };
        *key = names::EXCEPTION_MESSAGE;
        Some(text.clone())
    }

    /// Where an event comes from; one that was a record of the crate `log` says it in its fields.
    pub(super) fn take_log_target(&mut self, metadata: &Metadata<'_>) -> String {
        let target = metadata.target();
        if target != "log" {
            return target.to_owned();
        }
        let said = self.text("log.target").unwrap_or(target).to_owned();
        self.attributes.retain(|(key, _)| !key.starts_with("log."));
        said
    }

    /// What the span stands for; an agent that is called is one of another service.
    pub(super) fn operation(&self) -> Operation {
        let said = self.text(names::OPERATION);
        match said.and_then(Operation::of_name) {
            Some(Operation::Agent) if self.kind == Some(SpanKind::Client) => Operation::RemoteAgent,
            operation => operation.unwrap_or(Operation::Step),
        }
    }

    /// What the span is to be called: the subject of its operation, or the name that was said.
    pub(super) fn take_subject(&mut self, operation: Operation) -> Option<String> {
        match operation.subject_key() {
            Some(key) => Some(self.text(key).unwrap_or_default().to_owned()),
            None => self.name.take(),
        }
    }

    /// The name that was said, of a span that had begun.
    pub(super) fn take_name(&mut self) -> Option<String> {
        self.name.take()
    }

    /// The kind that was said.
    pub(super) fn kind(&self) -> SpanKind {
        self.kind.unwrap_or_default()
    }

    pub(super) fn status(&mut self) -> Status {
        mem::take(&mut self.status)
    }

    fn text(&self, key: &str) -> Option<&str> {
        let mut attributes = self.attributes.iter();
        let (_, said) = attributes.find(|(known, _)| *known == key)?;
        match said {
            Said::Text(text) => Some(text),
            _ => None,
        }
    }

    fn add(&mut self, field: &Field, said: Said) {
        self.attributes.push((field.name(), said));
    }

    fn add_text(&mut self, field: &Field, text: String) {
        match field.name() {
            "message" => self.message = Some(text),
            "otel.name" => self.name = Some(text),
            "otel.kind" => self.kind = kind(&text),
            "otel.status_code" => self.status.code = code(&text),
            "otel.status_message" | "otel.status_description" => self.status.message = Some(text),
            _ => self.add(field, Said::Text(text)),
        }
    }
}

/// The field for an error.
const ERROR: &str = "error";

/// The kind that `word` names, in any case, as `tracing-opentelemetry` reads it.
fn kind(word: &str) -> Option<SpanKind> {
    let kinds = [
        SpanKind::Internal,
        SpanKind::Client,
        SpanKind::Server,
        SpanKind::Producer,
        SpanKind::Consumer,
    ];
    let mut kinds = kinds.into_iter();
    kinds.find(|kind| kind.as_str().eq_ignore_ascii_case(word))
}

/// Whether the status that `word` names is an error; none where it is none that is known, or unset.
fn code(word: &str) -> Option<bool> {
    match () {
        () if word.eq_ignore_ascii_case("error") => Some(true),
        () if word.eq_ignore_ascii_case("ok") => Some(false),
        () => None,
    }
}

impl Status {
    /// Whether it is an error: a status that is only described is one.
    pub(super) fn is_error(&self) -> bool {
        self.code.unwrap_or(self.message.is_some())
    }

    /// It is an error, of which `message` was said.
    pub(super) fn fail(&mut self, message: String) {
        self.take(Self {
            code: Some(true),
            message: Some(message),
        });
    }

    /// Takes what was said later.
    pub(super) fn take(&mut self, later: Self) {
        self.code = later.code.or(self.code);
        self.message = later.message.or(self.message.take());
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.add(field, Said::Float(value));
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.add(field, Said::Int(value));
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.add(field, Said::Unsigned(value));
    }

    fn record_i128(&mut self, field: &Field, value: i128) {
        match i64::try_from(value) {
            Ok(value) => self.record_i64(field, value),
            Err(_) => self.add_text(field, value.to_string()),
        }
    }

    fn record_u128(&mut self, field: &Field, value: u128) {
        match u64::try_from(value) {
            Ok(value) => self.record_u64(field, value),
            Err(_) => self.add_text(field, value.to_string()),
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.add(field, Said::Bool(value));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.add_text(field, value.to_owned());
    }

    /// With its causes.
    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let mut text = value.to_string();
        let mut cause = value.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        self.add_text(field, text);
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.add_text(field, format!("{value:?}"));
    }
}
