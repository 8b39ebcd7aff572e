//! What may be kept of what was said, of each SDK: the tools that a model calls.

use std::time::Duration;

use genai::chat::ChatOptions;
use genai_trace::content::{ContentMode, Redaction};
use genai_trace::{MemoryExporter, Telemetry};
use genai_trace_recipes as recipes;
use rig::completion::CompletionRequest;
use rig::http_client::ReqwestClient;
use serde_json::{Value, json};

use crate::server::{Answer, Server};
use crate::{async_openai, claude_api, genai as with_genai, ollama_rs, rig_core};

#[tokio::test]
async fn the_tools_that_a_model_calls_are_kept_where_content_is() {
    let memory = MemoryExporter::new();
    let telemetry = Telemetry::builder()
        .memory(&memory)
        .content(ContentMode::SpanOnly)
        .redaction(Redaction::None)
        .install()
        .unwrap();

    let server = Server::start([async_openai::calling()]);
    let asking =
        recipes::async_openai::chat(&async_openai::client(&server), async_openai::question()).await;
    asking.unwrap();
    let server = Server::start([claude_api::calling()]);
    let asking =
        recipes::claude_api::chat(&claude_api::client(&server), claude_api::question()).await;
    asking.unwrap();
    let server = Server::start([ollama_rs::calling()]);
    let asking = recipes::ollama_rs::chat(&ollama_rs::client(&server), ollama_rs::question()).await;
    asking.unwrap();
    let server = Server::start([Answer::whole(&with_genai::message())]);
    let (client, options) = (with_genai::client(&server), ChatOptions::default());
    let asking = recipes::genai::chat(
        &client,
        "claude-sonnet-4-5",
        with_genai::question(),
        &options,
    )
    .await;
    asking.unwrap();
    let server = Server::start([rig_core::calling()]);
    let model = rig_core::model(&server, ReqwestClient::default());
    let asking = recipes::rig_core::chat(
        &model,
        CompletionRequest::new("What is the weather in Oslo?"),
    )
    .await;
    asking.unwrap();
    assert!(telemetry.shutdown(Duration::from_secs(10)).complete);

    let spans = memory.spans();
    assert_eq!(spans.len(), 5);
    for span in spans {
        let output = span.attributes.str("gen_ai.output.messages").unwrap();
        let output: Value = serde_json::from_str(output).unwrap();
        let parts = output[0]["parts"].as_array().unwrap();
        let call = parts
            .iter()
            .find(|part| part["type"] == "tool_call")
            .unwrap();
        assert_eq!(
            (&call["name"], &call["arguments"]),
            (&json!("weather"), &json!({"city": "Oslo"})),
            "{output}"
        );
    }
}
