use genai_trace::SpanRecord;
use serde_json::json;

use super::*;

/// A tool's call with an argument, or a step where that is none.
fn span(id: u64, parent: u64, name: &str, argument: Option<&str>) -> SpanRecord {
    let attributes = match argument {
        Some(argument) => json!({
            "gen_ai.operation.name": "execute_tool",
            "gen_ai.tool.name": name,
            "gen_ai.tool.call.arguments": json!({ "x": argument }).to_string(),
        }),
        None => json!({}),
    };
    let parent = (parent > 0).then(|| format!("{parent:016x}"));
    let line = json!({
        "trace_id": format!("{:032x}", 1), "span_id": format!("{id:016x}"), "parent_span_id": parent,
        "name": name, "kind": "INTERNAL", "start_unix_nano": id, "end_unix_nano": id + 1,
        "status": "UNSET", "status_message": "", "attributes": attributes,
        "events": [], "links": [], "resource": {},
    });
    serde_json::from_value(line).unwrap()
}

/// A run of turns, each with calls `tool:argument`.
fn run(turns: &[&[&str]]) -> Tree {
    let mut spans = vec![span(1, 0, "run", None)];
    let mut id = 2;
    for turn in turns {
        let parent = id;
        spans.push(span(id, 1, "turn", None));
        id += 1;
        for call in *turn {
            let (tool, argument) = call.split_once(':').unwrap();
            spans.push(span(id, parent, tool, Some(argument)));
            id += 1;
        }
    }
    Tree::new(spans)
}

/// Rows as lines: a mark, then the name with its argument.
fn drawn(a: &Tree, b: &Tree) -> Vec<String> {
    let name = |tree: &Tree, place: usize| {
        let span = &tree.spans[place];
        let argument = span.attributes.str("gen_ai.tool.call.arguments");
        let argument = argument.unwrap_or_default().replace("{\"x\":\"", ":");
        format!("{}{}", span.name, argument.trim_end_matches("\"}"))
    };
    let row = |row: &Row| match (row.a, row.b) {
        (Some(_), Some(other)) if row.is_moved => format!("> {}", name(b, other)),
        (Some(one), Some(other)) if name(a, one) == name(b, other) => {
            format!("  {}", name(b, other))
        }
        (Some(one), Some(other)) => format!("~ {} {}", name(a, one), name(b, other)),
        (Some(one), None) => format!("- {}", name(a, one)),
        (None, Some(other)) => format!("+ {}", name(b, other)),
        (None, None) => "nothing".to_owned(),
    };
    rows(a, b).iter().map(row).collect()
}

#[test]
fn a_call_that_was_put_in_shifts_no_other() {
    let a = run(&[&["read:a", "read:b", "read:c"]]);
    let b = run(&[&["search:x", "read:a", "read:b", "read:c"]]);
    assert_eq!(
        drawn(&a, &b),
        [
            "  run",
            "  turn",
            "+ search:x",
            "  read:a",
            "  read:b",
            "  read:c"
        ]
    );
}

#[test]
fn a_turn_that_was_put_in_leaves_the_others_with_their_like() {
    let a = run(&[&["read:a", "read:b"], &["write:c"]]);
    let b = run(&[&["search:x"], &["read:a", "read:b"], &["write:c"]]);
    assert_eq!(
        drawn(&a, &b),
        [
            "  run",
            "+ turn",
            "+ search:x",
            "  turn",
            "  read:a",
            "  read:b",
            "  turn",
            "  write:c"
        ]
    );
}

#[test]
fn the_same_tool_with_other_arguments_is_the_same_call_and_another_tool_is_not() {
    let a = run(&[&["read:a", "rm:x"]]);
    let b = run(&[&["read:b", "mv:x"]]);
    assert_eq!(
        drawn(&a, &b),
        ["  run", "  turn", "~ read:a read:b", "- rm:x", "+ mv:x"]
    );
}

#[test]
fn a_call_that_is_made_elsewhere_has_moved() {
    let a = run(&[&["read:a", "search:x"], &["write:c"]]);
    let b = run(&[&["read:a"], &["write:c", "search:x"]]);
    assert_eq!(
        drawn(&a, &b),
        [
            "  run",
            "  turn",
            "  read:a",
            "  turn",
            "  write:c",
            "> search:x"
        ]
    );
}

#[test]
fn runs_of_thousands_of_spans_are_compared_by_themselves() {
    let many: Vec<String> = (0..2_500).map(|number| format!("read:{number}")).collect();
    let calls: Vec<&str> = many.iter().map(String::as_str).collect();
    let a = run(&[&calls]);
    let b = run(&[&calls[1..]]);
    let drawn = drawn(&a, &b);
    assert_eq!(drawn.len(), 2_502);
    assert_eq!(
        drawn.iter().filter(|row| row.starts_with("  ")).count(),
        2_501
    );
    assert!(drawn.contains(&"- read:0".to_owned()), "{:?}", &drawn[..5]);
}

#[test]
fn a_turn_that_was_put_into_a_run_of_thousands_shifts_no_other() {
    let calls: Vec<Vec<String>> = (0..800)
        .map(|turn| (0..3).map(|call| format!("read:{turn}.{call}")).collect())
        .collect();
    let turns: Vec<Vec<&str>> = calls
        .iter()
        .map(|turn| turn.iter().map(String::as_str).collect())
        .collect();
    let turns: Vec<&[&str]> = turns.iter().map(Vec::as_slice).collect();
    let a = run(&turns[1..]);
    let drawn = drawn(&a, &run(&turns));
    assert!(a.spans.len() * drawn.len() > MOST_PAIRS);
    assert_eq!(drawn[1], "+ turn");
    assert_eq!(
        drawn.iter().filter(|row| row.starts_with("  ")).count(),
        a.spans.len()
    );
}

#[test]
fn an_empty_run_is_all_added() {
    let b = run(&[&["read:a"]]);
    let empty = Tree::new(Vec::new());
    assert_eq!(drawn(&empty, &b), ["+ run", "+ turn", "+ read:a"]);
    assert_eq!(drawn(&b, &empty), ["- run", "- turn", "- read:a"]);
}
