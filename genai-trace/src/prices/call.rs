//! A model call whose cost is asked for.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::provider::Usage;

/// A model call whose cost is asked for.
///
/// ```
/// use genai_trace::prices::Call;
/// use genai_trace::provider::Usage;
///
/// let usage = Usage { input: Some(250), output: Some(130), ..Usage::default() };
/// let call = Call::new(&usage).provider("openai").request_model("gpt-4o");
/// # let _ = call;
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct Call<'a> {
    pub(super) usage: &'a Usage,
    pub(super) provider: Option<&'a str>,
    request_model: Option<&'a str>,
    response_model: Option<&'a str>,
    #[cfg_attr(
        not(feature = "prices"),
        allow(dead_code, reason = "tables know no tiers")
    )]
    pub(super) service_tier: Option<&'a str>,
    at: Option<SystemTime>,
}

impl<'a> Call<'a> {
    /// A call that used `usage`, now.
    pub const fn new(usage: &'a Usage) -> Self {
        Self {
            usage,
            provider: None,
            request_model: None,
            response_model: None,
            service_tier: None,
            at: None,
        }
    }

    /// The provider, as `gen_ai.provider.name` calls it.
    pub const fn provider(mut self, name: &'a str) -> Self {
        self.provider = some(name);
        self
    }

    /// The model that was asked for.
    pub const fn request_model(mut self, name: &'a str) -> Self {
        self.request_model = some(name);
        self
    }

    /// The model that answered, as it calls itself: its price goes before that of the one asked for.
    pub const fn response_model(mut self, name: &'a str) -> Self {
        self.response_model = some(name);
        self
    }

    /// The service tier that answered, which some of the data of the feature `prices` have prices for.
    pub const fn service_tier(mut self, name: &'a str) -> Self {
        self.service_tier = some(name);
        self
    }

    /// When the call began; prices of that day hold. Now unless said.
    pub const fn at(mut self, time: SystemTime) -> Self {
        self.at = Some(time);
        self
    }

    /// When the call began.
    pub(super) fn time(&self) -> SystemTime {
        self.at.unwrap_or_else(SystemTime::now)
    }

    /// The day on which it began: how many days after 1970-01-01.
    pub(super) fn day(&self) -> u64 {
        let since_1970 = self.time().duration_since(UNIX_EPOCH).unwrap_or_default();
        since_1970.as_secs() / 86_400
    }

    /// Under which names to look for a price, in order.
    pub(super) fn models(&self) -> impl Iterator<Item = &'a str> {
        let bare = |model: &'a str| model.split_once('/').and_then(|(_, bare)| some(bare));
        [self.response_model, self.request_model]
            .into_iter()
            .flatten()
            .flat_map(move |model| [Some(model), bare(model)])
            .flatten()
    }
}

const fn some(name: &str) -> Option<&str> {
    match name.is_empty() {
        true => None,
        false => Some(name),
    }
}
