//! What is expected of the children of a span, or of the roots of a capture.

use super::pattern::Pattern;

/// What is expected of the children of a span, or of the roots of a capture.
///
/// An array or a `Vec` of patterns, or of names, means exactly these in this order. What else there
/// is, is put together with [`then`](Children::then):
///
/// ```
/// use genai_trace::testing::{called, in_any_order, in_order, including};
///
/// // a question, then two tools in whatever order they began, then a question
/// let turn = called("agent.turn").children(
///     in_order(["chat *"])
///         .then(in_any_order(["execute_tool search", "execute_tool read_file"]))
///         .then(["chat *"]),
/// );
/// // a search, later a read, and whatever else
/// let loose = called("agent.turn").children(including([
///     called("execute_tool search"),
///     called("execute_tool read_file").attr("app.lines", 40),
/// ]));
/// ```
#[derive(Clone, Debug)]
#[must_use = "a pattern alone tests nothing"]
pub struct Children(Vec<Part>);

/// A part of a list of children.
#[derive(Clone, Debug)]
pub(super) enum Part {
    /// One child.
    One(Pattern),
    /// As many children, in any order.
    AnyOrder(Vec<Pattern>),
    /// Any number of any children.
    Anything,
}

impl Part {
    /// The patterns of the children that it stands for.
    pub(super) fn patterns(&self) -> &[Pattern] {
        match self {
            Part::One(pattern) => std::slice::from_ref(pattern),
            Part::AnyOrder(patterns) => patterns,
            Part::Anything => &[],
        }
    }
}

/// Exactly these, in this order: what a list means by itself.
pub fn in_order<P: Into<Pattern>>(patterns: impl IntoIterator<Item = P>) -> Children {
    let patterns = patterns.into_iter().map(Into::into);
    Children(patterns.map(Part::One).collect())
}

/// Exactly these, in any order.
pub fn in_any_order<P: Into<Pattern>>(patterns: impl IntoIterator<Item = P>) -> Children {
    let patterns = patterns.into_iter().map(Into::into).collect();
    Children(vec![Part::AnyOrder(patterns)])
}

/// These, in this order, with any others before, between and after.
pub fn including<P: Into<Pattern>>(patterns: impl IntoIterator<Item = P>) -> Children {
    let mut parts = vec![Part::Anything];
    for pattern in patterns {
        parts.extend([Part::One(pattern.into()), Part::Anything]);
    }
    Children(parts)
}

/// Any number of any children: the rest, or a gap.
///
/// ```
/// use genai_trace::testing::{anything, called, in_order};
///
/// let starts_with_a_plan = called("invoke_agent *").children(in_order(["plan *"]).then(anything()));
/// ```
pub fn anything() -> Children {
    Children(vec![Part::Anything])
}

impl Children {
    /// No children.
    pub(super) fn none() -> Self {
        Self(Vec::new())
    }

    /// These children, and after them `next`.
    pub fn then(mut self, next: impl Into<Children>) -> Self {
        self.0.extend(next.into().0);
        self
    }

    pub(super) fn is_none(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn parts(&self) -> &[Part] {
        &self.0
    }
}

impl<P: Into<Pattern>, const N: usize> From<[P; N]> for Children {
    fn from(patterns: [P; N]) -> Self {
        in_order(patterns)
    }
}

impl<P: Into<Pattern>> From<Vec<P>> for Children {
    fn from(patterns: Vec<P>) -> Self {
        in_order(patterns)
    }
}

impl From<Pattern> for Children {
    fn from(pattern: Pattern) -> Self {
        in_order([pattern])
    }
}

impl From<&str> for Children {
    fn from(name: &str) -> Self {
        in_order([name])
    }
}
