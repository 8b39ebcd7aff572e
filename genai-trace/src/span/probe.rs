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
mod tests {
    use super::*;

    #[derive(Debug)]
    struct Outer(io::Error);

    impl Display for Outer {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("outer")
        }
    }

    impl Error for Outer {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&self.0)
        }
    }

    struct Bare;

    fn not_found() -> io::Error {
        io::Error::new(io::ErrorKind::NotFound, "no such file")
    }

    macro_rules! failure {
        ($value:expr) => {{
            let value = $value;
            let end = (&&&&&&Probe(&value)).end();
            end.failure.map(|f| {
                (
                    f.error_type.into_owned(),
                    f.exception_type.into_owned(),
                    f.message,
                )
            })
        }};
    }

    fn said(error: &str, exception: &str, message: &str) -> Option<(String, String, String)> {
        Some((error.to_owned(), exception.to_owned(), message.to_owned()))
    }

    #[test]
    fn an_io_error_is_named_by_its_kind() {
        let result: io::Result<()> = Err(not_found());
        assert_eq!(
            failure!(result),
            said("NotFound", "std::io::Error", "no such file")
        );
    }

    #[test]
    fn an_error_tells_its_causes() {
        let result: Result<(), Outer> = Err(Outer(not_found()));
        let exception = "genai_trace::span::probe::tests::Outer";
        assert_eq!(
            failure!(result),
            said("Outer", exception, "outer: no such file")
        );
    }

    #[test]
    fn a_boxed_error_is_looked_into() {
        let result: Result<(), Box<dyn Error>> = Err(Box::new(not_found()));
        assert_eq!(
            failure!(result),
            said("NotFound", "std::io::Error", "no such file")
        );
        let result: Result<(), Box<dyn Error + Send + Sync>> = Err("told as a text".into());
        assert_eq!(
            failure!(result),
            said("_OTHER", "dyn std::error::Error", "told as a text")
        );
    }

    #[test]
    fn a_text_or_a_bare_type_will_do_for_an_error() {
        let result: Result<(), String> = Err("told".to_owned());
        assert_eq!(
            failure!(result),
            said("String", "alloc::string::String", "told")
        );
        let result: Result<(), Bare> = Err(Bare);
        assert_eq!(
            failure!(result),
            said("Bare", "genai_trace::span::probe::tests::Bare", "")
        );
    }

    #[test]
    fn pointers_around_an_error_do_not_hide_its_name() {
        let result: Result<(), Box<Outer>> = Err(Box::new(Outer(not_found())));
        assert_eq!(failure!(result).unwrap().0, "Outer");
        let result: Result<(), Arc<io::Error>> = Err(Arc::new(not_found()));
        assert_eq!(failure!(result).unwrap().0, "NotFound");
        let result: Result<(), Box<io::Error>> = Err(Box::new(not_found()));
        assert_eq!(failure!(result).unwrap().0, "NotFound");
        let result: Result<(), &str> = Err("told");
        assert_eq!(failure!(result).unwrap().0, "str");
    }

    #[test]
    fn the_first_word_of_a_message_is_no_kind_of_error() {
        for (debug, name) in [
            ("user42 not found", "_OTHER"),
            ("User not found", "_OTHER"),
            ("reqwest::Error { kind: Request }", "_OTHER"),
            ("\"told as a text\"", "_OTHER"),
            ("", "_OTHER"),
            ("Timeout", "Timeout"),
            ("Timeout(3s)", "Timeout"),
            ("HttpStatus { code: 429 }", "HttpStatus"),
        ] {
            assert_eq!(leading_name(debug), name, "{debug}");
        }
    }

    #[test]
    fn a_message_that_cannot_be_shown_makes_no_panic() {
        struct Fails;
        impl Display for Fails {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("half")?;
                Err(std::fmt::Error)
            }
        }
        struct Panics;
        impl Display for Panics {
            fn fmt(&self, _: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::panic::resume_unwind(Box::new(1))
            }
        }
        let message = |end: Option<(String, String, String)>| end.unwrap().2;
        assert_eq!(
            message(failure!(Err::<(), _>(Fails))),
            "half(the message cannot be shown)"
        );
        assert_eq!(
            message(failure!(Err::<(), _>(Panics))),
            "(the message cannot be shown)"
        );
    }

    #[test]
    fn what_is_no_error_is_well() {
        assert_eq!(failure!(Ok::<(), io::Error>(())), None);
        assert_eq!(failure!(Some(3)), None);
        assert_eq!(failure!(Bare), None);
    }

    #[test]
    fn an_error_as_data_is_an_error_where_the_user_says_so() {
        assert_eq!(end_if(true, End::of(Outcome::Ok)).outcome, Outcome::Error);
        assert_eq!(end_if(false, End::of(Outcome::Ok)).outcome, Outcome::Ok);
    }
}
