//! What earlier versions of the conventions, and others, call things.

use crate::{DEPRECATED, DEPRECATED_METRICS, DEPRECATED_VALUES};

/// A name that attributes had, or have elsewhere, and that the conventions do not know today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Deprecated {
    /// The name that is not to be used.
    pub name: &'static str,
    /// Whose name it is.
    pub origin: Origin,
    /// The attribute that says the same today; `None` where none does.
    pub replacement: Option<&'static str>,
    /// What else there is to say; half a sentence, or empty.
    pub note: &'static str,
}

/// Whose name it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Origin {
    /// That of an earlier version of the conventions.
    Conventions,
    /// That of tutorials, libraries or backends.
    Elsewhere,
}

/// A metric's name that is not to be used any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeprecatedMetric {
    /// The name of earlier versions.
    pub name: &'static str,
    /// The metrics that took its place.
    pub replacements: &'static [&'static str],
}

/// A value that an attribute had, or has elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeprecatedValue {
    /// The attribute's name.
    pub attribute: &'static str,
    /// The value that is not to be used.
    pub value: &'static str,
    /// The listed value that is meant.
    pub replacement: &'static str,
}

/// What `name` is called today, where it is the name of an earlier version or one that others use.
///
/// ```
/// use genai_trace_semconv::deprecated;
///
/// let old = deprecated("gen_ai.usage.prompt_tokens").unwrap();
/// assert_eq!(old.replacement, Some("gen_ai.usage.input_tokens"));
/// assert_eq!(deprecated("gen_ai.usage.input_tokens"), None);
/// ```
pub fn deprecated(name: &str) -> Option<&'static Deprecated> {
    let place = DEPRECATED.binary_search_by(|old| old.name.cmp(name));
    place.ok().and_then(|place| DEPRECATED.get(place))
}

/// The metrics that took the place of `name`, where that is the name of an earlier version.
///
/// ```
/// use genai_trace_semconv::deprecated_metric;
///
/// let old = deprecated_metric("gen_ai.workflow.duration").unwrap();
/// assert_eq!(old.replacements, ["gen_ai.invoke_workflow.duration"]);
/// ```
pub fn deprecated_metric(name: &str) -> Option<&'static DeprecatedMetric> {
    let place = DEPRECATED_METRICS.binary_search_by(|old| old.name.cmp(name));
    place.ok().and_then(|place| DEPRECATED_METRICS.get(place))
}

/// The listed value of `attribute` that `value` stands for in earlier versions or elsewhere.
///
/// ```
/// use genai_trace_semconv::{meant_value, names};
///
/// assert_eq!(meant_value(names::GEN_AI_PROVIDER_NAME, "vertex_ai"), Some("gcp.vertex_ai"));
/// assert_eq!(meant_value(names::GEN_AI_PROVIDER_NAME, "openai"), None);
/// ```
pub fn meant_value(attribute: &str, value: &str) -> Option<&'static str> {
    let wanted = (attribute, value);
    let place = DEPRECATED_VALUES.binary_search_by(|old| (old.attribute, old.value).cmp(&wanted));
    let old = place.ok().and_then(|place| DEPRECATED_VALUES.get(place))?;
    Some(old.replacement)
}
