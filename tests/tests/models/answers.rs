//! What a call of a model says is read from whatever its function returns.

use std::io;
use std::pin::Pin;

use futures::stream::{self, Stream, StreamExt};
use genai_trace::provider::{FinishReason, RequestFacts};
use genai_trace::{
    ChatFacts, ChatRequest, ChatResponse, Status, genai_agent, genai_chat, genai_embeddings,
    genai_fetch_response,
};
use genai_trace_tests::{Recorded, block_on, recorded};
use serde::Serialize;
use serde_json::{Value, json};

fn completion() -> Value {
    json!({
        "id": "chatcmpl-1", "object": "chat.completion", "model": "gpt-4o-2024-08-06",
        "choices": [{"index": 0, "message": {"role": "assistant", "content": "Hi"}, "finish_reason": "stop"}],
        "usage": {"prompt_tokens": 250, "completion_tokens": 130, "total_tokens": 380},
    })
}

/// The tokens that went in and came out, as the one chat says.
fn tokens(recorded: &Recorded) -> [Option<i64>; 2] {
    let chat = recorded.span("chat gpt-4o");
    ["input", "output"].map(|class| chat.attributes.int(&format!("gen_ai.usage.{class}_tokens")))
}

#[test]
fn a_value_a_result_a_text_and_bytes_say_the_same() {
    #[derive(Serialize)]
    struct Reply {
        #[serde(flatten)]
        body: Value,
    }
    #[genai_chat(model = "gpt-4o")]
    fn value() -> Value {
        completion()
    }
    #[genai_chat(model = "gpt-4o")]
    fn result() -> Result<Reply, io::Error> {
        Ok(Reply { body: completion() })
    }
    #[genai_chat(model = "gpt-4o")]
    async fn text() -> io::Result<String> {
        Ok(completion().to_string())
    }
    #[genai_chat(model = "gpt-4o")]
    fn bytes() -> Vec<u8> {
        completion().to_string().into_bytes()
    }
    type Call = fn();
    let calls: [Call; 4] = [
        || drop(value()),
        || drop(result()),
        || drop(block_on(text())),
        || drop(bytes()),
    ];
    for call in calls {
        let recorded = recorded(call);
        assert_eq!(tokens(&recorded), [Some(250), Some(130)]);
        let chat = recorded.span("chat gpt-4o");
        assert_eq!(
            chat.attributes.str("gen_ai.response.id"),
            Some("chatcmpl-1")
        );
    }
}

#[test]
fn a_type_that_says_itself_what_it_is_about_is_believed() {
    #[derive(Serialize)]
    struct Own {
        usage: Value,
    }
    impl ChatResponse for Own {
        fn chat_facts(&self) -> ChatFacts {
            let mut facts = ChatFacts::default();
            facts.usage.input = Some(7);
            facts.finish_reasons.push(FinishReason::new("end_turn"));
            facts
        }
    }
    struct Question {
        model: String,
    }
    impl ChatRequest for Question {
        fn request_facts(&self) -> RequestFacts {
            let mut facts = RequestFacts::default();
            facts.model = Some(self.model.clone());
            facts.max_tokens = Some(64);
            facts
        }
    }
    #[genai_chat(request = question)]
    fn chat(question: Question) -> Result<Own, io::Error> {
        drop(question);
        Ok(Own {
            usage: json!({"prompt_tokens": 1}),
        })
    }
    let recorded = recorded(|| {
        drop(chat(Question {
            model: "gpt-4o".to_owned(),
        }))
    });
    assert_eq!(tokens(&recorded), [Some(7), None]);
    let chat = recorded.span("chat gpt-4o");
    assert_eq!(chat.attributes.int("gen_ai.request.max_tokens"), Some(64));
    let reasons = chat
        .attributes
        .get("gen_ai.response.finish_reasons")
        .cloned();
    assert_eq!(serde_json::to_value(reasons).unwrap(), json!(["end_turn"]));
    let known = chat
        .attributes
        .get("genai_trace.response.finish_reasons")
        .cloned();
    assert_eq!(serde_json::to_value(known).unwrap(), json!(["stop"]));
}

#[test]
fn a_foreign_answer_says_nothing_and_disturbs_nothing() {
    struct Opaque;
    #[derive(Debug)]
    struct Panics;
    impl Serialize for Panics {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            panic!("no")
        }
    }
    #[genai_chat(model = "gpt-4o")]
    fn opaque() -> Opaque {
        Opaque
    }
    #[genai_chat(model = "gpt-4o")]
    fn panics() -> Panics {
        Panics
    }
    #[genai_chat(model = "gpt-4o")]
    fn foreign() -> Value {
        json!({"choices": ["a", "b"], "usage": "much"})
    }
    let recorded = recorded(|| {
        opaque();
        panics();
        foreign();
    });
    assert_eq!(recorded.spans.len(), 3);
    let counted = recorded.metric("genai_trace_unrecognised_responses_total");
    assert_eq!(counted, Some(3.0));
    for chat in &recorded.spans {
        assert_eq!(chat.status, Status::Unset);
        let mut said = chat.attributes.iter().map(|(key, _)| key);
        assert!(
            !said.any(|key| key.starts_with("gen_ai.usage") || key.starts_with("gen_ai.response"))
        );
    }
}

#[test]
fn an_error_that_comes_as_an_answer_is_an_error() {
    #[genai_chat(model = "gpt-4o")]
    fn chat() -> Value {
        json!({"error": {"message": "slow down", "type": "requests", "code": "rate_limit_exceeded"}})
    }
    let recorded = recorded(|| drop(chat()));
    let chat = recorded.span("chat gpt-4o");
    assert_eq!(
        (chat.status, chat.status_message.as_str()),
        (Status::Error, "slow down")
    );
    assert_eq!(
        chat.attributes.str("error.type"),
        Some("rate_limit_exceeded")
    );
}

/// A body of server-sent events.
fn events() -> String {
    [
        json!({"id": "c-1", "object": "chat.completion.chunk", "model": "gpt-4o-x", "choices": [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": null}]}),
        json!({"id": "c-1", "object": "chat.completion.chunk", "model": "gpt-4o-x", "choices": [{"index": 0, "delta": {"content": "Hi"}, "finish_reason": null}]}),
        json!({"id": "c-1", "object": "chat.completion.chunk", "model": "gpt-4o-x", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}),
        json!({"id": "c-1", "object": "chat.completion.chunk", "model": "gpt-4o-x", "choices": [], "usage": {"prompt_tokens": 4, "completion_tokens": 5}}),
    ]
    .map(|part| format!("data: {part}\n\n"))
    .concat()
        + "data: [DONE]\n\n"
}

#[genai_chat(provider = "openai", model = "gpt-4o", stream)]
fn pieces(size: usize) -> impl Stream<Item = io::Result<Vec<u8>>> {
    let body = events().into_bytes();
    let pieces: Vec<_> = body.chunks(size).map(|piece| Ok(piece.to_vec())).collect();
    stream::iter(pieces)
}

#[test]
fn a_streamed_body_is_read_however_it_is_cut() {
    for size in [1, 7, 100, 10_000] {
        let recorded = recorded(|| drop(block_on(pieces(size).collect::<Vec<_>>())));
        assert_eq!(tokens(&recorded), [Some(4), Some(5)], "pieces of {size}");
        let chat = recorded.span("chat gpt-4o");
        let first_chunk = chat
            .attributes
            .float("gen_ai.response.time_to_first_chunk")
            .unwrap();
        let first_token = chat
            .attributes
            .float("genai_trace.time_to_first_token")
            .unwrap();
        assert!(first_chunk <= first_token);
    }
}

#[test]
fn a_stream_behind_an_alias_is_read_as_one() {
    type Parts = Pin<Box<dyn Stream<Item = io::Result<Value>> + Send>>;
    fn parts() -> Parts {
        let parts = events();
        let parts: Vec<_> = parts
            .lines()
            .filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
            .map(Ok)
            .collect();
        Box::pin(stream::iter(parts))
    }
    #[genai_chat(provider = "openai", model = "gpt-4o", stream)]
    fn said() -> io::Result<Parts> {
        Ok(parts())
    }
    #[genai_chat(provider = "openai", model = "gpt-4o")]
    fn found() -> Parts {
        parts()
    }
    for call in [|| said().unwrap(), found] {
        let recorded = recorded(|| drop(block_on(call().collect::<Vec<_>>())));
        assert_eq!(tokens(&recorded), [Some(4), Some(5)]);
        let chat = recorded.span("chat gpt-4o");
        let first_token = "genai_trace.time_to_first_token";
        assert!(chat.attributes.float(first_token).is_some());
    }
}

#[test]
fn a_call_that_gathers_the_stream_of_its_client_is_read_as_a_whole() {
    #[genai_chat(provider = "openai", model = "gpt-4o")]
    fn framework() -> Value {
        drop(block_on(pieces(100).collect::<Vec<_>>()));
        completion()
    }
    let recorded = recorded(|| drop(framework()));
    assert_eq!(tokens(&recorded), [Some(250), Some(130)]);
}

#[test]
fn a_stream_that_is_dropped_half_way_keeps_what_was_seen() {
    let recorded = recorded(|| {
        block_on(async {
            let mut pieces = Box::pin(pieces(10));
            for _ in 0..20 {
                pieces.next().await.unwrap().unwrap();
            }
        });
    });
    let chat = recorded.span("chat gpt-4o");
    assert_eq!(
        chat.attributes.str("genai_trace.outcome"),
        Some("abandoned")
    );
    assert_eq!(chat.attributes.str("gen_ai.response.id"), Some("c-1"));
    let reasons = chat
        .attributes
        .get("gen_ai.response.finish_reasons")
        .cloned();
    assert_eq!(serde_json::to_value(reasons).unwrap(), json!(["error"]));
    assert_eq!(tokens(&recorded), [None, None]);
}

#[test]
fn a_client_that_leaves_once_the_stream_has_said_its_end_abandons_nothing() {
    let recorded = recorded(|| drop(block_on(pieces(10_000).take(1).collect::<Vec<_>>())));
    let chat = recorded.span("chat gpt-4o");
    assert_eq!(chat.attributes.str("genai_trace.outcome"), None);
    assert_eq!(tokens(&recorded), [Some(4), Some(5)]);
}

#[test]
fn a_response_inside_a_field_may_be_missing() {
    #[derive(ChatResponse)]
    struct Used {
        #[genai(input_tokens)]
        input: u32,
    }
    #[derive(ChatResponse)]
    struct Answer {
        #[genai(inside)]
        used: Option<Used>,
    }
    #[genai_chat(provider = "openai", model = "gpt-4o")]
    fn chat(used: Option<Used>) -> Answer {
        Answer { used }
    }
    let recorded = recorded(|| {
        chat(None);
        chat(Some(Used { input: 4 }));
    });
    let used = |span: &genai_trace::SpanRecord| span.attributes.int("gen_ai.usage.input_tokens");
    let used: Vec<_> = recorded.spans.iter().map(used).collect();
    assert_eq!(used, [None, Some(4)]);
}

#[test]
fn an_error_inside_a_stream_is_an_error() {
    #[genai_chat(provider = "openai", model = "gpt-4o", stream)]
    fn chat() -> impl Stream<Item = Value> {
        stream::iter([
            json!({"id": "c-1", "object": "chat.completion.chunk", "model": "gpt-4o", "choices": [{"index": 0, "delta": {"content": "H"}}]}),
            json!({"error": {"message": "tools failed", "code": "tool_use_failed"}}),
        ])
    }
    let recorded = recorded(|| drop(block_on(chat().collect::<Vec<_>>())));
    let chat = recorded.span("chat gpt-4o");
    assert_eq!(chat.status, Status::Error);
    assert_eq!(chat.attributes.str("error.type"), Some("tool_use_failed"));
}

#[test]
fn a_stream_that_is_left_at_its_error_is_an_error() {
    #[genai_chat(provider = "openai", model = "gpt-4o", stream)]
    fn chat() -> impl Stream<Item = String> {
        stream::iter([
            "data: {\"id\":\"c-1\",\"choices\":[{\"index\":0,\"delta\":{}}]}\n\n".to_owned(),
            "event: error\ndata: {\"error\":{\"message\":\"no\",\"code\":\"overloaded\"}}\n\n"
                .to_owned(),
            "data: [DONE]\n\n".to_owned(),
        ])
    }
    let recorded = recorded(|| {
        let mut stream = Box::pin(chat());
        block_on(async { stream.next().await.and(stream.next().await) });
    });
    let chat = recorded.span("chat gpt-4o");
    assert_eq!(chat.status, Status::Error);
    assert_eq!(chat.attributes.str("error.type"), Some("overloaded"));
    assert_eq!(chat.attributes.get("genai_trace.outcome"), None);
}

#[test]
fn what_is_asked_of_embeddings_stands_on_their_span() {
    let request =
        json!({"model": "e-1", "input": ["a"], "dimensions": 256, "encoding_format": "base64"});
    #[genai_embeddings(provider = "openai", request = request)]
    fn embed(request: Value) {}
    let recorded = recorded(|| embed(request));
    let embed = recorded.span("embeddings e-1");
    assert_eq!(
        embed.attributes.int("gen_ai.embeddings.dimension.count"),
        Some(256)
    );
    let formats = embed.attributes.get("gen_ai.request.encoding_formats");
    assert_eq!(json!(formats), json!(["base64"]));
}

#[test]
fn the_tier_and_the_conversation_that_are_asked_for_stand_on_the_span() {
    let request = json!({"model": "gpt-5", "input": "Hi", "service_tier": "flex", "conversation": {"id": "conv_1"}});
    #[genai_chat(provider = "openai", request = request)]
    fn ask(request: Value) {}
    #[genai_agent("outer", conversation_id = "ours")]
    fn outer(request: Value) {
        ask(request);
    }
    let alone = recorded(|| ask(request.clone()));
    let chat = alone.span("chat gpt-5");
    let tier = chat.attributes.str("openai.request.service_tier");
    assert_eq!(tier, Some("flex"));
    let conversation = chat.attributes.str("gen_ai.conversation.id");
    assert_eq!(conversation, Some("conv_1"));
    // Whoever has a conversation of their own looks for that one.
    let below = recorded(|| outer(request.clone()));
    let chat = below.span("chat gpt-5");
    let conversation = chat.attributes.str("gen_ai.conversation.id");
    assert_eq!(conversation, Some("ours"));
}

#[test]
fn embeddings_and_fetched_responses_are_read_too() {
    #[genai_embeddings(provider = "openai", model = "text-embedding-3-small")]
    fn embed() -> Value {
        json!({"object": "list", "model": "text-embedding-3-small", "data": [], "usage": {"prompt_tokens": 8, "total_tokens": 8}})
    }
    #[genai_fetch_response(provider = "openai", response_id = "resp_1")]
    fn fetch() -> Value {
        json!({
            "id": "resp_1", "object": "response", "status": "completed", "model": "gpt-5",
            "output": [{"type": "message", "status": "completed", "role": "assistant", "content": []}],
            "usage": {"input_tokens": 9, "output_tokens": 9, "total_tokens": 18},
        })
    }
    let recorded = recorded(|| {
        embed();
        fetch();
    });
    let embed = recorded.span("embeddings text-embedding-3-small");
    assert_eq!(embed.attributes.int("gen_ai.usage.input_tokens"), Some(8));
    let fetch = recorded.span("fetch_response");
    assert_eq!(
        fetch.attributes.str("gen_ai.response.status"),
        Some("completed")
    );
    // Nothing was generated by it.
    assert_eq!(fetch.attributes.int("gen_ai.usage.input_tokens"), None);
}

#[test]
fn a_fetched_stream_counts_nothing_again() {
    #[genai_fetch_response(provider = "openai", response_id = "resp_1")]
    fn fetch() -> impl Stream<Item = Value> {
        let response = json!({
            "id": "resp_1", "object": "response", "status": "completed", "output": [],
            "usage": {"input_tokens": 9, "output_tokens": 9},
        });
        stream::iter([json!({"type": "response.completed", "response": response})])
    }
    let recorded = recorded(|| drop(block_on(fetch().collect::<Vec<_>>())));
    let fetch = recorded.span("fetch_response");
    let status = fetch.attributes.str("gen_ai.response.status");
    assert_eq!(status, Some("completed"));
    assert_eq!(fetch.attributes.int("gen_ai.usage.input_tokens"), None);
}

/// The provider that the one chat says.
fn provider(call: impl FnOnce()) -> Option<String> {
    let recorded = recorded(call);
    recorded
        .span("chat")
        .attributes
        .str("gen_ai.provider.name")
        .map(str::to_owned)
}

fn message() -> Value {
    json!({
        "id": "msg_01", "type": "message", "role": "assistant", "model": "claude-opus-5", "content": [],
        "stop_reason": "end_turn", "usage": {"input_tokens": 1, "output_tokens": 2},
    })
}

#[test]
fn an_answer_says_its_provider_where_nobody_else_does() {
    #[genai_chat]
    fn unsaid() -> Value {
        message()
    }
    #[genai_chat(provider = "groq")]
    fn said() -> Value {
        message()
    }
    #[genai_chat(provider = name)]
    fn said_now(name: &str) -> Value {
        message()
    }
    #[genai_chat(url = "https://api.deepseek.com/anthropic/v1/messages")]
    fn elsewhere() -> Value {
        message()
    }
    #[genai_chat]
    fn streamed() -> impl Stream<Item = Value> {
        stream::iter([json!({"type": "message_start", "message": message()})])
    }
    #[genai_chat]
    fn foreign() -> Value {
        json!({"answer": "yes"})
    }
    assert_eq!(provider(|| drop(unsaid())).as_deref(), Some("anthropic"));
    assert_eq!(provider(|| drop(said())).as_deref(), Some("groq"));
    assert_eq!(provider(|| drop(said_now("own"))).as_deref(), Some("own"));
    assert_eq!(provider(|| drop(elsewhere())).as_deref(), Some("deepseek"));
    let stream = || drop(block_on(streamed().collect::<Vec<_>>()));
    assert_eq!(provider(stream).as_deref(), Some("anthropic"));
    assert_eq!(provider(|| drop(foreign())), None);
}

#[test]
fn a_request_says_its_provider_where_nobody_else_does() {
    fn question() -> Value {
        json!({"model": "claude-opus-5", "max_tokens": 9, "system": "Be brief.", "messages": [],
            "anthropic_version": "vertex-2023-10-16"})
    }
    #[genai_chat(request = question())]
    fn unsaid() -> Result<Value, io::Error> {
        Err(io::Error::other("no route"))
    }
    #[genai_chat(request = question(), provider = "groq")]
    fn said() -> Value {
        message()
    }
    let of = |call: fn()| {
        let recorded = recorded(call);
        let chat = recorded.span("chat claude-opus-5");
        let provider = chat.attributes.str("gen_ai.provider.name");
        provider.map(str::to_owned)
    };
    assert_eq!(of(|| drop(unsaid())).as_deref(), Some("gcp.vertex_ai"));
    assert_eq!(of(|| drop(said())).as_deref(), Some("groq"));
}
