//! A span as far as lists and sums need it, read in one pass over its line and borrowed from it.

use std::borrow::Cow;
use std::fmt;

use genai_trace::{SpanInFlight, SpanRecord, Status};
use serde::Deserializer;
use serde::de::{DeserializeSeed, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::facts::{Facts, Scalar};
use super::halves::has_half_character;
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
    /// What a line in the shape of a record says. None where it is none, and where something in it is so odd that it takes
    /// [`records`](super::records) to know what it says: so there is one rule for all that is odd.
    pub(crate) fn read(line: &'a [u8]) -> Option<Self> {
        if has_half_character(line) {
            return None;
        }
        // What is skipped is looked at as well.
        let text = std::str::from_utf8(line).ok()?;
        let mut json = serde_json::Deserializer::from_str(text);
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
        let mut seen = 0_u16;
        while let Some(key) = map.next_key_seed(Text)? {
            let member = match key.as_ref() {
                "trace_id" => {
                    brief.trace_id = id(&map.next_value_seed(Text)?)?;
                    TRACE_ID
                }
                "span_id" => {
                    brief.span_id = short_id(&map.next_value_seed(Text)?)?;
                    SPAN_ID
                }
                "parent_span_id" => {
                    if let Scalar::Text(text) = map.next_value_seed(AnyScalar)? {
                        brief.parent = short_id(&text)?;
                    }
                    PARENT
                }
                "name" => {
                    brief.name = map.next_value_seed(Text)?;
                    NAME
                }
                "start_unix_nano" => {
                    brief.start = map.next_value()?;
                    START
                }
                "end_unix_nano" => {
                    brief.end = map.next_value()?;
                    END
                }
                "status" => {
                    brief.has_failed = has_failed(&map.next_value_seed(Text)?)?;
                    STATUS
                }
                "status_message" => {
                    brief.message = map.next_value_seed(Text)?;
                    MESSAGE
                }
                "resource" => {
                    brief.service = map.next_value_seed(Resource)?;
                    RESOURCE
                }
                "attributes" => {
                    map.next_value_seed(Attributes(&mut brief.facts))?;
                    ATTRIBUTES
                }
                // Where others have the ids.
                "context" => return Err(odd()),
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            if seen & member != 0 {
                return Err(odd());
            }
            seen |= member;
        }
        let is_whole = seen & REQUIRED == REQUIRED;
        match is_whole && brief.trace_id != 0 && brief.span_id != 0 {
            true => Ok(brief),
            false => Err(odd()),
        }
    }
}

const TRACE_ID: u16 = 1;
const SPAN_ID: u16 = 1 << 1;
const PARENT: u16 = 1 << 2;
const NAME: u16 = 1 << 3;
const START: u16 = 1 << 4;
const END: u16 = 1 << 5;
const STATUS: u16 = 1 << 6;
const MESSAGE: u16 = 1 << 7;
const RESOURCE: u16 = 1 << 8;
const ATTRIBUTES: u16 = 1 << 9;
const REQUIRED: u16 = TRACE_ID | SPAN_ID | NAME | START | END;

/// What is to be read as records are.
fn odd<E: Error>() -> E {
    E::custom("no span as this library writes them")
}

fn has_failed<E: Error>(status: &str) -> Result<bool, E> {
    match status {
        "UNSET" | "OK" => Ok(false),
        "ERROR" => Ok(true),
        _ => Err(odd()),
    }
}

/// An id as a record has it; one that is shorter or longer is for whoever reads the shapes of others.
fn id<E: Error>(text: &str) -> Result<u128, E> {
    match is_id(text, 32) {
        true => u128::from_str_radix(text, 16).map_err(E::custom),
        false => Err(odd()),
    }
}

fn short_id<E: Error>(text: &str) -> Result<u64, E> {
    match is_id(text, 16) {
        true => u64::from_str_radix(text, 16).map_err(E::custom),
        false => Err(odd()),
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
        let (mut service, mut is_said) = (None, false);
        while let Some(key) = map.next_key_seed(Text)? {
            match (key.as_ref(), is_said) {
                (SERVICE, false) => {
                    is_said = true;
                    if let Scalar::Text(name) = map.next_value_seed(AnyScalar)? {
                        service = Some(name);
                    }
                }
                // Said twice, or where others say it.
                (SERVICE, true) | ("attributes", _) => return Err(odd()),
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
        // Names of one fact differ in their lengths: of one that comes again it is to be known whether it is the same.
        let mut lengths = [0_u64; Fact::COUNT];
        while let Some(key) = map.next_key_seed(Text)? {
            match Fact::of(&key) {
                Some(fact) => {
                    let length = 1 << (key.len() % 64);
                    if let Some(lengths) = lengths.get_mut(fact as usize) {
                        if *lengths & length != 0 {
                            return Err(odd());
                        }
                        *lengths |= length;
                    }
                    let value = map.next_value_seed(AnyScalar)?;
                    self.0.take(fact, value);
                }
                None => _ = map.next_value::<IgnoredAny>()?,
            }
        }
        Ok(())
    }
}

/// A value without structure.
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

    // What has structure may be a text in a record.
    fn visit_seq<S: SeqAccess<'de>>(self, _: S) -> Result<Self::Value, S::Error> {
        Err(odd())
    }

    fn visit_map<M: MapAccess<'de>>(self, _: M) -> Result<Self::Value, M::Error> {
        Err(odd())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::span::records;

    const LINE: &str = r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":"00f067aa0ba902b6","name":"chat \"x\"","kind":"CLIENT","start_unix_nano":1790000000000000001,"end_unix_nano":1790000000012345678,"status":"ERROR","status_message":"timed out","attributes":{"gen_ai.operation.name":"chat","gen_ai.response.model":"m-1","gen_ai.request.model":"m","gen_ai.system":"openai","gen_ai.usage.input_tokens":9,"llm.tokens.output":4,"llm.cost.usd":0.5,"task.completed":true,"gen_ai.conversation.id":"c","x":{"y":[1]}},"events":[],"links":[],"resource":{"host.name":"h","service.name":"coder"}}"#;

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
        assert_eq!(facts.conversation.as_deref(), Some("c"));
        let flat = LINE.replace(r#","x":{"y":[1]}"#, "");
        let record: SpanRecord = serde_json::from_str(&flat).unwrap();
        assert_eq!(Brief::of(&record), Brief::read(flat.as_bytes()).unwrap());
    }

    /// A change of the line, and whether it is still a span.
    const ODD: [(&str, &str, bool); 24] = [
        (r#""name":"#, r#""name":"other","name":"#, true),
        (
            r#""end_unix_nano":"#,
            r#""end_unix_nano":7,"end_unix_nano":"#,
            true,
        ),
        (
            r#""parent_span_id":"#,
            r#""parent_span_id":null,"parent_span_id":"#,
            true,
        ),
        (r#","kind""#, r#","parent_span_id":null,"kind""#, true),
        (
            r#""attributes":{"#,
            r#""attributes":{"task.id":"t"},"attributes":{"#,
            true,
        ),
        (
            r#""gen_ai.usage.input_tokens":9"#,
            r#""gen_ai.usage.input_tokens":9,"gen_ai.usage.input_tokens":8"#,
            true,
        ),
        (
            r#""gen_ai.usage.input_tokens":9"#,
            r#""gen_ai.usage.input_tokens":9,"prompt_tokens":8"#,
            true,
        ),
        (
            r#""gen_ai.usage.input_tokens":9"#,
            r#""prompt_tokens":"x","gen_ai.usage.input_tokens":9,"prompt_tokens":8"#,
            true,
        ),
        (
            r#""gen_ai.usage.input_tokens":9"#,
            r#""gen_ai.usage.input_tokens":null"#,
            true,
        ),
        (
            r#""gen_ai.usage.input_tokens":9"#,
            r#""gen_ai.usage.input_tokens":12.0"#,
            true,
        ),
        (
            r#""gen_ai.conversation.id":"c""#,
            r#""gen_ai.conversation.id":{"a":1}"#,
            true,
        ),
        (
            r#""gen_ai.conversation.id":"c""#,
            r#""gen_ai.conversation.id":["a"]"#,
            true,
        ),
        (
            r#""gen_ai.conversation.id":"c""#,
            r#""gen_ai.conversation.id":[1,"a"]"#,
            true,
        ),
        (
            r#""service.name":"coder""#,
            r#""service.name":"coder","service.name":"other""#,
            true,
        ),
        (
            r#""resource":{"#,
            r#""resource":{"attributes":{"service.name":"deep"},"#,
            true,
        ),
        (r#""status":"ERROR""#, r#""status":"error""#, true),
        (r#""status":"ERROR""#, r#""status":"fine""#, true),
        (
            r#""parent_span_id":"00f067aa0ba902b6""#,
            r#""parent_span_id":"0000000000000000""#,
            true,
        ),
        (
            r#""links":[]"#,
            r#""links":[{"trace_id":"00","span_id":"00"}],"dropped":{"events":"x"}"#,
            true,
        ),
        (r#""name":"chat \"x\"""#, r#""title":"x""#, false),
        (
            r#""start_unix_nano":1790000000000000001"#,
            r#""start_unix_nano":-1"#,
            false,
        ),
        (r#""host.name":"h""#, r#""host.name":"\ud800""#, false),
        (
            r#""host.name":"h""#,
            r#""host.name":"\\ud800 \ud83d\ude00""#,
            true,
        ),
        (r#""host.name":"h""#, "\"host.name\":\"\u{1}\"", false),
    ];

    #[test]
    fn whatever_is_odd_about_a_line_lists_take_it_as_its_record_is() {
        for (from, to, is_span) in ODD {
            let line = LINE.replacen(from, to, 1);
            assert_ne!(line, LINE, "{from} is not there");
            let record = records(line.as_bytes());
            assert_eq!(record.is_some(), is_span, "{to}");
            let of_record = record.iter().flatten().map(Brief::of).next();
            if let Some(brief) = Brief::read(line.as_bytes()) {
                assert_eq!(Some(brief), of_record, "{to}");
            }
        }
        let not_text = [LINE.as_bytes(), b"\xff"].concat();
        let not_text = [
            &not_text[..LINE.len() - 3],
            b"\xff",
            &LINE.as_bytes()[LINE.len() - 3..],
        ]
        .concat();
        assert_eq!(Brief::read(&not_text), None);
        assert_eq!(records(&not_text), None);
    }

    #[test]
    fn what_stands_twice_in_a_line_is_what_stands_there_last() {
        let line = LINE.replace(
            r#""gen_ai.usage.input_tokens":9"#,
            r#""gen_ai.usage.input_tokens":9,"gen_ai.usage.input_tokens":8"#,
        );
        let record = records(line.as_bytes()).unwrap();
        let brief = Brief::of(&record[0]);
        assert_eq!(brief.facts.input_tokens, Some(8));
        assert_eq!(Brief::read(line.as_bytes()), None);
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
