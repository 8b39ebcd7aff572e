//! What kind of error ended a span: `error.type` is one of few, for every type of error there is.

use std::borrow::Cow;
use std::error::Error;
use std::fmt::{self, Debug, Display, Formatter};
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use genai_trace::{
    GenAiError, SpanRecord, Status, genai_span, genai_tool, register_error_type, span,
};
use genai_trace_tests::{block_on, recorded};

/// What the span says of its error: its kind, the type of the exception, the message.
#[derive(Debug, PartialEq)]
struct Said {
    kind: String,
    exception: String,
    message: String,
}

impl Said {
    fn of(span: &SpanRecord) -> Self {
        assert_eq!(span.status, Status::Error);
        let [event] = span.events.as_slice() else {
            panic!("one event and no other: {:?}", span.events);
        };
        assert_eq!(event.name, "exception");
        let message = event.attributes.str("exception.message").unwrap_or("");
        assert_eq!(span.status_message, message);
        Said {
            kind: span
                .attributes
                .str("error.type")
                .expect("a kind")
                .to_owned(),
            exception: event
                .attributes
                .str("exception.type")
                .expect("a type")
                .to_owned(),
            message: message.to_owned(),
        }
    }
}

/// What is said of the span of one call.
fn said(call: impl FnOnce()) -> Said {
    let recorded = recorded(call);
    let [span] = recorded.spans.as_slice() else {
        panic!("one span and no other:\n{}", recorded.tree());
    };
    Said::of(span)
}

/// The kind of error that ends a function which returns `$error` as a `$type`.
macro_rules! said_of {
    ($type:ty, $error:expr) => {
        said(|| {
            #[genai_span("fails")]
            fn fails() -> Result<(), $type> {
                Err($error)
            }
            let _ = fails();
        })
    };
}

macro_rules! kind_of {
    ($type:ty, $error:expr) => {
        said_of!($type, $error).kind
    };
}

fn not_found() -> io::Error {
    io::Error::new(io::ErrorKind::NotFound, "no such file")
}

#[derive(Debug, thiserror::Error, GenAiError)]
enum ApiError {
    #[error("the service is overloaded")]
    Overloaded,
    #[error("try again in {retry_after} s")]
    #[genai(error_type = "rate_limited")]
    TooManyRequests { retry_after: u64 },
    #[error("network")]
    #[genai(transparent)]
    Network(#[from] io::Error),
    #[error("other")]
    #[genai(transparent)]
    Other { inner: anyhow::Error },
}

#[test]
fn a_derived_error_is_named_by_its_variant() {
    assert_eq!(
        said_of!(ApiError, ApiError::Overloaded),
        Said {
            kind: "Overloaded".to_owned(),
            exception: "spans::error_types::ApiError".to_owned(),
            message: "the service is overloaded".to_owned(),
        }
    );
}

#[test]
fn a_variant_may_have_a_name_of_its_own() {
    let error = || ApiError::TooManyRequests { retry_after: 3 };
    assert_eq!(
        kind_of!(ApiError, ApiError::TooManyRequests { retry_after: 3 }),
        "rate_limited"
    );
    assert_eq!(error().error_type(), "rate_limited");
}

#[test]
fn a_transparent_variant_is_what_is_inside() {
    let network = said_of!(ApiError, ApiError::Network(not_found()));
    assert_eq!(network.kind, "NotFound");
    assert_eq!(network.message, "network: no such file");
    let inner = || anyhow::Error::from(not_found()).context("reading");
    let other = ApiError::Other { inner: inner() };
    assert_eq!(other.error_type(), "NotFound");
}

#[test]
fn pointers_to_an_error_are_the_error() {
    assert_eq!(
        kind_of!(Box<ApiError>, Box::new(ApiError::Overloaded)),
        "Overloaded"
    );
    assert_eq!(
        kind_of!(Arc<ApiError>, Arc::new(ApiError::Overloaded)),
        "Overloaded"
    );
    assert_eq!(
        kind_of!(Rc<ApiError>, Rc::new(ApiError::Overloaded)),
        "Overloaded"
    );
    assert_eq!(
        kind_of!(&'static ApiError, &ApiError::Overloaded),
        "Overloaded"
    );
    assert_eq!(kind_of!(Box<io::Error>, Box::new(not_found())), "NotFound");
    assert_eq!(kind_of!(Arc<io::Error>, Arc::new(not_found())), "NotFound");
}

#[test]
fn a_struct_is_named_by_its_type_and_needs_to_be_no_error() {
    #[derive(GenAiError)]
    struct Refused;
    #[derive(Debug, GenAiError)]
    #[genai(error_type = "context_too_long")]
    struct TooLong {
        #[expect(dead_code)]
        tokens: u32,
    }
    #[derive(GenAiError)]
    #[genai(transparent)]
    struct Wrapped(ApiError);
    assert_eq!(
        said_of!(Refused, Refused),
        Said {
            kind: "Refused".to_owned(),
            exception: said_of!(Refused, Refused).exception,
            message: String::new(),
        }
    );
    let too_long = said_of!(TooLong, TooLong { tokens: 9 });
    assert_eq!(too_long.kind, "context_too_long");
    assert_eq!(too_long.message, "TooLong { tokens: 9 }");
    assert_eq!(
        kind_of!(Wrapped, Wrapped(ApiError::Overloaded)),
        "Overloaded"
    );
}

#[test]
fn a_kind_for_a_whole_enum_stands_where_a_variant_says_nothing() {
    #[derive(GenAiError)]
    #[genai(error_type = "refused")]
    enum Refusal {
        Policy,
        #[genai(error_type = "by_user")]
        User,
        #[genai(transparent)]
        Disk(io::Error),
    }
    assert_eq!(Refusal::Policy.error_type(), "refused");
    assert_eq!(Refusal::User.error_type(), "by_user");
    assert_eq!(Refusal::Disk(not_found()).error_type(), "NotFound");
}

#[test]
fn a_generic_wrapper_tells_what_its_type_lets_it_know() {
    #[derive(GenAiError)]
    #[genai(transparent)]
    struct Known<E: GenAiError>(E);
    #[derive(GenAiError)]
    #[genai(transparent)]
    struct Unknown<E>(E);
    assert_eq!(Known(ApiError::Overloaded).error_type(), "Overloaded");
    assert_eq!(Unknown(ApiError::Overloaded).error_type(), "ApiError");
}

#[test]
fn an_anyhow_error_is_looked_into_behind_its_context() {
    fn error() -> anyhow::Error {
        anyhow::Error::from(not_found())
            .context("no configuration")
            .context("the agent cannot start")
    }
    assert_eq!(
        said_of!(anyhow::Error, error()),
        Said {
            kind: "NotFound".to_owned(),
            exception: "std::io::Error".to_owned(),
            message: "the agent cannot start: no configuration: no such file".to_owned(),
        }
    );
    assert_eq!(
        kind_of!(anyhow::Error, ApiError::Overloaded.into()),
        "Overloaded"
    );
    assert_eq!(kind_of!(Arc<anyhow::Error>, Arc::new(error())), "NotFound");
}

#[test]
fn a_text_in_an_anyhow_error_is_no_kind() {
    assert_eq!(
        said_of!(anyhow::Error, anyhow::anyhow!("User")),
        Said {
            kind: "_OTHER".to_owned(),
            exception: "dyn std::error::Error".to_owned(),
            message: "User".to_owned(),
        }
    );
    assert_eq!(
        kind_of!(anyhow::Error, anyhow::Error::msg(format!("User {}", 1))),
        "_OTHER"
    );
}

#[test]
fn an_eyre_report_is_looked_into_behind_its_context() {
    fn error() -> eyre::Report {
        eyre::Report::from(not_found()).wrap_err("no configuration")
    }
    assert_eq!(
        said_of!(eyre::Report, error()),
        Said {
            kind: "NotFound".to_owned(),
            exception: "std::io::Error".to_owned(),
            message: "no configuration: no such file".to_owned(),
        }
    );
    assert_eq!(kind_of!(eyre::Report, eyre::eyre!("a text")), "_OTHER");
}

#[test]
fn every_form_of_a_hidden_error_is_looked_into() {
    assert_eq!(kind_of!(Box<dyn Error>, not_found().into()), "NotFound");
    assert_eq!(
        kind_of!(Box<dyn Error + Send>, Box::new(not_found())),
        "NotFound"
    );
    assert_eq!(
        kind_of!(Box<dyn Error + Send + Sync>, not_found().into()),
        "NotFound"
    );
    assert_eq!(kind_of!(Arc<dyn Error>, Arc::new(not_found())), "NotFound");
    assert_eq!(
        kind_of!(Arc<dyn Error + Send + Sync>, Arc::new(not_found())),
        "NotFound"
    );
    assert_eq!(kind_of!(Rc<dyn Error>, Rc::new(not_found())), "NotFound");
    assert_eq!(
        kind_of!(Box<dyn Error>, Box::new(ApiError::Overloaded)),
        "Overloaded"
    );
    assert_eq!(kind_of!(Box<dyn Error>, "told as a text".into()), "_OTHER");
}

#[test]
fn errors_of_the_standard_library_and_of_json_have_names() {
    fn number() -> std::num::ParseIntError {
        "x".parse::<i32>().unwrap_err()
    }
    fn json(text: &str) -> serde_json::Error {
        serde_json::from_str::<u8>(text).unwrap_err()
    }
    assert_eq!(kind_of!(std::num::ParseIntError, number()), "ParseIntError");
    assert_eq!(kind_of!(anyhow::Error, number().into()), "ParseIntError");
    let timeout = std::sync::mpsc::RecvTimeoutError::Timeout;
    assert_eq!(
        kind_of!(
            std::sync::mpsc::RecvTimeoutError,
            std::sync::mpsc::RecvTimeoutError::Timeout
        ),
        "timeout"
    );
    assert_eq!(
        kind_of!(
            anyhow::Error,
            std::sync::mpsc::RecvTimeoutError::Timeout.into()
        ),
        "timeout"
    );
    assert_eq!(timeout.error_type(), "timeout");
    assert_eq!(kind_of!(serde_json::Error, json("!")), "JsonSyntax");
    assert_eq!(kind_of!(anyhow::Error, json("").into()), "JsonEof");
    assert_eq!(kind_of!(Box<dyn Error>, json("\"x\"").into()), "JsonData");
    assert_eq!(kind_of!(fmt::Error, fmt::Error), "fmt::Error");
}

#[test]
fn an_error_called_error_is_told_by_what_it_holds() {
    mod sdk {
        #[derive(Debug)]
        pub enum Error {
            RowNotFound,
        }
        impl std::fmt::Display for Error {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("no row")
            }
        }
        impl std::error::Error for Error {}
    }
    #[derive(Debug, thiserror::Error)]
    #[error("outer")]
    struct Error(#[source] Option<io::Error>);
    assert_eq!(kind_of!(sdk::Error, sdk::Error::RowNotFound), "RowNotFound");
    assert_eq!(kind_of!(Error, Error(Some(not_found()))), "NotFound");
    assert_eq!(kind_of!(Error, Error(None)), "spans::Error");
}

#[test]
fn a_registered_type_gives_the_kind_wherever_it_is_hidden() {
    #[derive(Debug, thiserror::Error)]
    #[error("code {0}")]
    struct Status(u16);
    #[derive(Debug, thiserror::Error)]
    #[error(transparent)]
    struct Outer(#[from] Status);
    register_error_type::<Status>(|_| Cow::Borrowed("replaced"));
    register_error_type::<Status>(|status| status.0.to_string().into());
    assert_eq!(kind_of!(anyhow::Error, Status(429).into()), "429");
    // Its cause is the status's own: there is nothing of a status to be found.
    assert_eq!(kind_of!(anyhow::Error, Outer(Status(429)).into()), "Outer");
    assert_eq!(
        said_of!(
            anyhow::Error,
            anyhow::Error::from(Status(429)).context("asking")
        )
        .kind,
        "429"
    );
    assert_eq!(
        kind_of!(
            Box<dyn Error + Send + Sync>,
            Box::new(Box::new(Status(500)))
        ),
        "500"
    );
    assert_eq!(kind_of!(eyre::Report, Arc::new(Status(500)).into()), "500");
    let by_hand = said(|| {
        drop(span("fails").try_run(|| Err::<(), _>(Status(503))));
    });
    assert_eq!(by_hand.kind, "503");
    assert_eq!(by_hand.message, "code 503");
    // In the open it may borrow, and is asked for by name.
    let in_the_open = said(|| {
        #[genai_span(err = genai_trace::error_type_of)]
        fn fails() -> Result<(), Status> {
            Err(Status(404))
        }
        drop(fails());
    });
    assert_eq!(in_the_open.kind, "404");
}

#[test]
fn a_kind_is_cut_and_never_of_two_lines() {
    #[derive(Debug, thiserror::Error)]
    #[error("x")]
    struct Long;
    register_error_type::<Long>(|_| "x".repeat(100).into());
    assert_eq!(kind_of!(anyhow::Error, Long.into()), "x".repeat(64));
    struct Chatty;
    impl GenAiError for Chatty {
        fn error_type(&self) -> Cow<'static, str> {
            "first\nsecond".into()
        }
    }
    assert_eq!(kind_of!(Chatty, Chatty), "first");
    fn longer(_: &Chatty) -> String {
        "y".repeat(100)
    }
    let of_err = said(|| {
        #[genai_span(err = longer)]
        fn fails() -> Result<(), Chatty> {
            Err(Chatty)
        }
        drop(fails());
    });
    assert_eq!(of_err.kind, "y".repeat(64));
}

/// Panics without the noise of the panic hook.
fn panic_quietly() -> ! {
    std::panic::resume_unwind(Box::new("in the user's own code"))
}

#[test]
fn a_panic_while_an_error_is_looked_at_does_not_reach_the_caller() {
    struct Bad;
    impl Debug for Bad {
        fn fmt(&self, _: &mut Formatter<'_>) -> fmt::Result {
            panic_quietly()
        }
    }
    impl Display for Bad {
        fn fmt(&self, _: &mut Formatter<'_>) -> fmt::Result {
            panic_quietly()
        }
    }
    impl Error for Bad {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            panic_quietly()
        }
    }
    impl GenAiError for Bad {
        fn error_type(&self) -> Cow<'static, str> {
            panic_quietly()
        }
    }
    let bad = said_of!(Bad, Bad);
    assert_eq!(
        (bad.kind.as_str(), bad.message.as_str()),
        ("Bad", "(the message cannot be shown)")
    );
    assert_eq!(kind_of!(Box<dyn Error>, Box::new(Bad)), "_OTHER");
    register_error_type::<Bad>(|_| panic_quietly());
    assert_eq!(
        kind_of!(anyhow::Error, anyhow::Error::new(not_found()).context(Bad)),
        "NotFound"
    );
    fn kind(_: &Bad) -> String {
        panic_quietly()
    }
    let of_err = said(|| {
        #[genai_span(err = kind)]
        fn fails() -> Result<(), Bad> {
            Err(Bad)
        }
        drop(fails());
    });
    assert_eq!(of_err.kind, "Bad");
}

#[test]
fn a_circle_of_causes_has_an_end() {
    struct Circle;
    impl Debug for Circle {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            f.write_str("a circle")
        }
    }
    impl Display for Circle {
        fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
            f.write_str("a circle")
        }
    }
    impl Error for Circle {
        fn source(&self) -> Option<&(dyn Error + 'static)> {
            Some(&Circle)
        }
    }
    let circle = said_of!(anyhow::Error, Circle.into());
    assert_eq!(
        (circle.kind.as_str(), circle.message.as_str()),
        ("_OTHER", "a circle")
    );
}

#[test]
fn no_bound_is_asked_of_an_error() {
    /// A proper error that borrows.
    #[derive(Debug, thiserror::Error)]
    #[error("near {0}")]
    struct Near<'a>(&'a str);
    #[derive(GenAiError)]
    enum Borrowed<'a> {
        At(#[allow(dead_code)] &'a str),
    }
    #[genai_span("borrows")]
    fn borrows<'a>(text: &'a str) -> Result<(), Near<'a>> {
        Err(Near(text))
    }
    #[genai_span("borrows_later")]
    async fn borrows_later(text: &str) -> Result<(), Near<'_>> {
        Err(Near(text))
    }
    #[genai_span("derived_and_borrows")]
    fn derived_and_borrows(text: &str) -> Result<(), Borrowed<'_>> {
        Err(Borrowed::At(text))
    }
    #[genai_span("generic")]
    fn generic<T, E>(result: Result<T, E>) -> Result<T, E> {
        result
    }
    #[genai_span("generic_error")]
    fn generic_error<T, E: Error>(result: Result<T, E>) -> Result<T, E> {
        result
    }
    #[genai_span("generic_kind")]
    fn generic_kind<T, E: GenAiError>(result: Result<T, E>) -> Result<T, E> {
        result
    }
    #[genai_span("hidden")]
    fn hidden(error: impl Error) -> Result<(), impl Error> {
        Err(error)
    }
    #[genai_span("unit")]
    fn unit() -> Result<(), ()> {
        Err(())
    }
    #[genai_span("text")]
    fn text(text: &str) -> Result<(), &str> {
        Err(text)
    }
    #[genai_span("infallible")]
    fn infallible() -> Result<(), std::convert::Infallible> {
        Ok(())
    }
    #[genai_span("nested")]
    fn nested() -> Option<Result<(), ApiError>> {
        Some(Err(ApiError::Overloaded))
    }
    let recorded = recorded(|| {
        let local = String::from("line 3");
        assert!(borrows(&local).is_err());
        assert!(block_on(borrows_later(&local)).is_err());
        assert!(derived_and_borrows(&local).is_err());
        assert!(generic(Err::<(), _>(ApiError::Overloaded)).is_err());
        assert!(generic_error(Err::<(), _>(Near(&local))).is_err());
        assert!(generic_kind(Err::<(), _>(ApiError::Overloaded)).is_err());
        assert!(hidden(not_found()).is_err());
        assert!(unit().is_err());
        assert!(text(&local).is_err());
        assert!(infallible().is_ok());
        assert!(nested().is_some());
    });
    let kinds: Vec<_> = recorded
        .spans
        .iter()
        .map(|span| (&*span.name, span.attributes.str("error.type")))
        .collect();
    assert_eq!(
        kinds,
        [
            ("borrows", Some("Near")),
            ("borrows_later", Some("Near")),
            ("derived_and_borrows", Some("At")),
            ("generic", Some("ApiError")),
            ("generic_error", Some("Near")),
            ("generic_kind", Some("Overloaded")),
            ("hidden", Some("io::Error")),
            ("unit", Some("_OTHER")),
            ("text", Some("str")),
            ("infallible", None),
            ("nested", None),
        ]
    );
}

#[test]
fn a_derived_error_that_is_hidden_is_registered_by_its_own_function() {
    #[derive(Debug, thiserror::Error, GenAiError)]
    enum Refused {
        #[error("by policy")]
        #[genai(error_type = "policy")]
        Policy,
    }
    assert_eq!(kind_of!(anyhow::Error, Refused::Policy.into()), "Policy");
    register_error_type(Refused::error_type);
    assert_eq!(kind_of!(anyhow::Error, Refused::Policy.into()), "policy");
    let by_hand = said(|| span("x").enter().fail(&Refused::Policy));
    assert_eq!((&*by_hand.kind, &*by_hand.message), ("policy", "by policy"));
}

#[test]
fn spans_by_hand_tell_the_same_kinds() {
    let of = |kind: fn()| said(kind).kind;
    assert_eq!(of(|| span("x").enter().fail(&not_found())), "NotFound");
    assert_eq!(
        of(|| span("x").enter().fail(&Arc::new(not_found()))),
        "NotFound"
    );
    let hidden: fn() = || {
        let error: Box<dyn Error + Send + Sync> = Box::new(not_found());
        span("x").enter().fail(&error);
    };
    assert_eq!(of(hidden), "NotFound");
    let hidden: fn() = || {
        let error: Arc<dyn Error> = Arc::new(ApiError::Overloaded);
        span("x").enter().fail(&error);
    };
    assert_eq!(of(hidden), "Overloaded");
    let json: fn() = || {
        drop(span("x").try_run(|| serde_json::from_str::<u8>("!")));
    };
    assert_eq!(of(json), "JsonSyntax");
    let later: fn() = || {
        let wrapped = span("x").try_wrap(async { Err::<(), _>(not_found()) });
        drop(block_on(wrapped));
    };
    assert_eq!(of(later), "NotFound");
    assert_eq!(
        of(|| span("x").enter().fail(&anyhow::anyhow!("told"))),
        "anyhow::Error"
    );
    assert_eq!(of(|| span("x").enter().fail(&"told")), "str");
}

#[test]
fn the_metrics_tell_kinds_apart() {
    #[genai_tool("search")]
    fn search(times: u64) -> Result<(), ApiError> {
        Err(ApiError::TooManyRequests { retry_after: times })
    }
    let recorded = recorded(|| {
        for times in 0..3 {
            assert!(search(times).is_err());
        }
    });
    let series = "gen_ai_execute_tool_duration_seconds_count{error_type=\"rate_limited\",gen_ai_tool_name=\"search\",gen_ai_tool_type=\"function\"}";
    assert_eq!(recorded.metric(series), Some(3.0));
}
