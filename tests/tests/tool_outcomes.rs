//! Errors of tools that come as data: what a value says of itself, beside `error_if`.
//!
//! The end of a tool's span is written out here as the attribute writes it.

use std::borrow::Cow;
use std::sync::Arc;

use genai_trace::{__private as private, Status, ToolOutcome};
use genai_trace_tests::recorded;
use serde_json::{Value, json};

/// The status of the tool's span, its kind of error, and what the status says.
type Told = (Status, Option<String>, String);

/// What is recorded of a tool that returns `$ret`, where `error_if` says `$is_error`.
macro_rules! told {
    ($ret:expr) => {
        told!($ret, false)
    };
    ($ret:expr, $is_error:expr) => {{
        static CALLSITE: private::Callsite = private::Callsite::new(
            private::Operation::Tool,
            "tool",
            module_path!(),
            file!(),
            line!(),
        );
        let recorded = recorded(|| {
            let span = private::begin_plain(&CALLSITE);
            let (ret, span) = private::run(span, || $ret);
            if let Some(span) = span {
                let ret = &ret;
                span.end({
                    use private::probe::*;
                    private::tool_end(
                        $is_error,
                        (&&&private::Probe(ret)).tool_outcome(),
                        (&&&&&&&&&&&private::Probe(ret)).end(),
                    )
                });
            }
        });
        let span = recorded.span("execute_tool tool");
        let kind = span.attributes.str("error.type").map(str::to_owned);
        (span.status, kind, span.status_message.clone())
    }};
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
    let answer = |exit_code| Answer::Ok(Output { exit_code });
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
    let err = || Err::<u8, _>(std::io::Error::from(std::io::ErrorKind::NotFound));
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
        assert_eq!(told!(value.clone()), expected, "{value}");
        assert_eq!(told!(Ok::<_, String>(value.clone())), expected, "{value}");
    }
}

#[test]
fn a_value_of_which_nothing_is_known_is_well() {
    fn borrowed(text: &str) -> Told {
        told!(text.split(' ').next())
    }
    fn generic<T: Clone>(value: &T) -> Told {
        told!(value.clone())
    }
    assert_eq!(borrowed("a b"), well());
    assert_eq!(generic(&1), well());
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
