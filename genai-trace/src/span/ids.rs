//! W3C trace and span ids, and the generator that makes them.

use std::cmp::Ordering;
use std::fmt;
use std::num::NonZeroU64;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The id of a whole trace: 16 random bytes, never all zero, shown as 32 lower-case hex digits
/// ([W3C Trace Context](https://www.w3.org/TR/trace-context/#trace-id)).
///
/// ```
/// let id: genai_trace::TraceId = "4bf92f3577b34da6a3ce929d0e0e4736".parse()?;
/// assert_eq!(id.to_string(), "4bf92f3577b34da6a3ce929d0e0e4736");
/// # Ok::<(), genai_trace::ParseIdError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TraceId([u8; 16]);

/// The id of one span: 8 random bytes, never all zero, shown as 16 lower-case hex digits
/// ([W3C Trace Context](https://www.w3.org/TR/trace-context/#parent-id)).
// A number that is not zero, so that an `Option` of it is one word. Its lowest byte is shown first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SpanId(NonZeroU64);

/// A text is no trace or span id: it has the wrong length, a digit that is not lower-case hex,
/// or nothing but zeros.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseIdError {
    text: String,
    digits: usize,
}

impl ParseIdError {
    fn of(text: &str, digits: usize) -> Self {
        Self {
            text: text.chars().take(64).collect(),
            digits,
        }
    }
}

impl fmt::Display for ParseIdError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "invalid id {:?}: expected {} lower-case hex digits, not all zero",
            self.text, self.digits
        )
    }
}

impl std::error::Error for ParseIdError {}

fn parse_hex<const N: usize>(text: &str) -> Result<[u8; N], ParseIdError> {
    let error = || ParseIdError::of(text, N * 2);
    let nibble = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    };
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return Err(error());
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let (Some(high), Some(low)) = (nibble(*high), nibble(*low)) else {
            return Err(error());
        };
        *byte = high << 4 | low;
    }
    Ok(bytes)
}

/// The lower-case hex digits of an id's bytes, eight at once.
#[inline]
pub(crate) fn hex<const N: usize>(bytes: &[u8; N]) -> [[u8; 2]; N] {
    let mut digits = [[0; 2]; N];
    let (places, _) = digits.as_flattened_mut().as_chunks_mut::<8>();
    for (place, four) in places.iter_mut().zip(bytes.as_chunks::<4>().0) {
        *place = hex_of_four(u32::from_le_bytes(*four)).to_le_bytes();
    }
    digits
}

/// The digits of four bytes, which lie in words as they do in memory.
#[inline]
const fn hex_of_four(bytes: u32) -> u64 {
    const fn each(byte: u8) -> u64 {
        u64::from_le_bytes([byte; 8])
    }
    // Each byte in the lower half of two, and then each of its halves in a byte, the upper one first.
    let apart = bytes as u64;
    let apart = (apart | apart << 16) & 0x0000_ffff_0000_ffff;
    let apart = (apart | apart << 8) & 0x00ff_00ff_00ff_00ff;
    let halves = (apart >> 4 | apart << 8) & each(0x0f);
    // Those of 10 and more carry into their highest bit.
    let letters = (halves + each(0x80 - 10)) >> 7 & each(1);
    halves + each(b'0') + letters * (b'a' - b'9' - 1) as u64
}

/// Writes `bytes` as lower-case hex digits to the end of `out`.
pub(crate) fn push_hex<const N: usize>(bytes: &[u8; N], out: &mut Vec<u8>) {
    out.extend_from_slice(hex(bytes).as_flattened());
}

impl TraceId {
    /// Stands for no id where a frame is not in use.
    pub(crate) const NONE: Self = Self([0; 16]);

    /// The id of these bytes; none where all are zero.
    #[inline]
    pub fn from_bytes(bytes: [u8; 16]) -> Option<Self> {
        // Compared as a whole, in two words.
        (bytes != [0; 16]).then_some(Self(bytes))
    }

    /// The bytes of the id, in the order in which they are shown.
    #[inline]
    pub const fn to_bytes(self) -> [u8; 16] {
        self.0
    }
}

impl SpanId {
    /// Stands for no id where a frame is not in use.
    pub(crate) const NONE: Self = Self(NonZeroU64::MAX);

    /// The id of these bytes; none where all are zero.
    #[inline]
    pub fn from_bytes(bytes: [u8; 8]) -> Option<Self> {
        Self::from_word(u64::from_le_bytes(bytes))
    }

    /// The bytes of the id, in the order in which they are shown.
    #[inline]
    pub const fn to_bytes(self) -> [u8; 8] {
        self.0.get().to_le_bytes()
    }

    /// The id of this word; none where it is zero.
    #[inline]
    pub(crate) fn from_word(word: u64) -> Option<Self> {
        NonZeroU64::new(word).map(Self)
    }

    /// The bytes of the id as a word, the first lowest.
    #[inline]
    pub(crate) const fn word(self) -> u64 {
        self.0.get()
    }
}

impl PartialOrd for SpanId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for SpanId {
    /// By their bytes, as they are shown.
    fn cmp(&self, other: &Self) -> Ordering {
        self.to_bytes().cmp(&other.to_bytes())
    }
}

macro_rules! id {
    ($name:ident) => {
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let bytes = self.to_bytes();
                bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, ParseIdError> {
                let none = || ParseIdError::of(text, size_of::<Self>() * 2);
                parse_hex(text).and_then(|bytes| Self::from_bytes(bytes).ok_or_else(none))
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(TraceId);
id!(SpanId);

/// Makes ids, one generator a thread, seeded with the system's randomness: a system call for each id
/// would cost more than the rest of the span.
///
/// Trace ids come from xoshiro256++ (Blackman and Vigna, 2019). Span ids, of which there are many
/// more and which need only differ within their trace, are a Weyl sequence that begins at random: those
/// of two threads meet no sooner than random numbers would.
#[derive(Debug)]
pub(crate) struct IdGenerator {
    state: [u64; 4],
    span: u64,
}

impl IdGenerator {
    /// A generator with a seed from the system, or, where the system has none to give, from
    /// the hasher keys of the standard library, which are random too.
    pub(crate) fn new() -> Self {
        let mut seed = [0; 40];
        if getrandom::fill(&mut seed).is_err() {
            seed = fallback_seed();
        }
        Self::from_seed(seed)
    }

    fn from_seed(seed: [u8; 40]) -> Self {
        let (words, _) = seed.as_chunks::<8>();
        let mut state = [0; 5];
        for (word, bytes) in state.iter_mut().zip(words) {
            *word = u64::from_le_bytes(*bytes);
        }
        let [a, b, c, d, span] = state;
        let state = match [a, b, c, d] {
            [0, 0, 0, 0] => [1, 2, 3, 4],
            state => state,
        };
        Self { state, span }
    }

    fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let result = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        result
    }

    /// A new trace id.
    pub(crate) fn trace_id(&mut self) -> TraceId {
        loop {
            let [high, low] = [self.next(), self.next()];
            let both = u128::from(high) << 64 | u128::from(low);
            if both != 0 {
                return TraceId(both.to_be_bytes());
            }
        }
    }

    /// A new span id.
    #[inline]
    pub(crate) fn span_id(&mut self) -> SpanId {
        loop {
            // 2^64 divided by the golden ratio, and odd: every number comes once before one comes again.
            self.span = self.span.wrapping_add(0x9e37_79b9_7f4a_7c15);
            if let Some(id) = SpanId::from_word(self.span) {
                return id;
            }
        }
    }
}

fn fallback_seed() -> [u8; 40] {
    use std::hash::{BuildHasher, RandomState};
    let mut seed = [0; 40];
    let (words, _) = seed.as_chunks_mut::<8>();
    for (number, word) in words.iter_mut().enumerate() {
        *word = RandomState::new().hash_one(number).to_le_bytes();
    }
    seed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_generator_gives_the_reference_sequence() {
        // First outputs of the reference C code for the state 1, 2, 3, 4.
        let mut seed = [0; 40];
        for (word, value) in seed.as_chunks_mut::<8>().0.iter_mut().zip(1_u64..) {
            *word = value.to_le_bytes();
        }
        let mut generator = IdGenerator::from_seed(seed);
        let got: Vec<u64> = (0..4).map(|_| generator.next()).collect();
        assert_eq!(
            got,
            [41943041, 58720359, 3588806011781223, 3591011842654386]
        );
    }

    #[test]
    fn span_ids_of_a_thread_differ_in_all_their_bytes_from_one_to_the_next() {
        let mut seed = [0; 40];
        seed[32..].copy_from_slice(&0x61c8_8646_80b5_83eb_u64.to_le_bytes());
        let mut generator = IdGenerator::from_seed(seed);
        let mut last = generator.span_id();
        // The seed is such that the sum is zero at first, which is no id.
        assert_eq!(last.word(), 0x9e37_79b9_7f4a_7c15);
        let mut seen = std::collections::HashSet::from([last]);
        for _ in 0..10_000 {
            let id = generator.span_id();
            let (bytes, before) = (id.to_bytes(), last.to_bytes());
            assert!(
                bytes
                    .iter()
                    .zip(before)
                    .all(|(byte, before)| *byte != before)
            );
            assert!(seen.insert(id));
            last = id;
        }
    }

    #[test]
    fn ids_differ_between_generators_and_calls() {
        let mut seen = std::collections::HashSet::new();
        for mut generator in [IdGenerator::new(), IdGenerator::new()] {
            for _ in 0..1000 {
                assert!(seen.insert(generator.trace_id().to_string()));
                assert!(seen.insert(generator.span_id().to_string()));
            }
        }
    }

    #[test]
    fn hex_reads_back_what_it_shows() {
        let mut generator = IdGenerator::new();
        let (trace, span) = (generator.trace_id(), generator.span_id());
        assert_eq!(trace.to_string().parse(), Ok(trace));
        assert_eq!(span.to_string().parse(), Ok(span));
        let mut pushed = Vec::new();
        push_hex(&trace.to_bytes(), &mut pushed);
        assert_eq!(pushed, trace.to_string().as_bytes());
    }

    #[test]
    fn a_wrong_id_is_named_with_what_is_allowed() {
        for text in [
            "",
            "abc",
            "4BF92F3577B34DA6",
            "00000000000000000",
            "+000000000000001",
        ] {
            assert!(text.parse::<SpanId>().is_err(), "{text}");
        }
        assert_eq!(
            "0000000000000000"
                .parse::<SpanId>()
                .unwrap_err()
                .to_string(),
            "invalid id \"0000000000000000\": expected 16 lower-case hex digits, not all zero"
        );
    }
}
