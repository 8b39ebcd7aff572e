//! What a returned value says of its call, without a bound on its type.
//!
//! `(&&&&&&Probe(&value)).end()` picks the first trait below that fits the type: the compiler tries
//! the receiver as it is, then with one reference less, and so on (autoref specialisation,
//! <https://lukaskalbertodt.github.io/2019/12/05/generalized-autoref-based-specialization.html>).
//! So a `Result` is known through any alias, and a type about which nothing is known is no obstacle.

use std::any::{Any, type_name};
use std::borrow::Cow;
use std::error::Error;
use std::fmt::{Debug, Display, Write};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use super::outcome::{End, Failure, Outcome};

/// Holds the returned value for the traits of this module.
#[derive(Debug)]
pub struct Probe<'a, T: ?Sized>(pub &'a T);

/// A boxed error, which is no `Error` itself.
pub trait ProbeBoxed {
    /// How the call ended.
    fn end(&self) -> End;
}

impl<T> ProbeBoxed for &&&&&Probe<'_, Result<T, Box<dyn Error + Send + Sync>>> {
    fn end(&self) -> End {
        end_of(self.0, |error| failure_of_boxed(error.as_ref()))
    }
}

impl<T> ProbeBoxed for &&&&&Probe<'_, Result<T, Box<dyn Error + Send>>> {
    fn end(&self) -> End {
        end_of(self.0, |error| failure_of_boxed(error.as_ref()))
    }
}

impl<T> ProbeBoxed for &&&&&Probe<'_, Result<T, Box<dyn Error>>> {
    fn end(&self) -> End {
        end_of(self.0, |error| failure_of_boxed(error.as_ref()))
    }
}

/// A `Result` with a proper error.
pub trait ProbeError {
    /// How the call ended.
    fn end(&self) -> End;
}

impl<T, E: Error + 'static> ProbeError for &&&&Probe<'_, Result<T, E>> {
    fn end(&self) -> End {
        end_of(self.0, failure_of_error)
    }
}

/// A `Result` with an error that can be shown.
pub trait ProbeDisplay {
    /// How the call ended.
    fn end(&self) -> End;
}

impl<T, E: Display> ProbeDisplay for &&&Probe<'_, Result<T, E>> {
    fn end(&self) -> End {
        end_of(self.0, |error| failure::<E>(said(&error)))
    }
}

/// A `Result` with an error that can be debugged.
pub trait ProbeDebug {
    /// How the call ended.
    fn end(&self) -> End;
}

impl<T, E: Debug> ProbeDebug for &&Probe<'_, Result<T, E>> {
    fn end(&self) -> End {
        end_of(self.0, |error| {
            failure::<E>(said(&format_args!("{error:?}")))
        })
    }
}

/// A `Result` with an error of which nothing is known but its type.
pub trait ProbeResult {
    /// How the call ended.
    fn end(&self) -> End;
}

impl<T, E> ProbeResult for &Probe<'_, Result<T, E>> {
    fn end(&self) -> End {
        end_of(self.0, |_| failure::<E>(String::new()))
    }
}

/// Anything else: the call returned, so it is well.
pub trait ProbeAny {
    /// How the call ended.
    fn end(&self) -> End;
}

impl<T: ?Sized> ProbeAny for Probe<'_, T> {
    fn end(&self) -> End {
        End::of(Outcome::Ok)
    }
}

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
    if let (Err(error), Some(failure)) = (result, &mut end.failure) {
        failure.error_type = error_type(error).into();
    }
    end
}

/// How a call ended whose returned value the user's own function calls an error (`error_if = path`).
pub fn end_if(is_error: bool, end: End) -> End {
    if !is_error || end.failure.is_some() {
        return end;
    }
    End::failed(Failure {
        error_type: Cow::Borrowed(TOOL_ERROR),
        exception_type: Cow::Borrowed(TOOL_ERROR),
        message: String::new(),
    })
}

/// The type of an error that came as data.
const TOOL_ERROR: &str = "tool_error";

fn failure<E: ?Sized>(message: String) -> Failure {
    Failure {
        error_type: Cow::Borrowed(short_name(type_name::<E>())),
        exception_type: Cow::Borrowed(type_name::<E>()),
        message,
    }
}

/// The failure of an error whose type is known.
pub(crate) fn failure_of_error<E: Error + 'static>(error: &E) -> Failure {
    let mut failure = failure::<E>(with_causes(error));
    name_known(error, &mut failure);
    failure
}

/// The failure of any error that can be shown.
pub(crate) fn failure_of<E: Display + 'static>(error: &E) -> Failure {
    let any: &dyn Any = error;
    if let Some(error) = any.downcast_ref::<io::Error>() {
        return failure_of_error(error);
    }
    if let Some(error) = any.downcast_ref::<Box<dyn Error + Send + Sync>>() {
        return failure_of_boxed(error.as_ref());
    }
    if let Some(error) = any.downcast_ref::<Box<dyn Error>>() {
        return failure_of_boxed(error.as_ref());
    }
    failure::<E>(said(&error))
}

/// The failure of a boxed error: its type is known only where it is one of the known.
fn failure_of_boxed(error: &(dyn Error + 'static)) -> Failure {
    let mut failure = Failure {
        error_type: leading_name(&said(&format_args!("{error:?}"))),
        exception_type: Cow::Borrowed("dyn std::error::Error"),
        message: with_causes(error),
    };
    name_known(error, &mut failure);
    failure
}

/// Errors of the standard library have names that say more than their type.
fn name_known(error: &(dyn Error + 'static), failure: &mut Failure) {
    let io = error
        .downcast_ref::<io::Error>()
        .or_else(|| error.downcast_ref::<Box<io::Error>>().map(Box::as_ref))
        .or_else(|| error.downcast_ref::<Arc<io::Error>>().map(Arc::as_ref));
    if let Some(io) = io {
        failure.error_type = Cow::Owned(format!("{:?}", io.kind()));
        failure.exception_type = Cow::Borrowed("std::io::Error");
    }
}

/// Longest name taken from a debug form.
const MAX_NAME_BYTES: usize = 64;

/// The name of the type at the front of a debug form, as in `Timeout { after: 3s }`; such names are
/// few. What might be the first word of a message is none.
fn leading_name(debug: &str) -> Cow<'static, str> {
    let end = debug
        .find(|c: char| !c.is_ascii_alphanumeric())
        .unwrap_or(debug.len());
    let (name, rest) = debug.split_at_checked(end).unwrap_or_default();
    let ends_as_a_type = rest.is_empty() || rest.starts_with('(') || rest.starts_with(" {");
    let starts_as_a_type = name.starts_with(|c: char| c.is_ascii_uppercase());
    if starts_as_a_type && ends_as_a_type && name.len() <= MAX_NAME_BYTES {
        Cow::Owned(name.to_owned())
    } else {
        Cow::Borrowed("_OTHER")
    }
}

/// The last name of a type's path, without pointers around it and without what is generic:
/// `ApiError` of `alloc::boxed::Box<my::api::ApiError<T>>`.
fn short_name(path: &'static str) -> &'static str {
    let mut path = path;
    for pointer in [
        "alloc::boxed::Box<",
        "alloc::sync::Arc<",
        "alloc::rc::Rc<",
        "&mut ",
        "&",
    ] {
        path = path.strip_prefix(pointer).unwrap_or(path);
    }
    let path = path.split(['<', '>', ',']).next().unwrap_or(path);
    let name = path.rsplit("::").next().unwrap_or(path);
    if name.starts_with(|c: char| c.is_alphabetic() || c == '_') && !name.contains(' ') {
        name
    } else {
        "_OTHER"
    }
}

/// What a value says of itself. A `Display` that fails or panics must not make a panic of an error
/// that the user's code returned in good order.
fn said(value: &dyn Display) -> String {
    let mut text = String::new();
    let written = catch_unwind(AssertUnwindSafe(|| write!(text, "{value}")));
    match written {
        Ok(Ok(())) => text,
        _ => text + "(the message cannot be shown)",
    }
}

/// Most causes that are followed.
const MAX_CAUSES: usize = 16;

/// What an error says, and what its causes say unless it has said that already.
fn with_causes(error: &(dyn Error + 'static)) -> String {
    let mut message = said(&error);
    let mut cause = error.source();
    for _ in 0..MAX_CAUSES {
        let Some(error) = cause else {
            break;
        };
        let text = said(&error);
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = error.source();
    }
    message
}

#[cfg(test)]
mod tests;
