//! What the spans below an agent have in common: its name, its conversation, what it passes on to them, the
//! tally of its calls.

use std::sync::{Arc, Weak};

use super::capture::Capture;
use super::tally::{Tally, Totals};
use crate::metrics::{LONGEST_VALUE, Labels, Symbol};
use crate::propagate::passed::Passed;
use crate::provider::usage::Usage;
use crate::sys::clock;

/// What the spans below an agent, or below a span with a conversation, have in common.
///
/// It refers to no scope above: agents may hand over to agents without end.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    /// The nearest agent, this one included.
    agent: Agent,
    /// The agent above the nearest one.
    above: Symbol,
    /// What the nearest agent has called itself; none where there is no agent.
    own: Option<Arc<Tally>>,
    /// The same of the agent above it, as long as that runs.
    own_above: Weak<Tally>,
    /// What was called in the whole run: below the agent that has no agent above.
    run: Option<Arc<Tally>>,
    conversation: Option<Arc<str>>,
    /// What agents pass on: attributes that the spans below have too.
    inherited: Option<Arc<Inherited>>,
    /// What came with the trace from another process, and what goes on to others beside that.
    passed: Option<Arc<Passed>>,
    /// The test that the spans belong to.
    capture: Option<Arc<Capture>>,
}

/// Attributes that the spans below an agent have too, unless they say them themselves.
pub(crate) type Inherited = Vec<(&'static str, Box<str>)>;

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

impl Scope {
    /// The scope of an agent's span, which passes on what `own` says.
    pub(crate) fn agent(
        above: Option<&Scope>,
        agent: Agent,
        conversation: Option<Arc<str>>,
        passed_on: Inherited,
    ) -> Arc<Self> {
        let own = Arc::<Tally>::default();
        let above = above.cloned().unwrap_or_default();
        let own_above = above.own.as_ref().map(Arc::downgrade);
        Arc::new(Self {
            agent,
            above: above.agent.label,
            run: Some(above.run.unwrap_or_else(|| Arc::clone(&own))),
            own: Some(own),
            own_above: own_above.unwrap_or_default(),
            conversation: conversation.or(above.conversation),
            inherited: with(above.inherited, passed_on),
            passed: above.passed,
            capture: above.capture,
        })
    }

    /// The scope of any other span that says a conversation.
    pub(crate) fn conversation(above: Option<&Scope>, conversation: Arc<str>) -> Arc<Self> {
        Arc::new(Self {
            conversation: Some(conversation),
            ..above.cloned().unwrap_or_default()
        })
    }

    /// The scope of the spans below one of another process, of which `passed` came along.
    pub(crate) fn of_remote(passed: Passed) -> Arc<Self> {
        Arc::new(Self {
            passed: Some(Arc::new(passed)),
            ..Self::default()
        })
    }

    /// The scope `above`, in which `passed` is passed on.
    pub(crate) fn passing_on(above: Option<&Scope>, passed: Passed) -> Arc<Self> {
        Arc::new(Self {
            passed: Some(Arc::new(passed)),
            ..above.cloned().unwrap_or_default()
        })
    }

    /// What is passed on to other processes: what came with the trace, and what was added here.
    pub(crate) fn passed(&self) -> Option<&Passed> {
        self.passed.as_deref()
    }

    /// The scope of the spans of a capture, below `above`.
    pub(crate) fn captured(above: Option<&Scope>, capture: &Arc<Capture>) -> Arc<Self> {
        Arc::new(Self {
            capture: Some(Arc::clone(capture)),
            ..above.cloned().unwrap_or_default()
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
        self.conversation.is_none()
            && self.agent.name.is_none()
            && self.inherited.is_none()
            && self.passed.as_ref().is_none_or(|passed| passed.is_plain())
    }

    /// What agents above pass on.
    pub(crate) fn inherited(&self) -> &[(&'static str, Box<str>)] {
        self.inherited.as_deref().map_or(&[], Vec::as_slice)
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

    /// Counts an inference: for the agent that made it, and its model for the whole run as well.
    pub(crate) fn count_inference(&self, labels: &Labels) {
        if let Some(own) = &self.own {
            own.count_inference();
            own.note(labels);
        }
        if let Some(run) = &self.run {
            run.note(labels);
        }
    }

    /// Counts the tokens of a model call for the agent that made it.
    pub(crate) fn count_tokens(&self, usage: &Usage) {
        if let Some(own) = &self.own {
            own.count_tokens(usage);
        }
    }

    /// Counts what a model call cost for the agent that made it.
    pub(crate) fn count_cost(&self, pico_usd: u64) {
        if let Some(own) = &self.own {
            own.count_cost(pico_usd);
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
            own.count_tools(calls);
        }
    }

    /// How many model and tool calls the nearest agent has made itself.
    pub(crate) fn calls(&self) -> (u64, u64) {
        self.own.as_ref().map_or((0, 0), |own| own.calls())
    }

    /// What the nearest agent, and those below it that have ended, have called and used. It has ended, and so
    /// the agent above has all of this too.
    pub(crate) fn close_totals(&self) -> Totals {
        let totals = self
            .own
            .as_ref()
            .map_or_else(Totals::default, |own| own.totals());
        if let Some(above) = self.own_above.upgrade() {
            above.add_below(&totals);
        }
        totals
    }

    /// The one model and the one provider that the nearest agent has called, and where it is at the
    /// top everyone below; `mixed` where there were several.
    pub(crate) fn models(&self) -> (Symbol, Symbol) {
        let own = self.own.as_ref();
        own.map_or((Symbol::NONE, Symbol::NONE), |own| own.models())
    }
}

/// What is passed on from above, and what `more` adds or says anew.
fn with(above: Option<Arc<Inherited>>, more: Inherited) -> Option<Arc<Inherited>> {
    if more.is_empty() {
        return above;
    }
    let mut all = above.map_or_else(Inherited::new, |above| above.to_vec());
    all.retain(|(key, _)| more.iter().all(|(other, _)| other != key));
    all.extend(more);
    Some(Arc::new(all))
}
