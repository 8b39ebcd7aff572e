//! Subscribers that do what they should not, and several of them.

use std::future::Future;
use std::task::{Context as TaskContext, Waker};

use genai_trace::{current, genai_tool, record, span};
use genai_trace_tests::{block_on, yield_once};
use tracing::Subscriber;
use tracing::dispatcher::{self, Dispatch};
use tracing::level_filters::LevelFilter;
use tracing::span::{Attributes, Id, Record};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::Registry;

use crate::told::Told;
use crate::{inside, run, search, shown_to};

/// Does something of the user's whenever it is told anything.
struct Doing<F>(F);

impl<S: Subscriber, F: Fn() + 'static> Layer<S> for Doing<F> {
    fn on_new_span(&self, _: &Attributes<'_>, _: &Id, _: Context<'_, S>) {
        (self.0)();
    }

    fn on_record(&self, _: &Id, _: &Record<'_>, _: Context<'_, S>) {
        (self.0)();
    }

    fn on_enter(&self, _: &Id, _: Context<'_, S>) {
        (self.0)();
    }

    fn on_exit(&self, _: &Id, _: Context<'_, S>) {
        (self.0)();
    }

    fn on_close(&self, _: Id, _: Context<'_, S>) {
        (self.0)();
    }
}

fn fails() -> Result<(), String> {
    span("fails").try_run(|| Err("no".to_owned()))
}

#[genai_tool]
async fn wait_unseen() {
    yield_once().await;
}

#[test]
fn a_subscriber_that_panics_changes_nothing_of_what_a_function_does() {
    let recorded = shown_to(
        Registry::default().with(Doing(|| panic!("a subscriber of the user's"))),
        || {
            run(|| assert_eq!(search(2).len(), 16));
            assert_eq!(fails(), Err("no".to_owned()));
            block_on(wait_unseen());
            let panicked = std::panic::catch_unwind(|| {
                let _guard = span("unwinds").enter();
                panic!("the user's own");
            });
            assert_eq!(
                panicked.unwrap_err().downcast_ref::<&str>(),
                Some(&"the user's own")
            );
        },
    );
    assert_eq!(recorded.spans.len(), 5, "{}", recorded.tree());
}

#[test]
fn a_subscriber_may_begin_spans_of_its_own() {
    let recorded = shown_to(
        Registry::default().with(Doing(|| {
            span("in the subscriber").run(|| {
                record!(app.seen = true);
                current().run(|| {});
            });
        })),
        || {
            run(|| {});
            let _ = fails();
            block_on(wait_unseen());
        },
    );
    assert!(recorded.spans.len() > 3);
    for name in ["invoke_agent coder", "fails", "execute_tool wait_unseen"] {
        assert_eq!(recorded.span(name).parent_span_id, None, "{name}");
    }
}

#[test]
fn a_span_belongs_to_the_subscriber_that_it_began_under() {
    let (first, second) = (Told::default(), Told::default());
    let other = Dispatch::new(Registry::default().with(second.clone()));
    shown_to(Registry::default().with(first.clone()), || {
        let mut future = Box::pin(span("job").wrap(yield_once()));
        dispatcher::with_default(&other, || {
            let mut cx = TaskContext::from_waker(Waker::noop());
            assert!(future.as_mut().poll(&mut cx).is_pending());
            span("below another").run(|| {});
            assert!(future.as_mut().poll(&mut cx).is_ready());
        });
    });
    assert!(first.lines().ends_with("exit job\nclose job\n"));
    assert!(!first.lines().contains("below another"));
    assert!(!second.lines().contains("job"));
    assert!(second.lines().ends_with("close below another\n"));
}

#[test]
fn a_subscriber_that_wants_none_of_them_sees_none() {
    let told = Told::default();
    let subscriber = Registry::default().with(told.clone().with_filter(LevelFilter::WARN));
    let recorded = shown_to(subscriber, || {
        run(|| assert_eq!(inside(), None));
    });
    assert_eq!(*told.lines(), "");
    assert_eq!(recorded.outline(), "invoke_agent coder");
}
