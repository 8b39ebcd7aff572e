//! The limits of a span: what is left out, what never is, and where it is counted.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use genai_trace::testing::capture;
use genai_trace::{
    Attributes, Dropped, Operation, SpanLimits, SpanRecord, current, genai_agent, genai_chat,
    genai_gate, genai_span, genai_tool, record, span,
};
use genai_trace_tests::{Recorded, recorded, recorded_within};

/// Records what `work` does within limits.
fn within(limits: SpanLimits, work: impl FnOnce()) -> Recorded {
    recorded_within(limits, |_| work())
}

fn keys(attributes: &Attributes) -> Vec<&str> {
    attributes.iter().map(|(key, _)| key).collect()
}

fn exceeded(recorded: &Recorded, limit: &str) -> Option<f64> {
    recorded.metric(&format!(
        "genai_trace_limits_exceeded_total{{limit=\"{limit}\"}}"
    ))
}

fn set_many(many: usize) {
    for number in 0..many {
        current().set(&format!("app.{number}"), &number);
    }
}

#[genai_agent("coder")]
fn code(work: impl FnOnce()) {
    work();
}

#[rustfmt::skip]
#[genai_tool("long", fields(
    "a.0" = 1, "a.1" = 1, "a.2" = 1, "a.3" = 1, "a.4" = 1, "a.5" = 1, "a.6" = 1, "a.7" =
    1, "a.8" = 1, "a.9" = 1, "a.10" = 1, "a.11" = 1, "a.12" = 1, "a.13" = 1, "a.14" = 1,
    "a.15" = 1, "a.16" = 1, "a.17" = 1, "a.18" = 1, "a.19" = 1, "a.20" = 1, "a.21" = 1,
    "a.22" = 1, "a.23" = 1, "a.24" = 1, "a.25" = 1, "a.26" = 1, "a.27" = 1, "a.28" = 1,
    "a.29" = 1, "a.30" = 1, "a.31" = 1, "a.32" = 1, "a.33" = 1, "a.34" = 1, "a.35" = 1,
    "a.36" = 1, "a.37" = 1, "a.38" = 1, "a.39" = 1, "a.40" = 1, "a.41" = 1, "a.42" = 1,
    "a.43" = 1, "a.44" = 1, "a.45" = 1, "a.46" = 1, "a.47" = 1, "a.48" = 1, "a.49" = 1,
    "a.50" = 1, "a.51" = 1, "a.52" = 1, "a.53" = 1, "a.54" = 1, "a.55" = 1, "a.56" = 1,
    "a.57" = 1, "a.58" = 1, "a.59" = 1, "a.60" = 1, "a.61" = 1, "a.62" = 1, "a.63" = 1,
    "a.64" = 1, "a.65" = 1, "a.66" = 1, "a.67" = 1, "a.68" = 1, "a.69" = 1, "a.70" = 1,
    "a.71" = 1, "a.72" = 1, "a.73" = 1, "a.74" = 1, "a.75" = 1, "a.76" = 1, "a.77" = 1,
    "a.78" = 1, "a.79" = 1, "a.80" = 1, "a.81" = 1, "a.82" = 1, "a.83" = 1, "a.84" = 1,
    "a.85" = 1, "a.86" = 1, "a.87" = 1, "a.88" = 1, "a.89" = 1, "a.90" = 1, "a.91" = 1,
    "a.92" = 1, "a.93" = 1, "a.94" = 1, "a.95" = 1, "a.96" = 1, "a.97" = 1, "a.98" = 1,
    "a.99" = 1, "a.100" = 1, "a.101" = 1, "a.102" = 1, "a.103" = 1, "a.104" = 1, "a.105" =
    1, "a.106" = 1, "a.107" = 1, "a.108" = 1, "a.109" = 1, "a.110" = 1, "a.111" = 1,
    "a.112" = 1, "a.113" = 1, "a.114" = 1, "a.115" = 1, "a.116" = 1, "a.117" = 1, "a.118"
    = 1, "a.119" = 1, "a.120" = 1, "a.121" = 1, "a.122" = 1, "a.123" = 1, "a.124" = 1,
    "b.0" = text, "b.1" = number, "b.2" = text, "b.3" = number,
))]
fn long(text: &str, number: i64) {}

#[test]
fn beside_a_long_source_what_is_said_at_run_time_stays_within_the_limit() {
    // What the span is called and of which type the tool is count as well.
    let long_ones = recorded(|| {
        long("root", 1);
        code(|| long("short way", 1));
        code(|| span("step").run(|| long("asked", 1)));
    });
    let spans = long_ones.spans.iter();
    let spans: Vec<_> = spans.filter(|span| span.name.ends_with("long")).collect();
    assert_eq!(spans.len(), 3);
    for span in spans {
        assert_eq!(
            span.attributes.get("b.0"),
            None,
            "{:?}",
            keys(&span.attributes)
        );
        assert_eq!(span.dropped.unwrap().attributes, 4);
    }
}

#[test]
fn without_limits_of_its_own_a_span_has_128_of_each() {
    let recorded = recorded(|| {
        span("step").run(|| {
            set_many(130);
            current().event("e", |event| {
                for number in 0..131 {
                    event.set(&format!("app.{number}"), &number);
                }
            });
            for _ in 0..131 {
                current().event("e", |_| {});
                current().link(&current().context().unwrap());
            }
        });
    });
    let step = recorded.span("step");
    assert_eq!(
        (step.attributes.len(), step.events.len(), step.links.len()),
        (128, 128, 128)
    );
    assert_eq!(step.events[0].attributes.len(), 128);
    let dropped = step.dropped.unwrap();
    assert_eq!(
        (dropped.attributes, dropped.events, dropped.links),
        (2 + 3, 4, 3)
    );
}

#[test]
fn what_is_beyond_each_limit_is_left_out_and_counted() {
    let limits = SpanLimits::default()
        .attribute_count(3)
        .event_count(2)
        .link_count(1)
        .attribute_per_event_count(1);
    let recorded = within(limits, || {
        span("step").run(|| {
            set_many(10);
            for _ in 0..5 {
                current().event("e", |event| {
                    event.set("app.a", &1).set("app.b", &2).set("app.a", &3);
                });
                current().link(&current().context().unwrap());
            }
        });
    });
    let step = recorded.span("step");
    assert_eq!(keys(&step.attributes), ["app.0", "app.1", "app.2"]);
    assert_eq!(
        serde_json::to_string(&step.events[1].attributes).unwrap(),
        r#"{"app.a":3}"#,
        "what is set again stays one"
    );
    assert_eq!((step.events.len(), step.links.len()), (2, 1));
    assert_eq!(
        step.dropped,
        Some(Dropped {
            attributes: 7 + 2,
            events: 3,
            links: 4,
            truncated: 0,
        })
    );
    for (limit, count) in [
        ("attributes", 9.0),
        ("events", 3.0),
        ("links", 4.0),
        ("value_length", 0.0),
    ] {
        assert_eq!(exceeded(&recorded, limit), Some(count), "{limit}");
    }
}

#[test]
fn attributes_of_the_source_count_toward_the_limit() {
    #[genai_tool("read_file", fields("app.fixed" = 1, "app.given" = given))]
    fn read_file(given: u64) {
        record!(app.late = given);
        record!(app.fixed = 2);
    }
    // The operation's name, the tool's name and type, and one more.
    let recorded = within(SpanLimits::default().attribute_count(4), || read_file(7));
    let tool = recorded.span("execute_tool read_file");
    assert_eq!(tool.attributes.len(), 4, "{:?}", tool.attributes);
    assert_eq!(tool.attributes.int("app.fixed"), Some(2));
    assert_eq!(tool.dropped.unwrap().attributes, 2);
}

#[test]
fn a_source_that_says_more_than_the_limit_is_cut_at_its_end() {
    #[genai_tool("t", fields("app.a" = 1, "app.b" = 2, "app.c" = 3))]
    fn tool() {}
    let recorded = within(SpanLimits::default().attribute_count(4), tool);
    let tool = recorded.span("execute_tool t");
    assert_eq!(tool.attributes.len(), 4, "{:?}", tool.attributes);
    assert_eq!(tool.attributes.get("app.c"), None);
    assert_eq!(tool.dropped.unwrap().attributes, 2);
    assert_eq!(exceeded(&recorded, "attributes"), Some(2.0));
}

#[test]
fn texts_of_the_source_that_are_cut_count_toward_the_limit() {
    #[genai_span(
        "work",
        fields(
            "app.a" = 1,
            "app.b" = "bbbbbb",
            "app.c" = "cc",
            "app.d" = "dddddd",
            "app.e" = "eeeeee",
            "app.f" = 6
        )
    )]
    fn work() {}
    let limits = SpanLimits::default().attribute_value_length(4);
    for (most, json, left_out, cut) in [
        (0, "{}", 6, 0),
        (1, r#"{"app.a":1}"#, 5, 0),
        (2, r#"{"app.a":1,"app.b":"bbbb"}"#, 4, 1),
        (
            4,
            r#"{"app.a":1,"app.b":"bbbb","app.c":"cc","app.d":"dddd"}"#,
            2,
            2,
        ),
        (
            6,
            r#"{"app.a":1,"app.b":"bbbb","app.c":"cc","app.d":"dddd","app.e":"eeee","app.f":6}"#,
            0,
            3,
        ),
    ] {
        let recorded = within(limits.attribute_count(most), work);
        let work = recorded.span("work");
        assert_eq!(serde_json::to_string(&work.attributes).unwrap(), json);
        let dropped = work.dropped.unwrap();
        assert_eq!((dropped.attributes, dropped.truncated), (left_out, cut));
    }
}

#[test]
fn no_attribute_fits_where_none_is_allowed() {
    let recorded = within(
        SpanLimits::default()
            .attribute_count(0)
            .event_count(0)
            .link_count(0)
            .attribute_value_length(0),
        || {
            span("step").attr("app.a", &1).run(|| {
                current().event("e", |_| {});
                current().link(&current().context().unwrap());
            });
        },
    );
    let step = recorded.span("step");
    assert!(step.attributes.is_empty() && step.events.is_empty() && step.links.is_empty());
    let dropped = step.dropped.unwrap();
    assert_eq!(
        (dropped.attributes, dropped.events, dropped.links),
        (1, 1, 1)
    );
}

#[test]
fn values_are_cut_at_characters_each_text_of_an_array_by_itself() {
    let recorded = within(SpanLimits::default().attribute_value_length(3), || {
        span("a name that is long")
            .attr("app.text", "äöüß")
            .attr("app.fits", "äöü")
            .attr("app.array", &["abcd", "ab", "xyzä"])
            .attr("app.number", &123_456)
            .run(|| {
                current().event("an event", |event| {
                    event.set("app.text", "漢字漢字");
                });
            });
    });
    let step = recorded.span("a name that is long");
    assert_eq!(
        serde_json::to_string(&step.attributes).unwrap(),
        r#"{"app.text":"äöü","app.fits":"äöü","app.array":["abc","ab","xyz"],"app.number":123456}"#
    );
    assert_eq!(step.events[0].name, "an event");
    assert_eq!(step.events[0].attributes.str("app.text"), Some("漢字漢"));
    assert_eq!(step.dropped.unwrap().truncated, 3);
    assert_eq!(exceeded(&recorded, "value_length"), Some(3.0));
}

#[test]
fn texts_of_the_source_are_cut_as_well() {
    #[genai_tool("search_the_web", fields("app.fixed" = "a long text"))]
    fn tool() {}
    let recorded = within(SpanLimits::default().attribute_value_length(4), tool);
    let tool = recorded.span("execute_tool search_the_web");
    assert_eq!(tool.attributes.str("app.fixed"), Some("a lo"));
    assert_eq!(tool.attributes.str("gen_ai.tool.type"), Some("func"));
    assert_eq!(
        tool.attributes.str("gen_ai.tool.name"),
        Some("search_the_web"),
        "the subject is whole"
    );
    assert_eq!(tool.dropped.unwrap().truncated, 2);
}

#[test]
fn what_the_runtime_itself_has_to_say_is_never_cut() {
    #[genai_tool(name = name)]
    fn fails(name: &str) -> Result<(), std::io::Error> {
        Err(std::io::Error::new(
            std::io::ErrorKind::NotFound,
            "no such file",
        ))
    }
    #[genai_gate("allow")]
    fn denies() -> bool {
        false
    }
    let limits = SpanLimits::default()
        .attribute_count(0)
        .event_count(0)
        .attribute_per_event_count(0)
        .attribute_value_length(2);
    let recorded = within(limits, || {
        let _ = fails("read_file");
        denies();
        span("named").run(|| record!(error.type = "timeout"));
        drop(Box::pin(span("dropped").wrap(async {})));
    });
    let tool = recorded.span("execute_tool read_file");
    assert_eq!(tool.attributes.str("error.type"), Some("NotFound"));
    assert_eq!(tool.attributes.str("gen_ai.tool.name"), Some("read_file"));
    assert_eq!(tool.status_message, "no such file");
    assert_eq!(
        serde_json::to_string(&tool.events[0].attributes).unwrap(),
        r#"{"exception.type":"std::io::Error","exception.message":"no"}"#,
        "the program's own words are cut, the event stays"
    );
    let gate = recorded.span("gate allow");
    assert_eq!(
        gate.attributes.str("genai_trace.gate.decision"),
        Some("deny")
    );
    assert!(
        recorded
            .span("named")
            .attributes
            .str("error.type")
            .is_some()
    );
    assert_eq!(
        recorded
            .span("dropped")
            .attributes
            .str("genai_trace.outcome"),
        Some("never_polled")
    );
}

#[test]
fn metrics_count_tokens_that_the_span_has_no_room_for() {
    #[genai_chat(provider = "openai", model = "gpt-4o")]
    fn chat() {
        set_many(5);
        record!(
            gen_ai.usage.input_tokens = 30,
            gen_ai.usage.output_tokens = 12
        );
    }
    let plenty = recorded(chat);
    let short = within(SpanLimits::default().attribute_count(4), chat);
    let tokens = |recorded: &Recorded| -> Vec<String> {
        let lines = recorded.metrics.lines();
        let usage = lines.filter(|line| line.contains("token") && !line.starts_with('#'));
        usage.map(str::to_owned).collect()
    };
    assert_eq!(
        short
            .span("chat gpt-4o")
            .attributes
            .get("gen_ai.usage.input_tokens"),
        None
    );
    assert!(!tokens(&plenty).is_empty());
    assert_eq!(tokens(&short), tokens(&plenty));
}

#[test]
fn limits_end_with_their_telemetry() {
    within(SpanLimits::default().attribute_count(1), || {});
    let recorded = recorded(|| span("step").run(|| set_many(10)));
    assert_eq!(recorded.span("step").attributes.len(), 10);
}

#[test]
fn a_test_that_captures_sees_the_defaults() {
    let recorded = within(SpanLimits::default().attribute_count(1), || {
        let ((), captured) = capture(|| span("step").run(|| set_many(10)));
        assert_eq!(captured.spans()[0].attributes.len(), 10);
        // The test is over, and the program's own limits hold again.
        drop(captured);
        span("after").run(|| set_many(10));
    });
    assert_eq!(recorded.span("after").attributes.len(), 1);
}

#[test]
fn limits_hold_for_what_another_thread_records() {
    let recorded = within(SpanLimits::default().attribute_count(3), || {
        span("step").run(|| {
            let here = current();
            std::thread::spawn(move || {
                for number in 0..10 {
                    here.set(&format!("app.{number}"), &number);
                }
            })
            .join()
            .unwrap();
        });
    });
    let step = recorded.span("step");
    assert_eq!(step.attributes.len(), 3);
    assert_eq!(step.dropped.unwrap().attributes, 7);
}

#[test]
fn limits_above_the_defaults_are_taken() {
    let limits = SpanLimits::default()
        .attribute_count(1_000)
        .event_count(70_000)
        .link_count(u32::MAX);
    let recorded = within(limits, || {
        span("step").run(|| {
            set_many(900);
            for _ in 0..66_000 {
                current().link(&current().context().unwrap());
            }
        });
        // An event takes 18 bytes, and a span has 1 MiB.
        span("eventful")
            .operation(Operation::Step)
            .run(|| (0..66_000).for_each(|_| current().event("e", |_| {})));
    });
    let step = recorded.span("step");
    assert_eq!(step.attributes.len(), 900);
    let eventful = recorded.span("eventful");
    let dropped = eventful.dropped.unwrap().events as usize;
    assert_eq!(eventful.events.len() + dropped, 66_000);
    assert!(eventful.events.len() > 50_000, "{dropped} dropped");
    assert!(step.links.len() > 20_000, "{:?}", step.dropped);
}

/// A program under these variables, in a folder of its own: what it printed, and its spans.
fn run(name: &str, variables: &[(&str, &str)]) -> (Output, Vec<SpanRecord>) {
    let folder = std::env::temp_dir().join(format!("genai-trace-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let file: PathBuf = folder.join("traces.jsonl");
    let output = Command::new(env!("CARGO_BIN_EXE_program"))
        .env_clear()
        .env("GENAI_TRACE_FILE", &file)
        .envs(variables.iter().copied())
        .arg("2")
        .output()
        .unwrap();
    let lines = fs::read_to_string(&file).unwrap_or_default();
    fs::remove_dir_all(folder).unwrap();
    let spans = lines
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    (output, spans)
}

#[test]
fn the_variables_limit_what_a_program_writes() {
    let (_, spans) = run("limits", &[("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "3")]);
    assert_eq!(spans.len(), 2);
    for span in spans {
        assert_eq!(
            keys(&span.attributes),
            [
                "gen_ai.operation.name",
                "gen_ai.tool.name",
                "gen_ai.tool.type"
            ]
        );
        assert_eq!(span.dropped.unwrap().attributes, 1);
    }
    let (_, spans) = run(
        "limits-general",
        &[
            ("OTEL_ATTRIBUTE_COUNT_LIMIT", "3"),
            ("OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT", "4"),
        ],
    );
    assert_eq!(spans[0].dropped, None, "the span's own variable goes first");
}

#[test]
fn a_variable_that_means_nothing_is_named() {
    let (output, _) = run("limits-bad", &[("OTEL_SPAN_EVENT_COUNT_LIMIT", "lots")]);
    assert_eq!(
        String::from_utf8(output.stderr).unwrap(),
        "no telemetry: OTEL_SPAN_EVENT_COUNT_LIMIT is \"lots\": expected an integer from 0 to 2147483647\n"
    );
    assert_eq!(output.status.code(), Some(3));
}
