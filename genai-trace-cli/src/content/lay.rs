//! Laying into a span what its references name.

use genai_trace::{Attributes, SpanRecord};
use serde_json::Value as Json;

use super::{Budget, Folder, Gap, InPlaceOfGaps};

/// What an attribute is called that has a reference instead of content, behind the name of that.
const ENDING: &str = "_ref";
/// What may be stored.
const STORED: &[&str] = &[
    "gen_ai.system_instructions_ref",
    "gen_ai.input.messages_ref",
    "gen_ai.output.messages_ref",
    "gen_ai.tool.definitions_ref",
    "gen_ai.tool.call.arguments_ref",
    "gen_ai.tool.call.result_ref",
    "gen_ai.retrieval.query.text_ref",
    "gen_ai.retrieval.documents_ref",
    "gen_ai.memory.query.text_ref",
    "gen_ai.memory.records_ref",
    "genai_trace.input_ref",
    "genai_trace.output_ref",
];

/// Lays in what is stored, within one budget.
#[derive(Debug)]
pub(super) struct Laying<'a> {
    folders: &'a [Folder],
    in_place: InPlaceOfGaps,
    budget: Budget,
    gaps: Vec<Gap>,
}

impl<'a> Laying<'a> {
    pub(super) fn new(folders: &'a [Folder], in_place: InPlaceOfGaps) -> Self {
        Self {
            folders,
            in_place,
            budget: Budget::default(),
            gaps: Vec::new(),
        }
    }

    /// Lays into a span, and into its events, what they refer to.
    pub(super) fn fill(&mut self, span: &mut SpanRecord) {
        self.lay(&mut span.attributes);
        for event in &mut span.events {
            self.lay(&mut event.attributes);
        }
    }

    fn lay(&mut self, attributes: &mut Attributes) {
        for key in STORED {
            let content = key.strip_suffix(ENDING).unwrap_or(key);
            let Some(reference) = attributes.str(key).map(str::to_owned) else {
                continue;
            };
            if attributes.get(content).is_some() {
                continue;
            }
            let gaps = self.gaps.len();
            let value = self.budget.read(self.folders, &reference, &mut self.gaps);
            if gaps < self.gaps.len() && self.in_place == InPlaceOfGaps::Nothing {
                continue;
            }
            let text = match value {
                Json::String(text) => text,
                other => other.to_string(),
            };
            attributes.insert(content, text);
        }
    }

    pub(super) fn into_gaps(self) -> Vec<Gap> {
        self.gaps
    }
}
