//! What model calls cost: on their spans, in the metrics, as a reason to keep a trace.

use std::time::Duration;

use genai_trace::prices::Prices;
use genai_trace::{
    Builder, Measures, MemoryExporter, Operation, Sampler, SpanRecord, TailSampling, Telemetry,
    Value, Views, genai_agent, genai_chat, record, record_measures, span,
};
use genai_trace_tests::turn;

use crate::folder::Folder;

const TABLE: &str = r#"{"prices": [
    {"provider": "ollama", "free": true},
    {"provider": "acme", "model": "large*", "input": 3, "cache_read": 0.3, "cache_write": 3.75,
     "cache_write_1h": 6, "output": 15},
    {"provider": "acme", "model": "embed", "input": 0.1}
]}"#;

struct Costs {
    spans: Vec<SpanRecord>,
    metrics: String,
}

/// The prices of the table above.
fn prices() -> Prices {
    let folder = Folder::new("costs");
    let file = folder.path().join("prices.json");
    std::fs::write(&file, TABLE).unwrap();
    Prices::from_file(file).unwrap()
}

fn recorded(build: impl FnOnce(Builder) -> Builder, work: impl FnOnce()) -> Costs {
    let _turn = turn();
    let memory = MemoryExporter::with_capacity(usize::MAX);
    let builder = Telemetry::builder()
        .memory(&memory)
        .views([Views::Default, Views::Agent])
        .prices(prices());
    let telemetry = build(builder).install().unwrap();
    work();
    let report = telemetry.shutdown(Duration::from_secs(60));
    assert!(!report.has_losses(), "{report}");
    Costs {
        spans: memory.spans(),
        metrics: telemetry.metrics_text(),
    }
}

impl Costs {
    /// Status and cost on the span called `name`.
    fn on(&self, name: &str) -> (Option<&str>, Option<f64>) {
        let span = self.spans.iter().find(|span| span.name == name).unwrap();
        let usd = match span.attributes.get("llm.cost.usd") {
            Some(Value::Float(usd)) => Some(*usd),
            None => None,
            other => panic!("{other:?}"),
        };
        (span.attributes.str("genai_trace.cost.status"), usd)
    }

    /// The metric lines that begin with `name`.
    fn lines(&self, name: &str) -> Vec<&str> {
        let lines = self.metrics.lines();
        lines.filter(|line| line.starts_with(name)).collect()
    }
}

#[genai_chat(unchecked provider = "acme", model = model)]
fn chat(model: &str, input: i64, output: i64) {
    record!(
        gen_ai.usage.input_tokens = input,
        gen_ai.usage.output_tokens = output
    );
}

#[genai_agent("coder")]
fn run(calls: &[(&str, i64, i64)]) {
    for (model, input, output) in calls {
        chat(model, *input, *output);
    }
}

#[test]
fn a_model_call_says_what_it_cost_where_that_is_asked() {
    let costs = recorded(
        |builder| builder.cost_on_spans(true),
        || {
            run(&[("large", 1_000, 333), ("small", 10, 10)]);
            let local = span("qwen3").operation(Operation::Chat);
            local
                .attr("gen_ai.provider.name", "ollama")
                .attr("gen_ai.usage.input_tokens", &5)
                .run(|| {});
            let silent = span("large-2").operation(Operation::Chat);
            silent.attr("gen_ai.provider.name", "acme").run(|| {});
        },
    );
    assert_eq!(costs.on("chat large"), (Some("priced"), Some(0.007_995)));
    assert_eq!(costs.on("chat small"), (Some("unknown"), None));
    assert_eq!(costs.on("chat qwen3"), (Some("free"), Some(0.0)));
    assert_eq!(costs.on("chat large-2"), (Some("unknown"), None));
    assert_eq!(costs.on("invoke_agent coder"), (None, None));
}

#[test]
fn spans_do_not_say_what_they_cost_unless_asked() {
    let costs = recorded(|builder| builder, || run(&[("large", 1_000, 1_000)]));
    assert_eq!(costs.on("chat large"), (None, None));
    assert_eq!(
        costs.lines("genai_trace_cost_usd_total"),
        [r#"genai_trace_cost_usd_total{model="large",provider="acme"} 0.018"#]
    );
}

#[test]
fn metrics_add_costs_up_exactly_and_count_what_nobody_knows() {
    let costs = recorded(
        // Metrics see what samplers leave out.
        |builder| builder.sampler(Sampler::always_off()),
        || {
            for _ in 0..1_000 {
                run(&[("large", 1, 0), ("small", 1, 1)]);
            }
            let embeddings = span("embed").operation(Operation::Embeddings);
            embeddings
                .attr("gen_ai.provider.name", "acme")
                .attr("gen_ai.usage.input_tokens", &7)
                .run(|| {});
        },
    );
    assert_eq!(
        costs.lines("genai_trace_cost_usd_total"),
        [
            r#"genai_trace_cost_usd_total{model="embed",provider="acme"} 0.0000007"#,
            r#"genai_trace_cost_usd_total{model="large",provider="acme"} 0.003"#,
        ]
    );
    assert_eq!(
        costs.lines("agent_tokens_cost_total"),
        [
            r#"agent_tokens_cost_total{agent="coder",model="large"} 0.003"#,
            r#"agent_tokens_cost_total{model="embed"} 0.0000007"#,
        ]
    );
    let unpriced = costs.lines("genai_trace_unpriced_calls_total");
    // With the feature `prices` the data know of no provider of that name.
    let reason =
        r#"genai_trace_unpriced_calls_total{model="small",provider="acme",reason="unknown_"#;
    assert_eq!(unpriced.len(), 1, "{unpriced:?}");
    assert!(
        unpriced[0].starts_with(reason) && unpriced[0].ends_with(" 1000"),
        "{unpriced:?}"
    );
}

/// As `genai-trace cost` has it.
#[test]
fn a_call_that_failed_before_anything_was_used_is_not_of_unknown_cost() {
    let call = |name| {
        let call = span(name).operation(Operation::Chat);
        call.attr("gen_ai.provider.name", "acme")
    };
    let fail = || Err::<(), _>(std::io::Error::from(std::io::ErrorKind::TimedOut));
    let costs = recorded(
        |builder| builder.cost_on_spans(true),
        || {
            call("large-late").try_run(fail).unwrap_err();
            // One that failed behind its answer has cost something.
            let answered = call("large-cut").attr("gen_ai.usage.input_tokens", &1_000);
            answered.try_run(fail).unwrap_err();
            // And of one that went well somebody should have said what it used.
            call("large-silent").run(|| {});
            record_measures(Measures::new("acme", "large-late").error("timeout"));
        },
    );
    assert_eq!(costs.on("chat large-late"), (None, None));
    assert_eq!(costs.on("chat large-cut"), (Some("priced"), Some(0.003)));
    assert_eq!(costs.on("chat large-silent"), (Some("unknown"), None));
    assert_eq!(
        costs.lines("genai_trace_cost_usd_total"),
        [r#"genai_trace_cost_usd_total{model="large-cut",provider="acme"} 0.003"#]
    );
    assert_eq!(
        costs.lines("genai_trace_unpriced_calls_total"),
        [
            r#"genai_trace_unpriced_calls_total{model="large-silent",provider="acme",reason="no_usage"} 1"#
        ]
    );
}

#[test]
fn an_hour_in_the_cache_is_priced_from_the_span() {
    let costs = recorded(
        |builder| builder.cost_on_spans(true),
        || {
            span("large")
                .operation(Operation::Chat)
                .attr("gen_ai.provider.name", "acme")
                .attr("gen_ai.usage.input_tokens", &1_000_000)
                .attr("gen_ai.usage.cache_write.input_tokens", &1_000_000)
                .attr("genai_trace.usage.cache_write_1h.input_tokens", &400_000)
                .run(|| {});
        },
    );
    assert_eq!(costs.on("chat large"), (Some("priced"), Some(4.65)));
}

#[test]
fn a_run_without_spans_costs_what_its_tokens_cost() {
    let costs = recorded(
        |builder| builder,
        || {
            record_measures(
                Measures::new("acme", "large")
                    .agent("batch")
                    .input_tokens(1_000)
                    .output_tokens(1_000),
            );
        },
    );
    assert_eq!(
        costs.lines("agent_tokens_cost_total"),
        [r#"agent_tokens_cost_total{agent="batch",model="large"} 0.018"#]
    );
}

#[test]
fn a_trace_is_kept_whole_for_what_its_calls_cost_together() {
    let rules = TailSampling::new().keep_costlier_than(0.05);
    let costs = recorded(
        |builder| builder.tail_sampling(rules),
        || {
            run(&[("large", 1_000, 1_000), ("small", 900_000, 1)]);
            // Each 0.018: the third is one too many.
            run(&[("large", 1_000, 1_000); 3]);
        },
    );
    assert_eq!(costs.spans.len(), 4);
    let kept = &costs.spans[0].trace_id;
    assert!(costs.spans.iter().all(|span| span.trace_id == *kept));
    assert!(costs.spans.iter().all(|span| span.name != "chat small"));
}

#[test]
fn a_trace_that_costs_just_as_much_is_not_costlier() {
    let rules = TailSampling::new().keep_costlier_than(0.018);
    let costs = recorded(
        |builder| builder.tail_sampling(rules),
        || run(&[("large", 1_000, 1_000)]),
    );
    assert_eq!(costs.spans.len(), 0);
}

#[test]
fn a_table_that_means_nothing_is_an_error_with_its_place() {
    let folder = Folder::new("bad-prices");
    let file = folder.join("prices.json");
    std::fs::write(&file, r#"{"prices": [{"model": "m", "input": "3"}]}"#).unwrap();
    let error = Prices::from_file(&file).unwrap_err().to_string();
    let expected = "have prices[0].input = \"3\": expected us dollars, a number from 0 to 1000000";
    assert!(error.ends_with(expected), "{error}");
}
