//! Which traces are recorded: what the metrics see, what the exporters see, and how the two fit.

use std::time::Duration;

use genai_trace::{
    Builder, Carrier, MemoryExporter, Operation, Report, Route, Sampler, SpanContext, SpanRecord,
    TailSampling, Telemetry, Value, current, genai_agent, genai_chat, genai_tool, record, span,
};
use genai_trace_tests::turn;

/// What was left of a piece of code.
struct Sampled {
    spans: Vec<SpanRecord>,
    report: Report,
    metrics: String,
}

/// Records what `work` does with telemetry that `build` has changed.
fn sampled(build: impl FnOnce(Builder) -> Builder, work: impl FnOnce(&Telemetry)) -> Sampled {
    let _turn = turn();
    let memory = MemoryExporter::with_capacity(usize::MAX);
    // Nothing is to be lost, whatever a test does at once.
    let builder = Telemetry::builder()
        .memory(&memory)
        .buffer_bytes(256 * 1024 * 1024);
    let telemetry = build(builder).install().unwrap();
    work(&telemetry);
    let report = telemetry.shutdown(Duration::from_secs(60));
    assert!(!report.has_losses(), "{report}");
    Sampled {
        spans: memory.spans(),
        metrics: telemetry.metrics_text(),
        report,
    }
}

impl Sampled {
    /// The value of the metric line that begins with `series`, labels included.
    fn metric(&self, series: &str) -> f64 {
        let value = self.metrics.lines().find_map(|line| {
            let (name, value) = line.rsplit_once(' ')?;
            (name == series).then(|| value.parse().ok())?
        });
        value.unwrap_or_else(|| panic!("no series {series} in\n{}", self.metrics))
    }

    fn names(&self) -> Vec<&str> {
        self.spans.iter().map(|span| span.name.as_str()).collect()
    }
}

/// With what probability the span was kept, where it says so.
fn probability(span: &SpanRecord) -> Option<f64> {
    match span.attributes.get("sampling.probability") {
        Some(Value::Float(probability)) => Some(*probability),
        _ => None,
    }
}

/// A remote parent whose trace is kept with `ratio` and more, and with less is not.
fn remote(number: u64, ratio: f64, is_sampled: bool) -> SpanContext {
    let randomness = ((1.0 - ratio) * 2f64.powi(56)) as u64;
    let flags = u8::from(is_sampled);
    let text = format!("00-{number:018x}{randomness:014x}-00f067aa0ba902b7-{flags:02x}");
    SpanContext::from_traceparent(&text).unwrap()
}

#[genai_chat(provider = "openai", model = "gpt-4o")]
fn chat(tokens: u64) {
    record!(
        gen_ai.usage.input_tokens = tokens,
        gen_ai.usage.output_tokens = 1
    );
}

#[genai_tool("read_file")]
fn read_file() {}

#[genai_agent("coder")]
fn coder(tokens: u64) {
    chat(tokens);
    read_file();
}

#[test]
fn the_metrics_see_every_span_while_the_file_has_few() {
    let seen = sampled(
        |builder| builder.sampler(Sampler::trace_id_ratio(0.1)),
        |_| (0..1000).for_each(|_| coder(7)),
    );
    let kept = u64::try_from(seen.spans.len()).unwrap();
    assert!(kept.is_multiple_of(3), "whole traces: {kept}");
    // 100 traces are to be expected; fewer than 40 come once in 10^12 runs.
    assert!((120..600).contains(&kept), "{kept}");
    assert_eq!(seen.report.ended, 3000);
    assert_eq!(seen.report.sampled_out, 3000 - kept);
    assert_eq!(
        seen.metric("tools_called_total{tool=\"read_file\"}"),
        1000.0
    );
    let left_out = "genai_trace_spans_sampled_out_total{reason=\"sampler\"}";
    assert_eq!(seen.metric(left_out), (3000 - kept) as f64);
    assert_eq!(
        seen.metric("genai_trace_spans_total{outcome=\"ok\"}"),
        3000.0
    );
    for span in &seen.spans {
        assert_eq!(probability(span), Some(0.1));
    }
}

#[test]
fn a_sum_over_what_was_kept_estimates_the_whole() {
    // Trace ids that are spread evenly: what is kept is no matter of luck.
    let seen = sampled(
        |builder| builder.sampler(Sampler::trace_id_ratio(0.25)),
        |_| {
            for number in 0..1000_u32 {
                let ratio = (f64::from(number) + 0.5) / 1000.0;
                let parent = remote(1, ratio, true);
                parent.run(|| chat(u64::from(number % 10) + 1));
            }
        },
    );
    let estimate: f64 = seen
        .spans
        .iter()
        .map(|span| {
            let tokens = span.attributes.int("gen_ai.usage.input_tokens").unwrap();
            tokens as f64 / probability(span).unwrap()
        })
        .sum();
    assert_eq!((seen.spans.len(), estimate), (250, 5500.0));
}

#[test]
fn a_sampler_that_keeps_everything_says_nothing_of_it() {
    let seen = sampled(|builder| builder, |_| coder(1));
    assert_eq!(seen.report.sampled_out, 0);
    assert!(
        seen.spans
            .iter()
            .all(|span| span.attributes.get("sampling.probability").is_none())
    );
}

#[test]
fn without_any_trace_the_metrics_are_still_there() {
    let seen = sampled(
        |builder| builder.sampler(Sampler::always_off()),
        |_| coder(7),
    );
    assert!(seen.spans.is_empty());
    assert_eq!(
        seen.report.to_string(),
        "3 spans ended, 3 sampled out; memory: 0 written, 0 dropped, 0 failed"
    );
    assert_eq!(seen.metric("genai_trace_spans_total{outcome=\"ok\"}"), 3.0);
}

#[test]
fn a_remote_parent_that_was_sampled_out_takes_the_trace_with_it() {
    let seen = sampled(
        |builder| builder,
        |_| {
            remote(1, 1.0, false).run(|| {
                assert!(!current().is_recording());
                coder(1);
            });
            span("job")
                .parent(&remote(2, 1.0, false))
                .run(|| span("step").run(|| {}));
            span("kept").parent(&remote(3, 0.5, true)).run(|| {});
        },
    );
    assert_eq!(seen.names(), ["kept"]);
    assert_eq!(seen.report.sampled_out, 5);
}

#[test]
fn a_sampler_that_is_not_parent_based_asks_no_parent() {
    let seen = sampled(
        |builder| builder.sampler(Sampler::trace_id_ratio(0.5)),
        |_| {
            span("out").parent(&remote(1, 0.6, true)).run(|| {});
            span("in").parent(&remote(2, 0.4, false)).run(|| {});
        },
    );
    assert_eq!(seen.names(), ["in"]);
}

#[test]
fn the_flag_goes_over_the_border_and_back() {
    let mut sent = Vec::new();
    sampled(
        |builder| builder.sampler(Sampler::parent_based(Sampler::always_off())),
        |_| {
            span("out").run(|| sent.extend(Carrier::current()));
            span("in")
                .sample(1.0)
                .run(|| sent.extend(Carrier::current()));
        },
    );
    let [(_, out), (_, kept)] = sent.as_slice() else {
        panic!("{sent:?}");
    };
    assert!(out.ends_with("-00") && kept.ends_with("-01"), "{sent:?}");
    for text in [out, kept] {
        let received = SpanContext::from_traceparent(text).unwrap();
        assert_eq!(received.to_traceparent(), *text);
        assert_eq!(received.is_sampled(), text.ends_with("-01"));
    }
}

#[test]
fn a_span_that_was_sampled_out_is_a_span_like_any_other_but_for_its_record() {
    sampled(
        |builder| builder.sampler(Sampler::always_off()),
        |_| {
            span("turn").run(|| {
                let turn = current();
                assert!(!turn.is_recording());
                assert!(!turn.context().unwrap().is_sampled());
                span("step").run(|| {
                    assert_eq!(current().trace_id(), turn.trace_id());
                    assert_ne!(current().span_id(), turn.span_id());
                });
            });
        },
    );
}

#[genai_agent("coder")]
fn code<T>(work: impl FnOnce() -> T) -> T {
    work()
}

#[genai_tool("look", fields("app.path" = path))]
fn look<T>(path: &str, work: impl FnOnce() -> T) -> T {
    work()
}

#[test]
fn tools_of_an_agent_that_was_sampled_out_are_counted_and_seen_by_nobody() {
    for ask in [false, true] {
        let seen = sampled(
            |builder| builder.sampler(Sampler::always_off()),
            |telemetry| {
                code(|| {
                    for _ in 0..1000 {
                        look("a", || {
                            look("b", || {
                                if ask {
                                    assert!(!current().is_recording());
                                }
                                assert_eq!(telemetry.open_spans(), []);
                            });
                        });
                    }
                });
            },
        );
        assert_eq!(seen.report.sampled_out, 2001);
        assert_eq!(seen.names(), [""; 0]);
        assert_eq!(seen.metric("tools_called_total{tool=\"look\"}"), 2000.0);
        let calls = "genai_trace_spans_sampled_out_total{reason=\"sampler\"}";
        assert_eq!(seen.metric(calls), 2001.0);
    }
}

#[test]
fn tools_below_a_kept_agent_leave_their_record_after_those_of_one_that_was_sampled_out() {
    let seen = sampled(
        |builder| builder.sampler(Sampler::always_on()),
        |_| {
            remote(1, 0.3, false).run(|| ());
            code(|| look("a", || ()));
            span("off").sample(0.0).run(|| look("never", || ()));
            code(|| look("b", || ()));
        },
    );
    let paths: Vec<_> = seen
        .spans
        .iter()
        .filter_map(|span| span.attributes.str("app.path"))
        .collect();
    assert_eq!(paths, ["a", "b"]);
}

#[genai_tool("heartbeat", sample = 0.2)]
fn heartbeat() -> bool {
    read_file();
    current().is_recording()
}

#[genai_tool(sample = rate)]
fn polled(rate: f64) {}

#[test]
fn a_callsite_goes_before_the_sampler() {
    let seen = sampled(
        |builder| builder.sampler(Sampler::always_off()),
        |_| {
            remote(1, 0.3, true).run(|| assert!(!heartbeat()));
            remote(2, 0.1, false).run(|| assert!(heartbeat()));
            // A ratio that is none loses nothing.
            polled(f64::NAN);
            polled(0.0);
        },
    );
    assert_eq!(
        seen.names(),
        [
            "execute_tool read_file",
            "execute_tool heartbeat",
            "execute_tool polled"
        ]
    );
    let kept_with = |index: usize| probability(&seen.spans[index]);
    assert_eq!(
        (kept_with(0), kept_with(1), kept_with(2)),
        (Some(0.2), Some(0.2), None)
    );
}

#[test]
fn a_callsite_below_a_kept_parent_thins_its_own_spans_out() {
    let seen = sampled(
        |builder| builder,
        |_| {
            for number in 0..10 {
                let parent = remote(number, (number as f64 + 0.5) / 10.0, true);
                span("turn").parent(&parent).run(heartbeat);
            }
            span("out").sample(0.0).run(|| assert!(!heartbeat()));
        },
    );
    let count = |name: &str| seen.names().iter().filter(|one| **one == name).count();
    assert_eq!(
        (
            count("turn"),
            count("execute_tool heartbeat"),
            count("execute_tool read_file")
        ),
        (10, 2, 2)
    );
    assert_eq!(count("out"), 0);
}

#[test]
fn work_that_is_carried_to_a_thread_is_sampled_with_its_trace() {
    let seen = sampled(
        |builder| builder,
        |_| {
            for ratio in [0.0, 1.0] {
                span("turn").sample(ratio).run(|| {
                    let here = current();
                    let context = here.context();
                    std::thread::scope(|scope| {
                        scope.spawn(|| here.run(|| span("inside").run(|| {})));
                        scope.spawn(|| span("below").parent(&context).run(|| {}));
                    });
                });
            }
        },
    );
    assert_eq!(seen.spans.len(), 3);
    assert_eq!(seen.report.sampled_out, 3);
}

#[test]
fn a_capture_sees_every_span_whatever_the_sampler_says() {
    sampled(
        |builder| builder.sampler(Sampler::always_off()),
        |_| {
            let (_, captured) = genai_trace::testing::capture(|| {
                span("turn").sample(0.0).operation(Operation::Tool).run(|| {
                    assert!(current().is_recording());
                    span("step").run(|| {});
                });
                span("job").parent(&remote(1, 1.0, false)).run(|| {});
            });
            assert_eq!(captured.spans().len(), 3);
        },
    );
}

#[test]
fn a_ratio_that_is_none_is_refused_when_installed() {
    let _turn = turn();
    let error = Telemetry::builder()
        .sampler(Sampler::trace_id_ratio(2.0))
        .install()
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "sampler(trace_id_ratio(2)): expected a ratio from 0 to 1"
    );
}

#[genai_tool("delete_file")]
fn delete_file() -> Result<(), String> {
    Err("read-only".to_owned())
}

/// `ended = sampled_out + routed_elsewhere + written + dropped + failed` for each exporter.
fn assert_adds_up(report: &Report) {
    for exporter in &report.exporters {
        let sum = report.sampled_out
            + exporter.routed_elsewhere
            + exporter.written
            + exporter.dropped
            + exporter.failed;
        assert_eq!(sum, report.ended, "{report}");
    }
}

#[test]
fn of_many_runs_the_failed_and_the_slow_ones_are_all_there() {
    let rules = TailSampling::new()
        .keep_errors()
        .keep_slower_than(Duration::from_secs(3600))
        .keep_rest(0.1);
    let seen = sampled(
        |builder| builder.tail_sampling(rules),
        |_| {
            for number in 0..1000 {
                span("run").attr("app.number", &number).run(|| {
                    read_file();
                    if number % 100 == 0 {
                        let _ = delete_file();
                    }
                });
            }
        },
    );
    let failed = seen
        .names()
        .iter()
        .filter(|name| name.ends_with("delete_file"))
        .count();
    assert_eq!(failed, 10);
    for span in &seen.spans {
        let is_failed = span
            .attributes
            .int("app.number")
            .is_some_and(|number| number % 100 == 0);
        if is_failed {
            assert_eq!(probability(span), None);
        }
    }
    // Of 990 others 99 are to be expected; fewer than 40 come once in 10^11 runs.
    let rest = seen
        .spans
        .iter()
        .filter(|span| probability(span) == Some(0.1))
        .count();
    assert!((80..400).contains(&rest), "{rest}");
    assert_eq!(seen.report.ended, 2010);
    assert_eq!(
        seen.metric("tools_called_total{tool=\"read_file\"}"),
        1000.0
    );
    assert_adds_up(&seen.report);
    let left_out = "genai_trace_spans_sampled_out_total{reason=\"tail_sampling\"}";
    assert_eq!(seen.metric(left_out), seen.report.sampled_out as f64);
}

#[test]
fn a_run_that_takes_longer_than_the_limit_is_kept() {
    let rules = TailSampling::new().keep_slower_than(Duration::from_millis(5));
    let seen = sampled(
        |builder| builder.tail_sampling(rules),
        |_| span("slow").run(|| std::thread::sleep(Duration::from_millis(6))),
    );
    assert_eq!(seen.names(), ["slow"]);
}

#[test]
fn spans_of_other_threads_are_decided_with_their_trace() {
    let seen = sampled(
        |builder| builder.tail_sampling(TailSampling::new().keep_tool("delete_file")),
        |_| {
            span("run").run(|| {
                let here = current();
                std::thread::scope(|scope| {
                    scope.spawn(|| here.run(read_file));
                    scope.spawn(|| here.run(|| delete_file().is_err()));
                });
            });
            span("other").run(read_file);
        },
    );
    assert_eq!(seen.spans.len(), 3);
    assert_eq!(seen.report.sampled_out, 2);
}

#[test]
fn a_flush_writes_the_runs_that_have_ended() {
    let memory = MemoryExporter::new();
    let copy = memory.clone();
    sampled(
        |builder| {
            builder
                .exporter(copy)
                .tail_sampling(TailSampling::new().keep_errors())
        },
        |telemetry| {
            span("run").run(|| delete_file().is_err());
            let open = span("open").start();
            let _ = telemetry.flush(Duration::from_secs(60));
            assert_eq!(memory.spans().len(), 2);
            open.end();
        },
    );
}

#[test]
fn below_a_remote_parent_a_run_ends_with_its_root_in_this_process() {
    let memory = MemoryExporter::new();
    let copy = memory.clone();
    sampled(
        |builder| {
            builder
                .exporter(copy)
                .tail_sampling(TailSampling::new().keep_errors())
        },
        |telemetry| {
            remote(1, 0.5, true).run(|| span("job").run(|| delete_file().is_err()));
            let _ = telemetry.flush(Duration::from_secs(60));
            assert_eq!(memory.spans().len(), 2);
        },
    );
}

#[test]
fn runs_with_personal_data_go_to_the_strict_exporter_alone() {
    let strict = MemoryExporter::new();
    let copy = strict.clone();
    let seen = sampled(
        |builder| {
            builder
                .exporter_as("strict", copy)
                .route(Route::traces_with("app.pii", true).only_to(["strict"]))
        },
        |_| {
            span("private").run(|| {
                read_file();
                span("ask_name").attr("app.pii", &true).run(|| {});
            });
            span("public").run(read_file);
        },
    );
    assert_eq!(seen.names(), ["execute_tool read_file", "public"]);
    assert_eq!(strict.spans().len(), 3);
    assert_adds_up(&seen.report);
    assert_eq!(
        seen.report.to_string(),
        "5 spans ended; memory: 2 written, 0 dropped, 0 failed, 3 routed elsewhere; \
         strict: 3 written, 0 dropped, 0 failed, 2 routed elsewhere"
    );
}

#[test]
fn a_flood_of_spans_is_one_span_while_the_metrics_have_them_all() {
    let seen = sampled(
        |builder| builder.max_spans(50),
        |_| {
            span("run").run(|| {
                for number in 0..10_000 {
                    read_file();
                    if number == 9_000 {
                        let _ = delete_file();
                    }
                }
            });
        },
    );
    // 50 files, the error, the run, and the one that stands for the others.
    assert_eq!(seen.spans.len(), 53);
    let run = seen.spans.iter().find(|span| span.name == "run").unwrap();
    let omitted = seen
        .spans
        .iter()
        .find(|span| span.name == "spans omitted")
        .unwrap();
    assert_eq!(omitted.parent_span_id, Some(run.span_id));
    assert_eq!(
        omitted.attributes.int("genai_trace.omitted.spans"),
        Some(9950)
    );
    assert!(run.start_unix_nano <= omitted.start_unix_nano);
    assert!(omitted.end_unix_nano <= run.end_unix_nano);
    assert_eq!((seen.report.ended, seen.report.sampled_out), (10_003, 9950));
    assert_adds_up(&seen.report);
    assert_eq!(
        seen.metric("tools_called_total{tool=\"read_file\"}"),
        10_000.0
    );
    assert_eq!(
        seen.metric("genai_trace_spans_sampled_out_total{reason=\"max_spans\"}"),
        9950.0
    );
}

#[test]
fn everything_together_adds_up() {
    let strict = MemoryExporter::with_capacity(usize::MAX);
    let copy = strict.clone();
    let seen = sampled(
        |builder| {
            builder
                .sampler(Sampler::trace_id_ratio(0.5))
                .tail_sampling(TailSampling::new().keep_errors().keep_rest(0.5))
                .max_spans(3)
                .exporter_as("strict", copy)
                .route(Route::traces_with("app.pii", true).only_to(["strict"]))
        },
        |_| {
            std::thread::scope(|scope| {
                for thread in 0..4 {
                    scope.spawn(move || {
                        for number in 0..500 {
                            let is_private = (number + thread) % 3 == 0;
                            span("run").attr("app.pii", &is_private).run(|| {
                                (0..number % 7).for_each(|_| read_file());
                                if number % 50 == 0 {
                                    let _ = delete_file();
                                }
                            });
                        }
                    });
                }
            });
        },
    );
    assert_adds_up(&seen.report);
    assert!(!seen.spans.is_empty() && !strict.spans().is_empty());
    let is_private = |span: &SpanRecord| span.attributes.get("app.pii") == Some(&Value::Bool(true));
    assert!(!seen.spans.iter().any(is_private));
    let probabilities = [Some(0.25), Some(0.5)];
    assert!(
        seen.spans
            .iter()
            .all(|span| probabilities.contains(&probability(span)))
    );
}

#[test]
fn what_means_nothing_is_refused_when_installed() {
    let _turn = turn();
    let builder = || Telemetry::builder().memory(&MemoryExporter::new());
    let route = || Route::traces_with("app.pii", true);
    let refused = [
        builder().tail_sampling(TailSampling::new()),
        builder().tail_sampling(TailSampling::new().keep_rest(-1.0)),
        builder().max_spans(0),
        builder().exporter_as("", MemoryExporter::new()),
        builder().route(route()),
        builder().route(route().only_to(["strict"])),
        builder()
            .exporter_as("memory", MemoryExporter::new())
            .route(route().only_to(["memory"])),
        builder()
            .exporter_as("strict", MemoryExporter::new())
            .route(route().only_to(["strict"]))
            .jsonl("traces.jsonl")
            .crash_safe(true),
        builder().crash_safe(true),
    ]
    .map(|builder| builder.install().unwrap_err().to_string());
    assert_eq!(
        refused.join("\n"),
        "\
tail_sampling(no rule): expected keep_errors, keep_slower_than, keep_costlier_than, keep_tool, keep_attribute or keep_rest
tail_sampling(keep_rest(-1)): expected a ratio from 0 to 1
max_spans(0): expected 1 or more
exporter_as(\"\"): expected a name
route(traces_with(\"app.pii\", ..)): expected only_to with an exporter
route(only_to(\"strict\")): expected one of \"memory\"
route(only_to(\"memory\")): expected a name that one exporter has: give each its own by exporter_as
crash_safe(true): expected no route: a recovery knows of none, and would put every trace into one file
crash_safe(true): expected an exporter to a file, to which spans are recovered"
    );
}

#[test]
fn a_flush_ends_while_threads_end_spans_without_a_pause() {
    use std::sync::atomic::{AtomicBool, Ordering};

    let is_over = AtomicBool::new(false);
    let memory = MemoryExporter::new();
    let _turn = turn();
    let builder = Telemetry::builder().memory(&memory);
    let rules = TailSampling::new().keep_errors();
    let telemetry = builder.tail_sampling(rules).install().unwrap();
    let is_complete = std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    code(|| look("a", || ()));
                }
            });
        }
        let is_complete = telemetry.flush(Duration::from_secs(30)).complete;
        is_over.store(true, Ordering::Relaxed);
        is_complete
    });
    assert!(is_complete);
}
