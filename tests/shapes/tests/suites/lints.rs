//! Lints on annotated functions: those of the user stay, none comes on top.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use genai_trace::{Outcome, genai_span, genai_tool};
use genai_trace_shapes::ends;
use genai_trace_tests::block_on;

/// Nothing calls these, and the compiler still says so.
mod dead {
    use super::*;

    #[expect(dead_code, reason = "the lint must not go silent")]
    #[genai_span]
    fn function() {}

    #[expect(dead_code, reason = "the lint must not go silent")]
    #[genai_span]
    async fn later() {}

    #[expect(dead_code, reason = "the lint must not go silent")]
    #[genai_span]
    fn opaque() -> impl Future<Output = ()> {
        async {}
    }

    #[expect(dead_code, reason = "the lint must not go silent")]
    #[genai_span]
    #[track_caller]
    fn tracked() {}

    pub(super) struct Type;

    impl Type {
        #[expect(dead_code, reason = "the lint must not go silent")]
        #[genai_tool]
        fn method(&self) -> i32 {
            42
        }

        #[expect(dead_code, reason = "the lint must not go silent")]
        #[genai_tool]
        async fn method_later(&self) -> i32 {
            42
        }
    }
}

#[test]
fn a_type_whose_methods_nobody_calls() {
    #[genai_span]
    fn make() -> dead::Type {
        dead::Type
    }
    ends("make", Outcome::Ok, make);
}

#[test]
fn what_is_unused_inside_a_body_is_told() {
    #[genai_span]
    fn sync(used: u8) -> u8 {
        #[expect(unused_variables, reason = "the lint must not go silent")]
        let unused = 1;
        used
    }
    #[genai_span]
    async fn later(used: u8) -> u8 {
        #[expect(unused_mut, reason = "the lint must not go silent")]
        let mut value = used;
        value
    }
    #[genai_span]
    #[expect(unreachable_code, reason = "the lint must not go silent")]
    fn early() -> u8 {
        return 1;
        2
    }
    #[genai_span]
    #[expect(unused_variables, reason = "the lint must not go silent")]
    fn argument(unused: u8) {}
    ends("sync", Outcome::Ok, || assert_eq!(sync(1), 1));
    ends("later", Outcome::Ok, || assert_eq!(block_on(later(1)), 1));
    ends("early", Outcome::Ok, || assert_eq!(early(), 1));
    ends("argument", Outcome::Ok, || argument(1));
}

#[test]
fn no_lint_comes_on_top() {
    #[genai_span]
    #[deny(unused_braces, unused_parens, clippy::all)]
    fn boxed() -> Pin<Box<dyn Future<Output = ()>>> {
        Box::pin(async move {})
    }
    #[genai_span]
    #[deny(unused_braces)]
    #[allow(clippy::manual_async_fn, reason = "one of the shapes")]
    fn opaque() -> impl Future<Output = Result<(), Infallible>> {
        async { Ok(()) }
    }
    #[genai_span]
    #[rustfmt::skip]
    #[deny(clippy::suspicious_else_formatting)]
    async fn odd_layout(var: bool) -> &'static str {
        // else
        if var { "true" } else { "false" }
    }
    #[genai_span]
    #[deny(clippy::all, clippy::pedantic)]
    async fn gives_a_future() -> Pin<Box<dyn Future<Output = u8>>> {
        std::future::ready(()).await;
        Box::pin(std::future::ready(1))
    }
    ends("boxed", Outcome::Ok, || block_on(boxed()));
    ends("opaque", Outcome::Ok, || block_on(opaque()));
    ends("odd_layout", Outcome::Ok, || block_on(odd_layout(true)));
    ends("gives_a_future", Outcome::Ok, || {
        block_on(async { gives_a_future().await.await })
    });
}
