//! What is known of a span that lists and sums are made of.

use std::borrow::Cow;

use genai_trace::{Attributes, Value};

use super::spelling::Fact;

/// What is known of a span that lists and sums are made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Facts<'a> {
    pub(crate) operation: Option<Cow<'a, str>>,
    pub(crate) tool: Option<Cow<'a, str>>,
    pub(crate) agent: Option<Cow<'a, str>>,
    /// The model that was asked for.
    pub(crate) model: Option<Cow<'a, str>>,
    /// The model that answered.
    pub(crate) response_model: Option<Cow<'a, str>>,
    pub(crate) provider: Option<Cow<'a, str>>,
    pub(crate) input_tokens: Option<u64>,
    pub(crate) output_tokens: Option<u64>,
    pub(crate) cache_read_tokens: Option<u64>,
    pub(crate) cache_write_tokens: Option<u64>,
    pub(crate) reasoning_tokens: Option<u64>,
    /// In dollars.
    pub(crate) cost: Option<f64>,
    pub(crate) conversation: Option<Cow<'a, str>>,
    pub(crate) user: Option<Cow<'a, str>>,
    pub(crate) error_type: Option<Cow<'a, str>>,
    pub(crate) outcome: Option<Cow<'a, str>>,
    pub(crate) decision: Option<Cow<'a, str>>,
    pub(crate) reason: Option<Cow<'a, str>>,
    pub(crate) experiment: Option<Cow<'a, str>>,
    pub(crate) variant: Option<Cow<'a, str>>,
    pub(crate) task: Option<Cow<'a, str>>,
    pub(crate) is_task_completed: Option<bool>,
}

/// What a call may cost, in dollars: nobody is paid for one, and no sum of such calls is without end.
pub(crate) const COSTS: std::ops::RangeInclusive<f64> = 0.0..=1e12;

/// The value of an attribute, as far as facts have such values.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Scalar<'a> {
    Text(Cow<'a, str>),
    Int(i64),
    Float(f64),
    Bool(bool),
    /// A list, an object, or nothing.
    Other,
}

impl<'a> Facts<'a> {
    /// What the attributes of a record say.
    pub(crate) fn of(attributes: &'a Attributes) -> Self {
        let mut facts = Self::default();
        for (key, value) in attributes.iter() {
            if let Some(fact) = Fact::of(key) {
                facts.take(fact, Scalar::of(value));
            }
        }
        facts
    }

    /// The model that was asked for, else the one that answered.
    pub(crate) fn any_model(&self) -> Option<&str> {
        self.model.as_deref().or(self.response_model.as_deref())
    }

    /// Takes what an attribute says. Of two names for the same fact the first holds.
    pub(super) fn take(&mut self, fact: Fact, value: Scalar<'a>) {
        let text = match fact {
            Fact::Operation => &mut self.operation,
            Fact::Tool => &mut self.tool,
            Fact::Agent => &mut self.agent,
            Fact::Model => &mut self.model,
            Fact::ResponseModel => &mut self.response_model,
            Fact::Provider => &mut self.provider,
            Fact::Conversation => &mut self.conversation,
            Fact::User => &mut self.user,
            Fact::ErrorType => &mut self.error_type,
            Fact::Outcome => &mut self.outcome,
            Fact::Decision => &mut self.decision,
            Fact::Reason => &mut self.reason,
            Fact::Experiment => &mut self.experiment,
            Fact::Variant => &mut self.variant,
            Fact::TaskId => &mut self.task,
            Fact::InputTokens => return keep(&mut self.input_tokens, value.count()),
            Fact::OutputTokens => return keep(&mut self.output_tokens, value.count()),
            Fact::CacheReadTokens => return keep(&mut self.cache_read_tokens, value.count()),
            Fact::CacheWriteTokens => return keep(&mut self.cache_write_tokens, value.count()),
            Fact::ReasoningTokens => return keep(&mut self.reasoning_tokens, value.count()),
            Fact::Cost => {
                let cost = value.number().filter(|cost| COSTS.contains(cost));
                return keep(&mut self.cost, cost);
            }
            Fact::TaskCompleted => {
                if let Scalar::Bool(is_completed) = value {
                    self.is_task_completed = Some(is_completed);
                }
                return;
            }
        };
        keep(text, value.text());
    }
}

fn keep<T>(place: &mut Option<T>, value: Option<T>) {
    if place.is_none() {
        *place = value;
    }
}

/// The whole number that a float is; none beyond those of which it is exact.
pub(crate) fn whole(number: f64) -> Option<u64> {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let is_whole = number.fract() == 0.0 && (0.0..=EXACT).contains(&number);
    // It is one of those that fit.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    is_whole.then_some(number as u64)
}

impl<'a> Scalar<'a> {
    fn of(value: &'a Value) -> Self {
        match value {
            Value::String(text) => Scalar::Text(Cow::Borrowed(text)),
            Value::Int(number) => Scalar::Int(*number),
            Value::Float(number) => Scalar::Float(*number),
            Value::Bool(truth) => Scalar::Bool(*truth),
            _ => Scalar::Other,
        }
    }

    /// A number may be a name as well: that of a task, say.
    fn text(self) -> Option<Cow<'a, str>> {
        match self {
            Scalar::Text(text) => Some(text),
            Scalar::Int(number) => Some(number.to_string().into()),
            _ => None,
        }
    }

    /// JSON of other languages has a point in a whole number.
    fn count(self) -> Option<u64> {
        match self {
            Scalar::Int(number) => u64::try_from(number).ok(),
            Scalar::Float(number) => whole(number),
            _ => None,
        }
    }

    fn number(self) -> Option<f64> {
        match self {
            Scalar::Float(number) => Some(number),
            Scalar::Int(number) => Some(number as f64),
            _ => None,
        }
    }
}
