//! The kind of an error, said by its type.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

/// An error that knows what kind of error it is: the value of `error.type`.
///
/// Derive it. The name of an enum's variant, or of a struct, is then the kind; the attribute
/// `#[genai(..)]` says otherwise:
///
/// | on | attribute | the kind |
/// |---|---|---|
/// | a variant or a struct | `#[genai(error_type = "rate_limited")]` | that text |
/// | an enum | `#[genai(error_type = "api_error")]` | that text, where a variant says nothing itself |
/// | a variant or a struct with one field | `#[genai(transparent)]` | the kind of the error inside |
/// | the type | `#[genai(crate = path)]` | (where `genai_trace` is found, if under another name) |
///
/// The error inside is looked at as a returned error is: by its own `GenAiError`, an `io::Error` by
/// its kind, a boxed one or an `anyhow::Error` as [`register_error_type`](crate::register_error_type)
/// says, else by the name of its type.
///
/// ```
/// use genai_trace::GenAiError;
///
/// #[derive(Debug, GenAiError)]
/// enum ApiError {
///     Overloaded,
///     #[genai(error_type = "rate_limited")]
///     TooManyRequests { retry_after: u64 },
///     #[genai(transparent)]
///     Io(std::io::Error),
/// }
///
/// assert_eq!(ApiError::Overloaded.error_type(), "Overloaded");
/// assert_eq!(ApiError::TooManyRequests { retry_after: 3 }.error_type(), "rate_limited");
/// let refused = std::io::ErrorKind::ConnectionRefused;
/// assert_eq!(ApiError::Io(refused.into()).error_type(), "ConnectionRefused");
/// ```
///
/// A function under an attribute of this crate that returns `Result<T, ApiError>`, or one with
/// `Box<ApiError>`, `Arc<ApiError>` or `&ApiError`, ends its span with that kind.
///
/// Implemented by hand, `error_type` returns one of few texts and never a message: each text is a
/// series of the metrics. A text is cut after 64 bytes and before a control character; an empty one
/// becomes `_OTHER`. Where it panics, the name of the type stands instead, and the call goes on.
#[diagnostic::on_unimplemented(
    note = "`#[derive(genai_trace::GenAiError)]` on the type makes its variants the kinds of error"
)]
pub trait GenAiError {
    /// The kind of error, one of few: `rate_limited`, `ContextTooLong`.
    fn error_type(&self) -> Cow<'static, str>;
}

/// A kind of error, under a name of its own: where an error is derived, `str` may be the user's.
pub type ErrorType = Cow<'static, str>;

/// What points at an error is the error.
macro_rules! pointers {
    ($($pointer:ty),*) => { $(
        impl<E: GenAiError + ?Sized> GenAiError for $pointer {
            fn error_type(&self) -> Cow<'static, str> {
                (**self).error_type()
            }
        }
    )* };
}

pointers!(&E, &mut E, Box<E>, Rc<E>, Arc<E>);
