//! `genai-trace facts`

use std::fs;
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use clap::Args;
use genai_trace::provider::{self, ChatFacts, FinishReason, Origin, StreamReader};
use serde_json::{Map, Value, json};

/// Says what the responses in recorded exchanges with model providers say.
///
/// Prints a JSON object a line for each file, in the order of the arguments: the model, the identifier,
/// the finish reasons and the tokens, null where the provider did not say it. Where the exchange failed
/// there is an `error_type`, and where a response may be fetched its `response_status`.
///
/// Exits with 0, and with 2 where a file cannot be read; the others are said all the same.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// A JSON document with `provider`, `url`, `status`, `format` and the body
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

pub(crate) fn run(arguments: &Arguments) -> ExitCode {
    let mut out = io::BufWriter::new(io::stdout().lock());
    let mut bad = false;
    for file in &arguments.files {
        let said = match line(file) {
            Ok(line) => writeln!(out, "{line}"),
            Err(error) => {
                bad = true;
                // In the order of the arguments where both go to one terminal.
                let flushed = out.flush();
                let _ = writeln!(io::stderr(), "genai-trace: {error}");
                flushed
            }
        };
        if let Err(error) = said {
            return cannot_write(&error);
        }
    }
    match out.flush() {
        Err(error) => cannot_write(&error),
        Ok(()) if bad => ExitCode::from(2),
        Ok(()) => ExitCode::SUCCESS,
    }
}

/// A reader that has gone away is no fault of ours.
fn cannot_write(error: &io::Error) -> ExitCode {
    if error.kind() == ErrorKind::BrokenPipe {
        return ExitCode::SUCCESS;
    }
    let _ = writeln!(
        io::stderr(),
        "genai-trace: cannot write to standard output: {error}"
    );
    ExitCode::FAILURE
}

fn line(file: &Path) -> Result<Value, String> {
    let text = fs::read(file).map_err(|error| format!("cannot read {file:?}: {error}"))?;
    let exchange = serde_json::from_slice(&text)
        .map_err(|error| format!("{file:?} is not a JSON document: {error}"))?;
    let facts = facts(&exchange).map_err(|error| format!("{file:?} is no exchange: {error}"))?;
    let mut line = Map::new();
    line.insert("file".to_owned(), file.to_string_lossy().into());
    document(&mut line, &facts);
    Ok(line.into())
}

/// What the response of `exchange` says.
fn facts(exchange: &Value) -> Result<ChatFacts, String> {
    let Value::Object(members) = exchange else {
        return Err("it is no object".to_owned());
    };
    let headers: Vec<(&str, &str)> = members
        .get("response_headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
        .collect();
    let mut origin = Origin::default().headers(&headers);
    if let Some(name) = text(exchange, "provider") {
        origin = origin.provider(name);
    }
    if let Some(url) = text(exchange, "url") {
        origin = origin.url(url);
    }
    if let Some(status) = exchange.get("status").and_then(Value::as_u64) {
        let allowed = u16::try_from(status)
            .ok()
            .filter(|status| (100..=999).contains(status));
        let status = allowed.ok_or_else(|| format!("status is {status}, and not 100 to 999"))?;
        origin = origin.status(status);
    }
    let facts = match text(exchange, "format") {
        Some("json") => provider::response(body(exchange, "response")?, &origin),
        Some("sse" | "ndjson") => {
            let body = body(exchange, "sse")?.as_str();
            let body = body.ok_or("sse is no text")?;
            streamed(&origin, |stream| stream.bytes(body.as_bytes()))
        }
        Some("json-array-stream") => {
            let body = exchange.get("response").or_else(|| exchange.get("sse"));
            let body = body.ok_or("it has neither response nor sse")?;
            streamed(&origin, |stream| match body {
                Value::Array(parts) => parts.iter().for_each(|part| stream.part(None, part)),
                Value::String(text) => stream.bytes(text.as_bytes()),
                part => stream.part(None, part),
            })
        }
        Some("aws-eventstream") => match text(exchange, "raw_base64") {
            Some(raw) => {
                let bytes = BASE64_STANDARD.decode(raw);
                let bytes =
                    bytes.map_err(|error| format!("raw_base64 is not in base 64: {error}"))?;
                streamed(&origin, |stream| stream.bytes(&bytes))
            }
            None => {
                let events = events(exchange)?;
                streamed(&origin, |stream| {
                    for (name, event) in events {
                        stream.part(name, event);
                    }
                })
            }
        },
        format => {
            return Err(format!(
                "format is {format:?}, and not json, json-array-stream, sse, ndjson or aws-eventstream"
            ));
        }
    };
    Ok(facts.unwrap_or_default())
}

fn streamed(origin: &Origin<'_>, read: impl FnOnce(&mut StreamReader)) -> Option<ChatFacts> {
    let mut stream = StreamReader::new(origin);
    read(&mut stream);
    stream.end();
    stream.facts()
}

/// The parts of AWS's event stream, with their names: what they carry where they carry bytes.
fn events(exchange: &Value) -> Result<Vec<(Option<&str>, &Value)>, String> {
    let list = |key| exchange.get(key).and_then(Value::as_array);
    if let Some(inner) = list("inner_events") {
        return Ok(inner.iter().map(|event| (None, event)).collect());
    }
    let events = list("events").ok_or("it has no events")?;
    let events = events
        .iter()
        .filter_map(|event| Some((text(event, "event"), event.get("payload")?)));
    Ok(events.collect())
}

fn text<'a>(exchange: &'a Value, key: &str) -> Option<&'a str> {
    exchange.get(key).and_then(Value::as_str)
}

fn body<'a>(exchange: &'a Value, key: &str) -> Result<&'a Value, String> {
    exchange.get(key).ok_or_else(|| format!("it has no {key}"))
}

/// The keys under which the conventions' attributes are known here, null where nothing was said.
fn document(line: &mut Map<String, Value>, facts: &ChatFacts) {
    let usage = &facts.usage;
    let reasons = |word: fn(&FinishReason) -> &str| {
        let reasons = facts
            .finish_reasons
            .iter()
            .map(|reason| as_given(word(reason)));
        let reasons: Vec<Value> = reasons.collect();
        (!reasons.is_empty()).then_some(reasons)
    };
    let mut put = |key: &str, value: Value| {
        line.insert(key.to_owned(), value);
    };
    put("response_model", json!(facts.model));
    put("response_id", json!(facts.id));
    put("finish_reasons", json!(reasons(|reason| &reason.raw)));
    put(
        "finish_reasons_normalized",
        json!(reasons(|reason| reason.normalized().unwrap_or(&reason.raw))),
    );
    put("input_tokens", json!(usage.input));
    put("output_tokens", json!(usage.output));
    put("cache_read_input_tokens", json!(usage.cache_read));
    put("cache_creation_input_tokens", json!(usage.cache_write));
    put("reasoning_output_tokens", json!(usage.reasoning));
    if let Some(error) = &facts.error {
        put("error_type", json!(error.error_type));
    }
    if let Some(status) = &facts.status {
        put("response_status", json!(status));
    }
}

/// A reason as its provider gave it: some give the number of an enumeration.
fn as_given(reason: &str) -> Value {
    reason
        .parse::<u64>()
        .map_or_else(|_| reason.into(), Value::from)
}
