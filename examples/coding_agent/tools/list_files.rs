//! `list_files`: which files there are and how large.

use std::collections::BTreeMap;

use genai_trace::{SpanContext, genai_tool, record};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ToolCall, ToolError, function};
use crate::workspace::{LEFT_OUT, Workspace};

const DESCRIPTION: &str = "Lists every file of the workspace. Totals are exact; `files` holds the \
    500 largest, the largest first.";
/// The most files that are named; the totals count all.
const MAX_NAMED: usize = 500;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {}

pub(super) fn definition() -> Value {
    function("list_files", DESCRIPTION, json!({}), &[])
}

#[genai_tool(
    "list_files",
    call_id = call.id,
    description = DESCRIPTION,
    args(call),
    ret,
    err = ToolError::kind,
    parent = cx
)]
pub(super) fn list_files(
    cx: Option<&SpanContext>,
    workspace: &Workspace,
    call: &ToolCall,
) -> Result<Value, ToolError> {
    let Arguments {} = call.parse()?;
    let mut walk = workspace
        .walk(workspace.root())
        .map_err(ToolError::io("."))?;
    record!(app.files = walk.files.len());

    let bytes: u64 = walk.files.iter().map(|file| file.bytes).sum();
    let mut extensions: BTreeMap<&str, usize> = BTreeMap::new();
    for file in &walk.files {
        *extensions.entry(extension(&file.path)).or_default() += 1;
    }
    let extensions = json!(extensions);
    let total = walk.files.len();

    walk.files
        .sort_by(|a, b| b.bytes.cmp(&a.bytes).then_with(|| a.path.cmp(&b.path)));
    let named: Vec<Value> = walk
        .files
        .iter()
        .take(MAX_NAMED)
        .map(|file| json!({ "path": file.path, "bytes": file.bytes }))
        .collect();
    Ok(json!({
        "total_files": total,
        "total_bytes": bytes,
        "by_extension": extensions,
        "files": named,
        "folders_left_out": LEFT_OUT,
        "unreadable": walk.unreadable,
        "cut": walk.cut,
    }))
}

/// What follows the last dot of the file's name; empty for none and for a name like `.profile`.
fn extension(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    match name.rsplit_once('.') {
        Some((stem, extension)) if !stem.is_empty() => extension,
        _ => "",
    }
}
