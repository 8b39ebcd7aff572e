//! Runs of `coding_agent` as a user starts it.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    unreachable_pub
)]

mod support;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::TcpListener;

use genai_trace::{SpanId, SpanRecord, Status};

use support::{Folder, Run};

/// A small repository, with a file that is too large to be read at once.
fn repository() -> Folder {
    let folder = Folder::new();
    folder.write("Cargo.toml", "[workspace]\nmembers = [\"one\", \"two\"]\n");
    folder.write(
        "one/Cargo.toml",
        "[package]\nname = \"one\"\nversion = \"0.1.0\"\n",
    );
    folder.write("two/Cargo.toml", "[package]\nname = \"second\"\n");
    folder.write(
        "one/src/lib.rs",
        "// TODO: more\npub fn one() -> u8 { 1 }\n",
    );
    let mut large = String::from("//! Much.\n\npub struct Table;\n\nimpl Table {}\n");
    for number in 0..500 {
        large.push_str(&format!(
            "pub(crate) const fn number_{number}() -> u32 {{ {number} }}\n"
        ));
    }
    folder.write("two/src/lib.rs", large);
    folder.write("target/debug/junk.rs", "TODO TODO unsafe unwrap");
    folder.write(".git/config", "TODO");
    folder.write("README.md", "# Two crates\n\nTODO: unwrap the present\n");
    folder
}

fn tool(span: &SpanRecord) -> Option<&str> {
    let operation = span.attributes.str("gen_ai.operation.name");
    span.attributes
        .str("gen_ai.tool.name")
        .filter(|_| operation == Some("execute_tool"))
}

#[test]
fn a_default_run_has_a_failed_a_denied_and_two_parallel_calls() {
    let repository = repository();
    let run = Run::of("coding_agent", &[repository.path().to_str().unwrap()], &[]).assert_success();
    let spans = run.spans();

    let failed: Vec<_> = spans
        .iter()
        .filter(|s| tool(s).is_some() && s.status == Status::Error)
        .collect();
    assert!(!failed.is_empty());
    assert!(
        failed
            .iter()
            .all(|span| span.attributes.str("error.type") == Some("too_large"))
    );
    assert!(
        failed
            .iter()
            .all(|span| span.events.iter().any(|event| event.name == "exception"))
    );

    let denied: Vec<_> = spans
        .iter()
        .filter(|span| span.attributes.str("genai_trace.gate.decision") == Some("deny"))
        .collect();
    assert!(!denied.is_empty());
    for gate in denied {
        assert_eq!(gate.name, "gate allow_command");
        assert_eq!(gate.status, Status::Unset, "a denial is no error");
        assert!(
            gate.attributes
                .str("genai_trace.gate.reason")
                .unwrap()
                .contains("`sh`")
        );
        // What was denied did not run, and the second gate was not asked.
        let call = gate.attributes.str("gen_ai.tool.call.id").unwrap();
        let same = |s: &&SpanRecord| s.attributes.str("gen_ai.tool.call.id") == Some(call);
        assert_eq!(spans.iter().filter(same).count(), 1);
    }

    let mut siblings: HashMap<SpanId, usize> = HashMap::new();
    for span in spans.iter().filter(|span| tool(span).is_some()) {
        *siblings.entry(span.parent_span_id.unwrap()).or_default() += 1;
    }
    assert!(siblings.values().any(|calls| *calls >= 2));

    let answer = run.section("Answer");
    assert!(answer.contains("There are 6 files"), "{answer}");
    assert!(
        answer.contains("2 crates: one (one/Cargo.toml), second (two/Cargo.toml)."),
        "{answer}"
    );
    assert!(
        answer.contains("`TODO`: 2 occurrences on 2 lines in 2 files"),
        "{answer}"
    );
    assert!(answer.contains("two/src/lib.rs ("), "{answer}");
    assert!(answer.contains(", 505 lines). It defines 501 items: struct Table, fn number_0"));
}

#[test]
fn the_trace_is_one_tree_of_standard_spans() {
    let repository = repository();
    let run = Run::of("coding_agent", &[repository.path().to_str().unwrap()], &[]).assert_success();
    let spans = run.spans();
    let by_id: HashMap<SpanId, &SpanRecord> = spans.iter().map(|s| (s.span_id, s)).collect();
    assert_eq!(by_id.len(), spans.len());

    let roots: Vec<_> = spans
        .iter()
        .filter(|span| span.parent_span_id.is_none())
        .collect();
    assert_eq!(roots.len(), 1);
    assert_eq!(roots[0].name, "invoke_agent coder");
    for span in &spans {
        assert_eq!(span.trace_id, roots[0].trace_id);
        assert_eq!(span.resource.str("service.name"), Some("coding-agent"));
        let Some(parent) = span.parent_span_id else {
            continue;
        };
        let parent = by_id[&parent];
        assert!(
            span.start_unix_nano >= parent.start_unix_nano,
            "{}",
            span.name
        );
        assert!(span.end_unix_nano <= parent.end_unix_nano, "{}", span.name);
        let above = parent.name.split(' ').next().unwrap();
        match span.name.split(' ').next().unwrap() {
            "agent.turn" => assert_eq!(above, "invoke_agent"),
            "chat" | "gate" | "execute_tool" => assert_eq!(above, "agent.turn"),
            other => panic!("{other}"),
        }
    }

    let mut turns: Vec<_> = spans
        .iter()
        .filter(|span| span.name == "agent.turn")
        .collect();
    turns.sort_by_key(|turn| turn.start_unix_nano);
    let numbers: Vec<_> = turns
        .iter()
        .map(|turn| turn.attributes.int("agent.turn_number").unwrap())
        .collect();
    assert_eq!(numbers, (1..=turns.len() as i64).collect::<Vec<_>>());

    let chats: Vec<_> = spans
        .iter()
        .filter(|span| span.name == "chat planner-1")
        .collect();
    assert_eq!(chats.len(), turns.len());
    for chat in chats {
        let text = |key| chat.attributes.str(key);
        assert_eq!(text("gen_ai.provider.name"), Some("openai"));
        assert_eq!(text("gen_ai.request.model"), Some("planner-1"));
        assert_eq!(text("gen_ai.response.model"), Some("planner-1"));
        assert!(text("gen_ai.response.id").unwrap().starts_with("chatcmpl-"));
        assert!(chat.attributes.int("gen_ai.usage.input_tokens").unwrap() > 0);
        assert!(chat.attributes.int("gen_ai.usage.output_tokens").unwrap() > 0);
        assert!(
            chat.attributes
                .get("gen_ai.response.finish_reasons")
                .is_some()
        );
        assert_eq!(text("server.address"), Some("127.0.0.1"));
    }
}

#[test]
fn the_metrics_say_what_the_file_says() {
    let repository = repository();
    let run = Run::of("coding_agent", &[repository.path().to_str().unwrap()], &[]).assert_success();
    let spans = run.spans();
    let metrics = run.section("Metrics");
    let samples: BTreeMap<&str, f64> = metrics
        .lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| line.rsplit_once(' ').unwrap())
        .map(|(series, value)| (series, value.parse().unwrap()))
        .collect();

    let tools: BTreeSet<&str> = spans.iter().filter_map(tool).collect();
    assert_eq!(
        tools.into_iter().collect::<Vec<_>>(),
        ["list_files", "read_file", "run_command", "search"]
    );
    for name in ["list_files", "read_file", "run_command", "search"] {
        let milliseconds: Vec<f64> = spans
            .iter()
            .filter(|span| tool(span) == Some(name))
            .map(|span| (span.end_unix_nano - span.start_unix_nano) as f64 / 1e6)
            .collect();
        let count = milliseconds.len() as f64;
        assert_eq!(
            samples[format!("tools_called_total{{tool=\"{name}\"}}").as_str()],
            count
        );
        assert_eq!(
            samples[format!("tool_latency_ms_count{{tool=\"{name}\"}}").as_str()],
            count
        );
        let sum = samples[format!("tool_latency_ms_sum{{tool=\"{name}\"}}").as_str()];
        assert!((sum - milliseconds.iter().sum::<f64>()).abs() < 1e-6);
        for bound in [
            5.0, 10.0, 25.0, 50.0, 100.0, 250.0, 500.0, 1e3, 2.5e3, 5e3, 1e4,
        ] {
            let series = format!("tool_latency_ms_bucket{{tool=\"{name}\",le=\"{bound}\"}}");
            let within = milliseconds.iter().filter(|ms| **ms <= bound).count();
            assert_eq!(samples[series.as_str()], within as f64, "{series}");
        }
        let series = format!("tool_latency_ms_bucket{{tool=\"{name}\",le=\"+Inf\"}}");
        assert_eq!(samples[series.as_str()], count);
    }

    let tokens = |key: &str| {
        spans
            .iter()
            .filter_map(|s| s.attributes.int(key))
            .sum::<i64>() as f64
    };
    let counted = |family: &str| {
        let of_family = samples
            .iter()
            .filter(|(series, _)| series.starts_with(family));
        of_family.map(|(_, value)| value).sum::<f64>()
    };
    for direction in ["input", "output"] {
        assert_eq!(
            counted(&format!(
                "gen_ai_client_inference_usage_{direction}_tokens_total"
            )),
            tokens(&format!("gen_ai.usage.{direction}_tokens")),
        );
    }
}

#[test]
fn three_spans_of_the_file_are_shown_and_a_second_run_appends() {
    let repository = repository();
    let folder = Folder::new();
    let file = folder.path().join("named.jsonl");
    let lines = || std::fs::read_to_string(&file).unwrap();
    for runs in 1..=2 {
        let environment = [("GENAI_TRACE_FILE", file.to_str().unwrap())];
        let arguments = [repository.path().to_str().unwrap()];
        let run = Run::of("coding_agent", &arguments, &environment).assert_success();
        let shown = run.section("Three spans");
        let shown: Vec<_> = shown.lines().filter(|line| !line.is_empty()).collect();
        assert_eq!(shown.len(), 3);
        assert!(
            shown
                .iter()
                .all(|line| lines().lines().any(|written| written == *line))
        );
        let roots = lines()
            .lines()
            .filter(|line| line.contains("invoke_agent coder\""))
            .count();
        assert_eq!(roots, runs);
    }
}

#[test]
fn the_agents_own_trace_is_not_counted() {
    let folder = Folder::new();
    folder.write("a.txt", "TODO\n");
    let trace = folder.path().join("traces.jsonl");
    let environment = [("GENAI_TRACE_FILE", trace.to_str().unwrap())];
    for _ in 0..2 {
        let run = Run::of(
            "coding_agent",
            &[folder.path().to_str().unwrap()],
            &environment,
        );
        assert!(
            run.assert_success()
                .section("Answer")
                .contains("There is 1 file of 5 bytes")
        );
    }
}

#[test]
fn without_telemetry_the_agent_answers_all_the_same() {
    let repository = repository();
    let arguments = [repository.path().to_str().unwrap()];
    let disabled = [("OTEL_SDK_DISABLED", "true")];
    let with = Run::of("coding_agent", &arguments, &[]).assert_success();
    let without = Run::of("coding_agent", &arguments, &disabled).assert_success();
    assert_eq!(with.section("Answer"), without.section("Answer"));
    assert!(!without.folder.path().join("traces.jsonl").exists());
}

#[test]
fn wrong_arguments_are_refused_with_the_usage() {
    let cases: [(&[&str], &str); 6] = [
        (&["no/such/folder"], "`no/such/folder` is not a folder"),
        (&["--frobnicate"], "unknown option `--frobnicate`"),
        (&["--ask"], "`--ask` needs a value"),
        (&["--ask", " "], "`--ask` needs a value"),
        (&["--model", "a", "--model", "b"], "`--model`: given twice"),
        (&[".", "."], "`.`: given twice"),
    ];
    for (args, message) in cases {
        let run = Run::of("coding_agent", args, &[]);
        assert_eq!(run.output.status.code(), Some(2), "{args:?}");
        assert!(
            run.stderr()
                .starts_with(&format!("coding_agent: {message}\n\nusage:")),
            "{args:?}"
        );
        assert!(!run.folder.path().join("traces.jsonl").exists());
    }
}

#[test]
fn help_is_no_error() {
    let run = Run::of("coding_agent", &["--help"], &[]).assert_success();
    assert!(run.stdout().starts_with("usage: coding_agent [DIR]"));
}

#[test]
fn a_url_that_cannot_be_used_is_named() {
    for (url, part) in [
        ("https://api.openai.com/v1", "proxy that adds TLS"),
        ("localhost:8080", "`localhost:8080`, which is no URL"),
        ("http://:80/v1", "which is no URL"),
        ("http://host:port/v1", "which is no URL"),
    ] {
        let run = Run::of("coding_agent", &["."], &[("OPENAI_BASE_URL", url)]);
        assert_eq!(run.output.status.code(), Some(1), "{url}");
        assert!(run.stderr().contains(part), "{url}: {}", run.stderr());
        assert!(!run.folder.path().join("traces.jsonl").exists());
    }
}

#[test]
fn a_model_that_is_away_fails_the_run_but_not_the_trace() {
    // A port that was free a moment ago.
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let url = format!("http://127.0.0.1:{port}/v1");
    let run = Run::of(
        "coding_agent",
        &[".", "--model", "m"],
        &[("OPENAI_BASE_URL", &url)],
    );
    assert_eq!(run.output.status.code(), Some(1));
    assert!(
        run.stderr().contains("the model cannot be reached"),
        "{}",
        run.stderr()
    );
    let spans = run.spans();
    let names: Vec<_> = spans.iter().map(|span| span.name.as_str()).collect();
    assert_eq!(names, ["chat m", "agent.turn", "invoke_agent coder"]);
    for span in spans {
        assert_eq!(span.status, Status::Error);
        assert_eq!(span.attributes.str("error.type"), Some("ConnectionRefused"));
    }
}
