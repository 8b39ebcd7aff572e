//! Arguments are dropped as without the attribute: with the body, the last first.

use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};

use genai_trace::genai_span;
use genai_trace_tests::{block_on, recorded};

thread_local! {
    static DROPPED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Says when it is dropped.
struct Noted(&'static str);

impl Noted {
    fn name(&self) -> &'static str {
        self.0
    }
}

impl Drop for Noted {
    fn drop(&mut self) {
        DROPPED.with_borrow_mut(|dropped| dropped.push(self.0));
    }
}

/// The order in which `call` drops.
fn order<T>(call: impl FnOnce() -> T) -> Vec<&'static str> {
    DROPPED.take();
    drop(catch_unwind(AssertUnwindSafe(call)));
    DROPPED.take()
}

/// The functions of a module twice: with the attribute, and without.
macro_rules! twice {
    ($($function:item)*) => {
        mod traced {
            use super::*;
            $(#[genai_span] $function)*
        }
        mod plain {
            use super::*;
            $($function)*
        }
    };
}

twice! {
    pub(super) fn first_used(a: Noted, b: Noted) -> usize {
        a.name().len() + b.name().len()
    }

    pub(super) fn last_used(a: Noted, b: Noted, c: Noted) -> usize {
        c.name().len() + a.name().len() + b.name().len()
    }

    pub(super) fn not_used(a: Noted, _b: Noted, _c: Noted) -> usize {
        let inside = Noted("inside");
        a.name().len() + inside.name().len()
    }

    pub(super) fn only_one(_a: Noted) {
        let _inside = Noted("inside");
    }

    pub(super) fn given_away(a: Noted, b: Noted, _c: Noted) -> usize {
        drop(a);
        b.name().len()
    }

    pub(super) fn panics(a: Noted, _b: Noted) -> usize {
        if a.name() == "a" {
            panic!("as it should");
        }
        0
    }

    pub(super) async fn later(a: Noted, _b: Noted, c: Noted) -> usize {
        let inside = Noted("inside");
        c.name().len() + a.name().len() + inside.name().len()
    }
}

#[test]
fn in_the_order_of_the_function_alone() {
    recorded(compare);
}

fn compare() {
    type Two = fn(Noted, Noted) -> usize;
    type Three = fn(Noted, Noted, Noted) -> usize;
    let two: [(&str, Two, Two); 2] = [
        ("first_used", traced::first_used, plain::first_used),
        ("panics", traced::panics, plain::panics),
    ];
    for (name, traced, plain) in two {
        let expected = order(|| plain(Noted("a"), Noted("b")));
        assert_eq!(order(|| traced(Noted("a"), Noted("b"))), expected, "{name}");
    }
    let three: [(&str, Three, Three); 3] = [
        ("last_used", traced::last_used, plain::last_used),
        ("not_used", traced::not_used, plain::not_used),
        ("given_away", traced::given_away, plain::given_away),
    ];
    for (name, traced, plain) in three {
        let expected = order(|| plain(Noted("a"), Noted("b"), Noted("c")));
        let found = order(|| traced(Noted("a"), Noted("b"), Noted("c")));
        assert_eq!(found, expected, "{name}");
    }
    let expected = order(|| block_on(plain::later(Noted("a"), Noted("b"), Noted("c"))));
    let found = order(|| block_on(traced::later(Noted("a"), Noted("b"), Noted("c"))));
    assert_eq!(found, expected);
    assert_eq!(
        order(|| traced::only_one(Noted("a"))),
        order(|| plain::only_one(Noted("a")))
    );
}

#[test]
fn inside_the_span() {
    struct Spanned;
    impl Drop for Spanned {
        fn drop(&mut self) {
            genai_trace::span("dropped").run(|| {});
        }
    }
    #[genai_span]
    fn takes(_kept: Spanned) {}
    let recorded = recorded(|| takes(Spanned));
    assert_eq!(recorded.outline(), "takes\n.dropped");
}
