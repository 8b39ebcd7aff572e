//! Whole trees: loops, recursion, methods, threads and waits under one root.

use std::time::Duration;

use async_trait::async_trait;
use genai_trace::{current, genai_span, span};
use genai_trace_shapes::calls;
use genai_trace_tests::{block_on, yield_once};

fn wide_and_deep() {
    for i in 0..2 {
        span(format!("iteration {i}")).run(|| {});
    }
    #[genai_span("deep")]
    fn deep(mut i: u32) {
        i -= 1;
        if i > 0 {
            deep(i);
        }
    }
    deep(2);
}

#[test]
fn wide_and_deep_on_one_thread() {
    let recorded = calls(wide_and_deep);
    assert_eq!(
        recorded.outline(),
        "caller\n.iteration 0\n.iteration 1\n.deep\n..deep"
    );
}

#[test]
fn wide_and_deep_on_many_threads() {
    let recorded = calls(|| {
        let here = current().context();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| span("thread").parent(&here).run(wide_and_deep));
            }
            wide_and_deep();
        });
    });
    let count = |name| {
        let spans = recorded.spans.iter();
        spans.filter(|span| span.name == name).count()
    };
    assert_eq!(
        [
            count("thread"),
            count("iteration 0"),
            count("iteration 1"),
            count("deep")
        ],
        [4, 5, 5, 10]
    );
    let thread_or_caller = |id| {
        recorded.spans.iter().any(|span| {
            Some(span.span_id) == id && matches!(span.name.as_str(), "thread" | "caller" | "deep")
        })
    };
    let mut below = recorded.spans.iter().filter(|span| span.name != "caller");
    assert!(below.all(|span| thread_or_caller(span.parent_span_id)));
}

#[test]
fn async_functions_methods_and_those_of_traits_that_wait() {
    #[async_trait]
    trait Run {
        async fn run(&self, wait: &Duration);
    }
    struct Runner;
    #[async_trait]
    impl Run for Runner {
        #[genai_span("run")]
        async fn run(&self, wait: &Duration) {
            span("inner").run(|| {});
            work(wait).await;
            span("after").run(|| {});
        }
    }
    impl Runner {
        #[genai_span]
        async fn method(&self, wait: &Duration) {
            span("asleep").wrap(tokio::time::sleep(*wait)).await;
        }
    }
    #[genai_span]
    async fn work(wait: &Duration) {
        yield_once().await;
        span("asleep").wrap(tokio::time::sleep(*wait)).await;
    }
    #[genai_span]
    async fn twice(first: &Duration, second: &Duration) {
        tokio::time::sleep(*first).await;
        work(second).await;
    }
    let wait = Duration::from_millis(5);
    let recorded = calls(|| {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(4)
            .enable_time()
            .build()
            .unwrap();
        let here = current().context();
        let task = runtime.spawn(async move {
            let root = span("task").parent(&here);
            root.wrap(async move {
                Runner.run(&wait).await;
                Runner.method(&wait).await;
                twice(&wait, &wait).await;
            })
            .await;
        });
        block_on(task).unwrap();
    });
    assert_eq!(
        recorded.outline(),
        "caller\n.task\n..run\n...inner\n...work\n....asleep\n...after\n..method\n...asleep\n\
         ..twice\n...work\n....asleep"
    );
    for name in ["run", "method", "twice"] {
        assert!(recorded.span(name).duration() >= wait, "{name}");
    }
    assert!(recorded.span("twice").duration() >= 2 * wait);
}
