//! JSON built of the words that providers use, as the input says: raw bytes seldom come that far.

use genai_trace::provider::ChatFacts;
use serde_json::{Map, Value, json};

/// Keys and words of all forms.
const WORDS: &[&str] = &[
    "",
    "a",
    "0",
    "id",
    "type",
    "model",
    "role",
    "assistant",
    "user",
    "content",
    "text",
    "name",
    "input",
    "index",
    "delta",
    "usage",
    "error",
    "message",
    "code",
    "status",
    "messages",
    "tools",
    "system",
    // Anthropic
    "message_start",
    "content_block_start",
    "content_block_delta",
    "message_delta",
    "message_stop",
    "content_block",
    "text_delta",
    "thinking",
    "thinking_delta",
    "input_json_delta",
    "partial_json",
    "tool_use",
    "tool_result",
    "stop_reason",
    "end_turn",
    "max_tokens",
    "stop_sequences",
    "input_tokens",
    "output_tokens",
    "cache_read_input_tokens",
    "cache_creation_input_tokens",
    "cache_creation",
    "ephemeral_1h_input_tokens",
    "output_tokens_details",
    "thinking_tokens",
    "server_tool_use",
    "source",
    "base64",
    "media_type",
    "data",
    "claude-x",
    "input_schema",
    // Gemini
    "candidates",
    "parts",
    "finishReason",
    "STOP",
    "modelVersion",
    "responseId",
    "usageMetadata",
    "promptTokenCount",
    "candidatesTokenCount",
    "thoughtsTokenCount",
    "toolUsePromptTokenCount",
    "cachedContentTokenCount",
    "promptTokensDetails",
    "modality",
    "tokenCount",
    "TEXT",
    "AUDIO",
    "functionCall",
    "args",
    "inlineData",
    "mimeType",
    "thought",
    "promptFeedback",
    "blockReason",
    "contents",
    "generationConfig",
    "systemInstruction",
    "functionDeclarations",
    "embeddings",
    "values",
    "event_type",
    "interaction",
    "interaction.created",
    "step",
    "step.start",
    "step.delta",
    "steps",
    "object",
    "function_call",
    "arguments",
    "total_input_tokens",
    "total_output_tokens",
    "total_tokens",
    "total_thought_tokens",
    "input_tokens_by_modality",
    "tokens",
    "arguments_delta",
    // Bedrock
    "output",
    "stopReason",
    "inputTokens",
    "outputTokens",
    "cacheReadInputTokens",
    "messageStart",
    "contentBlockStart",
    "contentBlockDelta",
    "contentBlockStop",
    "messageStop",
    "metadata",
    "start",
    "contentBlockIndex",
    "toolUse",
    "toolUseId",
    "reasoningContent",
    "reasoningText",
    "cacheDetails",
    "ttl",
    "1h",
    "generation",
    "prompt_token_count",
    "generation_token_count",
    "completion",
    "outputs",
    "results",
    "outputText",
    "completionReason",
    "inputTextTokenCount",
    "generations",
    "bytes",
    "amazon-bedrock-invocationMetrics",
    "inputTokenCount",
    "outputTokenCount",
    "__type",
    "throttlingException",
    "inferenceConfig",
    "maxTokens",
    "inputText",
    "textGenerationConfig",
    "prompt",
    // OpenAI and others
    "choices",
    "finish_reason",
    "stop",
    "tool_calls",
    "function",
    "prompt_tokens",
    "completion_tokens",
    "prompt_tokens_details",
    "cached_tokens",
    "completion_tokens_details",
    "reasoning_tokens",
    "chat.completion",
    "chat.completion.chunk",
    "response",
    "response.created",
    "response.completed",
    "response.output_item.done",
    "item",
    "output_text",
    "incomplete_details",
    "reason",
    "completed",
    "failed",
    "incomplete",
    "x_groq",
    "meta",
    "billed_units",
    "prompt_eval_count",
    "eval_count",
    "done",
    "done_reason",
    "created_at",
    "event",
    "is_finished",
    "message-end",
    "finishReason",
];

/// Reads the input byte for byte; 0 where it ends.
pub struct Bytes<'a>(pub &'a [u8]);

impl Bytes<'_> {
    pub fn next(&mut self) -> u8 {
        let Some((first, rest)) = self.0.split_first() else {
            return 0;
        };
        self.0 = rest;
        *first
    }

    pub fn word(&mut self) -> &'static str {
        WORDS[usize::from(self.next()) % WORDS.len()]
    }

    /// A value of at most `depth` levels.
    pub fn value(&mut self, depth: usize) -> Value {
        let kind = self.next();
        let size = usize::from(kind >> 4);
        match kind % 16 {
            0..=6 if depth > 0 => {
                let members = (0..size).map(|_| (self.word().to_owned(), self.value(depth - 1)));
                Value::Object(members.collect::<Map<_, _>>())
            }
            7..=9 if depth > 0 => (0..size).map(|_| self.value(depth - 1)).collect(),
            10 => Value::Null,
            11 => json!(self.next() % 2 == 0),
            12 => json!(self.next()),
            13 => [
                json!(-1),
                json!(u64::MAX),
                json!(i64::MAX),
                json!(1.5),
                json!(2.0),
                json!(1e300),
            ][usize::from(self.next()) % 6]
                .clone(),
            14 => json!("é\u{1f600}\"\\".repeat(usize::from(self.next() % 8))),
            _ => json!(self.word()),
        }
    }
}

/// No count is one that the conventions' integers cannot hold, and none is of what `text` has no word of.
pub fn check(facts: &ChatFacts, text: &str) {
    let usage = &facts.usage;
    let by = [usage.input_by, usage.output_by, usage.cache_read_by];
    let by = by.into_iter().flat_map(|by| [by.text, by.audio, by.image]);
    let counts = [
        usage.input,
        usage.output,
        usage.cache_read,
        usage.cache_write,
        usage.cache_write_1h,
        usage.reasoning,
    ];
    for count in counts.into_iter().chain(by).flatten() {
        assert!(i64::try_from(count).is_ok(), "{facts:?}");
    }
    // An escape may spell any word.
    if text.contains('\\') {
        return;
    }
    if !text.contains("cach") {
        let cached = [usage.cache_read, usage.cache_write, usage.cache_write_1h];
        assert_eq!(cached, [None; 3], "{text}");
    }
    if !["thought", "think", "reason"]
        .iter()
        .any(|word| text.contains(word))
    {
        assert_eq!(usage.reasoning, None, "{text}");
    }
    if !text.contains(|digit: char| digit.is_ascii_digit()) {
        let counted = [usage.input, usage.output];
        // A list of tokens is counted itself.
        assert!(counted == [None; 2] || text.contains("tokens"), "{text}");
    }
}
