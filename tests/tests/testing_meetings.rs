//! Captures that meet on one thread: each keeps to its own spans.

use genai_trace::testing::{capture, capture_async};
use genai_trace::{MemoryExporter, Runs, Telemetry, current, record, span, task, thread};

#[test]
fn a_handle_of_an_outer_capture_reaches_its_own_span() {
    let ((), outer) = capture(|| {
        span("outer").run(|| {
            let handle = current();
            let ((), inner) = capture(|| span("inner").run(|| handle.set("who", &"outer")));
            assert_eq!(inner.outline_with(["who"]), "inner\n");
        });
    });
    assert_eq!(outer.outline_with(["who"]), "outer who=\"outer\"\n");
}

#[test]
fn a_job_that_comes_late_is_of_no_other_capture() {
    let pool = ::rayon::ThreadPoolBuilder::new().num_threads(1).build();
    pool.expect("a pool").install(|| {
        let ((), first) =
            capture(|| span("a").run(|| genai_trace::rayon::spawn(|| record!(app.of = "a"))));
        let ((), second) = capture(|| {
            span("b").run(|| {
                ::rayon::yield_now();
            });
        });
        assert_eq!(first.outline_with(["app.of"]), "a\n");
        assert_eq!(second.outline_with(["app.of"]), "b\n");
    });
}

#[test]
fn work_from_outside_stays_outside_and_work_from_inside_inside() {
    let memory = MemoryExporter::new();
    let telemetry = Telemetry::builder()
        .memory(&memory)
        .install()
        .expect("no other telemetry");
    let real = span("real").run(current);
    let nowhere = current();
    let ((), captured) = capture(|| {
        span("mine").run(|| real.run(|| span("foreign").run(|| span("below").run(|| {}))));
        nowhere.run(|| span("rootless").run(|| {}));
    });
    drop(telemetry);
    assert_eq!(captured.outline(), "mine\n");
    let mut names: Vec<_> = memory.spans().into_iter().map(|span| span.name).collect();
    names.sort();
    assert_eq!(names, ["below", "foreign", "real", "rootless"]);
}

#[test]
fn a_span_from_outside_that_is_left_inside_a_capture_has_ended() {
    let ((), outer) = capture(|| {
        let mut outside = Some(span("outside").enter());
        let ((), inner) = capture(|| {
            span("mine").run(|| {
                if let Some(mut outside) = outside.take() {
                    outside.set("who", &"outside");
                }
            });
        });
        assert_eq!(inner.outline(), "mine\n");
        span("later").run(|| {});
    });
    assert_eq!(
        outer.outline_with(["who"]),
        "outside who=\"outside\"\nlater\n"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn helpers_carry_a_capture_that_has_no_span_yet() {
    let ((), captured) = capture_async(async {
        task::spawn(async { span("task").run(|| {}) })
            .await
            .expect("the task ends");
        thread::spawn(|| span("thread").run(|| {}))
            .join()
            .expect("the thread ends");
        let runs = Runs::new();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                runs.start("1", span("run")).expect("a run");
                runs.end("1").expect("the run is open");
            });
        });
    })
    .await;
    assert_eq!(captured.outline(), "task\nthread\nrun\n");
}

#[test]
fn an_id_that_asks_the_runs_themselves_is_shown_before_they_are_locked() {
    struct Id<'a>(&'a Runs);
    impl std::fmt::Display for Id<'_> {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            let ended = self.0.totals().tool_calls.len();
            write!(f, "{ended}")
        }
    }
    let runs = Runs::new();
    runs.start("0", span("run")).expect("a run");
    assert_eq!(runs.end(Id(&runs)), Ok(()));
}
