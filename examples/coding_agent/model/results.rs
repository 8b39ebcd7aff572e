//! The tool results as the planner reads them. What a tool says beyond that is not looked at.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::conversation::Conversation;
use super::plan::Wanted;

/// What `list_files` says.
#[derive(Deserialize)]
pub(super) struct Listing {
    pub(super) total_files: u64,
    pub(super) total_bytes: u64,
    pub(super) by_extension: BTreeMap<String, u64>,
    /// The largest first.
    pub(super) files: Vec<Listed>,
    #[serde(default)]
    pub(super) folders_left_out: Vec<String>,
}

#[derive(Deserialize)]
pub(super) struct Listed {
    pub(super) path: String,
    pub(super) bytes: u64,
}

/// What `search` says.
#[derive(Deserialize)]
pub(super) struct Found {
    /// What is counted.
    #[serde(default)]
    pub(super) rule: String,
    pub(super) occurrences: u64,
    pub(super) lines: u64,
    pub(super) files: u64,
    /// The one with the most first.
    pub(super) by_file: Vec<InFile>,
}

#[derive(Deserialize)]
pub(super) struct InFile {
    pub(super) path: String,
    pub(super) occurrences: u64,
    pub(super) first_line: usize,
}

/// What `read_file` says.
#[derive(Deserialize)]
pub(super) struct Part {
    pub(super) text: String,
    /// Whether lines follow.
    pub(super) more: bool,
}

/// What `run_command` says.
#[derive(Deserialize)]
pub(super) struct Ran {
    pub(super) exit_code: Option<i32>,
    pub(super) stdout: String,
    pub(super) stderr: String,
}

/// The listing, once it is there.
pub(super) fn listing(conversation: &Conversation<'_>) -> Option<Listing> {
    conversation.find(&Wanted::list())?.result()
}
