//! Where a request or a response comes from.

use std::borrow::Cow;

use super::host::provider_of;

/// Where a request or a response comes from, so far as it is known: what its JSON alone leaves open.
///
/// ```
/// use genai_trace::provider::Origin;
///
/// let origin = Origin::default().provider("azure.ai.openai").status(429).content(true);
/// # let _ = origin;
/// ```
#[derive(Clone, Copy, Debug, Default)]
#[must_use]
pub struct Origin<'a> {
    pub(super) provider: Option<&'a str>,
    pub(super) url: Option<&'a str>,
    /// The URL up to its query and fragment, without a slash at its end.
    path: Option<&'a str>,
    pub(super) status: Option<u16>,
    pub(super) headers: &'a [(&'a str, &'a str)],
    pub(super) content: bool,
}

impl<'a> Origin<'a> {
    /// The provider, as `gen_ai.provider.name` calls it.
    pub const fn provider(mut self, name: &'a str) -> Self {
        self.provider = Some(name);
        self
    }

    /// Where the request went; its path tells the form, and for some providers the model.
    pub fn url(mut self, url: &'a str) -> Self {
        let mut bytes = url.bytes();
        let end = bytes.position(|byte| matches!(byte, b'?' | b'#'));
        let path = end.and_then(|end| url.get(..end)).unwrap_or(url);
        self.url = Some(url);
        self.path = Some(path.trim_end_matches('/'));
        self
    }

    /// The HTTP status of the response.
    pub const fn status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The headers of the response, where some providers count tokens or name errors; names in any case.
    pub const fn headers(mut self, headers: &'a [(&'a str, &'a str)]) -> Self {
        self.headers = headers;
        self
    }

    /// Whether messages are wanted as well; not by default.
    pub const fn content(mut self, wanted: bool) -> Self {
        self.content = wanted;
        self
    }
}

impl Origin<'_> {
    /// Whether the path of the URL ends with `end`, whatever query follows.
    pub(super) fn path_ends(&self, end: &str) -> bool {
        self.path.is_some_and(|path| path.ends_with(end))
    }

    /// The URL up to its query and fragment, without a slash at its end.
    pub(super) fn path(&self) -> Option<&str> {
        self.path
    }

    /// Whether nothing is known that could name a form.
    pub(super) fn is_unknown(&self) -> bool {
        self.url.is_none() && self.provider.is_none()
    }

    /// The header `name`.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let found = self
            .headers
            .iter()
            .find(|(key, _)| key.eq_ignore_ascii_case(name));
        found.map(|(_, value)| *value)
    }

    /// Whether the provider is `name`, or its host is known as that of `name`.
    pub(super) fn is_provider(&self, name: &str) -> bool {
        match self.provider {
            Some(provider) => provider == name,
            None => self.url.and_then(provider_of) == Some(name),
        }
    }

    /// The provider that nobody has said yet: the one whose host is known, else what `form` tells.
    pub(super) fn unsaid_provider(
        &self,
        form: impl FnOnce() -> Option<&'static str>,
    ) -> Option<Cow<'static, str>> {
        if self.provider.is_some() {
            return None;
        }
        self.url
            .and_then(provider_of)
            .or_else(form)
            .map(Cow::Borrowed)
    }

    /// The status of the response, where it is that of a failure.
    pub(super) fn failure(&self) -> Option<u16> {
        self.status.filter(|status| *status >= 400)
    }
}

/// An [`Origin`] that owns what it says, for what outlives the call that names it.
#[derive(Clone, Debug, Default)]
pub(super) struct KeptOrigin {
    provider: Option<String>,
    url: Option<String>,
    status: Option<u16>,
    content: bool,
}

impl KeptOrigin {
    pub(super) fn new(origin: &Origin<'_>) -> Self {
        Self {
            provider: origin.provider.map(str::to_owned),
            url: origin.url.map(str::to_owned),
            status: origin.status,
            content: origin.content,
        }
    }

    /// The origin, without its headers: no stream of any provider says anything in them.
    pub(super) fn get(&self) -> Origin<'_> {
        let origin = Origin {
            provider: self.provider.as_deref(),
            status: self.status,
            content: self.content,
            ..Origin::default()
        };
        match self.url.as_deref() {
            Some(url) => origin.url(url),
            None => origin,
        }
    }
}
