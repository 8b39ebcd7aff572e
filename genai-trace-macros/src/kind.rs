//! The attributes: how each is called and what its span stands for.

use syn::Path;
use syn::ext::IdentExt;

/// One of the attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Agent,
    Chat,
    Tool,
    Gate,
    Span,
}

impl Kind {
    pub(crate) const ALL: &[Kind] = &[Kind::Agent, Kind::Chat, Kind::Tool, Kind::Gate, Kind::Span];

    /// The attributes whose span is named after something other than a model.
    pub(crate) const NAMED: &[Kind] = &[Kind::Agent, Kind::Tool, Kind::Gate, Kind::Span];

    /// The attribute as the user writes it.
    pub(crate) const fn attribute(self) -> &'static str {
        match self {
            Kind::Agent => "genai_agent",
            Kind::Chat => "genai_chat",
            Kind::Tool => "genai_tool",
            Kind::Gate => "genai_gate",
            Kind::Span => "genai_span",
        }
    }

    /// The variant of the runtime's `Operation` that the span has unless an option says otherwise.
    pub(crate) const fn operation(self) -> &'static str {
        match self {
            Kind::Agent => "Agent",
            Kind::Chat => "Chat",
            Kind::Tool => "Tool",
            Kind::Gate => "Gate",
            Kind::Span => "Step",
        }
    }

    /// Whether the span may be named by a string in front, and by the function's name without it.
    pub(crate) fn is_named(self) -> bool {
        Kind::NAMED.contains(&self)
    }

    /// The attribute that an attribute's path means, however it was imported.
    pub(crate) fn of(path: &Path) -> Option<Kind> {
        let last = path.segments.last()?.ident.unraw();
        Kind::ALL
            .iter()
            .copied()
            .find(|kind| last == kind.attribute())
    }
}
