//! A span as far as lists and sums need it, read in one pass over its line and borrowed from it.

use std::borrow::Cow;
use std::fmt;

use genai_trace::{SpanInFlight, SpanRecord, Status};
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::facts::{Facts, Scalar};
use super::kind::Kind;
use super::spelling::Fact;

/// What a process calls itself.
const SERVICE: &str = "service.name";

/// A span as far as lists and sums need it.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Brief<'a> {
    pub(crate) trace_id: u128,
    pub(crate) span_id: u64,
    /// 0 is none.
    pub(crate) parent: u64,
    pub(crate) name: Cow<'a, str>,
    /// Nanoseconds since 1970.
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) has_failed: bool,
    /// What an error says of itself.
    pub(crate) message: Cow<'a, str>,
    /// `service.name` of the process.
    pub(crate) service: Option<Cow<'a, str>>,
    pub(crate) facts: Facts<'a>,
}

impl<'a> Brief<'a> {
    /// What a line in the shape of a record says; none where it is none.
    pub(crate) fn read(line: &'a [u8]) -> Option<Self> {
        let mut json = serde_json::Deserializer::from_slice(line);
        let brief = json.deserialize_map(Line).ok()?;
        json.end().ok()?;
        Some(brief)
    }

    /// Whose record it is, and of when.
    pub(crate) fn who(record: &'a SpanRecord) -> Self {
        Brief {
            trace_id: u128::from_be_bytes(record.trace_id.to_bytes()),
            span_id: u64::from_be_bytes(record.span_id.to_bytes()),
            parent: record
                .parent_span_id
                .map_or(0, |id| u64::from_be_bytes(id.to_bytes())),
            name: Cow::Borrowed(&record.name),
            start: record.start_unix_nano,
            end: record.end_unix_nano,
            ..Brief::default()
        }
    }

    /// What a record says.
    pub(crate) fn of(record: &'a SpanRecord) -> Self {
        Brief {
            has_failed: record.status == Status::Error,
            message: Cow::Borrowed(&record.status_message),
            service: record.resource.str(SERVICE).map(Cow::Borrowed),
            facts: Facts::of(&record.attributes),
            ..Brief::who(record)
        }
    }

    /// What is known so far of a span that is open, as if it had ended when it began.
    pub(crate) fn of_open(span: &'a SpanInFlight) -> Self {
        Brief {
            trace_id: u128::from_be_bytes(span.trace_id.to_bytes()),
            span_id: u64::from_be_bytes(span.span_id.to_bytes()),
            parent: span
                .parent_span_id
                .map_or(0, |id| u64::from_be_bytes(id.to_bytes())),
            name: Cow::Borrowed(&span.name),
            start: span.start_unix_nano,
            end: span.start_unix_nano,
            facts: Facts::of(&span.attributes),
            ..Brief::default()
        }
    }

    /// Whether its record says that it has ended: one that says when it began alone has 0 for the end.
    pub(crate) const fn has_ended(&self) -> bool {
        self.end != 0
    }

    pub(crate) const fn nanoseconds(&self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    pub(crate) fn kind(&self) -> Kind {
        let has_decision = self.facts.decision.is_some();
        Kind::of(self.facts.operation.as_deref(), &self.name, has_decision)
    }

    /// The name of what it stands for: of the tool, the agent, the model; else its own.
    pub(crate) fn subject(&self) -> &str {
        let facts = &self.facts;
        let said = match self.kind() {
            Kind::Tool => facts.tool.as_deref(),
            Kind::Agent => facts.agent.as_deref(),
            Kind::Model | Kind::Embeddings => facts.any_model(),
            _ => None,
        };
        said.unwrap_or_else(|| {
            let (front, rest) = self.name.split_once(' ').unwrap_or(("", &self.name));
            let is_operation = facts.operation.as_deref() == Some(front) || front == "gate";
            if is_operation { rest } else { &self.name }
        })
    }
}

/// A line as a record has it; what is missing that a span must have makes it none.
struct Line;

impl<'de> Visitor<'de> for Line {
    type Value = Brief<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a span")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Brief<'de>, M::Error> {
        let mut brief = Brief::default();
        let mut has_end = false;
        while let Some(key) = map.next_key_seed(Text)? {
            match key.as_ref() {
                "trace_id" => brief.trace_id = id(&map.next_value_seed(Text)?)?,
                "span_id" => brief.span_id = short_id(&map.next_value_seed(Text)?)?,
                "parent_span_id" => {
                    if let Scalar::Text(text) = map.next_value_seed(AnyScalar)? {
                        brief.parent = short_id(&text)?;
                    }
                }
                "name" => brief.name = map.next_value_seed(Text)?,
                "start_unix_nano" => brief.start = map.next_value()?,
                "end_unix_nano" => {
                    brief.end = map.next_value()?;
                    has_end = true;
                }
                "status" => brief.has_failed = map.next_value_seed(Text)? == "ERROR",
                "status_message" => brief.message = map.next_value_seed(Text)?,
                "resource" => brief.service = map.next_value_seed(Resource)?,
                "attributes" => map.next_value_seed(Attributes(&mut brief.facts))?,
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        match brief.trace_id != 0 && brief.span_id != 0 && has_end {
            true => Ok(brief),
            false => Err(M::Error::custom("no span")),
        }
    }
}

/// An id as a record has it; one that is shorter or longer is for whoever reads the shapes of others.
fn id<E: Error>(text: &str) -> Result<u128, E> {
    match is_id(text, 32) {
        true => u128::from_str_radix(text, 16).map_err(E::custom),
        false => Err(E::custom("no id")),
    }
}

fn short_id<E: Error>(text: &str) -> Result<u64, E> {
    match is_id(text, 16) {
        true => u64::from_str_radix(text, 16).map_err(E::custom),
        false => Err(E::custom("no id")),
    }
}

fn is_id(text: &str, digits: usize) -> bool {
    text.len() == digits && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A text, borrowed from the line where nothing in it is escaped.
struct Text;

impl<'de> DeserializeSeed<'de> for Text {
    type Value = Cow<'de, str>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_str(self)
    }
}

impl<'de> Visitor<'de> for Text {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a text")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

/// What is known of the process, of which its name is taken.
struct Resource;

impl<'de> DeserializeSeed<'de> for Resource {
    type Value = Option<Cow<'de, str>>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Resource {
    type Value = Option<Cow<'de, str>>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what is known of a process")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        let mut service = None;
        while let Some(key) = map.next_key_seed(Text)? {
            match (key.as_ref(), &service) {
                (SERVICE, None) => {
                    if let Scalar::Text(name) = map.next_value_seed(AnyScalar)? {
                        service = Some(name);
                    }
                }
                _ => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(service)
    }
}

/// The attributes, of which facts are taken.
struct Attributes<'f, 'a>(&'f mut Facts<'a>);

impl<'de> DeserializeSeed<'de> for Attributes<'_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Attributes<'_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("attributes")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        while let Some(key) = map.next_key_seed(Text)? {
            match Fact::of(&key) {
                Some(fact) => {
                    let value = map.next_value_seed(AnyScalar)?;
                    self.0.take(fact, value);
                }
                None => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(())
    }
}

/// Any value; of what has structure nothing is kept.
struct AnyScalar;

impl<'de> DeserializeSeed<'de> for AnyScalar {
    type Value = Scalar<'de>;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Self::Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for AnyScalar {
    type Value = Scalar<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Scalar::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Scalar::Int(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
        Ok(i64::try_from(number).map_or(Scalar::Float(number as f64), Scalar::Int))
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Self::Value, E> {
        Ok(Scalar::Float(number))
    }

    fn visit_bool<E: Error>(self, truth: bool) -> Result<Self::Value, E> {
        Ok(Scalar::Bool(truth))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Scalar::Other)
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<Self::Value, S::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<Self::Value, M::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":"00f067aa0ba902b6","name":"chat \"x\"","kind":"CLIENT","start_unix_nano":1790000000000000001,"end_unix_nano":1790000000012345678,"status":"ERROR","status_message":"timed out","attributes":{"gen_ai.operation.name":"chat","gen_ai.response.model":"m-1","gen_ai.request.model":"m","gen_ai.system":"openai","gen_ai.usage.input_tokens":9,"llm.tokens.output":4,"llm.cost.usd":0.5,"task.completed":true,"gen_ai.conversation.id":["a"],"x":{"y":[1]}},"events":[],"links":[],"resource":{"host.name":"h","service.name":"coder"}}"#;

    #[test]
    fn a_line_is_read_as_the_record_is_that_it_stands_for() {
        let brief = Brief::read(LINE.as_bytes()).unwrap();
        assert_eq!(brief.name, "chat \"x\"");
        assert_eq!(brief.parent, 0x00f0_67aa_0ba9_02b6);
        assert_eq!(brief.nanoseconds(), 12_345_677);
        assert!(brief.has_failed);
        assert_eq!(brief.message, "timed out");
        assert_eq!(brief.service.as_deref(), Some("coder"));
        assert_eq!(brief.kind(), Kind::Model);
        assert_eq!(brief.subject(), "m");
        let facts = &brief.facts;
        assert_eq!(facts.provider.as_deref(), Some("openai"));
        assert_eq!(
            (facts.input_tokens, facts.output_tokens),
            (Some(9), Some(4))
        );
        assert_eq!(
            (facts.cost, facts.is_task_completed),
            (Some(0.5), Some(true))
        );
        assert_eq!(facts.conversation, None);
        let flat = LINE.replace(r#","x":{"y":[1]}"#, "");
        let record: SpanRecord = serde_json::from_str(&flat).unwrap();
        assert_eq!(Brief::of(&record), Brief::read(flat.as_bytes()).unwrap());
    }

    #[test]
    fn what_is_torn_or_no_span_is_none() {
        for line in [
            &LINE[..LINE.len() - 5],
            "{}",
            "[]",
            "7",
            "",
            r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"xx"}"#,
        ] {
            assert_eq!(Brief::read(line.as_bytes()), None, "{line}");
        }
        assert_eq!(Brief::read(format!("{LINE} {{}}").as_bytes()), None);
    }
}
