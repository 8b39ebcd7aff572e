//! Who is whose parent, where both begin spans.

use std::collections::HashSet;
use std::thread;
use std::time::Duration;

use genai_trace::bridge::opentelemetry::SdkExporter;
use genai_trace::{Sampler, carry, genai_agent, genai_chat, genai_tool, span};
use genai_trace_tests::{block_on, yield_once};
use opentelemetry::Context;
use opentelemetry::trace::{
    FutureExt, Span, SpanContext as TheirSpanContext, SpanId, TraceContextExt, TraceFlags, TraceId,
    TraceState, Tracer,
};
use opentelemetry_sdk::trace::{InMemorySpanExporter, SpanData};

use super::{Theirs, id, parent_of, recorded, recorded_by, recorded_with, run, run_in_span};

#[test]
fn what_begins_in_ours_below_a_span_of_theirs_is_its_child() {
    let theirs = Theirs::new();
    let recorded = recorded(|| {
        theirs.tracer().in_span("request", |_| run());
        run();
    });
    let request = theirs.span("request").span_context;
    let [search, run, other_search, other_run] = recorded.spans.as_slice() else {
        panic!("{}", recorded.tree());
    };
    assert_eq!(run.parent_span_id.map(id), Some(id(request.span_id())));
    assert_eq!(id(run.trace_id), id(request.trace_id()));
    assert_eq!(search.parent_span_id, Some(run.span_id));
    // Where none is active a trace begins.
    assert_eq!(other_run.parent_span_id, None);
    assert_ne!(other_search.trace_id, search.trace_id);
}

#[test]
fn unless_it_is_asked_for_theirs_are_no_parents() {
    let theirs = Theirs::new();
    let recorded = recorded_with(
        |builder| builder,
        |_| theirs.tracer().in_span("request", |_| run()),
    );
    assert_eq!(parent_of(&recorded, "invoke_agent coder"), None);
}

#[test]
fn a_span_that_is_to_be_a_root_is_one_below_theirs_too() {
    let theirs = Theirs::new();
    let recorded = recorded(|| {
        let tracer = theirs.tracer();
        tracer.in_span("request", |_| span("root").root().run(|| {}));
        tracer.in_span("other", |_| span("sampled").run(|| {}));
    });
    assert_eq!(parent_of(&recorded, "root"), None);
    let other = id(theirs.span("other").span_context.span_id());
    assert_eq!(parent_of(&recorded, "sampled"), Some(other));
}

#[test]
fn a_call_in_a_future_is_a_child_of_the_span_that_its_future_is_in() {
    let theirs = Theirs::new();
    let tracer = theirs.tracer_below_ours();
    let recorded = recorded(|| {
        let turn = |name: &'static str| {
            let tracer = &tracer;
            span(name).wrap(async move {
                for _ in 0..3 {
                    yield_once().await;
                    tracer.start(format!("call of {name}")).end();
                }
            })
        };
        block_on(async { futures::join!(turn("a"), turn("b")) });
    });
    for name in ["a", "b"] {
        let ours = recorded.span(name);
        let call = format!("call of {name}");
        let spans = theirs.spans();
        let calls: Vec<_> = spans.iter().filter(|span| span.name == call).collect();
        assert_eq!(calls.len(), 3);
        for call in calls {
            assert_eq!(id(call.parent_span_id), id(ours.span_id));
            assert_eq!(id(call.span_context.trace_id()), id(ours.trace_id));
        }
    }
}

#[test]
fn a_call_on_another_thread_is_a_child_of_the_span_that_was_carried_there() {
    let theirs = Theirs::new();
    let tracer = theirs.tracer_below_ours();
    let recorded = recorded(|| {
        span("turn").run(|| {
            let work = carry(move || tracer.start("call").end());
            thread::spawn(work).join().unwrap();
        });
    });
    let turn = recorded.span("turn").span_id;
    assert_eq!(id(theirs.span("call").parent_span_id), id(turn));
}

/// A call as an instrumented client makes it: its span is active while it asks the socket.
async fn call(tracer: &impl Tracer<Span = impl Span + Send + Sync + 'static>, name: &'static str) {
    let context = Context::current_with_span(tracer.start(name));
    async {
        yield_once().await;
        tracer.start(format!("{name} connect")).end();
    }
    .with_context(context)
    .await;
}

#[test]
fn each_side_exports_its_own_and_both_are_one_tree() {
    #[genai_chat(provider = "openai", model = "gpt-4o")]
    async fn chat(tracer: &impl Tracer<Span = impl Span + Send + Sync + 'static>) {
        call(tracer, "POST").await;
    }

    #[genai_tool("look_up")]
    async fn look_up(tracer: &impl Tracer<Span = impl Span + Send + Sync + 'static>) {
        call(tracer, "SELECT").await;
    }

    #[genai_agent("coder")]
    async fn agent(tracer: &impl Tracer<Span = impl Span + Send + Sync + 'static>) {
        chat(tracer).await;
        futures::join!(look_up(tracer), look_up(tracer));
    }

    let theirs = Theirs::new();
    let ours = InMemorySpanExporter::default();
    let tracer = theirs.tracer_below_ours();
    let mut exported = Vec::new();
    recorded_with(
        |builder| {
            let exporter = SdkExporter::new(ours.clone());
            builder.opentelemetry_parents(true).exporter(exporter)
        },
        |telemetry| {
            let context = Context::new().with_span(tracer.start("request"));
            block_on(agent(&tracer).with_context(context));
            let report = telemetry.flush(Duration::from_secs(30));
            assert!(report.complete && !report.has_losses(), "{report}");
            // The exporter of the SDK forgets at its shutdown.
            exported = ours.get_finished_spans().unwrap();
        },
    );
    assert_eq!(exported.len(), 4);
    assert_eq!(theirs.spans().len(), 7);
    exported.extend(theirs.spans());
    let traces: HashSet<_> = exported
        .iter()
        .map(|span| span.span_context.trace_id())
        .collect();
    assert_eq!(traces.len(), 1);
    let mut outline = String::new();
    draw(&exported, SpanId::INVALID, 0, &mut outline);
    assert_eq!(
        outline,
        "\
request
.invoke_agent coder
..chat gpt-4o
...POST
....POST connect
..execute_tool look_up
...SELECT
....SELECT connect
..execute_tool look_up
...SELECT
....SELECT connect
"
    );
}

fn draw(spans: &[SpanData], parent: SpanId, depth: usize, outline: &mut String) {
    let mut children: Vec<_> = spans
        .iter()
        .filter(|span| span.parent_span_id == parent)
        .collect();
    children.sort_by_key(|span| span.start_time);
    for child in children {
        outline.push_str(&format!("{}{}\n", ".".repeat(depth), child.name));
        draw(spans, child.span_context.span_id(), depth + 1, outline);
    }
}

#[test]
fn a_parent_that_their_code_names_itself_stays_what_it_is() {
    let theirs = Theirs::new();
    let tracer = theirs.tracer_below_ours();
    let sender = TheirSpanContext::new(
        TraceId::from(7),
        SpanId::from(8),
        TraceFlags::SAMPLED,
        true,
        TraceState::NONE,
    );
    recorded(|| {
        run_in_span(|| {
            let message = Context::new().with_remote_span_context(sender.clone());
            tracer.start_with_context("consumer", &message).end();
            let _message = message.attach();
            tracer.start("handler").end();
            tracer
                .start_with_context("new trace", &Context::new())
                .end();
        });
    });
    assert_eq!(theirs.span("consumer").parent_span_id, sender.span_id());
    // What is attached inside of ours is further inside.
    assert_eq!(theirs.span("handler").parent_span_id, sender.span_id());
    assert_eq!(theirs.span("new trace").parent_span_id, SpanId::INVALID);
}

#[test]
fn a_span_of_ours_below_an_active_one_of_theirs_is_further_inside() {
    let theirs = Theirs::new();
    let tracer = theirs.tracer_below_ours();
    let recorded = recorded(|| {
        span("outer").run(|| {
            tracer.in_span("middle", |_| {
                tracer.start("of middle").end();
                span("inner").run(|| tracer.start("of inner").end());
            });
        });
    });
    let middle = theirs.span("middle").span_context.span_id();
    assert_eq!(theirs.span("of middle").parent_span_id, middle);
    let inner = recorded.span("inner").span_id;
    assert_eq!(id(theirs.span("of inner").parent_span_id), id(inner));
}

#[test]
fn what_is_not_sampled_on_one_side_is_not_on_the_other() {
    let never = Theirs::sampled_by(opentelemetry_sdk::trace::Sampler::AlwaysOff);
    let out = recorded(|| never.tracer().in_span("request", |_| run()));
    assert!(out.spans.is_empty(), "{}", out.tree());
    assert_eq!(
        out.metric("tools_called_total{tool=\"search\"}"),
        Some(1.0),
        "metrics count it all the same"
    );

    let theirs = Theirs::new();
    let tracer = theirs.tracer_below_ours();
    let out = recorded_by(
        |builder| builder.sampler(Sampler::always_off()),
        || span("turn").run(|| tracer.start("call").end()),
    );
    assert!(out.spans.is_empty() && theirs.spans().is_empty());
}
