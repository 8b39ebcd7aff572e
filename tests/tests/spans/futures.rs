//! Functions that return a future: the span lives as long as the future.

use std::future::{Future, IntoFuture, ready};
use std::io;
use std::pin::Pin;

use futures::future::{BoxFuture, LocalBoxFuture};
use genai_trace::{Status, genai_chat, genai_span, genai_tool};
use genai_trace_tests::{block_on, recorded, yield_once};

#[genai_tool]
fn inner() {}

#[genai_tool]
fn hidden(steps: u8) -> impl Future<Output = u8> {
    inner();
    async move {
        for _ in 0..steps {
            yield_once().await;
            inner();
        }
        steps
    }
}

#[genai_tool]
fn boxed<'a>(text: &'a str) -> Pin<Box<dyn Future<Output = io::Result<usize>> + Send + 'a>> {
    let missing = text.is_empty();
    Box::pin(async move {
        yield_once().await;
        inner();
        if missing {
            return Err(io::Error::from(io::ErrorKind::NotFound));
        }
        Ok(text.len())
    })
}

type Reply<'a> = Pin<Box<dyn Future<Output = Result<u8, String>> + Send + 'a>>;

#[genai_tool]
fn aliased<'a>(fails: bool) -> Reply<'a> {
    Box::pin(async move {
        yield_once().await;
        inner();
        if fails { Err("no".to_owned()) } else { Ok(1) }
    })
}

#[genai_tool]
fn named<'a>(text: &'a str) -> BoxFuture<'a, usize> {
    Box::pin(ready(text.len()))
}

#[genai_tool]
fn local() -> LocalBoxFuture<'static, ()> {
    let counted = std::rc::Rc::new(0);
    Box::pin(async move {
        yield_once().await;
        drop(counted);
    })
}

#[genai_tool]
fn unpinned() -> Box<dyn Future<Output = u8> + Unpin> {
    Box::new(ready(7))
}

#[genai_tool]
fn awaitable() -> impl IntoFuture<Output = u8, IntoFuture: Send> {
    ready(3)
}

#[genai_chat(model = model, err = kind)]
fn made_or_refused(model: &str) -> Result<BoxFuture<'static, Result<u8, String>>, String> {
    if model.is_empty() {
        return Err("no model".to_owned());
    }
    Ok(Box::pin(ready(Err("busy".to_owned()))))
}

fn kind(error: &String) -> &'static str {
    if error == "busy" { "busy" } else { "no_model" }
}

#[genai_span(ret_fields("n" = |n| *n))]
fn nested() -> impl Future<Output = u8> {
    async { hidden(1).await + 1 }
}

#[test]
fn a_future_keeps_its_span_until_it_is_ready() {
    let recorded = recorded(|| assert_eq!(block_on(hidden(2)), 2));
    assert_eq!(
        recorded.outline(),
        "execute_tool hidden\n.execute_tool inner\n.execute_tool inner\n.execute_tool inner"
    );
}

#[test]
fn a_boxed_future_tells_its_outcome() {
    let recorded = recorded(|| {
        assert_eq!(block_on(boxed("four")).ok(), Some(4));
        assert!(block_on(boxed("")).is_err());
        assert!(block_on(aliased(true)).is_err());
        assert_eq!(block_on(aliased(false)), Ok(1));
    });
    let outcomes: Vec<_> = recorded
        .spans
        .iter()
        .filter(|span| span.parent_span_id.is_none())
        .map(|span| {
            let kind = span.attributes.get("error.type").map(ToString::to_string);
            (span.name.as_str(), span.status, kind)
        })
        .collect();
    let not_found = Some("NotFound".to_owned());
    assert_eq!(
        outcomes,
        [
            ("execute_tool boxed", Status::Unset, None),
            ("execute_tool boxed", Status::Error, not_found),
            (
                "execute_tool aliased",
                Status::Error,
                Some("String".to_owned())
            ),
            ("execute_tool aliased", Status::Unset, None),
        ]
    );
    assert_eq!(recorded.spans.len(), 8, "{}", recorded.tree());
}

#[test]
fn futures_by_other_names_are_futures() {
    let recorded = recorded(|| {
        assert_eq!(block_on(named("abc")), 3);
        block_on(local());
        assert_eq!(block_on(unpinned()), 7);
        assert_eq!(block_on(awaitable().into_future()), 3);
        drop(awaitable());
    });
    assert_eq!(recorded.spans.len(), 5, "{}", recorded.tree());
    let last = recorded.spans.last().expect("five spans");
    assert_eq!(last.outcome(), genai_trace::Outcome::NeverPolled);
}

#[test]
fn a_future_that_is_refused_ends_its_span_at_once() {
    let recorded = recorded(|| {
        assert!(made_or_refused("").is_err());
        let future = made_or_refused("gpt-4o").expect("a future");
        assert!(block_on(future).is_err());
    });
    let kinds: Vec<_> = recorded
        .spans
        .iter()
        .map(|span| span.attributes.get("error.type").map(ToString::to_string))
        .collect();
    assert_eq!(
        kinds,
        [Some("no_model".to_owned()), Some("busy".to_owned())]
    );
}

#[test]
fn futures_nest() {
    let recorded = recorded(|| assert_eq!(block_on(nested()), 2));
    assert_eq!(
        recorded.outline(),
        "nested\n.execute_tool hidden\n..execute_tool inner\n..execute_tool inner"
    );
    assert_eq!(
        recorded
            .span("nested")
            .attributes
            .get("n")
            .and_then(|n| n.as_int()),
        Some(2)
    );
}

#[test]
fn a_future_is_cancelled_or_never_polled() {
    let recorded = recorded(|| {
        drop(hidden(1));
        let mut started = Box::pin(hidden(1));
        let mut cx = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(started.as_mut().poll(&mut cx).is_pending());
        drop(started);
    });
    let outcomes: Vec<_> = recorded
        .spans
        .iter()
        .filter(|span| span.name == "execute_tool hidden")
        .map(|span| span.outcome().as_str())
        .collect();
    assert_eq!(outcomes, ["never_polled", "cancelled"]);
}
