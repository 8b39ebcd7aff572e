//! What a call used, in portions that are paid for apart.

use super::Rate;
use super::class::PriceClass;
use super::cost::{Breakdown, Cost};
use super::unpriced::Unpriced;
use crate::provider::usage::Usage;

/// What a call used: each token in the one class in which it is paid for.
#[derive(Debug)]
pub(super) struct Portions {
    tokens: [u64; PriceClass::ALL.len()],
    input: u64,
}

impl Portions {
    /// The portions of `usage`; none where it says neither what went in nor what came out.
    ///
    /// Where parts are larger than their total, what comes later in the order of cache, image, sound
    /// takes what is left.
    pub(super) fn of(usage: &Usage) -> Option<Self> {
        let (input, output) = (usage.all_input(), usage.all_output());
        if input.is_none() && output.is_none() {
            return None;
        }
        let mut portions = Self {
            tokens: [0; PriceClass::ALL.len()],
            input: input.unwrap_or(0),
        };
        let mut rest = portions.input;
        let cache_read = take(&mut rest, usage.cache_read.or(usage.cache_read_by.total()));
        let cache_write = take(&mut rest, usage.cache_write);
        let mut plain_read = cache_read;
        let read_image = take(&mut plain_read, usage.cache_read_by.image);
        let read_audio = take(&mut plain_read, usage.cache_read_by.audio);
        let mut short_write = cache_write;
        let long_write = take(&mut short_write, usage.cache_write_1h);
        // What of them came from the cache is counted there.
        let beside = |all: Option<u64>, read: u64| all.map(|all| all.saturating_sub(read));
        let image = take(&mut rest, beside(usage.input_by.image, read_image));
        let audio = take(&mut rest, beside(usage.input_by.audio, read_audio));
        let mut plain_output = output.unwrap_or(0);
        let image_output = take(&mut plain_output, usage.output_by.image);
        let audio_output = take(&mut plain_output, usage.output_by.audio);
        let reasoning = take(&mut plain_output, usage.reasoning);
        for (class, tokens) in [
            (PriceClass::Input, rest),
            (PriceClass::CacheRead, plain_read),
            (PriceClass::CacheReadImage, read_image),
            (PriceClass::CacheReadAudio, read_audio),
            (PriceClass::CacheWrite, short_write),
            (PriceClass::CacheWrite1h, long_write),
            (PriceClass::InputImage, image),
            (PriceClass::InputAudio, audio),
            (PriceClass::Output, plain_output),
            (PriceClass::Reasoning, reasoning),
            (PriceClass::OutputImage, image_output),
            (PriceClass::OutputAudio, audio_output),
            (PriceClass::Request, 1),
        ] {
            if let Some(portion) = portions.tokens.get_mut(class.index()) {
                *portion = tokens;
            }
        }
        Some(portions)
    }

    /// All input tokens, by which a price may change.
    pub(super) const fn input_tokens(&self) -> u64 {
        self.input
    }

    /// What they cost where a unit of a class costs what `rate` says.
    pub(super) fn cost(&self, rate: &mut dyn FnMut(PriceClass) -> Rate) -> Result<Cost, Unpriced> {
        let mut breakdown = Breakdown::default();
        for (class, count) in PriceClass::ALL.into_iter().zip(self.tokens) {
            if count > 0 {
                let rate = rate(class).map_err(Unpriced::NoClassPrice)?;
                breakdown.add(class, count, rate);
            }
        }
        if breakdown != Breakdown::default() {
            return Ok(Cost::Priced(breakdown));
        }
        // Nothing was used, or what was used costs nothing: only where nothing costs anything it is free.
        match [PriceClass::Input, PriceClass::Output].map(rate) {
            [Err(class), Err(_)] => Err(Unpriced::NoClassPrice(class)),
            rates if rates.iter().all(|rate| matches!(rate, Ok(0) | Err(_))) => Ok(Cost::Free),
            _ => Ok(Cost::Priced(breakdown)),
        }
    }
}

/// Takes as much of `rest` as there is of `wanted`.
fn take(rest: &mut u64, wanted: Option<u64>) -> u64 {
    let taken = wanted.unwrap_or(0).min(*rest);
    *rest -= taken;
    taken
}
