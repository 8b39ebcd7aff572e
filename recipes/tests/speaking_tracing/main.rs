//! An agent whose libraries speak `tracing`, in a process of its own: its subscriber is that of the process, since
//! `sqlx` works on a thread of its own.

#[path = "../recipes/server.rs"]
#[expect(dead_code, reason = "nothing is streamed here")]
mod server;

use genai_trace::{MemoryExporter, SpanKind, SpanRecord, Status, Telemetry};
use genai_trace_recipes::rig_core::Recording;
use genai_trace_recipes::speaking_tracing::{Weather, ask, start};
use reqwest_middleware::ClientBuilder;
use reqwest_tracing::TracingMiddleware;
use rig::http_client::ReqwestClient;
use rig::providers::openai::{OpenAIConfig, Route};
use serde_json::{Value, json};
use sqlx::sqlite::SqlitePoolOptions;

use crate::server::{Answer, Server};

fn completion(id: &str, message: Value, reason: &str, tokens: [u64; 2]) -> Answer {
    let [input, output] = tokens;
    Answer::whole(&json!({
        "id": id, "object": "chat.completion", "created": 1_763_000_000, "model": "gpt-4.1-mini-2025-04-14",
        "choices": [{"index": 0, "message": message, "logprobs": null, "finish_reason": reason}],
        "usage": {"prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output},
    }))
}

#[tokio::test]
async fn an_agent_whose_libraries_speak_tracing_is_one_tree() {
    let call = json!({"role": "assistant", "content": null, "tool_calls": [
        {"id": "call_1", "type": "function", "function": {"name": "weather", "arguments": "{\"city\":\"Oslo\"}"}},
    ]});
    let last = json!({"role": "assistant", "content": "Snow."});
    let provider = Server::start([
        completion("chatcmpl-T1", call, "tool_calls", [100, 20]),
        completion("chatcmpl-T2", last, "stop", [140, 3]),
    ]);
    let service = Server::start([Answer::whole(&json!({"weather": "snow"}))]);

    let memory = MemoryExporter::new();
    let telemetry = start(Telemetry::builder().memory(&memory)).unwrap();
    // One connection, since the database is that of the connection.
    let notes = SqlitePoolOptions::new().max_connections(1);
    let notes = notes.connect("sqlite::memory:").await.unwrap();
    let table = sqlx::query("CREATE TABLE notes (city TEXT, weather TEXT)");
    table.execute(&notes).await.unwrap();
    // The client of the model is annotated as well: rig and it see the same calls.
    let config = OpenAIConfig::new("none")
        .with_base_url(provider.url("/v1"))
        .with_route(Route::Chat);
    let client = Recording(ReqwestClient::default());
    let model = config.connect(client).completion("gpt-4.1-mini").erase();
    let weather = Weather {
        client: ClientBuilder::new(reqwest::Client::new())
            .with(TracingMiddleware::default())
            .build(),
        url: service.url("/oslo"),
        notes: notes.clone(),
    };
    let reply = ask(model, weather, "What is the weather in Oslo?").await;
    assert_eq!(reply.unwrap(), "Snow.");
    let noted: (String, String) = sqlx::query_as("SELECT city, weather FROM notes")
        .fetch_one(&notes)
        .await
        .unwrap();
    assert_eq!(noted.0, "Oslo");
    let metrics = telemetry.metrics_text();
    drop(telemetry);

    let spans = memory.spans();
    println!("{}", genai_trace::render_tree(&spans));
    let agent = only(&spans, "invoke_agent meteorologist");
    let tool = only(&spans, "execute_tool weather");
    let request = only(&spans, "GET");
    let chats: Vec<_> = named(&spans, "chat gpt-4.1-mini").collect();
    let of_agent = spans.iter().filter(|it| it.trace_id == agent.trace_id);
    assert_eq!(of_agent.count(), 5, "one trace, and nothing twice");

    assert_eq!(agent.parent_span_id, None);
    for below in chats.iter().copied().chain([tool]) {
        assert_eq!(below.parent_span_id, Some(agent.span_id), "{}", below.name);
    }
    assert_eq!(request.parent_span_id, Some(tool.span_id));
    assert_eq!(request.kind, SpanKind::Client);
    assert_eq!(
        request.attributes.int("http.response.status_code"),
        Some(200)
    );

    // What rig says of a call, and what the client below it knows.
    let inputs = chats
        .iter()
        .map(|chat| chat.attributes.int("gen_ai.usage.input_tokens"));
    assert_eq!(inputs.collect::<Vec<_>>(), [Some(100), Some(140)]);
    for chat in &chats {
        assert_eq!(chat.attributes.int("server.port"), Some(provider.port()));
        assert_eq!(chat.attributes.str("gen_ai.provider.name"), Some("openai"));
    }
    let total = agent.attributes.int("genai_trace.total.input_tokens");
    assert_eq!(total, Some(240), "counted once");
    assert!(
        metrics.contains("tools_called_total{tool=\"weather\"} 1\n"),
        "{metrics}"
    );

    // The thread of the database knows whose statement it runs.
    let statements = tool
        .events
        .iter()
        .filter(|event| event.name == "sqlx::query");
    let affected: Vec<_> = statements
        .map(|it| it.attributes.int("rows_affected"))
        .collect();
    assert_eq!(affected, [Some(1)]);
    assert!(spans.iter().all(|span| span.status == Status::Unset));
}

fn named<'a>(spans: &'a [SpanRecord], name: &'a str) -> impl Iterator<Item = &'a SpanRecord> {
    spans.iter().filter(move |span| span.name == name)
}

fn only<'a>(spans: &'a [SpanRecord], name: &'a str) -> &'a SpanRecord {
    let mut found = named(spans, name);
    match (found.next(), found.next()) {
        (Some(span), None) => span,
        _ => panic!("not one {name} in\n{}", genai_trace::render_tree(spans)),
    }
}
