//! `read_file`: a small file whole, or some lines of any text file.

use genai_trace::{SpanContext, genai_tool, record};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{ToolCall, ToolError, function};
use crate::workspace::{Content, Workspace, read};

const DESCRIPTION: &str = "Reads a text file: the whole of one of at most 8192 bytes, or `lines` \
    lines (at most 400) from line `from_line`, counted from 1. `more` says whether lines follow.";
/// The largest file that is returned whole, in bytes: a model's context is dear.
const WHOLE_LIMIT: u64 = 8192;
/// The most lines of one part.
const MAX_LINES: usize = 400;
/// The most characters of a line of a part; the rest of it is left out.
const MAX_LINE: usize = 500;
/// The largest file that parts are read from, in bytes.
const PART_LIMIT: u64 = 64 * 1024 * 1024;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Arguments {
    path: String,
    from_line: Option<usize>,
    lines: Option<usize>,
}

pub(super) fn definition() -> Value {
    let properties = json!({
        "path": { "type": "string", "description": "Relative to the workspace." },
        "from_line": { "type": "integer", "minimum": 1 },
        "lines": { "type": "integer", "minimum": 1, "maximum": MAX_LINES },
    });
    function("read_file", DESCRIPTION, properties, &["path"])
}

#[genai_tool(
    "read_file",
    call_id = call.id,
    description = DESCRIPTION,
    args(call),
    ret,
    err = ToolError::kind,
    parent = cx
)]
pub(super) fn read_file(
    cx: Option<&SpanContext>,
    workspace: &Workspace,
    call: &ToolCall,
) -> Result<Value, ToolError> {
    let Arguments {
        path,
        from_line,
        lines,
    } = call.parse()?;
    let whole = from_line.is_none() && lines.is_none();
    let limit = if whole { WHOLE_LIMIT } else { PART_LIMIT };

    let file = workspace
        .resolve(&path)
        .ok_or_else(|| ToolError::Outside(path.clone()))?;
    let text = match read(&file, limit).map_err(ToolError::io(&path))? {
        Content::Text(text) => text,
        Content::Binary => return Err(ToolError::NotText { path }),
        Content::TooLarge(bytes) => return Err(ToolError::TooLarge { path, bytes, limit }),
    };
    record!(app.file.bytes = text.len());
    if whole {
        return Ok(json!({ "path": path, "from_line": 1, "text": text, "more": false }));
    }

    let from = from_line.unwrap_or(1).max(1);
    let mut rest = text.lines().skip(from - 1);
    let part: Vec<&str> = rest
        .by_ref()
        .take(lines.unwrap_or(MAX_LINES).min(MAX_LINES))
        .map(|line| {
            line.char_indices()
                .nth(MAX_LINE)
                .map_or(line, |(end, _)| line.split_at(end).0)
        })
        .collect();
    let more = rest.next().is_some();
    Ok(json!({ "path": path, "from_line": from, "text": part.join("\n"), "more": more }))
}
