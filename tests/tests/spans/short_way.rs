//! Spans that take the short way, below a span of their thread and with nothing asked of them, are seen,
//! ended and left by their thread as all others are.

use std::sync::Barrier;
use std::time::Duration;

use genai_trace::{AttributeValue, SpanRecord, ValueWriter, current, genai_agent, genai_tool};
use genai_trace_tests::{Recorded, recorded, recorded_with};

#[genai_tool("read_file", fields("app.path" = path))]
fn read_file<T>(path: &str, body: impl FnOnce() -> T) -> T {
    body()
}

#[genai_agent("coder")]
fn run<T>(body: impl FnOnce() -> T) -> T {
    body()
}

#[genai_tool("search", fields("app.query" = query, "app.most" = most, "app.note" = note))]
fn search<T>(query: &str, most: i64, note: Option<&str>, body: impl FnOnce() -> T) -> T {
    body()
}

#[test]
fn fields_of_any_length_and_kind_are_kept_whether_asked_for_in_between_or_not() {
    const LENGTHS: [usize; 14] = [
        0, 1, 3, 7, 8, 60, 104, 112, 113, 120, 128, 129, 1_100, 20_000,
    ];
    let texts = LENGTHS.map(|length| "é".repeat(length / 2) + &"x".repeat(length % 2));
    let notes = [None, Some(""), Some("seldom"), Some(texts[7].as_str())];
    for ask in [false, true] {
        let ask = || {
            if ask {
                current();
            }
        };
        let recorded = recorded(|| {
            run(|| {
                for text in &texts {
                    read_file(text, ask);
                    for note in notes {
                        search(text, i64::MIN, note, || read_file(text, ask));
                    }
                }
            });
        });
        let of = |name: &str| {
            let name = format!("execute_tool {name}");
            let spans = recorded.spans.iter();
            spans
                .filter(move |span| span.name == name)
                .map(|span| &span.attributes)
        };
        assert_eq!(
            recorded.spans.len(),
            1 + texts.len() * (1 + 2 * notes.len())
        );
        let mut searches = of("search");
        let mut reads = of("read_file").map(|attributes| attributes.str("app.path"));
        for text in &texts {
            assert_eq!(reads.next(), Some(Some(text.as_str())));
            for note in notes {
                let attributes = searches.next().unwrap();
                assert_eq!(attributes.str("app.query"), Some(text.as_str()));
                assert_eq!(attributes.int("app.most"), Some(i64::MIN));
                assert_eq!(attributes.str("app.note"), note);
                assert_eq!(reads.next(), Some(Some(text.as_str())));
            }
        }
    }
}

#[test]
fn deep_in_one_another_they_end_in_their_order_with_what_was_said_of_each() {
    fn descend(depth: usize) {
        if depth > 0 {
            read_file(&depth.to_string(), || {
                descend(depth - 1);
                read_file("leaf", || ());
            });
        } else {
            current().set("app.bottom", &true);
        }
    }
    let recorded = recorded(|| run(|| descend(200)));
    let spans = &recorded.spans;
    let parent = |span: &SpanRecord| {
        spans
            .iter()
            .find(|above| Some(above.span_id) == span.parent_span_id)
    };
    for span in spans {
        let Some(depth) = span.attributes.str("app.path") else {
            continue;
        };
        let above = parent(span).unwrap().attributes.str("app.path");
        match depth.parse::<usize>() {
            Ok(200) => assert_eq!(above, None),
            Ok(depth) => assert_eq!(above, Some((depth + 1).to_string().as_str())),
            Err(_) => assert!(above.is_some()),
        }
    }
    assert_eq!(spans.len(), 401);
}

#[test]
fn another_thread_sees_them_while_they_are_open_and_not_after() {
    recorded_with(|telemetry| {
        run(|| {
            let names = read_file("a", || {
                read_file("b", || {
                    std::thread::scope(|scope| {
                        let look = scope.spawn(|| telemetry.open_spans());
                        look.join().unwrap()
                    })
                })
            });
            let names: Vec<_> = names.iter().map(|span| span.name.as_str()).collect();
            let tool = "execute_tool read_file";
            assert_eq!(names, ["invoke_agent coder", tool, tool]);
            assert_eq!(telemetry.open_spans().len(), 1);
        });
        assert_eq!(telemetry.open_spans(), []);
    });
}

#[test]
fn whoever_asks_for_one_in_between_finds_it_whole() {
    let asked = recorded(|| {
        run(|| {
            read_file("outer", || {
                read_file("inner", || current().set("app.answer", &42));
                read_file("next", || ());
            });
            read_file("last", || ());
        });
    });
    let not_asked = recorded(|| {
        run(|| {
            read_file("outer", || {
                read_file("inner", || ());
                read_file("next", || ());
            });
            read_file("last", || ());
        });
    });
    assert_eq!(asked.outline(), not_asked.outline());
    let count = |recorded: &Recorded| {
        let line = |line: &&str| line.starts_with("tools_called_total{tool=\"read_file\"}");
        recorded.metrics.lines().find(line).map(str::to_owned)
    };
    assert_eq!(count(&asked), count(&not_asked));
    let inner = |span: &&SpanRecord| span.attributes.int("app.answer") == Some(42);
    let inner = asked.spans.iter().find(inner).unwrap();
    assert_eq!(inner.attributes.str("app.path"), Some("inner"));
}

#[test]
fn one_that_ends_after_the_telemetry_is_no_longer_shown() {
    recorded_with(|telemetry| {
        run(|| {
            read_file("late", || {
                read_file("asked", || {
                    let _ = current();
                    let _ = telemetry.shutdown(Duration::from_secs(30));
                });
            });
        });
        assert_eq!(telemetry.open_spans(), []);
    });
}

/// Writes an array whose elements panic, and catches that.
struct Broken;

impl AttributeValue for Broken {
    fn write(&self, writer: &mut ValueWriter<'_>) {
        let elements = (0..3).inspect(|element| assert!(*element < 2, "no such element"));
        let work = std::panic::AssertUnwindSafe(|| writer.ints(elements));
        assert!(std::panic::catch_unwind(work).is_err());
    }
}

#[test]
fn a_value_that_catches_its_own_panic_sets_nothing() {
    let recorded = recorded(|| {
        run(|| {
            read_file("a", || {
                current().set("app.count", &1);
                current().set("app.count", &Broken);
            });
        });
    });
    let read = recorded
        .spans
        .iter()
        .find(|span| span.name.contains("read_file"));
    assert_eq!(read.unwrap().attributes.int("app.count"), Some(1));
}

#[test]
fn threads_of_several_agents_do_not_meet() {
    const THREADS: usize = 4;
    let barrier = Barrier::new(THREADS);
    let recorded = recorded(|| {
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    run(|| {
                        barrier.wait();
                        for _ in 0..100 {
                            read_file("a", || read_file("b", || ()));
                        }
                    });
                });
            }
        });
    });
    for agent in recorded
        .spans
        .iter()
        .filter(|span| span.name.contains("coder"))
    {
        let of_agent = recorded
            .spans
            .iter()
            .filter(|span| span.trace_id == agent.trace_id);
        assert_eq!(of_agent.count(), 201);
    }
}
