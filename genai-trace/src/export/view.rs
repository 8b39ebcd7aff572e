//! A finished span as it lies in an entry: read in place, copied only where a record is asked for.

#[cfg(test)]
pub(crate) mod random;

use std::sync::Arc;

use genai_trace_semconv::values::gen_ai_operation_name::EXECUTE_TOOL;
use genai_trace_semconv::values::mcp_method_name::TOOLS_CALL;

use crate::metrics::{Symbol, resolve};
use crate::record::{Attributes, Dropped, Event, Link, SpanRecord, Status};
use crate::recorder::entry::Header;
use crate::span::callsite::{Callsite, StaticValue};
use crate::span::ids::{SpanId, TraceId};
use crate::span::items::{EventRef, Item, ItemIter};
use crate::span::measure::belongs_to_agents;
use crate::span::names;
use crate::span::operation::Operation;
use crate::span::outcome::Outcome;
use crate::span::value_bytes::{Text, ValueRef};

/// A link of a finished span.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Linked<'a> {
    pub(crate) trace_id: TraceId,
    pub(crate) span_id: SpanId,
    /// The `tracestate` of the other span; mostly empty.
    pub(crate) trace_state: Text<'a>,
    /// Its type; mostly empty.
    pub(crate) kind: Text<'a>,
}

/// A finished span as it lies in an entry.
#[derive(Debug)]
pub(crate) struct SpanView<'a> {
    pub(crate) header: Header,
    pub(crate) callsite: &'static Callsite,
    pub(crate) items: &'a [u8],
    pub(crate) agent: Option<&'a str>,
}

/// The name of the agent that was asked for last: the spans of a batch mostly work for one.
#[derive(Debug, Default)]
pub(crate) struct AgentNames(Symbol, Option<&'static str>);

impl AgentNames {
    /// The agent that a span works for, where the span is to say so.
    #[inline]
    pub(crate) fn of(&mut self, header: &Header, callsite: &Callsite) -> Option<&'static str> {
        belongs_to_agents(callsite.operation())
            .then(|| self.get(header.agent))
            .flatten()
    }

    #[inline]
    fn get(&mut self, agent: Symbol) -> Option<&'static str> {
        if agent != self.0 {
            *self = Self(agent, resolve(agent));
        }
        self.1
    }
}

impl From<StaticValue> for ValueRef<'static> {
    fn from(value: StaticValue) -> Self {
        match value {
            StaticValue::Str(text) => ValueRef::Str(text.into()),
            StaticValue::Bool(truth) => ValueRef::Bool(truth),
            StaticValue::Int(number) => ValueRef::Int(number),
            StaticValue::Float(number) => ValueRef::Float(number),
        }
    }
}

impl<'a> SpanView<'a> {
    /// The span without what it says at run time.
    pub(crate) fn of_source(span: &SpanView<'_>) -> SpanView<'static> {
        SpanView {
            header: Header {
                outcome: Outcome::Ok,
                ..span.header
            },
            callsite: span.callsite,
            items: &[],
            agent: None,
        }
    }

    #[inline]
    pub(crate) fn items(&self) -> ItemIter<'a> {
        ItemIter::new(self.items)
    }

    /// Nanoseconds since 1970 of a moment on the process's line.
    #[inline]
    pub(crate) fn since_1970(&self, nanos: u64) -> u64 {
        nanos.saturating_add_signed(self.header.offset)
    }

    /// An attribute that was said at run time.
    pub(crate) fn said(&self, wanted: &str) -> Option<ValueRef<'a>> {
        self.items().find_map(|item| match item {
            Item::Attribute(key, value) if key == *wanted => Some(value),
            _ => None,
        })
    }

    /// The second half of the span's name: the tool, the agent, the model.
    pub(crate) fn subject(&self) -> Option<Text<'a>> {
        let said = match self.callsite.operation().subject_key() {
            Some(key) => self.said(key).and_then(ValueRef::as_text),
            None => self.items().find_map(|item| match item {
                Item::Subject(text) => Some(text),
                _ => None,
            }),
        };
        let said = said
            .or(Some(self.callsite.subject().into()))
            .filter(|subject| !subject.is_empty());
        match self.callsite.operation() {
            // Whose plan it is, is known from where it is made.
            Operation::Plan => said.or(self.agent.map(Text::from)),
            _ => said,
        }
    }

    /// The words of the span's name, of which there is at least one.
    pub(crate) fn name(&self) -> impl Iterator<Item = Text<'a>> {
        let first = self.callsite.operation().prefix().map(Text::from);
        let subject = self.subject();
        let unnamed = (first.is_none() && subject.is_none()).then_some("unnamed".into());
        let words = [first, subject, unnamed].into_iter().chain(self.tail());
        words.flatten()
    }

    /// What stands behind the subject in the names of some spans: of skills and commands behind their tool,
    /// of what is called by the Model Context Protocol behind its method.
    fn tail(&self) -> [Option<Text<'a>>; 2] {
        let text = |key| self.text(key);
        match self.callsite.operation() {
            Operation::Tool => match (text(names::SKILL_NAME), text(names::SKILL_RESOURCE_NAME)) {
                (None, None) => [text(names::EXECUTABLE_NAME), None],
                // A command that belongs to a skill is not called by the skill alone.
                (Some(_), None) if text(names::EXECUTABLE_NAME).is_some() => {
                    [text(names::EXECUTABLE_NAME), None]
                }
                (skill, resource) => [skill, resource],
            },
            operation if operation.is_mcp() => [
                text(names::TOOL_NAME).or_else(|| text(names::PROMPT_NAME)),
                None,
            ],
            _ => [None, None],
        }
    }

    /// Whether the attribute `key` is a word of the span's name beside its subject.
    fn is_of_name(&self, key: Text<'_>) -> bool {
        match self.callsite.operation() {
            Operation::Tool => {
                key == *names::SKILL_NAME
                    || key == *names::SKILL_RESOURCE_NAME
                    || key == *names::EXECUTABLE_NAME
            }
            operation if operation.is_mcp() => {
                key == *names::TOOL_NAME || key == *names::PROMPT_NAME
            }
            _ => false,
        }
    }

    /// The text of the attribute `key`, as it was said or as it stands in the source.
    fn text(&self, key: &str) -> Option<Text<'a>> {
        let said = self.said(key).and_then(ValueRef::as_text);
        said.or_else(|| {
            let (_, value) = self
                .callsite
                .attributes()
                .iter()
                .find(|(of_source, _)| *of_source == key)?;
            ValueRef::from(*value).as_text()
        })
    }

    pub(crate) fn status(&self) -> Status {
        if self.header.outcome.is_error() {
            Status::Error
        } else {
            Status::Unset
        }
    }

    pub(crate) fn message(&self) -> Text<'a> {
        self.items()
            .find_map(|item| match item {
                Item::Message(text) => Some(text),
                _ => None,
            })
            .unwrap_or("".into())
    }

    /// Calls `each` with every attribute, each key once: what the operation is, what stands in the
    /// source, what was said at run time, what the runtime adds. A value said at run time stands for
    /// the one in the source, and that for the runtime's.
    pub(crate) fn each_attribute(&self, each: &mut dyn FnMut(Text<'_>, ValueRef<'_>)) {
        let operation = self.callsite.operation();
        let subject_key = operation.subject_key();
        let said = |key: &str| self.said(key).is_some();
        if let Some(name) = operation.name().or_else(|| self.operation_by_method())
            && !said(names::OPERATION)
        {
            each(names::OPERATION.into(), ValueRef::Str(name.into()));
        }
        if let (Some(key), Some(subject)) = (subject_key, self.subject()) {
            each(key.into(), ValueRef::Str(subject));
        }
        let of_source = self.callsite.attributes().iter();
        let shown = of_source.filter(|(key, _)| subject_key != Some(*key) && !said(key));
        for (key, value) in shown.take(self.kept_of_source()) {
            each((*key).into(), ValueRef::from(*value));
        }
        self.each_varying_attribute(each);
    }

    /// What a call of the Model Context Protocol stands for: an operation only where it calls a tool.
    fn operation_by_method(&self) -> Option<&'static str> {
        let is_mcp = self.callsite.operation().is_mcp();
        let calls_tool = is_mcp && self.subject().is_some_and(|method| method == *TOOLS_CALL);
        calls_tool.then_some(EXECUTE_TOOL)
    }

    /// How many attributes of the source the limits keep.
    fn kept_of_source(&self) -> usize {
        let said = self.items().find_map(|item| match item {
            Item::Source(kept) => Some(kept),
            _ => None,
        });
        said.unwrap_or(usize::MAX)
    }

    /// Calls `each` with what was said at run time and what the runtime adds, but for the subject.
    pub(crate) fn each_varying_attribute(&self, each: &mut dyn FnMut(Text<'_>, ValueRef<'_>)) {
        let subject_key = self.callsite.operation().subject_key();
        let outcome = match self.header.outcome {
            Outcome::Ok | Outcome::Error => None,
            other => Some(other.as_str()),
        };
        for item in self.items() {
            if let Item::Attribute(key, value) = item
                && subject_key.map(Text::from) != Some(key)
                && (outcome.is_none() || key != *names::OUTCOME)
            {
                each(key, value);
            }
        }
        if let Some(agent) = self.agent
            && !self.says_agent()
        {
            each(names::AGENT_NAME.into(), ValueRef::Str(agent.into()));
        }
        if let Some(outcome) = outcome {
            each(names::OUTCOME.into(), ValueRef::Str(outcome.into()));
        }
    }

    /// Whether the span itself says which agent it works for.
    pub(crate) fn says_agent(&self) -> bool {
        let fixed = self.callsite.attributes();
        self.callsite.operation().subject_key() == Some(names::AGENT_NAME)
            || fixed.iter().any(|(key, _)| *key == names::AGENT_NAME)
            || self.said(names::AGENT_NAME).is_some()
    }

    /// Whether the name and every attribute of the source are as they stand there.
    pub(crate) fn is_as_in_source(&self) -> bool {
        !self.callsite.subject().is_empty()
            && self.items().all(|item| match item {
                Item::Subject(_) | Item::Source(_) => false,
                Item::Attribute(key, _) => self.is_beside_source(key) && !self.is_of_name(key),
                _ => true,
            })
    }

    /// Whether an attribute of this name changes nothing of what the source says.
    pub(crate) fn is_beside_source(&self, key: Text<'_>) -> bool {
        let subject_key = self.callsite.operation().subject_key();
        let fixed = self.callsite.attributes();
        key != *names::OPERATION
            && subject_key.is_none_or(|subject| key != *subject)
            && fixed.iter().all(|(name, _)| key != **name)
    }

    pub(crate) fn events(&self) -> impl Iterator<Item = EventRef<'a>> {
        self.items().filter_map(|item| match item {
            Item::Event(event) => Some(event),
            _ => None,
        })
    }

    pub(crate) fn links(&self) -> impl Iterator<Item = Linked<'a>> {
        self.items().filter_map(|item| {
            let Item::Link(link) = item else {
                return None;
            };
            let (trace_id, span_id, trace_state) = link.parts()?;
            Some(Linked {
                trace_id,
                span_id,
                trace_state,
                kind: link.kind,
            })
        })
    }

    pub(crate) fn dropped(&self) -> Option<Dropped> {
        self.items().find_map(|item| match item {
            Item::Dropped(dropped) => Some(dropped),
            _ => None,
        })
    }

    /// The `tracestate` that came with the trace.
    pub(crate) fn trace_state(&self) -> Option<Text<'a>> {
        self.items().find_map(|item| match item {
            Item::TraceState(text) => Some(text),
            _ => None,
        })
    }

    /// The span's name.
    pub(crate) fn whole_name(&self) -> String {
        let mut name = String::new();
        for word in self.name() {
            if !name.is_empty() {
                name.push(' ');
            }
            name.push_str(word.to_str());
        }
        name
    }

    /// The span as a record of its own.
    pub(crate) fn record(&self, resource: &Arc<Attributes>) -> SpanRecord {
        let mut attributes = Attributes::default();
        self.each_attribute(&mut |key, value| attributes.insert(key.to_str(), value));
        SpanRecord {
            trace_id: self.header.trace_id,
            span_id: self.header.span_id,
            parent_span_id: self.header.parent,
            name: self.whole_name(),
            kind: self.callsite.kind(),
            start_unix_nano: self.since_1970(self.header.start),
            end_unix_nano: self.since_1970(self.header.end),
            status: self.status(),
            status_message: self.message().to_str().to_owned(),
            attributes,
            events: self
                .events()
                .map(|event| Event {
                    name: event.name.to_str().to_owned(),
                    time_unix_nano: self.since_1970(event.time),
                    attributes: event
                        .attributes()
                        .map(|(key, value)| (key.to_str(), value))
                        .collect(),
                })
                .collect(),
            links: self
                .links()
                .map(|link| {
                    let mut attributes = Attributes::default();
                    if !link.kind.is_empty() {
                        attributes.insert(names::LINK_TYPE, link.kind.to_str());
                    }
                    let state = Some(link.trace_state).filter(|state| !state.is_empty());
                    Link {
                        trace_id: link.trace_id,
                        span_id: link.span_id,
                        trace_state: state.map(|state| state.to_str().to_owned()),
                        attributes,
                    }
                })
                .collect(),
            resource: Arc::clone(resource),
            trace_state: self.trace_state().map(|text| text.to_str().to_owned()),
            flags: None,
            scope: None,
            dropped: self.dropped(),
        }
    }
}
