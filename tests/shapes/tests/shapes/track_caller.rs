//! `#[track_caller]`: the caller stays who it was.

use std::panic::Location;
use std::sync::Mutex;

use genai_trace::{Outcome, genai_span, genai_tool};
use genai_trace_shapes::{Exit, calls, ends, panics};

/// Whether `line` is the line of the call: the one where this macro stands.
macro_rules! is_here {
    ($call:expr) => {{
        let (line, here) = ($call, line!());
        assert_eq!(line, here, "the caller's line");
    }};
}

#[test]
fn the_location_is_that_of_the_call() {
    #[genai_tool]
    #[track_caller]
    fn above() -> u32 {
        Location::caller().line()
    }
    #[track_caller]
    #[genai_tool]
    fn below() -> u32 {
        Location::caller().line()
    }
    ends("execute_tool above", Outcome::Ok, || is_here!(above()));
    ends("execute_tool below", Outcome::Ok, || is_here!(below()));
}

#[test]
fn the_location_is_passed_on() {
    #[track_caller]
    fn helper() -> u32 {
        Location::caller().line()
    }
    #[genai_span]
    #[track_caller]
    fn outer() -> u32 {
        inner()
    }
    #[genai_span]
    #[track_caller]
    fn inner() -> u32 {
        helper()
    }
    let recorded = calls(|| is_here!(outer()));
    assert_eq!(recorded.outline(), "caller\n.outer\n..inner");
}

#[test]
fn methods_and_methods_of_traits() {
    struct Tool;
    trait Call {
        #[genai_span]
        #[track_caller]
        fn by_default(&self) -> u32 {
            Location::caller().line()
        }
        #[track_caller]
        fn call(&self) -> u32;
    }
    impl Call for Tool {
        #[genai_span]
        #[track_caller]
        fn call(&self) -> u32 {
            Location::caller().line()
        }
    }
    impl Tool {
        #[genai_span]
        #[track_caller]
        fn own<'a, T>(&mut self, value: &'a mut T) -> (&'a mut T, u32) {
            (value, Location::caller().line())
        }
    }
    ends("by_default", Outcome::Ok, || is_here!(Tool.by_default()));
    ends("call", Outcome::Ok, || is_here!(Tool.call()));
    ends("own", Outcome::Ok, || is_here!(Tool.own(&mut 1).1));
}

#[test]
fn every_exit() {
    #[genai_span]
    #[track_caller]
    fn call(exit: Exit) -> Result<u8, String> {
        let n = exit.step_now()?;
        if n == 0 {
            return Ok(0);
        }
        'outer: for a in 0..3 {
            for b in 0..3 {
                if a + b == 3 {
                    break 'outer;
                }
            }
        }
        Ok(n)
    }
    ends("call", Outcome::Ok, || assert_eq!(call(Exit::Ok), Ok(1)));
    ends("call", Outcome::Ok, || assert_eq!(call(Exit::Early), Ok(0)));
    let span = ends("call", Outcome::Error, || call(Exit::Error).is_err());
    assert_eq!(span.status_message, "failed");
    ends("call", Outcome::Panicked, || {
        assert!(panics(|| call(Exit::Panic)));
    });
}

#[test]
fn ways_out_that_are_not_the_functions_own() {
    #[genai_span]
    #[track_caller]
    fn call(texts: &[&str]) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
        fn of_its_own(text: &str) -> Option<u8> {
            let first = text.bytes().next()?;
            Some(first)
        }
        let parse = |text: &str| -> Result<u8, std::num::ParseIntError> {
            if text == "one" {
                return Ok(1);
            }
            let number = text.parse::<u8>()?;
            Ok(number)
        };
        let first = texts.first().ok_or("empty")?;
        if of_its_own(first).is_none() {
            return Err(Box::from("blank"));
        }
        Ok(vec![parse(first)?, parse(texts.last().ok_or("empty")?)?])
    }
    ends("call", Outcome::Ok, || {
        assert_eq!(call(&["one", "2"]).unwrap(), [1, 2]);
    });
    for (texts, message) in [
        (&[][..], "empty"),
        (&[""], "blank"),
        (&["x"], "invalid digit found in string"),
    ] {
        let span = ends("call", Outcome::Error, || call(texts).is_err());
        assert_eq!(span.status_message, message);
    }
}

#[test]
fn options_and_boxes_on_the_way_out() {
    #[genai_span]
    #[track_caller]
    fn option(list: &[u8]) -> Option<u8> {
        let first = list.first()?;
        if *first == 0 {
            return None;
        }
        Some(*first)
    }
    #[genai_span]
    #[track_caller]
    fn boxed(text: &str) -> Box<dyn std::fmt::Display + '_> {
        if text.is_empty() {
            return Box::new(0);
        }
        Box::new(text)
    }
    #[genai_span]
    #[track_caller]
    fn nothing(early: bool) {
        if early {
            return;
        }
        assert!(!early);
    }
    for list in [&[][..], &[0], &[1]] {
        ends("option", Outcome::Ok, || option(list));
    }
    for text in ["", "a"] {
        ends("boxed", Outcome::Ok, || boxed(text).to_string());
    }
    for early in [true, false] {
        ends("nothing", Outcome::Ok, || nothing(early));
    }
}

#[test]
fn functions_that_return_futures() {
    use futures_core::future::BoxFuture;
    #[genai_span]
    #[track_caller]
    fn opaque() -> impl Future<Output = u32> {
        let line = Location::caller().line();
        async move {
            genai_trace_tests::yield_once().await;
            line
        }
    }
    #[genai_span]
    #[track_caller]
    fn boxed(fail: bool) -> BoxFuture<'static, Result<u32, String>> {
        let line = Location::caller().line();
        if fail {
            return Box::pin(async { Err("failed".to_owned()) });
        }
        Box::pin(async move { Ok(line) })
    }
    let block_on = genai_trace_tests::block_on::<BoxFuture<'static, Result<u32, String>>>;
    ends("opaque", Outcome::Ok, || {
        is_here!(genai_trace_tests::block_on(opaque()));
    });
    ends("boxed", Outcome::Ok, || {
        is_here!(block_on(boxed(false)).unwrap())
    });
    ends("boxed", Outcome::Error, || {
        block_on(boxed(true)).unwrap_err()
    });
    ends("boxed", Outcome::NeverPolled, || drop(boxed(true)));
}

#[test]
fn shapes_of_arguments_and_results() {
    #[genai_span(fields("n" = n))]
    #[track_caller]
    fn same<T>(value: &mut T, (mut n, _): (u8, u8)) -> &mut T {
        n += 1;
        let _ = n;
        value
    }
    #[genai_span]
    #[track_caller]
    fn numbers(up_to: u8) -> impl Iterator<Item = u8> {
        0..up_to
    }
    #[genai_span]
    #[track_caller]
    fn give_up() -> ! {
        std::panic::resume_unwind(Box::new("given up"))
    }
    let mut text = String::new();
    let span = ends("same", Outcome::Ok, || same(&mut text, (1, 2)).push('!'));
    assert_eq!((text.as_str(), span.attributes.int("n")), ("!", Some(1)));
    ends("numbers", Outcome::Ok, || assert_eq!(numbers(2).count(), 2));
    ends("give_up", Outcome::Panicked, || {
        assert!(panics(|| give_up()));
    });
}

#[test]
fn a_panic_is_reported_at_the_call() {
    #[genai_span]
    #[track_caller]
    fn explode() {
        panic!("at the caller's");
    }
    static LINES: Mutex<Vec<u32>> = Mutex::new(Vec::new());
    let here = std::thread::current().id();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() != here {
            return before(info);
        }
        let line = info.location().map(Location::line);
        LINES.lock().unwrap().extend(line);
    }));
    ends("explode", Outcome::Panicked, || {
        assert!(panics(explode_here));
    });
    let _ = std::panic::take_hook();
    fn explode_here() {
        LINES.lock().unwrap().push(line!() + 1);
        explode();
    }
    let lines = LINES.lock().unwrap();
    assert_eq!(lines.first(), lines.last());
    assert_eq!(lines.len(), 2);
}
