//! Content as it may be kept.

/// Content as it may be kept: redacted, and small enough for an attribute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Prepared {
    /// The value of the attribute: JSON for what was a value, and the text for what was a text. None where
    /// it is stored, or must not be kept.
    pub text: Option<String>,
    /// How large it was before anything was done with it, in bytes.
    pub original_bytes: u64,
    /// Where it is stored, as in `gen_ai.input.messages_ref`.
    pub reference: Option<String>,
}
