//! What the spans below an agent have in common: its name, its conversation, the tally of its calls.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::capture::Capture;
use crate::metrics::{LONGEST_VALUE, Labels, Symbol};
use crate::sys::clock;

/// What the spans below an agent, or below a span with a conversation, have in common.
///
/// It refers to no scope above: agents may hand over to agents without end.
#[derive(Debug)]
pub(crate) struct Scope {
    /// The nearest agent, this one included.
    agent: Agent,
    /// The agent above the nearest one.
    above: Symbol,
    /// What the nearest agent has called itself; none where there is no agent.
    own: Option<Arc<Tally>>,
    /// What was called in the whole run: below the agent that has no agent above.
    run: Option<Arc<Tally>>,
    conversation: Option<Arc<str>>,
    /// The test that the spans belong to.
    capture: Option<Arc<Capture>>,
}

/// An agent's name, as a label and, where the label does not hold all of it, as it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Agent {
    pub(crate) label: Symbol,
    pub(crate) name: Option<Arc<str>>,
}

impl Agent {
    /// The agent called `name`, of which metrics know the label.
    pub(crate) fn new(label: Symbol, name: &str) -> Self {
        let is_cut = label == Symbol::OVERFLOW || name.len() > LONGEST_VALUE;
        Self {
            label,
            name: is_cut.then(|| Arc::from(name)),
        }
    }
}

/// What an agent has called.
#[derive(Debug, Default)]
struct Tally {
    inference_calls: AtomicU64,
    tool_calls: AtomicU64,
    model: Single,
    provider: Single,
}

impl Scope {
    /// The scope of an agent's span.
    pub(crate) fn agent(
        above: Option<&Scope>,
        agent: Agent,
        conversation: Option<Arc<str>>,
    ) -> Arc<Self> {
        let own = Arc::<Tally>::default();
        let run = above.and_then(|above| above.run.clone());
        Arc::new(Self {
            agent,
            above: above.map_or(Symbol::NONE, |above| above.agent.label),
            run: Some(run.unwrap_or_else(|| Arc::clone(&own))),
            own: Some(own),
            conversation: conversation.or_else(|| above?.conversation.clone()),
            capture: above.and_then(|above| above.capture.clone()),
        })
    }

    /// The scope of any other span that says a conversation.
    pub(crate) fn conversation(above: Option<&Scope>, conversation: Arc<str>) -> Arc<Self> {
        Arc::new(Self {
            agent: above.map(|above| above.agent.clone()).unwrap_or_default(),
            above: above.map_or(Symbol::NONE, |above| above.above),
            own: above.and_then(|above| above.own.clone()),
            run: above.and_then(|above| above.run.clone()),
            conversation: Some(conversation),
            capture: above.and_then(|above| above.capture.clone()),
        })
    }

    /// The scope of the spans of a capture, below `above`.
    pub(crate) fn captured(above: Option<&Scope>, capture: &Arc<Capture>) -> Arc<Self> {
        Arc::new(Self {
            agent: above.map(|above| above.agent.clone()).unwrap_or_default(),
            above: above.map_or(Symbol::NONE, |above| above.above),
            own: above.and_then(|above| above.own.clone()),
            run: above.and_then(|above| above.run.clone()),
            conversation: above.and_then(|above| above.conversation.clone()),
            capture: Some(Arc::clone(capture)),
        })
    }

    /// The test that the spans belong to.
    pub(crate) fn capture(&self) -> Option<&Arc<Capture>> {
        self.capture.as_ref()
    }

    /// The time now, as the spans have it.
    pub(crate) fn now(&self) -> u64 {
        match &self.capture {
            None => clock::now(),
            Some(capture) => capture.now(),
        }
    }

    /// The nearest agent, this one included.
    #[inline]
    pub(crate) fn nearest_agent(&self) -> &Agent {
        &self.agent
    }

    /// Whether spans in it have nothing to say of it but the agent's label.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.conversation.is_none() && self.agent.name.is_none()
    }

    /// The agent above the nearest one.
    pub(crate) fn agent_above(&self) -> Symbol {
        self.above
    }

    /// Whether no agent stands above the nearest one.
    pub(crate) fn is_top(&self) -> bool {
        match (&self.own, &self.run) {
            (Some(own), Some(run)) => Arc::ptr_eq(own, run),
            _ => false,
        }
    }

    pub(crate) fn conversation_id(&self) -> Option<&str> {
        self.conversation.as_deref()
    }

    /// Counts a model call: for the agent that made it, and its model for the whole run as well.
    pub(crate) fn count_inference(&self, labels: &Labels) {
        if let Some(own) = &self.own {
            own.inference_calls.fetch_add(1, Ordering::Relaxed);
            own.note(labels);
        }
        if let Some(run) = &self.run {
            run.note(labels);
        }
    }

    /// Counts a tool call for the agent that made it.
    #[inline]
    pub(crate) fn count_tool(&self) {
        self.count_tools(1);
    }

    /// Counts so many tool calls for the agent that made them.
    pub(crate) fn count_tools(&self, calls: u64) {
        if let Some(own) = &self.own {
            own.tool_calls.fetch_add(calls, Ordering::Relaxed);
        }
    }

    /// How many model and tool calls the nearest agent has made itself.
    pub(crate) fn calls(&self) -> (u64, u64) {
        let count = |calls: &AtomicU64| calls.load(Ordering::Relaxed);
        self.own.as_ref().map_or((0, 0), |own| {
            (count(&own.inference_calls), count(&own.tool_calls))
        })
    }

    /// The one model and the one provider that the nearest agent has called, and where it is at the
    /// top everyone below; `mixed` where there were several.
    pub(crate) fn models(&self) -> (Symbol, Symbol) {
        self.own
            .as_ref()
            .map_or((Symbol::NONE, Symbol::NONE), |own| {
                (own.model.get(), own.provider.get())
            })
    }
}

impl Tally {
    fn note(&self, labels: &Labels) {
        self.model.add(labels.model);
        self.provider.add(labels.provider);
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
