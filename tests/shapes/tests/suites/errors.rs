//! What a span says of an error.

use std::borrow::Cow;
use std::num::TryFromIntError;

use genai_trace::{Outcome, SpanRecord, genai_span, genai_tool};
use genai_trace_shapes::{ends, poll};
use genai_trace_tests::{block_on, yield_once};

/// The error's own words.
const WORDS: &str = "out of range integral type conversion attempted";

fn too_large() -> Result<u8, TryFromIntError> {
    u8::try_from(1234)
}

/// The one span of a call that fails as the functions below do.
fn fails<T>(name: &str, call: impl FnOnce() -> Result<T, TryFromIntError>) -> SpanRecord {
    let span = ends(name, Outcome::Error, || assert!(call().is_err()));
    assert_eq!(span.status_message, WORDS);
    assert_eq!(span.attributes.str("error.type"), Some("TryFromIntError"));
    let [exception] = span.events.as_slice() else {
        panic!("one event, not {:?}", span.events);
    };
    assert_eq!(exception.name, "exception");
    assert_eq!(exception.attributes.str("exception.message"), Some(WORDS));
    span
}

#[test]
fn an_error_at_the_end_and_one_on_the_way() {
    #[genai_span]
    fn at_the_end() -> Result<u8, TryFromIntError> {
        {}
        u8::try_from(1234)
    }
    #[genai_span]
    fn on_the_way() -> Result<u8, TryFromIntError> {
        too_large()?;
        Ok(5)
    }
    #[genai_span]
    fn with_return() -> Result<u8, TryFromIntError> {
        return too_large();
    }
    fails("at_the_end", at_the_end);
    fails("on_the_way", on_the_way);
    fails("with_return", with_return);
}

#[test]
fn an_error_of_an_async_function() {
    #[genai_tool]
    async fn later(polls: usize) -> Result<u8, TryFromIntError> {
        for _ in 0..polls {
            yield_once().await;
        }
        too_large()
    }
    for polls in 0..3 {
        fails("execute_tool later", || block_on(later(polls)));
    }
}

#[test]
fn through_a_mutable_argument() {
    #[genai_span]
    fn sync(out: &mut u8) -> Result<(), TryFromIntError> {
        *out = too_large()?;
        Ok(())
    }
    #[genai_span]
    async fn later(polls: usize, out: &mut u8) -> Result<(), TryFromIntError> {
        for _ in 0..polls {
            yield_once().await;
        }
        *out = 1;
        *out = too_large()?;
        Ok(())
    }
    let mut out = 0;
    fails("sync", || sync(&mut out));
    assert_eq!(out, 0);
    fails("later", || block_on(later(2, &mut out)));
    assert_eq!(out, 1);
}

#[test]
fn a_reference_out_of_a_mutable_argument() {
    #[genai_span(err = kind, ret_fields("ok" = Result::is_ok))]
    fn sync(list: &mut Vec<u8>) -> Result<&mut u8, TryFromIntError> {
        list.push(1);
        list.first_mut().ok_or_else(|| too_large().unwrap_err())
    }
    #[genai_span(err = kind, ret_fields("ok" = |result| result.is_ok()))]
    async fn later(list: &mut [u8]) -> Result<&mut u8, TryFromIntError> {
        yield_once().await;
        list.first_mut().ok_or_else(|| too_large().unwrap_err())
    }
    fn kind(_: &TryFromIntError) -> Cow<'static, str> {
        "too_large".into()
    }
    let mut list = Vec::new();
    ends("sync", Outcome::Ok, || *sync(&mut list).unwrap() += 1);
    ends("later", Outcome::Ok, || {
        *block_on(later(&mut list)).unwrap() += 1
    });
    assert_eq!(list, [3]);
    let span = ends("later", Outcome::Error, || {
        block_on(later(&mut [])).unwrap_err()
    });
    assert_eq!(span.attributes.str("error.type"), Some("too_large"));
}

#[test]
fn an_error_beside_an_opaque_type() {
    #[genai_span]
    fn sync(n: usize) -> Result<impl Iterator<Item = usize>, &'static str> {
        if n == 0 { Err("nothing") } else { Ok(0..n) }
    }
    #[genai_span]
    async fn later(n: usize) -> Result<impl Iterator<Item = usize>, &'static str> {
        yield_once().await;
        if n == 0 {
            Err("nothing")
        } else {
            Ok((0..9).filter(move |x| *x < n))
        }
    }
    ends("sync", Outcome::Ok, || {
        assert_eq!(sync(9).unwrap().count(), 9)
    });
    let span = ends("sync", Outcome::Error, || sync(0).is_err());
    assert_eq!(span.status_message, "nothing");
    ends("later", Outcome::Ok, || {
        assert_eq!(block_on(later(3)).unwrap().count(), 3);
    });
    ends("later", Outcome::Error, || block_on(later(0)).is_err());
}

#[test]
fn an_error_that_can_only_be_debugged() {
    #[derive(Debug)]
    struct Refused {
        #[allow(dead_code, reason = "the debug form reads it")]
        code: u16,
    }
    #[genai_span]
    fn step() -> Result<u8, Refused> {
        Err(Refused { code: 7 })
    }
    let span = ends("step", Outcome::Error, step);
    assert_eq!(span.status_message, "Refused { code: 7 }");
    assert_eq!(span.attributes.str("error.type"), Some("Refused"));
}

#[test]
fn an_error_that_says_nothing() {
    #[genai_span]
    fn unit() -> Result<u8, ()> {
        Err(())
    }
    ends("unit", Outcome::Error, unit);
}

#[test]
fn the_error_is_told_in_the_poll_that_returns_it() {
    #[genai_span]
    async fn later() -> Result<u8, TryFromIntError> {
        yield_once().await;
        too_large()
    }
    fails("later", || {
        let mut future = Box::pin(later());
        assert!(poll(future.as_mut()).is_pending());
        block_on(future)
    });
}
