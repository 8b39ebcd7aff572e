//! Spans by hand: a guard, a closure, a future wrapper.

use std::borrow::Cow;
use std::fmt::Display;
use std::future::Future;

use super::attribute_value::AttributeValue;
use super::callsite::Callsite;
use super::context::{AsParent, SpanContext};
use super::detached::OpenSpan;
use super::items::EventAttributes;
#[cfg(feature = "tracing")]
use super::nested;
use super::open::{self, Open};
use super::opening::{Opening, Parent};
use super::operation::Operation;
use super::outcome::{End, Outcome};
use super::probe::failure_of;
use super::run::run;
use super::traced::Traced;
use crate::record::SpanKind;
use crate::recorder;

/// A span by hand, where an attribute does not fit.
///
/// ```
/// use genai_trace::{Operation, span};
///
/// // a guard
/// let turn = span("agent.turn").attr("agent.turn", &1).enter();
/// // a closure, with the outcome of its `Result`
/// let text = span("read_file")
///     .operation(Operation::Tool)
///     .try_run(|| std::fs::read_to_string("Cargo.toml"))?;
/// drop(turn);
/// // a future, on any runtime
/// let answer = span("gpt-4o").operation(Operation::Chat).wrap(async { "yes" });
/// # drop(answer);
/// # Ok::<(), std::io::Error>(())
/// ```
#[must_use = "a span begins with `enter`, `start`, `run` or `wrap`"]
pub fn span(name: impl Into<Cow<'static, str>>) -> SpanBuilder {
    SpanBuilder {
        name: name.into(),
        operation: Operation::Step,
        kind: SpanKind::Internal,
        #[cfg(feature = "tracing")]
        is_of_framework: false,
        opening: recorder::active().map(|_| Opening::new(callsite(Operation::Step))),
    }
}

/// The callsites of spans by hand, in the order of the operations; their subjects are said at run time.
static CALLSITES: [Callsite; Operation::ALL.len()] = [
    by_hand(Operation::Agent),
    by_hand(Operation::RemoteAgent),
    by_hand(Operation::Chat),
    by_hand(Operation::TextCompletion),
    by_hand(Operation::GenerateContent),
    by_hand(Operation::Embeddings),
    by_hand(Operation::Retrieval),
    by_hand(Operation::Tool),
    by_hand(Operation::Workflow),
    by_hand(Operation::Plan),
    by_hand(Operation::CreateAgent),
    by_hand(Operation::FetchResponse),
    by_hand(Operation::CreateMemoryStore),
    by_hand(Operation::DeleteMemoryStore),
    by_hand(Operation::CreateMemory),
    by_hand(Operation::UpdateMemory),
    by_hand(Operation::UpsertMemory),
    by_hand(Operation::SearchMemory),
    by_hand(Operation::DeleteMemory),
    by_hand(Operation::McpClient),
    by_hand(Operation::McpServer),
    by_hand(Operation::Gate),
    by_hand(Operation::Request),
    by_hand(Operation::Step),
];

/// Of steps that leave the process, or come into it.
static STEPS: [Callsite; 4] = [
    by_hand(Operation::Step).of_kind(SpanKind::Client),
    by_hand(Operation::Step).of_kind(SpanKind::Server),
    by_hand(Operation::Step).of_kind(SpanKind::Producer),
    by_hand(Operation::Step).of_kind(SpanKind::Consumer),
];

const fn by_hand(operation: Operation) -> Callsite {
    // What kind of tool it is, only the caller knows.
    Callsite::new(operation, "").with(&[])
}

/// The callsite of spans of `operation` whose subject is said at run time.
pub(super) fn callsite(operation: Operation) -> &'static Callsite {
    let [.., step] = &CALLSITES;
    CALLSITES.get(operation.index()).unwrap_or(step)
}

/// The callsite of steps of this kind whose name is said at run time.
fn step_of_kind(kind: SpanKind) -> &'static Callsite {
    let of_kind = STEPS.iter().find(|callsite| callsite.kind() == kind);
    of_kind.unwrap_or(callsite(Operation::Step))
}

/// What is said of a span by hand before it begins.
#[derive(Debug)]
#[must_use = "a span begins with `enter`, `start`, `run` or `wrap`"]
pub struct SpanBuilder {
    name: Cow<'static, str>,
    operation: Operation,
    kind: SpanKind,
    #[cfg(feature = "tracing")]
    is_of_framework: bool,
    /// Nothing where nothing is installed.
    opening: Option<Opening>,
}

impl SpanBuilder {
    /// Says what the span stands for; the name is then the tool, the agent, the model ... and the
    /// span is called as the conventions say. [`Operation::Step`] unless said.
    pub fn operation(mut self, operation: Operation) -> Self {
        self.operation = operation;
        self
    }

    /// Says the kind of a step: [`SpanKind::Client`] where it calls a service, say. INTERNAL unless said; an
    /// [operation](SpanBuilder::operation) has the kind that the conventions give it.
    ///
    /// ```
    /// use genai_trace::{SpanKind, span};
    ///
    /// span("GET /weather").kind(SpanKind::Client).run(|| { /* the request */ });
    /// ```
    pub fn kind(mut self, kind: SpanKind) -> Self {
        self.kind = kind;
        self
    }

    /// Sets an attribute.
    pub fn attr<V: AttributeValue + ?Sized>(self, key: &str, value: &V) -> Self {
        self.with(|opening| opening.set(key, value))
    }

    /// Puts the span under `parent`, wherever the thread is.
    pub fn parent<P: AsParent + ?Sized>(self, parent: &P) -> Self {
        self.with(|opening| opening.parent(parent))
    }

    /// Begins a trace with the span.
    pub fn root(self) -> Self {
        self.with(Opening::root)
    }

    /// Links the span to another.
    pub fn link(self, to: &SpanContext) -> Self {
        self.with(|opening| opening.link(to))
    }

    /// Links the span to earlier attempts at the same question, of which it is the next: each link has
    /// `genai_trace.link.type` = `regenerate`, and the span `genai_trace.regenerate.attempt`, 2 for the
    /// second.
    ///
    /// ```
    /// use genai_trace::{current, span};
    ///
    /// let first = span("turn").run(|| current().context());
    /// span("turn").root().regenerates(first).run(|| { /* the same question again */ });
    /// ```
    pub fn regenerates(self, earlier: impl IntoIterator<Item = SpanContext>) -> Self {
        self.with(|opening| opening.regenerates(earlier))
    }

    /// Records the span in this share of the traces only, from 0 to 1 (a ratio outside counts as the
    /// nearest): in the place of the [`Sampler`](crate::Sampler) where the span has no parent in this
    /// process; below one, of what that one's trace keeps. What begins below is kept with it or not at all. Metrics count all the
    /// same.
    ///
    /// ```
    /// use genai_trace::span;
    ///
    /// span("heartbeat").sample(0.01).run(|| { /* work */ });
    /// ```
    pub fn sample(self, ratio: f64) -> Self {
        self.with(|opening| opening.sample(&ratio))
    }

    /// Says the conversation that the span, and every span below it, belongs to.
    pub fn conversation_id(self, id: &str) -> Self {
        self.with(|opening| opening.conversation_id(id))
    }

    /// Puts the span under `parent`, or begins a trace with it where there is none, unless the
    /// builder was told already.
    pub(crate) fn below(self, parent: Option<&SpanContext>) -> Self {
        self.with(|opening| {
            let said = &mut opening.wishes().parent;
            if matches!(said, Parent::Current) {
                *said = parent.cloned().map_or(Parent::Root, Parent::Said);
            }
        })
    }

    /// It is a framework that says it: what it calls may be annotated, and is the same call then.
    #[cfg(feature = "tracing")]
    pub(crate) fn of_framework(mut self) -> Self {
        self.is_of_framework = true;
        self
    }

    /// What the span stands for, and the name it was given.
    pub(crate) fn subject(&self) -> (Operation, &str) {
        (self.operation, &self.name)
    }

    fn with(mut self, work: impl FnOnce(&mut Opening)) -> Self {
        if let Some(opening) = &mut self.opening {
            work(opening);
        }
        self
    }

    fn open(self) -> Option<Open> {
        let mut opening = self.opening?;
        let generation = recorder::active()?;
        opening.at(match self.operation {
            #[cfg(feature = "tracing")]
            Operation::Tool if self.is_of_framework => nested::tool_of_framework(),
            Operation::Step => step_of_kind(self.kind),
            operation => callsite(operation),
        });
        opening.subject(&*self.name);
        open::enter(&mut opening, generation)
    }

    /// Begins the span, and is in it until the guard is dropped.
    ///
    /// A guard must not be held over an `.await`: use [`wrap`](SpanBuilder::wrap) there. The
    /// compiler says so where the future has to be `Send`.
    pub fn enter(self) -> Entered {
        Entered {
            open: self.open(),
            unwinding: std::thread::panicking(),
        }
    }

    /// Begins the span without being in it: for work that ends elsewhere, on whatever thread.
    ///
    /// ```
    /// use genai_trace::span;
    ///
    /// let job = span("job").start();
    /// std::thread::spawn(move || job.end());
    /// ```
    pub fn start(self) -> OpenSpan {
        OpenSpan::new(self.open())
    }

    /// Runs `body` in the span. A panic is recorded and goes on.
    pub fn run<T>(self, body: impl FnOnce() -> T) -> T {
        let (value, open) = run(self.open(), body);
        end(open, || End::of(Outcome::Ok));
        value
    }

    /// Runs `body` in the span, and records its error.
    ///
    /// The kind of error is that of a registered type or of one that this crate knows, also behind
    /// `Box<dyn Error>` and `Arc<dyn Error>` ([`register_error_type`](crate::register_error_type));
    /// else the name of the type. A [`GenAiError`](crate::GenAiError) is asked under an attribute
    /// only: register its type with `E::error_type`.
    ///
    /// # Errors
    /// That of `body`.
    pub fn try_run<T, E: Display + 'static>(
        self,
        body: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let (result, open) = run(self.open(), body);
        end(open, || end_of(&result));
        result
    }

    /// Begins the span, and puts `future` inside it.
    pub fn wrap<F: Future>(self, future: F) -> impl Future<Output = F::Output> + use<F> {
        wrapped(self.open(), future)
    }

    /// Begins the span, puts `future` inside it, and records its error as
    /// [`try_run`](SpanBuilder::try_run) does.
    pub fn try_wrap<T, E, F>(self, future: F) -> impl Future<Output = Result<T, E>> + use<T, E, F>
    where
        F: Future<Output = Result<T, E>>,
        E: Display + 'static,
    {
        try_wrapped(self.open(), future)
    }
}

/// Puts `future` inside the span `open`, which ends with it.
pub(super) fn wrapped<F: Future>(
    open: Option<Open>,
    future: F,
) -> impl Future<Output = F::Output> + use<F> {
    let traced = Traced::new(open, future);
    async move {
        let (value, open) = traced.await;
        end(open, || End::of(Outcome::Ok));
        value
    }
}

/// Puts `future` inside the span `open`, which ends with it, and with its error.
pub(super) fn try_wrapped<T, E, F>(
    open: Option<Open>,
    future: F,
) -> impl Future<Output = Result<T, E>> + use<T, E, F>
where
    F: Future<Output = Result<T, E>>,
    E: Display + 'static,
{
    let traced = Traced::new(open, future);
    async move {
        let (result, open) = traced.await;
        end(open, || end_of(&result));
        result
    }
}

fn end(open: Option<Open>, how: impl FnOnce() -> End) {
    if let Some(open) = open {
        open.end(how());
    }
}

fn end_of<T, E: Display + 'static>(result: &Result<T, E>) -> End {
    match result {
        Ok(_) => End::of(Outcome::Ok),
        Err(error) => End::failed(failure_of(error)),
    }
}

/// The guard of a span by hand: the thread is in the span until it is dropped.
#[derive(Debug)]
#[must_use = "the span ends when the guard is dropped, which is at once unless it is kept"]
pub struct Entered {
    open: Option<Open>,
    /// The thread was unwinding when the span began, so that a panic is none of its own.
    unwinding: bool,
}

impl Entered {
    /// Sets an attribute.
    pub fn set<V: AttributeValue + ?Sized>(&mut self, key: &str, value: &V) {
        if let Some(open) = &mut self.open {
            open.set(key, value);
        }
    }

    /// Adds an event, now, with the attributes that `fill` sets.
    pub fn event(&mut self, name: &str, fill: impl FnOnce(&mut EventAttributes<'_>)) {
        if let Some(open) = &mut self.open {
            let now = open.now();
            open.edit(|items| items.event(now, name, fill));
        }
    }

    /// What identifies the span to others.
    pub fn context(&self) -> Option<SpanContext> {
        self.open.as_ref().and_then(Open::context)
    }

    /// Ends the span with an error, of the kind that [`try_run`](SpanBuilder::try_run) finds.
    pub fn fail<E: Display + 'static>(mut self, error: &E) {
        end(self.open.take(), || End::failed(failure_of(error)));
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        let outcome = if std::thread::panicking() && !self.unwinding {
            Outcome::Panicked
        } else {
            Outcome::Ok
        };
        end(self.open.take(), || End::of(outcome));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_finds_its_own_callsite() {
        for operation in Operation::ALL {
            assert_eq!(callsite(operation).operation(), operation);
        }
    }
}
