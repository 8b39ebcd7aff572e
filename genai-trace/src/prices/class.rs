//! The classes of what is paid for.

use std::fmt;

/// A class of what is paid for. Every token of a call is in one of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum PriceClass {
    /// Input at the full price.
    Input,
    /// Input from the provider's cache.
    CacheRead,
    /// Input into the provider's cache, for the usual five minutes.
    CacheWrite,
    /// Input into the provider's cache, for an hour.
    CacheWrite1h,
    /// Sound as input.
    InputAudio,
    /// Images as input.
    InputImage,
    /// Sound from the provider's cache.
    CacheReadAudio,
    /// Images from the provider's cache.
    CacheReadImage,
    /// Output that is none of the following.
    Output,
    /// Output that was reasoning.
    Reasoning,
    /// Sound as output.
    OutputAudio,
    /// Images as output.
    OutputImage,
    /// The call itself.
    Request,
}

impl PriceClass {
    /// Every class, in the order of the declaration.
    pub const ALL: [PriceClass; 13] = [
        PriceClass::Input,
        PriceClass::CacheRead,
        PriceClass::CacheWrite,
        PriceClass::CacheWrite1h,
        PriceClass::InputAudio,
        PriceClass::InputImage,
        PriceClass::CacheReadAudio,
        PriceClass::CacheReadImage,
        PriceClass::Output,
        PriceClass::Reasoning,
        PriceClass::OutputAudio,
        PriceClass::OutputImage,
        PriceClass::Request,
    ];

    /// The key of the class in a table of prices.
    pub const fn as_str(self) -> &'static str {
        match self {
            PriceClass::Input => "input",
            PriceClass::CacheRead => "cache_read",
            PriceClass::CacheWrite => "cache_write",
            PriceClass::CacheWrite1h => "cache_write_1h",
            PriceClass::InputAudio => "input_audio",
            PriceClass::InputImage => "input_image",
            PriceClass::CacheReadAudio => "cache_read_audio",
            PriceClass::CacheReadImage => "cache_read_image",
            PriceClass::Output => "output",
            PriceClass::Reasoning => "reasoning",
            PriceClass::OutputAudio => "output_audio",
            PriceClass::OutputImage => "output_image",
            PriceClass::Request => "request",
        }
    }

    /// The class whose price holds where this one has none of its own; none where nothing is like it.
    pub(super) const fn is_a_kind_of(self) -> Option<PriceClass> {
        Some(match self {
            PriceClass::CacheWrite1h => PriceClass::CacheWrite,
            PriceClass::InputAudio | PriceClass::InputImage => PriceClass::Input,
            PriceClass::CacheReadAudio | PriceClass::CacheReadImage => PriceClass::CacheRead,
            PriceClass::Reasoning | PriceClass::OutputAudio | PriceClass::OutputImage => {
                PriceClass::Output
            }
            PriceClass::Input
            | PriceClass::CacheRead
            | PriceClass::CacheWrite
            | PriceClass::Output
            | PriceClass::Request => return None,
        })
    }

    pub(super) const fn index(self) -> usize {
        self as usize
    }
}

impl fmt::Display for PriceClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
