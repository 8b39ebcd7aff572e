//! The W3C `baggage`: what a caller wants everyone down the trace to know.

mod own;

use std::borrow::Cow;

pub use self::own::BaggageError;

/// Most members that are taken.
const MOST_MEMBERS: usize = 64;
/// Most bytes of all members that are taken, as they are sent.
const MOST_BYTES: usize = 8192;

/// Which members are taken, and whether spans say them. None is taken unless it is allowed: whoever
/// calls may write what they like, and what is passed on goes to everyone who is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Allowed {
    pub(crate) keys: Vec<String>,
    pub(crate) on_spans: bool,
}

impl Allowed {
    /// What is allowed as a key.
    pub(crate) const EXPECTED: &str = "keys of letters, digits and !#$%&'*+-.^_`|~";

    /// The first key that no baggage can have.
    pub(crate) fn bad_key(&self) -> Option<&str> {
        self.keys
            .iter()
            .map(String::as_str)
            .find(|key| !is_token(key))
    }
}

/// Members of the W3C [`baggage`](https://www.w3.org/TR/baggage/) that begin in this process: what everyone who is
/// called from here is to know, further and further down.
///
/// What runs [in it](Baggage::run) passes them on: spans that begin there, those below them on whatever thread, and
/// the requests, jobs and child processes that a [`Carrier`](crate::Carrier) goes with. That is as with baggage that
/// came from outside, to which it is added: only what is [allowed](crate::Builder::baggage) counts, and is an
/// attribute of the spans that begin in it where [`baggage_on_spans`](crate::Builder::baggage_on_spans) says so. (A
/// key that is not allowed goes nowhere, which is said once on standard error.) The span that it runs in stays as it is.
///
/// At most 64 members and 8192 bytes, as they are sent, go on; where there are more, what came from outside goes first.
///
/// ```
/// use genai_trace::{Baggage, Carrier, MemoryExporter, Telemetry, current, genai_agent};
///
/// #[genai_agent("coder")]
/// fn work() -> Carrier {
///     let session = current().context().and_then(|agent| agent.baggage("session.id").map(String::from));
///     assert_eq!(session.as_deref(), Some("s 1"));
///     Carrier::current() // into the headers of a request
/// }
///
/// let memory = MemoryExporter::new();
/// let telemetry = Telemetry::builder().memory(&memory).baggage(["session.id"]).install()?;
/// let sent = Baggage::new().with("session.id", "s 1")?.run(work);
/// let headers: Vec<_> = sent.into_iter().collect();
/// assert_eq!(headers[1], ("baggage".to_owned(), "session.id=s%201".to_owned()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it counts for what runs in it"]
pub struct Baggage(Vec<Member>);

#[derive(Clone, Debug)]
struct Member {
    key: Box<str>,
    /// As it was sent, percent-encoded.
    value: Box<str>,
    /// What was said of it: from the semicolon on, or nothing.
    properties: Box<str>,
}

impl Baggage {
    /// The members of `text` that are allowed, in their order: of a key that is there twice the last,
    /// and of many the first 64, and no more than 8192 bytes. What is malformed is left out.
    pub(super) fn of(text: &str, allowed: &[String]) -> Self {
        let mut baggage = Self::default();
        let mut bytes = 0;
        for member in text.split(',').filter_map(Member::parse) {
            if !allowed.iter().any(|key| **key == *member.key) {
                continue;
            }
            if let Some(before) = baggage.0.iter().position(|other| other.key == member.key) {
                bytes -= baggage.0.remove(before).len();
            }
            // No comma stands behind the last.
            if baggage.0.len() < MOST_MEMBERS && bytes + member.len() <= MOST_BYTES + ",".len() {
                bytes += member.len();
                baggage.0.push(member);
            }
        }
        baggage
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The keys and their values.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Cow<'_, str>)> {
        self.0
            .iter()
            .map(|member| (&*member.key, decoded(&member.value)))
    }

    /// The keys, their values, and what was said of these: from the semicolon on, or nothing.
    #[cfg(feature = "opentelemetry")]
    pub(crate) fn members(&self) -> impl Iterator<Item = (&str, Cow<'_, str>, &str)> {
        self.0
            .iter()
            .map(|member| (&*member.key, decoded(&member.value), &*member.properties))
    }

    /// How much it takes as it is sent.
    fn len(&self) -> usize {
        let members: usize = self.0.iter().map(Member::len).sum();
        members.saturating_sub(",".len())
    }

    /// As it is sent.
    pub(super) fn to_header(&self) -> Option<String> {
        let members = self.0.iter().map(|member| {
            let Member {
                key,
                value,
                properties,
            } = member;
            format!("{key}={value}{properties}")
        });
        (!self.is_empty()).then(|| members.collect::<Vec<_>>().join(","))
    }
}

impl Member {
    fn parse(text: &str) -> Option<Self> {
        let (member, properties) = match text.find(';') {
            Some(end) => text.split_at_checked(end)?,
            None => (text, ""),
        };
        let (key, value) = member.split_once('=')?;
        let (key, value, properties) = (trimmed(key), trimmed(value), trimmed(properties));
        let is_whole = is_token(key) && value.bytes().all(is_octet) && are_properties(properties);
        is_whole.then(|| Self {
            key: key.into(),
            value: value.into(),
            properties: properties.into(),
        })
    }

    /// How much it takes as it is sent, with the comma behind it.
    fn len(&self) -> usize {
        self.key.len() + "=".len() + self.value.len() + self.properties.len() + ",".len()
    }
}

fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// Whether `text` is a name as HTTP has it.
fn is_token(text: &str) -> bool {
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(is_allowed)
}

/// Whether a value may have `byte` as it is.
fn is_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)
}

/// Whether what follows a value goes into a header as it is.
fn are_properties(text: &str) -> bool {
    let is_allowed = |byte: u8| is_octet(byte) || b"; \t".contains(&byte);
    text.bytes().all(is_allowed)
}

/// A value without its percent-encoding; what is no UTF-8 is replaced, as the specification asks.
fn decoded(value: &str) -> Cow<'_, str> {
    if !value.contains('%') {
        return Cow::Borrowed(value);
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.split_first_chunk::<2>().filter(|_| *first == b'%');
        let byte = digits.and_then(|([high, low], behind)| {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let byte = u8::try_from(digit(*high)? << 4 | digit(*low)?).ok()?;
            Some((byte, behind))
        });
        let (byte, behind) = byte.unwrap_or((*first, after));
        bytes.push(byte);
        rest = behind;
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_goes_on_is_read_again_as_it_was(text in "[ab=;,% 41é\\t]{0,80}") {
            let allowed = ["a", "b", "ab", "4"].map(str::to_owned);
            let baggage = Baggage::of(&text, &allowed);
            let header = baggage.to_header().unwrap_or_default();
            prop_assert_eq!(pairs(&Baggage::of(&header, &allowed)), pairs(&baggage));
        }
    }

    fn of(text: &str, allowed: &[&str]) -> Baggage {
        let allowed: Vec<_> = allowed.iter().map(|key| (*key).to_owned()).collect();
        Baggage::of(text, &allowed)
    }

    fn pairs(baggage: &Baggage) -> Vec<(String, String)> {
        let pair = |(key, value): (&str, Cow<'_, str>)| (key.to_owned(), value.into_owned());
        baggage.iter().map(pair).collect()
    }

    #[test]
    fn only_what_is_allowed_is_taken_and_goes_on_as_it_came() {
        let text = "userId=Am%C3%A9lie , secret=x,isProduction = false;p1;p2 = v , user%2Dx=1";
        let baggage = of(text, &["isProduction", "userId"]);
        let wanted = [("userId", "Amélie"), ("isProduction", "false")];
        let wanted = wanted.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(pairs(&baggage), wanted);
        let header = baggage.to_header();
        assert_eq!(
            header.as_deref(),
            Some("userId=Am%C3%A9lie,isProduction=false;p1;p2 = v")
        );
        assert!(of(text, &[]).is_empty() && of(text, &[]).to_header().is_none());
    }

    #[test]
    fn a_malformed_member_is_left_out_and_the_others_are_not() {
        for wrong in [
            "a",
            "a b=1",
            "=1",
            "a=b c",
            "a=\"b\"",
            "a=b\\c",
            "a=é",
            "a=1;\u{7f}",
            "",
        ] {
            let baggage = of(&format!("{wrong},k=v"), &["k", "a", "a b", ""]);
            assert_eq!(baggage.to_header().as_deref(), Some("k=v"), "{wrong:?}");
        }
    }

    #[test]
    fn of_a_key_that_is_there_twice_the_last_holds() {
        assert_eq!(of("k=1,k=2", &["k"]).to_header().as_deref(), Some("k=2"));
    }

    #[test]
    fn percent_signs_that_encode_nothing_stay_and_broken_text_is_replaced() {
        let baggage = of("k=100%,l=%zz%4,m=%ff%41,n=a%3Db", &["k", "l", "m", "n"]);
        let values: Vec<_> = pairs(&baggage)
            .into_iter()
            .map(|(_, value)| value)
            .collect();
        assert_eq!(values, ["100%", "%zz%4", "\u{fffd}A", "a=b"]);
    }

    #[test]
    fn members_and_bytes_are_capped() {
        let keys: Vec<_> = (0..70).map(|i| format!("k{i}")).collect();
        let text: Vec<_> = keys.iter().map(|key| format!("{key}=v")).collect();
        assert_eq!(Baggage::of(&text.join(","), &keys).iter().count(), 64);
        let whole = format!("k0={},k1=v", "x".repeat(8192 - "k0=,k1=v".len()));
        assert_eq!(Baggage::of(&whole, &keys).to_header(), Some(whole));
        let large = format!("k0={},k1=v,k2={}", "x".repeat(8000), "y".repeat(300));
        let baggage = Baggage::of(&large, &keys);
        let taken: Vec<_> = baggage.iter().map(|(key, _)| key).collect();
        assert_eq!(taken, ["k0", "k1"]);
        assert!(baggage.to_header().unwrap().len() <= 8192);
    }
}
