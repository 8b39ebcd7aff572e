//! What a span says of the model call that it stands for.

use std::time::{Duration, UNIX_EPOCH};

use genai_trace_semconv::names::OPENAI_RESPONSE_SERVICE_TIER;

use super::{Call, Cost, Prices};
use crate::provider::Usage;
use crate::span::callsite::{Callsite, StaticValue};
use crate::span::items::{Item, ItemIter};
use crate::span::measure::read_usage;
use crate::span::names;
use crate::span::value_bytes::ValueRef;

/// What a span says of the model call that it stands for.
#[derive(Debug, Default)]
pub(crate) struct Said<'a> {
    usage: Usage,
    provider: &'a str,
    request_model: &'a str,
    response_model: &'a str,
    service_tier: &'a str,
}

impl<'a> Said<'a> {
    /// What the source and the items of a span say.
    pub(crate) fn by(callsite: &'static Callsite, items: ItemIter<'a>) -> Self {
        let mut said = Self {
            request_model: callsite.subject(),
            ..Self::default()
        };
        for (key, value) in callsite.attributes() {
            if let StaticValue::Str(text) = value {
                said.hear(key, ValueRef::Str((*text).into()));
            }
        }
        for item in items {
            if let Item::Attribute(key, value) | Item::Counted(key, value) = item {
                said.hear(key.to_str(), value);
            }
        }
        said
    }

    fn hear(&mut self, key: &str, value: ValueRef<'a>) {
        let place = match key {
            names::PROVIDER => &mut self.provider,
            names::REQUEST_MODEL => &mut self.request_model,
            names::RESPONSE_MODEL => &mut self.response_model,
            OPENAI_RESPONSE_SERVICE_TIER => &mut self.service_tier,
            _ => return read_usage(&mut self.usage, key, value),
        };
        if let Some(text) = value.as_text() {
            *place = text.to_str();
        }
    }

    /// What it cost, where it began so many nanoseconds after 1970.
    pub(crate) fn cost(&self, prices: &Prices, start: u64) -> Cost {
        let call = Call::new(&self.usage)
            .provider(self.provider)
            .request_model(self.request_model)
            .response_model(self.response_model)
            .service_tier(self.service_tier)
            .at(UNIX_EPOCH + Duration::from_nanos(start));
        prices.cost(&call)
    }
}
