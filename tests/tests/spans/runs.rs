//! Spans for a framework that only says when a run begins and ends, by its id.

use std::fmt;
use std::sync::{Arc, Barrier};

use genai_trace::{Operation, Outcome, RunError, Runs, SpanRecord, TokenUsage, genai_tool, span};
use genai_trace_tests::recorded;

/// What a framework hands out: an id that shows itself, and an optional id above it.
#[derive(Clone, Copy)]
struct RunId(u32);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "018f3c5a-0000-7000-8000-{:012x}", self.0)
    }
}

const NONE: Option<RunId> = None;

fn outcome(span: &SpanRecord) -> &str {
    span.attributes.str("genai_trace.outcome").unwrap_or("ok")
}

#[test]
fn the_callbacks_of_an_agent_become_the_tree_of_its_runs() {
    let recorded = recorded(|| {
        span("agent.run").run(|| {
            let runs = Runs::new();
            let [graph, model, search, read, sub, last] = [1, 2, 3, 4, 5, 6].map(RunId);
            runs.on_chain_start(graph, NONE, "AgentExecutor").unwrap();
            runs.on_llm_start(model, Some(graph), "openai", "gpt-4o")
                .unwrap();
            runs.record(model, |span| span.set("gen_ai.request.temperature", &0.2))
                .unwrap();
            runs.on_llm_end(model, TokenUsage::new(250, 130)).unwrap();
            // The model asked for two tools at once; they end in another order than they began.
            runs.on_tool_start(search, Some(graph), "search", "{'q': 'rust'}")
                .unwrap();
            runs.on_tool_start(read, Some(graph), "read_file", "Cargo.toml")
                .unwrap();
            runs.on_chain_start(sub, Some(search), "rerank").unwrap();
            runs.on_tool_error(read, &std::io::Error::from(std::io::ErrorKind::NotFound))
                .unwrap();
            runs.on_chain_end(sub).unwrap();
            runs.on_tool_end(search, "3 hits").unwrap();
            runs.on_llm_start(last, Some(graph), "openai", "gpt-4o")
                .unwrap();
            let usage = r#"{"prompt_tokens": 700, "completion_tokens": 20, "total_tokens": 720}"#;
            let usage: TokenUsage = serde_json::from_str(usage).unwrap();
            runs.on_llm_end(last, usage).unwrap();
            runs.on_chain_end(graph).unwrap();

            let totals = runs.totals();
            assert_eq!(
                serde_json::to_value(totals.token_usage).unwrap(),
                serde_json::json!({
                    "input_tokens": 950, "output_tokens": 150, "total_tokens": 1100
                })
            );
            let calls: Vec<_> = totals
                .tool_calls
                .iter()
                .map(|call| (&*call.name, &*call.input, &*call.output, call.outcome))
                .collect();
            assert_eq!(
                calls,
                [
                    ("read_file", "Cargo.toml", "", Outcome::Error),
                    ("search", "{'q': 'rust'}", "3 hits", Outcome::Ok),
                ]
            );
            assert_eq!((totals.open, totals.ignored), (0, 0));
        });
    });
    assert_eq!(
        recorded.outline(),
        "\
agent.run
.AgentExecutor
..chat gpt-4o 250/130 tokens
..execute_tool search
...rerank
..execute_tool read_file ERROR NotFound: entity not found
..chat gpt-4o 700/20 tokens"
    );
    // Inputs and outputs are the caller's: no span has them.
    let search = recorded.span("execute_tool search");
    assert!(!serde_json::to_string(search).unwrap().contains("hits"));
    assert_eq!(
        recorded.metric("tools_called_total{tool=\"search\"}"),
        Some(1.0)
    );
    let tokens = r#"llm_tokens_total{model="gpt-4o",provider="openai",token_type="total_tokens"}"#;
    assert_eq!(
        recorded.metric(tokens),
        Some(1100.0),
        "{}",
        recorded.metrics
    );
}

#[test]
fn parallel_runs_are_siblings_from_whatever_thread_they_are_told() {
    const THREADS: u32 = 4;
    const EACH: u32 = 200;
    let recorded = recorded(|| {
        span("request").run(|| {
            let (runs, together) = (Runs::new(), Barrier::new(THREADS as usize));
            std::thread::scope(|scope| {
                for thread in 0..THREADS {
                    let (runs, together) = (&runs, &together);
                    scope.spawn(move || {
                        // What the calling thread is in is no parent.
                        span("callback thread").run(|| {
                            together.wait();
                            for number in 0..EACH {
                                let id = RunId(thread * EACH + number);
                                runs.on_tool_start(id, NONE, "work", "").unwrap();
                            }
                            together.wait();
                            // Each ends the runs of another.
                            let other = (thread + 1) % THREADS;
                            for number in 0..EACH {
                                runs.on_tool_end(RunId(other * EACH + number), "").unwrap();
                            }
                        });
                    });
                }
            });
            assert_eq!(runs.totals().tool_calls.len(), (THREADS * EACH) as usize);
        });
    });
    let request = recorded.span("request");
    let work: Vec<_> = recorded
        .spans
        .iter()
        .filter(|span| span.name == "execute_tool work")
        .collect();
    assert_eq!(work.len(), (THREADS * EACH) as usize);
    for run in work {
        assert_eq!(run.parent_span_id, Some(request.span_id));
        assert_eq!(run.trace_id, request.trace_id);
    }
    let open = recorded.metric("genai_trace_open_spans{operation=\"execute_tool\"}");
    assert_eq!(open, Some(0.0));
}

#[test]
fn outside_any_span_each_run_begins_a_trace() {
    let recorded = recorded(|| {
        let runs = Runs::new();
        span("callback").run(|| {
            runs.start("a", span("first")).unwrap();
            runs.start_below(Some("a"), "b", span("second")).unwrap();
            runs.start("c", span("third")).unwrap();
        });
        for id in ["c", "b", "a"] {
            runs.end(id).unwrap();
        }
    });
    let outline = recorded.outline();
    let mut roots: Vec<_> = outline.lines().collect();
    roots.sort_unstable();
    assert_eq!(roots, [".second", "callback", "first", "third"]);
}

#[test]
fn a_parent_that_was_said_holds_and_one_that_is_unknown_is_passed_over() {
    let recorded = recorded(|| {
        span("request").run(|| {
            let runs = Runs::new();
            let elsewhere = span("elsewhere")
                .root()
                .run(|| genai_trace::current().context());
            runs.start(1, span("said").parent(&elsewhere)).unwrap();
            runs.start(2, span("root").root()).unwrap();
            runs.start_below(Some("never begun"), 3, span("orphan"))
                .unwrap();
            for id in 1..=3 {
                runs.end(id).unwrap();
            }
        });
    });
    let parent = |name| recorded.span(name).parent_span_id;
    assert_eq!(parent("said"), Some(recorded.span("elsewhere").span_id));
    assert_eq!(parent("root"), None);
    assert_eq!(parent("orphan"), Some(recorded.span("request").span_id));
}

#[test]
fn a_run_may_begin_below_one_that_has_ended() {
    let recorded = recorded(|| {
        let runs = Runs::new();
        runs.start(1, span("ended")).unwrap();
        runs.end(1).unwrap();
        runs.start_below(Some(1), 2, span("late")).unwrap();
        runs.end(2).unwrap();
    });
    assert_eq!(recorded.outline(), "ended\n.late");
}

#[test]
fn callbacks_that_do_not_fit_are_ignored_named_and_counted() {
    let recorded = recorded(|| {
        let runs = Runs::new();
        let id = || "r-1".to_owned();
        assert_eq!(runs.end("r-1"), Err(RunError::Unknown { id: id() }));
        runs.on_llm_start("r-1", NONE, "openai", "gpt-4o").unwrap();
        assert_eq!(
            runs.start("r-1", span("second")),
            Err(RunError::AlreadyOpen { id: id() })
        );
        runs.on_llm_end("r-1", TokenUsage::new(5, 7)).unwrap();
        let ended = Err(RunError::AlreadyEnded { id: id() });
        assert_eq!(runs.on_llm_end("r-1", TokenUsage::new(5, 7)), ended);
        assert_eq!(runs.end("r-1"), ended);
        assert_eq!(runs.fail("r-1", &"late"), ended);
        assert_eq!(runs.usage("r-1", TokenUsage::new(1, 1)), ended);
        assert_eq!(runs.record("r-1", |_| unreachable!()), ended);
        let totals = runs.totals();
        assert_eq!((totals.ignored, totals.open), (7, 0));
        assert_eq!(totals.token_usage.total(), Some(12));
        // An id of great length is named in short.
        let long = "é".repeat(10_000);
        let error = runs.end(&long).unwrap_err();
        assert_eq!(error.id().chars().count(), 65);
        assert!(error.to_string().starts_with("no run \"ééé"), "{error}");
    });
    assert_eq!(recorded.outline(), "chat gpt-4o 5/7 tokens");
}

#[test]
fn the_id_of_a_run_that_has_ended_may_be_used_again() {
    let recorded = recorded(|| {
        let runs = Runs::new();
        for name in ["first", "second"] {
            runs.start("0", span(name)).unwrap();
            runs.end("0").unwrap();
        }
        assert_eq!(runs.totals().ignored, 0);
    });
    assert_eq!(recorded.outline(), "first\nsecond");
}

#[test]
fn what_is_open_when_the_instance_goes_is_cancelled_children_first() {
    let recorded = recorded(|| {
        let runs = Runs::new();
        runs.start(0, span("run 0")).unwrap();
        for id in 1..50 {
            runs.start_below(Some(id - 1), id, span(format!("run {id}")))
                .unwrap();
        }
        runs.end(25).unwrap();
        drop(runs);
    });
    assert_eq!(recorded.spans.len(), 50);
    for (index, run) in recorded.spans.iter().enumerate() {
        let is_first = index == 0;
        assert_eq!(
            outcome(run),
            if is_first { "ok" } else { "cancelled" },
            "{}",
            run.name
        );
    }
    // In the order of their ends: the one that was ended, then from the innermost to the outermost.
    let names: Vec<_> = recorded
        .spans
        .iter()
        .map(|span| span.name.as_str())
        .collect();
    assert_eq!(
        (names[0], names[1], names[49]),
        ("run 25", "run 49", "run 0")
    );
    let parent = recorded.span("run 0").end_unix_nano;
    assert!(recorded.spans.iter().all(|run| run.end_unix_nano <= parent));
}

#[test]
fn open_runs_are_bounded_and_ended_ones_are_forgotten() {
    let recorded = recorded(|| {
        let runs = Runs::new();
        for id in 0..Runs::MAX_OPEN {
            runs.start(id, span("open")).unwrap();
        }
        let error = runs.start("more", span("refused")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "no room for run \"more\": 4096 runs are open"
        );
        assert_eq!(
            runs.end("more"),
            Err(RunError::Unknown {
                id: "more".to_owned()
            })
        );
        runs.end(0).unwrap();
        runs.start("more", span("fits")).unwrap();
        for id in 1..Runs::MAX_OPEN {
            runs.end(id).unwrap();
        }
        assert!(matches!(runs.end(0), Err(RunError::AlreadyEnded { .. })));
        runs.end("more").unwrap();
        // One more than is remembered: the first is forgotten, the others are not.
        assert!(matches!(runs.end(0), Err(RunError::Unknown { .. })));
        assert!(matches!(runs.end(1), Err(RunError::AlreadyEnded { .. })));
        assert_eq!((runs.totals().open, runs.totals().ignored), (0, 5));
    });
    assert_eq!(recorded.spans.len(), Runs::MAX_OPEN + 1);
}

#[test]
fn totals_keep_a_bounded_account_of_tool_calls() {
    let recorded = recorded(|| {
        let runs = Runs::new();
        let text = "é".repeat(Runs::MAX_TEXT_BYTES);
        for id in 0..Runs::MAX_TOOL_CALLS + 3 {
            let text = if id == 0 { &*text } else { "short" };
            runs.on_tool_start(id, NONE, "read", text).unwrap();
            runs.on_tool_end(id, text).unwrap();
        }
        let totals = runs.totals();
        assert_eq!(totals.tool_calls.len(), Runs::MAX_TOOL_CALLS);
        assert_eq!(totals.tool_calls_left_out, 3);
        let first = &totals.tool_calls[0];
        assert_eq!(
            (first.input.len(), first.output.len()),
            (16 * 1024, 16 * 1024)
        );
        let json = serde_json::to_value(&totals.tool_calls[1]).unwrap();
        assert_eq!(
            (&json["name"], &json["output"]),
            (&"read".into(), &"short".into())
        );
        assert!(json["latency_ms"].is_f64(), "{json}");
    });
    assert_eq!(recorded.spans.len(), Runs::MAX_TOOL_CALLS + 3);
}

#[test]
fn tokens_are_counted_once_and_as_they_were_said() {
    let recorded = recorded(|| {
        let runs = Runs::new();
        for id in 1..=3 {
            runs.on_llm_start(id, NONE, "openai", "gpt-4o").unwrap();
        }
        // A stream says it several times, the last is right.
        runs.usage(1, TokenUsage::new(10, 1)).unwrap();
        runs.usage(1, TokenUsage::new(10, 4)).unwrap();
        assert_eq!(runs.totals().token_usage.total(), None);
        runs.on_llm_end(1, None).unwrap();
        // One names only its total, one nothing at all; both spellings may stand side by side.
        let total: TokenUsage = serde_json::from_str(r#"{"total_tokens": 100}"#).unwrap();
        runs.on_llm_end(2, total).unwrap();
        runs.on_llm_error(3, &"overloaded").unwrap();
        let both = r#"{"input_tokens": 3, "prompt_tokens": 3, "output_tokens": null, "x": {}}"#;
        let both: TokenUsage = serde_json::from_str(both).unwrap();
        assert_eq!((both.input_tokens, both.output_tokens), (Some(3), None));
        let usage = runs.totals().token_usage;
        assert_eq!(
            (usage.input_tokens, usage.output_tokens),
            (Some(10), Some(4))
        );
        assert_eq!(usage.total(), Some(114));
    });
    assert!(
        recorded
            .outline()
            .starts_with("chat gpt-4o 10/4 tokens\nchat gpt-4o\n")
    );
}

#[test]
fn code_runs_inside_a_run_by_its_handle() {
    #[genai_tool("helper")]
    fn helper() {}
    let recorded = recorded(|| {
        let runs = Arc::new(Runs::new());
        runs.start("tool", span("search").operation(Operation::Tool))
            .unwrap();
        let there = Arc::clone(&runs);
        let thread = std::thread::spawn(move || {
            there.span("tool").unwrap().run(helper);
            // A callback from inside a callback is no deadlock.
            there
                .record("tool", |span| {
                    span.set("app.open", &there.totals().open);
                    there.end("tool").unwrap();
                })
                .unwrap();
        });
        thread.join().unwrap();
    });
    assert_eq!(
        recorded.outline(),
        "execute_tool search\n.execute_tool helper"
    );
    assert_eq!(
        recorded
            .span("execute_tool search")
            .attributes
            .int("app.open"),
        Some(1)
    );
}

#[test]
fn an_id_or_an_error_that_panics_while_it_is_shown_leaves_the_runs_usable() {
    struct Hostile;
    impl fmt::Display for Hostile {
        fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
            panic!("on purpose")
        }
    }
    let recorded = recorded(|| {
        let runs = Runs::new();
        runs.start("a", span("step")).unwrap();
        let caught = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            let _ = runs.end(Hostile);
        }));
        assert!(
            caught.is_err(),
            "a panic of the caller's own goes to the caller"
        );
        runs.fail("a", &Hostile).unwrap();
        runs.start("b", span("after")).unwrap();
        runs.end("b").unwrap();
    });
    assert_eq!(recorded.spans.len(), 2);
    assert!(
        recorded
            .outline()
            .starts_with("step ERROR Hostile: (the message cannot be shown)")
    );
}
