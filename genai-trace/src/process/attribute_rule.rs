//! An attribute that a rule looks for.

use crate::export::view::SpanView;
use crate::record::Value;
use crate::span::value_bytes::ValueRef;

/// An attribute that a rule looks for, with its value.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct AttributeRule {
    pub(super) key: String,
    pub(super) value: Value,
}

impl AttributeRule {
    /// Whether the span carries it, wherever it was said: in the source, at run time, by the runtime.
    pub(super) fn fits(&self, span: &SpanView<'_>) -> bool {
        let mut fits = false;
        span.each_attribute(&mut |key, value| {
            fits |= key == *self.key.as_str() && is(value, &self.value);
        });
        fits
    }
}

fn is(found: ValueRef<'_>, wanted: &Value) -> bool {
    match (found, wanted) {
        (ValueRef::Str(found), Value::String(wanted)) => found == *wanted.as_str(),
        (found, wanted) => Value::from(found) == *wanted,
    }
}
