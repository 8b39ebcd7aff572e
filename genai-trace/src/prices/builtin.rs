//! The data of the crate `genai-prices`.

mod kept;

use std::time::SystemTime;

use genai_prices::{Calculator, ErrorKind, PriceCalculation, PriceRequest, Usage};

use super::Rate;
use super::call::Call;
use super::class::PriceClass;
use super::cost::Cost;
use super::portions::Portions;
use super::unpriced::Unpriced;

/// The newest day on which the data of the pinned version say that a price was looked up. The crate
/// itself does not say of which day they are.
pub(super) const DATA_DATE: Option<&str> = Some("2026-10-21");

/// Units in which costs are added up, for each dollar.
const UNITS: f64 = 1e18;

/// Reads the data, so that no call has to; whether there are any.
pub(super) fn load() -> bool {
    Calculator::bundled().providers().next().is_some()
}

/// What a call of `model` cost.
pub(super) fn cost(call: &Call<'_>, model: &str, portions: &Portions) -> Result<Cost, Unpriced> {
    let entry = Entry {
        provider: call.provider,
        model,
        service_tier: call.service_tier,
        time: call.time(),
        input_tokens: portions.input_tokens(),
    };
    kept::cost(&entry, portions)
}

/// What the data call a provider, where the conventions call it otherwise.
fn known_as(provider: &str) -> &str {
    match provider {
        "azure.ai.openai" | "azure.ai.inference" | "az.ai.openai" | "az.ai.inference" => "azure",
        "gcp.gen_ai" => "google",
        "x_ai" => "x-ai",
        "fireworks_ai" => "fireworks",
        other => other,
    }
}

/// A model in the data, and on what its prices depend.
struct Entry<'a> {
    /// As the call names it.
    provider: Option<&'a str>,
    model: &'a str,
    service_tier: Option<&'a str>,
    time: SystemTime,
    input_tokens: u64,
}

impl Entry<'_> {
    /// Finds it in the data.
    fn find(&self) -> Result<PriceCalculation, Unpriced> {
        match self.calculate(&Usage::new()) {
            Ok(found) => Ok(found),
            Err(ErrorKind::ProviderNotFound) if let Some(provider) = self.provider => {
                Err(Unpriced::UnknownProvider(provider.to_owned()))
            }
            Err(_) => Err(Unpriced::UnknownModel(self.model.to_owned())),
        }
    }

    /// What a unit of `class` costs.
    ///
    /// The crate adds up whole calls. A call with nothing but this class in it, and as much input as the
    /// real one, for the sake of prices that change with that, shows what a unit costs.
    fn rate(&self, class: PriceClass) -> Rate {
        let is_input = keys(class).first() == Some(&INPUT);
        let count = match self.input_tokens {
            0 => 1,
            tokens => tokens,
        };
        #[allow(clippy::cast_precision_loss)]
        let count = count as f64;
        let mut usage = Usage::new();
        if !is_input && class != PriceClass::Request {
            #[allow(clippy::cast_precision_loss)]
            usage.insert(INPUT, self.input_tokens as f64);
        }
        for key in keys(class) {
            usage.insert(*key, count);
        }
        let calculated = self.calculate(&usage).map_err(|_| class)?;
        let usd = match class {
            // A call that used nothing costs what a call costs.
            PriceClass::Request => calculated.total_price,
            _ if is_input => calculated.input_price / count,
            _ => calculated.output_price / count,
        };
        if usd == 0.0 && class != PriceClass::Request && !self.has_price(is_input) {
            return Err(class);
        }
        // Prices are written with a few decimals, which the division has blurred.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let rate = (usd * UNITS).round() as u64;
        Ok(rate)
    }

    /// Whether input, else output, has a price at all, which may be 0: only then the crate complains of a
    /// part without its total.
    fn has_price(&self, is_input: bool) -> bool {
        let part = match is_input {
            true => READ,
            false => "output_reasoning_tokens",
        };
        self.calculate(&Usage::from([(part, 1.0)])) == Err(ErrorKind::InvalidUsage)
    }

    fn calculate(&self, usage: &Usage) -> Result<PriceCalculation, ErrorKind> {
        let mut request = PriceRequest::new(self.model, usage).with_timestamp(self.time);
        if let Some(provider) = self.provider {
            request = request.with_provider_id(known_as(provider));
        }
        if let Some(tier) = self.service_tier {
            request = request.with_price_context("service_tier", tier);
        }
        Calculator::bundled()
            .calculate(&request)
            .map_err(|error| error.kind())
    }
}

/// Whether the data call a model free: they have no price for it then, as they have none for what is paid
/// for otherwise than by tokens.
fn is_called_free(found: &PriceCalculation) -> bool {
    if found.model_id.ends_with(":free") {
        return true;
    }
    let provider = Calculator::bundled().find_provider(Some(&found.provider_id), None);
    let Ok(Some(provider)) = provider else {
        return false;
    };
    let model = provider.models().find(|model| model.id() == found.model_id);
    model
        .and_then(|model| model.name())
        .is_some_and(|name| name.ends_with("(free)"))
}

const INPUT: &str = "input_tokens";
const READ: &str = "cache_read_tokens";
const WRITE: &str = "cache_write_tokens";
const OUTPUT: &str = "output_tokens";

/// Under which keys the crate counts a class: all that it is a part of, and itself.
fn keys(class: PriceClass) -> &'static [&'static str] {
    match class {
        PriceClass::Input => &[INPUT],
        PriceClass::CacheRead => &[INPUT, READ],
        PriceClass::CacheWrite => &[INPUT, WRITE, "cache_write_5m_tokens"],
        PriceClass::CacheWrite1h => &[INPUT, WRITE, "cache_write_1h_tokens"],
        PriceClass::InputAudio => &[INPUT, "input_audio_tokens"],
        PriceClass::InputImage => &[INPUT, "input_image_tokens"],
        PriceClass::CacheReadAudio => {
            &[INPUT, READ, "input_audio_tokens", "cache_audio_read_tokens"]
        }
        PriceClass::CacheReadImage => {
            &[INPUT, READ, "input_image_tokens", "cache_image_read_tokens"]
        }
        PriceClass::Output => &[OUTPUT],
        PriceClass::Reasoning => &[OUTPUT, "output_reasoning_tokens"],
        PriceClass::OutputAudio => &[OUTPUT, "output_audio_tokens"],
        PriceClass::OutputImage => &[OUTPUT, "output_image_tokens"],
        PriceClass::Request => &[],
    }
}
