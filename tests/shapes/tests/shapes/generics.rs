//! Generic functions: types, constants, lifetimes, bounds of a higher rank, `impl Trait`.

use std::fmt::{Debug, Display};
use std::future::{Future, ready};

use futures_util::stream::{self, Stream, StreamExt};
use genai_trace::{Outcome, genai_span, genai_tool};
use genai_trace_shapes::{calls, ends};
use genai_trace_tests::{block_on, yield_once};

#[test]
fn types_and_where_clauses() {
    #[genai_tool]
    fn longest<'a, T, U>(left: &'a T, right: &'a U) -> &'a str
    where
        T: AsRef<str> + ?Sized,
        U: AsRef<str> + 'a,
    {
        let (left, right) = (left.as_ref(), right.as_ref());
        if left.len() > right.len() {
            left
        } else {
            right
        }
    }
    ends("execute_tool longest", Outcome::Ok, || {
        assert_eq!(longest("ab", &"c".to_owned()), "ab");
    });
}

#[test]
fn each_type_has_the_same_callsite() {
    #[genai_span]
    fn size<T>(_of: T) -> usize {
        size_of::<T>()
    }
    let recorded = calls(|| assert_eq!((size(1_u8), size(1_u64)), (1, 8)));
    assert_eq!(recorded.outline(), "caller\n.size\n.size");
}

#[test]
fn nothing_is_asked_of_types() {
    struct Bare;
    #[genai_span]
    fn same<T, E>(result: Result<T, E>) -> Result<T, E> {
        result
    }
    ends("same", Outcome::Ok, || same::<Bare, Bare>(Ok(Bare)).is_ok());
    ends("same", Outcome::Error, || {
        same::<Bare, Bare>(Err(Bare)).is_err()
    });
}

#[test]
fn constants() {
    #[genai_span(fields("size" = N))]
    fn sum<const N: usize, const NEGATE: bool>(list: [i32; N]) -> i32 {
        let sum: i32 = list.iter().sum();
        if NEGATE { -sum } else { sum }
    }
    let span = ends("sum", Outcome::Ok, || {
        assert_eq!(sum::<3, true>([1, 2, 3]), -6);
    });
    assert_eq!(span.attributes.int("size"), Some(3));
}

#[test]
fn bounds_of_a_higher_rank() {
    #[genai_span]
    fn apply<F>(text: &str, pick: F) -> String
    where
        F: for<'a> Fn(&'a str) -> &'a str,
    {
        pick(text).to_owned()
    }
    #[genai_span]
    fn call(with: &dyn for<'a> Fn(&'a str, &'a str) -> &'a str) -> usize {
        with("a", "bc").len()
    }
    ends("apply", Outcome::Ok, || {
        assert_eq!(apply(" x ", str::trim), "x");
    });
    ends("call", Outcome::Ok, || assert_eq!(call(&|_, b| b), 2));
}

#[test]
fn elided_lifetimes() {
    #[genai_span]
    fn words(text: &str) -> std::str::SplitWhitespace<'_> {
        text.split_whitespace()
    }
    #[genai_span]
    fn boxed(text: &str) -> Box<dyn Display + '_> {
        if text.is_empty() {
            return Box::new("empty");
        }
        Box::new(text)
    }
    ends("words", Outcome::Ok, || assert_eq!(words("a b").count(), 2));
    ends("boxed", Outcome::Ok, || {
        assert_eq!(boxed("").to_string(), "empty");
    });
}

#[test]
fn impl_trait_as_an_argument() {
    #[genai_tool]
    fn count(items: impl IntoIterator<Item = impl Display>, _log: &mut impl Debug) -> usize {
        items.into_iter().map(|item| item.to_string().len()).sum()
    }
    ends("execute_tool count", Outcome::Ok, || {
        assert_eq!(count([1, 22], &mut "log"), 3);
    });
}

#[test]
fn impl_trait_as_a_result() {
    #[genai_span]
    fn up_to(n: u8) -> impl Iterator<Item = u8> + Clone {
        0..n
    }
    #[genai_span]
    fn checked(n: u8) -> Result<Option<impl Iterator<Item = impl Display>>, String> {
        if n == 0 {
            return Err("nothing".to_owned());
        }
        Ok(Some((0..n).map(u32::from)))
    }
    #[genai_span]
    fn length<'a>(text: &'a str) -> impl Fn() -> usize + use<'a> {
        move || text.len()
    }
    ends("up_to", Outcome::Ok, || assert_eq!(up_to(3).count(), 3));
    ends("checked", Outcome::Ok, || {
        assert_eq!(checked(2).map(|it| it.into_iter().flatten().count()), Ok(2));
    });
    ends("checked", Outcome::Error, || checked(0).is_err());
    ends("length", Outcome::Ok, || assert_eq!(length("ab")(), 2));
}

#[test]
fn all_of_it_in_an_async_function() {
    #[genai_tool]
    async fn find<'a, T, F, const N: usize>(
        list: &'a [T; N],
        mut is: F,
        log: &mut impl Extend<usize>,
    ) -> Result<&'a T, impl Debug>
    where
        T: PartialEq + 'a,
        F: for<'b> FnMut(&'b T) -> bool,
    {
        for (at, item) in list.iter().enumerate() {
            yield_once().await;
            log.extend([at]);
            if is(item) {
                return Ok(item);
            }
        }
        Err("not found")
    }
    let mut log = Vec::new();
    ends("execute_tool find", Outcome::Ok, || {
        let found = block_on(find(&[1, 2, 3], |n| *n > 1, &mut log));
        assert_eq!(found.ok(), Some(&2));
    });
    assert_eq!(log, [0, 1]);
    ends("execute_tool find", Outcome::Error, || {
        block_on(find(&[1], |n| *n > 1, &mut log)).is_err()
    });
}

#[test]
fn closures_that_are_typed_by_what_is_promised() {
    #[genai_span]
    fn length() -> impl Fn(&str) -> usize {
        |text| text.len()
    }
    #[genai_span]
    fn both(first: bool) -> (impl FnMut(String) -> usize, u8) {
        (|text| text.len(), u8::from(first))
    }
    #[genai_span]
    fn same() -> impl for<'a> Fn(&'a u8) -> &'a u8 {
        |number| number
    }
    ends("length", Outcome::Ok, || assert_eq!(length()("four"), 4));
    ends("both", Outcome::Ok, || assert_eq!(both(true).1, 1));
    ends("same", Outcome::Ok, || assert_eq!(same()(&7), &7));
}

#[test]
fn types_that_only_the_body_knows() {
    #[genai_span]
    fn items() -> impl Stream<Item = impl Debug> {
        stream::iter([1_u8])
    }
    #[genai_span]
    fn output() -> impl Future<Output = impl Debug> {
        async { 1_u8 }
    }
    #[genai_span]
    fn lasting<T>(
        future: impl Future<Output = T> + Send + 'static,
    ) -> impl Future<Output = T> + Send + 'static {
        future
    }
    ends("items", Outcome::Ok, || {
        assert_eq!(block_on(items().count()), 1);
    });
    ends("output", Outcome::Ok, || drop(block_on(output())));
    ends("lasting", Outcome::Ok, || {
        assert_eq!(block_on(lasting(ready(7))), 7);
    });
}

#[test]
fn traits_whose_methods_are_called_like_ours() {
    trait Ours {
        fn end(&self) -> u8;
        fn leave(self) -> u8;
        fn tool_end(&self, _: bool) -> u8;
        fn kind(&self) -> u8;
    }
    impl<T> Ours for T {
        fn end(&self) -> u8 {
            1
        }
        fn leave(self) -> u8 {
            2
        }
        fn tool_end(&self, _: bool) -> u8 {
            3
        }
        fn kind(&self) -> u8 {
            4
        }
    }
    struct Named;
    #[genai_tool]
    fn named() -> Result<Named, String> {
        Ok(Named)
    }
    #[genai_tool]
    fn plain() -> Named {
        Named
    }
    ends("execute_tool named", Outcome::Ok, || {
        assert!(named().is_ok())
    });
    let sum = |plain: Named| plain.end() + plain.tool_end(true) + plain.kind() + plain.leave();
    ends("execute_tool plain", Outcome::Ok, || {
        assert_eq!(sum(plain()), 10)
    });
}
