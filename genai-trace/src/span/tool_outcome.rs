//! Tools that report their errors as data.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::Value as Json;

use super::error_type::guarded;
use super::error_type::names::bounded;
use super::outcome::{End, Failure};
use super::probe::Probe;

/// What a tool returned, where an error may come as data instead of as an `Err`.
///
/// A function under [`#[genai_tool]`](macro@crate::genai_tool) that returns such a type, or a
/// `Result` of one, ends its span with an error where `is_error` says so; what it returns is not
/// changed. Beside `error_if` either of the two may call it an error.
///
/// ```
/// use std::borrow::Cow;
///
/// use genai_trace::{ToolOutcome, genai_tool};
///
/// struct Output {
///     text: String,
///     exit_code: i32,
/// }
///
/// impl ToolOutcome for Output {
///     fn is_error(&self) -> bool {
///         self.exit_code != 0
///     }
///     fn error_type(&self) -> Option<Cow<'static, str>> {
///         Some(Cow::Borrowed(if self.exit_code == 127 { "command_not_found" } else { "exit" }))
///     }
///     fn message(&self) -> Option<Cow<'_, str>> {
///         Some(Cow::Borrowed(&self.text))
///     }
/// }
///
/// #[genai_tool]
/// fn run_command(command: &str) -> Output {
///     Output { text: format!("{command}: not found"), exit_code: 127 }
/// }
/// assert_eq!(run_command("sl").exit_code, 127);
/// ```
///
/// Implemented here for [`serde_json::Value`]: an object with `"is_error": true` or
/// `"isError": true`, the forms of a tool's result at Anthropic and in the Model Context Protocol.
/// Its message is its `content`, if that is a text or a list with blocks of text.
pub trait ToolOutcome {
    /// Whether the tool has failed.
    fn is_error(&self) -> bool;

    /// The kind of error, one of few: the value of `error.type`, else `tool_error`. A text is cut
    /// after 64 bytes and before a control character.
    fn error_type(&self) -> Option<Cow<'static, str>> {
        None
    }

    /// What the tool says of its error, for the span's status and its exception event.
    fn message(&self) -> Option<Cow<'_, str>> {
        None
    }
}

/// What points at an outcome is the outcome.
macro_rules! pointers {
    ($($pointer:ty),*) => { $(
        impl<T: ToolOutcome + ?Sized> ToolOutcome for $pointer {
            fn is_error(&self) -> bool {
                (**self).is_error()
            }
            fn error_type(&self) -> Option<Cow<'static, str>> {
                (**self).error_type()
            }
            fn message(&self) -> Option<Cow<'_, str>> {
                (**self).message()
            }
        }
    )* };
}

pointers!(&T, &mut T, Box<T>, Rc<T>, Arc<T>);

impl ToolOutcome for Json {
    fn is_error(&self) -> bool {
        let is_true = |key| self.get(key).and_then(Json::as_bool) == Some(true);
        is_true("is_error") || is_true("isError")
    }

    fn message(&self) -> Option<Cow<'_, str>> {
        match self.get("content")? {
            Json::String(text) => Some(Cow::Borrowed(text)),
            Json::Array(blocks) => {
                let texts: Vec<_> = blocks
                    .iter()
                    .filter_map(|block| block.get("text")?.as_str())
                    .collect();
                (!texts.is_empty()).then(|| Cow::Owned(texts.join("\n")))
            }
            _ => None,
        }
    }
}

/// A `Result` whose `Ok` says whether the tool has failed.
pub trait ToolResult {
    /// How the call ended, which `end` says so far.
    fn __tool(&self, is_error: bool, end: End) -> End;
}

impl<T: ToolOutcome, E> ToolResult for &&Probe<'_, Result<T, E>> {
    fn __tool(&self, is_error: bool, end: End) -> End {
        match self.0 {
            Ok(outcome) => tool_end(is_error, Some(outcome), end),
            Err(_) => end,
        }
    }
}

/// A value that says whether the tool has failed.
pub trait ToolValue {
    /// How the call ended, which `end` says so far.
    fn __tool(&self, is_error: bool, end: End) -> End;
}

impl<T: ToolOutcome> ToolValue for &Probe<'_, T> {
    fn __tool(&self, is_error: bool, end: End) -> End {
        tool_end(is_error, Some(self.0), end)
    }
}

/// Anything else, which says nothing.
pub trait ToolAny {
    /// How the call ended, which `end` says so far.
    fn __tool(&self, is_error: bool, end: End) -> End;
}

impl<T: ?Sized> ToolAny for Probe<'_, T> {
    #[inline]
    fn __tool(&self, is_error: bool, end: End) -> End {
        match is_error {
            true => tool_end(is_error, None, end),
            false => end,
        }
    }
}

/// How a call of a tool ended whose error may have come as data: where the user's own function
/// (`error_if = path`) or what was returned says so. An `Err` says more than either.
fn tool_end(is_error: bool, outcome: Option<&dyn ToolOutcome>, end: End) -> End {
    let says_so = |outcome: &dyn ToolOutcome| guarded(|| outcome.is_error()).unwrap_or_default();
    if end.failure.is_some() || !(is_error || outcome.is_some_and(says_so)) {
        return end;
    }
    // The outcome's code is the user's: where it panics it says nothing, and the call goes on.
    let error_type = outcome.and_then(|outcome| guarded(|| outcome.error_type())?);
    let message = outcome.and_then(|outcome| guarded(|| outcome.message().map(Cow::into_owned))?);
    End::failed(Failure {
        error_type: error_type.map_or(Cow::Borrowed(TOOL_ERROR), bounded),
        exception_type: Cow::Borrowed(TOOL_ERROR),
        message: message.unwrap_or_default(),
    })
}

/// The kind of an error that came as data and says nothing of its kind.
const TOOL_ERROR: &str = "tool_error";
