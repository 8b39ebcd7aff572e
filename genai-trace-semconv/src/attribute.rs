//! Attributes: their types and their listed values.

use crate::ATTRIBUTES;

/// An attribute of the conventions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Attribute {
    /// The name; of a template, what stands before the last dot.
    pub name: &'static str,
    /// The type of the value.
    pub ty: Type,
    /// The listed values; empty where none are listed. Such a list is open: another value is
    /// allowed where none of the list applies.
    pub values: &'static [&'static str],
    /// Whether the name goes on after a dot with a word of the user's: `gen_ai.prompt.variable.city`.
    pub template: bool,
    /// Whether the name may still change.
    pub stability: Stability,
}

/// The type of an attribute's value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Type {
    /// A string.
    String,
    /// A signed integer of 64 bits.
    Int,
    /// A float of 64 bits.
    Double,
    /// A boolean.
    Boolean,
    /// A list of strings.
    Strings,
    /// A structure; where a span cannot hold one, its JSON as a string.
    Any,
}

/// Whether a name may still change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stability {
    /// It may change in any version.
    Development,
    /// It is about to become stable.
    ReleaseCandidate,
    /// It stays.
    Stable,
}

/// The attribute `name`, which may be one of a template.
///
/// ```
/// use genai_trace_semconv::{Type, attribute};
///
/// assert_eq!(attribute("server.port").map(|port| port.ty), Some(Type::Int));
/// assert_eq!(attribute("gen_ai.prompt.variable.city").map(|city| city.ty), Some(Type::String));
/// assert_eq!(attribute("gen_ai.prompt.variable"), None);
/// assert_eq!(attribute("gen_ai.usage.input_token"), None);
/// ```
pub fn attribute(name: &str) -> Option<&'static Attribute> {
    match find(name) {
        Some(exact) => Some(exact).filter(|attribute| !attribute.template),
        None => templates().find(|template| {
            let rest = name.strip_prefix(template.name);
            let word = rest.and_then(|rest| rest.strip_prefix('.'));
            word.is_some_and(|word| !word.is_empty())
        }),
    }
}

fn find(name: &str) -> Option<&'static Attribute> {
    let place = ATTRIBUTES.binary_search_by(|attribute| attribute.name.cmp(name));
    place.ok().and_then(|place| ATTRIBUTES.get(place))
}

fn templates() -> impl Iterator<Item = &'static Attribute> {
    ATTRIBUTES.iter().filter(|attribute| attribute.template)
}
