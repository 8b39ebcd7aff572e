//! What the model can find out. A topic has two functions of the conversation: `plan` says which
//! results it needs, `report` puts those that are there into words.

pub(crate) mod inventory;
pub(crate) mod largest;
pub(crate) mod named;
pub(crate) mod obstacles;
pub(crate) mod occurrences;

/// Joins the first `most` items and says how many are left out.
fn some_of(items: &[String], most: usize) -> String {
    let named: Vec<&str> = items.iter().take(most).map(String::as_str).collect();
    let named = named.join(", ");
    match items.len().saturating_sub(most) {
        0 => named,
        rest => format!("{named} and {rest} more"),
    }
}

/// A number with its word, as in `1 line` and `2 lines`.
fn count(number: u64, word: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {word}{plural}")
}
