//! A trace as people read it.

use std::collections::HashSet;
use std::fmt::Write;

use genai_trace::{SpanRecord, Status, Value};

use crate::pricing::{Spent, spent};
use crate::scores::{Kept, ON_SPAN, Scores};
use crate::span::Brief;
use crate::text::{count, dollars, duration, moment, visible};
use crate::tree::Tree;

/// A message is shown up to so many characters.
const LONGEST_MESSAGE: usize = 120;

/// A trace that is to be drawn.
pub(super) struct Drawing<'a> {
    pub(super) tree: &'a Tree,
    pub(super) path: &'a HashSet<usize>,
    pub(super) scores: &'a Scores,
    pub(super) is_coloured: bool,
    pub(super) has_attributes: bool,
}

/// The colours of what stands in a line.
#[derive(Clone, Copy)]
enum Ink {
    Branch,
    Name,
    Time,
    Usage,
    Error,
    Notice,
    Good,
}

/// So many levels are drawn.
const DEEPEST: usize = 40;

impl Drawing<'_> {
    pub(super) fn text(&self, id: u128) -> String {
        let mut out = self.head(id);
        // For each depth whether something comes behind on it.
        let mut goes_on: Vec<bool> = Vec::new();
        for node in self.tree.nodes() {
            let Some(span) = self.tree.span(node.place) else {
                continue;
            };
            goes_on.truncate(node.depth.saturating_sub(1));
            let mut branch = String::new();
            // What is deeper than any screen is wide is drawn at its edge.
            let hidden = goes_on.len().saturating_sub(DEEPEST);
            if hidden > 0 {
                branch = format!("({hidden} deeper) ");
            }
            for goes_on in goes_on.iter().skip(hidden) {
                branch.push_str(if *goes_on { "│  " } else { "   " });
            }
            let below = branch.clone();
            if node.depth > 0 {
                branch.push_str(if node.is_last { "└─ " } else { "├─ " });
                goes_on.push(!node.is_last);
            }
            let is_critical = self.path.contains(&node.place);
            out.push_str(if is_critical { "* " } else { "  " });
            self.paint(Ink::Branch, &branch, &mut out);
            self.describe(span, is_critical, &mut out);
            out.push('\n');
            if self.has_attributes {
                let indent = match (node.depth, node.is_last) {
                    (0, _) => below,
                    (_, true) => below + "   ",
                    (_, false) => below + "│  ",
                };
                self.attributes(span, &indent, &mut out);
            }
        }
        out
    }

    fn head(&self, id: u128) -> String {
        let spans = &self.tree.spans;
        let start = spans.iter().map(|span| span.start_unix_nano).min();
        let end = spans.iter().map(|span| span.end_unix_nano).max();
        let (start, end) = (start.unwrap_or(0), end.unwrap_or(0));
        let errors = spans.iter().filter(|span| span.status == Status::Error);
        let errors = errors.count();
        let (mut input, mut output, mut usd, mut unpriced) = (0_u64, 0_u64, 0.0, 0_u64);
        for span in spans {
            let brief = Brief::of(span);
            if brief.kind().calls_a_model() {
                input = input.saturating_add(brief.facts.input_tokens.unwrap_or(0));
                output = output.saturating_add(brief.facts.output_tokens.unwrap_or(0));
            }
            match spent(&brief) {
                Spent::Dollars(dollars) => usd += dollars,
                Spent::Unknown => unpriced += 1,
                Spent::Nothing => {}
            }
        }
        let mut head = format!(
            "trace {id:032x}\nbegan {} UTC, took {}, {}",
            moment(start),
            duration(end.saturating_sub(start)),
            count(u64::try_from(spans.len()).unwrap_or(u64::MAX), "span")
        );
        if errors > 0 {
            let errors = u64::try_from(errors).unwrap_or(u64::MAX);
            let _ = write!(head, ", {}", count(errors, "error"));
        }
        if input > 0 || output > 0 {
            let _ = write!(head, ", {input}/{output} tokens");
        }
        if usd > 0.0 {
            let _ = write!(head, ", {}", dollars(usd));
        }
        if unpriced > 0 {
            let _ = write!(head, ", {} of unknown price", count(unpriced, "call"));
        }
        head.push('\n');
        let of_trace: Vec<_> = self.scores.of_trace(id).collect();
        if !of_trace.is_empty() {
            head.push_str("scores");
            for kept in of_trace {
                self.score(kept, &mut head);
            }
            head.push('\n');
        }
        head.push('\n');
        head
    }

    fn describe(&self, span: &SpanRecord, is_critical: bool, out: &mut String) {
        let brief = Brief::of(span);
        let facts = &brief.facts;
        let ink = if is_critical { Ink::Name } else { Ink::Branch };
        self.paint(ink, &span.name, out);
        out.push(' ');
        self.paint(Ink::Time, &duration(brief.nanoseconds()), out);
        if facts.input_tokens.is_some() || facts.output_tokens.is_some() {
            let count =
                |tokens: Option<u64>| tokens.map_or("?".to_owned(), |count| count.to_string());
            let text = format!(
                "{}/{} tokens",
                count(facts.input_tokens),
                count(facts.output_tokens)
            );
            out.push(' ');
            self.paint(Ink::Usage, &text, out);
        }
        match spent(&brief) {
            Spent::Dollars(usd) => {
                out.push(' ');
                self.paint(Ink::Usage, &dollars(usd), out);
            }
            Spent::Unknown => {
                out.push(' ');
                self.paint(Ink::Notice, "price unknown", out);
            }
            Spent::Nothing => {}
        }
        if let Some(decision) = &facts.decision {
            let mut text = decision.clone().into_owned();
            if let Some(reason) = &facts.reason {
                let _ = write!(text, ": {reason}");
            }
            let ink = if decision == "allow" {
                Ink::Branch
            } else {
                Ink::Notice
            };
            out.push(' ');
            self.paint(ink, &text, out);
        }
        if span.status == Status::Error {
            let mut text = "ERROR".to_owned();
            if let Some(error_type) = &facts.error_type {
                let _ = write!(text, " {error_type}");
            }
            if !span.status_message.is_empty() {
                let _ = write!(text, ": {}", shortened(&span.status_message));
            }
            out.push(' ');
            self.paint(Ink::Error, &text, out);
        } else if let Some(outcome) = &facts.outcome {
            out.push(' ');
            self.paint(Ink::Notice, outcome, out);
        }
        let kept: Vec<_> = self.scores.of_span(brief.trace_id, brief.span_id).collect();
        for (key, value) in span.attributes.iter() {
            // One of the same name was given later, or is the same one: a store has it as an event as well.
            if let Some(name) = key.strip_prefix(ON_SPAN)
                && kept.iter().all(|kept| kept.name() != name)
            {
                out.push(' ');
                self.paint(Ink::Notice, &format!("{name} {value}"), out);
            }
        }
        for kept in kept {
            self.score(kept, out);
        }
    }

    /// A score or a mark, as it was given later.
    fn score(&self, kept: &Kept, out: &mut String) {
        let ink = match kept.mark() {
            Some(true) => Ink::Good,
            Some(false) => Ink::Error,
            None => Ink::Notice,
        };
        out.push_str("  ");
        self.paint(ink, &shortened(&kept.text()), out);
    }

    /// Every attribute, and every event with what the span does not say itself.
    fn attributes(&self, span: &SpanRecord, indent: &str, out: &mut String) {
        let mut line = |text: &str| {
            out.push_str("  ");
            self.paint(Ink::Branch, indent, out);
            out.push_str("    ");
            self.paint(Ink::Branch, text, out);
            out.push('\n');
        };
        for (key, value) in span.attributes.iter() {
            line(&format!("{key} = {}", written(value)));
        }
        for event in &span.events {
            line(&format!("event {}", event.name));
            let own = event.attributes.iter();
            for (key, value) in own.filter(|(key, value)| span.attributes.get(key) != Some(*value))
            {
                line(&format!("  {key} = {}", written(value)));
            }
        }
    }

    fn paint(&self, ink: Ink, text: &str, out: &mut String) {
        let text = visible(text);
        if !self.is_coloured {
            out.push_str(&text);
            return;
        }
        let code = match ink {
            Ink::Branch => "2",
            Ink::Name => "1",
            Ink::Time => "36",
            Ink::Usage => "35",
            Ink::Error => "31",
            Ink::Notice => "33",
            Ink::Good => "32",
        };
        let _ = write!(out, "\x1b[{code}m{text}\x1b[0m");
    }
}

fn written(value: &Value) -> String {
    serde_json::to_string(value).unwrap_or_default()
}

/// The beginning of a message, in one line.
fn shortened(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    let mut characters = line.chars();
    let mut text: String = characters.by_ref().take(LONGEST_MESSAGE).collect();
    if characters.next().is_some() || message.lines().nth(1).is_some() {
        text.push('…');
    }
    text
}
