//! Errors of tools that come as data: what a value says of itself, beside `error_if`.

use std::borrow::Cow;
use std::sync::Arc;

use genai_trace::{Status, ToolOutcome, genai_tool};
use genai_trace_tests::recorded;
use serde_json::{Value, json};

/// The status of the tool's span, its kind of error, and what the status says.
type Told = (Status, Option<String>, String);

/// What is recorded of a tool that returns `$ret`, of the type `$type` where that is not plain; with
/// `true`, `error_if` calls it an error.
macro_rules! told {
    ($ret:expr) => {
        told!($ret, false)
    };
    ($ret:expr, $is_error:literal) => {{
        // What is returned is hidden from the caller alone: the span sees its type.
        #[genai_tool(error_if = says::<$is_error, _>)]
        fn tool() -> impl Sized {
            $ret
        }
        told(|| drop(tool()))
    }};
    ($ret:expr, $type:ty) => {{
        #[genai_tool]
        fn tool(ret: $type) -> $type {
            ret
        }
        told(|| drop(tool($ret)))
    }};
}

/// What is recorded of the one tool that `call` calls.
fn told(call: impl FnOnce()) -> Told {
    let recorded = recorded(call);
    let span = recorded.span("execute_tool tool");
    let kind = span.attributes.str("error.type").map(str::to_owned);
    (span.status, kind, span.status_message.clone())
}

fn says<const IS_ERROR: bool, T>(_: &T) -> bool {
    IS_ERROR
}

fn error(kind: &str, message: &str) -> Told {
    (Status::Error, Some(kind.to_owned()), message.to_owned())
}

fn well() -> Told {
    (Status::Unset, None, String::new())
}

struct Output {
    exit_code: i32,
}

impl ToolOutcome for Output {
    fn is_error(&self) -> bool {
        self.exit_code != 0
    }
    fn error_type(&self) -> Option<Cow<'static, str>> {
        (self.exit_code == 127).then_some(Cow::Borrowed("command_not_found"))
    }
    fn message(&self) -> Option<Cow<'_, str>> {
        Some(format!("exit code {}", self.exit_code).into())
    }
}

#[test]
fn a_value_says_itself_that_the_tool_failed() {
    assert_eq!(told!(Output { exit_code: 0 }), well());
    assert_eq!(
        told!(Output { exit_code: 127 }),
        error("command_not_found", "exit code 127")
    );
    assert_eq!(
        told!(Box::new(Output { exit_code: 1 })),
        error("tool_error", "exit code 1")
    );
    assert_eq!(
        told!(Arc::new(Output { exit_code: 1 })),
        error("tool_error", "exit code 1")
    );
}

#[test]
fn so_does_one_in_a_result() {
    type Answer<T> = Result<T, std::io::Error>;
    fn answer(exit_code: i32) -> Answer<Output> {
        Ok(Output { exit_code })
    }
    assert_eq!(told!(answer(0)), well());
    assert_eq!(told!(answer(2)), error("tool_error", "exit code 2"));
    assert_eq!(
        told!(Answer::<Output>::Err(std::io::ErrorKind::NotFound.into())),
        error("NotFound", "entity not found")
    );
}

#[test]
fn either_of_the_two_may_call_it_an_error() {
    assert_eq!(told!(7, true), error("tool_error", ""));
    assert_eq!(told!(7, false), well());
    assert_eq!(
        told!(Output { exit_code: 0 }, true),
        error("tool_error", "exit code 0")
    );
    assert_eq!(
        told!(Output { exit_code: 127 }, true),
        error("command_not_found", "exit code 127")
    );
    fn err() -> std::io::Result<u8> {
        Err(std::io::ErrorKind::NotFound.into())
    }
    assert_eq!(told!(err(), true), error("NotFound", "entity not found"));
}

#[test]
fn a_json_value_fails_by_the_mark_of_the_protocols() {
    let blocks = json!([{"type": "text", "text": "no such"}, {"type": "image"}, {"type": "text", "text": "file"}]);
    for (value, expected) in [
        (
            json!({"is_error": true, "content": "no such file"}),
            error("tool_error", "no such file"),
        ),
        (
            json!({"isError": true, "content": blocks}),
            error("tool_error", "no such\nfile"),
        ),
        (
            json!({"isError": true, "content": {"a": 1}}),
            error("tool_error", ""),
        ),
        (json!({"is_error": false, "content": "well"}), well()),
        (json!({"is_error": "true"}), well()),
        (json!({"error": "a word of the tool's own"}), well()),
        (json!([true]), well()),
        (Value::Null, well()),
    ] {
        assert_eq!(told!(value.clone(), Value), expected, "{value}");
        assert_eq!(
            told!(Ok(value.clone()), Result<Value, String>),
            expected,
            "{value}"
        );
    }
}

#[test]
fn a_value_of_which_nothing_is_known_is_well() {
    #[genai_tool("tool")]
    fn borrowed(text: &str) -> Option<&str> {
        text.split(' ').next()
    }
    #[genai_tool("tool")]
    fn generic<T: Clone>(value: &T) -> T {
        value.clone()
    }
    assert_eq!(told(|| assert_eq!(borrowed("a b"), Some("a"))), well());
    assert_eq!(told(|| assert_eq!(generic(&1), 1)), well());
    assert_eq!(told!(Some(Output { exit_code: 1 })), well());
}

#[test]
fn a_panic_in_an_outcome_does_not_reach_the_caller() {
    struct Bad {
        is_known: bool,
    }
    impl ToolOutcome for Bad {
        fn is_error(&self) -> bool {
            if !self.is_known {
                std::panic::resume_unwind(Box::new("in the user's own code"));
            }
            true
        }
        fn error_type(&self) -> Option<Cow<'static, str>> {
            std::panic::resume_unwind(Box::new("in the user's own code"))
        }
        fn message(&self) -> Option<Cow<'_, str>> {
            std::panic::resume_unwind(Box::new("in the user's own code"))
        }
    }
    assert_eq!(told!(Bad { is_known: false }), well());
    assert_eq!(told!(Bad { is_known: true }), error("tool_error", ""));
}

#[test]
fn a_kind_of_a_tools_error_is_cut() {
    struct Long;
    impl ToolOutcome for Long {
        fn is_error(&self) -> bool {
            true
        }
        fn error_type(&self) -> Option<Cow<'static, str>> {
            Some("x".repeat(100).into())
        }
    }
    assert_eq!(told!(Long), error(&"x".repeat(64), ""));
}
