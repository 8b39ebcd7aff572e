//! What the fields of a span or an event say.

use std::error::Error;
use std::fmt;

use ::tracing_core::Field;
use ::tracing_core::field::Visit;

use crate::span::attribute_value::AttributeValue;
use crate::span::names;
use crate::span::operation::Operation;
use crate::span::value_writer::ValueWriter;

/// What the fields of a span or an event say.
#[derive(Debug, Default)]
pub(super) struct Fields {
    attributes: Vec<(&'static str, Said)>,
    message: Option<String>,
    name: Option<String>,
    status: Status,
}

/// How a span ended, as its fields say.
#[derive(Debug, Default)]
pub(super) struct Status {
    pub(super) is_error: bool,
    pub(super) message: Option<String>,
    pub(super) error_type: Option<String>,
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
    /// What becomes attributes.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'static str, &Said)> {
        self.attributes.iter().map(|(key, value)| (*key, value))
    }

    /// What an event says in words.
    pub(super) fn take_message(&mut self) -> Option<String> {
        self.message.take()
    }

    /// What the span stands for.
    pub(super) fn operation(&self) -> Operation {
        let said = self.text(names::OPERATION);
        said.and_then(Operation::of_name).unwrap_or(Operation::Step)
    }

    /// What the span is to be called: the subject of its operation, or the name that was said.
    pub(super) fn take_subject(&mut self, operation: Operation) -> Option<String> {
        match operation.subject_key() {
            Some(key) => Some(self.text(key).unwrap_or_default().to_owned()),
            None => self.name.take(),
        }
    }

    pub(super) fn into_status(self) -> Status {
        self.status
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
            "otel.status_code" => self.status.is_error = text.eq_ignore_ascii_case("error"),
            "otel.status_message" | "otel.status_description" => self.status.message = Some(text),
            name => {
                if name == names::ERROR_TYPE {
                    self.status.error_type = Some(text.clone());
                }
                self.add(field, Said::Text(text));
            }
        }
    }
}

impl Status {
    /// Takes what was said later.
    pub(super) fn take(&mut self, later: Self) {
        self.is_error |= later.is_error;
        self.message = later.message.or(self.message.take());
        self.error_type = later.error_type.or(self.error_type.take());
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
