//! What a returned value says of its call, without a bound on its type.
//!
//! `(&&&&&&&&&&&Probe(&value)).__end()` picks the first trait below that fits the type: the compiler
//! tries the receiver as it is, then with one reference less, and so on (autoref specialisation,
//! <https://lukaskalbertodt.github.io/2019/12/05/generalized-autoref-based-specialization.html>).
//! So a `Result` is known through any alias, and a type about which nothing is known is no obstacle.
//!
//! The choice does not see lifetimes: a bound of `'static` on an error would not pass over one that
//! borrows, it would refuse it. That is why an error whose type is in the open is not looked up among
//! the registered types, for which it would have to be `'static`. It is also why `Box<dyn Error + 'a>`
//! is refused: nothing tells it from a `Box<dyn Error>`, which has to be looked into.

mod kind;
mod said;

use std::any::{Any, type_name};
use std::borrow::Cow;
use std::error::Error;
use std::fmt::{Debug, Display};
use std::ops::Deref;

pub use self::kind::{KindAny, KindErased, KindErasedTwice, KindError, KindGenAi};
use self::said::{said, with_causes};
use super::error_type::names::{OTHER, bounded, public_name};
use super::error_type::{self, Erased, Known, erased_in, guarded};
use super::genai_error::GenAiError;
use super::outcome::{End, Failure, Outcome};

/// Holds the returned value for the traits of this module.
#[derive(Debug)]
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// An error that says its kind, and is a proper error beside.
pub trait ProbeGenAiError {
    /// How the call ended.
    fn __end(&self) -> End;
}

impl<T, E: GenAiError + Error> ProbeGenAiError for &&&&&&&&&&Probe<'_, Result<T, E>> {
    fn __end(&self) -> End {
        end_of(self.0, |error| of_genai_error(error, with_causes(error)))
    }
}

/// An error that says its kind and can be shown.
pub trait ProbeGenAiDisplay {
    /// How the call ended.
    fn __end(&self) -> End;
}

impl<T, E: GenAiError + Display> ProbeGenAiDisplay for &&&&&&&&&Probe<'_, Result<T, E>> {
    fn __end(&self) -> End {
        end_of(self.0, |error| of_genai_error(error, said(error)))
    }
}

/// An error that says its kind and can be debugged.
pub trait ProbeGenAiDebug {
    /// How the call ended.
    fn __end(&self) -> End;
}

impl<T, E: GenAiError + Debug> ProbeGenAiDebug for &&&&&&&&Probe<'_, Result<T, E>> {
    fn __end(&self) -> End {
        end_of(self.0, |error| {
            of_genai_error(error, said(&format_args!("{error:?}")))
        })
    }
}

/// An error that says its kind and nothing else.
pub trait ProbeGenAi {
    /// How the call ended.
    fn __end(&self) -> End;
}

impl<T, E: GenAiError> ProbeGenAi for &&&&&&&Probe<'_, Result<T, E>> {
    fn __end(&self) -> End {
        end_of(self.0, |error| of_genai_error(error, String::new()))
    }
}

/// A pointer to an error whose type is hidden: `Box<dyn Error>`, `Arc<dyn Error + Send + Sync>`,
/// `anyhow::Error`, `eyre::Report`.
pub trait ProbeErased {
    /// How the call ended.
    fn __end(&self) -> End;
}

impl<T, E: Deref<Target: Erased>> ProbeErased for &&&&&&Probe<'_, Result<T, E>> {
    fn __end(&self) -> End {
        end_of(self.0, |error| failure_of_erased(error.as_error()))
    }
}

/// A pointer to such a pointer, as in `Arc<anyhow::Error>`.
pub trait ProbeErasedTwice {
    /// How the call ended.
    fn __end(&self) -> End;
}

impl<T, E: Deref<Target: Deref<Target: Erased>>> ProbeErasedTwice for &&&&&Probe<'_, Result<T, E>> {
    fn __end(&self) -> End {
        end_of(self.0, |error| failure_of_erased(error.deref().as_error()))
    }
}

/// A proper error.
pub trait ProbeError {
    /// How the call ended.
    fn __end(&self) -> End;
}

impl<T, E: Error> ProbeError for &&&&Probe<'_, Result<T, E>> {
    fn __end(&self) -> End {
        end_of(self.0, |error| {
            failure::<E>(error_type::of_error(error), with_causes(error))
        })
    }
}

/// An error that can be shown.
pub trait ProbeDisplay {
    /// How the call ended.
    fn __end(&self) -> End;
}

impl<T, E: Display> ProbeDisplay for &&&Probe<'_, Result<T, E>> {
    fn __end(&self) -> End {
        end_of(self.0, |error| {
            failure::<E>(error_type::of_type::<E>(), said(error))
        })
    }
}

/// An error that can be debugged.
pub trait ProbeDebug {
    /// How the call ended.
    fn __end(&self) -> End;
}

impl<T, E: Debug> ProbeDebug for &&Probe<'_, Result<T, E>> {
    fn __end(&self) -> End {
        end_of(self.0, |error| {
            let message = said(&format_args!("{error:?}"));
            failure::<E>(error_type::of_type::<E>(), message)
        })
    }
}

/// An error of which nothing is known but its type.
pub trait ProbeResult {
    /// How the call ended.
    fn __end(&self) -> End;
}

impl<T, E> ProbeResult for &Probe<'_, Result<T, E>> {
    fn __end(&self) -> End {
        end_of(self.0, |_| {
            failure::<E>(error_type::of_type::<E>(), String::new())
        })
    }
}

/// Anything else: the call returned, so it is well.
pub trait ProbeAny {
    /// How the call ended.
    fn __end(&self) -> End;
}

impl<T: ?Sized> ProbeAny for Probe<'_, T> {
    #[inline]
    fn __end(&self) -> End {
        End::of(Outcome::Ok)
    }
}

#[inline]
fn end_of<T, E>(result: &Result<T, E>, failure: impl FnOnce(&E) -> Failure) -> End {
    match result {
        Ok(_) => End::of(Outcome::Ok),
        Err(error) => End::failed(failure(error)),
    }
}

/// How a call ended whose `error.type` the user's own function says (`err = path`).
pub fn end_with<T, E, R: Into<Cow<'static, str>>>(
    result: &Result<T, E>,
    error_type: impl FnOnce(&E) -> R,
    mut end: End,
) -> End {
    if let (Err(error), Some(failure)) = (result, &mut end.failure)
        && let Some(said) = guarded(|| bounded(error_type(error).into()))
    {
        failure.error_type = said;
    }
    end
}

fn failure<E: ?Sized>(error_type: Cow<'static, str>, message: String) -> Failure {
    Failure {
        error_type,
        exception_type: Cow::Borrowed(public_name(type_name::<E>())),
        message,
    }
}

fn of_genai_error<E: GenAiError>(error: &E, message: String) -> Failure {
    failure::<E>(error_type::of_genai_error(error), message)
}

/// The failure of an error whose type is hidden: it is known only where it, or one of its causes, is
/// of a known type.
fn failure_of_erased(error: &(dyn Error + 'static)) -> Failure {
    let known = error_type::of_erased(error);
    Failure {
        exception_type: Cow::Borrowed(
            known
                .as_ref()
                .and_then(|known| known.exception_type)
                .unwrap_or("dyn std::error::Error"),
        ),
        error_type: known.map_or(Cow::Borrowed(OTHER), |known| known.error_type),
        message: with_causes(error),
    }
}

/// The failure of any error that can be shown, for spans by hand: there is no macro that could find
/// out more than the bounds of a function say.
pub(crate) fn failure_of<E: Display + 'static>(error: &E) -> Failure {
    let any: &dyn Any = error;
    if let Some(error) = erased_in(any) {
        return failure_of_erased(error);
    }
    let Some(Known {
        error_type,
        error: known,
        ..
    }) = error_type::of_any(any)
    else {
        return failure::<E>(error_type::of_type::<E>(), said(error));
    };
    failure::<E>(error_type, known.map_or_else(|| said(error), with_causes))
}

#[cfg(test)]
mod tests;
