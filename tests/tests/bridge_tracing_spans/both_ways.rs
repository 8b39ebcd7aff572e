//! Our spans beside those of `tracing`, and beside the layer that takes these in.

use genai_trace::bridge::tracing::layer;
use genai_trace::{current, span};
use genai_trace_tests::block_on;
use tracing::dispatcher;
use tracing::{Instrument, Span, info, info_span};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::registry::Registry;

use crate::told::Told;
use crate::{chat, run, search, shown_to};

#[test]
fn spans_of_tracing_stand_below_ours_and_ours_below_theirs() {
    let (told, _) = Told::of(|| {
        info_span!("request").in_scope(|| run(|| info_span!("query").in_scope(|| {})));
    });
    assert!(
        told.contains("new invoke_agent coder in request\n"),
        "{told}"
    );
    assert!(told.contains("new query in invoke_agent coder\n"), "{told}");
}

#[test]
fn nothing_is_recorded_twice_where_our_layer_sees_our_spans() {
    let recorded = shown_to(Registry::default().with(layer()), || {
        info_span!("request").in_scope(|| {
            run(|| {
                info_span!("query").in_scope(|| {
                    search(1);
                });
            });
        });
    });
    assert_eq!(
        recorded.outline(),
        "request\n.invoke_agent coder\n..query\n...execute_tool search"
    );
    let tool = recorded.span("execute_tool search");
    assert_eq!(tool.events.len(), 1, "{:?}", tool.events);
}

#[test]
fn whoever_takes_the_current_span_along_takes_ours() {
    let recorded = shown_to(Registry::default().with(layer()), || {
        run(|| {
            let task = async { search(1) }.instrument(Span::current());
            let child = info_span!(parent: Span::current(), "child");
            let subscriber = dispatcher::get_default(Clone::clone);
            std::thread::spawn(move || {
                dispatcher::with_default(&subscriber, || {
                    child.in_scope(|| {});
                    block_on(task);
                    assert_eq!(current().span_id(), None);
                });
            })
            .join()
            .unwrap();
        });
    });
    assert_eq!(
        recorded.outline(),
        "invoke_agent coder\n.child\n.execute_tool search"
    );
}

#[test]
fn an_event_with_our_span_as_its_parent_is_an_event_of_it() {
    let recorded = shown_to(Registry::default().with(layer()), || {
        run(|| {
            let agent = Span::current();
            span("step").run(|| info!(parent: &agent, "thought"));
        });
    });
    assert_eq!(
        recorded.span("invoke_agent coder").events[0].name,
        "thought"
    );
    assert!(recorded.span("step").events.is_empty());
}

#[test]
fn a_call_that_both_sides_say_is_one_span_of_ours() {
    let recorded = shown_to(Registry::default().with(layer()), || {
        chat(|| {
            info_span!(
                "chat",
                gen_ai.operation.name = "chat",
                gen_ai.request.model = "gpt-4o"
            )
            .in_scope(|| chat(|| {}));
        });
    });
    assert_eq!(recorded.outline(), "chat gpt-4o");
}
