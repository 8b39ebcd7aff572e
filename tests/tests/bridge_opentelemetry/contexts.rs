//! Contexts of theirs made of ours, and ours made of theirs.

use std::collections::HashSet;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex};
use std::task::{Context as TaskContext, Poll, Waker};
use std::thread;

use genai_trace::bridge::opentelemetry::{
    WithOurContext, attach, current_context, from_context, from_span_context, to_context,
    to_span_context,
};
use genai_trace::{Carrier, SpanContext, current, genai_agent, genai_tool, span};
use genai_trace_tests::{block_on, yield_once};
use opentelemetry::baggage::BaggageExt;
use opentelemetry::trace::{
    FutureExt, Span, SpanContext as TheirSpanContext, SpanId, TraceContextExt, TraceFlags, TraceId,
    TraceState, Tracer,
};
use opentelemetry::{Context, KeyValue};

use super::{Theirs, id, parent_of, recorded, recorded_by, run, run_in_span, search};

#[test]
fn the_current_context_of_theirs_is_in_our_span_while_it_is_attached() {
    let active = || Context::map_current(|context| context.span().span_context().span_id());
    recorded(|| {
        assert!(!current_context().has_active_span());
        span("turn").run(|| {
            let turn = id(current().span_id().unwrap());
            {
                let _attached = attach();
                assert_eq!(id(active()), turn);
                span("step").run(|| {
                    let _attached = attach();
                    assert_eq!(id(active()), id(current().span_id().unwrap()));
                });
                assert_eq!(id(active()), turn);
            }
            assert_eq!(active(), SpanId::INVALID);
        });
    });
}

#[test]
fn a_future_is_in_our_span_on_every_poll_on_whatever_thread() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let recorded = recorded(|| {
        let seen = Arc::clone(&seen);
        let future = span("task").wrap(async move {
            let asks = async {
                for _ in 0..4 {
                    seen.lock().unwrap().push((
                        thread::current().id(),
                        Context::current().span().span_context().clone(),
                    ));
                    yield_once().await;
                }
            };
            asks.with_our_context().await;
        });
        let future = Mutex::new(Box::pin(future));
        while poll_elsewhere(&future).is_pending() {
            let is_active = Context::map_current(|context| context.has_active_span());
            assert!(!is_active);
        }
    });
    let task = recorded.span("task");
    let seen = seen.lock().unwrap();
    let threads: HashSet<_> = seen.iter().map(|(thread, _)| thread).collect();
    assert_eq!((seen.len(), threads.len()), (4, 4));
    for (_, context) in seen.iter() {
        assert_eq!(id(context.span_id()), id(task.span_id));
        assert!(context.is_sampled() && !context.is_remote());
    }
}

/// Polls once, on a thread of its own.
fn poll_elsewhere<F: Future + Send + Unpin>(future: &Mutex<F>) -> Poll<()> {
    thread::scope(|scope| {
        let polling = scope.spawn(|| {
            let mut future = future.lock().unwrap();
            let mut cx = TaskContext::from_waker(Waker::noop());
            pin!(&mut *future).poll(&mut cx).map(|_| ())
        });
        polling.join().unwrap()
    })
}

#[genai_tool("search", parent = from_context(&Context::current()))]
fn search_below_theirs() {}

#[test]
fn a_span_of_theirs_between_two_of_ours_is_the_parent_that_it_is_said_to_be() {
    #[genai_agent("coder")]
    fn agent(tracer: &impl Tracer<Span = impl Span + Send + Sync + 'static>) {
        let _attached = attach();
        tracer.in_span("between", |_| search_below_theirs());
        search_below_theirs();
    }

    let theirs = Theirs::new();
    // Without our parents: the context alone says it.
    let recorded = recorded(|| agent(&theirs.tracer()));
    let agent = recorded.span("invoke_agent coder");
    let between = theirs.span("between");
    assert_eq!(id(between.parent_span_id), id(agent.span_id));
    let parents: Vec<_> = recorded
        .spans
        .iter()
        .filter(|span| span.name == "execute_tool search")
        .map(|tool| {
            assert_eq!(tool.trace_id, agent.trace_id);
            assert_eq!(tool.attributes.str("gen_ai.agent.name"), Some("coder"));
            id(tool.parent_span_id.unwrap())
        })
        .collect();
    assert_eq!(
        parents,
        [id(between.span_context.span_id()), id(agent.span_id)]
    );
}

#[test]
fn the_agent_is_known_below_a_span_of_theirs_that_is_a_child_of_ours() {
    #[genai_agent("coder")]
    fn agent(tracer: &impl Tracer<Span = impl Span + Send + Sync + 'static>) {
        tracer.in_span("between", |context| {
            search_below_theirs();
            let here = id(context.span().span_context().span_id());
            assert_eq!(id(current_context().span().span_context().span_id()), here);
            let _attached = attach();
            assert_eq!(id(Context::current().span().span_context().span_id()), here);
        });
    }

    let theirs = Theirs::new();
    let recorded = recorded(|| agent(&theirs.tracer_below_ours()));
    let between = theirs.span("between");
    let agent = recorded.span("invoke_agent coder");
    assert_eq!(id(between.parent_span_id), id(agent.span_id));
    let tool = recorded.span("execute_tool search");
    assert_eq!(
        tool.parent_span_id.map(id),
        Some(id(between.span_context.span_id()))
    );
    assert_eq!(tool.attributes.str("gen_ai.agent.name"), Some("coder"));
    let calls = agent.attributes.int("genai_trace.total.tool_calls");
    assert_eq!(calls, Some(1));
}

#[test]
fn a_context_that_theirs_carry_to_another_thread_takes_our_span_along() {
    let recorded = recorded(|| {
        run_in_span(|| {
            let context = current_context();
            let work = async { search() }.with_context(context);
            thread::spawn(|| block_on(work)).join().unwrap();
        });
    });
    let turn = id(recorded.span("execute_tool turn").span_id);
    assert_eq!(parent_of(&recorded, "execute_tool search"), Some(turn));
}

#[test]
fn tracestate_and_allowed_baggage_go_along_both_ways() {
    let theirs = Theirs::new();
    let tracer = theirs.tracer_below_ours();
    let state = TraceState::from_key_value([("vendor", "1"), ("other", "2")]).unwrap();
    let sender = TheirSpanContext::new(
        TraceId::from(7),
        SpanId::from(8),
        TraceFlags::SAMPLED,
        true,
        state.clone(),
    );
    let received = Context::new()
        .with_remote_span_context(sender)
        .with_baggage([
            KeyValue::new("session.id", "s 1"),
            KeyValue::new("secret", "x"),
        ]);
    let recorded = recorded_by(
        |builder| builder.baggage(["session.id"]).baggage_on_spans(true),
        || {
            let attached = received.attach();
            span("turn").run(|| {
                let header = |name: &str| {
                    let mut pairs = Carrier::current().into_iter();
                    pairs.find_map(|(key, value)| (key == name).then_some(value))
                };
                assert_eq!(header("tracestate").as_deref(), Some("vendor=1,other=2"));
                assert_eq!(header("baggage").as_deref(), Some("session.id=s%201"));
                tracer.start("call").end();
                // Where theirs knows of none, ours says it.
                let _bare = Context::new().attach();
                let context = current_context();
                let session = context.baggage().get("session.id");
                assert_eq!(session.map(ToString::to_string).as_deref(), Some("s 1"));
                assert_eq!(context.baggage().len(), 1);
            });
            drop(attached);
        },
    );
    let turn = recorded.span("turn");
    assert_eq!(turn.trace_state.as_deref(), Some("vendor=1,other=2"));
    assert_eq!(turn.attributes.str("session.id"), Some("s 1"));
    assert_eq!(turn.attributes.get("secret"), None);
    assert_eq!(*theirs.span("call").span_context.trace_state(), state);
}

#[test]
fn a_span_is_remote_where_it_is_one_of_another_process() {
    let theirs = Theirs::new();
    recorded(|| {
        let sender = SpanContext::new(
            "4bf92f3577b34da6a3ce929d0e0e4736".parse().unwrap(),
            "00f067aa0ba902b7".parse().unwrap(),
        );
        assert!(to_span_context(&sender).is_remote());
        sender.run(|| assert!(to_span_context(&current().context().unwrap()).is_remote()));
        span("here").run(|| {
            let here = to_span_context(&current().context().unwrap());
            assert!(!here.is_remote());
            assert!(
                !to_context(&current().context().unwrap())
                    .span()
                    .span_context()
                    .is_remote()
            );
        });
        let active = theirs.tracer().start("theirs").span_context().clone();
        let ours = from_span_context(&active).unwrap();
        assert_eq!(to_span_context(&ours), active);
        ours.run(|| assert!(!to_span_context(&current().context().unwrap()).is_remote()));
    });
}

#[test]
fn a_context_in_no_span_is_no_parent() {
    assert_eq!(from_context(&Context::new()), None);
    let invalid = Context::new().with_remote_span_context(TheirSpanContext::NONE);
    assert_eq!(from_context(&invalid), None);
    let recorded = recorded(|| {
        let _attached = invalid.attach();
        run();
    });
    assert_eq!(parent_of(&recorded, "invoke_agent coder"), None);
}
