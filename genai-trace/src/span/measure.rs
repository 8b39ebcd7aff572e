//! What the metrics learn of a span: its labels, its tokens, its calls.

use super::callsite::Callsite;
use super::frame::Frame;
use super::items::{Item, Items};
use super::names;
use super::operation::Operation;
use super::outcome::Outcome;
use super::stack::ThreadState;
use super::value_bytes::{Text, ValueRef};
use crate::export::view::SpanView;
use crate::metrics::{Charge, ChunkGaps, Decision, Ended, Labels, Symbol, SymbolCache};
use crate::provider::usage::Usage;

/// The subject of a span that begins, under which it is counted as open: its label, and its text
/// where that was said at run time.
pub(super) fn subject<'a>(
    callsite: &'static Callsite,
    items: &'a Items,
    thread: &mut ThreadState,
) -> (Symbol, Option<Text<'a>>) {
    let said = if items.is_measured() {
        let key = callsite.operation().subject_key().map(Text::from);
        items.iter().find_map(|item| match item {
            Item::Attribute(name, value) if key == Some(name) => value.as_text(),
            Item::Subject(text) => Some(text),
            _ => None,
        })
    } else {
        None
    };
    let label = match said {
        Some(text) => thread.symbols().get(text.to_str()),
        None => callsite.registered().opened_as,
    };
    (label, said)
}

/// Whether the conventions put the conversation's id on spans of this operation.
pub(crate) fn belongs_to_conversations(operation: Operation) -> bool {
    operation.is_inference()
        || operation.is_agent()
        || matches!(operation, Operation::Tool | Operation::Workflow)
}

/// Whether an attribute that an agent passes on belongs on spans of this operation: a prompt is that of an
/// inference, all else concerns every span.
pub(crate) fn inherits(operation: Operation, key: &str) -> bool {
    operation.is_inference() || !matches!(key, names::PROMPT_NAME | names::PROMPT_VERSION)
}

/// Whether the conventions put the agent's name on spans of this operation.
pub(crate) const fn belongs_to_agents(operation: Operation) -> bool {
    matches!(operation, Operation::Tool | Operation::Plan)
}

/// The labels of a span that has only a duration and said nothing at run time.
#[cold]
pub(super) fn plain_labels(callsite: &'static Callsite, subject: Symbol, agent: Symbol) -> Labels {
    Labels {
        agent,
        ..source_labels(callsite, subject)
    }
}

/// The labels that stand in the source, and the subject.
fn source_labels(callsite: &'static Callsite, subject: Symbol) -> Labels {
    let operation = callsite.operation();
    Labels {
        // The names of steps and routes are the user's, and without end; a model is no subject.
        subject: match operation {
            Operation::Step | Operation::Request => Symbol::NONE,
            _ if operation.has_model() => Symbol::NONE,
            _ => subject,
        },
        ..callsite.registered().labels
    }
}

/// What the metrics learn of a span that ended.
#[derive(Debug)]
pub(crate) struct Measured<'a> {
    labels: Labels,
    usage: Option<Usage>,
    cost: Option<Charge>,
    first_chunk_ns: Option<u64>,
    chunk_gaps: Option<&'a ChunkGaps>,
    calls: Option<(u64, u64)>,
}

impl<'a> Measured<'a> {
    pub(super) fn of(
        frame: &'a Frame,
        outcome: Outcome,
        cost: Option<Charge>,
        thread: &mut ThreadState,
    ) -> Self {
        let operation = frame.callsite.operation();
        let mut measured = Self {
            cost,
            ..Self::under(Labels {
                outcome,
                ..source_labels(frame.callsite, frame.subject)
            })
        };
        if operation.is_inference() {
            measured.chunk_gaps = frame.chunks.as_ref().map(|chunks| chunks.gaps());
        }
        if operation == Operation::Request {
            measured.read_request(&frame.items, thread.symbols());
        } else if frame.items.is_measured() {
            measured.read(operation, &frame.items, thread.symbols());
        }
        if !outcome.is_error() {
            measured.labels.error_type = Symbol::NONE;
        }
        measured.count_for_agents(operation, frame);
        measured
    }

    const fn under(labels: Labels) -> Self {
        Self {
            labels,
            usage: None,
            cost: None,
            first_chunk_ns: None,
            chunk_gaps: None,
            calls: None,
        }
    }

    fn read(&mut self, operation: Operation, items: &Items, symbols: &mut SymbolCache) {
        for (key, value) in items.measured() {
            self.read_attribute(operation, key, value, symbols);
        }
    }

    /// Reads what a request says of itself, and nothing of what others say of it: a client may say it comes to any
    /// host.
    fn read_request(&mut self, items: &Items, symbols: &mut SymbolCache) {
        self.labels.subject = Symbol::NONE;
        for (key, value) in items.measured() {
            self.read_request_attribute(key, value, symbols);
        }
    }

    fn read_request_attribute(
        &mut self,
        key: &str,
        value: ValueRef<'_>,
        symbols: &mut SymbolCache,
    ) {
        let labels = &mut self.labels;
        match key {
            names::HTTP_METHOD => labels.subject = symbol(value, symbols),
            names::HTTP_ROUTE => labels.model = symbol(value, symbols),
            names::URL_SCHEME => {
                let scheme = value.as_text().map(Text::to_str);
                let is_usual = matches!(scheme, Some("http" | "https"));
                labels.provider = match is_usual {
                    true => symbol(value, symbols),
                    false => Symbol::NONE,
                };
            }
            names::HTTP_STATUS => {
                let status = value.as_int().and_then(|status| status.try_into().ok());
                labels.server_port = status.unwrap_or(0);
            }
            names::ERROR_TYPE => labels.error_type = symbol(value, symbols),
            _ => {}
        }
    }

    #[inline(always)]
    fn read_attribute(
        &mut self,
        operation: Operation,
        key: &str,
        value: ValueRef<'_>,
        symbols: &mut SymbolCache,
    ) {
        if operation.subject_key() == Some(key) && !operation.has_model() {
            self.labels.subject = symbol(value, symbols);
        }
        match key {
            names::ERROR_TYPE => self.labels.error_type = symbol(value, symbols),
            names::RESPONSE_MODEL => self.labels.response_model = symbol(value, symbols),
            // A call of the Model Context Protocol has other facts in these places.
            names::REQUEST_MODEL | names::PROVIDER | names::TOOL_TYPE if operation.is_mcp() => {}
            names::REQUEST_MODEL => self.labels.model = symbol(value, symbols),
            names::PROVIDER => self.labels.provider = symbol(value, symbols),
            names::TOOL_TYPE => self.labels.tool_type = symbol(value, symbols),
            names::SERVER_ADDRESS => self.labels.server_address = symbol(value, symbols),
            names::SERVER_PORT => {
                let port = value.as_int().and_then(|port| u16::try_from(port).ok());
                self.labels.server_port = port.unwrap_or(0);
            }
            names::TOOL_NAME | names::PROMPT_NAME if operation.is_mcp() => {
                self.labels.model = symbol(value, symbols);
            }
            names::MCP_VERSION if operation.is_mcp() => {
                self.labels.provider = symbol(value, symbols);
            }
            names::TRANSPORT if operation.is_mcp() => {
                self.labels.tool_type = symbol(value, symbols);
            }
            names::GATE_DECISION => {
                self.labels.decision = value
                    .as_text()
                    .and_then(|word| Decision::from_word(word.to_str()));
            }
            names::FIRST_CHUNK => self.first_chunk_ns = seconds(value),
            _ => self.read_usage(key, value),
        }
    }

    fn read_usage(&mut self, key: &str, value: ValueRef<'_>) {
        if names::is_usage(key) {
            read_usage(self.usage.get_or_insert_default(), key, value);
        }
    }

    /// Counts the call for the agents above, and reads what an agent's own span has counted.
    fn count_for_agents(&mut self, operation: Operation, frame: &Frame) {
        let Some(scope) = frame.scope.as_deref() else {
            return;
        };
        if operation.is_agent() {
            self.labels.agent = scope.agent_above();
            self.labels.top = scope.is_top();
            (self.labels.model, self.labels.provider) = scope.models();
            self.calls = Some(scope.calls());
            return;
        }
        self.labels.agent = scope.nearest_agent().label;
        if let Some(usage) = &self.usage
            && operation.has_model()
        {
            scope.count_tokens(usage);
        }
        if operation.is_inference() {
            scope.count_inference(&self.labels);
        } else if operation == Operation::Tool {
            scope.count_tool();
        }
    }

    pub(crate) fn ended(&self, opened_as: Symbol, duration_ns: u64) -> Ended<'_> {
        Ended {
            labels: self.labels,
            opened_as,
            duration_ns,
            usage: self.usage.as_ref(),
            cost: self.cost,
            first_chunk_ns: self.first_chunk_ns,
            chunk_gaps: self.chunk_gaps,
            calls: self.calls,
        }
    }
}

/// The labels under which a span was counted, as far as its entry tells them: for an agent, which of its models it
/// called and what agent stood above it is not known, but that none did where nothing did.
pub(crate) fn labels_of(span: &SpanView<'_>, symbols: &mut SymbolCache) -> Option<Labels> {
    let callsite = span.callsite;
    let operation = callsite.operation();
    if operation.is_agent() && !span.header.is_local_root {
        return None;
    }
    let subject = match operation.subject_key() {
        Some(key) => span.said(key).and_then(ValueRef::as_text),
        None => span.items().find_map(|item| match item {
            Item::Subject(text) => Some(text),
            _ => None,
        }),
    };
    let subject = match subject {
        Some(text) => symbols.get(text.to_str()),
        None => callsite.registered().opened_as,
    };
    let mut measured = Measured::under(Labels {
        outcome: span.header.outcome,
        top: operation.is_agent(),
        ..source_labels(callsite, subject)
    });
    if operation == Operation::Request {
        measured.labels.subject = Symbol::NONE;
    }
    for item in span.items() {
        match item {
            Item::Attribute(key, value) | Item::Counted(key, value) => match operation {
                Operation::Request => measured.read_request_attribute(key.to_str(), value, symbols),
                _ => measured.read_attribute(operation, key.to_str(), value, symbols),
            },
            _ => {}
        }
    }
    let mut labels = measured.labels;
    if !operation.is_agent() {
        labels.agent = match span.said(names::AGENT_NAME).and_then(ValueRef::as_text) {
            // The name of an agent that is too long for a label stands on the span.
            Some(name) if span.header.agent == Symbol::NONE => symbols.get(name.to_str()),
            _ => span.header.agent,
        };
    }
    if !labels.outcome.is_error() {
        labels.error_type = Symbol::NONE;
    }
    Some(labels)
}

/// Reads what an attribute says of the tokens that were used, if it says that.
pub(crate) fn read_usage(usage: &mut Usage, key: &str, value: ValueRef<'_>) {
    if !names::is_usage(key) {
        return;
    }
    let place = match key {
        names::INPUT_TOKENS => &mut usage.input,
        names::OUTPUT_TOKENS => &mut usage.output,
        names::CACHE_READ_TOKENS => &mut usage.cache_read,
        names::CACHE_WRITE_TOKENS => &mut usage.cache_write,
        names::CACHE_WRITE_1H_TOKENS => &mut usage.cache_write_1h,
        names::REASONING_TOKENS => &mut usage.reasoning,
        names::TEXT_INPUT_TOKENS => &mut usage.input_by.text,
        names::AUDIO_INPUT_TOKENS => &mut usage.input_by.audio,
        names::IMAGE_INPUT_TOKENS => &mut usage.input_by.image,
        names::TEXT_OUTPUT_TOKENS => &mut usage.output_by.text,
        names::AUDIO_OUTPUT_TOKENS => &mut usage.output_by.audio,
        names::IMAGE_OUTPUT_TOKENS => &mut usage.output_by.image,
        names::TEXT_CACHE_READ_TOKENS => &mut usage.cache_read_by.text,
        names::AUDIO_CACHE_READ_TOKENS => &mut usage.cache_read_by.audio,
        names::IMAGE_CACHE_READ_TOKENS => &mut usage.cache_read_by.image,
        _ => return,
    };
    *place = value.as_count();
}

fn symbol(value: ValueRef<'_>, symbols: &mut SymbolCache) -> Symbol {
    value
        .as_text()
        .map_or(Symbol::NONE, |text| symbols.get(text.to_str()))
}

/// Whole nanoseconds of an attribute in seconds.
fn seconds(value: ValueRef<'_>) -> Option<u64> {
    let ValueRef::Float(seconds) = value else {
        return None;
    };
    let time = std::time::Duration::try_from_secs_f64(seconds).ok()?;
    u64::try_from(time.as_nanos()).ok()
}
