//! Attributes from the arguments.

use genai_trace::{Outcome, SpanRecord, Value, genai_span, genai_tool, record};
use genai_trace_shapes::{calls, ends};
use genai_trace_tests::{block_on, yield_once};

fn value<'a>(span: &'a SpanRecord, key: &str) -> &'a Value {
    span.attributes.get(key).unwrap()
}

#[test]
fn constants_of_every_type() {
    #[genai_span(fields("text" = "bar", "truth" = true, "number" = 1, "fraction" = -0.5))]
    fn step() {}
    let span = ends("step", Outcome::Ok, step);
    assert_eq!(value(&span, "text"), &Value::from("bar"));
    assert_eq!(value(&span, "truth"), &Value::from(true));
    assert_eq!(value(&span, "number"), &Value::from(1_i64));
    assert_eq!(value(&span, "fraction"), &Value::from(-0.5));
    assert_eq!(span.attributes.len(), 4);
}

#[test]
fn expressions_of_the_arguments() {
    #[genai_span(fields("len" = s.len(), s.is_empty = s.is_empty(), "first" = s.chars().next().map(|c| c.to_string())))]
    fn step(s: &str) {
        let _ = s;
    }
    let span = ends("step", Outcome::Ok, || step("hello world"));
    assert_eq!(span.attributes.int("len"), Some(11));
    assert_eq!(value(&span, "s.is_empty"), &Value::from(false));
    assert_eq!(span.attributes.str("first"), Some("h"));
}

#[test]
fn nothing_is_kept_that_is_not_named() {
    struct NotDebug;
    #[genai_span(fields("a" = a))]
    fn step(a: usize, _b: bool, _c: NotDebug, _d: &dyn Fn()) {}
    let span = ends("step", Outcome::Ok, || step(2, false, NotDebug, &|| {}));
    assert_eq!(span.attributes.int("a"), Some(2));
    assert_eq!(span.attributes.len(), 1);
}

#[test]
fn each_call_has_its_own() {
    #[genai_tool(fields("n" = n, "text" = text))]
    fn step(n: usize, text: String) {
        drop(text);
    }
    let recorded = calls(|| {
        step(2, "cool".to_owned());
        step(3, "still cool".to_owned());
    });
    let of = |n| {
        let mut spans = recorded.spans.iter();
        let span = spans.find(|span| span.attributes.int("n") == Some(n));
        span.and_then(|span| span.attributes.str("text")).unwrap()
    };
    assert_eq!((of(2), of(3)), ("cool", "still cool"));
}

#[test]
fn an_argument_that_the_body_consumes() {
    #[genai_span(fields("s" = &s, "n" = s.len()))]
    async fn step(s: String) -> Vec<u8> {
        yield_once().await;
        s.into_bytes()
    }
    let span = ends("step", Outcome::Ok, || block_on(step("ab".to_owned())));
    assert_eq!(span.attributes.str("s"), Some("ab"));
    assert_eq!(span.attributes.int("n"), Some(2));
}

#[test]
fn a_key_with_the_name_of_an_argument_takes_the_value_that_is_given() {
    #[genai_span(fields("s" = "other"))]
    fn step(s: &str) -> usize {
        s.len()
    }
    let span = ends("step", Outcome::Ok, || step("ab"));
    assert_eq!(span.attributes.str("s"), Some("other"));
}

#[test]
fn keywords_in_a_key() {
    #[genai_span(fields(keywords.impl.r#type.fn = text))]
    fn step(text: &str) {}
    let span = ends("step", Outcome::Ok, || step("a"));
    assert_eq!(span.attributes.str("keywords.impl.type.fn"), Some("a"));
}

#[test]
fn fields_of_self() {
    struct Has {
        field: &'static str,
    }
    impl Has {
        #[genai_span(fields("field" = self.field, "method" = self.method(), "type" = Self::NAME))]
        fn step(&self) {}
        fn method(&self) -> usize {
            self.field.len()
        }
        const NAME: &'static str = "Has";
    }
    let span = ends("step", Outcome::Ok, || Has { field: "ab" }.step());
    assert_eq!(span.attributes.str("field"), Some("ab"));
    assert_eq!(span.attributes.int("method"), Some(2));
    assert_eq!(span.attributes.str("type"), Some("Has"));
}

#[test]
fn a_fact_that_comes_later() {
    #[genai_span(fields("early" = 1, "none" = None::<u8>))]
    async fn step() {
        yield_once().await;
        record!("late" = 2, "early" = 3);
    }
    let span = ends("step", Outcome::Ok, || block_on(step()));
    assert_eq!(span.attributes.int("late"), Some(2));
    assert_eq!(span.attributes.int("early"), Some(3));
    assert_eq!(span.attributes.get("none"), None);
}

#[test]
fn braces_in_a_text_are_a_text() {
    #[genai_span(fields("escaped" = "{{input}}", "quoted" = r#"{ "a": "{b:?}" }"#))]
    fn step() {}
    let span = ends("step", Outcome::Ok, step);
    assert_eq!(span.attributes.str("escaped"), Some("{{input}}"));
    assert_eq!(span.attributes.str("quoted"), Some(r#"{ "a": "{b:?}" }"#));
}

#[test]
fn arguments_that_are_taken_apart() {
    struct Tuple(usize, usize);
    struct Named {
        tuple: Tuple,
        pair: (usize, usize),
        bare: Bare,
    }
    struct Bare;
    #[genai_span(fields("a" = a, "b" = b))]
    fn pair((a, b): (usize, usize)) {}
    #[genai_span(fields("a" = a, "d" = d))]
    fn pairs(((a, _b), (_c, d)): ((usize, usize), (usize, usize))) {}
    #[genai_span(fields("a" = a))]
    fn reference(&a: &usize) {}
    #[genai_span(fields("a" = a, "b" = b))]
    fn tuple(Tuple(a, b): Tuple) {}
    #[genai_span(fields("a" = a, "d" = d))]
    fn everything(
        &Named {
            tuple: Tuple(a, _),
            pair: (_, d),
            ..
        }: &Named,
    ) {
    }
    #[genai_span(fields("first" = first, "rest" = rest.len()))]
    async fn later([first, rest @ ..]: [usize; 3]) {
        yield_once().await;
    }
    let named = Named {
        tuple: Tuple(1, 2),
        pair: (3, 4),
        bare: Bare,
    };
    let Bare = named.bare;
    let ints = |span: SpanRecord| -> Vec<i64> {
        let keys = ["a", "b", "c", "d", "first", "rest"];
        keys.iter()
            .filter_map(|key| span.attributes.int(key))
            .collect()
    };
    assert_eq!(ints(ends("pair", Outcome::Ok, || pair((1, 2)))), [1, 2]);
    let span = ends("pairs", Outcome::Ok, || pairs(((1, 2), (3, 4))));
    assert_eq!(ints(span), [1, 4]);
    assert_eq!(ints(ends("reference", Outcome::Ok, || reference(&1))), [1]);
    assert_eq!(
        ints(ends("tuple", Outcome::Ok, || tuple(Tuple(1, 2)))),
        [1, 2]
    );
    let span = ends("everything", Outcome::Ok, || everything(&named));
    assert_eq!(ints(span), [1, 4]);
    let span = ends("later", Outcome::Ok, || block_on(later([7, 8, 9])));
    assert_eq!(ints(span), [7, 2]);
}
