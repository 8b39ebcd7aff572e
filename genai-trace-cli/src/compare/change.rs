//! What changed between two spans that stand for the same call.

use genai_trace::{SpanRecord, Status};

use super::messages::{self, Spoken, Told};
use super::words::words;
use super::{json, sum};
use crate::said::{Said, arguments, result, text};
use crate::span::{Brief, Kind};
use crate::text::{dollars, duration};

/// A time has changed where one is so many times the other ..
const TIMES_AS_LONG: f64 = 1.5;
/// .. and so many nanoseconds longer.
const LONGER_BY: u64 = 10_000_000;
/// So many characters of a value are kept.
const LONGEST: usize = 2_000;

/// What changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum What {
    Arguments,
    Output,
    Instructions,
    Message,
    Model,
    Parameter,
    Tools,
    Decision,
    Error,
    Tokens,
    Cost,
    Time,
}

impl What {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            What::Arguments => "arguments",
            What::Output => "output",
            What::Instructions => "system instructions",
            What::Message => "message",
            What::Model => "model",
            What::Parameter => "parameter",
            What::Tools => "tools",
            What::Decision => "decision",
            What::Error => "error",
            What::Tokens => "tokens",
            What::Cost => "cost",
            What::Time => "time",
        }
    }

    pub(crate) const fn is_time(self) -> bool {
        matches!(self, What::Time)
    }
}

/// Something that changed.
#[derive(Debug, PartialEq)]
pub(crate) struct Change {
    pub(crate) what: What,
    /// Which of them: a place in the arguments, the number of a message, the name of a parameter; empty where there is one.
    pub(crate) at: String,
    pub(crate) a: Option<String>,
    pub(crate) b: Option<String>,
    /// Both as one text, with what differs marked.
    pub(crate) words: Option<String>,
}

impl Change {
    pub(super) fn new(what: What, at: String, a: Option<String>, b: Option<String>) -> Self {
        let words = match (&a, &b) {
            (Some(one), Some(other)) if is_prose(one) || is_prose(other) => Some(words(one, other)),
            _ => None,
        };
        Self {
            what,
            at,
            a: a.map(kept),
            b: b.map(kept),
            words,
        }
    }

    fn plain(what: What, at: &str, a: Option<&str>, b: Option<&str>) -> Option<Self> {
        let owned = |text: &str| text.to_owned();
        (a != b).then(|| Self::new(what, at.to_owned(), a.map(owned), b.map(owned)))
    }
}

/// Whether a text is so long that one would look for the word that differs.
fn is_prose(text: &str) -> bool {
    text.len() > 24 || text.contains(char::is_whitespace)
}

fn kept(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// What changed from `a` to `b`; what was `told` of messages before is not told again.
pub(super) fn changes(a: &SpanRecord, b: &SpanRecord, told: &mut Told) -> Vec<Change> {
    let briefs = (Brief::of(a), Brief::of(b));
    let kind = briefs.1.kind();
    let mut changes = Vec::new();
    let is_conversation = matches!(kind, Kind::Model | Kind::Embeddings | Kind::Agent);
    if is_conversation {
        talk(a, b, told, &mut changes);
    } else {
        let pairs = [
            (What::Arguments, arguments(a), arguments(b)),
            (What::Output, result(a), result(b)),
        ];
        for (what, one, other) in pairs {
            said(what, one.as_deref(), other.as_deref(), &mut changes);
        }
    }
    facts(&briefs.0, &briefs.1, &mut changes);
    parameters(a, b, &mut changes);
    changes.extend(error(a, &briefs.0, b, &briefs.1));
    changes.extend(time(&briefs.0, &briefs.1));
    changes.sort_by_key(|change| change.what);
    changes
}

/// What was said to a model or an agent, and what it answered.
fn talk(a: &SpanRecord, b: &SpanRecord, told: &mut Told, changes: &mut Vec<Change>) {
    let [one, other] = [a, b].map(Said::in_span);
    let instructions = [&one, &other].map(|said| match said.system.as_slice() {
        [] => None,
        parts => Some(text(parts)),
    });
    let [ones, others] = instructions.each_ref().map(Option::as_deref);
    let instructions = Change::plain(What::Instructions, "", ones, others);
    let [input, output] = [
        (What::Message, &one.input, &other.input),
        (What::Output, &one.output, &other.output),
    ]
    .map(|(what, one, other)| messages::differences(what, &Spoken::all(one), &Spoken::all(other)));
    for change in instructions.into_iter().chain(input).chain(output) {
        // One answer is named by no number.
        let at = match change.what {
            What::Output => String::new(),
            _ => change.at.clone(),
        };
        if told.is_new(&change) {
            changes.push(Change { at, ..change });
        }
    }
}

fn said(what: What, a: Option<&str>, b: Option<&str>, changes: &mut Vec<Change>) {
    match (a, b) {
        (Some(one), Some(other)) => {
            let found = json::differences(one, other).into_iter();
            changes.extend(found.map(|found| Change::new(what, found.at, found.a, found.b)));
        }
        (one, other) => changes.extend(Change::plain(what, "", one, other)),
    }
}

fn facts(a: &Brief<'_>, b: &Brief<'_>, changes: &mut Vec<Change>) {
    let (one, other) = (&a.facts, &b.facts);
    changes.extend(Change::plain(
        What::Model,
        "",
        one.model.as_deref(),
        other.model.as_deref(),
    ));
    changes.extend(Change::plain(
        What::Model,
        "answered",
        one.response_model.as_deref(),
        other.response_model.as_deref(),
    ));
    changes.extend(Change::plain(
        What::Decision,
        "",
        one.decision.as_deref(),
        other.decision.as_deref(),
    ));
    let tokens = [
        ("input", one.input_tokens, other.input_tokens),
        ("output", one.output_tokens, other.output_tokens),
        ("cache read", one.cache_read_tokens, other.cache_read_tokens),
        (
            "cache write",
            one.cache_write_tokens,
            other.cache_write_tokens,
        ),
        ("reasoning", one.reasoning_tokens, other.reasoning_tokens),
    ];
    for (at, one, other) in tokens {
        let [one, other] = [one, other].map(|count| count.map(|count| count.to_string()));
        changes.extend(Change::plain(
            What::Tokens,
            at,
            one.as_deref(),
            other.as_deref(),
        ));
    }
    let [one, other] = [a, b].map(|span| sum::spent_text(span, dollars));
    changes.extend(Change::plain(
        What::Cost,
        "",
        one.as_deref(),
        other.as_deref(),
    ));
}

/// What was asked of the model beside the messages.
fn parameters(a: &SpanRecord, b: &SpanRecord, changes: &mut Vec<Change>) {
    let is_one = |key: &str| {
        let is_request = key.starts_with("gen_ai.request.") && key != "gen_ai.request.model";
        is_request
            || key.starts_with("gen_ai.prompt.")
            || matches!(
                key,
                "gen_ai.output.type" | "llm.invocation_parameters" | "gen_ai.agent.version"
            )
    };
    let of_a = a.attributes.iter().map(|(key, _)| key);
    let of_b = b.attributes.iter().map(|(key, _)| key);
    let only_b = of_b.filter(|key| a.attributes.get(key).is_none());
    for key in of_a.chain(only_b).filter(|key| is_one(key)) {
        let [one, other] = [a, b].map(|span| {
            let value = span.attributes.get(key);
            value.map(ToString::to_string)
        });
        let at = key.rsplit_once("request.").map_or(key, |(_, name)| name);
        changes.extend(Change::plain(
            What::Parameter,
            at,
            one.as_deref(),
            other.as_deref(),
        ));
    }
    let definitions = [a, b].map(|span| span.attributes.str("gen_ai.tool.definitions"));
    let [Some(one), Some(other)] = definitions.map(|said| said.map(by_name)) else {
        return;
    };
    said(What::Tools, Some(&one), Some(&other), changes);
}

/// The definitions of tools as an object by their names, so that their order says nothing.
fn by_name(definitions: &str) -> String {
    let Ok(serde_json::Value::Array(all)) = serde_json::from_str(definitions) else {
        return definitions.to_owned();
    };
    let named = all.into_iter().enumerate().map(|(place, tool)| {
        let name = tool.get("name").and_then(serde_json::Value::as_str);
        (name.map_or(place.to_string(), str::to_owned), tool)
    });
    serde_json::Value::Object(named.collect()).to_string()
}

/// How a span went wrong.
fn error(a: &SpanRecord, one: &Brief<'_>, b: &SpanRecord, other: &Brief<'_>) -> Option<Change> {
    let text = |record: &SpanRecord, brief: &Brief<'_>| {
        let outcome = brief.facts.outcome.as_deref();
        if record.status != Status::Error {
            return outcome.map(str::to_owned);
        }
        let kind = brief.facts.error_type.as_deref().or(outcome);
        Some(match (kind, record.status_message.as_str()) {
            (Some(kind), "") => kind.to_owned(),
            (Some(kind), message) => format!("{kind}: {message}"),
            (None, "") => "error".to_owned(),
            (None, message) => message.to_owned(),
        })
    };
    let (one, other) = (text(a, one), text(b, other));
    Change::plain(What::Error, "", one.as_deref(), other.as_deref())
}

fn time(a: &Brief<'_>, b: &Brief<'_>) -> Option<Change> {
    let [shorter, longer] = {
        let mut both = [a.nanoseconds(), b.nanoseconds()];
        both.sort_unstable();
        both
    };
    // A ratio bears the rounding.
    #[allow(clippy::cast_precision_loss)]
    let is_more = longer as f64 >= shorter as f64 * TIMES_AS_LONG;
    let [one, other] = [a, b].map(|span| duration(span.nanoseconds()));
    (is_more && longer - shorter >= LONGER_BY)
        .then(|| Change::plain(What::Time, "", Some(&one), Some(&other)))?
}
