//! `search`: where a piece of text stands.
//!
//! What is counted: occurrences of the pattern as it is written, case and all, that do not
//! overlap, in the text files of the workspace. `unwrap` therefore counts in `unwrap_or` too,
//! just as `grep -oF` counts it.

use genai_trace::{SpanContext, genai_tool, record};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{ToolCall, ToolError, function};
use crate::workspace::{Content, Workspace, read};

const DESCRIPTION: &str = "Counts a literal, case-sensitive text in all text files, or in those \
    below `path`, or in those whose name ends in `suffix`. Counts are exact; `by_file` names the \
    100 files with the most, the most first; `matches` shows the first 20 lines.";
/// What the counts mean, for whoever reads them.
const RULE: &str = "the text as written, case and all, inside longer words too, in UTF-8 files";
/// The most files that are named; the counts cover all.
const MAX_NAMED: usize = 100;
/// The most matching lines that are shown.
const MAX_SHOWN: usize = 20;
/// The most characters of a line that are shown.
const MAX_LINE: usize = 160;
/// The largest file that is searched, in bytes.
const FILE_LIMIT: u64 = 64 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    pattern: String,
    path: Option<String>,
    suffix: Option<String>,
}

/// What one file holds.
#[derive(Serialize)]
struct InFile {
    path: String,
    occurrences: usize,
    /// How many lines they stand on.
    lines: usize,
    first_line: usize,
}

pub(super) fn definition() -> Value {
    let properties = json!({
        "pattern": { "type": "string", "description": "One line of text, taken literally." },
        "path": { "type": "string", "description": "A file or folder in the workspace." },
        "suffix": { "type": "string", "description": "Such as an extension with its dot." },
    });
    function("search", DESCRIPTION, properties, &["pattern"])
}

#[genai_tool(
    "search",
    call_id = call.id,
    description = DESCRIPTION,
    args(call),
    ret,
    err = ToolError::kind,
    parent = cx
)]
pub(super) fn search(
    cx: Option<&SpanContext>,
    workspace: &Workspace,
    call: &ToolCall,
) -> Result<Value, ToolError> {
    let Arguments {
        pattern,
        path,
        suffix,
    } = call.parse()?;
    if pattern.is_empty() || pattern.contains('\n') {
        return Err(ToolError::InvalidArguments(
            "the pattern must be one line of text".into(),
        ));
    }
    let path = path.unwrap_or_else(|| ".".into());
    let suffix = suffix.unwrap_or_default();
    let from = workspace
        .resolve(&path)
        .ok_or_else(|| ToolError::Outside(path.clone()))?;
    let walk = workspace.walk(&from).map_err(ToolError::io(&path))?;

    let mut found = Vec::new();
    let mut shown = Vec::new();
    let (mut searched, mut skipped) = (0_usize, walk.unreadable);
    for entry in walk
        .files
        .iter()
        .filter(|entry| entry.path.ends_with(&suffix))
    {
        let Ok(Content::Text(text)) = read(&workspace.root().join(&entry.path), FILE_LIMIT) else {
            skipped += 1;
            continue;
        };
        searched += 1;
        found.extend(search_text(&entry.path, &text, &pattern, &mut shown));
    }
    let occurrences: usize = found.iter().map(|file| file.occurrences).sum();
    let lines: usize = found.iter().map(|file| file.lines).sum();
    record!(
        app.search.occurrences = occurrences,
        app.search.files = searched
    );

    let files = found.len();
    found.sort_by(|a, b| {
        b.occurrences
            .cmp(&a.occurrences)
            .then_with(|| a.path.cmp(&b.path))
    });
    found.truncate(MAX_NAMED);
    Ok(json!({
        "pattern": pattern,
        "rule": RULE,
        "occurrences": occurrences,
        "lines": lines,
        "files": files,
        "by_file": found,
        "matches": shown,
        "files_searched": searched,
        "files_skipped": skipped,
    }))
}

/// Counts the pattern in one text and adds its lines to `shown` while there is room.
fn search_text(path: &str, text: &str, pattern: &str, shown: &mut Vec<Value>) -> Option<InFile> {
    let mut file: Option<InFile> = None;
    for (number, line) in (1..).zip(text.lines()) {
        let occurrences = line.matches(pattern).count();
        if occurrences == 0 {
            continue;
        }
        let file = file.get_or_insert_with(|| InFile {
            path: path.to_owned(),
            occurrences: 0,
            lines: 0,
            first_line: number,
        });
        file.occurrences += occurrences;
        file.lines += 1;
        if shown.len() < MAX_SHOWN {
            let text: String = line.trim().chars().take(MAX_LINE).collect();
            shown.push(json!({ "path": path, "line": number, "text": text }));
        }
    }
    file
}
