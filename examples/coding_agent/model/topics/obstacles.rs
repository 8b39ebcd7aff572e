//! What did not go as planned: every call that failed or was denied, unless the answer says so
//! already, so that its reader knows what it rests on.

use crate::model::conversation::Conversation;

/// The most obstacles that are named.
const MAX_NAMED: usize = 8;

pub(crate) fn report(conversation: &Conversation<'_>, answer: &str) -> String {
    let failures: Vec<String> = conversation
        .exchanges
        .iter()
        .filter_map(|exchange| {
            let failure = exchange
                .failure()
                .filter(|failure| !answer.contains(&failure.message))?;
            Some(format!("- {}: {}", exchange.tool, failure.message))
        })
        .collect();
    if failures.is_empty() {
        return String::new();
    }
    let mut lines = vec!["On the way:".to_owned()];
    lines.extend(failures.iter().take(MAX_NAMED).cloned());
    let rest = failures.len().saturating_sub(MAX_NAMED);
    if rest > 0 {
        lines.push(format!("- and {rest} more"));
    }
    lines.join("\n")
}
