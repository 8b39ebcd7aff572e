//! The chat service as its users, its operators and its accountants see it. No key is needed: the model is a stand-in.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    unreachable_pub
)]

#[allow(dead_code)]
mod support;

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use serde_json::{Value, json};

use support::Folder;

const BOTH: &str = "What is the weather in Dublin and how many days until Christmas?";

/// A service that runs in a folder of its own.
struct Service {
    folder: Folder,
    process: Child,
    address: String,
}

impl Service {
    fn start(variables: &[(&str, &str)]) -> Self {
        let folder = Folder::new();
        let mut process = Command::new(support::binary("chat_service"))
            .current_dir(folder.path())
            .env_remove("GENAI_TRACE_VIEWS")
            .env_remove("GENAI_TRACE_PRICES")
            .env("PORT", "0")
            .envs(variables.iter().copied())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut out = BufReader::new(process.stdout.take().unwrap());
        out.read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("http://").unwrap().to_owned();
        process.stdout = Some(out.into_inner());
        Self {
            folder,
            process,
            address,
        }
    }

    fn send(&self, request: impl AsRef<[u8]>) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.write_all(request.as_ref()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn get(&self, path: &str) -> String {
        self.send(format!(
            "GET {path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
        ))
    }

    fn post(&self, body: &[u8]) -> String {
        let head = format!(
            "POST /api/chat HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            body.len()
        );
        self.send([head.as_bytes(), body].concat())
    }

    fn ask(&self, message: &str) -> Value {
        let body = json!({ "message": message }).to_string();
        let answer = self.post(body.as_bytes());
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with("HTTP/1.1 200 "), "{answer}");
        serde_json::from_str(body).unwrap()
    }

    /// Ends it as Ctrl-C does; everything has been written then.
    fn stop(mut self) -> Folder {
        let id = self.process.id().to_string();
        let killed = Command::new("kill").args(["-INT", &id]).status().unwrap();
        assert!(killed.success());
        assert!(self.process.wait().unwrap().success());
        std::mem::replace(&mut self.folder, Folder::new())
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // It has ended where it was stopped.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn names(answer: &Value) -> Vec<&str> {
    let spans = answer["spans"].as_array().unwrap();
    spans
        .iter()
        .map(|span| span["name"].as_str().unwrap())
        .collect()
}

/// The spans of the question about both, in the order in which they begin.
const SPANS_OF_BOTH: [&str; 5] = [
    "invoke_agent assistant",
    "chat gpt-4o",
    "execute_tool weather",
    "execute_tool days_until_christmas",
    "chat gpt-4o",
];

/// Checklist, first point.
#[test]
fn every_answer_has_the_spans_of_its_model_calls_and_tools_with_their_latencies() {
    let service = Service::start(&[("MODEL_DELAY_MS", "30"), ("WEATHER_DELAY_MS", "60")]);
    let answer = service.ask(BOTH);
    assert_eq!(answer["answer"], "Dublin: 9.5 C; 33 days until Christmas");
    assert_eq!(names(&answer), SPANS_OF_BOTH);
    let latency = |place: usize| answer["spans"][place]["latency_ms"].as_f64().unwrap();
    assert!(latency(1) >= 30.0 && latency(4) >= 30.0 && latency(2) >= 60.0);
    assert!(latency(0) >= latency(1) + latency(2) + latency(4));
    // One after the other, below the agent.
    let begins = |place: usize| answer["spans"][place]["start_ms"].as_f64().unwrap();
    assert!((1..4).all(|place| begins(place + 1) >= begins(place) + latency(place)));
    let agent = &answer["spans"][0]["span_id"];
    assert!((1..5).all(|place| answer["spans"][place]["parent_span_id"] == *agent));
    // An answer has its own spans and no others.
    assert_eq!(
        names(&service.ask("Hello")),
        ["invoke_agent assistant", "chat gpt-4o"]
    );
}

/// Checklist, second and third point.
#[test]
fn metrics_count_requests_durations_tokens_and_tools_by_provider_and_model() {
    let service = Service::start(&[]);
    let answers = [service.ask(BOTH), service.ask("Hello")];
    let tokens = |key: &str| {
        let spans = answers
            .iter()
            .flat_map(|it| it["spans"].as_array().unwrap());
        spans.filter_map(|span| span[key].as_u64()).sum::<u64>()
    };
    let (prompt, completion) = (tokens("prompt_tokens"), tokens("completion_tokens"));
    assert!(prompt > 0 && completion > 0);
    let page = service.get("/metrics");
    assert!(
        page.contains("content-type: text/plain; version=0.0.4"),
        "{page}"
    );
    for line in [
        r#"chat_requests_total{model="gpt-4o",provider="openai"} 2"#.to_owned(),
        r#"chat_request_duration_seconds_count{model="gpt-4o",provider="openai"} 2"#.to_owned(),
        r#"chat_request_duration_seconds_bucket{model="gpt-4o",provider="openai",le="60"} 2"#
            .to_owned(),
        format!(
            r#"llm_tokens_total{{model="gpt-4o",provider="openai",token_type="prompt_tokens"}} {prompt}"#
        ),
        format!(
            r#"llm_tokens_total{{model="gpt-4o",provider="openai",token_type="completion_tokens"}} {completion}"#
        ),
        format!(
            r#"llm_tokens_total{{model="gpt-4o",provider="openai",token_type="total_tokens"}} {}"#,
            prompt + completion
        ),
        r#"tool_calls_total{tool_name="weather"} 1"#.to_owned(),
        r#"tool_calls_total{tool_name="days_until_christmas"} 1"#.to_owned(),
    ] {
        assert!(page.lines().any(|it| it == line), "{line}\n{page}");
    }
}

/// The head of a request to a backend, which takes it.
fn taken(mut stream: BufReader<TcpStream>) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(stream.read_line(&mut head).unwrap() > 0, "{head}");
    }
    let length = head
        .lines()
        .filter_map(|line| line.split_once(": "))
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .map(|(_, length)| length.parse().unwrap());
    stream.read_exact(&mut vec![0; length.unwrap()]).unwrap();
    let answer = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    stream.get_mut().write_all(answer.as_bytes()).unwrap();
    head
}

/// Checklist, fourth point: the same program, which is not told.
#[test]
fn the_exporter_is_swapped_without_a_change_anywhere_else() {
    let backend = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}", backend.local_addr().unwrap());
    let (sender, received) = mpsc::channel();
    std::thread::spawn(move || {
        for stream in backend.incoming() {
            // Nobody listens once the test has ended.
            let _ = sender.send(taken(BufReader::new(stream.unwrap())));
        }
    });
    for exporter in ["jsonl", "sqlite", "otlp"] {
        let service = Service::start(&[
            ("OTEL_TRACES_EXPORTER", exporter),
            ("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint),
            ("OTEL_BSP_SCHEDULE_DELAY", "10"),
        ]);
        assert_eq!(names(&service.ask(BOTH)), SPANS_OF_BOTH, "{exporter}");
        let folder = service.stop();
        let left = |name: &str| folder.path().join(name).exists();
        assert_eq!(
            (left("traces.jsonl"), left("traces.db")),
            (exporter == "jsonl", exporter == "sqlite")
        );
        if exporter != "otlp" {
            let file = folder.path().join(if exporter == "jsonl" {
                "traces.jsonl"
            } else {
                "traces.db"
            });
            let spans = genai_trace::SpanReader::open(file).unwrap().count();
            // Those of the answer, below that of the request.
            assert_eq!(spans, SPANS_OF_BOTH.len() + 1, "{exporter}");
        }
    }
    let request = received.recv_timeout(Duration::from_secs(10)).unwrap();
    assert!(request.starts_with("POST /v1/traces "), "{request}");
}

/// Checklist, fifth point.
#[test]
fn the_observation_log_keeps_tool_calls_and_token_counts() {
    let service = Service::start(&[
        ("OTEL_TRACES_EXPORTER", "sqlite"),
        (
            "OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT",
            "SPAN_ONLY",
        ),
        ("GENAI_TRACE_REDACTION", "none"),
    ]);
    let answer = service.ask(BOTH);
    let folder = service.stop();
    let store = genai_trace::sqlite::open(folder.path().join("traces.db")).unwrap();
    let row = store.query_row(
        "SELECT json_object('trace_id', trace_id, 'user_message', user_message, 'agent_response', agent_response, \
         'model', model, 'provider', provider, 'total', total_tokens, 'sum', prompt_tokens + completion_tokens, \
         'tool_calls', json(tool_calls)), latency_ms FROM observation_log",
        [],
        |row| Ok((row.get::<_, String>(0)?, row.get::<_, f64>(1)?)),
    );
    let (row, latency) = row.unwrap();
    let mut row: Value = serde_json::from_str(&row).unwrap();
    let total: u64 = answer["spans"]
        .as_array()
        .unwrap()
        .iter()
        .flat_map(|span| [&span["prompt_tokens"], &span["completion_tokens"]])
        .filter_map(Value::as_u64)
        .sum();
    for call in row["tool_calls"].as_array_mut().unwrap() {
        assert!(
            call.as_object_mut()
                .unwrap()
                .remove("latency_ms")
                .unwrap()
                .as_f64()
                .unwrap()
                < latency
        );
    }
    assert_eq!(
        row,
        json!({
            "trace_id": answer["trace_id"],
            "user_message": BOTH,
            "agent_response": "Dublin: 9.5 C; 33 days until Christmas",
            "model": "gpt-4o",
            "provider": "openai",
            "total": total,
            "sum": total,
            "tool_calls": [
                {"name": "weather", "input": "{\"city\":\"Dublin\"}", "output": "{\"result\":\"Dublin: 9.5 C\"}"},
                {"name": "days_until_christmas", "input": "{\"day_of_year\":326}", "output": "{\"result\":33}"},
            ],
        })
    );
}

/// Checklist, sixth point.
#[test]
fn a_tool_that_fails_is_seen_in_the_spans() {
    let service = Service::start(&[]);
    let answer = service.ask("What is the weather in Atlantis?");
    assert_eq!(answer["answer"], "error: nobody measures in \"Atlantis\"");
    let tool = &answer["spans"][2];
    assert_eq!(
        (&tool["name"], &tool["status"], &tool["error"]),
        (
            &json!("execute_tool weather"),
            &json!("ERROR"),
            &json!("nobody measures in \"Atlantis\"")
        )
    );
}

/// Drill 1: a response took more than 5 seconds; which span was it?
#[test]
fn the_bottleneck_of_a_slow_answer_is_named_by_the_answer_itself() {
    let service = Service::start(&[("WEATHER_DELAY_MS", "5100")]);
    let answer = service.ask(BOTH);
    let spans = answer["spans"].as_array().unwrap();
    let latency = |span: &Value| span["latency_ms"].as_f64().unwrap();
    let (whole, calls) = spans.split_first().unwrap();
    assert!(latency(whole) > 5000.0);
    let slowest = calls
        .iter()
        .max_by(|a, b| latency(a).total_cmp(&latency(b)))
        .unwrap();
    assert_eq!(slowest["name"], "execute_tool weather");
    assert!(latency(slowest) > 0.9 * latency(whole));
}

/// Drill 2: the model is another one after a restart; whoever adds up both sees two series.
#[test]
fn another_model_is_another_series() {
    let mut series = Vec::new();
    for model in ["gpt-4o", "gpt-4o-mini"] {
        let service = Service::start(&[("LLM_MODEL", model)]);
        for number in 1..=3 {
            let answer = service.ask(&format!("What is {number} plus {number}?"));
            assert_eq!(answer["model"], model);
        }
        let page = service.get("/metrics");
        let requests = page
            .lines()
            .filter(|line| line.starts_with("chat_requests_total{"));
        series.extend(requests.map(str::to_owned));
    }
    assert_eq!(
        series,
        [
            r#"chat_requests_total{model="gpt-4o",provider="openai"} 3"#,
            r#"chat_requests_total{model="gpt-4o-mini",provider="openai"} 3"#,
        ]
    );
}

#[test]
fn whatever_is_refused_is_refused_in_json_that_says_why() {
    let service = Service::start(&[]);
    // One byte more than is taken.
    let long = vec![b' '; 2 * 1024 * 1024 + 1];
    let answers = [
        service.post(&long),
        service.post(b"{\"message\": \"\xff\"}"),
        service.post(b"Hello"),
        service.post(b"{}"),
        service.get("/api/chat"),
        service.get("/nowhere"),
    ];
    let refusals = answers.map(|answer| {
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        assert!(head.contains("content-type: application/json"), "{answer}");
        let body: Value = serde_json::from_str(body).unwrap();
        let error = body["error"].as_str().unwrap();
        let status = head.split(' ').nth(1).unwrap();
        format!("{status} {error}")
    });
    assert_eq!(
        refusals,
        [
            "413 Failed to buffer the request body: length limit exceeded",
            "400 Request body didn't contain valid UTF-8: invalid utf-8 sequence of 1 bytes from index 13",
            "400 expected value at line 1 column 1",
            "400 missing field `message` at line 1 column 2",
            "405 this is not asked so",
            "404 there is nothing here",
        ]
    );
}

/// The names of the metrics that a dashboard in `deploy/` reads and that begin with `front`.
fn read_by(dashboard: &str, front: &str) -> BTreeSet<String> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../deploy/grafana/dashboards");
    let text = std::fs::read_to_string(format!("{folder}/{dashboard}.json")).unwrap();
    let dashboard: Value = serde_json::from_str(&text).unwrap();
    let panels = dashboard["panels"].as_array().unwrap().iter();
    let targets = panels.flat_map(|panel| panel["targets"].as_array().unwrap());
    let words = targets.flat_map(|target| {
        let query = target["expr"].as_str().unwrap();
        query.split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
    });
    let names = words.filter(|word| word.starts_with(front));
    names.map(str::to_owned).collect()
}

#[test]
fn the_dashboards_have_what_they_read_of_it_without_any_setting() {
    let service = Service::start(&[]);
    service.ask(BOTH);
    let page = service.get("/metrics");
    let mut read = read_by("genai-trace-agents", "agent_");
    read.extend(read_by("genai-trace-chat", "chat_"));
    read.extend(read_by("genai-trace", "genai_trace_cost_"));
    assert!(read.len() > 8, "{read:?}");
    for name in read {
        let series = page.lines().filter(|line| {
            let rest = line.strip_prefix(&name);
            rest.is_some_and(|rest| rest.starts_with('{'))
        });
        assert!(series.count() > 0, "{name}\n{page}");
    }
}

#[test]
fn the_environment_says_what_metrics_are_called_and_what_calls_cost() {
    let prices = Folder::new();
    prices.write(
        "prices.json",
        r#"{"prices": [{"provider": "openai", "model": "gpt-4o", "input": 0, "output": 0, "request": 0.5}]}"#,
    );
    let file = prices.path().join("prices.json");
    let service = Service::start(&[
        ("GENAI_TRACE_VIEWS", "default"),
        ("GENAI_TRACE_PRICES", file.to_str().unwrap()),
    ]);
    service.ask(BOTH);
    let page = service.get("/metrics");
    let cost = r#"genai_trace_cost_usd_total{model="gpt-4o",provider="openai"} 1"#;
    assert!(page.lines().any(|line| line == cost), "{page}");
    let others = ["agent_", "chat_"];
    let is_other = |line: &str| others.iter().any(|front| line.starts_with(front));
    assert!(!page.lines().any(is_other), "{page}");
}

#[test]
fn the_page_asks_the_service_and_reads_nothing_as_html() {
    let page = Service::start(&[]).get("/");
    assert!(page.contains("content-type: text/html; charset=utf-8"));
    assert!(page.contains("fetch(\"/api/chat\""));
    assert!(!page.contains("innerHTML") && !page.contains("http:") && !page.contains("https:"));
}
