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
use crate::said::{Part, Said, Type, arguments, result};
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
    /// The same, as the model has asked for it.
    Call,
}

impl Source {
    const fn as_str(self) -> &'static str {
        match self {
            Source::Outside => "a result",
            Source::User => "a message of the user",
            Source::Answer => "an answer",
            Source::Arguments => "arguments",
            Source::Call => "a call that the model asked for",
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
    /// Whether it is in what the model asked for: the tool's own span says it better, where that says it.
    pub(super) fn is_asked_for(&self) -> bool {
        self.source == Source::Call
    }

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
    Source::Call,
];
const INTO_TOOLS: &[Source] = &[Source::Arguments, Source::Call];

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
        &[
            Source::Outside,
            Source::Answer,
            Source::Arguments,
            Source::Call,
        ],
        urls::image,
    ),
    (&rules::EXFILTRATION_URL, INTO_TOOLS, urls::with_content),
    (&rules::SECRET_IN_ARGUMENTS, INTO_TOOLS, secrets::plain),
    (&rules::SECRET_ENCODED, INTO_TOOLS, secrets::encoded),
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
        spoken(&Said::in_attributes(span), &mut texts);
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
    // Apart from the attributes, which may say something else.
    spoken(&Said::in_events(&span.events), &mut texts);
    texts
}

/// The texts of a conversation.
fn spoken(said: &Said, texts: &mut Vec<(Source, String)>) {
    for message in &said.input {
        let source = match message.role {
            "tool" => Source::Outside,
            "user" => Source::User,
            // What the model was told by who made it, and what it said before: that was looked at there.
            _ => continue,
        };
        texts.push((source, in_lines(&message.parts)));
    }
    for message in &said.output {
        let is_call = |part: &Part| part.kind == Type::ToolCall;
        let (calls, answer) = message
            .parts
            .iter()
            .partition::<Vec<_>, _>(|it| is_call(it));
        for (source, parts) in [(Source::Answer, answer), (Source::Call, calls)] {
            if !parts.is_empty() {
                texts.push((source, in_lines(parts)));
            }
        }
    }
}

/// What parts of a message say, each in lines of its own.
fn in_lines<'a>(parts: impl IntoIterator<Item = &'a Part>) -> String {
    let mut out = String::new();
    // What stands for something that is not there was said by nobody.
    let said = parts.into_iter().filter(|part| part.kind != Type::Missing);
    for part in said {
        if let Some(text) = &part.text {
            out.push_str(text);
            out.push('\n');
        }
        for value in [&part.arguments, &part.result].into_iter().flatten() {
            lines_of(value, &mut out);
        }
    }
    out
}

/// The strings in a JSON text, each in a line of its own, without escapes; what is none is as it is.
fn strings(text: &str) -> String {
    let Ok(json) = serde_json::from_str::<Json>(text) else {
        return text.to_owned();
    };
    let mut out = String::new();
    lines_of(&json, &mut out);
    out
}

fn lines_of(json: &Json, out: &mut String) {
    // A stack rather than recursion, as deep as the text may be.
    let mut open = vec![json];
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
