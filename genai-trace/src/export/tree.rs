//! Spans as a tree for people, with durations, tokens and errors.

use std::fmt::Write;
use std::time::Duration;

use super::forest::Forest;
use crate::record::{SpanRecord, Status};
use crate::span::names;

/// Draws spans as trees, one for each root, with durations, tokens and errors.
///
/// Children stand in the order in which they began. A span whose parent is not among `spans` is a
/// root here. Control characters are shown escaped.
///
/// ```
/// # let line = r#"{"trace_id":"4bf92f3577b34da6a3ce929d0e0e4736","span_id":"00f067aa0ba902b7","parent_span_id":null,"name":"chat gpt-4o","kind":"CLIENT","start_unix_nano":0,"end_unix_nano":1800000000,"status":"UNSET","status_message":"","attributes":{"gen_ai.usage.input_tokens":250,"gen_ai.usage.output_tokens":130},"events":[],"links":[],"resource":{}}"#;
/// let span: genai_trace::SpanRecord = serde_json::from_str(line)?;
/// assert_eq!(genai_trace::render_tree(&[span]), "chat gpt-4o 1.8s 250/130 tokens\n");
/// # Ok::<(), serde_json::Error>(())
/// ```
pub fn render_tree(spans: &[SpanRecord]) -> String {
    render(&spans.iter().collect::<Vec<_>>(), Style::Plain)
}

/// Whether the tree is coloured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    Coloured,
}

#[derive(Clone, Copy)]
enum Ink {
    Branch,
    Name,
    Time,
    Tokens,
    Error,
    Notice,
}

impl Style {
    fn paint(self, ink: Ink, text: &str, out: &mut String) {
        let code = match ink {
            Ink::Branch => "2",
            Ink::Name => "1",
            Ink::Time => "36",
            Ink::Tokens => "35",
            Ink::Error => "31",
            Ink::Notice => "33",
        };
        if self == Style::Coloured {
            out.push_str("\x1b[");
            out.push_str(code);
            out.push('m');
        }
        push_visible(text, out);
        if self == Style::Coloured {
            out.push_str("\x1b[0m");
        }
    }
}

/// Writes `text` so that nothing in it moves the cursor or changes the colours.
pub(crate) fn push_visible(text: &str, out: &mut String) {
    for c in text.chars() {
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
}

/// Draws spans as trees.
pub(crate) fn render(spans: &[&SpanRecord], style: Style) -> String {
    let mut forest = Forest::new(spans);
    let mut out = String::new();
    // A stack rather than recursion: a trace may be deeper than the thread's stack.
    let mut open: Vec<(&SpanRecord, String, &str)> = forest
        .take_roots()
        .into_iter()
        .rev()
        .map(|root| (root, String::new(), ""))
        .collect();
    while let Some((span, indent, branch)) = open.pop() {
        style.paint(Ink::Branch, &format!("{indent}{branch}"), &mut out);
        describe(span, style, &mut out);
        out.push('\n');
        let below = match branch {
            "├─ " => indent + "│  ",
            "└─ " => indent + "   ",
            _ => indent,
        };
        let children = forest.take_children(span);
        let last = children.len().saturating_sub(1);
        for (index, child) in children.into_iter().enumerate().rev() {
            let branch = if index == last { "└─ " } else { "├─ " };
            open.push((child, below.clone(), branch));
        }
    }
    out
}

/// One span: its name, its duration, and what is worth knowing of it.
fn describe(span: &SpanRecord, style: Style, out: &mut String) {
    style.paint(Ink::Name, &span.name, out);
    out.push(' ');
    style.paint(Ink::Time, &short_duration(span.duration()), out);
    let tokens = [names::INPUT_TOKENS, names::OUTPUT_TOKENS].map(|key| span.attributes.int(key));
    if let [input, output] = tokens
        && (input.is_some() || output.is_some())
    {
        let count = |tokens: Option<i64>| tokens.map_or("?".to_owned(), |count| count.to_string());
        let text = format!("{}/{} tokens", count(input), count(output));
        out.push(' ');
        style.paint(Ink::Tokens, &text, out);
    }
    if let Some(decision) = span.attributes.str(names::GATE_DECISION) {
        let mut text = decision.to_owned();
        if let Some(reason) = span.attributes.str(names::GATE_REASON) {
            let _ = write!(text, ": {reason}");
        }
        out.push(' ');
        style.paint(
            if decision == "allow" {
                Ink::Branch
            } else {
                Ink::Notice
            },
            &text,
            out,
        );
    }
    if span.status == Status::Error {
        let mut text = "ERROR".to_owned();
        if let Some(error_type) = span.attributes.str(names::ERROR_TYPE) {
            let _ = write!(text, " {error_type}");
        }
        if !span.status_message.is_empty() {
            let _ = write!(text, ": {}", shortened(&span.status_message));
        }
        out.push(' ');
        style.paint(Ink::Error, &text, out);
    } else if let Some(outcome) = span.attributes.str(names::OUTCOME) {
        out.push(' ');
        style.paint(Ink::Notice, outcome, out);
    }
}

/// Longest message that fits beside a span, in characters.
const MESSAGE_CHARS: usize = 120;

fn shortened(message: &str) -> String {
    let mut chars = message.chars();
    let mut kept: String = chars.by_ref().take(MESSAGE_CHARS).collect();
    if chars.next().is_some() {
        kept.push('…');
    }
    kept
}

/// A duration with two or three digits, as in `850ns`, `12µs`, `3.4ms`, `12.0s`, `2m 5s`, `3h 20m`.
pub(crate) fn short_duration(duration: Duration) -> String {
    let seconds = duration.as_secs();
    // Three digits are shown.
    #[allow(clippy::cast_precision_loss)]
    let nanos = duration.as_nanos() as f64;
    match duration.as_nanos() {
        0..1_000 => format!("{nanos}ns"),
        1_000..1_000_000 => format!("{:.0}µs", nanos / 1e3),
        1_000_000..10_000_000 => format!("{:.1}ms", nanos / 1e6),
        10_000_000..1_000_000_000 => format!("{:.0}ms", nanos / 1e6),
        _ if seconds < 60 => format!("{:.1}s", nanos / 1e9),
        _ if seconds < 3_600 => format!("{}m {}s", seconds / 60, seconds % 60),
        _ => format!("{}h {}m", seconds / 3_600, seconds / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn span(id: u8, parent: u8, name: &str, start: u64, end: u64, more: &str) -> SpanRecord {
        let parent = match parent {
            0 => "null".to_owned(),
            parent => format!("\"{parent:016x}\""),
        };
        let line = format!(
            r#"{{"trace_id":"{:032x}","span_id":"{id:016x}","parent_span_id":{parent},"name":"{name}","kind":"INTERNAL","start_unix_nano":{start},"end_unix_nano":{end},"events":[],"links":[],"resource":{{}},{more}}}"#,
            1
        );
        serde_json::from_str(&line).unwrap()
    }

    const FINE: &str = r#""status":"UNSET","status_message":"","attributes":{}"#;

    #[test]
    fn a_run_is_drawn_as_its_tree() {
        let spans = [
            span(
                5,
                3,
                "execute_tool read_file",
                1_900_000_000,
                1_902_345_678,
                r#""status":"ERROR","status_message":"no such\u001b file","attributes":{"error.type":"NotFound"}"#,
            ),
            span(
                4,
                3,
                "gate allow_command",
                1_800_000_000,
                1_800_000_850,
                r#""status":"UNSET","status_message":"","attributes":{"genai_trace.gate.decision":"deny","genai_trace.gate.reason":"not on the list"}"#,
            ),
            span(
                2,
                1,
                "chat gpt-4o",
                0,
                1_800_000_000,
                r#""status":"UNSET","status_message":"","attributes":{"gen_ai.usage.input_tokens":250,"gen_ai.usage.output_tokens":130}"#,
            ),
            span(3, 1, "agent.turn", 1_800_000_000, 3_000_000_000, FINE),
            span(
                6,
                1,
                "chat gpt-4o",
                3_000_000_000,
                3_040_000_000,
                r#""status":"UNSET","status_message":"","attributes":{"genai_trace.outcome":"cancelled"}"#,
            ),
            span(1, 0, "invoke_agent coder", 0, 12_000_000_000, FINE),
        ];
        assert_eq!(
            render_tree(&spans),
            "\
invoke_agent coder 12.0s
├─ chat gpt-4o 1.8s 250/130 tokens
├─ agent.turn 1.2s
│  ├─ gate allow_command 850ns deny: not on the list
│  └─ execute_tool read_file 2.3ms ERROR NotFound: no such\\u{1b} file
└─ chat gpt-4o 40ms cancelled
"
        );
    }

    #[test]
    fn a_span_without_its_parent_is_a_root() {
        let spans = [span(2, 9, "late", 0, 1_000, FINE)];
        assert_eq!(render_tree(&spans), "late 1µs\n");
    }

    #[test]
    fn colours_are_closed_where_they_are_opened() {
        let drawn = render(&[&span(1, 0, "a", 0, 1, FINE)], Style::Coloured);
        assert_eq!(drawn, "\x1b[2m\x1b[0m\x1b[1ma\x1b[0m \x1b[36m1ns\x1b[0m\n");
    }

    #[test]
    fn durations_stay_short() {
        let shown = [
            0,
            999,
            1_000,
            999_400,
            1_000_000,
            9_940_000,
            999_000_000,
            59_900_000_000,
            125_000_000_000,
            12_000_000_000_000,
        ]
        .map(|nanos| short_duration(Duration::from_nanos(nanos)));
        assert_eq!(
            shown,
            [
                "0ns", "999ns", "1µs", "999µs", "1.0ms", "9.9ms", "999ms", "59.9s", "2m 5s",
                "3h 20m"
            ]
        );
    }
}
