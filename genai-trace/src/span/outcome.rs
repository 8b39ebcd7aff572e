//! How a span ended.

use std::any::Any;
use std::borrow::Cow;

/// How a span ended.
///
/// The conventions know only errors; what else can happen to a call in Rust is kept in the
/// attribute `genai_trace.outcome`, which is absent for [`Ok`](Outcome::Ok) and
/// [`Error`](Outcome::Error). The status is ERROR for `Error` and `Panicked`, UNSET otherwise.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Outcome {
    /// The call returned, and what it returned is no error.
    #[default]
    Ok,
    /// The call returned an error, or a value that `error_if` calls one.
    Error,
    /// The call panicked; the panic went on to the caller.
    Panicked,
    /// The future was dropped before it was ready.
    Cancelled,
    /// The stream was dropped before its end; or nobody ended the span, whose guard was forgotten,
    /// until its thread did.
    Abandoned,
    /// The future that a function returned was never polled.
    NeverPolled,
    /// The process died while the span was open: [`recover`](crate::recover) found it in the black box.
    Crashed,
}

impl Outcome {
    /// Every outcome, in the order of [`Outcome::index`].
    pub(crate) const ALL: [Outcome; 7] = [
        Outcome::Ok,
        Outcome::Error,
        Outcome::Panicked,
        Outcome::Cancelled,
        Outcome::Abandoned,
        Outcome::NeverPolled,
        Outcome::Crashed,
    ];

    /// The place of the outcome in tables.
    pub(crate) const fn index(self) -> usize {
        self as usize
    }

    /// The outcome that stands at `index`, where there is one.
    pub(crate) fn from_index(index: u8) -> Option<Outcome> {
        Outcome::ALL.get(usize::from(index)).copied()
    }

    /// The word for the outcome in labels and in `genai_trace.outcome`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Outcome::Ok => "ok",
            Outcome::Error => "error",
            Outcome::Panicked => "panicked",
            Outcome::Cancelled => "cancelled",
            Outcome::Abandoned => "abandoned",
            Outcome::NeverPolled => "never_polled",
            Outcome::Crashed => "crashed",
        }
    }

    /// Whether the span's status is ERROR.
    pub const fn is_error(self) -> bool {
        matches!(self, Outcome::Error | Outcome::Panicked)
    }
}

/// How a span ended, with what is known of the error.
#[derive(Debug, Default)]
pub struct End {
    pub(crate) outcome: Outcome,
    pub(crate) failure: Option<Box<Failure>>,
}

/// What is known of an error.
#[derive(Debug)]
pub(crate) struct Failure {
    /// The value of `error.type`: one of few.
    pub(crate) error_type: Cow<'static, str>,
    /// The value of `exception.type`: the error's type.
    pub(crate) exception_type: Cow<'static, str>,
    /// What the error says of itself, its causes included.
    pub(crate) message: String,
}

impl End {
    #[inline]
    pub(crate) const fn of(outcome: Outcome) -> Self {
        Self {
            outcome,
            failure: None,
        }
    }

    /// Whether there is nothing to say of it.
    #[inline]
    pub(crate) const fn is_ok(&self) -> bool {
        matches!(self.outcome, Outcome::Ok) && self.failure.is_none()
    }

    pub(crate) fn failed(failure: Failure) -> Self {
        Self {
            outcome: Outcome::Error,
            failure: Some(Box::new(failure)),
        }
    }

    pub(crate) fn panicked(payload: &(dyn Any + Send)) -> Self {
        Self {
            outcome: Outcome::Panicked,
            failure: Some(Box::new(Failure {
                error_type: Cow::Borrowed("panic"),
                exception_type: Cow::Borrowed("panic"),
                message: panic_message(payload).to_owned(),
            })),
        }
    }
}

/// What a panic said, where it said a text.
pub(crate) fn panic_message(payload: &(dyn Any + Send)) -> &str {
    payload
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| payload.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
}
