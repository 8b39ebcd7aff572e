//! What is expected of one span.

use std::fmt;
use std::sync::Arc;

use super::children::Children;
use super::names;
use super::predicate::Predicate;
use crate::record::{SpanRecord, Value};
use crate::span::attribute_value::AttributeValue;
use crate::span::items::Items;
use crate::span::outcome::Outcome;

/// A span called `name`, in which each `*` stands for any characters, or none.
///
/// Nothing else is asked of the span, nor of its children, unless said.
///
/// ```
/// use genai_trace::Outcome;
/// use genai_trace::testing::called;
///
/// let retried = called("agent.turn").children([
///     called("chat *").outcome(Outcome::Error),
///     called("chat *").attr("gen_ai.request.model", "gpt-4o"),
/// ]);
/// assert_eq!(retried.to_string(), "agent.turn, with children");
/// assert_eq!(called("chat *").outcome(Outcome::Error).to_string(), "chat *, outcome error");
/// ```
pub fn called(name: impl Into<String>) -> Pattern {
    Pattern {
        name: name.into(),
        predicates: Vec::new(),
        children: Vec::new(),
    }
}

/// What is expected of one span; made by [`called`]. A text stands for a pattern of that name.
#[derive(Clone, Debug)]
#[must_use = "a pattern alone tests nothing"]
pub struct Pattern {
    name: String,
    pub(super) predicates: Vec<Predicate>,
    /// Each list must fit.
    pub(super) children: Vec<Children>,
}

impl Pattern {
    fn with(mut self, predicate: Predicate) -> Self {
        self.predicates.push(predicate);
        self
    }

    /// The span has ended like this.
    pub fn outcome(self, outcome: Outcome) -> Self {
        self.with(Predicate::Outcome(outcome))
    }

    /// The attribute `key` has this value, of this type. A value that sets nothing, such as `None`,
    /// asks that the attribute is not set.
    pub fn attr(self, key: impl Into<String>, value: impl AttributeValue) -> Self {
        match value_of(&value) {
            Some(value) => self.with(Predicate::Attribute(key.into(), value)),
            None => self.without_attr(key),
        }
    }

    /// The attribute `key` is set.
    pub fn has_attr(self, key: impl Into<String>) -> Self {
        self.with(Predicate::IsSet(key.into()))
    }

    /// The attribute `key` is not set.
    pub fn without_attr(self, key: impl Into<String>) -> Self {
        self.with(Predicate::IsUnset(key.into()))
    }

    /// The attribute `key` is set, and `test` holds for its value.
    ///
    /// ```
    /// use genai_trace::Value;
    /// use genai_trace::testing::called;
    ///
    /// let long = called("chat *").attr_where("gen_ai.usage.output_tokens", |tokens| {
    ///     tokens.as_int() > Some(1_000)
    /// });
    /// ```
    pub fn attr_where(
        self,
        key: impl Into<String>,
        test: impl Fn(&Value) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with(Predicate::Where(key.into(), Arc::new(test)))
    }

    /// `test` holds for the span, which is expected `to` do or be something: `satisfies("to take 2 ms", ..)`.
    pub fn satisfies(
        self,
        to: impl Into<String>,
        test: impl Fn(&SpanRecord) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with(Predicate::Satisfies(to.into(), Arc::new(test)))
    }

    /// The span ran, for some time, while another child of its parent did.
    ///
    /// ```
    /// use genai_trace::testing::{called, in_any_order};
    ///
    /// let turn = called("agent.turn").children(in_any_order([
    ///     called("execute_tool search").overlapping(),
    ///     called("execute_tool read_file").overlapping(),
    /// ]));
    /// ```
    pub fn overlapping(self) -> Self {
        self.with(Predicate::Overlapping)
    }

    /// The children of the span are these: a list means exactly these in this order;
    /// [`in_any_order`](super::in_any_order), [`including`](super::including) and
    /// [`anything`](super::anything) say otherwise. Said more than once, each must hold.
    pub fn children(mut self, children: impl Into<Children>) -> Self {
        self.children.push(children.into());
        self
    }

    /// The span has no children.
    pub fn no_children(mut self) -> Self {
        self.children.push(Children::none());
        self
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether the span's name is what the pattern says.
    pub(super) fn names(&self, name: &str) -> bool {
        names::matches(&self.name, name)
    }
}

impl From<&str> for Pattern {
    fn from(name: &str) -> Self {
        called(name)
    }
}

impl From<String> for Pattern {
    fn from(name: String) -> Self {
        called(name)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        for predicate in &self.predicates {
            write!(f, ", {predicate}")?;
        }
        if !self.children.is_empty() {
            let are_none = self.children.iter().all(Children::is_none);
            f.write_str(if are_none {
                ", without children"
            } else {
                ", with children"
            })?;
        }
        Ok(())
    }
}

/// The value as a span would have it; none where it sets nothing.
fn value_of(value: &impl AttributeValue) -> Option<Value> {
    let mut items = Items::default();
    items.set_own("value", value);
    items.measured().next().map(|(_, value)| Value::from(value))
}
