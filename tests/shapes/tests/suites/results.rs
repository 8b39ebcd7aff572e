//! Attributes from what a function returns, and results that are not touched.

use std::num::TryFromIntError;

use futures_core::future::BoxFuture;
use genai_trace::{Outcome, genai_chat, genai_gate, genai_span, genai_tool};
use genai_trace_shapes::ends;
use genai_trace_tests::{block_on, yield_once};

#[test]
fn a_fact_of_the_result() {
    #[genai_span(ret_fields("answer" = |n| *n))]
    fn sync() -> i32 {
        42
    }
    #[genai_tool(ret_fields("answer" = |n| *n))]
    async fn later() -> i32 {
        yield_once().await;
        42
    }
    #[genai_span(ret_fields("answer" = |n| *n))]
    fn mutating(a: &mut i32) -> i32 {
        *a *= 2;
        *a
    }
    let mut two = 2;
    for span in [
        ends("sync", Outcome::Ok, sync),
        ends("execute_tool later", Outcome::Ok, || block_on(later())),
    ] {
        assert_eq!(span.attributes.int("answer"), Some(42));
    }
    let span = ends("mutating", Outcome::Ok, || mutating(&mut two));
    assert_eq!((span.attributes.int("answer"), two), (Some(4), 4));
}

#[test]
fn a_fact_of_the_output_of_a_returned_future() {
    #[genai_span(ret_fields("answer" = |n| *n))]
    fn opaque() -> impl Future<Output = i32> {
        async {
            yield_once().await;
            42
        }
    }
    #[genai_span(ret_fields("length" = |text| text.as_ref().ok().map(String::len)))]
    fn boxed() -> BoxFuture<'static, Result<String, String>> {
        Box::pin(async {
            yield_once().await;
            Ok("ab".to_owned())
        })
    }
    let span = ends("opaque", Outcome::Ok, || block_on(opaque()));
    assert_eq!(span.attributes.int("answer"), Some(42));
    let span = ends("boxed", Outcome::Ok, || block_on(boxed()));
    assert_eq!(span.attributes.int("length"), Some(2));
}

#[test]
fn options_that_read_the_output_of_a_returned_future() {
    type Boxed<T> = std::pin::Pin<Box<dyn Future<Output = T> + Send>>;
    fn kind(error: &u16) -> String {
        error.to_string()
    }
    fn failed(answer: &Answer) -> bool {
        answer.is_error
    }
    fn reply(answer: &Answer) -> serde_json::Value {
        serde_json::json!({"id": answer.id})
    }
    struct Answer {
        is_error: bool,
        id: &'static str,
    }
    const ANSWER: Answer = Answer {
        is_error: true,
        id: "r_1",
    };
    #[genai_tool(err = kind)]
    fn with_err() -> BoxFuture<'static, Result<u8, u16>> {
        Box::pin(async { Err(429) })
    }
    #[genai_tool(error_if = failed)]
    fn with_error_if() -> impl Future<Output = Answer> {
        async { ANSWER }
    }
    #[genai_chat(model = "a", response = reply)]
    fn with_response() -> BoxFuture<'static, Result<Answer, String>> {
        Box::pin(async { Ok(ANSWER) })
    }
    #[genai_gate]
    fn gate(allow: bool) -> BoxFuture<'static, bool> {
        Box::pin(async move { allow })
    }
    #[genai_gate]
    fn gate_by_an_alias(allow: bool) -> Boxed<bool> {
        Box::pin(async move { allow })
    }
    #[genai_span(ret_fields("n" = |n: &u8| *n))]
    fn fact_by_an_alias() -> Boxed<u8> {
        Box::pin(async { 7 })
    }
    let span = ends("execute_tool with_err", Outcome::Error, || {
        block_on(with_err())
    });
    assert_eq!(span.attributes.str("error.type"), Some("429"));
    ends("execute_tool with_error_if", Outcome::Error, || {
        assert!(block_on(with_error_if()).is_error);
    });
    let span = ends("chat a", Outcome::Ok, || drop(block_on(with_response())));
    assert_eq!(span.attributes.str("gen_ai.response.id"), Some("r_1"));
    for span in [
        ends("gate gate", Outcome::Ok, || block_on(gate(false))),
        ends("gate gate_by_an_alias", Outcome::Ok, || {
            block_on(gate_by_an_alias(false))
        }),
    ] {
        let decision = span.attributes.str("genai_trace.gate.decision");
        assert_eq!(decision, Some("deny"));
    }
    let span = ends("fact_by_an_alias", Outcome::Ok, || {
        block_on(fact_by_an_alias())
    });
    assert_eq!(span.attributes.int("n"), Some(7));
}

#[test]
fn a_fact_of_an_opaque_result() {
    #[genai_span(ret_fields("size" = size_of_val))]
    fn opaque() -> impl Copy {
        42_u16
    }
    let span = ends("opaque", Outcome::Ok, opaque);
    assert_eq!(span.attributes.int("size"), Some(2));
}

#[test]
fn facts_and_errors_side_by_side() {
    #[genai_span(ret_fields("n" = |result| result.as_ref().ok().copied()))]
    fn narrow(n: i32) -> Result<u8, TryFromIntError> {
        u8::try_from(n)
    }
    let failed = ends("narrow", Outcome::Error, || narrow(1234));
    assert_eq!(failed.attributes.get("n"), None);
    assert_eq!(failed.events.len(), 1);
    let ok = ends("narrow", Outcome::Ok, || narrow(123));
    assert_eq!(ok.attributes.int("n"), Some(123));
    assert!(ok.events.is_empty());
}

#[test]
fn references_go_in_and_out() {
    #[genai_span]
    fn generic<'a, T: ?Sized, E>(value: &'a T) -> Result<&'a T, E> {
        Ok(value)
    }
    #[genai_span]
    async fn owned<T: Into<String>>(value: T) -> impl AsRef<str> {
        yield_once().await;
        value.into()
    }
    struct Worker(String);
    impl Worker {
        #[genai_span]
        fn sync(&self) -> &str {
            &self.0
        }
        #[genai_span]
        async fn later(&mut self, suffix: &str) -> String {
            yield_once().await;
            self.0.push_str(suffix);
            self.0.clone()
        }
    }
    ends("generic", Outcome::Ok, || {
        assert_eq!(generic::<_, ()>("a"), Ok("a"));
    });
    ends("owned", Outcome::Ok, || {
        assert_eq!(block_on(owned("a")).as_ref(), "a");
    });
    let mut worker = Worker("a".to_owned());
    ends("sync", Outcome::Ok, || assert_eq!(worker.sync(), "a"));
    ends("later", Outcome::Ok, || {
        assert_eq!(block_on(worker.later("b")), "ab");
    });
}
