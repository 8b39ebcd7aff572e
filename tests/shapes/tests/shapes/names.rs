//! Names and scopes: what the expansion uses does not meet what the user has.

use genai_trace::{Outcome, genai_chat, genai_span, genai_tool, record};
use genai_trace_shapes::ends;
use genai_trace_tests::{block_on, yield_once};

#[test]
fn arguments_named_like_ours() {
    #[genai_tool(fields("span" = span, "ret" = __ret))]
    fn sum(span: u8, ret: u8, __span: u8, __ret: u8, __a: u8) -> u8 {
        span + ret + __span + __ret + __a
    }
    let span = ends("execute_tool sum", Outcome::Ok, || {
        assert_eq!(sum(1, 2, 3, 4, 5), 15);
    });
    assert_eq!(span.attributes.int("span"), Some(1));
    assert_eq!(span.attributes.int("ret"), Some(4));
}

#[test]
fn locals_and_items_named_like_ours() {
    #[genai_span]
    fn sum() -> u8 {
        static __GENAI_CALLSITE: u8 = 1;
        struct Open(u8);
        struct Probe(u8);
        fn begin() -> u8 {
            2
        }
        fn end() -> u8 {
            3
        }
        let (span, ret, open, f, future) = (4, 5, Open(6), 7, Probe(8));
        let __span = begin() + end();
        let __ret = span + ret + open.0 + f + future.0;
        __GENAI_CALLSITE + __span + __ret
    }
    #[genai_span]
    async fn later() -> u8 {
        static __GENAI_CALLSITE: u8 = 1;
        let (__span, __ret) = (2, 3);
        yield_once().await;
        __GENAI_CALLSITE + __span + __ret
    }
    ends("sum", Outcome::Ok, || assert_eq!(sum(), 36));
    ends("later", Outcome::Ok, || assert_eq!(block_on(later()), 6));
}

#[test]
fn a_function_named_like_ours() {
    #[genai_span]
    fn __span() {}
    #[genai_span]
    fn begin_plain() {}
    #[genai_span]
    fn run() {}
    ends("__span", Outcome::Ok, __span);
    ends("begin_plain", Outcome::Ok, begin_plain);
    ends("run", Outcome::Ok, run);
}

#[test]
fn a_glob_import_in_the_body_that_shadows_the_result() {
    type Answer = Result<u8, String>;
    #[derive(Clone, Copy, PartialEq)]
    enum Kind {
        Answer,
        Error,
    }
    #[genai_span]
    fn sync(kind: Kind) -> Answer {
        use Kind::*;
        if kind == Answer {
            Ok(1)
        } else {
            Err("no".to_owned())
        }
    }
    #[genai_span]
    async fn later(kind: Kind) -> Answer {
        use Kind::*;
        if kind == Error {
            return Err("no".to_owned());
        }
        yield_once().await;
        Ok(Answer as u8)
    }
    ends("sync", Outcome::Ok, || sync(Kind::Answer));
    ends("sync", Outcome::Error, || sync(Kind::Error));
    ends("later", Outcome::Ok, || block_on(later(Kind::Answer)));
    ends("later", Outcome::Error, || block_on(later(Kind::Error)));
}

#[test]
fn an_item_in_the_body_that_shadows_the_result() {
    struct Text(u8);
    #[genai_span]
    fn sync() -> Text {
        type Other = super::names::Inner;
        struct Inner;
        let _ = (Other {}, Inner);
        Text(1)
    }
    ends("sync", Outcome::Ok, || assert_eq!(sync().0, 1));
}

/// Another type of the same name as one in a body.
struct Inner {}

#[test]
fn arguments_that_are_configured_away() {
    #[genai_tool(fields("a" = a))]
    fn sync(a: u8, #[cfg(any())] b: Missing, #[cfg(not(any()))] c: u8) -> u8 {
        #[cfg(any())]
        let _ = b;
        a + c
    }
    #[genai_tool]
    async fn later(
        #[cfg(any())] a: Missing,
        #[cfg_attr(all(), allow(unused_variables))] b: u8,
        #[cfg(not(any()))] (c, _): (u8, u8),
    ) -> u8 {
        yield_once().await;
        c
    }
    struct Counter(u8);
    impl Counter {
        #[genai_tool]
        fn add(&mut self, #[cfg(not(any()))] n: u8, #[cfg(any())] m: Missing) -> u8 {
            self.0 += n;
            self.0
        }
    }
    ends("execute_tool sync", Outcome::Ok, || {
        assert_eq!(sync(1, 2), 3);
    });
    ends("execute_tool later", Outcome::Ok, || {
        assert_eq!(block_on(later(1, (2, 3))), 2);
    });
    ends("execute_tool add", Outcome::Ok, || {
        assert_eq!(Counter(1).add(2), 3);
    });
}

/// A prelude that is not the prelude.
mod hostile {
    #![allow(dead_code, non_snake_case, reason = "they only have to stand there")]

    use ::genai_trace::{genai_gate, genai_span};

    pub(super) enum Result {
        Ok,
        Err,
    }
    pub(super) enum Option {
        Some,
        None,
    }
    struct Box;
    struct Pin;
    struct Future;
    struct Stream;
    struct Send;
    struct String;
    fn Some() {}
    fn None() {}
    fn Ok() {}
    fn Err() {}
    fn drop() {}
    mod core {}
    mod std {}
    mod genai_trace {}
    trait Iterator {}
    trait Fn {}
    trait FnOnce {}

    #[genai_span]
    pub(super) fn sync(fail: bool) -> Result {
        if fail { Result::Err } else { Result::Ok }
    }

    #[genai_span]
    pub(super) async fn later() -> Option {
        Option::Some
    }

    #[genai_span]
    pub(super) fn returned() -> ::std::pin::Pin<
        ::std::boxed::Box<dyn ::std::future::Future<Output = Option> + ::std::marker::Send>,
    > {
        ::std::boxed::Box::pin(async { Option::None })
    }

    #[genai_gate]
    pub(super) fn gate() -> bool {
        true
    }
}

#[test]
fn names_of_the_prelude_that_mean_something_else() {
    ends("sync", Outcome::Ok, || {
        assert!(matches!(hostile::sync(true), hostile::Result::Err));
    });
    ends("later", Outcome::Ok, || {
        assert!(matches!(block_on(hostile::later()), hostile::Option::Some));
    });
    ends("returned", Outcome::Ok, || {
        assert!(matches!(
            block_on(hostile::returned()),
            hostile::Option::None
        ));
    });
    ends("gate gate", Outcome::Ok, || assert!(hostile::gate()));
}

#[test]
fn attributes_inside_the_body() {
    #[genai_span]
    fn inner_attributes() -> u8 {
        //! A comment of the function.
        #![allow(unused_variables)]
        let unused = 1;
        2
    }
    #[genai_span]
    async fn inner_attributes_later() -> u8 {
        #![allow(unused_variables)]
        let unused = 1;
        2
    }
    ends("inner_attributes", Outcome::Ok, inner_attributes);
    ends("inner_attributes_later", Outcome::Ok, || {
        block_on(inner_attributes_later())
    });
}

#[test]
fn attributes_around_the_function() {
    /// Documented.
    #[inline(always)]
    #[must_use]
    #[genai_chat(model = "a")]
    #[cold]
    fn chat() -> u8 {
        1
    }
    ends("chat a", Outcome::Ok, || assert_eq!(chat(), 1));
}

#[test]
fn facts_recorded_in_a_body_belong_to_its_span() {
    #[genai_span]
    fn step(n: u8) -> u8 {
        let n = n + 1;
        record!(app.n = n);
        n
    }
    let span = ends("step", Outcome::Ok, || step(1));
    assert_eq!(span.attributes.int("app.n"), Some(2));
}
