//! What a gate decided.

use super::names;
use super::open::Open;

/// What a gate decided. A denial is a decision, not an error.
///
/// The span of a gate carries `genai_trace.gate.decision` (`allow`, `deny`, `ask`) and, where one
/// was given, `genai_trace.gate.reason`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GateDecision {
    /// The step may be taken.
    Allow,
    /// The step must not be taken, for this reason.
    Deny(String),
    /// A person is to be asked, for this reason.
    Ask(String),
}

impl GateDecision {
    /// Whether the step may be taken.
    pub const fn is_allowed(&self) -> bool {
        matches!(self, GateDecision::Allow)
    }

    /// The reason, where one was given.
    pub fn reason(&self) -> Option<&str> {
        match self {
            GateDecision::Allow => None,
            GateDecision::Deny(reason) | GateDecision::Ask(reason) => Some(reason),
        }
    }

    /// The word for the decision in attributes and labels.
    pub const fn as_str(&self) -> &'static str {
        match self {
            GateDecision::Allow => "allow",
            GateDecision::Deny(_) => "deny",
            GateDecision::Ask(_) => "ask",
        }
    }
}

/// What a function annotated with `#[genai_gate]` may return: [`GateDecision`], `bool`
/// (`true` allows), a type of your own, or a `Result` of one of these.
///
/// ```
/// use genai_trace::{GateDecision, GateOutcome};
///
/// enum Verdict { Fine, Suspicious(&'static str) }
///
/// impl GateOutcome for Verdict {
///     fn decision(&self) -> Option<GateDecision> {
///         Some(match self {
///             Verdict::Fine => GateDecision::Allow,
///             Verdict::Suspicious(why) => GateDecision::Ask((*why).to_owned()),
///         })
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no decision of a gate",
    label = "expected `GateDecision`, `bool`, or a type that implements `GateOutcome`",
    note = "return one of these, or use `#[genai_span]` for a step that decides nothing"
)]
pub trait GateOutcome {
    /// What was decided; none where the gate came to no decision.
    fn decision(&self) -> Option<GateDecision>;
}

impl GateOutcome for GateDecision {
    fn decision(&self) -> Option<GateDecision> {
        Some(self.clone())
    }
}

impl GateOutcome for bool {
    fn decision(&self) -> Option<GateDecision> {
        Some(if *self {
            GateDecision::Allow
        } else {
            GateDecision::Deny(String::new())
        })
    }
}

impl<T: GateOutcome, E> GateOutcome for Result<T, E> {
    fn decision(&self) -> Option<GateDecision> {
        self.as_ref().ok().and_then(GateOutcome::decision)
    }
}

/// Writes what a gate decided on its span.
pub fn decided<T: GateOutcome>(open: &mut Open, returned: &T) {
    let Some(decision) = returned.decision() else {
        return;
    };
    // What metrics count is not cut by a limit.
    open.edit(|items| items.set_own(names::GATE_DECISION, decision.as_str()));
    open.set(
        names::GATE_REASON,
        &decision.reason().filter(|reason| !reason.is_empty()),
    );
}
