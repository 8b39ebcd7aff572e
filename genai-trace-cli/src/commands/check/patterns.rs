//! Patterns of prompt injection and of data that leaves: in texts that models read and write.

mod encoded;
mod hidden;
mod injection;
mod secrets;
mod urls;

use genai_trace::SpanRecord;
use serde_json::Value as Json;

use super::rules;
use crate::findings::Rule;
use crate::said::{Said, arguments, result};
use crate::span::{Brief, Kind};

/// So many characters of a text are shown.
const LONGEST: usize = 100;

/// Whose text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Source {
    /// What a tool returned, a document, a message of a tool: written by anyone.
    Outside,
    User,
    /// What a model answered, which somebody shows.
    Answer,
    /// What goes into a tool.
    Arguments,
}

impl Source {
    const fn as_str(self) -> &'static str {
        match self {
            Source::Outside => "a result",
            Source::User => "a message of the user",
            Source::Answer => "an answer",
            Source::Arguments => "arguments",
        }
    }
}

/// Where a pattern was found, in one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hit {
    pub(super) rule: &'static Rule,
    /// The beginning of it.
    pub(super) found: String,
    source: Source,
}

impl Hit {
    pub(super) fn message(&self) -> String {
        format!("{} in {}", self.found, self.source.as_str())
    }
}

/// The patterns in what was said in a span.
pub(super) fn hits(span: &SpanRecord) -> Vec<Hit> {
    let mut hits = Vec::new();
    for (source, text) in texts(span) {
        look(source, &text, &mut hits);
    }
    hits
}

/// A pattern: how it is found in a text, as one would show it, and in whose.
type Pattern = (&'static Rule, &'static [Source], fn(&str) -> Option<String>);

const FROM_OUTSIDE: &[Source] = &[Source::Outside, Source::User];
const ANYWHERE: &[Source] = &[
    Source::Outside,
    Source::User,
    Source::Answer,
    Source::Arguments,
];

static PATTERNS: [Pattern; 10] = [
    (
        &rules::INJECTION_INSTRUCTIONS,
        FROM_OUTSIDE,
        injection::instructions,
    ),
    (
        &rules::INJECTION_SECRECY,
        &[Source::Outside],
        injection::secrecy,
    ),
    (
        &rules::INJECTION_TEMPLATE,
        FROM_OUTSIDE,
        injection::template,
    ),
    (&rules::HIDDEN_TAGS, ANYWHERE, hidden::tags),
    (&rules::HIDDEN_BIDI, ANYWHERE, hidden::bidi),
    (&rules::HIDDEN_ZERO_WIDTH, ANYWHERE, hidden::zero_width),
    (
        &rules::EXFILTRATION_IMAGE,
        &[Source::Outside, Source::Answer, Source::Arguments],
        urls::image,
    ),
    (
        &rules::EXFILTRATION_URL,
        &[Source::Arguments],
        urls::with_content,
    ),
    (
        &rules::SECRET_IN_ARGUMENTS,
        &[Source::Arguments],
        secrets::plain,
    ),
    (
        &rules::SECRET_ENCODED,
        &[Source::Arguments],
        secrets::encoded,
    ),
];

fn look(source: Source, text: &str, hits: &mut Vec<Hit>) {
    for (rule, sources, find) in &PATTERNS {
        if !sources.contains(&source) {
            continue;
        }
        if let Some(found) = find(text) {
            let found = shortened(&found);
            hits.push(Hit {
                rule,
                found,
                source,
            });
        }
    }
}

/// The texts of a span, and whose they are.
fn texts(span: &SpanRecord) -> Vec<(Source, String)> {
    let mut texts = Vec::new();
    let kind = Brief::of(span).kind();
    if matches!(kind, Kind::Model | Kind::Embeddings | Kind::Agent) {
        let Said { input, output, .. } = Said::in_attributes(span);
        texts.extend(input.iter().filter_map(|message| {
            let source = match message.role {
                "tool" => Source::Outside,
                "user" => Source::User,
                // What the model was told by who made it, and what it said before: that was looked at there.
                _ => return None,
            };
            Some((source, message.text()))
        }));
        let answers = output.iter();
        texts.extend(answers.map(|message| (Source::Answer, message.text())));
    } else {
        let outside = |key: &str| span.attributes.str(key).map(Into::into);
        let said = [
            (Source::Arguments, arguments(span)),
            (Source::Outside, result(span)),
            (Source::Outside, outside("gen_ai.retrieval.documents")),
            (Source::Outside, outside("gen_ai.memory.records")),
        ];
        let said = said.into_iter();
        texts.extend(said.filter_map(|(source, text)| Some((source, strings(&text?)))));
    }
    texts.extend(span.events.iter().filter_map(|event| {
        let source = match event.name.as_str() {
            "gen_ai.tool.message" => Source::Outside,
            "gen_ai.user.message" => Source::User,
            "gen_ai.choice" => Source::Answer,
            _ => return None,
        };
        let said: Vec<_> = event
            .attributes
            .iter()
            .filter_map(|(_, value)| value.as_str())
            .map(strings)
            .collect();
        Some((source, said.join("\n")))
    }));
    texts
}

/// The strings in a JSON text, each in a line of its own, without escapes; what is none is as it is.
fn strings(text: &str) -> String {
    let Ok(json) = serde_json::from_str::<Json>(text) else {
        return text.to_owned();
    };
    let mut out = String::new();
    // A stack rather than recursion, as deep as the text may be.
    let mut open = vec![&json];
    while let Some(value) = open.pop() {
        match value {
            Json::String(text) => {
                out.push_str(text);
                out.push('\n');
            }
            Json::Array(all) => open.extend(all.iter().rev()),
            Json::Object(members) => open.extend(members.values().rev()),
            _ => {}
        }
    }
    out
}

/// The beginning of what was found.
fn shortened(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{:?}…", text.get(..end).unwrap_or_default()),
        None => format!("{text:?}"),
    }
}

#[cfg(test)]
mod tests;
