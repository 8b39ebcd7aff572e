//! What is recorded comes out under every name, exactly: from the shard to the text.

mod families;
mod series;

use super::*;
use crate::span::operation::Operation;

const SECOND: u64 = 1_000_000_000;

fn exposition(shard: &Shard, views: &[Views]) -> String {
    text::render(&Snapshot {
        shard,
        views,
        registry: &Registry::default(),
        exporters: &[],
        events: &[],
        data_points: &[],
        content: Default::default(),
        drain_busy_ns: 0,
        exemplars: None,
    })
}

/// The lines of one series or family, without comments.
fn lines<'a>(text: &'a str, start: &str) -> Vec<&'a str> {
    text.lines()
        .filter(|line| line.starts_with(start))
        .collect()
}

fn tool(name: &str) -> Labels {
    Labels {
        subject: intern(name),
        agent: intern("coder"),
        tool_type: intern("function"),
        ..Labels::new(Operation::Tool)
    }
}

fn chat(model: &str) -> Labels {
    Labels {
        model: intern(model),
        provider: intern("openai"),
        agent: intern("coder"),
        ..Labels::new(Operation::Chat)
    }
}

fn run(model: Symbol) -> Labels {
    Labels {
        subject: intern("coder"),
        model,
        provider: intern("openai"),
        top: true,
        ..Labels::new(Operation::Agent)
    }
}
