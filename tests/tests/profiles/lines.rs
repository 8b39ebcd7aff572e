//! What profiles that change the shape of a span's JSON leave in files and on the console.

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};

use genai_trace::content::{ContentMode, Redaction};
use genai_trace::{
    Builder, ConsoleExporter, MemoryExporter, Profile, SpanReader, Telemetry, genai_agent,
    genai_chat, genai_tool, record,
};
use genai_trace_tests::turn;
use serde_json::{Value, json};

#[genai_tool("weather", args, ret)]
fn weather(location: &str) -> Result<String, io::Error> {
    match location {
        "Atlantis" => Err(io::Error::other("not found")),
        _ => Ok("8.8°C, overcast".to_owned()),
    }
}

#[genai_chat(provider = "openai", model = "gpt-4o-mini")]
fn chat() {
    record!(
        gen_ai.usage.input_tokens = 800,
        gen_ai.usage.output_tokens = 47
    );
}

#[genai_agent("rag")]
fn agent() {
    chat();
    let _ = weather("Prestatyn");
    let _ = weather("Atlantis");
}

#[derive(Clone, Default)]
struct Screen(Arc<Mutex<Vec<u8>>>);

impl Screen {
    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Screen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Runs the agent with content on, and a builder that `say` has told where it goes.
fn run(say: impl FnOnce(Builder) -> Builder) {
    let _turn = turn();
    let builder = Telemetry::builder()
        .service_name("rag")
        .content(ContentMode::SpanOnly)
        .redaction(Redaction::None);
    let telemetry = say(builder).install().unwrap();
    agent();
    let report = telemetry.shutdown(std::time::Duration::from_secs(10));
    assert!(!report.has_losses(), "{report}");
}

/// The lines of a file to which the agent's run went so.
fn lines(profile: Profile) -> Vec<String> {
    static FILES: AtomicU32 = AtomicU32::new(0);
    let file = FILES.fetch_add(1, Ordering::Relaxed);
    let name = format!("genai-trace-lines-{}-{file}.jsonl", std::process::id());
    let path = std::env::temp_dir().join(name);
    run(|it| it.jsonl(&path).profile("jsonl", profile));
    let text = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn printed(profile: Profile) -> String {
    let screen = Screen::default();
    run(|it| {
        it.exporter(ConsoleExporter::to(screen.clone()))
            .profile("console", profile)
    });
    screen.text()
}

/// The keys of an object in a text, in order, with those of the objects in it.
fn keys(text: &str) -> Vec<String> {
    let mut keys = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('"') {
        rest = &rest[start + 1..];
        let mut end = 0;
        let bytes = rest.as_bytes();
        while bytes[end] != b'"' {
            end += if bytes[end] == b'\\' { 2 } else { 1 };
        }
        let (said, behind) = rest.split_at(end);
        rest = &behind[1..];
        if rest.trim_start().starts_with(':') {
            keys.push(said.to_owned());
        }
    }
    keys
}

/// The keys of the outermost object, in order.
fn outer_keys(line: &str) -> Vec<String> {
    let object: serde_json::Map<String, Value> = serde_json::from_str(line).unwrap();
    let mut outer = Vec::new();
    let mut depth = 0;
    let mut rest = line;
    // An outer key stands at depth 1, and its value is skipped by its own length.
    while let Some(at) = rest.find(['{', ',']) {
        depth += 1;
        rest = &rest[at + 1..];
        let (key, behind) = rest[1..].split_once('"').unwrap();
        outer.push(key.to_owned());
        let mut values = serde_json::Deserializer::from_str(&behind[1..]).into_iter::<Value>();
        values.next().unwrap().unwrap();
        rest = &behind[1 + values.byte_offset()..];
    }
    assert_eq!(depth, object.len());
    outer
}

fn parsed(lines: &[String]) -> Vec<Value> {
    lines
        .iter()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn named<'a>(spans: &'a [Value], name: &str) -> &'a Value {
    let found = spans.iter().find(|span| span["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {spans:?}"))
}

#[test]
fn the_lines_of_a_span_builder_have_its_ten_keys_and_no_other() {
    let lines = lines(Profile::Seed000);
    for line in &lines {
        assert_eq!(
            outer_keys(line),
            [
                "trace_id",
                "span_id",
                "parent_span_id",
                "name",
                "attributes",
                "start_unix_nano",
                "end_unix_nano",
                "status",
                "status_message",
                "events",
            ]
        );
    }
    let spans = parsed(&lines);
    let chat = named(&spans, "gen_ai.chat");
    assert_eq!(chat["attributes"]["gen_ai.system"], "openai");
    assert_eq!(chat["attributes"]["gen_ai.usage.input_tokens"], 800);
    // What the keys have no room for is not lost.
    assert_eq!(chat["attributes"]["genai_trace.record.kind"], "CLIENT");
    let resource = chat["attributes"]["genai_trace.record.resource"]
        .as_str()
        .unwrap();
    let resource: Value = serde_json::from_str(resource).unwrap();
    assert_eq!(resource["service.name"], "rag");
    assert!(
        lines
            .iter()
            .any(|line| line.contains("\"gen_ai.tool.execution\""))
    );
}

#[test]
fn the_lines_of_a_file_exporter_of_ones_own_have_its_seven_keys_and_no_other() {
    let lines = lines(Profile::Seed002);
    for line in &lines {
        assert_eq!(
            outer_keys(line),
            [
                "name",
                "trace_id",
                "span_id",
                "start_time",
                "end_time",
                "attributes",
                "status"
            ]
        );
    }
    let spans = parsed(&lines);
    let agent = named(&spans, "agent_workflow");
    let chat = named(&spans, "llm_call");
    assert!(chat["start_time"].is_u64());
    assert_eq!(chat["attributes"]["llm.tokens.total"], 847);
    assert_eq!(
        chat["attributes"]["genai_trace.record.parent_span_id"],
        agent["span_id"]
    );
    let mut failed = spans.iter().filter(|span| span["status"] == "ERROR");
    let failed = &failed.next().unwrap()["attributes"];
    assert_eq!(failed["status"], "error");
    assert_eq!(failed["error.message"], "not found");
    let events = failed["genai_trace.record.events"].as_str().unwrap();
    let events: Value = serde_json::from_str(events).unwrap();
    assert_eq!(events[0]["name"], "exception");
}

#[test]
fn a_line_is_what_the_console_of_python_prints() {
    let lines = lines(Profile::Seed003);
    let spans = parsed(&lines);
    let (agent, tool) = (named(&spans, "agent.run"), named(&spans, "tool.weather"));
    let line = lines
        .iter()
        .find(|line| line.contains("Prestatyn"))
        .unwrap();
    assert!(line.starts_with("{\"name\":\"tool.weather\",\"context\":{\"trace_id\":\"0x"));
    assert_eq!(tool["kind"], "SpanKind.INTERNAL");
    assert_eq!(tool["parent_id"], agent["context"]["span_id"]);
    assert_eq!(tool["context"]["trace_state"], "[]");
    assert_eq!(tool["status"], json!({"status_code": "UNSET"}));
    assert_eq!(tool["attributes"]["tool.output"], "8.8°C, overcast");
    assert!(tool["attributes"]["latency_ms"].is_f64());
    assert_eq!(tool["resource"]["attributes"]["service.name"], "rag");
    let time = tool["start_time"].as_str().unwrap();
    assert_eq!(time.len(), "2026-03-22T20:17:01.137264Z".len());
    assert!(agent["parent_id"].is_null());
    let failed = lines.iter().find(|line| line.contains("Atlantis")).unwrap();
    let failed: Value = serde_json::from_str(failed).unwrap();
    assert_eq!(
        failed["status"],
        json!({"status_code": "ERROR", "description": "not found"})
    );
    assert_eq!(failed["events"][0]["name"], "exception");
}

/// The sample of an article, where it can be had.
fn sample(document: &str, from: &str) -> Option<String> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared/seeds");
    let mut files = fs::read_dir(folder).ok()?.map(|file| file.unwrap().path());
    let path = files.find(|path| {
        let name = path.file_name().unwrap().to_string_lossy();
        name.starts_with(document)
    })?;
    let text = String::from_utf8_lossy(&fs::read(path).unwrap()).into_owned();
    let start = text.find(from).expect("the document has the sample");
    let mut values = serde_json::Deserializer::from_str(&text[start..]).into_iter::<Value>();
    values.next().unwrap().expect("the sample is JSON");
    Some(text[start..start + values.byte_offset()].to_owned())
}

#[test]
fn a_line_has_the_keys_of_the_printed_sample_in_its_order() {
    let Some(sample) = sample("003", "{\n    \"name\": \"tool.weather\"") else {
        println!("skipped: no corpus");
        return;
    };
    let lines = lines(Profile::Seed003);
    let line = lines
        .iter()
        .find(|line| line.contains("Prestatyn"))
        .unwrap();
    // What the process and the runtime say of themselves is not the sample's.
    let of_shape = |key: &String| {
        !key.starts_with("telemetry.")
            && !["service.", "gen_ai.", "genai_trace."]
                .iter()
                .any(|own| key.starts_with(own))
            && key != "location"
    };
    let of_sample: Vec<_> = keys(&sample).into_iter().filter(of_shape).collect();
    let ours: Vec<_> = keys(line).into_iter().filter(of_shape).collect();
    assert_eq!(ours, of_sample);
}

#[test]
fn the_console_prints_spans_as_python_does() {
    let printed = printed(Profile::Seed003);
    let spans: Vec<Value> = serde_json::Deserializer::from_str(&printed)
        .into_iter()
        .map(Result::unwrap)
        .collect();
    assert_eq!(spans.len(), 4);
    assert!(printed.contains(
        "{\n    \"name\": \"agent.run\",\n    \"context\": {\n        \"trace_id\": \"0x"
    ));
}

#[test]
fn the_console_prints_a_trace_with_its_children_inside() {
    let printed = printed(Profile::Seed002);
    let root: Value = serde_json::from_str(&printed).unwrap();
    assert_eq!(root["name"], "agent_workflow");
    let children = root["children"].as_array().unwrap();
    let names: Vec<_> = children.iter().map(|child| &child["name"]).collect();
    assert_eq!(names, ["llm_call", "tool_call", "tool_call"]);
    assert_eq!(children[0]["attributes"]["llm.model"], "gpt-4o-mini");
    assert!(children[0].get("children").is_none());
    assert!(
        root["context"]["trace_id"]
            .as_str()
            .unwrap()
            .starts_with("0x")
    );
}

#[test]
fn a_tree_has_the_names_of_the_profile_and_the_facts_as_recorded() {
    let printed = printed(Profile::OpenInference);
    assert!(printed.contains("800/47 tokens"), "{printed}");
    let printed = self::printed(Profile::Seed001);
    let names: Vec<_> = printed
        .lines()
        .map(|line| {
            line.trim_start_matches(['├', '└', '─', ' '])
                .split(' ')
                .next()
                .unwrap()
        })
        .collect();
    assert_eq!(
        names,
        [
            "agent.run",
            "gen_ai.completion",
            "tool.execute.weather",
            "tool.execute.weather"
        ]
    );
}

#[test]
fn several_exporters_have_each_their_own_profile() {
    let path =
        std::env::temp_dir().join(format!("genai-trace-several-{}.jsonl", std::process::id()));
    let (memory, phoenix) = (MemoryExporter::new(), MemoryExporter::new());
    run(|it| {
        it.jsonl(&path)
            .memory(&memory)
            .exporter_as("phoenix", phoenix.clone())
            .profile("jsonl", Profile::Seed001)
            .profile("phoenix", Profile::OpenInference)
    });
    let names: Vec<_> = SpanReader::open(&path)
        .unwrap()
        .map(|span| span.unwrap().name)
        .collect();
    fs::remove_file(&path).unwrap();
    assert_eq!(
        names,
        [
            "gen_ai.completion",
            "tool.execute.weather",
            "tool.execute.weather",
            "agent.run"
        ]
    );
    assert_eq!(memory.spans()[0].name, "chat gpt-4o-mini");
    let kinds: Vec<_> = phoenix
        .spans()
        .into_iter()
        .map(|span| {
            let kind = span.attributes.str("openinference.span.kind");
            kind.map(str::to_owned)
        })
        .collect();
    assert_eq!(
        kinds,
        ["LLM", "TOOL", "TOOL", "AGENT"].map(|kind| Some(kind.to_owned()))
    );
}

#[test]
fn lines_that_no_recovery_finds_are_not_for_what_survives_a_crash() {
    for profile in [Profile::Seed002, Profile::Seed003] {
        let path = std::env::temp_dir().join("genai-trace-never-made.jsonl");
        let refused = Telemetry::builder()
            .jsonl(&path)
            .crash_safe(true)
            .profile("jsonl", profile)
            .install();
        assert_eq!(
            refused.unwrap_err().to_string(),
            format!(
                "crash_safe(true): expected lines that begin with their ids: a recovery finds no span in those of \
                 {profile}"
            )
        );
        assert!(!path.exists());
    }
}
