//! A callsite: everything about a span that is known when the program is compiled.

use std::mem::ManuallyDrop;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};

use super::limits;
use super::names;
use super::operation::Operation;
use crate::metrics::{Labels, Symbol, intern, is_named as is_counted_by_name};
use crate::record::{SpanKind, Value};

/// Everything about a span that is known when the program is compiled: one `static` for each
/// annotated function, made by the attribute.
#[derive(Debug)]
pub struct Callsite {
    operation: Operation,
    subject: &'static str,
    attributes: &'static [(&'static str, StaticValue)],
    /// Its spans mostly leave the thread that they begin on, or wait.
    waits: bool,
    /// The kind of its spans, where that is not the one of the operation.
    kind: Option<SpanKind>,
    /// Lives as long as the program, and so is never dropped; that lets constants move it.
    registered: ManuallyDrop<OnceLock<Registered>>,
}

/// The value of an attribute that stands as a literal in the source.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StaticValue {
    /// A text.
    Str(&'static str),
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
}

impl From<StaticValue> for Value {
    fn from(value: StaticValue) -> Self {
        match value {
            StaticValue::Str(text) => Value::from(text),
            StaticValue::Bool(truth) => Value::Bool(truth),
            StaticValue::Int(number) => Value::Int(number),
            StaticValue::Float(number) => Value::Float(number),
        }
    }
}

/// What the first span of a callsite works out for all that follow.
#[derive(Debug)]
pub(crate) struct Registered {
    /// The callsite's number in entries.
    pub(crate) id: u32,
    /// The labels that its spans have in common.
    pub(crate) labels: Labels,
    /// The subject under which they are counted as open, unless they say another.
    pub(crate) opened_as: Symbol,
    pub(crate) is_agent: bool,
    /// They may belong to a span that they are made in: see [`nested`](super::nested).
    pub(crate) may_nest: bool,
    /// The source says their subject.
    pub(crate) is_named: bool,
    /// Metrics learn nothing of them but how long they took.
    pub(crate) has_only_a_duration: bool,
    /// The source says all of them but attributes that nobody counts: they may take the
    /// [short way](super::short_way).
    pub(crate) may_be_short: bool,
}

impl Registered {
    /// Of frames that are not in use.
    pub(crate) const fn of_nothing() -> &'static Self {
        static NOTHING: Registered = Registered {
            id: u32::MAX,
            labels: Labels::new(Operation::Step),
            opened_as: Symbol::NONE,
            is_agent: false,
            may_nest: false,
            is_named: false,
            has_only_a_duration: true,
            may_be_short: false,
        };
        &NOTHING
    }
}

static CALLSITES: Mutex<Vec<&'static Callsite>> = Mutex::new(Vec::new());

/// Keeps others from registering; a fork does so.
pub(crate) fn hold() -> MutexGuard<'static, Vec<&'static Callsite>> {
    CALLSITES.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Callsite {
    /// A callsite whose subject (the tool, agent, model ...) is `subject`, or is said at run time
    /// where that is empty. A tool is a function, unless [`with`](Callsite::with) says otherwise.
    pub const fn new(operation: Operation, subject: &'static str) -> Self {
        Self {
            operation,
            subject,
            attributes: match operation {
                Operation::Tool => &[(names::TOOL_TYPE, StaticValue::Str("function"))],
                _ => &[],
            },
            waits: false,
            kind: None,
            registered: ManuallyDrop::new(OnceLock::new()),
        }
    }

    /// The same with attributes that stand as literals in the source.
    #[must_use]
    pub const fn with(self, attributes: &'static [(&'static str, StaticValue)]) -> Self {
        Self {
            operation: self.operation,
            subject: self.subject,
            attributes,
            waits: self.waits,
            kind: self.kind,
            registered: ManuallyDrop::new(OnceLock::new()),
        }
    }

    /// The same of a function that returns a future or a stream: its spans are soon asked for by whatever
    /// polls it, and do not begin on the [short way](super::short_way).
    #[must_use]
    pub const fn waits(self) -> Self {
        Self {
            operation: self.operation,
            subject: self.subject,
            attributes: self.attributes,
            waits: true,
            kind: self.kind,
            registered: ManuallyDrop::new(OnceLock::new()),
        }
    }

    /// The same where the model or the memory runs in this process: then the spans are INTERNAL.
    #[must_use]
    pub const fn in_process(self) -> Self {
        self.of_kind(SpanKind::Internal)
    }

    /// The same with spans of this kind.
    #[must_use]
    pub(crate) const fn of_kind(self, kind: SpanKind) -> Self {
        Self {
            operation: self.operation,
            subject: self.subject,
            attributes: self.attributes,
            waits: self.waits,
            kind: Some(kind),
            registered: ManuallyDrop::new(OnceLock::new()),
        }
    }

    /// The kind of its spans.
    #[inline]
    pub(crate) const fn kind(&self) -> SpanKind {
        match self.kind {
            Some(kind) => kind,
            None => self.operation.kind(),
        }
    }

    /// The kind of its spans, where that is not the one of the operation.
    pub(crate) const fn own_kind(&self) -> Option<SpanKind> {
        self.kind
    }

    #[inline]
    pub(crate) fn operation(&self) -> Operation {
        self.operation
    }

    pub(crate) fn subject(&self) -> &'static str {
        self.subject
    }

    pub(crate) fn attributes(&self) -> &'static [(&'static str, StaticValue)] {
        self.attributes
    }

    /// The text that the source gives the attribute `key`.
    pub(crate) fn text(&self, key: &str) -> Option<&'static str> {
        let (_, value) = self.attributes.iter().find(|(known, _)| *known == key)?;
        match value {
            StaticValue::Str(text) => Some(text),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn registered(&'static self) -> &'static Registered {
        match self.registered.get() {
            Some(registered) => registered,
            None => self.register(),
        }
    }

    #[cold]
    fn register(&'static self) -> &'static Registered {
        // Taken before the cell and not inside it: a fork takes the lock, and so leaves no cell behind
        // that a thread of the parent was about to fill.
        let mut callsites = hold();
        self.registered.get_or_init(|| {
            let id = u32::try_from(callsites.len()).unwrap_or(u32::MAX);
            callsites.push(self);
            // Before anything refers to it.
            #[cfg(unix)]
            crate::recorder::black_box::names::callsite_registered(id, self);
            let labels = self.labels();
            let operation = self.operation;
            let has_only_a_duration =
                !operation.is_agent() && !operation.has_model() && operation != Operation::Request;
            let is_named = !self.subject.is_empty();
            let may_nest = operation.has_model() || operation == Operation::McpClient;
            Registered {
                id,
                labels,
                opened_as: match operation.has_model() {
                    true => labels.model,
                    false => labels.subject,
                },
                is_agent: operation.is_agent(),
                may_nest,
                is_named,
                has_only_a_duration,
                may_be_short: has_only_a_duration
                    && !may_nest
                    && is_named
                    && !self.waits
                    && self.attributes.len() < limits::MOST_OF_SOURCE
                    && !is_counted_by_name(operation, labels.subject),
            }
        })
    }

    fn labels(&self) -> Labels {
        let mut labels = Labels::new(self.operation);
        if self.operation.has_model() {
            labels.model = intern(self.subject);
        } else {
            labels.subject = intern(self.subject);
        }
        for (key, value) in self.attributes {
            match (*key, value) {
                // A call of the Model Context Protocol has other facts in these places.
                (names::TOOL_NAME | names::PROMPT_NAME, StaticValue::Str(text))
                    if self.operation.is_mcp() =>
                {
                    labels.model = intern(text);
                }
                (names::MCP_VERSION, StaticValue::Str(text)) if self.operation.is_mcp() => {
                    labels.provider = intern(text);
                }
                (names::TRANSPORT, StaticValue::Str(text)) if self.operation.is_mcp() => {
                    labels.tool_type = intern(text);
                }
                (_, _) if self.operation.is_mcp() && !key.starts_with("server.") => {}
                (names::PROVIDER, StaticValue::Str(text)) => labels.provider = intern(text),
                (names::REQUEST_MODEL, StaticValue::Str(text)) => labels.model = intern(text),
                (names::TOOL_TYPE, StaticValue::Str(text)) => labels.tool_type = intern(text),
                (names::SERVER_ADDRESS, StaticValue::Str(text)) => {
                    labels.server_address = intern(text);
                }
                (names::SERVER_PORT, StaticValue::Int(port)) => {
                    labels.server_port = u16::try_from(*port).unwrap_or(0);
                }
                _ => {}
            }
        }
        labels
    }
}

/// Calls `each` with every callsite that has a number.
#[cfg(unix)]
pub(crate) fn each_registered(mut each: impl FnMut(u32, &'static Callsite)) {
    let callsites = CALLSITES.lock().unwrap_or_else(PoisonError::into_inner);
    for (number, callsite) in (0..).zip(&*callsites) {
        each(number, callsite);
    }
}

/// A reader's copy of the list of callsites, so that it takes the lock only for new ones.
#[derive(Debug, Default)]
pub(crate) struct CallsiteTable(Vec<&'static Callsite>);

impl CallsiteTable {
    /// The callsite with the number `id`.
    #[inline]
    pub(crate) fn get(&mut self, id: u32) -> Option<&'static Callsite> {
        let index = usize::try_from(id).ok()?;
        match self.0.get(index) {
            Some(callsite) => Some(callsite),
            None => self.renewed().get(index).copied(),
        }
    }

    #[cold]
    fn renewed(&mut self) -> &[&'static Callsite] {
        self.0.clone_from(&hold());
        &self.0
    }
}
