//! A stand-in for a model: it asks for the price of what it is to sell, and adds up.
//!
//! It has never heard of rebates, and asks again as long as it is told to. A word is a token.

use serde_json::{Value, json};

/// What it is called.
pub(crate) const NAME: &str = "abacus-1";

/// Answers a request as chat completions have it.
pub(crate) fn complete(request: &Value) -> Value {
    let messages = request.get("messages").and_then(Value::as_array);
    let messages = messages.map_or(&[][..], Vec::as_slice);
    let asked = messages.first().map(content).unwrap_or_default();
    let wanted = wanted(asked);
    // What was said of each, in the order in which it was asked for.
    let last = messages.iter().rev();
    let mut prices: Vec<Value> = last
        .take_while(|message| message.get("role") == Some(&json!("tool")))
        .map(|message| serde_json::from_str(content(message)).unwrap_or_default())
        .collect();
    prices.reverse();

    let is_open = prices
        .iter()
        .any(|said| error(said).is_some_and(|why| why.contains("again")));
    let message = match prices.is_empty() || is_open {
        true => {
            json!({"role": "assistant", "content": null, "tool_calls": calls(&wanted, messages.len())})
        }
        false => json!({"role": "assistant", "content": answer(&wanted, &prices)}),
    };
    let reason = if message.get("tool_calls").is_some() {
        "tool_calls"
    } else {
        "stop"
    };
    let input: usize = messages.iter().map(words).sum();
    let output = words(&message);
    json!({
        "id": format!("abacus-{}", messages.len()),
        "object": "chat.completion",
        "model": NAME,
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
        "usage": {
            "prompt_tokens": input, "completion_tokens": output, "total_tokens": input + output,
        },
    })
}

/// How many of what is wanted: `3 apples`.
fn wanted(question: &str) -> Vec<(u64, &str)> {
    let mut words = question.split([' ', '?']);
    let mut wanted = Vec::new();
    while let Some(word) = words.next() {
        if let (Ok(count), Some(item)) = (word.parse(), words.clone().next()) {
            wanted.push((count, item));
        }
    }
    wanted
}

/// Calls of the tool `price`, one for each kind.
fn calls(wanted: &[(u64, &str)], turn: usize) -> Vec<Value> {
    let call = |(number, (_, item)): (usize, &(u64, &str))| {
        let arguments = json!({"item": item}).to_string();
        json!({
            "id": format!("call_{turn}_{number}"), "type": "function",
            "function": {"name": "price", "arguments": arguments},
        })
    };
    wanted.iter().enumerate().map(call).collect()
}

fn answer(wanted: &[(u64, &str)], prices: &[Value]) -> String {
    let mut sum = 0;
    for ((count, item), said) in wanted.iter().zip(prices) {
        if let Some(why) = error(said) {
            return format!("{item} are {why}");
        }
        sum += count * said.get("coins").and_then(Value::as_u64).unwrap_or(0);
    }
    format!("{sum} coins")
}

fn error(said: &Value) -> Option<&str> {
    said.get("error")?.as_str()
}

fn content(message: &Value) -> &str {
    message
        .get("content")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// The words of a message: of its text, and one for each tool that it calls.
fn words(message: &Value) -> usize {
    let calls = message.get("tool_calls").and_then(Value::as_array);
    content(message).split_whitespace().count() + calls.map_or(0, Vec::len)
}
