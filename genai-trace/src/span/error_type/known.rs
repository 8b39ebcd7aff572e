//! The types of error that this crate knows.

use std::any::type_name;
use std::borrow::Cow;
use std::error::Error;
use std::sync::Arc;
use std::sync::mpsc;

use super::names::public_name;
use super::{Known, Unknown, registry};
use crate::span::genai_error::GenAiError;

/// A type of error that this crate knows.
trait KnownError: Error + 'static {
    /// The kind of error.
    fn kind(&self) -> Cow<'static, str>;
}

/// Lists the known types. One that is returned in the open is a [`GenAiError`] by that; in both
/// places the user's own function for the type comes first.
macro_rules! known {
    ($($(#[$when:meta])* $known:ty,)*) => {
        $(
            $(#[$when])*
            impl GenAiError for $known {
                fn error_type(&self) -> Cow<'static, str> {
                    match registry::find(Unknown::Error(self)) {
                        Some(known) => known.error_type,
                        None => KnownError::kind(self),
                    }
                }
            }
        )*

        /// What is known of an error, if it is of a known type.
        pub(super) fn find(error: Unknown<'_>) -> Option<Known<'_>> {
            $(
                $(#[$when])*
                if let Some(known) = find_one::<$known>(error) {
                    return Some(known);
                }
            )*
            None
        }
    };
}

known! {
    std::io::Error,
    serde_json::Error,
    std::fmt::Error,
    mpsc::RecvTimeoutError,
    #[cfg(feature = "tokio")]
    tokio::task::JoinError,
    #[cfg(feature = "tokio")]
    tokio::time::error::Elapsed,
    #[cfg(feature = "reqwest")]
    reqwest::Error,
}

fn find_one<E: KnownError>(error: Unknown<'_>) -> Option<Known<'_>> {
    let error = error
        .get::<E>()
        .or_else(|| error.get::<Box<E>>().map(Box::as_ref))
        .or_else(|| error.get::<Arc<E>>().map(Arc::as_ref))?;
    Some(Known {
        error_type: KnownError::kind(error),
        exception_type: Some(public_name(type_name::<E>())),
        error: Some(error),
    })
}

/// A time that has run out, whoever's it was.
const TIMEOUT: &str = "timeout";

impl KnownError for std::io::Error {
    fn kind(&self) -> Cow<'static, str> {
        of_io(Self::kind(self))
    }
}

fn of_io(kind: std::io::ErrorKind) -> Cow<'static, str> {
    Cow::Owned(format!("{kind:?}"))
}

impl KnownError for serde_json::Error {
    fn kind(&self) -> Cow<'static, str> {
        use serde_json::error::Category;
        match (self.classify(), self.io_error_kind()) {
            (_, Some(kind)) => of_io(kind),
            (Category::Eof, _) => Cow::Borrowed("JsonEof"),
            (Category::Syntax, _) => Cow::Borrowed("JsonSyntax"),
            (Category::Data | Category::Io, _) => Cow::Borrowed("JsonData"),
        }
    }
}

impl KnownError for std::fmt::Error {
    fn kind(&self) -> Cow<'static, str> {
        Cow::Borrowed("fmt::Error")
    }
}

impl KnownError for mpsc::RecvTimeoutError {
    fn kind(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Timeout => TIMEOUT,
            Self::Disconnected => "Disconnected",
        })
    }
}

#[cfg(feature = "tokio")]
impl KnownError for tokio::task::JoinError {
    fn kind(&self) -> Cow<'static, str> {
        Cow::Borrowed(if self.is_panic() {
            "panic"
        } else {
            "cancelled"
        })
    }
}

#[cfg(feature = "tokio")]
impl KnownError for tokio::time::error::Elapsed {
    fn kind(&self) -> Cow<'static, str> {
        Cow::Borrowed(TIMEOUT)
    }
}

#[cfg(feature = "reqwest")]
impl KnownError for reqwest::Error {
    fn kind(&self) -> Cow<'static, str> {
        // The status first: a request that it ends has gone well in every other respect.
        if let Some(status) = self.status() {
            return Cow::Owned(status.as_u16().to_string());
        }
        // A time that runs out while connecting is both, and so is a body that fails in decoding.
        let kinds = [
            (self.is_timeout(), TIMEOUT),
            (self.is_connect(), "connect"),
            (self.is_decode(), "decode"),
            (self.is_body(), "body"),
            (self.is_redirect(), "redirect"),
            (self.is_builder(), "builder"),
            (self.is_upgrade(), "upgrade"),
            (self.is_request(), "request"),
        ];
        let kind = kinds.iter().find(|(is, _)| *is).map(|(_, kind)| *kind);
        Cow::Borrowed(kind.unwrap_or("reqwest::Error"))
    }
}

#[cfg(test)]
mod tests;
