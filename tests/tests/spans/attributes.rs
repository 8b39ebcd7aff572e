//! What each attribute records.

use std::borrow::Cow;
use std::io;

use genai_trace::{
    SpanKind, Status, current, genai_agent, genai_chat, genai_span, genai_tool, record,
};
use genai_trace_tests::{block_on, recorded, recorded_unchecked, yield_once};
use serde_json::{Value, json};

/// The attributes but for the sizes of what was said, which are others' business.
fn attributes(span: &genai_trace::SpanRecord) -> Value {
    let mut attributes = serde_json::to_value(&span.attributes).unwrap();
    if let Some(fields) = attributes.as_object_mut() {
        fields.retain(|key, _| !key.ends_with(".bytes"));
    }
    attributes
}

#[test]
fn a_tool_is_named_by_its_text_or_its_function() {
    #[genai_tool("read_file", description = "reads a file", tool_type = "extension")]
    fn read(path: &str) -> usize {
        path.len()
    }
    #[genai_tool]
    fn r#match() {}
    let recorded = recorded(|| {
        assert_eq!(read("a.txt"), 5);
        r#match();
    });
    let read = recorded.span("execute_tool read_file");
    assert_eq!(
        (read.kind, read.status),
        (SpanKind::Internal, Status::Unset)
    );
    assert_eq!(
        attributes(read),
        json!({
            "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "read_file",
            "gen_ai.tool.description": "reads a file", "gen_ai.tool.type": "extension",
        })
    );
    recorded.span("execute_tool match");
}

#[test]
fn a_dispatcher_names_its_tool_at_run_time() {
    #[genai_tool(name = tool, call_id = id)]
    fn dispatch(tool: &str, id: Option<&str>) {}
    let recorded = recorded(|| {
        dispatch("search", Some("call_1"));
        dispatch("list", None);
    });
    let search = recorded.span("execute_tool search");
    assert_eq!(search.attributes.str("gen_ai.tool.name"), Some("search"));
    assert_eq!(search.attributes.str("gen_ai.tool.call.id"), Some("call_1"));
    assert_eq!(search.attributes.str("gen_ai.tool.type"), Some("function"));
    assert_eq!(
        recorded
            .span("execute_tool list")
            .attributes
            .get("gen_ai.tool.call.id"),
        None
    );
    assert_eq!(
        recorded.metric(r#"tools_called_total{tool="search"}"#),
        Some(1.0)
    );
}

#[test]
fn a_chat_says_its_request_and_its_response() {
    #[genai_chat(provider = "openai", request = body, response = reply, server_address = "localhost", server_port = 8080, prompt(name = "plan", version = "3"))]
    fn chat(body: &Value) -> Result<Value, io::Error> {
        record!(app.attempt = 1, "app.note" = "kept");
        Ok(json!({
            "id": "chatcmpl-1", "model": "gpt-4o-2024-08-06", "choices": [{"finish_reason": "stop"}],
            "usage": {"prompt_tokens": 250, "completion_tokens": 130},
        }))
    }
    fn reply(value: &Value) -> &Value {
        value
    }
    let recorded = recorded(|| {
        chat(&json!({"model": "gpt-4o", "max_tokens": 100, "temperature": 0.5})).unwrap();
    });
    let chat = recorded.span("chat gpt-4o");
    assert_eq!(chat.kind, SpanKind::Client);
    assert_eq!(
        attributes(chat),
        json!({
            "gen_ai.operation.name": "chat", "gen_ai.request.model": "gpt-4o", "gen_ai.provider.name": "openai",
            "server.address": "localhost", "server.port": 8080,
            "gen_ai.prompt.name": "plan", "gen_ai.prompt.version": "3",
            "gen_ai.request.max_tokens": 100, "gen_ai.request.temperature": 0.5,
            "app.attempt": 1, "app.note": "kept",
            "gen_ai.response.id": "chatcmpl-1", "gen_ai.response.model": "gpt-4o-2024-08-06",
            "gen_ai.response.finish_reasons": ["stop"],
            "gen_ai.usage.input_tokens": 250, "gen_ai.usage.output_tokens": 130,
        })
    );
}

#[test]
fn a_chat_takes_its_parameters_by_name() {
    #[genai_chat(
        provider = provider, model = model, operation = "generate_content", max_tokens = 10, temperature = 0.1,
        top_p = 1.0, top_k = 40, seed = -7, stop_sequences = ["a", "b"]
    )]
    fn generate(provider: &str, model: &str) {}
    let recorded = recorded(|| generate("gcp.gemini", "gemini-pro"));
    let span = recorded.span("generate_content gemini-pro");
    assert_eq!(
        attributes(span),
        json!({
            "gen_ai.operation.name": "generate_content", "gen_ai.request.model": "gemini-pro",
            "gen_ai.request.max_tokens": 10, "gen_ai.request.temperature": 0.1, "gen_ai.request.top_p": 1.0,
            "gen_ai.request.top_k": 40, "gen_ai.request.seed": -7,
            "gen_ai.provider.name": "gcp.gemini", "gen_ai.request.stop_sequences": ["a", "b"],
        })
    );
}

#[test]
fn a_whole_number_is_a_float_under_a_name_that_is_one() {
    #[genai_agent("coder", fields(gen_ai.request.temperature = 1, "app.ratio" = 1))]
    fn agent() {
        record!(
            gen_ai.request.top_p = 1,
            gen_ai.evaluation.score.value = -4,
            app.turn = 1
        );
    }
    let recorded = recorded_unchecked(agent);
    assert_eq!(
        attributes(recorded.span("invoke_agent coder")),
        json!({
            "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "coder",
            "gen_ai.request.temperature": 1.0, "app.ratio": 1,
            "gen_ai.request.top_p": 1.0, "gen_ai.evaluation.score.value": -4.0, "app.turn": 1,
        })
    );
}

#[test]
fn what_is_unchecked_is_recorded_as_it_stands() {
    #[genai_chat(
        unchecked provider = "ollama",
        model = "llama3",
        fields(unchecked gen_ai.new.name = 1, unchecked "gen_ai.system" = "ollama")
    )]
    fn chat() {
        record!(unchecked gen_ai.usage.input_tokens = "many");
    }
    let recorded = recorded_unchecked(chat);
    assert_eq!(
        attributes(recorded.span("chat llama3")),
        json!({
            "gen_ai.operation.name": "chat", "gen_ai.request.model": "llama3",
            "gen_ai.provider.name": "ollama", "gen_ai.new.name": 1, "gen_ai.system": "ollama",
            "gen_ai.usage.input_tokens": "many",
        })
    );
}

#[test]
fn an_agent_lends_its_name_and_conversation_to_what_it_calls() {
    #[genai_tool("read_file")]
    fn read() {}
    #[genai_chat(provider = "openai", model = "gpt-4o")]
    fn chat() {}
    #[genai_span("agent.turn")]
    fn turn() {
        chat();
        read();
    }
    #[genai_agent("coder", description = "writes code", conversation_id = id)]
    fn agent(id: &str) {
        turn();
    }
    let recorded = recorded(|| agent("conv_1"));
    assert_eq!(
        recorded.outline(),
        "invoke_agent coder\n.agent.turn\n..chat gpt-4o\n..execute_tool read_file"
    );
    assert_eq!(
        attributes(recorded.span("invoke_agent coder")),
        json!({
            "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "coder",
            "gen_ai.agent.description": "writes code", "gen_ai.conversation.id": "conv_1",
            "genai_trace.total.chat_calls": 1, "genai_trace.total.tool_calls": 1,
        })
    );
    let tool = recorded.span("execute_tool read_file");
    assert_eq!(tool.attributes.str("gen_ai.agent.name"), Some("coder"));
    assert_eq!(
        tool.attributes.str("gen_ai.conversation.id"),
        Some("conv_1")
    );
    let chat = recorded.span("chat gpt-4o");
    assert_eq!(chat.attributes.get("gen_ai.agent.name"), None);
    assert_eq!(
        chat.attributes.str("gen_ai.conversation.id"),
        Some("conv_1")
    );
    assert!(
        attributes(recorded.span("agent.turn"))
            .as_object()
            .unwrap()
            .is_empty()
    );
}

#[test]
fn a_remote_agent_is_a_client() {
    #[genai_agent(
        "helper",
        remote,
        provider = "openai",
        id = "asst_1",
        version = "2",
        model = "gpt-4o"
    )]
    fn remote() {}
    let recorded = recorded(remote);
    let span = recorded.span("invoke_agent helper");
    assert_eq!(span.kind, SpanKind::Client);
    assert_eq!(
        attributes(span),
        json!({
            "gen_ai.operation.name": "invoke_agent", "gen_ai.agent.name": "helper", "gen_ai.provider.name": "openai",
            "gen_ai.agent.id": "asst_1", "gen_ai.agent.version": "2", "gen_ai.request.model": "gpt-4o",
        })
    );
}

#[test]
fn fields_see_the_arguments_and_the_result() {
    #[genai_tool("search", fields("app.query" = query, app.limit = limit * 2, "app.fixed" = true), ret_fields("app.hits" = |hits| hits.len()))]
    fn search(query: String, limit: u32) -> Vec<String> {
        vec![query; limit as usize]
    }
    let recorded = recorded(|| {
        search("todo".to_owned(), 3);
    });
    assert_eq!(
        attributes(recorded.span("execute_tool search")),
        json!({
            "gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": "search", "gen_ai.tool.type": "function",
            "app.fixed": true, "app.query": "todo", "app.limit": 6, "app.hits": 3,
        })
    );
}

#[test]
fn an_error_is_recorded_with_its_kind_its_type_and_its_message() {
    #[genai_tool("read_file")]
    fn read(path: &str) -> io::Result<String> {
        std::fs::read_to_string(path)
    }
    let recorded = recorded(|| {
        assert_eq!(
            read("/no/such/file").unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    });
    let span = recorded.span("execute_tool read_file");
    assert_eq!(span.status, Status::Error);
    assert_eq!(
        span.status_message,
        "No such file or directory (os error 2)"
    );
    assert_eq!(span.attributes.str("error.type"), Some("NotFound"));
    let [event] = span.events.as_slice() else {
        panic!("{:?}", span.events)
    };
    assert_eq!(
        (event.name.as_str(), event.time_unix_nano),
        ("exception", span.end_unix_nano)
    );
    assert_eq!(
        event.attributes.str("exception.type"),
        Some("std::io::Error")
    );
    assert_eq!(
        event.attributes.str("exception.message"),
        Some("No such file or directory (os error 2)")
    );
}

#[test]
fn the_user_may_say_what_kind_of_error_it_was() {
    enum ApiError {
        Status(u16),
    }
    fn kind(error: &ApiError) -> Cow<'static, str> {
        match error {
            ApiError::Status(code) => code.to_string().into(),
        }
    }
    #[genai_chat(provider = "openai", model = "gpt-4o", err = kind)]
    fn chat() -> Result<(), ApiError> {
        Err(ApiError::Status(429))
    }
    #[genai_chat(provider = "openai", model = "o3")]
    fn coded() -> Result<(), ApiError> {
        current().set("error.type", "insufficient_quota");
        Err(ApiError::Status(429))
    }
    #[genai_tool("wrapped", error_if = failed)]
    fn wrapped() -> Value {
        json!({"is_error": true})
    }
    fn failed(value: &Value) -> bool {
        value["is_error"] == true
    }
    let recorded = recorded(|| {
        let _ = (chat(), coded(), wrapped());
    });
    let kind = |name| {
        (
            recorded.span(name).status,
            recorded.span(name).attributes.str("error.type"),
        )
    };
    assert_eq!(kind("chat gpt-4o"), (Status::Error, Some("429")));
    assert_eq!(kind("chat o3"), (Status::Error, Some("insufficient_quota")));
    assert_eq!(
        kind("execute_tool wrapped"),
        (Status::Error, Some("tool_error"))
    );
}

#[test]
fn parents_links_and_roots_may_be_said() {
    #[genai_span("first")]
    fn first() -> genai_trace::SpanContext {
        current().context().unwrap()
    }
    #[genai_span("retry", root, links = [earlier.clone()])]
    fn retry(earlier: &genai_trace::SpanContext) {
        child(earlier);
    }
    #[genai_span("child", parent = earlier)]
    fn child(earlier: &genai_trace::SpanContext) {}
    let recorded = recorded(|| {
        genai_trace::span("outer").run(|| {
            let earlier = first();
            retry(&earlier);
        });
    });
    let (first, retry, child) = (
        recorded.span("first"),
        recorded.span("retry"),
        recorded.span("child"),
    );
    assert_eq!(retry.parent_span_id, None);
    assert_ne!(retry.trace_id, first.trace_id);
    assert_eq!(retry.links[0].span_id, first.span_id);
    assert_eq!(
        (child.trace_id, child.parent_span_id),
        (first.trace_id, Some(first.span_id))
    );
}

#[test]
fn an_async_function_is_recorded_from_its_first_poll_to_its_end() {
    #[genai_tool("slow")]
    async fn slow(text: &str) -> Result<usize, String> {
        yield_once().await;
        inner().await;
        Err(text.to_owned())
    }
    #[genai_span("inner")]
    async fn inner() {
        yield_once().await;
        record!(app.step = "inner");
    }
    let recorded = recorded(|| {
        drop(slow("never polled"));
        assert_eq!(block_on(slow("failed")), Err("failed".to_owned()));
    });
    assert_eq!(
        recorded.outline(),
        "execute_tool slow ERROR String: failed\n.inner"
    );
    assert_eq!(
        recorded.span("inner").attributes.str("app.step"),
        Some("inner")
    );
}
