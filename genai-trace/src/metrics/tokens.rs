//! Tokens of many calls, by class and modality.

use genai_trace_semconv::values::gen_ai_token_modality as modality;

use crate::provider::usage::{ByModality, Usage, sum};

/// A class of tokens with a counter of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenClass {
    Input,
    Output,
    CacheRead,
    CacheWrite,
    Reasoning,
}

/// What a token stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Modality {
    Text,
    Audio,
    Image,
    Unknown,
}

impl Modality {
    /// The value of `gen_ai.token.modality`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Modality::Text => modality::TEXT,
            Modality::Audio => modality::AUDIO,
            Modality::Image => modality::IMAGE,
            Modality::Unknown => modality::UNKNOWN,
        }
    }
}

/// Tokens of many calls, by class and modality.
#[derive(Clone, Debug, Default)]
pub(crate) struct TokenSums {
    input: Split,
    output: Split,
    cache_read: Split,
    cache_write: Split,
    reasoning: Split,
}

impl TokenSums {
    pub(crate) fn add(&mut self, usage: &Usage) {
        let whole = ByModality::default();
        self.input.add(usage.input, &usage.input_by);
        self.output.add(usage.output, &usage.output_by);
        self.cache_read.add(usage.cache_read, &usage.cache_read_by);
        self.cache_write.add(usage.cache_write, &whole);
        self.reasoning.add(usage.reasoning, &whole);
    }

    pub(crate) fn merge(&mut self, other: &TokenSums) {
        self.input.merge(&other.input);
        self.output.merge(&other.output);
        self.cache_read.merge(&other.cache_read);
        self.cache_write.merge(&other.cache_write);
        self.reasoning.merge(&other.reasoning);
    }

    /// The tokens of `class` and `modality`; none when no call told of such.
    pub(crate) fn of(&self, class: TokenClass, modality: Modality) -> Option<u64> {
        let split = self.class(class);
        match modality {
            Modality::Text => split.said.text,
            Modality::Audio => split.said.audio,
            Modality::Image => split.said.image,
            Modality::Unknown => split.unknown,
        }
    }

    /// All tokens of `class`; none when no call told of such.
    pub(crate) fn total(&self, class: TokenClass) -> Option<u64> {
        let split = self.class(class);
        sum([split.said.total(), split.unknown])
    }

    const fn class(&self, class: TokenClass) -> &Split {
        match class {
            TokenClass::Input => &self.input,
            TokenClass::Output => &self.output,
            TokenClass::CacheRead => &self.cache_read,
            TokenClass::CacheWrite => &self.cache_write,
            TokenClass::Reasoning => &self.reasoning,
        }
    }
}

/// One class of tokens; the four parts add up to its total.
#[derive(Clone, Debug, Default)]
struct Split {
    said: ByModality,
    unknown: Option<u64>,
}

impl Split {
    /// Adds a count and its split. A split that says more than the total contradicts it: then the
    /// total holds, and its modality is unknown.
    fn add(&mut self, total: Option<u64>, by: &ByModality) {
        let said = by.total();
        match (total, said) {
            (None, None) => {}
            (Some(total), Some(said)) if said > total => raise(&mut self.unknown, Some(total)),
            (Some(total), None) => raise(&mut self.unknown, Some(total)),
            (total, Some(said)) => {
                self.add_said(by);
                let rest = total.map(|total| total.saturating_sub(said));
                raise(&mut self.unknown, rest.filter(|rest| *rest > 0));
            }
        }
    }

    fn merge(&mut self, other: &Split) {
        self.add_said(&other.said);
        raise(&mut self.unknown, other.unknown);
    }

    fn add_said(&mut self, by: &ByModality) {
        raise(&mut self.said.text, by.text);
        raise(&mut self.said.audio, by.audio);
        raise(&mut self.said.image, by.image);
    }
}

/// Adds to a sum that stays `None` until something is added.
fn raise(sum: &mut Option<u64>, more: Option<u64>) {
    if let Some(more) = more {
        *sum = Some(sum.unwrap_or(0).saturating_add(more));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(usage: Usage) -> TokenSums {
        let mut sums = TokenSums::default();
        sums.add(&usage);
        sums
    }

    #[test]
    fn a_total_without_a_split_is_of_unknown_modality() {
        let sums = sums(Usage {
            input: Some(7),
            ..Usage::default()
        });
        assert_eq!(sums.of(TokenClass::Input, Modality::Unknown), Some(7));
        assert_eq!(sums.of(TokenClass::Input, Modality::Text), None);
        assert_eq!(sums.total(TokenClass::Output), None);
    }

    #[test]
    fn a_partial_split_adds_up_to_the_total() {
        let sums = sums(Usage {
            input: Some(100),
            input_by: ByModality {
                text: Some(60),
                image: Some(30),
                audio: None,
            },
            ..Usage::default()
        });
        assert_eq!(sums.of(TokenClass::Input, Modality::Text), Some(60));
        assert_eq!(sums.of(TokenClass::Input, Modality::Image), Some(30));
        assert_eq!(sums.of(TokenClass::Input, Modality::Audio), None);
        assert_eq!(sums.of(TokenClass::Input, Modality::Unknown), Some(10));
        assert_eq!(sums.total(TokenClass::Input), Some(100));
    }

    #[test]
    fn a_split_that_exceeds_the_total_is_not_believed() {
        let sums = sums(Usage {
            output: Some(5),
            output_by: ByModality {
                audio: Some(6),
                ..ByModality::default()
            },
            ..Usage::default()
        });
        assert_eq!(sums.of(TokenClass::Output, Modality::Unknown), Some(5));
        assert_eq!(sums.of(TokenClass::Output, Modality::Audio), None);
    }

    #[test]
    fn a_split_without_a_total_is_its_own_total() {
        let usage = Usage {
            input_by: ByModality {
                text: Some(2),
                audio: Some(3),
                image: None,
            },
            ..Usage::default()
        };
        assert_eq!(usage.all_input(), Some(5));
        assert_eq!(sums(usage).total(TokenClass::Input), Some(5));
    }

    #[test]
    fn nothing_said_stays_nothing_and_zero_stays_zero() {
        let mut sums = sums(Usage::default());
        assert_eq!(sums.total(TokenClass::Reasoning), None);
        sums.add(&Usage {
            reasoning: Some(0),
            ..Usage::default()
        });
        assert_eq!(sums.total(TokenClass::Reasoning), Some(0));
    }
}
