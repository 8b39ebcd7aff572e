//! A subscriber that writes down what it is told.

use std::fmt::{self, Write as _};
use std::sync::{Arc, Mutex, MutexGuard};

use genai_trace_tests::Recorded;
use tracing::Subscriber;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::{LookupSpan, Registry};

use crate::shown_to;

/// Writes down what a subscriber is told, a line each.
#[derive(Clone, Default)]
pub struct Told(Arc<Mutex<String>>);

impl Told {
    pub fn lines(&self) -> MutexGuard<'_, String> {
        self.0.lock().unwrap()
    }

    fn line(&self, what: &str, name: &str) {
        writeln!(self.lines(), "{what} {name}").unwrap();
    }

    /// What was told of `work`, and what was recorded of it.
    pub fn of(work: impl FnOnce()) -> (String, Recorded) {
        let told = Self::default();
        let recorded = shown_to(Registry::default().with(told.clone()), work);
        let lines = told.lines().clone();
        (lines, recorded)
    }
}

struct Fields<'a>(&'a mut String);

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        write!(self.0, " {}={value:?}", field.name()).unwrap();
    }
}

impl<S: Subscriber + for<'span> LookupSpan<'span>> Layer<S> for Told {
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let parent = context
            .span(id)
            .and_then(|span| Some(span.parent()?.name()));
        let name = attributes.metadata().name();
        match parent {
            Some(parent) => self.line("new", &format!("{name} in {parent}")),
            None => self.line("new", name),
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let mut said = context.span(id).unwrap().name().to_owned();
        values.record(&mut Fields(&mut said));
        self.line("record", &said);
    }

    fn on_enter(&self, id: &Id, context: Context<'_, S>) {
        self.line("enter", context.span(id).unwrap().name());
    }

    fn on_exit(&self, id: &Id, context: Context<'_, S>) {
        self.line("exit", context.span(id).unwrap().name());
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        self.line("close", context.span(&id).unwrap().name());
    }
}
