//! What an error says of itself, and its causes of them.

use std::error::Error;
use std::fmt::{Display, Write};

use crate::span::error_type::{MAX_CAUSES, guarded, source_of};

/// What a value says of itself. A `Display` that fails or panics must not make a panic of an error
/// that the user's code returned in good order.
pub(super) fn said(value: &dyn Display) -> String {
    let mut text = String::new();
    match guarded(|| write!(text, "{value}")) {
        Some(Ok(())) => text,
        _ => text + "(the message cannot be shown)",
    }
}

/// What an error says, and what its causes say unless it has said that already.
pub(super) fn with_causes(error: &(dyn Error + '_)) -> String {
    let mut message = said(&error);
    let mut cause = source_of(error);
    for _ in 0..MAX_CAUSES {
        let Some(error) = cause else {
            break;
        };
        let text = said(&error);
        if !message.contains(&text) {
            message.push_str(": ");
            message.push_str(&text);
        }
        cause = source_of(error);
    }
    message
}
