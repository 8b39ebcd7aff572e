//! What the spans below an agent have in common: its name, its conversation, the tally of its calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::metrics::{Labels, Symbol};

/// What the spans below an agent, or below a span with a conversation, have in common.
#[derive(Debug)]
pub(crate) struct Scope {
    above: Option<Arc<Scope>>,
    /// The nearest agent, this one included.
    agent: Symbol,
    /// Whether this scope was made by an agent's span.
    is_agent: bool,
    conversation: Option<Arc<str>>,
    inference_calls: AtomicU64,
    tool_calls: AtomicU64,
    model: Single,
    provider: Single,
}

impl Scope {
    /// The scope of an agent's span.
    pub(crate) fn agent(
        above: Option<Arc<Scope>>,
        name: Symbol,
        conversation: Option<Arc<str>>,
    ) -> Arc<Self> {
        Self::new(above, name, true, conversation)
    }

    /// The scope of any other span that says a conversation.
    pub(crate) fn conversation(above: Option<Arc<Scope>>, conversation: Arc<str>) -> Arc<Self> {
        let agent = above.as_ref().map_or(Symbol::NONE, |scope| scope.agent);
        Self::new(above, agent, false, Some(conversation))
    }

    fn new(
        above: Option<Arc<Scope>>,
        agent: Symbol,
        is_agent: bool,
        conversation: Option<Arc<str>>,
    ) -> Arc<Self> {
        let conversation =
            conversation.or_else(|| above.as_ref().and_then(|scope| scope.conversation.clone()));
        Arc::new(Self {
            above,
            agent,
            is_agent,
            conversation,
            inference_calls: AtomicU64::new(0),
            tool_calls: AtomicU64::new(0),
            model: Single::default(),
            provider: Single::default(),
        })
    }

    /// The name of the nearest agent, this one included.
    pub(crate) fn agent_name(&self) -> Symbol {
        self.agent
    }

    pub(crate) fn conversation_id(&self) -> Option<&str> {
        self.conversation.as_deref()
    }

    pub(crate) fn above(&self) -> Option<&Scope> {
        self.above.as_deref()
    }

    fn chain(&self) -> impl Iterator<Item = &Scope> {
        std::iter::successors(Some(self), |scope| scope.above())
    }

    /// Whether an agent stands here or above.
    pub(crate) fn has_agent(&self) -> bool {
        self.chain().any(|scope| scope.is_agent)
    }

    /// Counts a model call: for the agent that made it, and its model for every agent above.
    pub(crate) fn count_inference(&self, labels: &Labels) {
        let mut agents = self.chain().filter(|scope| scope.is_agent).peekable();
        if let Some(nearest) = agents.peek() {
            nearest.inference_calls.fetch_add(1, Ordering::Relaxed);
        }
        for agent in agents {
            agent.model.add(labels.model);
            agent.provider.add(labels.provider);
        }
    }

    /// Counts a tool call for the agent that made it.
    pub(crate) fn count_tool(&self) {
        if let Some(nearest) = self.chain().find(|scope| scope.is_agent) {
            nearest.tool_calls.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many model and tool calls this agent has made itself.
    pub(crate) fn calls(&self) -> (u64, u64) {
        (
            self.inference_calls.load(Ordering::Relaxed),
            self.tool_calls.load(Ordering::Relaxed),
        )
    }

    /// The one model that was called below, or `mixed`.
    pub(crate) fn model(&self) -> Symbol {
        self.model.get()
    }

    /// The one provider that was called below, or `mixed`.
    pub(crate) fn provider(&self) -> Symbol {
        self.provider.get()
    }
}

/// A name that stays as long as all agree on it.
#[derive(Debug, Default)]
struct Single(AtomicU64);

impl Single {
    /// Set once the names differ; the lower half holds the symbol.
    const MIXED: u64 = 1 << 32;

    fn add(&self, name: Symbol) {
        if name == Symbol::NONE {
            return;
        }
        let name = u64::from(name.number());
        let first = self
            .0
            .compare_exchange(0, name, Ordering::Relaxed, Ordering::Relaxed);
        if first.is_err_and(|other| other != name) {
            self.0.store(Self::MIXED, Ordering::Relaxed);
        }
    }

    fn get(&self) -> Symbol {
        match self.0.load(Ordering::Relaxed) {
            Self::MIXED => Symbol::MIXED,
            name => Symbol::from_number(u32::try_from(name).unwrap_or(0)),
        }
    }
}
