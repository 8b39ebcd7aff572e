//! What may be kept of what was said.
//!
//! Messages, arguments and results are kept only where that is asked for ([`ContentMode`]). What is kept
//! is prepared on the thread that captures it, before anything else sees it, a black box included.

mod blob;
mod counts;
#[cfg(feature = "redact")]
mod digest;
mod estimate;
mod kind;
mod limits;
mod mark;
mod mode;
mod policy;
mod prepared;
#[cfg(feature = "redact")]
mod redact;
mod redaction;
mod scrub;
mod secret;
mod secret_name;
mod shown;
mod size;
#[cfg(feature = "redact")]
mod store;
mod truncate;

pub(crate) use self::counts::ContentCounts;
pub(crate) use self::estimate::TokenEstimator;
pub use self::kind::ContentKind;
pub use self::limits::ContentLimits;
pub(crate) use self::mark::REDACTED;
pub use self::mode::{ContentMode, UnknownContentMode};
pub use self::policy::ContentPolicy;
pub use self::prepared::Prepared;
#[cfg(feature = "redact")]
pub use self::redact::{RedactError, Redactor, RedactorBuilder};
pub use self::redaction::Redaction;
pub use self::scrub::scrub;
pub(crate) use self::scrub::{may_tell, scrub_attribute};
pub use self::secret::Secret;
pub use self::shown::{hash, last4};
pub use self::size::json_bytes;
#[cfg(feature = "redact")]
pub use self::store::{ContentSink, ContentStore, ContentStoreReport};
pub use self::truncate::{truncate_json, truncate_text};
