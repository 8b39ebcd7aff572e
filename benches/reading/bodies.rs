//! Bodies as providers send them, of about the size that is asked for.

use serde_json::{Value, json};

/// A response.
pub struct Body {
    pub name: &'static str,
    pub bytes: Vec<u8>,
}

/// A stream, and each JSON value in it.
pub struct Stream {
    pub name: &'static str,
    pub bytes: Vec<u8>,
    pub parts: Vec<Vec<u8>>,
}

/// Prose of `bytes` bytes, with what is to be escaped here and there.
fn prose(bytes: usize) -> String {
    let line = "The build fails because \"config.toml\" names a crate that is no longer there.\n";
    line.chars().cycle().take(bytes).collect()
}

/// Messages are of some texts and calls, each of at most 2 KiB.
fn split(size: usize) -> Vec<String> {
    let pieces = size.div_ceil(2048);
    (0..pieces).map(|_| prose(size / pieces)).collect()
}

/// A response of each form.
pub fn responses(size: usize) -> Vec<Body> {
    let texts = split(size.saturating_sub(400).max(64));
    let anthropic: Vec<_> = texts
        .iter()
        .enumerate()
        .map(|(at, text)| match at % 4 {
            3 => json!({"type": "tool_use", "id": "toolu_1", "name": "read", "input": {"path": text}}),
            _ => json!({"type": "text", "text": text}),
        })
        .collect();
    let gemini: Vec<_> = texts.iter().map(|text| json!({"text": text})).collect();
    let openai = texts.concat();
    let vector: Vec<_> = (0..size / 14).map(|at| (at as f64 * 0.37).sin()).collect();
    let all = [
        (
            "Anthropic",
            json!({"id": "msg_1", "type": "message", "role": "assistant", "model": "claude-x",
            "content": anthropic, "stop_reason": "end_turn", "stop_sequence": null,
            "usage": {"input_tokens": 12, "cache_read_input_tokens": 4096, "cache_creation_input_tokens": 0,
                "output_tokens": 300, "service_tier": "standard"}}),
        ),
        (
            "Gemini",
            json!({"candidates": [{"content": {"parts": gemini, "role": "model"},
                "finishReason": "STOP", "index": 0}], "modelVersion": "gemini-x", "responseId": "r1",
            "usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 300, "totalTokenCount": 312,
                "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 12}]}}),
        ),
        (
            "Converse",
            json!({"output": {"message": {"role": "assistant", "content": gemini}},
            "stopReason": "end_turn", "usage": {"inputTokens": 12, "outputTokens": 300}}),
        ),
        (
            "Chat completion",
            json!({"id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000,
            "model": "gpt-x", "choices": [{"index": 0, "message": {"role": "assistant", "content": openai},
                "logprobs": null, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 12, "completion_tokens": 300, "total_tokens": 312,
                "prompt_tokens_details": {"cached_tokens": 0}}}),
        ),
        (
            "Embedding",
            json!({"object": "list", "model": "e", "data": [{"object": "embedding", "index": 0,
            "embedding": vector}], "usage": {"prompt_tokens": 12, "total_tokens": 12}}),
        ),
    ];
    all.map(|(name, body)| Body {
        name,
        bytes: body.to_string().into_bytes(),
    })
    .into()
}

/// A stream of each form and wire, with words as models write them.
pub fn streams(size: usize) -> Vec<Stream> {
    let text = prose(size);
    let words: Vec<_> = text.split_inclusive(' ').collect();
    vec![
        anthropic(size, &words),
        openai(size, &words),
        gemini(size, &words, false),
        gemini(size, &words, true),
        converse(size, &words),
    ]
}

/// As many of the words as make `size` bytes, each put into a part.
fn parts(
    size: usize,
    words: &[&str],
    start: Vec<Value>,
    part: impl Fn(&str) -> Value,
    end: Vec<Value>,
) -> Vec<Vec<u8>> {
    let text = |value: &Value| value.to_string().into_bytes();
    let mut parts: Vec<_> = start.iter().map(text).collect();
    let ends: Vec<_> = end.iter().map(text).collect();
    let mut bytes = parts.iter().chain(&ends).map(Vec::len).sum::<usize>();
    for word in words.iter().cycle() {
        if bytes >= size {
            break;
        }
        let part = text(&part(word));
        bytes += part.len();
        parts.push(part);
    }
    parts.extend(ends);
    parts
}

fn anthropic(size: usize, words: &[&str]) -> Stream {
    let parts = parts(
        size,
        words,
        vec![
            json!({"type": "message_start", "message": {"id": "msg_1", "type": "message",
                "role": "assistant", "model": "claude-x", "content": [], "stop_reason": null,
                "usage": {"input_tokens": 12, "output_tokens": 1}}}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
        ],
        |word| {
            json!({"type": "content_block_delta", "index": 0,
            "delta": {"type": "text_delta", "text": word}})
        },
        vec![
            json!({"type": "content_block_stop", "index": 0}),
            json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"},
                "usage": {"output_tokens": 300}}),
        ],
    );
    let mut bytes = Vec::new();
    for part in &parts {
        bytes.extend(b"event: content_block_delta\ndata: ");
        bytes.extend(part);
        bytes.extend(b"\n\n");
    }
    Stream {
        name: "Anthropic",
        bytes,
        parts,
    }
}

fn openai(size: usize, words: &[&str]) -> Stream {
    let chunk = |delta: Value, reason: Value| {
        json!({"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1_790_000_000,
            "model": "gpt-x", "system_fingerprint": "fp_1",
            "choices": [{"index": 0, "delta": delta, "logprobs": null, "finish_reason": reason}]})
    };
    let parts = parts(
        size,
        words,
        vec![chunk(
            json!({"role": "assistant", "content": ""}),
            Value::Null,
        )],
        |word| chunk(json!({"content": word}), Value::Null),
        vec![chunk(json!({}), json!("stop"))],
    );
    Stream {
        name: "Chat completion",
        bytes: events(&parts),
        parts,
    }
}

fn events(parts: &[Vec<u8>]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for part in parts {
        bytes.extend(b"data: ");
        bytes.extend(part);
        bytes.extend(b"\n\n");
    }
    bytes
}

fn gemini(size: usize, words: &[&str], list: bool) -> Stream {
    let chunk = |word: &str, reason: Value| {
        json!({"candidates": [{"content": {"parts": [{"text": word}], "role": "model"}, "index": 0,
                "finishReason": reason}], "modelVersion": "gemini-x", "responseId": "r1",
            "usageMetadata": {"promptTokenCount": 12, "candidatesTokenCount": 300, "totalTokenCount": 312}})
    };
    let parts = parts(
        size,
        words,
        Vec::new(),
        |word| chunk(word, Value::Null),
        vec![chunk("", json!("STOP"))],
    );
    let bytes = match list {
        true => [b"[".to_vec(), parts.join(&b",\r\n"[..]), b"]".to_vec()].concat(),
        false => events(&parts),
    };
    Stream {
        name: if list { "Gemini, a list" } else { "Gemini" },
        bytes,
        parts,
    }
}

fn converse(size: usize, words: &[&str]) -> Stream {
    let parts = parts(
        size,
        words,
        vec![json!({"role": "assistant", "p": "abcdefghijklmnop"})],
        |word| {
            json!({"contentBlockIndex": 0, "delta": {"text": word},
            "p": "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKL"})
        },
        vec![
            json!({"stopReason": "end_turn", "p": "abcdefg"}),
            json!({"usage": {"inputTokens": 12, "outputTokens": 300, "totalTokens": 312}, "p": "abc"}),
        ],
    );
    let mut bytes = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let name = match parts.len() - at {
            1 => "metadata",
            2 => "messageStop",
            _ if at == 0 => "messageStart",
            _ => "contentBlockDelta",
        };
        frame(&mut bytes, name, part);
    }
    Stream {
        name: "Converse",
        bytes,
        parts,
    }
}

/// A frame of AWS's event stream.
fn frame(bytes: &mut Vec<u8>, name: &str, payload: &[u8]) {
    let mut headers = Vec::new();
    for (key, value) in [
        (":event-type", name),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ] {
        headers.push(u8::try_from(key.len()).expect("a short name"));
        headers.extend(key.bytes());
        headers.push(7);
        headers.extend(
            u16::try_from(value.len())
                .expect("a short value")
                .to_be_bytes(),
        );
        headers.extend(value.bytes());
    }
    let word = |number: usize| u32::try_from(number).expect("a short frame").to_be_bytes();
    let from = bytes.len();
    bytes.extend(word(16 + headers.len() + payload.len()));
    bytes.extend(word(headers.len()));
    bytes.extend(checksum(&bytes[from..]));
    bytes.extend(headers);
    bytes.extend(payload);
    bytes.extend(checksum(&bytes[from..]));
}

/// What AWS checks its frames with.
fn checksum(bytes: &[u8]) -> [u8; 4] {
    let sum = bytes.iter().fold(u32::MAX, |sum, byte| {
        (0..8).fold(sum ^ u32::from(*byte), |sum, _| match sum & 1 {
            0 => sum >> 1,
            _ => sum >> 1 ^ 0xEDB8_8320,
        })
    });
    (!sum).to_be_bytes()
}
