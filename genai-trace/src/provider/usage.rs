//! What a model call used, as its provider counts it.

/// What a model call used; what the provider did not say is `None`, never 0.
///
/// Totals are as the conventions have them: `input` holds every input token, cached ones included, and
/// `output` every output token, reasoning included. The other figures are parts of these two, so that
/// nothing is counted twice: `input - cache_read - cache_write` went in at the full price.
///
/// ```
/// use genai_trace::provider::Usage;
///
/// let usage = Usage { input: Some(1_000), cache_read: Some(600), output: Some(50), ..Usage::default() };
/// assert_eq!(usage.uncached_input(), Some(400));
/// assert_eq!(usage.reasoning, None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Every input token, cached ones included.
    pub input: Option<u64>,
    /// Every output token, reasoning included.
    pub output: Option<u64>,
    /// The part of `input` that came from the provider's cache.
    pub cache_read: Option<u64>,
    /// The part of `input` that went into the provider's cache.
    pub cache_write: Option<u64>,
    /// The part of `cache_write` that is kept for an hour and not for the usual five minutes.
    pub cache_write_1h: Option<u64>,
    /// The part of `output` that was reasoning.
    pub reasoning: Option<u64>,
    /// `input` by what its tokens stand for.
    pub input_by: ByModality,
    /// `output` by what its tokens stand for.
    pub output_by: ByModality,
    /// `cache_read` by what its tokens stand for.
    pub cache_read_by: ByModality,
}

impl Usage {
    /// Whether nothing is said.
    pub fn is_empty(&self) -> bool {
        *self == Usage::default()
    }

    /// The part of the input that neither came from a cache nor went into one; 0 where a provider
    /// counts more cached tokens than tokens.
    pub fn uncached_input(&self) -> Option<u64> {
        let cached = sum([self.cache_read, self.cache_write]).unwrap_or(0);
        self.all_input().map(|input| input.saturating_sub(cached))
    }

    /// Takes over what is said later.
    pub(crate) fn absorb(&mut self, mut later: Usage) {
        for (place, value) in self.figures_mut().into_iter().zip(later.figures_mut()) {
            if value.is_some() {
                *place = *value;
            }
        }
    }

    fn figures_mut(&mut self) -> [&mut Option<u64>; 15] {
        [
            &mut self.input,
            &mut self.output,
            &mut self.cache_read,
            &mut self.cache_write,
            &mut self.cache_write_1h,
            &mut self.reasoning,
            &mut self.input_by.text,
            &mut self.input_by.audio,
            &mut self.input_by.image,
            &mut self.output_by.text,
            &mut self.output_by.audio,
            &mut self.output_by.image,
            &mut self.cache_read_by.text,
            &mut self.cache_read_by.audio,
            &mut self.cache_read_by.image,
        ]
    }

    /// All input tokens, added up from the modalities where there is no total.
    pub(crate) fn all_input(&self) -> Option<u64> {
        self.input.or_else(|| self.input_by.total())
    }

    /// All output tokens, added up from the modalities where there is no total.
    pub(crate) fn all_output(&self) -> Option<u64> {
        self.output.or_else(|| self.output_by.total())
    }
}

/// The split of a token count that the provider gave.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ByModality {
    /// Tokens of text.
    pub text: Option<u64>,
    /// Tokens of sound.
    pub audio: Option<u64>,
    /// Tokens of images.
    pub image: Option<u64>,
}

impl ByModality {
    pub(crate) fn total(&self) -> Option<u64> {
        sum([self.text, self.audio, self.image])
    }
}

/// The sum of what is known, where the conventions' integers hold it; none when nothing is known.
pub(crate) fn total<const N: usize>(parts: [Option<u64>; N]) -> Option<u64> {
    sum(parts).filter(|total| i64::try_from(*total).is_ok())
}

/// The sum of what is known; none when nothing is.
pub(crate) fn sum<const N: usize>(parts: [Option<u64>; N]) -> Option<u64> {
    parts.into_iter().flatten().reduce(u64::saturating_add)
}
