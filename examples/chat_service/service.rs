//! The routes.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::extract::rejection::StringRejection;
use axum::http::header::{ACCEPT, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use genai_trace::tower::ServerLayer;
use genai_trace::{MetricsPage, SpanRecord, Status, current};
use serde::Deserialize;
use serde_json::{Value, json};

use super::agent;
use super::panel::Panel;
use super::settings::Settings;

pub(crate) struct Service {
    pub(crate) settings: Settings,
    pub(crate) panel: Panel,
    pub(crate) metrics: MetricsPage,
}

#[derive(Deserialize)]
struct Question {
    message: String,
}

pub(crate) fn router(service: Arc<Service>) -> Router {
    Router::new()
        .route("/api/chat", post(chat))
        // Only what is asked of the agent is traced.
        .route_layer(ServerLayer::new())
        .route("/metrics", get(metrics))
        .route("/", get(|| async { Html(include_str!("page.html")) }))
        .fallback(async || refusal(StatusCode::NOT_FOUND, "there is nothing here"))
        .method_not_allowed_fallback(async || {
            refusal(StatusCode::METHOD_NOT_ALLOWED, "this is not asked so")
        })
        .with_state(service)
}

async fn chat(
    State(service): State<Arc<Service>>,
    body: Result<String, StringRejection>,
) -> Response {
    let body = match body {
        Ok(body) => body,
        // It is too long, or no UTF-8.
        Err(rejection) => return refusal(rejection.status(), &rejection.body_text()),
    };
    let question: Question = match serde_json::from_str(&body) {
        Ok(question) => question,
        Err(error) => return refusal(StatusCode::BAD_REQUEST, &error.to_string()),
    };
    let watch = service.panel.watch();
    let trace_id = current().trace_id().map(|trace| trace.to_string());
    let said = agent::answer(&question.message, &service.settings).await;
    let spans = match watch {
        Some(watch) => watch.spans().await,
        None => Vec::new(),
    };
    let status = match said {
        Ok(_) => StatusCode::OK,
        Err(_) => StatusCode::BAD_GATEWAY,
    };
    let body = json!({
        "answer": said.unwrap_or_else(|error| error),
        "trace_id": trace_id,
        "provider": service.settings.provider,
        "model": service.settings.model,
        "spans": waterfall(&spans),
    });
    answer(status, &body)
}

/// Every error is JSON, which the page reads.
fn refusal(status: StatusCode, error: &str) -> Response {
    answer(status, &json!({ "error": error }))
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let content_type = [(CONTENT_TYPE, "application/json")];
    (status, content_type, body.to_string()).into_response()
}

async fn metrics(State(service): State<Arc<Service>>, headers: HeaderMap) -> impl IntoResponse {
    let accept = headers.get(ACCEPT).and_then(|value| value.to_str().ok());
    let (content_type, text) = service.metrics.answer(accept);
    ([(CONTENT_TYPE, content_type)], text)
}

/// Each span with what the waterfall draws: how long after the first it began, how long it took, how it ended.
fn waterfall(spans: &[SpanRecord]) -> Vec<Value> {
    let first = spans.iter().map(|span| span.start_unix_nano).min();
    let milliseconds = |nanoseconds: u64| nanoseconds as f64 / 1e6;
    let bar = |span: &SpanRecord| {
        let said = |key: &str| span.attributes.get(key);
        let begun = span.start_unix_nano.saturating_sub(first.unwrap_or(0));
        json!({
            "span_id": span.span_id.to_string(),
            "parent_span_id": span.parent_span_id.map(|id| id.to_string()),
            "name": span.name,
            "operation": said("gen_ai.operation.name"),
            "start_ms": milliseconds(begun),
            "latency_ms": milliseconds(span.end_unix_nano.saturating_sub(span.start_unix_nano)),
            "status": span.status.as_str(),
            "error": (span.status == Status::Error).then_some(&span.status_message),
            "prompt_tokens": said("gen_ai.usage.input_tokens"),
            "completion_tokens": said("gen_ai.usage.output_tokens"),
        })
    };
    spans.iter().map(bar).collect()
}
