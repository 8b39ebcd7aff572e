//! Parents and links.

use genai_trace::{Outcome, SpanContext, current, genai_span, genai_tool, span};
use genai_trace_shapes::{calls, outcome};
use genai_trace_tests::{block_on, recorded, yield_once};

#[test]
fn without_a_span_around_it_a_call_is_a_root() {
    #[genai_span]
    fn alone() {}
    let recorded = recorded(alone);
    let alone = recorded.span("alone");
    assert_eq!(recorded.spans.len(), 1);
    assert_eq!((alone.parent_span_id, outcome(alone)), (None, Outcome::Ok));
}

#[test]
fn the_parent_is_the_span_that_is_current() {
    #[genai_span]
    fn child() {}
    let recorded = calls(|| {
        let before = span("before").enter();
        drop(before);
        child();
        let around = span("around").enter();
        child();
        drop(around);
    });
    assert_eq!(
        recorded.outline(),
        "caller\n.before\n.child\n.around\n..child"
    );
}

#[test]
fn a_parent_that_is_given() {
    #[genai_span(parent = parent)]
    fn sync(parent: &SpanContext) {}
    #[genai_tool(parent = parent)]
    async fn later(parent: Option<SpanContext>) {
        yield_once().await;
    }
    #[genai_span(root)]
    fn alone() {
        assert_ne!(current().span_id(), None);
    }
    // A parent that has ended already: only the times of the child are its own.
    let recorded = recorded(|| {
        let explicit = span("explicit").run(|| current().context().unwrap());
        span("around").run(|| {
            sync(&explicit);
            block_on(later(Some(explicit.clone())));
            block_on(later(None));
            alone();
        });
    });
    let [explicit, around] = ["explicit", "around"].map(|name| recorded.span(name).span_id);
    assert_eq!(recorded.span("sync").parent_span_id, Some(explicit));
    assert_eq!(recorded.span("alone").parent_span_id, None);
    let mut of_later: Vec<_> = recorded
        .spans
        .iter()
        .filter(|span| span.name == "execute_tool later")
        .map(|span| span.parent_span_id)
        .collect();
    of_later.sort_by_key(|parent| *parent != Some(explicit));
    assert_eq!(of_later, [Some(explicit), Some(around)]);
    assert_eq!(recorded.spans.len(), 6);
}

#[test]
fn links_to_other_spans() {
    #[genai_span(links = causes.iter().cloned())]
    fn sync(causes: &[SpanContext]) {}
    #[genai_span(links = causes)]
    async fn later(causes: impl IntoIterator<Item = SpanContext>) {
        yield_once().await;
    }
    #[genai_span(links = current().context())]
    fn to_the_current() {}
    let recorded = calls(|| {
        let causes = ["a", "b", "c"].map(|name| span(name).run(|| current().context().unwrap()));
        sync(&causes);
        block_on(later(causes));
        to_the_current();
    });
    let causes = ["a", "b", "c"].map(|name| recorded.span(name).span_id);
    let links = |name| -> Vec<_> {
        let links = recorded.span(name).links.iter();
        links.map(|link| link.span_id).collect()
    };
    assert_eq!(links("sync"), causes);
    assert_eq!(links("later"), causes);
    assert_eq!(links("to_the_current"), [recorded.span("caller").span_id]);
}
